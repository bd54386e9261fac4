//! Readings against keys.

use worksheet::{Decimal, Score};

use crate::{MarkOf, Verdict};

#[cfg(test)]
mod tests;

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
