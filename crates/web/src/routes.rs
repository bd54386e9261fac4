//! One file a page, or a few that belong together.

pub(crate) mod account;
pub(crate) mod act;
pub(crate) mod artwork;
pub(crate) mod assignment;
pub(crate) mod classes;
pub(crate) mod decide;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod link;
pub(crate) mod login;
pub(crate) mod nobodys;
pub(crate) mod paper;
pub(crate) mod pupil;
pub(crate) mod question;

use askama::Template;
use axum::response::Html;
use school::Right;
use store::AssignmentHead;
use worksheet::Worksheet;

use crate::app::Web;
use crate::visit::{Failure, Teacher};
use crate::words::{Locale, fill};

/// Writes a page out.
pub(crate) fn html(page: &impl Template) -> Result<Html<String>, Failure> {
    Ok(Html(page.render()?))
}

/// The assignment, if who asks has the right over its class; else there is no such thing.
pub(crate) async fn assignment_of(
    web: &Web,
    teacher: &Teacher,
    right: Right,
    assignment: &str,
) -> Result<AssignmentHead, Failure> {
    web.store.assignment_of(&teacher.scope, right, assignment).await?.ok_or(Failure::NotFound)
}

/// An assignment's title: its worksheet's, or words that the worksheet cannot be read.
pub(crate) fn title(worksheet: Option<&Worksheet>, assignment: &str, locale: Locale) -> String {
    match worksheet {
        Some(worksheet) => locale.pick(&worksheet.title_zh, &worksheet.title_en).to_owned(),
        None => fill(locale.words().worksheet_unreadable_title, &[("id", &assignment)]),
    }
}

/// Whether only the changing part of a page is asked for.
pub(crate) fn is_part(query: Option<&str>) -> bool {
    query.is_some_and(|query| query.split('&').any(|item| item == "part"))
}

#[cfg(test)]
mod tests;
