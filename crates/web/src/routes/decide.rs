//! Responses cut out of their pages: what waits for a teacher.

use std::collections::HashMap;

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use store::{AssignmentHead, ResponseView, Sitting};
use worksheet::{Kind, Question, Worksheet};

use super::{artwork, assignment_of, html, is_part, paper};
use crate::app::Web;
use crate::page::decide::{Card, DecideList, DecidePage, DecidePart};
use crate::page::{Crumb, Todo};
use crate::sheet::{Crop, Mark, Sheet, words};
use crate::strokes::Roles;
use crate::visit::{Failure, Teacher};

/// Cards shown at a time.
const CARDS_MAX: u32 = 24;

pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Path(assignment): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let head = assignment_of(&web, &teacher, &assignment).await?;
    let (web, teacher, query) = (&web, &teacher, query.as_deref());
    let since = query.and_then(|query| {
        query.split('&').find_map(|item| item.strip_prefix("since=")?.parse().ok())
    });
    let locale = teacher.visitor.locale;
    let w = locale.words();
    let worksheet = web.worksheet(&head.worksheet, head.version).await?;
    let sitting = Sitting { staff: teacher.staff.id.clone(), since };
    let view = web.store.undecided(&head, sitting, CARDS_MAX).await?;
    let mut pages = Pages::new(web, &head, &worksheet);
    let mut cards = Vec::with_capacity(view.responses.len());
    for undecided in &view.responses {
        let Some(question) = worksheet.question(&undecided.response.question) else { continue };
        let crop = pages.crop(&undecided.pupil, undecided.page, question, true).await?;
        cards.push(Card {
            pupil: undecided.pupil.clone(),
            number: undecided.number,
            name: undecided.name.clone(),
            page: undecided.page,
            crop,
            response: paper::response_item(question, &undecided.response, undecided.settled, w),
        });
    }
    let todo = Todo { decide: view.to_decide, score: view.to_score };
    let list =
        DecideList { assignment: head.id.clone(), since: view.since.to_string(), cards, todo };
    let mut crumbs = crumbs(teacher, &head, &worksheet);
    crumbs.push(Crumb::here(w.decide_title));
    let mut chrome = teacher.visitor.chrome(w.decide_title, crumbs);
    chrome.here = format!("/a/{}/decide?since={}", head.id, view.since);
    if is_part(query) {
        return Ok(html(&DecidePart { chrome, list })?.into_response());
    }
    let page = DecidePage { chrome, class: head.class, after: view.after, list };
    Ok(html(&page)?.into_response())
}

pub(super) fn crumbs(
    teacher: &Teacher,
    head: &AssignmentHead,
    worksheet: &Worksheet,
) -> Vec<Crumb> {
    let locale = teacher.visitor.locale;
    vec![
        Crumb::new(locale.words().classes, "/"),
        Crumb::new(locale.pick(&head.class_zh, &head.class_en), format!("/c/{}", head.class)),
        Crumb::new(
            locale.pick(&worksheet.title_zh, &worksheet.title_en),
            format!("/a/{}", head.id),
        ),
    ]
}

/// The ink of several pages, each read once.
pub(super) struct Pages<'a> {
    web: &'a Web,
    head: &'a AssignmentHead,
    worksheet: &'a Worksheet,
    marks: HashMap<(String, u32), Vec<Mark>>,
}

impl<'a> Pages<'a> {
    pub(super) fn new(web: &'a Web, head: &'a AssignmentHead, worksheet: &'a Worksheet) -> Self {
        Self { web, head, worksheet, marks: HashMap::new() }
    }

    /// A question of a pupil's page with the ink that answers it, and what is asked if `asked`.
    pub(super) async fn crop(
        &mut self,
        pupil: &str,
        page: u32,
        question: &Question,
        asked: bool,
    ) -> Result<Crop, Failure> {
        let key = (pupil.to_owned(), page);
        if !self.marks.contains_key(&key) {
            let marks = self.read(pupil, page).await?;
            self.marks.insert(key.clone(), marks);
        }
        let all = self.marks.get(&key).map_or(&[][..], Vec::as_slice);
        let size = self.worksheet.pages.iter().find(|other| other.number == page);
        let size = size.ok_or(Failure::NotFound)?;
        let artwork = artwork::href(&self.head.worksheet, self.head.version, page);
        let mut own = Vec::new();
        for mark in all {
            if mark.question.as_deref() == Some(question.id.as_str()) {
                own.push(mark.clone());
            }
        }
        let sheet = Sheet::new(size, artwork, own, Vec::new());
        if question.kind == Kind::Free {
            return Ok(Crop::of_ink(sheet, &paper::field(question)));
        }
        if question.kind == Kind::Choice {
            let bubbles: Vec<_> = question.rects().collect();
            return Ok(Crop::of_choices(sheet, &bubbles, &words(&size.artwork)));
        }
        if !asked {
            return Ok(Crop::bare(sheet, &paper::field(question)));
        }
        Ok(Crop::new(sheet, &paper::field(question), &words(&size.artwork)))
    }

    async fn read(&self, pupil: &str, page: u32) -> Result<Vec<Mark>, Failure> {
        let view = self.web.store.paper(self.head, pupil, page).await?;
        let Some((view, facts)) = view.and_then(|view| {
            let facts = view.paper.clone()?;
            Some((view, facts))
        }) else {
            return Ok(Vec::new());
        };
        let strokes = |r: &ResponseView| (r.question.clone(), r.strokes.clone());
        let given: Vec<(String, String)> = view.responses.iter().map(strokes).collect();
        let given = given.iter().map(|(question, strokes)| (question.as_str(), strokes.as_str()));
        let roles = Roles::new(given, &facts.loose_strokes);
        paper::marks(self.web, self.head, pupil, page, &facts, &roles).await
    }
}
