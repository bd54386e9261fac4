//! Strokes as a page shows them: where they lie on the page, simplified; and the form in which they
//! are kept, so that a page is shown without decoding its chunks.

use crate::{Stroke, StrokeKey};

mod codec;
mod line;

pub use codec::{DrawnError, decode, encode};
pub use line::{Line, Point, Run, UNIT_UM, WIDTHS};

/// A stroke as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawnStroke {
    /// The stroke's name.
    pub key: StrokeKey,
    /// Whether it is red ink.
    pub red: bool,
    /// Unix milliseconds of the first sample, by the corrected clock.
    pub start_ms: i64,
    /// From the first sample to the last.
    pub length_ms: u32,
    /// Where it lies on the page.
    pub line: Line,
}

impl DrawnStroke {
    /// Draws a stroke whose start is corrected, with the place on the page of each place in the
    /// pattern; `None` where it has no sample.
    pub fn new(
        stroke: &Stroke,
        red: bool,
        to_page_um: impl Fn((i32, i32)) -> (i32, i32),
    ) -> Option<Self> {
        let point = |sample: &crate::Sample| {
            let (x_um, y_um) = to_page_um((sample.x_um, sample.y_um));
            Point { x_um, y_um, force: sample.force }
        };
        let points: Vec<Point> = stroke.samples.iter().map(point).collect();
        Some(Self {
            key: stroke.key,
            red,
            start_ms: stroke.start_ms,
            length_ms: stroke.samples.last()?.t_ms,
            line: Line::new(&points)?,
        })
    }
}

#[cfg(test)]
mod tests;
