//! Dots as a camera sees them: some columns and rows of the grid, some dots missing.

use crate::Dot;

/// The most columns and rows of a window: the main sequence has no more to tell. 63 dots are 18 mm,
/// and no pen sees as much.
pub const SIDE_MAX: usize = 63;

/// Part of the grid. Dots that were not seen, or could be two things, are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    columns: usize,
    rows: usize,
    /// Row by row.
    dots: Vec<Option<Dot>>,
}

/// What one line of a window says: bit `i` is of its `i`th dot.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Line {
    /// Which dots were seen.
    pub(crate) seen: u64,
    /// The bits of those.
    pub(crate) bits: u64,
}

impl Line {
    fn set(&mut self, at: usize, bit: bool) {
        self.seen |= 1 << at;
        self.bits |= u64::from(bit) << at;
    }

    /// How many dots seen have the bits of a line.
    pub(crate) fn agreeing(self, with: u64) -> u32 {
        (!(self.bits ^ with) & self.seen).count_ones()
    }
}

impl Window {
    /// A window without dots; sides beyond [`SIDE_MAX`] are cut to it.
    #[must_use]
    pub fn new(columns: usize, rows: usize) -> Self {
        let (columns, rows) = (columns.min(SIDE_MAX), rows.min(SIDE_MAX));
        Self { columns, rows, dots: vec![None; columns * rows] }
    }

    /// How many columns there are.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The dot seen there; `None` beyond the window too.
    #[must_use]
    pub fn dot(&self, column: usize, row: usize) -> Option<Dot> {
        if column >= self.columns {
            return None;
        }
        self.dots.get(row * self.columns + column).copied().flatten()
    }

    /// Puts what was seen at a node; beyond the window nothing happens.
    pub fn put(&mut self, column: usize, row: usize, dot: Option<Dot>) {
        if column >= self.columns {
            return;
        }
        if let Some(place) = self.dots.get_mut(row * self.columns + column) {
            *place = dot;
        }
    }

    /// How many dots were seen.
    #[must_use]
    pub fn seen(&self) -> usize {
        self.dots.iter().flatten().count()
    }

    /// What is seen once the paper is turned clockwise by a quarter.
    #[must_use]
    pub fn turned(&self) -> Self {
        let mut turned = Self::new(self.rows, self.columns);
        for row in 0..self.rows {
            for column in 0..self.columns {
                let dot = self.dot(column, row).map(Dot::turned);
                turned.put(self.rows - 1 - row, column, dot);
            }
        }
        turned
    }

    /// The x bits of its columns, downwards, and the y bits of its rows, to the right.
    pub(crate) fn lines(&self) -> (Vec<Line>, Vec<Line>) {
        let (mut columns, mut rows) =
            (vec![Line::default(); self.columns], vec![Line::default(); self.rows]);
        for (row, line) in rows.iter_mut().enumerate() {
            for (column, downwards) in columns.iter_mut().enumerate() {
                let Some(dot) = self.dot(column, row) else { continue };
                let (x, y) = dot.bits();
                downwards.set(row, x);
                line.set(column, y);
            }
        }
        (columns, rows)
    }
}
