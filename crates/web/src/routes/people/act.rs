//! What an administrator does with one member of staff.

use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use school::{Grant, Period, Role, StaffId};
use serde::Deserialize;
use store::{KeptSchool, StaffLine, StoreError, TokenHash};

use super::{page, path, role};
use crate::auth::token;
use crate::dates;
use crate::failure::Failure;
use crate::page::html;
use crate::page::people::{RoleEntry, SlipPage};
use crate::routes::school::kept;
use crate::session::Teacher;
use crate::state::Web;
use crate::words::people::PeopleWords;
use crate::words::{fill, isolated};

/// How long a link lets somebody in: a week, so that a slip reaches who is ill.
const LINK_MS: i64 = 7 * 86_400_000;

/// A fresh one-time link.
pub(super) struct Link {
    pub(super) token: String,
    pub(super) hash: TokenHash,
    pub(super) expires_ms: i64,
}

impl Link {
    pub(super) fn fresh(web: &Web) -> Self {
        let token = token::text((web.sources.random)());
        Self { hash: token::hash(&token), token, expires_ms: web.wall_ms() + LINK_MS }
    }
}

/// Whose link it is.
pub(super) struct Whose {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) login: String,
    pub(super) is_disabled: bool,
}

impl From<StaffLine> for Whose {
    fn from(line: StaffLine) -> Self {
        let is_disabled = line.disabled_ms.is_some();
        Self { id: line.id, name: line.name, login: line.login, is_disabled }
    }
}

/// The site as the administrator's browser names it, which the gate has checked.
pub(super) fn origin(web: &Web, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    web.site.address(host)
}

/// Whether a change was refused because nobody would be left who keeps the school in order.
fn is_last<T>(changed: &Result<T, StoreError>) -> bool {
    matches!(changed, Err(StoreError::LastAdministrator { .. }))
}

/// The link as it is handed over, once.
pub(super) fn slip(
    teacher: &Teacher,
    school: &KeptSchool,
    whose: Whose,
    link: &Link,
    origin: String,
) -> Result<Response, Failure> {
    let locale = teacher.visitor.locale;
    let w = PeopleWords::of(locale);
    let mut layout = teacher.visitor.layout(w.slip_title, super::crumbs(school, locale, w.title));
    layout.here = path(school);
    let href = format!("{origin}/link/{}", link.token);
    let (name, login) = (isolated(&whose.name), isolated(&whose.login));
    let page = SlipPage {
        layout,
        w,
        school: school.id.clone(),
        school_name: locale.pick(&school.name_zh, &school.name_en).to_owned(),
        staff: whose.id,
        whose: fill(w.slip_for, &[("name", &name), ("login", &login)]),
        once: fill(w.slip_once, &[("date", &dates::minute(link.expires_ms, locale))]),
        picture: crate::qr::svg(&href, w.slip_scan),
        link: href,
        is_disabled: whose.is_disabled,
    };
    Ok(html(&page)?.into_response())
}

/// Whom a form is about.
#[derive(Deserialize)]
pub(crate) struct About {
    #[serde(default)]
    staff: String,
    /// A role that they hold, as [`role::key`] names it.
    #[serde(default)]
    held: String,
    /// `yes` or `no`: whether they must sign in with codes.
    #[serde(default)]
    demand: String,
    #[serde(flatten)]
    role: RoleEntry,
}

/// What was done, in words: by the name that the page's address has for it.
pub(super) fn done_words(did: &str, w: &'static PeopleWords) -> Option<&'static str> {
    Some(match did {
        "disable" => w.done_disable,
        "enable" => w.done_enable,
        "give-role" => w.done_give_role,
        "end-role" => w.done_end_role,
        "demand" => w.done_demand,
        "demand-not" => w.done_demand_not,
        "reset-codes" => w.done_reset_codes,
        _ => return None,
    })
}

/// The school and the member of its staff whom a form names.
async fn about(
    web: &Web,
    teacher: &Teacher,
    school: &str,
    about: &About,
) -> Result<(KeptSchool, StaffLine), Failure> {
    let school = kept(web, teacher, school).await?;
    if about.staff.is_empty() {
        return Err(Failure::BadRequest);
    }
    let lines = web.store.staff_kept(&teacher.scope, &school).await?;
    let line = lines.into_iter().find(|line| line.id == about.staff);
    Ok((school, line.ok_or(Failure::NotFound)?))
}

/// Back to the page, to the person, with words on what was done.
fn done(school: &KeptSchool, did: &str, staff: &str) -> Response {
    Redirect::to(&format!("{}?did={did}&of={staff}#{staff}", path(school))).into_response()
}

/// The page with words beside the person on why nothing was done.
async fn refuse(
    web: &Web,
    teacher: &Teacher,
    school: &KeptSchool,
    staff: &str,
    why: &str,
) -> Result<Response, Failure> {
    let page = page(web, teacher, school, Some((staff.into(), why.into(), true))).await?;
    Ok((StatusCode::CONFLICT, html(&page)?).into_response())
}

pub(crate) async fn invite(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    headers: HeaderMap,
    Form(form): Form<About>,
) -> Result<Response, Failure> {
    let (school, line) = about(&web, &teacher, &school, &form).await?;
    let link = Link::fresh(&web);
    // Who is shut out is let in by their own button, not by the way.
    if line.disabled_ms.is_none() {
        web.store.invite_staff(&line.login, link.hash, link.expires_ms).await?;
    } else {
        web.store.insert_link(link.hash, &line.id, link.expires_ms).await?;
    }
    tracing::info!(staff = teacher.staff.id, invited = line.id, "made a one-time link");
    slip(&teacher, &school, line.into(), &link, origin(&web, &headers))
}

pub(crate) async fn reset(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    headers: HeaderMap,
    Form(form): Form<About>,
) -> Result<Response, Failure> {
    let (school, line) = about(&web, &teacher, &school, &form).await?;
    let link = Link::fresh(&web);
    web.store.reset_staff(&line.login, link.hash, link.expires_ms).await?;
    tracing::info!(staff = teacher.staff.id, of = line.id, "took a password away");
    slip(&teacher, &school, line.into(), &link, origin(&web, &headers))
}

pub(crate) async fn disable(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    Form(form): Form<About>,
) -> Result<Response, Failure> {
    let (school, line) = about(&web, &teacher, &school, &form).await?;
    let disabled = web.store.disable_staff(&line.login, web.wall_ms()).await;
    if is_last(&disabled) {
        let w = PeopleWords::of(teacher.visitor.locale);
        return refuse(&web, &teacher, &school, &line.id, w.refused_last).await;
    }
    disabled?;
    tracing::info!(staff = teacher.staff.id, of = line.id, "shut a member of staff out");
    Ok(done(&school, "disable", &line.id))
}

pub(crate) async fn enable(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    Form(form): Form<About>,
) -> Result<Response, Failure> {
    let (school, line) = about(&web, &teacher, &school, &form).await?;
    web.store.enable_staff(&line.login).await?;
    tracing::info!(staff = teacher.staff.id, of = line.id, "let a member of staff in again");
    Ok(done(&school, "enable", &line.id))
}

pub(crate) async fn give_role(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    Form(form): Form<About>,
) -> Result<Response, Failure> {
    let (school, line) = about(&web, &teacher, &school, &form).await?;
    let w = PeopleWords::of(teacher.visitor.locale);
    let classes = web.store.classes_kept(&teacher.scope, &school).await?;
    let role = match role::read(&form.role, &school, &classes, w) {
        Ok(role) => role,
        Err(why) => return refuse(&web, &teacher, &school, &line.id, why).await,
    };
    let period = Period::from(web.wall_ms());
    let grant = Grant { staff: StaffId::new(&*line.id)?, role, period };
    // A role that they hold goes on as it is.
    let holds = |held: &Grant| held.role == grant.role && held.period.until_ms().is_none();
    if !line.grants.iter().any(holds) {
        web.store.insert_grants(vec![grant]).await?;
    }
    tracing::info!(staff = teacher.staff.id, of = line.id, "gave a role");
    Ok(done(&school, "give-role", &line.id))
}

pub(crate) async fn end_role(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    Form(form): Form<About>,
) -> Result<Response, Failure> {
    let (school, line) = about(&web, &teacher, &school, &form).await?;
    let w = PeopleWords::of(teacher.visitor.locale);
    let held: Option<Role> =
        role::of_key(&form.held, line.grants.iter().map(|grant| &grant.role)).cloned();
    let Some(held) = held else {
        return refuse(&web, &teacher, &school, &line.id, w.refused_gone).await;
    };
    let ended = web.store.end_role(StaffId::new(&*line.id)?, held, web.wall_ms()).await;
    if is_last(&ended) {
        return refuse(&web, &teacher, &school, &line.id, w.refused_last).await;
    }
    ended?;
    tracing::info!(staff = teacher.staff.id, of = line.id, "ended a role");
    Ok(done(&school, "end-role", &line.id))
}

pub(crate) async fn demand(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    Form(form): Form<About>,
) -> Result<Response, Failure> {
    let (school, line) = about(&web, &teacher, &school, &form).await?;
    let (demand, did) = match form.demand.as_str() {
        "yes" => (true, "demand"),
        "no" => (false, "demand-not"),
        _ => return Err(Failure::BadRequest),
    };
    web.store.demand_totp(&line.login, demand, web.wall_ms()).await?;
    tracing::info!(staff = teacher.staff.id, of = line.id, demand, "demanded codes or not");
    Ok(done(&school, did, &line.id))
}

pub(crate) async fn reset_codes(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    Form(form): Form<About>,
) -> Result<Response, Failure> {
    let (school, line) = about(&web, &teacher, &school, &form).await?;
    web.store.reset_totp(&line.login).await?;
    tracing::info!(staff = teacher.staff.id, of = line.id, "reset codes");
    Ok(done(&school, "reset-codes", &line.id))
}
