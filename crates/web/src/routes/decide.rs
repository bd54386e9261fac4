//! Responses cut out of their pages: what waits for a teacher.

use std::collections::{BTreeSet, HashMap};

use attribution::Roles;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use export::sheet::{Crop, Sheet, words};
use export::strokes::{self, PageRoles};
use ink::drawn::DrawnStroke;
use school::Right;
use store::{AssignmentHead, Sitting};
use worksheet::{Page, PartOf, Worksheet};

use super::{artwork, assignment_of, paper};
use crate::failure::Failure;
use crate::page::decide::{Card, DecideList, DecidePage, DecidePart};
use crate::page::{Crumb, Todo, html, is_part};
use crate::session::Teacher;
use crate::state::Web;

/// Cards shown at a time.
const CARDS_MAX: u32 = 24;

pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Path(assignment): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let head = assignment_of(&web, &teacher, Right::Decide, &assignment).await?;
    let (web, teacher, query) = (&web, &teacher, query.as_deref());
    let since = query.and_then(|query| {
        query.split('&').find_map(|item| item.strip_prefix("since=")?.parse().ok())
    });
    let locale = teacher.visitor.locale;
    let w = locale.words();
    let worksheet = web.worksheet(&head.worksheet, head.version).await?;
    let sitting = Sitting { staff: teacher.staff.id.clone(), since };
    let view = web.store.undecided(&head, sitting, CARDS_MAX).await?;
    let asked = view.responses.iter().map(|asked| (asked.pupil.as_str(), asked.page));
    let pages = Pages::read(web, &head, &worksheet, asked).await?;
    let mut cards = Vec::with_capacity(view.responses.len());
    for undecided in &view.responses {
        let Some(of) = worksheet.part(&undecided.response.part) else { continue };
        let written = Written {
            pupil: &undecided.pupil,
            page: undecided.page,
            roles: &undecided.response.strokes,
        };
        let crop = pages.crop(of, written, true)?;
        cards.push(Card {
            pupil: undecided.pupil.clone(),
            number: undecided.number,
            name: undecided.name.clone(),
            page: undecided.page,
            crop,
            response: paper::response_item(of, &undecided.response, undecided.settled, w),
        });
    }
    let todo = Todo { decide: view.to_decide, score: view.to_score };
    let list =
        DecideList { assignment: head.id.clone(), since: view.since.to_string(), cards, todo };
    let mut crumbs = crumbs(teacher, &head, &worksheet);
    crumbs.push(Crumb::here(w.decide_title));
    let mut layout = teacher.visitor.layout(w.decide_title, crumbs);
    layout.here = format!("/a/{}/decide?since={}", head.id, view.since);
    layout.may_decide = head.may_decide;
    if is_part(query) {
        return Ok(html(&DecidePart { layout, list })?.into_response());
    }
    let page = DecidePage { layout, class: head.class, after: view.after, list };
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

/// The ink of several pages.
pub(super) struct Pages<'a> {
    head: &'a AssignmentHead,
    worksheet: &'a Worksheet,
    drawn: HashMap<(String, u32), Vec<DrawnStroke>>,
}

/// What a pupil wrote for a question.
#[derive(Clone, Copy)]
pub(super) struct Written<'a> {
    pub(super) pupil: &'a str,
    pub(super) page: u32,
    pub(super) roles: &'a Roles,
}

impl<'a> Pages<'a> {
    /// Reads the ink of pages, each once, as they were marked.
    pub(super) async fn read(
        web: &Web,
        head: &'a AssignmentHead,
        worksheet: &'a Worksheet,
        papers: impl Iterator<Item = (&str, u32)>,
    ) -> Result<Self, Failure> {
        let papers: Vec<(&str, u32)> = papers.collect::<BTreeSet<_>>().into_iter().collect();
        let mut drawn = web.store.drawn_ink(head, &papers).await?;
        for (pupil, page) in papers {
            let key = (pupil.to_owned(), page);
            if drawn.contains_key(&key) {
                continue;
            }
            let facts = web.store.paper(head, pupil, page).await?.and_then(|view| view.paper);
            let Some(facts) = facts else { continue };
            drawn.insert(key, paper::decode(web, head, pupil, page, &facts).await?);
        }
        Ok(Self { head, worksheet, drawn })
    }

    /// A part of a pupil's page with the ink that answers it, and what is asked if `asked`.
    pub(super) fn crop(
        &self,
        of: PartOf<'_>,
        written: Written<'_>,
        asked: bool,
    ) -> Result<Crop, Failure> {
        let Written { pupil, page, roles } = written;
        let size = self.worksheet.pages.iter().find(|other| other.number == page);
        let size = size.ok_or(Failure::NotFound)?;
        let artwork = artwork::href(&self.head.worksheet, self.head.version, page);
        let drawn = self.drawn.get(&(pupil.to_owned(), page)).map_or(&[][..], Vec::as_slice);
        Ok(cut((size, artwork), drawn, (of, roles), asked))
    }
}

/// A part of a page with the ink that answers it, and what is asked if `asked`; the page with where
/// its artwork lies.
pub(super) fn cut(
    (page, artwork): (&Page, String),
    drawn: &[DrawnStroke],
    (of, roles): (PartOf<'_>, &Roles),
    asked: bool,
) -> Crop {
    let id = of.part.id.as_str();
    let roles = PageRoles::new([(id, roles)], &Roles::default());
    let own = strokes::marks(drawn, &roles, Some(id));
    let sheet = Sheet::new(page, artwork, own, Vec::new());
    if of.part.accepted().is_none() {
        return Crop::of_ink(sheet, &paper::field(of));
    }
    if !of.part.field.bubbles().is_empty() {
        let bubbles: Vec<_> = of.part.rects().collect();
        return Crop::of_choices(sheet, &bubbles, &words(&page.artwork));
    }
    if !asked {
        return Crop::bare(sheet, &paper::field(of));
    }
    Crop::new(sheet, &paper::field(of), &words(&page.artwork))
}
