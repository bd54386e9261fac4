//! One question as a class answered it: equal answers side by side.

use std::collections::HashMap;

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use export::Sign;
use export::sheet::Ink;
use school::Right;
use store::QuestionRow;
use worksheet::{Part, PartOf, Question, Score};

use super::assignment::Earned;
use super::assignment_of;
use super::decide::{self, Pages, crumbs};
use super::keys;
use crate::failure::Failure;
use crate::page::question::{Group, QuestionPage, QuestionPart, QuestionView, Written};
use crate::page::{Crumb, html, is_part, points, tick};
use crate::session::Teacher;
use crate::state::Web;
use crate::words::{self, Words, fill};

pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Path((assignment, question)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let locale = teacher.visitor.locale;
    let w = locale.words();
    let head = assignment_of(&web, &teacher, Right::See, &assignment).await?;
    let may_correct = keys::may_correct(&web, &teacher, &head).await?;
    let worksheet = web.worksheet(&head.worksheet, head.version).await?;
    let question = worksheet.question(&question).ok_or(Failure::NotFound)?;
    // What comes after this line is told again, and never missed.
    let after = web.store.outbox_last().await?;
    let rows = web.store.question_rows(&head, &question.id).await?;
    let earned = earned(question, &rows);
    let papers = rows.iter().map(|row| (row.pupil.as_str(), row.page));
    let pages = Pages::read(&web, &head, &worksheet, papers).await?;
    let mut groups: Vec<(usize, Group)> = Vec::new();
    for row in rows {
        let Some(of) = question.each().find(|of| of.part.id == row.part) else { continue };
        let written = decide::Written { pupil: &row.pupil, page: row.page, roles: &row.strokes };
        let crop = pages.crop(of, written, false)?;
        let sign = Sign::of(row.verdict, row.wanted);
        let has_ink = crop.sheet.marks.iter().any(|mark| mark.ink != Ink::Red);
        let heading = numbered(of, &heading(of, &row, has_ink, w));
        let QuestionRow { part, pupil, number, name, page, reading, .. } = row;
        let written = Written { pupil, number, name, page, crop };
        match groups.iter_mut().find(|(_, group)| group.sign == sign && group.heading == heading) {
            Some((_, group)) => group.written.push(written),
            None => {
                let accept = may_correct
                    .then(|| keys::accept(&head.id, of, (reading.as_deref(), sign), locale))
                    .flatten();
                groups.push((of.at, Group { part, heading, sign, accept, written: vec![written] }));
            }
        }
    }
    groups.sort_by_key(|(at, group)| {
        (*at, order(group.sign), std::cmp::Reverse(group.written.len()))
    });
    let groups = groups.into_iter().map(|(_, group)| group).collect();
    let mut crumbs = crumbs(&teacher, &head, &worksheet);
    let title = words::question(&question.label, w);
    crumbs.push(Crumb::here(&title));
    let mut layout = teacher.visitor.layout(title, crumbs);
    layout.here = format!("/a/{}/q/{}", head.id, question.id);
    let view = QuestionView {
        assignment: head.id.clone(),
        id: question.id.clone(),
        label: question.label.clone(),
        prompt: tick(&question.prompt),
        answer: joined(question.each().filter_map(|of| Some(numbered(of, &tick(&of.answer()?))))),
        model_answer: joined(
            question.each().filter_map(|of| Some(numbered(of, of.part.model_answer.as_deref()?))),
        ),
        facility: earned.facility(question.points()),
        keys: keys::shown(&web, &head, question, may_correct, locale).await?,
        groups,
    };
    if is_part(query.as_deref()) {
        return Ok(html(&QuestionPart { layout, question: view })?.into_response());
    }
    Ok(html(&QuestionPage { layout, class: head.class, after, question: view })?.into_response())
}

/// A text of one of several blanks after its number.
fn numbered(of: PartOf<'_>, text: &str) -> String {
    format!("{} {text}", words::blank(&of)).trim_start().to_owned()
}

/// What several blanks have, in a line; `None` where none has anything.
fn joined(texts: impl Iterator<Item = String>) -> Option<String> {
    let texts: Vec<String> = texts.collect();
    (!texts.is_empty()).then(|| texts.join("  "))
}

/// What pupils earned who have a verdict in each part.
fn earned(question: &Question, rows: &[QuestionRow]) -> Earned {
    let mut of: HashMap<&str, HashMap<&str, Score>> = HashMap::new();
    for row in rows.iter().filter(|row| row.wanted.is_none() && row.verdict.is_some()) {
        let score = Score(row.score.unwrap_or(0));
        of.entry(row.pupil.as_str()).or_default().insert(row.part.as_str(), score);
    }
    let mut earned = Earned::default();
    for scores in of.values().filter(|scores| scores.len() == question.parts.len()) {
        let score = question.earned(|part: &Part| scores.get(part.id.as_str()).copied());
        earned.add(score.map(|score| score.0));
    }
    earned
}

/// What stands over a group: what they wrote, or how many points it got where nothing is read.
fn heading(of: PartOf<'_>, row: &QuestionRow, has_ink: bool, w: &'static Words) -> String {
    if !has_ink {
        return w.nothing_written.to_owned();
    }
    if of.part.accepted().is_none() {
        let scored = row.score.filter(|_| row.wanted.is_none());
        let words = |score| fill(w.points_of, &[("points", &points(score))]);
        return scored.map_or_else(|| w.to_score.to_owned(), words);
    }
    match row.reading.as_deref() {
        Some(reading) if !reading.is_empty() => tick(reading),
        _ => w.reads_nothing.to_owned(),
    }
}

/// Wrong answers first, then what waits, what is right, what is blank.
fn order(sign: Sign) -> u32 {
    match sign {
        Sign::Wrong => 0,
        Sign::Partly => 1,
        Sign::Decide | Sign::Score => 2,
        Sign::Right => 3,
        _ => 4,
    }
}
