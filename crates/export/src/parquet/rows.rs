//! What a row of each table is.
//!
//! Moments are UTC. Points are tenths of a point, so that they stay whole. Millimetres are those of the
//! page, from its top left corner, after registration.

use std::collections::HashMap;

use attribution::Role;
use ink::StrokeKey;
use ink::drawn::{DrawnStroke, UNIT_UM};
use store::{AssignmentHead, MarkFacts, PupilState, ResponseFacts};
use worksheet::Worksheet;

use super::Pseudonyms;
use super::table::{Cell, Schema, Table};
use crate::ExportError;

/// A part of a question that a pupil was marked on.
pub(super) const RESPONSES: Schema = Schema {
    name: "responses",
    columns: &[
        (
            "required binary assignment (STRING)",
            "the worksheet as it was given to a class on a day",
        ),
        ("required binary class (STRING)", "the class that it was given to"),
        ("required binary worksheet (STRING)", "what was given"),
        ("required int32 version", "its version"),
        ("required binary pupil (STRING)", "pseudonym"),
        ("required int32 page", "page of the worksheet, from 1"),
        ("required binary question (STRING)", "its id in the worksheet"),
        ("required binary part (STRING)", "a part of a question; the first has the question's id"),
        ("required int32 position", "place of the part in the worksheet, from 0"),
        (
            "optional binary kind (STRING)",
            "digits, number, letter, true_false, comparison, expression, steps, column, character, choice, choices, pairs, free",
        ),
        ("optional int32 points_tenths", "what the part is worth"),
        (
            "required group knowledge_points (LIST) { repeated group list { required binary element (STRING); } }",
            "what the question practises",
        ),
        ("optional binary reading (STRING)", "what the machine read"),
        (
            "optional double probability",
            "that the reading is what was written, as the machine thinks, 0 to 1",
        ),
        ("optional double decide_min", "from which probability the machine decides such an answer"),
        ("required binary alternatives (STRING)", "JSON: other readings with their probabilities"),
        ("optional binary review (STRING)", "why a person had to look, if so"),
        ("optional binary waits_for (STRING)", "decide or score: what still waits for a person"),
        (
            "optional binary source (STRING)",
            "who gave the verdict in force: machine, red (pen), screen",
        ),
        (
            "optional binary verdict (STRING)",
            "right, wrong, partly, blank; none: it waits, or nobody judged it",
        ),
        ("optional int32 score_tenths", "the points in force"),
        (
            "optional int64 first_at (TIMESTAMP(MILLIS,true))",
            "when the answer was begun, by the pen's corrected clock",
        ),
        ("optional int64 last_at (TIMESTAMP(MILLIS,true))", "when it was last written on"),
        ("required int64 writing_ms", "with the pen down"),
        ("required int32 rewrites", "how often it was crossed out or written over"),
        ("required int32 strokes_live", "the pupil's strokes that count"),
        (
            "required int32 strokes_superseded",
            "the pupil's strokes that were crossed out or written over, or did that",
        ),
        ("required int32 strokes_red", "the teacher's strokes at it"),
        (
            "optional int64 handed_in_at (TIMESTAMP(MILLIS,true))",
            "when a teacher said that the paper is handed in",
        ),
        (
            "optional int64 settled_at (TIMESTAMP(MILLIS,true))",
            "when the paper settled: nothing but a person changes it any more",
        ),
    ],
};

/// Every mark that was given: by machine, red pen and screen, in force or not.
pub(super) const MARKS: Schema = Schema {
    name: "marks",
    columns: &[
        ("required binary assignment (STRING)", "as in responses"),
        ("required binary pupil (STRING)", "pseudonym"),
        ("required binary part (STRING)", "as in responses"),
        ("optional binary criterion (STRING)", "of a rubric; none: the part as a whole"),
        ("required binary source (STRING)", "machine, red (pen), screen"),
        ("required binary verdict (STRING)", "right, wrong, partly, blank"),
        ("required int32 score_tenths", "the points given"),
        ("required int64 given_at (TIMESTAMP(MILLIS,true))", "when, by the clock of the service"),
        (
            "optional int64 superseded_at (TIMESTAMP(MILLIS,true))",
            "when it ceased to be in force; none: it is",
        ),
    ],
};

/// How it was written: one row per stroke of the marked papers, numbered in the order of their times.
pub(super) const STROKES: Schema = Schema {
    name: "strokes",
    columns: &[
        ("required binary assignment (STRING)", "as in responses"),
        ("required binary pupil (STRING)", "pseudonym of whose paper it is on"),
        ("required int32 page", "page of the worksheet, from 1"),
        ("required int32 stroke", "on this page in the order of time, from 0"),
        ("optional binary part (STRING)", "the part that it belongs to; none: outside every field"),
        ("required binary role (STRING)", "live, superseded, red, loose (outside every field)"),
        ("required boolean red", "whether a teacher's pen wrote it"),
        (
            "required int64 begun_at (TIMESTAMP(MILLIS,true))",
            "by the pen's corrected clock; a pen whose clock nobody set may say any time",
        ),
        ("required int64 duration_ms", "from its first sample to its last"),
        ("required double length_mm", "of the line, at most 0.03 mm beside the one written"),
        ("required double left_mm", "on the page, from its top left corner"),
        ("required double top_mm", "as left_mm"),
        ("required double right_mm", "as left_mm"),
        ("required double bottom_mm", "as left_mm"),
    ],
};

/// What was believed of a pupil on a knowledge point at the end of a day on which they answered.
pub(super) const PROFILES: Schema = Schema {
    name: "profiles",
    columns: &[
        ("required binary pupil (STRING)", "pseudonym"),
        ("required binary knowledge_point (STRING)", "its id"),
        ("required int32 as_of (DATE)", "the end of this day in Shanghai"),
        ("required double ability", "mean of the ability over all knowledge points, logits"),
        ("required double ability_variance", "its variance"),
        (
            "required double deviation",
            "mean of what this knowledge point differs from that by, logits",
        ),
        ("required double deviation_variance", "its variance"),
        ("required double difficulty", "of a median item of the knowledge point, logits"),
        ("required int32 answers", "so far that carried it"),
    ],
};

pub(super) fn response(
    table: &mut Table,
    head: &AssignmentHead,
    worksheet: &Worksheet,
    answer: &ResponseFacts,
    pseudonyms: &Pseudonyms,
) -> Result<(), ExportError> {
    let of = worksheet.part(&answer.part);
    let none: &[String] = &[];
    let strokes = |role| {
        let count = answer.strokes.iter().filter(|(_, of)| *of == role).count();
        Cell::Int(i64::try_from(count).unwrap_or(i64::MAX))
    };
    table.row(&[
        (&head.id).into(),
        (&head.class).into(),
        (&head.worksheet).into(),
        head.version.into(),
        (&pseudonyms.pupil(&answer.pupil)).into(),
        answer.page.into(),
        (&answer.question).into(),
        (&answer.part).into(),
        answer.position.into(),
        of.map(|of| of.part.kind.name()).into(),
        of.map(|of| of.part.points.0).into(),
        of.map_or(none, |of| of.question.knowledge_points.as_slice()).into(),
        answer.reading.as_ref().into(),
        answer.probability.into(),
        answer.decide_min.into(),
        (&answer.alternatives).into(),
        answer.review.as_ref().into(),
        answer.wanted.map(store::Wanted::code).into(),
        answer.source.map(store::Source::code).into(),
        answer.verdict.map(store::Verdict::code).into(),
        answer.score.into(),
        answer.first_ms.into(),
        answer.last_ms.into(),
        answer.writing_ms.into(),
        answer.rewrites.into(),
        strokes(Role::Live),
        strokes(Role::Superseded),
        strokes(Role::Red),
        answer.handed_in_ms.into(),
        answer.settled_ms.into(),
    ])
}

pub(super) fn mark(
    table: &mut Table,
    head: &AssignmentHead,
    mark: &MarkFacts,
    pseudonyms: &Pseudonyms,
) -> Result<(), ExportError> {
    table.row(&[
        (&head.id).into(),
        (&pseudonyms.pupil(&mark.pupil)).into(),
        (&mark.part).into(),
        Some(&mark.criterion).filter(|criterion| !criterion.is_empty()).into(),
        mark.source.code().into(),
        mark.verdict.code().into(),
        mark.score.into(),
        mark.at_ms.into(),
        mark.superseded_ms.into(),
    ])
}

/// Of each stroke that belongs to a response: its part and its role. Of a stroke that belongs to
/// several, the last part counts.
pub(super) type RoleOf<'a> = HashMap<StrokeKey, (&'a str, Role)>;

pub(super) fn roles_of(answers: &[ResponseFacts]) -> RoleOf<'_> {
    let mut roles = RoleOf::new();
    for answer in answers {
        let part = answer.part.as_str();
        roles.extend(answer.strokes.iter().map(|(key, role)| (key, (part, role))));
    }
    roles
}

/// The strokes of one page of one pupil.
pub(super) fn strokes(
    table: &mut Table,
    head: &AssignmentHead,
    (pupil, page): (&str, u32),
    drawn: &[DrawnStroke],
    roles: &RoleOf<'_>,
    pseudonyms: &Pseudonyms,
) -> Result<(), ExportError> {
    let pupil = pseudonyms.pupil(pupil);
    let mut in_order: Vec<&DrawnStroke> = drawn.iter().collect();
    in_order.sort_by_key(|stroke| (stroke.start_ms, stroke.key));
    for (number, stroke) in (0_u32..).zip(in_order) {
        let of = roles.get(&stroke.key);
        let role = match of {
            Some((_, Role::Live)) => "live",
            Some((_, Role::Superseded)) => "superseded",
            Some((_, Role::Red)) => "red",
            Some((_, Role::Loose)) | None => "loose",
        };
        let extent = Extent::of(stroke);
        table.row(&[
            (&head.id).into(),
            (&pupil).into(),
            page.into(),
            number.into(),
            of.map(|(part, _)| *part).into(),
            role.into(),
            stroke.red.into(),
            stroke.start_ms.into(),
            i64::from(stroke.length_ms).into(),
            extent.length_mm.into(),
            extent.left_mm.into(),
            extent.top_mm.into(),
            extent.right_mm.into(),
            extent.bottom_mm.into(),
        ])?;
    }
    Ok(())
}

/// Where a stroke lies and how long its line is. The line is the simplified one that pages show, at
/// most 0.03 mm beside the one that was written.
struct Extent {
    length_mm: f64,
    left_mm: f64,
    top_mm: f64,
    right_mm: f64,
    bottom_mm: f64,
}

impl Extent {
    fn of(stroke: &DrawnStroke) -> Self {
        let mm = |units: i32| f64::from(units) * f64::from(UNIT_UM) / 1_000.0;
        let points = stroke.line.runs().iter().flat_map(|run| &run.points);
        let points: Vec<(f64, f64)> = points.map(|(x, y)| (mm(*x), mm(*y))).collect();
        let length = |pair: &[(f64, f64)]| {
            let [(x, y), (next_x, next_y)] = [pair[0], pair[1]];
            (next_x - x).hypot(next_y - y)
        };
        let of = |start, axis: fn(&(f64, f64)) -> f64, pick: fn(f64, f64) -> f64| {
            points.iter().map(axis).fold(start, pick)
        };
        Self {
            length_mm: points.windows(2).map(length).sum(),
            left_mm: of(f64::INFINITY, |at| at.0, f64::min),
            top_mm: of(f64::INFINITY, |at| at.1, f64::min),
            right_mm: of(f64::NEG_INFINITY, |at| at.0, f64::max),
            bottom_mm: of(f64::NEG_INFINITY, |at| at.1, f64::max),
        }
    }
}

pub(super) fn profile(
    table: &mut Table,
    of: &PupilState,
    pseudonyms: &Pseudonyms,
) -> Result<(), ExportError> {
    let state = &of.state;
    table.row(&[
        (&pseudonyms.pupil(&of.pupil)).into(),
        (&state.knowledge_point).into(),
        state.day.into(),
        state.ability.into(),
        state.ability_variance.into(),
        state.deviation.into(),
        state.deviation_variance.into(),
        state.difficulty.into(),
        state.answers.into(),
    ])
}
