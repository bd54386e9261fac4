//! The first start: a school and its administrator, by a link that the service prints.

use axum::Extension;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use store::{First, SchoolRow, StaffRow};

use super::link::void;
use crate::auth::{password, token};
use crate::failure::Failure;
use crate::page::account::{SetupEntry, SetupPage};
use crate::page::html;
use crate::session::{Visitor, cookie, device};
use crate::state::Web;
use crate::words::Words;

/// Characters of a name, at most.
const NAME_MAX: usize = 64;

/// The entry without spaces at the ends, or what is wrong with it.
fn checked(
    mut entry: SetupEntry,
    w: &'static Words,
) -> Result<SetupEntry, (SetupEntry, &'static str)> {
    for text in [&mut entry.school, &mut entry.name, &mut entry.login] {
        *text = text.trim().to_owned();
    }
    let named = |text: &str| {
        (1..=NAME_MAX).contains(&text.chars().count()) && school::hidden_char(text).is_none()
    };
    let error = if !named(&entry.school) || !named(&entry.name) {
        w.setup_names
    } else if !named(&entry.login) || entry.login.contains(char::is_whitespace) {
        w.setup_login
    } else if let Err(refused) = password::check(&entry.password, &entry.login, &entry.name) {
        refused.words(w)
    } else {
        return Ok(entry);
    };
    Err((entry, error))
}

/// Whether a token opens the page and nobody has been here before.
async fn opens(web: &Web, token: &str) -> Result<bool, Failure> {
    Ok(web.setup == Some(token::hash(token)) && web.store.can_begin().await?)
}

fn page(
    visitor: &Visitor,
    token: String,
    entry: SetupEntry,
    error: Option<&'static str>,
) -> SetupPage {
    let layout = visitor.layout(visitor.locale.words().setup_title, Vec::new());
    SetupPage { layout, token, entry, error }
}

pub(crate) async fn show(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    if !opens(&web, &token).await? {
        return void(&visitor);
    }
    Ok(html(&page(&visitor, token, SetupEntry::default(), None))?.into_response())
}

pub(crate) async fn begin(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(token): Path<String>,
    Form(entry): Form<SetupEntry>,
) -> Result<Response, Failure> {
    if !opens(&web, &token).await? {
        return void(&visitor);
    }
    let entry = match checked(entry, visitor.locale.words()) {
        Ok(entry) => entry,
        Err((entry, error)) => {
            let page = html(&page(&visitor, token, entry, Some(error)))?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let random = || (web.sources.random)();
    let hash = web.passwords.hash(entry.password, random()).await;
    let password_hash = hash.map_err(|error| {
        tracing::error!(%error, "a password could not be set");
        Failure::Internal
    })?;
    // Identities are made up, so that they say nothing of anybody.
    let id = |kind: &str| format!("{kind}-{}", &token::text(random())[..12]);
    let school = SchoolRow {
        id: id("s"),
        name_zh: entry.school.clone(),
        name_en: entry.school,
        district: None,
    };
    let administrator = StaffRow {
        id: id("t"),
        school: school.id.clone(),
        login: entry.login,
        name: entry.name,
        locale: visitor.locale.code().into(),
    };
    let staff = administrator.id.clone();
    // It says what is to be done next.
    let next = format!("/school/{}", school.id);
    let first = First { school, administrator, password_hash };
    let session = token::text(random());
    if !web.store.begin(first, token::hash(&session), web.wall_ms()).await? {
        return void(&visitor);
    }
    tracing::info!(staff, "the first school and its administrator are here");
    let device = device::remember(&web, None, &staff).await?;
    let cookies = AppendHeaders([cookie::set_session(&web, &session), device]);
    Ok((cookies, Redirect::to(&next)).into_response())
}
