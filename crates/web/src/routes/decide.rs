//! Responses cut out of their pages: what waits for a teacher.

use std::collections::{BTreeSet, HashMap};

use attribution::Roles;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use export::sheet::{self, Crop, Sheet};
use export::strokes::{self, PageRoles};
use ink::drawn::DrawnStroke;
use school::Right;
use store::{AssignmentHead, Sitting, Undecided};
use worksheet::{Page, PartOf, Review, Worksheet};

use super::{artwork, assignment_of, evidence, paper};
use crate::failure::Failure;
use crate::page::decide::{Card, DecideList, DecidePage, DecidePart, Member};
use crate::page::{Crumb, Todo, html, is_part};
use crate::session::Teacher;
use crate::state::Web;
use crate::words::evidence::EvidenceWords;
use crate::words::{self, Locale, fill, isolated};

/// Groups shown at a time.
const GROUPS_MAX: usize = 24;

pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Path(assignment): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let head = assignment_of(&web, &teacher, Right::Decide, &assignment).await?;
    let query = query.as_deref();
    let since = query.and_then(|query| {
        query.split('&').find_map(|item| item.strip_prefix("since=")?.parse().ok())
    });
    respond(&web, &teacher, head, Shown { since, part: is_part(query), said: None }).await
}

/// What is shown of what waits.
pub(super) struct Shown {
    /// The mark after which the sitting began.
    pub(super) since: Option<i64>,
    /// Whether only the changing part of the page is shown.
    pub(super) part: bool,
    /// What is to be said above the list.
    pub(super) said: Option<String>,
}

/// The page, or what changes of it.
pub(super) async fn respond(
    web: &Web,
    teacher: &Teacher,
    head: AssignmentHead,
    shown: Shown,
) -> Result<Response, Failure> {
    let locale = teacher.visitor.locale;
    let w = locale.words();
    let worksheet = web.worksheet(&head.worksheet, head.version).await?;
    let sitting = Sitting { staff: teacher.staff.id.clone(), since: shown.since };
    let view = web.store.undecided(&head, sitting, GROUPS_MAX).await?;
    let asked = view.groups.iter().flatten().map(|asked| (asked.pupil.as_str(), asked.page));
    let pages = Pages::read(web, &head, &worksheet, asked).await?;
    let mut cards: Vec<Card> = Vec::with_capacity(view.groups.len());
    for group in &view.groups {
        let Some(first) = group.first() else { continue };
        let Some(of) = worksheet.part(&first.response.part) else { continue };
        let mut card = card(of, group, &pages, locale)?;
        card.other = others(first, teacher)
            .map(|name| fill(w.decided_by_other, &[("name", &isolated(name))]));
        if cards.iter().any(|other| other.id == card.id) {
            // Some were decided at once, and others that are like them wait.
            card.id = format!("{}-{}", card.id, first.pupil);
        }
        cards.push(card);
    }
    let list = DecideList {
        assignment: head.id.clone(),
        since: view.since.to_string(),
        said: shown.said,
        cards,
        todo: Todo { decide: view.to_decide.responses, score: view.to_score.responses },
        groups: view.to_decide.groups,
    };
    let mut crumbs = crumbs(teacher, &head, &worksheet);
    crumbs.push(Crumb::here(w.decide_title));
    let mut layout = teacher.visitor.layout(w.decide_title, crumbs);
    layout.here = format!("/a/{}/decide?since={}", head.id, view.since);
    layout.may_decide = head.may_decide;
    if shown.part {
        return Ok(html(&DecidePart { layout, list })?.into_response());
    }
    let page = DecidePage { layout, class: head.class, after: view.after, list };
    Ok(html(&page)?.into_response())
}

/// Who else decided it, if it was not who asks.
fn others<'a>(first: &'a Undecided, teacher: &Teacher) -> Option<&'a str> {
    let response = &first.response;
    let other = response.decided_staff.as_ref().is_some_and(|staff| *staff != teacher.staff.id);
    response.decided_by.as_deref().filter(|_| other && response.wanted.is_none())
}

/// Answers that are alike as one card: what they share is said once.
fn card(
    of: PartOf<'_>,
    group: &[Undecided],
    pages: &Pages<'_>,
    locale: Locale,
) -> Result<Card, Failure> {
    let first = group.first().ok_or(Failure::NotFound)?;
    let many = group.len() > 1;
    let mut shared =
        paper::response_item(of, (&first.pupil, &first.response), first.settled, locale);
    if many {
        // These are of one answer alone.
        (shared.certainty, shared.alternatives) = (None, Vec::new());
        shared.review = shared.review.and_then(|_| because_all(group, locale));
        shared.process.clear();
        shared.provisional &= group.iter().any(|member| !member.settled);
        let owner = |member: &Undecided| paper::owner(&member.pupil, &member.response);
        shared.owners = group.iter().map(owner).collect();
    } else {
        shared.evidence = evidence::evidence(&first.response, &first.versions, &[], locale);
    }
    let mut members = Vec::with_capacity(group.len());
    for member in group {
        let Undecided { pupil, page, response, .. } = member;
        let written = Written { pupil, page: *page, roles: &response.strokes };
        let mut own = paper::response_item(of, (pupil, response), member.settled, locale);
        if many && response.review.as_deref() == Some(Review::LowConfidence.code()) {
            let certainty = response.probability.map(evidence::percent);
            let words = |p| fill(locale.words().certainty, &[("p", &p)]);
            own.process.splice(0..0, certainty.map(words));
        }
        members.push(Member {
            pupil: pupil.clone(),
            number: member.number,
            name: member.name.clone(),
            page: *page,
            crop: pages.crop(of, written, !many)?,
            facts: own.process,
        });
    }
    let id = if many { together(first) } else { alone(first) };
    Ok(Card { id, members, response: shared, other: None })
}

/// Why all of a group wait.
fn because_all(group: &[Undecided], locale: Locale) -> Option<String> {
    let code = group.first()?.response.review.as_deref()?;
    let doubted = group.iter().all(|member| evidence::is_doubted(&member.response));
    Some(match doubted && code == Review::LowConfidence.code() {
        true => EvidenceWords::of(locale).doubted_all.to_owned(),
        false => words::because(code, locale.words()).to_owned(),
    })
}

/// The id of a group: the same whoever joins or leaves it, so that it stays where it is.
fn together(first: &Undecided) -> String {
    let response = &first.response;
    let review = response.review.as_deref().unwrap_or_default();
    let reading = response.reading.as_deref().unwrap_or_default();
    format!("g-{}-{review}-{reading}", response.part).replace(char::is_whitespace, "_")
}

/// The id of an answer that stands alone.
fn alone(first: &Undecided) -> String {
    format!("g-{}-{}", first.pupil, first.response.part)
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
        return Crop::of_choices(sheet, &bubbles, &sheet::words(&page.artwork));
    }
    if !asked {
        return Crop::bare(sheet, &paper::field(of));
    }
    Crop::new(sheet, &paper::field(of), &sheet::words(&page.artwork))
}
