//! What a row of each table is.
//!
//! Moments are UTC. Points are tenths of a point, so that they stay whole. Millimetres are those of the
//! page, from its top left corner, after registration.

use std::collections::HashMap;

use attribution::Role;
use ink::StrokeKey;
use ink::drawn::{DrawnStroke, UNIT_UM};
use store::{AssignmentHead, MarkFacts, PupilState, ResponseFacts};
use worksheet::{Kind, Worksheet};

use super::Pseudonyms;
use super::table::{Cell, Schema, Table};
use crate::ExportError;

/// A part of a question that a pupil was marked on.
pub(super) const RESPONSES: Schema = Schema {
    name: "responses",
    message: "
message responses {
  required binary assignment (STRING);
  required binary class (STRING);
  required binary worksheet (STRING);
  required int32 version;
  required binary pupil (STRING);
  required int32 page;
  required binary question (STRING);
  required binary part (STRING);
  required int32 position;
  optional binary kind (STRING);
  optional int32 points_tenths;
  required group knowledge_points (LIST) { repeated group list { required binary element (STRING); } }
  optional binary reading (STRING);
  optional double probability;
  optional double decide_min;
  required binary alternatives (JSON);
  optional binary review (STRING);
  optional binary waits_for (STRING);
  optional binary source (STRING);
  optional binary verdict (STRING);
  optional int32 score_tenths;
  optional int64 first_at (TIMESTAMP(MILLIS,true));
  optional int64 last_at (TIMESTAMP(MILLIS,true));
  required int64 writing_ms;
  required int32 rewrites;
  required int32 strokes_live;
  required int32 strokes_superseded;
  required int32 strokes_red;
  optional int64 handed_in_at (TIMESTAMP(MILLIS,true));
  optional int64 settled_at (TIMESTAMP(MILLIS,true));
}",
};

/// Every mark that was given: by machine, red pen and screen, in force or not.
pub(super) const MARKS: Schema = Schema {
    name: "marks",
    message: "
message marks {
  required binary assignment (STRING);
  required binary pupil (STRING);
  required binary part (STRING);
  optional binary criterion (STRING);
  required binary source (STRING);
  required binary verdict (STRING);
  required int32 score_tenths;
  required int64 given_at (TIMESTAMP(MILLIS,true));
  optional int64 superseded_at (TIMESTAMP(MILLIS,true));
}",
};

/// How it was written: one row per stroke of the marked papers, numbered in the order of their times.
pub(super) const STROKES: Schema = Schema {
    name: "strokes",
    message: "
message strokes {
  required binary assignment (STRING);
  required binary pupil (STRING);
  required int32 page;
  required int32 stroke;
  optional binary part (STRING);
  required binary role (STRING);
  required boolean red;
  required int64 begun_at (TIMESTAMP(MILLIS,true));
  required int64 duration_ms;
  required double length_mm;
  required double left_mm;
  required double top_mm;
  required double right_mm;
  required double bottom_mm;
}",
};

/// What was believed of a pupil on a knowledge point at the end of a day on which they answered.
pub(super) const PROFILES: Schema = Schema {
    name: "profiles",
    message: "
message profiles {
  required binary pupil (STRING);
  required binary knowledge_point (STRING);
  required int32 as_of (DATE);
  required double ability;
  required double ability_variance;
  required double deviation;
  required double deviation_variance;
  required double difficulty;
  required int32 answers;
}",
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
        of.map(|of| kind(&of.part.kind)).into(),
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

/// A kind as it is named in a worksheet's file.
fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Digits => "digits",
        Kind::Number(_) => "number",
        Kind::Letter(_) => "letter",
        Kind::TrueFalse => "true_false",
        Kind::Comparison => "comparison",
        Kind::Expression => "expression",
        Kind::Steps => "steps",
        Kind::Column => "column",
        Kind::Character => "character",
        Kind::Choice => "choice",
        Kind::Choices => "choices",
        Kind::Pairs => "pairs",
        Kind::Free => "free",
    }
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
