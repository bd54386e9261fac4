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
use store::AssignmentHead;

use crate::app::Web;
use crate::visit::{Failure, Teacher};

/// Writes a page out.
pub(crate) fn html(page: &impl Template) -> Result<Html<String>, Failure> {
    Ok(Html(page.render()?))
}

/// The assignment, if the teacher teaches its class; else there is no such thing.
pub(crate) async fn assignment_of(
    web: &Web,
    teacher: &Teacher,
    assignment: &str,
) -> Result<AssignmentHead, Failure> {
    web.store.assignment_of(&teacher.staff.id, assignment).await?.ok_or(Failure::NotFound)
}

/// Whether only the changing part of a page is asked for.
pub(crate) fn is_part(query: Option<&str>) -> bool {
    query.is_some_and(|query| query.split('&').any(|item| item == "part"))
}

#[cfg(test)]
mod tests;
