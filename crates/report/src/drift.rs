//! Paper that was printed elsewhere than its registration says.

use marking::{Learned, Marker, learn_registration};
use pen_sim::HandwritingPool;
use worksheet::{Registration, Worksheet};

use crate::evening::{mark, setup};
use crate::tally::Counts;

/// `registration` as it is thought to be where ink is seen off by (x, y) millimetres, turned by
/// degrees about the page's middle and scaled by per cent.
pub fn off_by(registration: &Registration, [x, y, degrees, percent]: [f64; 4]) -> Registration {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let scale = 1.0 + percent / 100.0;
    let (middle_x, middle_y) = (105_000.0, 148_500.0);
    let dx = f64::from(registration.dx_um) - middle_x;
    let dy = f64::from(registration.dy_um) - middle_y;
    let own_scale = 1.0 + f64::from(registration.scale_ppm) / 1e6;
    Registration {
        version: registration.version,
        dx_um: (scale * (cos * dx - sin * dy) + middle_x + 1_000.0 * x).round() as i32,
        dy_um: (scale * (sin * dx + cos * dy) + middle_y + 1_000.0 * y).round() as i32,
        rotation_urad: registration.rotation_urad + (degrees.to_radians() * 1e6).round() as i32,
        scale_ppm: ((own_scale * scale - 1.0) * 1e6).round() as i32,
    }
}

/// Ink off by x, y (mm), turned (degrees), scaled (per cent): what is looked at.
pub const DRIFTS: [[f64; 4]; 14] = [
    [0.0, 0.0, 0.0, 0.0],
    [0.0, 3.0, 0.0, 0.0],
    [0.0, -3.0, 0.0, 0.0],
    [3.0, 0.0, 0.0, 0.0],
    [-3.0, 0.0, 0.0, 0.0],
    [0.0, 6.0, 0.0, 0.0],
    [0.0, -6.0, 0.0, 0.0],
    [6.0, 0.0, 0.0, 0.0],
    [-6.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 1.5, 0.0],
    [0.0, 0.0, -1.5, 0.0],
    [0.0, 0.0, 0.0, 1.5],
    [3.0, 5.0, 1.0, -1.0],
    [-4.0, -4.0, -1.5, 1.5],
];

/// A class on such paper: what becomes of its answers where each page is marked alone, and where the
/// registration is learnt from all copies.
pub fn drifted(
    marker: &Marker,
    worksheets: &[Worksheet],
    seed: u64,
    pupils: u32,
    handwriting: Option<&HandwritingPool>,
    drift: [f64; 4],
) -> [Counts; 2] {
    let setup = setup(worksheets, seed, pupils, handwriting.cloned());
    let alone = mark(marker, &setup, |plan, _, _| off_by(&plan.run.registration, drift));
    let learnt = mark(marker, &setup, |plan, page, copies| {
        let given = off_by(&plan.run.registration, drift);
        match learn_registration(&plan.worksheet, page, &given, copies) {
            Learned::Found(found) => found,
            Learned::AsGiven | Learned::Ambiguous => given,
        }
    });
    [alone, learnt].map(|tally| Counts::of(tally.outcomes.iter()))
}
