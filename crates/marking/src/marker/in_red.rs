//! What the red pen's marks say of responses, all marks at an answer together.

use std::collections::BTreeMap;

use ink::StrokeKey;
use worksheet::{Criterion, Key, PartOf, Review, Score, Written};

use crate::bounds::Bounds;
use crate::placed::Placed;
use crate::red::{At, RedMark, Says};
use crate::{CriterionMark, MarkOf, Response, Verdict, judge};

/// The score boxes of a part, each with the criterion that it is for; `None`: for all of it.
pub(super) fn score_boxes(of: PartOf<'_>) -> impl Iterator<Item = (Option<&Criterion>, Bounds)> {
    let whole = of.part.score_box.map(|rect| (None, Bounds::of(rect)));
    let criteria = of.part.criteria().iter();
    let criteria = criteria.filter_map(|c| Some((Some(c), Bounds::of(c.score_box?))));
    whole.into_iter().chain(criteria)
}

/// One mark at one answer.
struct Given<'m> {
    /// When it was written, Unix milliseconds.
    at_ms: i64,
    says: &'m Says,
}

/// Writes what the red marks say into the responses; gives the strokes that speak of none of them.
pub(super) fn give(
    marks: &[RedMark],
    red: &[Placed<'_>],
    parts: &[PartOf<'_>],
    responses: &mut [Response],
) -> Vec<StrokeKey> {
    let mut loose = Vec::new();
    let mut given: Vec<Vec<Given<'_>>> = parts.iter().map(|_| Vec::new()).collect();
    // Of criteria, by response and place in the rubric; `None`: nobody can tell.
    let mut criteria: BTreeMap<(usize, &str), Option<MarkOf>> = BTreeMap::new();
    let (mut looked_at, mut aside, mut unplaced) = (Vec::new(), Vec::new(), Vec::new());
    for mark in marks {
        let keys = mark.strokes.iter().map(|i| red[*i].key);
        let nearest = match &mark.at {
            At::Nowhere => None,
            At::Answer(at) | At::Question { nearest: at, .. } => Some(*at),
            At::AnyOf(all) => all.first().copied(),
        };
        let Some(nearest) = nearest else {
            loose.extend(keys);
            continue;
        };
        responses[nearest].red.extend(keys);
        let at_ms = mark.strokes.iter().map(|i| red[*i].end_ms).max().unwrap_or(i64::MIN);
        let one = Given { at_ms, says: &mark.says };
        match (&mark.says, &mark.at) {
            (Says::Look, At::AnyOf(all)) => looked_at.extend(all),
            (Says::Look, _) => looked_at.push(nearest),
            (says, At::AnyOf(all)) => unplaced.push((says, mark, all.clone())),
            (Says::Unclear, _) if mark.aside => aside.push(nearest),
            _ => {
                if let Some(at) = mark.score_box
                    && let Some((Some(criterion), _)) = score_boxes(parts[nearest]).nth(at)
                {
                    let mark = judged(&[&one], criterion.points).ok();
                    criteria.insert((nearest, &criterion.id), mark);
                    continue;
                }
                let (sure, others) = spoken_of(mark, nearest, marks, parts);
                let score_box = mark.score_box.is_some();
                let all: Vec<usize> = sure.iter().chain(&others).copied().collect();
                let says = match (all.len(), &mark.at) {
                    (1, _) => Some(one.says),
                    // It touches one of them, and counts there as what it is.
                    (_, At::Answer(_)) if sure.len() == 1 => Some(one.says),
                    _ => of_several(one.says, &all, parts),
                };
                for at in all.into_iter().filter(|at| speaks(parts[*at], one.says, score_box)) {
                    // A question that is ticked is right, where nothing speaks against it.
                    let open = responses[at].machine.is_none() || responses[at].review.is_some();
                    let whole = matches!(mark.at, At::Question { .. });
                    match says {
                        Some(says) if sure.contains(&at) => given[at].push(Given { at_ms, says }),
                        Some(says @ Says::Tick) if whole && open => {
                            given[at].push(Given { at_ms, says });
                        }
                        says => unplaced.push((says.unwrap_or(one.says), mark, vec![at])),
                    }
                }
            }
        }
    }
    for ((part, response), given) in parts.iter().zip(&mut *responses).zip(&given) {
        let given = after_the_answer(given, response.last_ms);
        match judged(&given, part.part.points) {
            _ if given.is_empty() => {}
            Ok(mark) => (response.red_mark, response.review) = (Some(mark), None),
            Err(review) => doubt(response, review),
        }
    }
    for at in aside.into_iter().filter(|at| parts[*at].part.accepted().is_some()) {
        if responses[at].red_mark.is_none() {
            doubt(&mut responses[at], Review::RedUnclear);
        }
    }
    for (says, mark, all) in unplaced {
        let keys: Vec<StrokeKey> = mark.strokes.iter().map(|i| red[*i].key).collect();
        for at in doubt_what_it_changes(says, &all, parts, &given, responses) {
            // Whoever decides sees the mark beside each of them.
            let shown = &mut responses[at].red;
            let more = keys.iter().copied().filter(|key| !shown.contains(key));
            let more: Vec<StrokeKey> = more.collect();
            shown.extend(more);
        }
    }
    look(&looked_at, parts, responses);
    finish_rubrics(criteria, parts, responses);
    loose
}

/// A person must say; what the machine thinks does not count till then.
fn doubt(response: &mut Response, review: Review) {
    (response.red_mark, response.machine) = (None, None);
    response.review = Some(review);
}

/// Whether a mark is one on this answer. Where points are written, other marks are remarks on single
/// lines.
fn speaks(of: PartOf<'_>, says: &Says, score_box: bool) -> bool {
    let scores = of.part.criteria().is_empty() && matches!(says, Says::Bare(_));
    of.part.accepted().is_some() || score_box || scores
}

/// The answers that a mark speaks of for sure, and those of which it may too.
fn spoken_of(
    mark: &RedMark,
    nearest: usize,
    marks: &[RedMark],
    parts: &[PartOf<'_>],
) -> (Vec<usize>, Vec<usize>) {
    let question = |at: usize| at - parts[at].at;
    let of_same = |other: &RedMark| match &other.at {
        At::Answer(at) | At::Question { nearest: at, .. }
            if !other.aside || other.says != Says::Unclear =>
        {
            Some(*at).filter(|at| other.says != Says::Look && question(*at) == question(nearest))
        }
        _ => None,
    };
    // Where several answers of a question have marks, each mark is that of one.
    let alone = marks.iter().filter_map(of_same).all(|at| at == nearest);
    let from = question(nearest);
    let whole = parts[nearest].question;
    let one_thing = whole.credit.all_or_nothing.iter().find(|all| all.contains(&parts[nearest].at));
    let one_thing: Vec<usize> = one_thing.map_or_else(
        || vec![nearest],
        |all| all.iter().map(|at| from + at).filter(|at| *at < parts.len()).collect(),
    );
    let others = |sure: &[usize]| -> Vec<usize> {
        let all = from..(from + whole.parts.len()).min(parts.len());
        all.filter(|at| !sure.contains(at) && parts[*at].part.accepted().is_some()).collect()
    };
    match &mark.at {
        At::Question { all, .. } if alone && is_order(parts[nearest]) => (all.clone(), Vec::new()),
        At::Question { .. } if alone => {
            let rest = others(&one_thing);
            (one_thing, rest)
        }
        At::Answer(_) if alone && mark.score_box.is_none() && is_order(parts[nearest]) => {
            let rest = others(&one_thing);
            (one_thing, rest)
        }
        _ if one_thing.len() > 1 && alone => (one_thing, Vec::new()),
        _ => (vec![nearest], Vec::new()),
    }
}

/// Whether a question asks for an order: its answers are places, each of them once.
fn is_order(of: PartOf<'_>) -> bool {
    let place = |part: &worksheet::Part| match (&part.field, &part.key) {
        (worksheet::Field::Bracket(_), Key::Accepted(accepted)) => {
            match accepted.answers.as_slice() {
                [Written::Number(place)] => place.to_string().parse::<usize>().ok(),
                _ => None,
            }
        }
        _ => None,
    };
    let places: Option<Vec<usize>> = of.question.parts.iter().map(place).collect();
    let Some(mut places) = places.filter(|places| places.len() > 1) else { return false };
    places.sort_unstable();
    places.into_iter().eq(1..=of.question.parts.len())
}

/// What a mark on several answers says of each of them; `None` where that cannot be told.
fn of_several(says: &Says, all: &[usize], parts: &[PartOf<'_>]) -> Option<&'static Says> {
    let points = Score(all.iter().map(|at| parts[*at].part.points.0).sum());
    match says {
        Says::Tick => Some(&Says::Tick),
        Says::Cross => Some(&Says::Cross),
        Says::Score(text) | Says::Bare(text) => match judge::score(text, points)?.verdict {
            Verdict::Right => Some(&Says::Tick),
            Verdict::Wrong => Some(&Says::Cross),
            Verdict::Partly | Verdict::Blank => None,
        },
        _ => None,
    }
}

/// Where the pupil wrote on after a mark, and another mark came after that, the former speaks of what
/// stood there then.
fn after_the_answer<'g, 'm>(given: &'g [Given<'m>], last_ms: Option<i64>) -> Vec<&'g Given<'m>> {
    let later = |given: &&Given<'_>| last_ms.is_none_or(|last_ms| given.at_ms > last_ms);
    let any = given.iter().any(|given| later(&given));
    given.iter().filter(|given| !any || later(given)).collect()
}

/// What all marks at an answer come to. A tick or half a tick with points taken off: the points that
/// are left, since teachers tick what they have looked at and write beside it what it lacks.
fn judged(given: &[&Given<'_>], all: Score) -> Result<MarkOf, Review> {
    let (mut sign, mut points, mut off): (Option<&Says>, Option<MarkOf>, bool) =
        (None, None, false);
    for given in given {
        let exact = match given.says {
            says @ (Says::Tick | Says::HalfTick | Says::Cross) => {
                if sign.is_some_and(|sign| sign != says) {
                    return Err(Review::RedContradicts);
                }
                sign = Some(says);
                continue;
            }
            Says::Score(text) | Says::Bare(text) => judge::score(text, all),
            Says::Deduction(text) => {
                off = true;
                judge::deduction(text, all)
            }
            Says::Unclear | Says::Look | Says::Total(_) => None,
        };
        let exact = exact.ok_or(Review::RedUnclear)?;
        if points.is_some_and(|points| points != exact) {
            return Err(Review::RedContradicts);
        }
        points = Some(exact);
    }
    let by_sign = sign.map(|sign| match sign {
        Says::Tick => MarkOf { verdict: Verdict::Right, score: all },
        Says::HalfTick => MarkOf { verdict: Verdict::Partly, score: Score(all.0 / 2) },
        _ => MarkOf { verdict: Verdict::Wrong, score: Score(0) },
    });
    match (by_sign, points) {
        (None, None) => Err(Review::RedUnclear),
        (Some(mark), None) | (None, Some(mark)) => Ok(mark),
        (Some(sign), Some(points)) => {
            let agree = match sign.verdict {
                Verdict::Right => points.verdict == Verdict::Right || off,
                Verdict::Partly => points.verdict == Verdict::Partly,
                Verdict::Wrong | Verdict::Blank => points.verdict == Verdict::Wrong,
            };
            if agree { Ok(points) } else { Err(Review::RedContradicts) }
        }
    }
}

/// Of a mark that is that of one of several answers, nobody knows of which: those whose verdict it
/// would change go to a person, and are given. Answers with marks of their own are not meant, unless
/// all have some.
fn doubt_what_it_changes(
    says: &Says,
    all: &[usize],
    parts: &[PartOf<'_>],
    given: &[Vec<Given<'_>>],
    responses: &mut [Response],
) -> Vec<usize> {
    let keyed: Vec<usize> =
        all.iter().copied().filter(|at| parts[*at].part.accepted().is_some()).collect();
    let has_own = |at: &usize| !given[*at].is_empty();
    let meant = |at: &usize| !has_own(at) || keyed.iter().all(has_own);
    let mut doubted = Vec::new();
    for at in keyed.iter().copied().filter(meant) {
        let one = Given { at_ms: 0, says };
        let would = judged(&[&one], parts[at].part.points).ok();
        let response = &mut responses[at];
        let stands = response.red_mark.or(response.machine.filter(|_| response.review.is_none()));
        if would.is_none() || would.map(|mark| mark.score) != stands.map(|mark| mark.score) {
            doubt(response, Review::RedUnplaced);
            doubted.push(at);
        }
    }
    doubted
}

/// A ring says that something is wrong: it changes no other mark, and where nothing else says so, a
/// person must look.
fn look(looked_at: &[usize], parts: &[PartOf<'_>], responses: &mut [Response]) {
    for at in looked_at {
        let response = &mut responses[*at];
        let wrong = (response.machine)
            .is_some_and(|mark| matches!(mark.verdict, Verdict::Wrong | Verdict::Partly));
        let scored = parts[*at].part.accepted().is_none();
        if response.red_mark.is_none() && !wrong && !scored {
            doubt(response, Review::RedUnclear);
        }
    }
}

/// A rubric is decided once each of its criteria is.
fn finish_rubrics(
    criteria: BTreeMap<(usize, &str), Option<MarkOf>>,
    parts: &[PartOf<'_>],
    responses: &mut [Response],
) {
    for ((index, criterion), given) in criteria {
        let response = &mut responses[index];
        let criterion = criterion.to_owned();
        match given {
            Some(mark) => response.red_criteria.push(CriterionMark { criterion, mark }),
            None => response.review = Some(Review::RedUnclear),
        }
        if response.red_criteria.len() == parts[index].part.criteria().len() {
            response.review = None;
        }
    }
}
