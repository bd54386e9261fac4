//! The pose by which most ink lies in fields.

use std::collections::BTreeSet;

use super::Pose;
use crate::bounds::Bounds;

/// How far a pose may go: micrometres, radians, and a share of the size; and the first steps.
const MOVE_UM: f64 = 8_000.0;
const MOVE_STEP_UM: f64 = 2_000.0;
const TURN: f64 = 0.030;
const TURN_STEP: f64 = 0.010;
const SCALE: f64 = 0.016;
const SCALE_STEP: f64 = 0.016;
/// Modes that are looked at closely.
const MODES_MAX: usize = 8;
/// How often the steps of a close look are halved.
const HALVINGS: usize = 6;
/// Ink counts as inside a field that is larger by this.
const EDGE_UM: i64 = 600;
/// In a field of at most this side, ink stands in the middle; in wider ones, where a line begins.
const NARROW_UM: i64 = 16_000;
/// What standing in the middle is worth against standing inside.
const MIDDLE: f64 = 0.3;
/// What the greatest move costs: of equal fits the nearest is right.
const FAR: f64 = 0.04;
/// Another pose is as good from this share of the best fit on, and another one if it gives this
/// share of the ink to other fields.
const AS_GOOD: f64 = 0.97;
const OTHERWISE: f64 = 0.15;
/// Fields are looked up by squares of this side.
const SQUARE_UM: i64 = 8_000;
const SQUARES_MAX: i64 = 128;
/// A piece may lie in a field whose middle is so far from it.
const REACH_UM: i64 = 7_000;

/// The fields of a page, found by place.
pub(super) struct Fields {
    rects: Vec<Bounds>,
    around: Bounds,
    columns: i64,
    /// Fields that touch a square, row by row.
    squares: Vec<Vec<u16>>,
}

/// What was found.
pub(super) struct Found {
    pub(super) pose: Pose,
    /// Another pose fits as well and gives ink to other fields.
    pub(super) ambiguous: bool,
}

/// Holds ink against fields.
pub(super) struct Search<'s> {
    fields: &'s Fields,
    pieces: &'s [Bounds],
}

impl Fields {
    pub(super) fn new(rects: &[Bounds]) -> Self {
        let rects: Vec<Bounds> = rects.iter().copied().take(usize::from(u16::MAX)).collect();
        let none = Bounds { left: 0, top: 0, right: -1, bottom: -1 };
        let around = rects.iter().copied().reduce(Bounds::union).unwrap_or(none);
        let count = |side: i64| (side / SQUARE_UM + 1).clamp(1, SQUARES_MAX);
        let (columns, rows) = (count(around.width()), count(around.height()));
        let mut squares = vec![Vec::new(); (columns * rows) as usize];
        for (index, rect) in rects.iter().enumerate() {
            let rect = rect.grown(REACH_UM);
            let square = |um: i64, from: i64, of: i64| ((um - from) / SQUARE_UM).clamp(0, of - 1);
            for row in square(rect.top, around.top, rows)..=square(rect.bottom, around.top, rows) {
                let left = square(rect.left, around.left, columns);
                for column in left..=square(rect.right, around.left, columns) {
                    squares[(row * columns + column) as usize].push(index as u16);
                }
            }
        }
        Self { rects, around, columns, squares }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rects.is_empty()
    }

    /// The point about which poses turn.
    pub(super) fn middle(&self) -> (f64, f64) {
        let Bounds { left, right, top, bottom } = self.around;
        ((left + right) as f64 / 2.0, (top + bottom) as f64 / 2.0)
    }

    /// The field that holds most of a piece, how much of it, and how well it stands there.
    fn holds(&self, piece: Bounds) -> Option<(usize, f64, f64)> {
        let (x, y) = ((piece.left + piece.right) / 2, piece.middle_y());
        // Squares grow with the fields' edges: a piece whose middle lies in no square is outside.
        let rows = self.squares.len() as i64 / self.columns;
        let square =
            |um: i64, from: i64, of: i64| ((um - from).div_euclid(SQUARE_UM)).clamp(0, of - 1);
        if !self.around.grown(SQUARE_UM).contains_xy(x, y) {
            return None;
        }
        let at = square(y, self.around.top, rows) * self.columns
            + square(x, self.around.left, self.columns);
        let near = self.squares[at as usize].iter().map(|index| usize::from(*index));
        let held = near.filter_map(|index| {
            let rect = self.rects[index];
            let inside = share(piece, rect.grown(EDGE_UM))?;
            Some((index, inside, inside * ((1.0 - MIDDLE) + MIDDLE * centred(piece, rect))))
        });
        held.max_by(|a, b| a.2.total_cmp(&b.2))
    }
}

impl<'s> Search<'s> {
    pub(super) fn new(fields: &'s Fields, pieces: &'s [Bounds]) -> Self {
        Self { fields, pieces }
    }

    /// How much of the ink lies in fields by a pose, 0–1.
    pub(super) fn inside(&self, pose: &Pose) -> f64 {
        self.mean(pose, |(_, inside, _)| inside)
    }

    /// How well ink and fields fit by a pose, 0–1.
    pub(super) fn fit(&self, pose: &Pose) -> f64 {
        let far = (pose.dx_um.hypot(pose.dy_um) / MOVE_UM).powi(2)
            + (pose.turn / TURN).powi(2)
            + (pose.scale / SCALE).powi(2);
        self.mean(pose, |(_, _, fit)| fit) - FAR * far / 3.0
    }

    /// How many fields hold ink by a pose.
    pub(super) fn fields_with_ink(&self, pose: &Pose) -> usize {
        let middle = self.fields.middle();
        let held = self.pieces.iter().filter_map(|p| self.fields.holds(pose.apply(p, middle)));
        held.map(|(field, ..)| field).collect::<BTreeSet<_>>().len()
    }

    /// The pose that fits best.
    pub(super) fn best(&self) -> Found {
        let mut modes: Vec<(f64, Pose)> = Vec::new();
        for pose in coarse() {
            let fit = self.fit(&pose);
            if modes.len() < MODES_MAX || modes.last().is_some_and(|(least, _)| fit > *least) {
                let at = modes.partition_point(|(better, _)| *better >= fit);
                modes.insert(at, (fit, pose));
                modes.truncate(MODES_MAX);
            }
        }
        let mut close: Vec<(f64, Pose)> =
            modes.into_iter().map(|(_, pose)| self.climb(pose)).collect();
        close.sort_by(|a, b| b.0.total_cmp(&a.0));
        let Some((fit, pose)) = close.first().copied() else {
            return Found { pose: Pose::NONE, ambiguous: true };
        };
        let ambiguous = close[1..]
            .iter()
            .any(|(other, rival)| *other >= AS_GOOD * fit && self.differ(&pose, rival));
        Found { pose, ambiguous }
    }

    /// Goes uphill from a pose, in ever smaller steps.
    fn climb(&self, from: Pose) -> (f64, Pose) {
        let (mut best, mut pose) = (self.fit(&from), from);
        let mut part = 0.5;
        for _ in 0..HALVINGS {
            loop {
                let before = best;
                for step in steps(part) {
                    let next = Pose {
                        dx_um: (pose.dx_um + step.dx_um).clamp(-MOVE_UM, MOVE_UM),
                        dy_um: (pose.dy_um + step.dy_um).clamp(-MOVE_UM, MOVE_UM),
                        turn: (pose.turn + step.turn).clamp(-TURN, TURN),
                        scale: (pose.scale + step.scale).clamp(-SCALE, SCALE),
                    };
                    let fit = self.fit(&next);
                    if fit > best + 1e-6 {
                        (best, pose) = (fit, next);
                    }
                }
                if best <= before + 1e-6 {
                    break;
                }
            }
            part /= 2.0;
        }
        (best, pose)
    }

    /// Whether two poses give much ink to other fields.
    fn differ(&self, a: &Pose, b: &Pose) -> bool {
        let middle = self.fields.middle();
        let home = |pose: &Pose, piece: &Bounds| {
            self.fields.holds(pose.apply(piece, middle)).map(|(index, _, _)| index)
        };
        let other = self.pieces.iter().filter(|piece| home(a, piece) != home(b, piece));
        other.count() as f64 >= OTHERWISE * self.pieces.len() as f64
    }

    fn mean(&self, pose: &Pose, of: fn((usize, f64, f64)) -> f64) -> f64 {
        let middle = self.fields.middle();
        let held = |piece: &Bounds| self.fields.holds(pose.apply(piece, middle)).map_or(0.0, of);
        self.pieces.iter().map(held).sum::<f64>() / self.pieces.len().max(1) as f64
    }
}

/// The first poses: a lattice.
fn coarse() -> impl Iterator<Item = Pose> {
    let grid = |most: f64, step: f64| {
        let n = (most / step).round() as i32;
        (-n..=n).map(move |i| f64::from(i) * step)
    };
    grid(SCALE, SCALE_STEP).flat_map(move |scale| {
        grid(TURN, TURN_STEP).flat_map(move |turn| {
            grid(MOVE_UM, MOVE_STEP_UM).flat_map(move |dx_um| {
                grid(MOVE_UM, MOVE_STEP_UM).map(move |dy_um| Pose { dx_um, dy_um, turn, scale })
            })
        })
    })
}

/// Steps in each direction, a part of the first ones.
fn steps(part: f64) -> impl Iterator<Item = Pose> {
    [part, -part].into_iter().flat_map(|part| {
        [
            Pose { dx_um: part * MOVE_STEP_UM, ..Pose::NONE },
            Pose { dy_um: part * MOVE_STEP_UM, ..Pose::NONE },
            Pose { turn: part * TURN_STEP, ..Pose::NONE },
            Pose { scale: part * SCALE_STEP, ..Pose::NONE },
        ]
    })
}

/// The share of `piece`'s box in `rect`; `None` where it is 0.
fn share(piece: Bounds, rect: Bounds) -> Option<f64> {
    let common = piece.intersection(rect)?;
    let side = |um: i64| um.max(200) as f64;
    let share =
        side(common.width()) * side(common.height()) / (side(piece.width()) * side(piece.height()));
    Some(share.min(1.0))
}

/// How near to the middle of a field a piece stands, 1 in the middle; along wide sides it may stand
/// anywhere.
fn centred(piece: Bounds, rect: Bounds) -> f64 {
    let off = |from: i64, to: i64, low: i64, high: i64| {
        let side = (high - low).max(1) as f64;
        let off = ((from + to - low - high) as f64 / side).abs().min(1.0);
        if high - low > NARROW_UM { 0.0 } else { off * off }
    };
    let across = off(piece.left, piece.right, rect.left, rect.right);
    let down = off(piece.top, piece.bottom, rect.top, rect.bottom);
    1.0 - (across + down) / 2.0
}
