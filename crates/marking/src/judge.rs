//! Readings against keys.

use worksheet::{Accepted, Decimal, Score, Written};

use crate::{MarkOf, Verdict};

#[cfg(test)]
mod tests;

/// Blanks that may change places: which keys their answers match, each key used once. `answers` and
/// the result are in the order of `keys`; where nothing certain is written, no key is given.
///
/// As many answers are right as can be, and an answer keeps its own key where it may.
pub(crate) fn right_in_any_order(keys: &[&Accepted], answers: &[Option<&Written>]) -> Vec<bool> {
    let is_own = |at: &usize| answers[*at].is_some_and(|written| keys[*at].holds(written));
    let mut owner: Vec<Option<usize>> = (0..keys.len()).map(|at| Some(at).filter(is_own)).collect();
    // Kuhn's algorithm: each of the others takes a key, and moves its owner on if need be.
    for answer in (0..answers.len()).filter(|at| !is_own(at)) {
        take(answer, keys, answers, &mut owner, &mut vec![false; keys.len()]);
    }
    (0..answers.len()).map(|answer| owner.contains(&Some(answer))).collect()
}

fn take(
    answer: usize,
    keys: &[&Accepted],
    answers: &[Option<&Written>],
    owner: &mut [Option<usize>],
    tried: &mut [bool],
) -> bool {
    let Some(written) = answers[answer] else { return false };
    for key in 0..keys.len() {
        if tried[key] || !keys[key].holds(written) {
            continue;
        }
        tried[key] = true;
        if owner[key].is_none_or(|other| take(other, keys, answers, owner, tried)) {
            owner[key] = Some(answer);
            return true;
        }
    }
    false
}

/// All the points, or none.
pub(crate) fn verdict(right: bool, points: Score) -> MarkOf {
    let (verdict, score) =
        if right { (Verdict::Right, points) } else { (Verdict::Wrong, Score(0)) };
    MarkOf { verdict, score }
}

/// A score as written in red; `None` where it is none, or more than `points`.
pub(crate) fn score(text: &str, points: Score) -> Option<MarkOf> {
    let score = Score(Decimal::parse(text)?.tenths()?);
    let verdict = match score {
        Score(0) => Verdict::Wrong,
        all if all == points => Verdict::Right,
        some if some < points => Verdict::Partly,
        _ => return None,
    };
    Some(MarkOf { verdict, score })
}
