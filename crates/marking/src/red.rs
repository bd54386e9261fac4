//! What the teacher wrote in red: ticks and crosses at a question, points in a score box or beside a
//! question, points taken off, and rings and lines that say "look here".

use recognition::{Alphabet, Context};
use worksheet::PagePoint;

use crate::Thresholds;
use crate::bounds::Bounds;
use crate::placed::{Placed, distance_um};
use crate::read::is_dot;

mod place;
mod shape;
#[cfg(test)]
mod tests;
mod total;

pub(crate) use shape::Shape;

/// Strokes of one mark follow each other at once and touch.
const SAME_MARK_MS: i64 = 1_500;
const SAME_MARK_UM: i64 = 800;
/// A score may stick out of its box.
const SCORE_MARGIN_UM: i64 = 2_000;
/// How tall points beside a question are, at least and at most.
const BARE_UM_MIN: i64 = 2_500;
const BARE_UM_MAX: i64 = 16_000;
/// Digits of one number in red stand no further apart than this, and are nearly as tall.
const DIGIT_GAP_UM: i64 = 3_500;
const DIGITS_ALIKE: i64 = 16;
/// A number with more ink as near beside it is none by itself.
const BESIDE_UM: i64 = 5_000;
/// A decimal point is no larger.
const POINT_UM: i64 = 1_500;
/// A ring around an answer holds this share of its ink's box and is no taller than this against it.
const HOLDS: f64 = 0.7;
const RING_OPEN: f64 = 0.35;
const RING_LENGTH: f64 = 1.95;
/// A line lies under an answer no further than this.
const UNDER_UM: i64 = 3_500;
/// A mark at a question has at most this many strokes; more are unclear.
const STROKES_MAX: usize = 8;

/// Where red ink may belong.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The field and the ink in it.
    pub(crate) bounds: Bounds,
    /// The ink alone.
    pub(crate) ink: Option<Bounds>,
    /// Names the question that it is an answer of: the place of the question's first answer.
    pub(crate) question: usize,
    /// Where the teacher writes points; parts without a key have one, rubrics one per criterion.
    pub(crate) score_boxes: Vec<Bounds>,
}

/// Red strokes that belong together. Numbers are positions in the page's red strokes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RedMark {
    pub(crate) strokes: Vec<usize>,
    pub(crate) at: At,
    pub(crate) says: Says,
    /// The score box of its target that it stands in.
    pub(crate) score_box: Option<usize>,
    /// It stands so far off that, if it is unclear, it may be a remark beside the answer's mark.
    pub(crate) aside: bool,
}

/// Whom a mark speaks of. Numbers are positions in the list of targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// The answer that it touches, or the only one of the question that it stands beside.
    Answer(usize),
    /// A question with several answers, none of which it touches.
    Question {
        /// The answer that it stands nearest to.
        nearest: usize,
        /// All of them.
        all: Vec<usize>,
    },
    /// One of several questions, and nobody can tell which: all of their answers.
    AnyOf(Vec<usize>),
    Nowhere,
}

/// Strokes that belong together, before it is known what they speak of.
struct Group {
    strokes: Vec<usize>,
    bounds: Bounds,
    says: Says,
    at: At,
    /// It stands at its answer, and not only in its row.
    near: bool,
}

/// What a mark says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Says {
    Tick,
    HalfTick,
    Cross,
    /// Points, as read.
    Score(String),
    /// Points taken off, as read: `-2`.
    Deduction(String),
    /// Points written beside a question and not in a score box, as read.
    Bare(String),
    /// A ring around an answer, or a line under it.
    Look,
    /// Points of the whole worksheet, as read.
    Total(String),
    Unclear,
}

/// What reading red ink takes.
pub(crate) struct Reader<'r> {
    pub(crate) recognizer: &'r recognition::Recognizer,
    pub(crate) thresholds: &'r Thresholds,
    pub(crate) scratch: &'r mut recognition::Scratch,
}

impl Reader<'_> {
    /// The marks in `strokes`, ordered by time; every stroke is in one of them.
    pub(crate) fn marks(&mut self, strokes: &[Placed<'_>], targets: &[Target]) -> Vec<RedMark> {
        let (scores, mut rest) = part(strokes, targets);
        let mut marks: Vec<RedMark> = scores
            .into_iter()
            .map(|((target, score_box), ink)| RedMark {
                says: self.score(&ink, strokes),
                at: At::Answer(target),
                strokes: ink,
                score_box: Some(score_box),
                aside: false,
            })
            .collect();
        marks.extend(self.totals(&mut rest, strokes, targets));
        let mut groups: Vec<Group> = group(&rest, strokes)
            .into_iter()
            .filter_map(|group| self.group(group, &rest, strokes, targets))
            .collect();
        doubt_among_remarks(&mut groups);
        join_beside(&mut groups);
        for Group { strokes: group, says, at, near, .. } in groups {
            let ink: Vec<&Placed<'_>> = group.iter().map(|i| &strokes[*i]).collect();
            let says = match (says, &at) {
                // A number with more ink beside it may be a part of one.
                (Says::Unclear, _) if is_part(&group, &rest, strokes) => Says::Unclear,
                (Says::Unclear, At::Answer(of) | At::Question { nearest: of, .. }) => {
                    let points = self.bare(&ink, &targets[*of]);
                    points.filter(|text| near || is_score(text)).map_or(Says::Unclear, Says::Bare)
                }
                (says, _) => says,
            };
            marks.push(RedMark { at, says, strokes: group, score_box: None, aside: !near });
        }
        marks.sort_by_key(|mark| mark.strokes.last().copied());
        marks
    }

    /// What strokes that belong together say by their form, and where they stand.
    fn group(
        &mut self,
        group: Vec<usize>,
        rest: &[usize],
        strokes: &[Placed<'_>],
        targets: &[Target],
    ) -> Option<Group> {
        let ink: Vec<&Placed<'_>> = group.iter().map(|i| &strokes[*i]).collect();
        let bounds = ink.iter().map(|s| s.bounds).reduce(Bounds::union)?;
        if let Some(at) = looked_at(&ink, targets) {
            return Some(Group { strokes: group, bounds, says: Says::Look, at, near: true });
        }
        let (says, anchor) = self.tick_or_cross(&ink);
        // What has the form of a mark may be one, if it is no part of a word.
        let may_say = says != Says::Unclear || anchor.is_some() && !is_part(&group, rest, strokes);
        let (at, near) = place::find(anchor, &ink, may_say, targets);
        Some(Group { strokes: group, bounds, says, at, near })
    }

    /// Points written in a score box; what was crossed out there does not count.
    fn score(&mut self, ink: &[usize], strokes: &[Placed<'_>]) -> Says {
        let placed: Vec<&Placed<'_>> = ink.iter().map(|i| &strokes[*i]).collect();
        if placed.len() > crate::cross_out::STROKES_MAX {
            return Says::Unclear;
        }
        let sorted = crate::cross_out::sort_out(&placed, true);
        let live: Vec<&Placed<'_>> = sorted.live.iter().map(|i| placed[*i]).collect();
        match self.read_points(&live).filter(|_| !sorted.overwritten) {
            Some(text) => Says::Score(text),
            None => Says::Unclear,
        }
    }

    /// Points beside a question: a number next to its field and not in it, where a digit may be the
    /// teacher's correction. A ring is no 0, a stroke no 1, and what may be a tick no 7.
    fn bare(&mut self, ink: &[&Placed<'_>], of: &Target) -> Option<String> {
        let bounds = ink.iter().map(|s| s.bounds).reduce(Bounds::union)?;
        let level = (of.bounds.top..=of.bounds.bottom).contains(&bounds.middle_y());
        let beside = level && bounds.gap_x(of.bounds) >= 0 && bounds.extent() <= BARE_UM_MAX;
        if !beside || bounds.height() < BARE_UM_MIN {
            return None;
        }
        self.read_points(ink).filter(|text| !matches!(text.as_str(), "0" | "1" | "7"))
    }

    /// A number of points, if it is surely read.
    fn read_points(&mut self, ink: &[&Placed<'_>]) -> Option<String> {
        let context = Context { symbol_height_um: None, only: None };
        let reading =
            crate::read::read_as(self.recognizer, ink, Alphabet::Decimal, &context, self.scratch)?;
        let sure = reading.probability >= self.thresholds.decide_number_min;
        sure.then_some(reading.text)
    }

    /// What a mark at a question says, and its point that shows which. Its form and the
    /// recognizer must agree: either alone takes any line for one or the other.
    fn tick_or_cross(&mut self, ink: &[&Placed<'_>]) -> (Says, Option<PagePoint>) {
        if ink.len() > STROKES_MAX {
            return (Says::Unclear, None);
        }
        if let Some((minus, points)) = shape::minus(ink) {
            let says = match self.read_points(&points) {
                Some(text) => Says::Deduction(text),
                None => Says::Unclear,
            };
            return (says, Some(minus));
        }
        let found = shape::find(ink);
        let (Some(shape), anchor) = found else { return (Says::Unclear, None) };
        let body = if shape == Shape::HalfTick { &ink[..1] } else { ink };
        let context = Context { symbol_height_um: None, only: None };
        let reading = crate::read::read_as(
            self.recognizer,
            body,
            Alphabet::TrueFalse,
            &context,
            self.scratch,
        );
        let agrees = |text: &str| {
            reading
                .as_ref()
                .is_some_and(|r| r.text == text && r.probability >= self.thresholds.red_min)
        };
        let says = match shape {
            Shape::Tick if agrees("√") => Says::Tick,
            Shape::HalfTick if agrees("√") => Says::HalfTick,
            Shape::Cross if agrees("×") => Says::Cross,
            _ => Says::Unclear,
        };
        (says, anchor)
    }
}

/// Whether points are such as teachers give: whole ones and halves. Other numbers far from an answer
/// are dates and the like.
fn is_score(text: &str) -> bool {
    !text.contains('.') || text.ends_with(".5")
}

/// Whether two groups stand close beside each other in a line.
fn are_beside(one: &Group, other: &Group) -> bool {
    one.bounds.gap_x(other.bounds) <= BESIDE_UM && one.bounds.gap_y(other.bounds) < 0
}

fn is_sign(says: &Says) -> bool {
    matches!(says, Says::Tick | Says::HalfTick | Says::Cross)
}

/// In a line of writing far from an answer, what looks like a tick or a cross may be a part of a word.
fn doubt_among_remarks(groups: &mut [Group]) {
    let is_word = |at: &usize| {
        let group = &groups[*at];
        let beside = |other: &&Group| other.says == Says::Unclear && are_beside(other, group);
        !group.near && is_sign(&group.says) && groups.iter().any(|other| beside(&other))
    };
    let words: Vec<usize> = (0..groups.len()).filter(is_word).collect();
    words.into_iter().for_each(|at| groups[at].says = Says::Unclear);
}

/// What stands beside a tick or a cross speaks of the same answer: points taken off above all.
fn join_beside(groups: &mut [Group]) {
    let joins = |group: &&Group| match group.says {
        Says::Deduction(_) => true,
        Says::Unclear => !group.near,
        _ => false,
    };
    let joined = |at: usize| {
        let group = Some(&groups[at]).filter(joins)?;
        let signs = groups.iter().filter(|other| is_sign(&other.says) && are_beside(other, group));
        let sign = signs.min_by_key(|other| other.bounds.gap_x(group.bounds).max(0))?;
        Some((at, sign.at.clone(), sign.near))
    };
    let joined: Vec<_> = (0..groups.len()).filter_map(joined).collect();
    for (index, at, near) in joined {
        (groups[index].at, groups[index].near) = (at, near);
    }
}

/// A score box: its target, and its place among the target's.
type ScoreBox = (usize, usize);

/// Parts red ink into what lies in score boxes, and the rest.
fn part(strokes: &[Placed<'_>], targets: &[Target]) -> (Vec<(ScoreBox, Vec<usize>)>, Vec<usize>) {
    let boxes: Vec<(ScoreBox, Bounds)> = (targets.iter().enumerate())
        .flat_map(|(target, of)| {
            let boxes = of.score_boxes.iter().enumerate();
            boxes.map(move |(at, bounds)| ((target, at), bounds.grown(SCORE_MARGIN_UM)))
        })
        .collect();
    let mut scores: Vec<(ScoreBox, Vec<usize>)> = Vec::new();
    let mut rest = Vec::new();
    for (index, stroke) in strokes.iter().enumerate() {
        let home = boxes.iter().find(|(_, bounds)| stroke.share_inside(*bounds) >= 0.5);
        match home {
            None => rest.push(index),
            Some((home, _)) => match scores.iter_mut().find(|(other, _)| other == home) {
                Some((_, ink)) => ink.push(index),
                None => scores.push((*home, vec![index])),
            },
        }
    }
    (scores, rest)
}

/// Whether red ink stands close beside a group of strokes, in their line.
fn is_part(group: &[usize], rest: &[usize], strokes: &[Placed<'_>]) -> bool {
    let Some(bounds) = group.iter().map(|i| strokes[*i].bounds).reduce(Bounds::union) else {
        return false;
    };
    let beside = |index: &&usize| {
        let other = strokes[**index].bounds;
        other.gap_x(bounds) <= BESIDE_UM
            && other.gap_y(bounds) < 0
            && (!is_dot(&strokes[**index]) || other.middle_y() >= bounds.middle_y())
    };
    rest.iter().filter(|index| !group.contains(index)).any(|index| beside(&index))
}

/// Whether a stroke is the next digit or the point of a number, or stands behind a sign; what has the form of a tick or a cross is none.
fn goes_on(stroke: &Placed<'_>, group: &[usize], bounds: Bounds, strokes: &[Placed<'_>]) -> bool {
    let next = stroke.bounds;
    let before: Vec<&Placed<'_>> = group.iter().map(|i| &strokes[*i]).collect();
    let is_stem = |stroke: &&Placed<'_>| stroke.straightness() >= crate::cross_out::STRAIGHT;
    let alike = 10 * next.height() <= DIGITS_ALIKE * bounds.height()
        && 10 * bounds.height() <= DIGITS_ALIKE * next.height();
    let in_line = -2 * next.gap_y(bounds) >= next.height().min(bounds.height());
    let is_point = next.extent() <= POINT_UM
        && next.middle_y() >= bounds.middle_y()
        && next.top <= bounds.bottom + POINT_UM;
    (alike && in_line || is_point || shape::is_behind(next, bounds))
        && (0..=DIGIT_GAP_UM).contains(&(next.left - bounds.right))
        && (before.iter().all(is_stem) || shape::find(&before).0.is_none())
        && (is_stem(&stroke) || shape::find(&[stroke]).0.is_none())
}

/// Whether a stroke stands by a tick and does not touch it: a tick has no such part.
fn is_behind_tick(stroke: &Placed<'_>, group: &[usize], strokes: &[Placed<'_>]) -> bool {
    let [only] = group else { return false };
    let tick = &strokes[*only];
    shape::find(&[tick]).0 == Some(Shape::Tick)
        && !shape::is_minus(tick)
        && !crate::lines::touch(tick, stroke)
        && shape::find(&[tick, stroke]).0.is_none()
}

/// Groups strokes, ordered by time, into marks: a stroke that follows at once and touches joins, and
/// so does a digit that stands behind a minus or behind another one.
fn group(rest: &[usize], strokes: &[Placed<'_>]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(Vec<usize>, Bounds)> = Vec::new();
    for &index in rest {
        let stroke = &strokes[index];
        let joins = groups.last().is_some_and(|(group, bounds)| {
            let before = group.last().map_or(i64::MIN, |i| strokes[*i].end_ms);
            stroke.start_ms.saturating_sub(before) <= SAME_MARK_MS
                && !is_behind_tick(stroke, group, strokes)
                && (stroke.bounds.grown(SAME_MARK_UM).meets(*bounds)
                    || goes_on(stroke, group, *bounds, strokes)
                    || shape::is_minus(&strokes[group[0]])
                        && shape::is_behind(stroke.bounds, *bounds))
        });
        match groups.last_mut() {
            Some((group, bounds)) if joins => {
                group.push(index);
                *bounds = bounds.union(stroke.bounds);
            }
            _ => groups.push((vec![index], stroke.bounds)),
        }
    }
    groups.into_iter().map(|(group, _)| group).collect()
}

/// The answer that a single stroke goes around, or lies under; `None` where it is neither.
fn looked_at(ink: &[&Placed<'_>], targets: &[Target]) -> Option<At> {
    let [stroke] = ink else { return None };
    let mark = stroke.bounds;
    let ends = distance_um(stroke.first(), stroke.last());
    let is_ring = ends <= RING_OPEN * mark.diagonal()
        && stroke.length_um >= RING_LENGTH * mark.diagonal()
        && 4 * mark.height() >= mark.width();
    let is_line =
        stroke.straightness() >= crate::cross_out::STRAIGHT && mark.width() >= 5 * mark.height();
    let is_of = |target: &&(usize, Bounds)| {
        let of = target.1;
        let area = |b: Bounds| b.width().max(1) as f64 * b.height().max(1) as f64;
        let held = || of.intersection(mark).map_or(0.0, area) / area(of);
        let under = || {
            (-UNDER_UM / 4..=UNDER_UM).contains(&(mark.top - of.bottom))
                && -mark.gap_x(of) * 10 >= of.width() * 6
                && mark.width() <= 2 * of.width()
        };
        is_ring && held() >= HOLDS || is_line && under()
    };
    let answers = targets.iter().enumerate().filter_map(|(at, target)| Some((at, target.ink?)));
    let answers: Vec<(usize, Bounds)> = answers.collect();
    match answers.iter().filter(is_of).collect::<Vec<_>>().as_slice() {
        [] => None,
        [(only, _)] => Some(At::Answer(*only)),
        [(first, _), (second, _)] => Some(At::AnyOf(vec![*first, *second])),
        // Around so much it is a remark on the page.
        _ => Some(At::Nowhere),
    }
}
