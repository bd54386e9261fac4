//! Readings against keys.

use std::collections::BTreeSet;

use worksheet::{Accepted, Decimal, Review, Score, Steps, StepsOutcome, Written};

use crate::{MarkOf, Verdict};

#[cfg(test)]
mod tests;

/// All the points, or none.
pub(crate) fn verdict(right: bool, points: Score) -> MarkOf {
    let (verdict, score) =
        if right { (Verdict::Right, points) } else { (Verdict::Wrong, Score(0)) };
    MarkOf { verdict, score }
}

/// Each step that follows from the one before earns its share of the points, so that what follows
/// rightly from a slip does; the share is rounded down to a tenth. A slip is one if what was read is
/// `certain`.
///
/// # Errors
/// Why a person must decide.
pub(crate) fn steps(
    steps: &Steps,
    certain: bool,
    key: &Accepted,
    points: Score,
) -> Result<MarkOf, Review> {
    let judged = key.answers.iter().filter_map(|answer| match answer {
        Written::Steps(key) => Some(steps.against(key)),
        _ => None,
    });
    // Of several keys, the one that says most in the pupil's favour.
    let rank = |outcome: StepsOutcome| match outcome {
        StepsOutcome::Right => (0, 0),
        StepsOutcome::Slips(slips) => (1, slips),
        StepsOutcome::Unclear | StepsOutcome::Unfinished => (2, 0),
        StepsOutcome::AnotherWay => (3, 0),
    };
    let Some(judged) = judged.min_by_key(|judged| rank(judged.outcome)) else {
        return Err(Review::AnotherWay);
    };
    match judged.outcome {
        StepsOutcome::Right => Ok(verdict(true, points)),
        StepsOutcome::Slips(_) if !certain => Err(Review::LowConfidence),
        StepsOutcome::Slips(slips) => {
            let all = judged.steps.len().max(1) as u32;
            let right = all.saturating_sub(slips as u32);
            let score = Score(points.0 * right / all);
            let verdict = if score == Score(0) { Verdict::Wrong } else { Verdict::Partly };
            Ok(MarkOf { verdict, score })
        }
        StepsOutcome::Unclear => Err(Review::LowConfidence),
        StepsOutcome::Unfinished => Err(Review::Unfinished),
        StepsOutcome::AnotherWay => Err(Review::AnotherWay),
    }
}

/// Each pair of the key that was joined earns its share, rounded down to a tenth; a pair that is none
/// of the key's costs one of these.
pub(crate) fn pairs(joined: &BTreeSet<(char, char)>, key: &Accepted, points: Score) -> MarkOf {
    let right = |answer: &Written| match answer {
        Written::Pairs(key) => {
            let found = joined.intersection(key).count();
            let more = joined.len().saturating_sub(key.len());
            let all = key.len().max(1) as u32;
            Some(points.0 * (found.saturating_sub(more) as u32) / all)
        }
        _ => None,
    };
    let score = Score(key.answers.iter().filter_map(right).max().unwrap_or(0));
    let verdict = match score {
        Score(0) => Verdict::Wrong,
        all if all == points => Verdict::Right,
        _ => Verdict::Partly,
    };
    MarkOf { verdict, score }
}

/// What is left when points are taken off in red; `None` where it is no number, nothing, or more than
/// `points`.
pub(crate) fn deduction(text: &str, points: Score) -> Option<MarkOf> {
    let off = Decimal::parse(text)?.tenths()?;
    let left = Score(points.0.checked_sub(off).filter(|_| off > 0)?);
    let verdict = if left == Score(0) { Verdict::Wrong } else { Verdict::Partly };
    Some(MarkOf { verdict, score: left })
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
