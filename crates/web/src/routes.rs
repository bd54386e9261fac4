//! One file a page, or a few that belong together.

pub(crate) mod account;
pub(crate) mod act;
pub(crate) mod artwork;
pub(crate) mod assignment;
pub(crate) mod classes;
pub(crate) mod codes;
pub(crate) mod decide;
pub(crate) mod drawings;
pub(crate) mod events;
mod evidence;
pub(crate) mod exports;
pub(crate) mod gateways;
pub(crate) mod hands;
pub(crate) mod health;
pub(crate) mod keys;
pub(crate) mod link;
pub(crate) mod login;
pub(crate) mod nobodys;
pub(crate) mod paper;
pub(crate) mod parent;
pub(crate) mod parents;
pub(crate) mod pens;
pub(crate) mod people;
pub(crate) mod pupil;
pub(crate) mod question;
pub(crate) mod school;
pub(crate) mod setup;
pub(crate) mod sheets;

use ::school::Right;
use store::AssignmentHead;
use worksheet::Worksheet;

use crate::failure::Failure;
use crate::session::Teacher;
use crate::state::Web;
use crate::words::{Locale, fill};

/// The assignment, if the person who asks has the right over its class; otherwise not found.
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

#[cfg(test)]
mod tests;
