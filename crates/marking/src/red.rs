//! What the teacher wrote in red: ticks and crosses at a question, scores in a score box.

use recognition::{Alphabet, Context};
use worksheet::PagePoint;

use crate::Thresholds;
use crate::bounds::Bounds;
use crate::placed::Placed;
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
/// A mark at a question has at most this many strokes; more are unclear.
const STROKES_MAX: usize = 8;

/// Where red ink may belong.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The field and the ink in it.
    pub(crate) bounds: Bounds,
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
            let (says, anchor) = self.tick_or_cross(&ink);
            let at = locate(anchor, &ink, targets);
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

/// Groups strokes, ordered by time, into marks: a stroke that follows at once and touches joins, and
/// so does a digit that stands behind a minus.
fn group(rest: &[usize], strokes: &[Placed<'_>]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(Vec<usize>, Bounds)> = Vec::new();
    for &index in rest {
        let stroke = &strokes[index];
        let joins = groups.last().is_some_and(|(group, bounds)| {
            let before = group.last().map_or(i64::MIN, |i| strokes[*i].end_ms);
            stroke.start_ms.saturating_sub(before) <= SAME_MARK_MS
                && (stroke.bounds.grown(SAME_MARK_UM).meets(*bounds)
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
