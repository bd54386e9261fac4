//! The teacher lets parents see their child's paper: slips with a link each.

use std::collections::HashMap;

use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use school::Right;
use serde::Deserialize;
use store::{AssignmentHead, ParentLinkRow, PupilName};

use super::decide::crumbs;
use super::{assignment_of, parent};
use crate::auth::token;
use crate::dates;
use crate::failure::Failure;
use crate::page::parents::{LinkItem, ParentsPage, Slip, SlipsPage};
use crate::page::{Crumb, html};
use crate::qr;
use crate::session::Teacher;
use crate::state::Web;
use crate::words::parents::ParentsWords;
use crate::words::{Locale, fill, isolated};

/// How long a link works.
const DAYS: i64 = 14;
const DAY_MS: i64 = 86_400_000;

/// The assignment, for who teaches its class: they know its pupils, and give it things.
async fn taught(web: &Web, teacher: &Teacher, assignment: &str) -> Result<AssignmentHead, Failure> {
    assignment_of(web, teacher, Right::Know, assignment).await?;
    assignment_of(web, teacher, Right::Assign, assignment).await
}

pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Path(assignment): Path<String>,
) -> Result<Response, Failure> {
    let head = taught(&web, &teacher, &assignment).await?;
    respond(&web, &teacher, head, None).await
}

async fn respond(
    web: &Web,
    teacher: &Teacher,
    head: AssignmentHead,
    said: Option<&'static str>,
) -> Result<Response, Failure> {
    let locale = teacher.visitor.locale;
    let w = ParentsWords::of(locale);
    let worksheet = web.worksheet(&head.worksheet, head.version).await?;
    let pupils = web.store.matrix(&head).await?.pupils;
    let rows = web.store.parent_links(&head).await?;
    let now_ms = web.wall_ms();
    let mut of: HashMap<&str, Vec<&ParentLinkRow>> = HashMap::new();
    for row in &rows {
        of.entry(&row.pupil).or_default().push(row);
    }
    let alive = rows.iter().filter(|row| row.is_alive(now_ms));
    let opened = alive.clone().filter(|row| row.opened_ms.is_some()).count();
    let alive = alive.count();
    let item = |pupil: &PupilName| {
        let rows = of.get(pupil.id.as_str()).map_or(&[][..], Vec::as_slice);
        let (state, alive) = state(rows, now_ms, locale);
        let PupilName { id, number, name } = pupil.clone();
        LinkItem { id, number, name, state, alive }
    };
    let mut crumbs = crumbs(teacher, &head, &worksheet);
    crumbs.push(Crumb::here(w.title));
    let mut layout = teacher.visitor.layout(w.title, crumbs);
    layout.here = path(&head);
    let page = ParentsPage {
        w,
        once: fill(w.once, &[("n", &DAYS)]),
        count: fill(w.count, &[("n", &alive), ("m", &opened)]),
        alive: alive > 0,
        pupils: pupils.iter().map(item).collect(),
        said,
        assignment: head.id,
        layout,
    };
    Ok(html(&page)?.into_response())
}

fn path(head: &AssignmentHead) -> String {
    format!("/a/{}/parents", head.id)
}

/// How the links of a pupil stand, in words, and whether one is in force.
fn state(rows: &[&ParentLinkRow], now_ms: i64, locale: Locale) -> (String, bool) {
    let w = ParentsWords::of(locale);
    let alive: Vec<_> = rows.iter().filter(|row| row.is_alive(now_ms)).collect();
    // Of several the one that was opened tells more.
    let told = alive.iter().find(|row| row.opened_ms.is_some()).or(alive.first());
    let Some(row) = told else {
        return (if rows.is_empty() { w.state_none } else { w.state_ended }.to_owned(), false);
    };
    let (text, at_ms) =
        row.opened_ms.map_or((w.state_alive, row.made_ms), |at_ms| (w.state_opened, at_ms));
    let mut state = fill(text, &[("date", &dates::minute(at_ms, locale))]);
    if alive.len() > 1 {
        state += &fill(w.state_more, &[("n", &alive.len())]);
    }
    let until = fill(w.until, &[("date", &until(row.expires_ms, locale))]);
    (format!("{state} · {until}"), true)
}

/// The last whole day on which a link works.
pub(super) fn until(expires_ms: i64, locale: Locale) -> String {
    dates::day(dates::day_of(expires_ms.saturating_sub(1)), locale)
}

#[derive(Deserialize)]
pub(crate) struct Make {
    /// `class`, `missing`, or a pupil's id.
    #[serde(default)]
    to: String,
}

/// Makes links and shows them as slips, this once: only their hashes are stored. So this form is
/// answered with a page, and not led back to one; sending it again makes new links, which replace
/// those that nobody has opened.
pub(crate) async fn make(
    State(web): State<Web>,
    teacher: Teacher,
    Path(assignment): Path<String>,
    headers: HeaderMap,
    Form(make): Form<Make>,
) -> Result<Response, Failure> {
    let head = taught(&web, &teacher, &assignment).await?;
    if make.to.is_empty() {
        return Err(Failure::BadRequest);
    }
    let locale = teacher.visitor.locale;
    let w = ParentsWords::of(locale);
    let now_ms = web.wall_ms();
    // Through the end of the last day.
    let last = dates::day_of(now_ms + DAYS * DAY_MS);
    let expires_ms = dates::day_end_ms(last);
    let pupils = chosen(&web, &head, &make.to, now_ms).await?;
    if pupils.is_empty() {
        let page = respond(&web, &teacher, head, Some(w.bad_choice)).await?;
        return Ok((StatusCode::CONFLICT, page).into_response());
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let base = web.site.address(host);
    let (mut links, mut slips) = (Vec::new(), Vec::new());
    for pupil in pupils {
        let token = token::text((web.sources.random)());
        links.push((token::hash(&token), pupil.id.clone()));
        let PupilName { number, name, .. } = pupil;
        let url = format!("{base}/p/{token}");
        let picture = qr::svg(&url, &fill(w.slip_code, &[("name", &isolated(&name))]));
        slips.push(Slip { number, name, url, picture });
    }
    let staff = &teacher.staff.id;
    let made = web.store.make_parent_links(&head, links, staff, (now_ms, expires_ms)).await?;
    tracing::info!(staff, class = head.class, made, "made links for parents");
    let worksheet = web.worksheet(&head.worksheet, head.version).await?;
    let mut crumbs = crumbs(&teacher, &head, &worksheet);
    crumbs.push(Crumb::new(w.title, path(&head)));
    crumbs.push(Crumb::here(w.slips_title));
    let mut layout = teacher.visitor.layout(w.slips_title, crumbs);
    layout.here = path(&head);
    let page = SlipsPage {
        w,
        title: locale.pick(&worksheet.title_zh, &worksheet.title_en).to_owned(),
        class: locale.pick(&head.class_zh, &head.class_en).to_owned(),
        until: fill(w.slip_until, &[("date", &until(expires_ms, locale))]),
        assignment: head.id,
        slips,
        layout,
    };
    Ok(html(&page)?.into_response())
}

/// The pupils for whom links are made.
async fn chosen(
    web: &Web,
    head: &AssignmentHead,
    to: &str,
    now_ms: i64,
) -> Result<Vec<PupilName>, Failure> {
    let mut pupils = web.store.matrix(head).await?.pupils;
    match to {
        "class" => {}
        "missing" => {
            let links = web.store.parent_links(head).await?;
            let has = |pupil: &PupilName| {
                links.iter().any(|row| row.pupil == pupil.id && row.is_alive(now_ms))
            };
            pupils.retain(|pupil| !has(pupil));
        }
        id => pupils.retain(|pupil| pupil.id == id),
    }
    Ok(pupils)
}

#[derive(Deserialize)]
pub(crate) struct Revoke {
    /// `class`, or a pupil's id.
    #[serde(default)]
    of: String,
}

pub(crate) async fn revoke(
    State(web): State<Web>,
    teacher: Teacher,
    Path(assignment): Path<String>,
    Form(revoke): Form<Revoke>,
) -> Result<Response, Failure> {
    let head = taught(&web, &teacher, &assignment).await?;
    if revoke.of.is_empty() {
        return Err(Failure::BadRequest);
    }
    let pupil = (revoke.of != "class").then_some(revoke.of);
    let revoked = web.store.revoke_parent_links(&head, pupil, web.wall_ms()).await?;
    let staff = &teacher.staff.id;
    tracing::info!(staff, class = head.class, revoked, "took links for parents back");
    Ok(Redirect::to(&path(&head)).into_response())
}

/// What parents would see.
pub(crate) async fn preview(
    State(web): State<Web>,
    teacher: Teacher,
    Path((assignment, pupil)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let head = taught(&web, &teacher, &assignment).await?;
    let expires_ms = web.wall_ms() + DAYS * DAY_MS;
    let shown = parent::Shown { head, pupil, expires_ms, token: None };
    parent::page(&web, &teacher.visitor, shown).await
}
