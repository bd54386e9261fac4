//! What is given, as verdicts.

use worksheet::{Decimal, Score};

use crate::{MarkOf, Verdict};

#[cfg(test)]
mod tests;

/// What a score is of so many points.
pub(crate) fn of(score: Score, points: Score) -> MarkOf {
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

/// The points of everything, as written in red. More than there are, out of a hundred perhaps, are
/// shown as what they are; a larger number is none.
pub(crate) fn total(text: &str, points: Score) -> Option<Score> {
    let total = Score(Decimal::parse(text)?.tenths()?);
    (total <= points.max(Score(1_000))).then_some(total)
}

/// A score as written in red; `None` where it is none, or more than `points`.
pub(crate) fn score(text: &str, points: Score) -> Option<MarkOf> {
    let score = Score(Decimal::parse(text)?.tenths()?);
    (score <= points).then(|| of(score, points))
}
