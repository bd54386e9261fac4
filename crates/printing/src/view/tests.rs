use std::f64::consts::TAU;

use firmware_protocol::PageAddress;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::OWNER;
use crate::dot::{OFFSET, PIXEL_UM};

/// Pictures of each kind.
const SHOTS: u32 = 15;

const PLANE: Plane = Plane { section: 3 };

/// What is wrong with a picture.
struct Faults {
    dpi: f64,
    /// Millimetres of a side.
    side_mm: f64,
    /// The side of a dot, micrometres.
    dot_um: f64,
    /// Standard deviation of the blur.
    blur_um: f64,
    /// Standard deviation, of full scale.
    noise: f64,
    /// The share of dots that are not there.
    missing: f64,
}

const CLEAN: Faults =
    Faults { dpi: 600.0, side_mm: 8.0, dot_um: 63.5, blur_um: 0.0, noise: 0.0, missing: 0.0 };

/// A picture of a page around a node, turned and scaled at random, and where its middle lies.
struct Shot {
    width: usize,
    pixels: Vec<u8>,
    um_per_pixel: f64,
    address: PageAddress,
    x_um: f64,
    y_um: f64,
    turn: f64,
}

fn shoot(faults: &Faults, numbers: &mut ChaCha8Rng) -> Shot {
    let um_per_pixel = 25_400.0 / faults.dpi;
    let width = (faults.side_mm * 1_000.0 / um_per_pixel) as usize;
    let (book, page) = (numbers.random_range(0..50), numbers.random_range(0..5_000));
    let address = PageAddress { section: 3, owner: OWNER, book, page };
    let (x, y) = (numbers.random_range(25.0..200.0), numbers.random_range(25.0..200.0));
    let turn = numbers.random_range(0.0..TAU);
    let scale = numbers.random_range(0.95..1.05);
    let (sin, cos) = turn.sin_cos();
    // How much ink each pixel has, by samples of a quarter of it.
    let mut ink = vec![0.0; width * width];
    for (row, dots) in PLANE.patch(address).unwrap().rows(230, 230).enumerate() {
        for (column, dot) in dots.into_iter().enumerate() {
            if numbers.random::<f64>() < faults.missing {
                continue;
            }
            let (side_x, side_y) = dot.side();
            let at = (
                (column as f64 + OFFSET * side_x - x) * PITCH_UM,
                (row as f64 + OFFSET * side_y - y) * PITCH_UM,
            );
            if at.0.hypot(at.1) > faults.side_mm * 800.0 {
                continue;
            }
            // In pixels, turned clockwise.
            let size = scale / um_per_pixel;
            let middle = (
                (at.0 * cos - at.1 * sin) * size + width as f64 / 2.0,
                (at.0 * sin + at.1 * cos) * size + width as f64 / 2.0,
            );
            smudge(&mut ink, width, middle, faults.dot_um * size, faults.blur_um / um_per_pixel);
        }
    }
    let noisy = |ink: f64, numbers: &mut ChaCha8Rng| {
        let noise: f64 = (0..12).map(|_| numbers.random::<f64>()).sum::<f64>() - 6.0;
        ((1.0 - ink.min(1.0)) * 200.0 + 40.0 + noise * faults.noise * 255.0).clamp(0.0, 255.0) as u8
    };
    let pixels = ink.iter().map(|ink| noisy(*ink, numbers)).collect();
    Shot { width, pixels, um_per_pixel, address, x_um: x * PITCH_UM, y_um: y * PITCH_UM, turn }
}

/// Adds a square dot, blurred by as many pixels, that has the area of a side in pixels.
fn smudge(ink: &mut [f64], width: usize, middle: (f64, f64), side: f64, blur: f64) {
    // A square's own spread is its side by the root of twelve.
    let spread = (side * side / 12.0 + blur * blur + 1.0 / 12.0).sqrt();
    let reach = (spread * 4.0).ceil() as i64;
    let (x, y) = (middle.0.floor() as i64, middle.1.floor() as i64);
    for row in (y - reach).max(0)..(y + reach + 1).min(width as i64) {
        for column in (x - reach).max(0)..(x + reach + 1).min(width as i64) {
            let (dx, dy) = (column as f64 + 0.5 - middle.0, row as f64 + 0.5 - middle.1);
            let bell = (-(dx * dx + dy * dy) / (2.0 * spread * spread)).exp();
            ink[row as usize * width + column as usize] +=
                side * side * bell / (TAU * spread * spread);
        }
    }
}

/// Shoots and looks so often; returns how many were found and the worst distance, in micrometres.
fn trial(faults: &Faults, shots: u32) -> (u32, f64) {
    let mut numbers = ChaCha8Rng::seed_from_u64(5);
    let (mut found, mut worst) = (0, 0.0_f64);
    for _ in 0..shots {
        let shot = shoot(faults, &mut numbers);
        let view =
            View { width: shot.width, pixels: &shot.pixels, um_per_pixel: shot.um_per_pixel };
        let Some(sighting) = PLANE.sight(view) else { continue };
        assert_eq!(sighting.place.address, shot.address);
        let away = (sighting.x_um - shot.x_um).hypot(sighting.y_um - shot.y_um);
        let turn = (sighting.turn - shot.turn + 1.0).rem_euclid(TAU) - 1.0;
        assert!(away < PITCH_UM, "{away} µm away");
        assert!(turn.abs() < 0.01, "turned by {turn} more than it is");
        worst = worst.max(away);
        found += 1;
    }
    (found, worst)
}

/// Failure: a place a dot or more away, or fewer places than stand here.
#[test]
fn pictures_turned_scaled_and_damaged_tell_their_place() {
    let fine = Faults { dpi: 1_200.0, ..CLEAN };
    for (name, faults, least, worst_um) in [
        ("clean", CLEAN, SHOTS, 10.0),
        ("blurred", Faults { blur_um: 60.0, ..CLEAN }, SHOTS, 10.0),
        ("half missing", Faults { missing: 0.5, ..CLEAN }, SHOTS, 10.0),
        (
            "all faults",
            Faults { blur_um: 40.0, noise: 0.05, missing: 0.1, ..CLEAN },
            SHOTS - 1,
            15.0,
        ),
        ("fine", fine, SHOTS, 5.0),
        (
            "fine, all",
            Faults { blur_um: 40.0, noise: 0.1, missing: 0.1, dpi: 1_200.0, ..CLEAN },
            SHOTS - 1,
            15.0,
        ),
        (
            "small dots",
            Faults { dot_um: 40.0, blur_um: 30.0, noise: 0.03, ..CLEAN },
            SHOTS - 1,
            15.0,
        ),
        ("5 mm", Faults { side_mm: 5.0, blur_um: 30.0, missing: 0.1, ..CLEAN }, SHOTS - 1, 20.0),
    ] {
        let (found, worst) = trial(&faults, SHOTS);
        println!("{name}: {found} of {SHOTS}, worst {worst:.1} µm");
        assert!(
            found >= least && worst < worst_um,
            "{name}: {found} of {SHOTS}, worst {worst:.1} µm"
        );
    }
}

/// Failure: a place for pixels of no pattern: noise, stripes, a grid whose dots lie by chance.
#[test]
fn pixels_by_chance_are_nowhere() {
    let mut numbers = ChaCha8Rng::seed_from_u64(6);
    for round in 0..120 {
        let width = numbers.random_range(1..240);
        let pixels: Vec<u8> = (0..width * numbers.random_range(1..240))
            .map(|at| match round % 4 {
                0 => numbers.random(),
                1 => u8::from(at % width % 7 < 3) * 255,
                2 => u8::from(at % width % 7 < 2 && at / width % 7 < 2) * 255,
                _ => 255 - u8::from(numbers.random_range(0..25) == 0) * 255,
            })
            .collect();
        let view = View { width, pixels: &pixels, um_per_pixel: PIXEL_UM };
        assert_eq!(PLANE.sight(view), None);
    }
    for um_per_pixel in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9] {
        assert_eq!(PLANE.sight(View { width: 20, pixels: &[0; 400], um_per_pixel }), None);
    }
    for (width, pixels) in [(0, &[0; 9][..]), (10, &[0; 9]), (3, &[]), (1, &[0; 400])] {
        assert_eq!(PLANE.sight(View { width, pixels, um_per_pixel: PIXEL_UM }), None);
    }
}
