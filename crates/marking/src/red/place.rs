//! Which answer a red mark speaks of, by where it stands.

use worksheet::PagePoint;

use super::{At, Target};
use crate::bounds::Bounds;
use crate::placed::Placed;
use crate::read::is_dot;

/// A mark stands at its answer within this distance.
const REACH_UM: f64 = 8_000.0;
/// A mark is one answer's if that is nearer than this share of the distance to the next one.
const NEARER: f64 = 0.6;
/// A mark is in the row of an answer if it stands no further above or below it.
const ROW_UM: i64 = 1_500;
/// Between two questions of a row, what is printed of the second stands nearer to its answer: a mark
/// is the first one's within this share of the way, and this far at most.
const FIRST_SHARE: i64 = 4;
const FIRST_UM: i64 = 20_000;
/// Answers within this distance may be what a mark in no row speaks of.
const NEARBY_UM: f64 = 30_000.0;
/// A larger mark speaks of all that it goes over.
const EXTENT_UM_MAX: i64 = 45_000;

/// Where a mark with this point stands, and whether that is at its answer. Ink that is no
/// mark (`says`) speaks of nothing outside the rows of answers.
pub(super) fn find(
    point: Option<PagePoint>,
    ink: &[&Placed<'_>],
    says: bool,
    targets: &[Target],
) -> (At, bool) {
    let Some(bounds) = ink.iter().map(|s| s.bounds).reduce(Bounds::union) else {
        return (At::Nowhere, false);
    };
    if ink.iter().all(|s| is_dot(s)) {
        return (At::Nowhere, false);
    }
    if bounds.extent() > EXTENT_UM_MAX {
        let under = (0..targets.len()).filter(|at| says && targets[*at].bounds.meets(bounds));
        return (any_of(under.collect(), targets), false);
    }
    let anchor = point.map_or(bounds, Bounds::at);
    let near = within(anchor, REACH_UM, targets);
    let touches = |at: usize| {
        anchor.meets(targets[at].bounds)
            || ink.iter().any(|s| s.share_inside(targets[at].bounds) > 0.1)
    };
    let Some(first) = near.first().map(|(first, _)| *first) else {
        let row = in_row(anchor, targets);
        return (row.or_else(|| nearby(anchor, says, targets)).unwrap_or(At::Nowhere), false);
    };
    let chosen = match near.as_slice() {
        [(_, near), (second, next), ..] if *near >= NEARER * next => {
            match (touches(first), touches(*second)) {
                (true, false) => Some(first),
                (false, true) => Some(*second),
                _ if targets[first].question == targets[*second].question => None,
                _ => return (any_of(vec![first, *second], targets), true),
            }
        }
        _ => Some(first),
    };
    if let Some(touched) = chosen.filter(|at| touches(*at)) {
        return (At::Answer(touched), true);
    }
    // Above or below one question, it may stand in the row of another.
    let at = beside(chosen.unwrap_or(first), targets);
    let aligned = anchor.gap_y(targets[first].bounds) <= 0;
    match in_row(anchor, targets)
        .filter(|row| !aligned && question(row, targets) != question(&at, targets))
    {
        Some(row) => (any_of([first].into_iter().chain(answers(&row)).collect(), targets), true),
        None => (at, true),
    }
}

/// The answers within a distance, nearest first. What stands in another row is further away than its
/// distance.
fn within(anchor: Bounds, reach_um: f64, targets: &[Target]) -> Vec<(usize, f64)> {
    let distances = targets.iter().enumerate().map(|(index, target)| {
        let across = anchor.gap_y(target.bounds).max(0) as f64;
        (index, anchor.distance(target.bounds).hypot(across))
    });
    let mut near: Vec<(usize, f64)> = distances.filter(|(_, um)| *um <= reach_um).collect();
    near.sort_by(|a, b| a.1.total_cmp(&b.1));
    near
}

/// The answer or question in whose row a mark stands; `None` where it stands in no row.
fn in_row(anchor: Bounds, targets: &[Target]) -> Option<At> {
    let (x, y) = ((anchor.left + anchor.right) / 2, anchor.middle_y());
    let row = || {
        let all = targets.iter().enumerate().map(|(at, target)| (at, target.bounds));
        all.filter(|(_, b)| (b.top - ROW_UM..=b.bottom + ROW_UM).contains(&y))
    };
    let left = row().filter(|(_, b)| b.right <= x).max_by_key(|(_, b)| b.right);
    let right = row().filter(|(_, b)| b.left >= x).min_by_key(|(_, b)| b.left);
    // Answers that stand above each other in one row.
    let stacked = |(at, of): (usize, Bounds)| {
        let others = row().filter(move |(other, b)| *other != at && b.gap_x(of) < 0);
        std::iter::once(at).chain(others.map(|(other, _)| other)).collect::<Vec<usize>>()
    };
    let found = match (left, right) {
        (None, None) => return None,
        (Some(one), None) | (None, Some(one)) => stacked(one),
        (Some(left), Some(right)) => {
            let (before, after) = (x - left.1.right, right.1.left - x);
            let first = before <= FIRST_UM && before * FIRST_SHARE <= before + after;
            let second = (after as f64) < NEARER * before as f64;
            if targets[left.0].question == targets[right.0].question {
                let nearest = if before <= after { left } else { right };
                return Some(beside(nearest.0, targets));
            }
            match (first, second) {
                (true, false) => stacked(left),
                (false, true) => stacked(right),
                _ => vec![left.0, right.0],
            }
        }
    };
    Some(one_of(&found, targets))
}

/// What is near a mark that stands in no row.
fn nearby(anchor: Bounds, says: bool, targets: &[Target]) -> Option<At> {
    let near = within(anchor, NEARBY_UM, targets);
    let nearest = near.first().filter(|_| says)?.1;
    let found = near.iter().take_while(|(_, um)| nearest >= NEARER * um);
    let found: Vec<usize> = found.map(|(at, _)| *at).collect();
    Some(any_of(found, targets))
}

/// A mark that touches none of these answers.
fn one_of(found: &[usize], targets: &[Target]) -> At {
    match found {
        [] => At::Nowhere,
        [first, rest @ ..] => {
            let same = |at: &usize| targets[*at].question == targets[*first].question;
            match rest.iter().all(same) {
                true => beside(*first, targets),
                false => any_of(found.to_vec(), targets),
            }
        }
    }
}

/// A mark beside an answer that it does not touch: where the question has others, it names none.
fn beside(nearest: usize, targets: &[Target]) -> At {
    let all = of_question(targets[nearest].question, targets);
    if all.len() == 1 { At::Answer(nearest) } else { At::Question { nearest, all } }
}

/// All answers of the questions that these are of; nearest question first.
fn any_of(found: Vec<usize>, targets: &[Target]) -> At {
    let mut all: Vec<usize> = Vec::new();
    for at in found {
        let more = of_question(targets[at].question, targets);
        all.extend(more.into_iter().filter(|at| !all.contains(at)).collect::<Vec<_>>());
    }
    if all.is_empty() { At::Nowhere } else { At::AnyOf(all) }
}

fn of_question(question: usize, targets: &[Target]) -> Vec<usize> {
    (0..targets.len()).filter(|at| targets[*at].question == question).collect()
}

fn answers(at: &At) -> Vec<usize> {
    match at {
        At::Answer(at) => vec![*at],
        At::Question { all, .. } | At::AnyOf(all) => all.clone(),
        At::Nowhere => Vec::new(),
    }
}

/// The only question that a mark may speak of.
fn question(at: &At, targets: &[Target]) -> Option<usize> {
    match at {
        At::Answer(at) | At::Question { nearest: at, .. } => Some(targets[*at].question),
        At::AnyOf(_) | At::Nowhere => None,
    }
}
