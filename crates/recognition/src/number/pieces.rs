//! Cutting ink into pieces, none of which is more than one symbol.

use std::ops::Range;

use super::place::Place;
use crate::features::Glyph;

/// A stroke narrower than this part of the symbol height is never cut.
const CUT_WIDTH_MIN: f32 = 1.0;
/// How far a stroke may run back over a cut, as a part of the symbol height.
const CUT_BACK_MAX: f32 = 0.1;
/// What is cut off is at least this wide, as a part of the symbol height; a `1` is narrow.
const CUT_OFF_MIN: f32 = 0.12;
/// Cuts in one stroke.
const CUTS_MAX: usize = 4;
/// Pieces further apart than this part of the symbol height are two symbols.
const GAP_MAX: f32 = 0.22;
/// Pieces together wider than this, as parts of the symbol height, are more than one symbol.
const WIDTH_MAX: f32 = 2.0;

/// Slanting digits overlap by this part of the narrower one without being one symbol.
const OVERLAP_FREE: f32 = 0.3;
/// A stroke narrower than this part of the symbol height counts as being so wide.
const NARROW: f32 = 0.2;
/// A piece at least this tall, as a part of the tallest, tells where the line is.
const TALL: f32 = 0.7;
/// Pieces at either side of a place that may stand above each other.
const NEIGHBOURS: usize = 3;

/// A stroke, or a part of one.
#[derive(Clone, Debug)]
struct Piece {
    stroke: usize,
    /// Among the glyph's points.
    range: Range<usize>,
    left: f32,
    right: f32,
    top: f32,
    bottom: f32,
}

/// The pieces of an answer, from left to right.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pieces {
    pieces: Vec<Piece>,
    order: Vec<usize>,
}

impl Pieces {
    pub(crate) fn len(&self) -> usize {
        self.pieces.len()
    }

    /// How many of them begin inside a stroke.
    pub(crate) fn cuts(&self) -> usize {
        let last = self.pieces.iter().map(|piece| piece.stroke + 1).max();
        self.len() - last.unwrap_or(0)
    }

    /// Cuts the strokes of `glyph`.
    pub(crate) fn cut(&mut self, glyph: &Glyph) {
        self.pieces.clear();
        let mut start = 0;
        for (stroke, end) in glyph.ends.iter().enumerate() {
            let mut from = start;
            for cut in cuts(&glyph.points[start..*end], glyph.size) {
                self.pieces.push(piece(glyph, stroke, from..start + cut + 1));
                from = start + cut;
            }
            self.pieces.push(piece(glyph, stroke, from..*end));
            start = *end;
        }
        self.pieces.sort_by(|a, b| (a.left + a.right).total_cmp(&(b.left + b.right)));
    }

    /// Whether pieces `first..end` may be one symbol.
    pub(crate) fn may_join(&self, first: usize, end: usize, size: f32) -> bool {
        let pieces = &self.pieces[first..end];
        let (mut left, mut right) = (pieces[0].left, pieces[0].right);
        for piece in &pieces[1..] {
            if piece.left > right + GAP_MAX * size {
                return false;
            }
            (left, right) = (left.min(piece.left), right.max(piece.right));
        }
        pieces.len() == 1 || right - left <= WIDTH_MAX * size
    }

    /// One where a stroke is cut between pieces `end - 1` and `end`, else zero.
    pub(crate) fn cuts_at(&self, end: usize) -> usize {
        match (self.pieces.get(end.wrapping_sub(1)), self.pieces.get(end)) {
            (Some(a), Some(b)) => usize::from(a.stroke == b.stroke),
            _ => 0,
        }
    }

    /// How far what is left of place `end` and what is right of it stand above each other: 0
    /// where they overlap by less than [`OVERLAP_FREE`] of the narrower one, 1 where fully.
    pub(crate) fn overlap_at(&self, end: usize, size: f32) -> f32 {
        let (before, after) = self.pieces.split_at(end);
        let mut most = 0.0_f32;
        for a in before.iter().rev().take(NEIGHBOURS) {
            for b in after.iter().take(NEIGHBOURS) {
                let shared = a.right.min(b.right) - a.left.max(b.left);
                let narrower = (a.right - a.left).min(b.right - b.left).max(NARROW * size);
                most = most.max(shared / narrower);
            }
        }
        ((most - OVERLAP_FREE) / (1.0 - OVERLAP_FREE)).clamp(0.0, 1.0)
    }

    /// Where pieces `first..end` together stand beside the others.
    pub(crate) fn place(&self, first: usize, end: usize, size: f32) -> Place {
        let own = &self.pieces[first..end];
        let top = own.iter().map(|p| p.top).fold(f32::MAX, f32::min);
        let bottom = own.iter().map(|p| p.bottom).fold(f32::MIN, f32::max);
        let middle = |pieces: &[Piece]| {
            pieces.iter().map(|p| p.left + p.right).sum::<f32>() / pieces.len() as f32
        };
        let height = (bottom - top) / size;
        let tallest = self.pieces.iter().map(|p| p.bottom - p.top).fold(0.0, f32::max);
        let away = |at: &usize| (middle(&self.pieces[*at..=*at]) - middle(own)).abs();
        let tall = |at: &usize| {
            let piece = &self.pieces[*at];
            !(first..end).contains(at) && piece.bottom - piece.top >= TALL * tallest
        };
        let nearest =
            (0..self.pieces.len()).filter(tall).min_by(|a, b| away(a).total_cmp(&away(b)));
        let Some(beside) = nearest.map(|at| &self.pieces[at]) else {
            return Place { height, ..Place::default() };
        };
        let (rise, drop) = ((beside.bottom - bottom) / size, (top - beside.top) / size);
        Place { height, rise, drop, known: true }
    }

    /// Puts pieces `first..end` together into `out`, in the order they were written in; what was
    /// one stroke is one again.
    pub(crate) fn join(&mut self, glyph: &Glyph, first: usize, end: usize, out: &mut Glyph) {
        self.order.clear();
        self.order.extend(first..end);
        let pieces = &self.pieces;
        self.order.sort_by_key(|i| pieces[*i].range.start);
        out.clear(glyph.size);
        let mut last: Option<&Piece> = None;
        for piece in self.order.iter().map(|i| &pieces[*i]) {
            let follows = last.is_some_and(|last| {
                last.stroke == piece.stroke && last.range.end == piece.range.start + 1
            });
            if follows {
                // The point of the cut belongs to both.
                let rest = piece.range.start + 1..piece.range.end;
                out.extend_last(glyph.points[rest].iter().copied());
            } else {
                out.push(glyph.points[piece.range.clone()].iter().copied());
            }
            last = Some(piece);
        }
    }
}

fn piece(glyph: &Glyph, stroke: usize, range: Range<usize>) -> Piece {
    let span = |axis: usize| {
        let values = glyph.points[range.clone()].iter().map(|p| p[axis]);
        (values.clone().fold(f32::MAX, f32::min), values.fold(f32::MIN, f32::max))
    };
    let ((left, right), (top, bottom)) = (span(0), span(1));
    Piece { stroke, range, left, right, top, bottom }
}

/// Where a wide stroke may go over from one symbol to the next: places that split what is to the
/// left from what is to the right. Of a run of such places its middle is taken.
fn cuts(points: &[[f32; 2]], size: f32) -> Vec<usize> {
    let xs = points.iter().map(|p| p[0]);
    let (left, right) = (xs.clone().fold(f32::MAX, f32::min), xs.fold(f32::MIN, f32::max));
    if right - left < CUT_WIDTH_MIN * size {
        return Vec::new();
    }
    let mut low_after = vec![f32::MAX; points.len() + 1];
    for i in (0..points.len()).rev() {
        low_after[i] = low_after[i + 1].min(points[i][0]);
    }
    let mut high_before = f32::MIN;
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (i, p) in points.iter().enumerate() {
        high_before = high_before.max(p[0]);
        let splits = high_before - low_after[i] <= CUT_BACK_MAX * size;
        let inside = p[0] - left >= CUT_OFF_MIN * size && right - p[0] >= CUT_OFF_MIN * size;
        if splits && inside {
            match runs.last_mut().filter(|run| run.end == i) {
                Some(run) if p[0] - points[run.start][0] < 0.5 * size => run.end = i + 1,
                _ => runs.push(i..i + 1),
            }
        }
    }
    let middle = |run: &Range<usize>| (run.start + run.end - 1) / 2;
    let mut cuts: Vec<usize> = runs.iter().map(middle).filter(|i| *i > 0).collect();
    cuts.truncate(CUTS_MAX);
    cuts
}
