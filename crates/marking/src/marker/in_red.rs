//! What the red pen's marks say of responses.

use std::collections::{BTreeMap, BTreeSet};

use worksheet::{Criterion, PartOf, Review, Score};

use crate::bounds::Bounds;
use crate::red::{At, RedMark, Says};
use crate::{CriterionMark, MarkOf, Response, Verdict, judge};

/// The score boxes of a part, each with the criterion that it is for; `None`: for all of it.
pub(super) fn score_boxes(of: PartOf<'_>) -> impl Iterator<Item = (Option<&Criterion>, Bounds)> {
    let whole = of.part.score_box.map(|rect| (None, Bounds::of(rect)));
    let criteria = of.part.criteria().iter();
    let criteria = criteria.filter_map(|c| Some((Some(c), Bounds::of(c.score_box?))));
    whole.into_iter().chain(criteria)
}

/// What the red pen says besides verdicts on responses.
#[derive(Default)]
pub(super) struct GivenInRed {
    /// Of criteria, by response and place in the rubric; `None`: nobody can tell.
    criteria: BTreeMap<(usize, String), Option<MarkOf>>,
    /// Responses that it points at.
    looked_at: BTreeSet<usize>,
}

impl GivenInRed {
    /// Writes what a red mark says into the response it speaks of, and returns that; a later mark
    /// replaces an earlier one.
    pub(super) fn apply<'r>(
        &mut self,
        mark: &RedMark,
        parts: &[PartOf<'_>],
        responses: &'r mut [Response],
    ) -> Option<&'r mut Response> {
        let index = match mark.at {
            At::Nowhere => return None,
            At::Question(index) => index,
            At::Between(first, second) => {
                for unclear in [first, second] {
                    responses[unclear].red_mark = None;
                    responses[unclear].review = Some(Review::RedUnclear);
                }
                return Some(&mut responses[first]);
            }
        };
        let (of, response) = (parts[index], &mut responses[index]);
        if mark.says == Says::Look {
            self.looked_at.insert(index);
            return Some(response);
        }
        // Where points are written, other marks are remarks on single lines.
        let scores = of.part.criteria().is_empty() && matches!(mark.says, Says::Bare(_));
        if of.part.accepted().is_none() && mark.score_box.is_none() && !scores {
            return Some(response);
        }
        let criterion = mark.score_box.and_then(|at| score_boxes(of).nth(at)?.0);
        let all = criterion.map_or(of.part.points, |criterion| criterion.points);
        let given = match &mark.says {
            Says::Tick => Some(MarkOf { verdict: Verdict::Right, score: all }),
            Says::HalfTick => Some(MarkOf { verdict: Verdict::Partly, score: Score(all.0 / 2) }),
            Says::Cross => Some(MarkOf { verdict: Verdict::Wrong, score: Score(0) }),
            Says::Score(text) | Says::Bare(text) => judge::score(text, all),
            Says::Deduction(text) => judge::deduction(text, all),
            Says::Unclear | Says::Look | Says::Total(_) => None,
        };
        match criterion {
            Some(criterion) => drop(self.criteria.insert((index, criterion.id.clone()), given)),
            None => {
                response.red_mark = given;
                response.review = if given.is_some() { None } else { Some(Review::RedUnclear) };
            }
        }
        Some(response)
    }

    /// A rubric is decided once each of its criteria is. A ring says that something is wrong: it
    /// changes no other mark, and where nothing else says so, a person must look.
    pub(super) fn finish(self, parts: &[PartOf<'_>], responses: &mut [Response]) {
        for index in self.looked_at {
            let response = &mut responses[index];
            let wrong = response
                .machine
                .is_some_and(|mark| matches!(mark.verdict, Verdict::Wrong | Verdict::Partly));
            let scored = parts[index].part.accepted().is_none();
            if response.red_mark.is_none() && !wrong && !scored {
                response.review = Some(Review::RedUnclear);
            }
        }
        for ((index, criterion), given) in self.criteria {
            let response = &mut responses[index];
            match given {
                Some(mark) => response.red_criteria.push(CriterionMark { criterion, mark }),
                None => response.review = Some(Review::RedUnclear),
            }
            if response.red_criteria.len() == parts[index].part.criteria().len() {
                response.review = None;
            }
        }
    }
}
