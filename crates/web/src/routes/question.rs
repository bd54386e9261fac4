//! One question as a class answered it: equal answers side by side.

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use store::QuestionRow;
use worksheet::{Kind, Question};

use super::assignment::Earned;
use super::decide::{self, Pages, crumbs};
use super::{assignment_of, html, is_part};
use crate::app::Web;
use crate::page::question::{Group, QuestionPage, QuestionPart, QuestionView, Written};
use crate::page::{Crumb, Sign, points, tick};
use crate::sheet::Ink;
use crate::visit::{Failure, Teacher};
use crate::words::{Words, fill};

pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Path((assignment, question)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let w = teacher.visitor.locale.words();
    let head = assignment_of(&web, &teacher, &assignment).await?;
    let worksheet = web.worksheet(&head.worksheet, head.version).await?;
    let question = worksheet.question(&question).ok_or(Failure::NotFound)?;
    // What comes after this line is told again, and never missed.
    let after = web.store.outbox_last().await?;
    let rows = web.store.question_rows(&head, &question.id).await?;
    let mut earned = Earned::default();
    for row in rows.iter().filter(|row| row.wanted.is_none() && row.verdict.is_some()) {
        earned.add(row.score);
    }
    let papers = rows.iter().map(|row| (row.pupil.as_str(), row.page));
    let pages = Pages::read(&web, &head, &worksheet, papers).await?;
    let mut groups: Vec<Group> = Vec::new();
    for row in rows {
        let written = decide::Written { pupil: &row.pupil, page: row.page, roles: &row.strokes };
        let crop = pages.crop(question, written, false)?;
        let sign = Sign::of(row.verdict, row.wanted);
        let has_ink = crop.sheet.marks.iter().any(|mark| mark.ink != Ink::Red);
        let heading = heading(question, &row, has_ink, w);
        let QuestionRow { pupil, number, name, page, .. } = row;
        let written = Written { pupil, number, name, page, crop };
        match groups.iter_mut().find(|group| group.sign == sign && group.heading == heading) {
            Some(group) => group.written.push(written),
            None => groups.push(Group { heading, sign, written: vec![written] }),
        }
    }
    groups.sort_by_key(|group| (order(group.sign), std::cmp::Reverse(group.written.len())));
    let mut crumbs = crumbs(&teacher, &head, &worksheet);
    let title = crate::words::question(&question.label, w);
    crumbs.push(Crumb::here(&title));
    let mut chrome = teacher.visitor.chrome(title, crumbs);
    chrome.here = format!("/a/{}/q/{}", head.id, question.id);
    let view = QuestionView {
        assignment: head.id.clone(),
        id: question.id.clone(),
        label: question.label.clone(),
        prompt: tick(&question.prompt),
        answer: question.key.as_deref().map(tick),
        model_answer: question.model_answer.clone(),
        facility: earned.facility(question.points),
        groups,
    };
    if is_part(query.as_deref()) {
        return Ok(html(&QuestionPart { chrome, question: view })?.into_response());
    }
    Ok(html(&QuestionPage { chrome, class: head.class, after, question: view })?.into_response())
}

/// What stands over a group: what they wrote, or how many points it got where nothing is read.
fn heading(question: &Question, row: &QuestionRow, has_ink: bool, w: &'static Words) -> String {
    if !has_ink {
        return w.nothing_written.to_owned();
    }
    if question.kind == Kind::Free {
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
