//! From strokes in micrometres to coverage in pixels.

use ink::Sample;

use crate::capsule::{self, Capsule, Point};
use crate::coverage::Coverage;

#[cfg(test)]
mod tests;

/// The largest picture, in pixels: an A3 sheet at 600 dpi is 70 million.
pub const PIXELS_MAX: usize = 1 << 27;

const UM_PER_INCH: f32 = 25_400.0;

/// What part of the plane to draw, and how finely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Left edge, micrometres.
    pub x_um: i32,
    /// Top edge, micrometres.
    pub y_um: i32,
    /// Width, micrometres; zero or less is an empty picture.
    pub width_um: i32,
    /// Height, micrometres; zero or less is an empty picture.
    pub height_um: i32,
    /// Pixels per inch.
    pub dpi: u32,
}

impl Window {
    /// Width and height in pixels; a pixel that is begun counts whole.
    pub fn size(&self) -> (usize, usize) {
        let pixels = |um: i32| {
            let um = u64::from(um.max(0).unsigned_abs());
            (um * u64::from(self.dpi)).div_ceil(25_400) as usize
        };
        (pixels(self.width_um), pixels(self.height_um))
    }
}

/// How wide the pen writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PenWidth {
    /// Width of the line without force, micrometres.
    pub min_um: i32,
    /// Width of the line at full force, micrometres; between them it grows in proportion.
    pub max_um: i32,
}

/// Draws `strokes` as they lie in `window` into `scratch`, which takes the window's size and loses
/// what it held.
///
/// A stroke of one sample is a dot; one without samples draws nothing. What lies outside the
/// window is cut off.
///
/// # Panics
/// If the window has more than [`PIXELS_MAX`] pixels.
///
/// ```
/// let dot = ink::Sample { x_um: 1_000, y_um: 1_000, force: 0, t_ms: 0 };
/// let window = raster::Window { x_um: 0, y_um: 0, width_um: 2_000, height_um: 2_000, dpi: 254 };
/// let width = raster::PenWidth { min_um: 400, max_um: 400 };
/// let mut coverage = raster::Coverage::new();
/// raster::draw(&[&[dot]], &window, &width, &mut coverage);
/// assert_eq!((coverage.width, coverage.height), (20, 20));
/// assert_eq!(coverage.data[10 * 20 + 10], 255);
/// assert_eq!(coverage.data[0], 0);
/// ```
pub fn draw(strokes: &[&[Sample]], window: &Window, width: &PenWidth, scratch: &mut Coverage) {
    let (columns, rows) = window.size();
    let pixels = columns.checked_mul(rows).filter(|pixels| *pixels <= PIXELS_MAX);
    assert!(pixels.is_some(), "window of {columns} x {rows} pixels is too large");
    scratch.width = columns;
    scratch.height = rows;
    scratch.data.clear();
    scratch.data.resize(columns * rows, 0);
    if scratch.data.is_empty() {
        return;
    }
    let scale = Scale::new(window, width);
    let mut batch = Vec::with_capacity(BATCH);
    for stroke in strokes {
        for i in 0..stroke.len() {
            // The first sample starts the first segment; alone it is a dot.
            if i == 0 && stroke.len() > 1 {
                continue;
            }
            batch.push(scale.capsule(&stroke[i.saturating_sub(1)], &stroke[i]));
            if batch.len() == BATCH {
                capsule::blend(&batch, scratch);
                batch.clear();
            }
        }
    }
    capsule::blend(&batch, scratch);
}

/// Segments handed to the kernel at once.
const BATCH: usize = 256;

struct Scale {
    x_um: i32,
    y_um: i32,
    pixels_per_um: f32,
    radius_min: f32,
    radius_per_force: f32,
}

impl Scale {
    fn new(window: &Window, width: &PenWidth) -> Self {
        let pixels_per_um = window.dpi as f32 / UM_PER_INCH;
        let radius = |um: i32| um.max(0) as f32 * pixels_per_um / 2.0;
        let (radius_min, radius_max) = (radius(width.min_um), radius(width.max_um));
        Self {
            x_um: window.x_um,
            y_um: window.y_um,
            pixels_per_um,
            radius_min,
            radius_per_force: (radius_max - radius_min) / f32::from(u16::MAX),
        }
    }

    fn capsule(&self, a: &Sample, b: &Sample) -> Capsule {
        Capsule::new(self.point(a), self.point(b), self.radius(a), self.radius(b))
    }

    fn point(&self, sample: &Sample) -> Point {
        // In 64 bits, because a sample and a window may lie at opposite ends of the plane.
        let pixels =
            |um: i32, origin: i32| (i64::from(um) - i64::from(origin)) as f32 * self.pixels_per_um;
        Point { x: pixels(sample.x_um, self.x_um), y: pixels(sample.y_um, self.y_um) }
    }

    fn radius(&self, sample: &Sample) -> f32 {
        self.radius_min + f32::from(sample.force) * self.radius_per_force
    }
}
