//! What the teacher wrote in red: ticks and crosses at a question, points in a score box or beside a
//! question, points taken off, and rings and lines that say "look here".

use recognition::{Alphabet, Context};
use worksheet::PagePoint;

use crate::Thresholds;
use crate::bounds::Bounds;
use crate::placed::{Placed, distance_um};
use crate::read::is_dot;

mod shape;
#[cfg(test)]
mod tests;

pub(crate) use shape::Shape;

/// Strokes of one mark follow each other at once and touch.
const SAME_MARK_MS: i64 = 1_500;
const SAME_MARK_UM: i64 = 800;
/// How far from its question a mark may stand.
const REACH_UM: f64 = 8_000.0;
/// A mark is one question's if that is nearer than this share of the distance to the next one.
const NEARER: f64 = 0.6;
/// A larger mark is a remark on the page, not on one question.
const EXTENT_UM_MAX: i64 = 45_000;
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
/// Points at the head of a page are at least this tall.
const TOTAL_UM_MIN: i64 = 5_000;
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
}

/// Whom a mark speaks of. Numbers are positions in the list of targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    Question(usize),
    /// As near to one as to the other.
    Between(usize, usize),
    Nowhere,
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
        let (scores, rest) = part(strokes, targets);
        let mut marks: Vec<RedMark> = scores
            .into_iter()
            .map(|((target, score_box), ink)| RedMark {
                says: self.score(&ink, strokes),
                at: At::Question(target),
                strokes: ink,
                score_box: Some(score_box),
            })
            .collect();
        for group in group(&rest, strokes) {
            let ink: Vec<&Placed<'_>> = group.iter().map(|i| &strokes[*i]).collect();
            if let Some(at) = looked_at(&ink, targets) {
                marks.push(RedMark { at, says: Says::Look, strokes: group, score_box: None });
                continue;
            }
            let (says, anchor) = self.tick_or_cross(&ink);
            let at = locate(anchor, &ink, targets);
            let says = match (says, at) {
                // A number with more ink beside it may be a part of one.
                (Says::Unclear, _) if is_part(&group, &rest, strokes) => Says::Unclear,
                (Says::Unclear, At::Question(of)) => {
                    self.bare(&ink, &targets[of]).map_or(Says::Unclear, Says::Bare)
                }
                (Says::Unclear, At::Nowhere) => {
                    self.total(&ink, targets).map_or(Says::Unclear, Says::Total)
                }
                (says, _) => says,
            };
            marks.push(RedMark { at, says, strokes: group, score_box: None });
        }
        marks.sort_by_key(|mark| mark.strokes.last().copied());
        marks
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

    /// The points of all of it: a large number over every question of the page.
    fn total(&mut self, ink: &[&Placed<'_>], targets: &[Target]) -> Option<String> {
        let bounds = ink.iter().map(|s| s.bounds).reduce(Bounds::union)?;
        let over = targets.iter().all(|target| bounds.bottom < target.bounds.top);
        if !over || targets.is_empty() || bounds.height() < TOTAL_UM_MIN {
            return None;
        }
        self.read_points(ink).filter(|text| text != "1")
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

/// Groups strokes, ordered by time, into marks: a stroke that follows at once and touches joins, and
/// so does a digit that stands behind a minus or behind another one.
fn group(rest: &[usize], strokes: &[Placed<'_>]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(Vec<usize>, Bounds)> = Vec::new();
    for &index in rest {
        let stroke = &strokes[index];
        let joins = groups.last().is_some_and(|(group, bounds)| {
            let before = group.last().map_or(i64::MIN, |i| strokes[*i].end_ms);
            stroke.start_ms.saturating_sub(before) <= SAME_MARK_MS
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
        [(only, _)] => Some(At::Question(*only)),
        [(first, _), (second, _)] => Some(At::Between(*first, *second)),
        // Around so much it is a remark on the page.
        _ => Some(At::Nowhere),
    }
}

/// The question that a mark speaks of: the one its anchor lies in, or most of its ink, or the
/// nearest one in its row.
fn locate(anchor: Option<PagePoint>, ink: &[&Placed<'_>], targets: &[Target]) -> At {
    let Some(bounds) = ink.iter().map(|s| s.bounds).reduce(Bounds::union) else {
        return At::Nowhere;
    };
    if bounds.extent() > EXTENT_UM_MAX || ink.iter().all(|s| is_dot(s)) {
        return At::Nowhere;
    }
    let anchor = anchor.map_or(bounds, Bounds::at);
    let distances = targets.iter().enumerate().map(|(index, target)| {
        let away = anchor.distance(target.bounds);
        // A mark in the next row is further away than its distance.
        let across = anchor.gap_y(target.bounds).max(0) as f64;
        (index, away.hypot(across))
    });
    let mut near: Vec<(usize, f64)> = distances.filter(|(_, um)| *um <= REACH_UM).collect();
    near.sort_by(|a, b| a.1.total_cmp(&b.1));
    match near.as_slice() {
        [] => At::Nowhere,
        [(only, _)] => At::Question(*only),
        [(first, near), (second, next), ..] => {
            let touches = |t: usize| ink.iter().any(|s| s.share_inside(targets[t].bounds) > 0.1);
            if *near < NEARER * next || touches(*first) && !touches(*second) {
                At::Question(*first)
            } else if touches(*second) && !touches(*first) {
                At::Question(*second)
            } else {
                At::Between(*first, *second)
            }
        }
    }
}
