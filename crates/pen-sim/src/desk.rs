//! Where somebody sits and writes: strokes on paper, in time.

use firmware_protocol::StrokeEnd;

use crate::hand::Writing;
use crate::kinematics::{Motion, Reading, perform};
use crate::path::{Bounds, Point};
use crate::random::Random;

/// One page face of one pupil's paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Paper {
    /// Position of the assignment in the setup.
    pub(crate) assignment: usize,
    /// Position of the paper's owner in the class.
    pub(crate) owner: usize,
    /// From 1; [`LABEL_PAGE`] is the owner's name label.
    pub(crate) page: u32,
}

/// No page of a worksheet.
pub(crate) const LABEL_PAGE: u32 = 0;

/// A stroke on paper, in page micrometres.
#[derive(Clone, Debug)]
pub(crate) struct Penned {
    /// True Unix milliseconds of the first reading.
    pub(crate) start_ms: i64,
    pub(crate) paper: Paper,
    /// At least one.
    pub(crate) readings: Vec<Reading>,
    pub(crate) end: StrokeEnd,
}

impl Penned {
    /// True Unix milliseconds of the last reading.
    pub(crate) fn end_ms(&self) -> i64 {
        self.start_ms + self.readings.last().map_or(0, |reading| i64::from(reading.t_ms))
    }
}

/// Somebody who writes: their time, the place of their pen, and what they have written.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    /// True Unix milliseconds.
    pub(crate) now_ms: i64,
    /// In written order.
    pub(crate) strokes: Vec<Penned>,
    pen: Point,
}

impl Desk {
    pub(crate) fn new(now_ms: i64) -> Self {
        Self { now_ms, strokes: Vec::new(), pen: Point::default() }
    }

    /// Nothing is written for so long.
    pub(crate) fn pause(&mut self, ms: f64) {
        self.now_ms += ms.max(0.0) as i64;
    }

    /// Puts writing on paper, stroke by stroke, and gives its bounds.
    pub(crate) fn put(
        &mut self,
        paper: Paper,
        writing: &Writing,
        motion: &Motion,
        random: &mut Random,
    ) -> Option<Bounds> {
        for path in &writing.strokes {
            self.stroke(paper, path, motion, random);
        }
        writing.bounds()
    }

    fn stroke(&mut self, paper: Paper, path: &[Point], motion: &Motion, random: &mut Random) {
        let Some(first) = path.first() else { return };
        // Through the air about three times as fast as on paper, and time to lift and to lower;
        // long ways are part of the pauses.
        let air_ms = self.pen.distance(*first).min(30_000.0) / (motion.speed_mm_s * 3.0);
        self.pause(air_ms + random.between(60.0, 130.0));
        let readings = perform(path, motion, random);
        if readings.is_empty() {
            return;
        }
        let penned = Penned { start_ms: self.now_ms, paper, readings, end: StrokeEnd::Up };
        self.now_ms = penned.end_ms() + 8;
        self.pen = penned.readings.last().map_or(*first, |reading| reading.at);
        self.strokes.push(penned);
    }
}
