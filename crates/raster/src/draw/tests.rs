use ink::Sample;
use proptest::prelude::*;

use super::{Coverage, PenWidth, Window, draw};

const WIDTH: PenWidth = PenWidth { min_um: 300, max_um: 700 };

fn window(width_um: i32, height_um: i32) -> Window {
    Window { x_um: 0, y_um: 0, width_um, height_um, dpi: 150 }
}

fn sample(x_um: i32, y_um: i32, force: u16) -> Sample {
    Sample { x_um, y_um, force, t_ms: 0 }
}

fn drawn(strokes: &[&[Sample]], window: &Window) -> Coverage {
    let mut coverage = Coverage::new();
    draw(strokes, window, &WIDTH, &mut coverage);
    coverage
}

/// The union of capsules, counted on 8 × 8 points per pixel.
fn supersampled(strokes: &[&[Sample]], window: &Window) -> Coverage {
    let (width, height) = window.size();
    let scale = f64::from(window.dpi) / 25_400.0;
    let at = |s: &Sample| {
        let x = f64::from(s.x_um - window.x_um) * scale;
        let y = f64::from(s.y_um - window.y_um) * scale;
        let grown = f64::from(WIDTH.max_um - WIDTH.min_um) * f64::from(s.force) / 65_535.0;
        (x, y, (f64::from(WIDTH.min_um) + grown) * scale / 2.0)
    };
    let mut hits = vec![false; width * height * 64];
    for stroke in strokes {
        for i in 0..stroke.len() {
            let (a, b) = (at(&stroke[i.saturating_sub(1)]), at(&stroke[i]));
            let reach = a.2.max(b.2) + 1.0;
            let range = |low: f64, high: f64, size: usize| {
                let low = ((low - reach) * 8.0).max(0.0) as usize;
                low..(((high + reach) * 8.0).max(0.0) as usize).min(size * 8)
            };
            for y in range(a.1.min(b.1), a.1.max(b.1), height) {
                for x in range(a.0.min(b.0), a.0.max(b.0), width) {
                    let (px, py) = ((x as f64 + 0.5) / 8.0, (y as f64 + 0.5) / 8.0);
                    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
                    let length2 = dx * dx + dy * dy;
                    let along = match length2 > 0.0 {
                        true => (((px - a.0) * dx + (py - a.1) * dy) / length2).clamp(0.0, 1.0),
                        false => 0.0,
                    };
                    let distance = (px - a.0 - along * dx).hypot(py - a.1 - along * dy);
                    hits[y * width * 8 + x] |= distance <= a.2 + along * (b.2 - a.2);
                }
            }
        }
    }
    let mut data = vec![0u8; width * height];
    for (i, pixel) in data.iter_mut().enumerate() {
        let (x, y) = (i % width, i / width);
        let count = (0..64).filter(|k| hits[(y * 8 + k / 8) * width * 8 + x * 8 + k % 8]).count();
        *pixel = (count * 255 / 64) as u8;
    }
    Coverage { width, height, data }
}

/// Loops, slopes and turns of changing force, as a pen writes them.
fn scribble(seed: i32) -> Vec<Sample> {
    (0..120)
        .map(|i| {
            let t = (i + seed * 17) as f32 * 0.13;
            let x = 6_000.0 + 4_500.0 * (t * 0.9).sin() + 900.0 * (t * 2.3).cos();
            let y = 6_000.0 + 4_500.0 * (t * 1.1).cos() + 700.0 * (t * 3.1).sin();
            sample(x as i32, y as i32, (32_767.0 + 30_000.0 * (t * 0.7).sin()) as u16)
        })
        .collect()
}

#[test]
fn coverage_is_near_the_union_of_capsules() {
    let strokes: Vec<Vec<Sample>> = (0..6).map(scribble).collect();
    let strokes: Vec<&[Sample]> = strokes.iter().map(Vec::as_slice).collect();
    let window = window(12_000, 12_000);
    let (got, reference) = (drawn(&strokes, &window), supersampled(&strokes, &window));
    let ink: Vec<(u8, u8)> = got
        .data
        .iter()
        .zip(&reference.data)
        .filter(|(a, b)| **a > 0 || **b > 0)
        .map(|(a, b)| (*a, *b))
        .collect();
    assert!(ink.len() > 1_000, "only {} pixels of ink", ink.len());
    let error: f64 = ink.iter().map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>();
    let mean = error / ink.len() as f64;
    assert!(mean <= 3.5, "mean error on ink is {mean:.2} of 255");
}

#[test]
fn nothing_is_drawn_without_ink() {
    let none = drawn(&[], &window(2_000, 1_000));
    assert_eq!((none.width, none.height), (12, 6));
    assert!(none.data.iter().all(|c| *c == 0));
    assert_eq!(drawn(&[&[]], &window(2_000, 1_000)), none);
}

#[test]
fn an_empty_window_is_an_empty_picture() {
    let dot = [sample(0, 0, 0)];
    assert!(drawn(&[&dot], &window(0, 1_000)).data.is_empty());
    assert!(drawn(&[&dot], &window(1_000, -5)).data.is_empty());
}

#[test]
fn the_picture_is_cleared_between_drawings() {
    let mut coverage = Coverage::new();
    let dot = [sample(500, 500, 0)];
    draw(&[&dot], &window(1_000, 1_000), &WIDTH, &mut coverage);
    assert!(coverage.data.iter().any(|c| *c > 0));
    draw(&[], &window(1_000, 1_000), &WIDTH, &mut coverage);
    assert!(coverage.data.iter().all(|c| *c == 0));
}

#[test]
fn one_sample_is_a_round_dot() {
    let window = window(2_032, 2_032);
    let dot = drawn(&[&[sample(1_016, 1_016, 65_535)]], &window);
    assert_eq!((dot.width, dot.height), (12, 12));
    assert_eq!(dot.row(6)[6], 255);
    assert_eq!(dot.row(0)[0], 0);
    let mut turned = dot.clone();
    turned.data.reverse();
    assert_eq!(turned, dot, "the dot is as round as its window is centred");
    // Samples on one spot are no other thing than one sample.
    let still = [sample(1_016, 1_016, 65_535); 3];
    assert_eq!(drawn(&[&still], &window), dot);
}

#[test]
fn force_makes_the_line_wider() {
    let line = |force| [sample(0, 1_000, force), sample(9_000, 1_000, force)];
    let ink = |force| {
        let drawn = drawn(&[&line(force)], &window(9_000, 2_000));
        drawn.data.iter().map(|c| u64::from(*c)).sum::<u64>()
    };
    let (light, heavy) = (ink(0), ink(65_535));
    let ratio = heavy as f64 / light as f64;
    assert!((2.2..2.45).contains(&ratio), "700 µm against 300 µm gave {ratio:.2}");
}

#[test]
fn a_long_slanting_line_is_whole() {
    let line = [sample(0, 0, 0), sample(60_000, 20_000, 0)];
    let window = window(60_000, 20_000);
    let (got, reference) = (drawn(&[&line], &window), supersampled(&[&line], &window));
    let worst = got.data.iter().zip(&reference.data).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(worst <= Some(30), "worst pixel differs by {worst:?}");
}

proptest! {
    /// A window shows the same pixels of far and near ink as a larger picture does.
    #[test]
    fn ink_outside_the_window_is_cut_off(
        points in proptest::collection::vec((-30_000i32..40_000, -30_000i32..40_000, 0u16..), 1..20)
    ) {
        let stroke: Vec<Sample> = points.iter().map(|(x, y, f)| sample(*x, *y, *f)).collect();
        // 25,400 µm at 150 dpi are 150 pixels: the windows' grids coincide.
        let small = drawn(&[&stroke], &window(12_700, 12_700));
        let large = drawn(&[&stroke], &window(25_400, 25_400));
        for y in 0..small.height {
            prop_assert_eq!(small.row(y), &large.row(y)[..small.width]);
        }
    }

    /// No coordinates make it panic.
    #[test]
    fn any_sample_may_come(points in proptest::collection::vec((any::<i32>(), any::<i32>()), 0..6)) {
        let stroke: Vec<Sample> = points.iter().map(|(x, y)| sample(*x, *y, 9)).collect();
        let small = drawn(&[&stroke], &Window { x_um: i32::MIN, ..window(2_000, 2_000) });
        prop_assert_eq!(small.data.len(), 144);
    }
}
