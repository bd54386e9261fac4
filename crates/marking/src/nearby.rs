//! Ink that lies in no field but near some: whose it may be.

use crate::bounds::Bounds;
use crate::placed::Placed;

#[cfg(test)]
mod tests;

/// Smaller ink is taps and slips of the pen.
const MARK_UM_MIN: i64 = 1_500;
/// Ink as near as this is one piece of writing.
const TOGETHER_UM: i64 = 3_500;
/// So near, or in the field's own row, ink may be a field's.
const REACH_UM: f64 = 15_000.0;
const ROW_UM: i64 = 9_000;
const ALONG_ROW_UM: i64 = 100_000;
/// The next symbol of an answer stands no further away.
const NEXT_UM: i64 = 5_000;
/// Of two fields it is the nearer one's if that is nearer by this share.
const NEARER: f64 = 0.6;
/// More loose strokes than these are not told apart: they are near everything.
const STROKES_MAX: usize = 400;

/// Loose strokes that stand together. Numbers are positions in the loose strokes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) strokes: Vec<usize>,
    pub(crate) bounds: Bounds,
}

/// The pieces of writing among loose strokes, ordered by time; taps are none.
pub(crate) fn pieces(strokes: &[&Placed<'_>]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    if strokes.len() > STROKES_MAX {
        let all = strokes.iter().map(|s| s.bounds).reduce(Bounds::union);
        let strokes = (0..strokes.len()).collect();
        return all.map(|bounds| Piece { strokes, bounds }).into_iter().collect();
    }
    for (index, stroke) in strokes.iter().enumerate() {
        let mut piece = Piece { strokes: vec![index], bounds: stroke.bounds };
        let reach = piece.bounds.grown(TOGETHER_UM);
        let (joined, apart): (Vec<Piece>, Vec<Piece>) =
            pieces.into_iter().partition(|other| reach.meets(other.bounds));
        for other in joined {
            piece.bounds = piece.bounds.union(other.bounds);
            piece.strokes.extend(other.strokes);
        }
        pieces = apart;
        pieces.push(piece);
    }
    for piece in &mut pieces {
        piece.strokes.sort_unstable();
    }
    pieces.retain(|piece| {
        piece.bounds.extent() >= MARK_UM_MIN
            && piece.strokes.iter().any(|i| strokes[*i].bounds.extent() >= MARK_UM_MIN * 2 / 3)
    });
    pieces.sort_by_key(|piece| piece.strokes.first().copied());
    pieces
}

/// The `fields` that a piece may belong to, nearest first: those near it, and those in its row with
/// no other field between. `all` are the fields of the page.
pub(crate) fn may_belong(piece: Bounds, fields: &[(usize, Bounds)], all: &[Bounds]) -> Vec<usize> {
    let mut near: Vec<(f64, usize)> = fields
        .iter()
        .filter(|(index, field)| {
            let row = piece.gap_y(*field) <= ROW_UM && piece.gap_x(*field) <= ALONG_ROW_UM;
            piece.distance(*field) <= REACH_UM || row && sees(piece, *index, *field, all)
        })
        .map(|(index, field)| (piece.distance(*field), *index))
        .collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    near.into_iter().map(|(_, index)| index).collect()
}

/// The one field of [`may_belong`] that it belongs to more likely than to any other; `None` too
/// where it stands by a field that it may not belong to.
pub(crate) fn nearest(piece: Bounds, of: &[usize], all: &[Bounds]) -> Option<usize> {
    let distance = |index: &usize| piece.distance(all[*index]).max(500.0);
    let first = of.first()?;
    let rival = of.get(1).is_some_and(|second| distance(first) > NEARER * distance(second));
    let by_another = (0..all.len()).any(|other| distance(&other) < NEARER * distance(first));
    (!rival && !by_another).then_some(*first)
}

/// Whether a piece stands beside an answer as the next symbol of a line does.
pub(crate) fn is_in_line(piece: Bounds, answer: Bounds) -> bool {
    piece.gap_x(answer) <= NEXT_UM
        && -piece.gap_y(answer) * 2 >= piece.height().min(answer.height())
}

/// Whether no other field lies between a piece and a field in its row.
fn sees(piece: Bounds, index: usize, field: Bounds, all: &[Bounds]) -> bool {
    let between = Bounds {
        left: piece.right.min(field.right),
        right: piece.left.max(field.left),
        top: piece.middle_y(),
        bottom: piece.middle_y(),
    };
    let (low, high) = (between.left.min(between.right), between.left.max(between.right));
    let between = Bounds { left: low, right: high, ..between }.grown(0);
    let band = Bounds {
        top: between.top.min(field.middle_y()),
        bottom: between.bottom.max(field.middle_y()),
        ..between
    };
    !all.iter().enumerate().any(|(other, bounds)| other != index && bounds.meets(band))
}
