//! Ink that says nothing by itself: filled bubbles, crossed-out answers, doodles.

use crate::hand::Writing;
use crate::path::{Bounds, Point};
use crate::persona::Fill;
use crate::random::Random;

/// Distance between the lines of a filled bubble: about the width of a line.
const FILL_PITCH_UM: f64 = 480.0;

fn one(stroke: Vec<Point>) -> Writing {
    Writing { strokes: vec![stroke], ..Writing::default() }
}

/// Fills the ellipse within `bounds`.
pub(crate) fn fill(bounds: &Bounds, way: Fill, random: &mut Random) -> Writing {
    let centre = bounds.centre();
    let off = Point::new(
        centre.x + random.around(0.0, 0.05) * bounds.width(),
        centre.y + random.around(0.0, 0.05) * bounds.height(),
    );
    let (half_width, half_height) = (
        bounds.width() / 2.0 * random.between(0.82, 1.0),
        bounds.height() / 2.0 * random.between(0.82, 1.0),
    );
    match way {
        Fill::Spiral => {
            let turns = (half_height / FILL_PITCH_UM).ceil() + 1.0;
            let steps = (turns * 14.0) as usize;
            let begin = random.between(0.0, std::f64::consts::TAU);
            let point = |step: usize| {
                let part = 1.0 - step as f64 / steps as f64;
                let angle = begin + step as f64 / 14.0 * std::f64::consts::TAU;
                Point::new(
                    off.x + half_width * part * libm::cos(angle),
                    off.y + half_height * part * libm::sin(angle),
                )
            };
            one((0..=steps).map(point).collect())
        }
        Fill::Level | Fill::Slanting => {
            let slope = if way == Fill::Slanting { -0.5 } else { random.around(0.0, 0.06) };
            let reach = half_height + (slope * half_width).abs() * 0.6;
            let rows = (2.0 * reach / FILL_PITCH_UM).ceil().max(2.0) as usize;
            let path = (0..=rows).map(|row| {
                let level = -reach + 2.0 * reach * row as f64 / rows as f64;
                let side = if row % 2 == 0 { 1.0 } else { -1.0 };
                // How far a slanting line runs before it leaves the ellipse.
                let run =
                    edge(level, slope, half_width, half_height, side) * random.around(0.96, 0.06);
                Point::new(off.x + run, off.y + level + slope * run)
            });
            one(path.collect())
        }
    }
}

/// Where the line y = level + slope · x leaves the ellipse on one side; 0 if it misses it.
fn edge(level: f64, slope: f64, half_width: f64, half_height: f64, side: f64) -> f64 {
    let (w2, h2) = (half_width * half_width, half_height * half_height);
    let a = 1.0 / w2 + slope * slope / h2;
    let b = 2.0 * level * slope / h2;
    let c = level * level / h2 - 1.0;
    let root = b * b - 4.0 * a * c;
    if root <= 0.0 {
        return -b / (2.0 * a);
    }
    (-b + side * root.sqrt()) / (2.0 * a)
}

/// Crosses out what lies within `bounds`: covers nine tenths of it and more.
pub(crate) fn cross_out(bounds: &Bounds, random: &mut Random) -> Writing {
    let bounds = bounds.grown(random.between(200.0, 700.0));
    match random.unit() {
        u if u < 0.4 => zigzag(&bounds, random),
        u if u < 0.7 => coil(&bounds, random),
        _ => lines(&bounds, random),
    }
}

/// Steep to and fro from the left to the right.
fn zigzag(bounds: &Bounds, random: &mut Random) -> Writing {
    let pitch = random.between(420.0, 700.0);
    let turns = (bounds.width() / pitch).ceil().max(4.0) as usize;
    let path = (0..=turns).map(|turn| {
        let x = bounds.left + bounds.width() * turn as f64 / turns as f64;
        let end = if turn % 2 == 0 { bounds.bottom } else { bounds.top };
        Point::new(x + random.around(0.0, 120.0), end + random.around(0.0, 180.0))
    });
    one(path.collect())
}

/// Loops from the left to the right, twice as high as they are apart.
fn coil(bounds: &Bounds, random: &mut Random) -> Writing {
    let centre = bounds.centre();
    let pitch = random.between(700.0, 1100.0);
    let radius_x = pitch * 0.9;
    let turns = ((bounds.width() - 2.0 * radius_x).max(0.0) / pitch).ceil().max(3.0);
    let steps = (turns * 12.0) as usize;
    let half = bounds.height() / 2.0;
    let path = (0..=steps).map(|step| {
        let part = step as f64 / steps as f64;
        let angle = step as f64 / 12.0 * std::f64::consts::TAU;
        let middle = bounds.left + radius_x + (bounds.width() - 2.0 * radius_x).max(0.0) * part;
        let wobble = 1.0 + random.around(0.0, 0.06);
        Point::new(
            middle - radius_x * libm::cos(angle) * wobble,
            centre.y + half * libm::sin(angle) * wobble,
        )
    });
    one(path.collect())
}

/// Three to five level lines.
fn lines(bounds: &Bounds, random: &mut Random) -> Writing {
    let count = 3 + random.below(3);
    let strokes = (0..count).map(|line| {
        let part = 0.14 + 0.72 * line as f64 / (count - 1) as f64;
        let y = bounds.top + bounds.height() * part;
        let end = |x: f64, random: &mut Random| {
            Point::new(x + random.around(0.0, 350.0), y + random.around(0.0, 220.0))
        };
        let (left, right) = (end(bounds.left, random), end(bounds.right, random));
        let middle = left.towards(right, 0.5);
        vec![left, Point::new(middle.x, middle.y + random.around(0.0, 120.0)), right]
    });
    Writing { strokes: strokes.collect(), ..Writing::default() }
}

/// A large × over a bubble that was filled by mistake.
pub(crate) fn cross(bounds: &Bounds, random: &mut Random) -> Writing {
    let bounds = bounds.grown(random.between(700.0, 1300.0));
    let mut near =
        |x: f64, y: f64| Point::new(x + random.around(0.0, 250.0), y + random.around(0.0, 250.0));
    Writing {
        strokes: vec![
            vec![near(bounds.left, bounds.top), near(bounds.right, bounds.bottom)],
            vec![near(bounds.right, bounds.top), near(bounds.left, bounds.bottom)],
        ],
        ..Writing::default()
    }
}

/// A doodle about `size_um` wide around the origin: a five-pointed star, a sun or a spiral.
pub(crate) fn doodle(size_um: f64, random: &mut Random) -> Writing {
    let radius = size_um / 2.0;
    let around =
        |angle: f64, radius: f64| Point::new(radius * libm::sin(angle), -radius * libm::cos(angle));
    const TURN: f64 = std::f64::consts::TAU;
    match random.below(3) {
        0 => {
            let mut tip = |corner: usize| {
                around(TURN * 0.4 * corner as f64, radius * random.around(1.0, 0.05))
            };
            one((0..=5).map(&mut tip).collect())
        }
        1 => {
            let ring = (0..=26).map(|i| around(TURN * f64::from(i) / 25.0, radius * 0.5)).collect();
            let ray = |i: i32| {
                let angle = TURN * f64::from(i) / 8.0;
                vec![around(angle, radius * 0.66), around(angle, radius)]
            };
            let strokes = std::iter::once(ring).chain((0..8).map(ray)).collect();
            Writing { strokes, ..Writing::default() }
        }
        _ => {
            let steps = 60;
            let point = |i: i32| {
                let part = f64::from(i) / f64::from(steps);
                around(TURN * 3.5 * part, radius * (0.06 + 0.94 * part))
            };
            one((0..=steps).map(point).collect())
        }
    }
}
