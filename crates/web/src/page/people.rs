//! A school's people, for who keeps it.

use askama::Template;
use serde::Deserialize;

use super::Layout;
use super::school::SchoolNav;
use crate::words::people::PeopleWords;

/// Staff, classes and pupils of a school.
#[derive(Template)]
#[template(path = "people.html")]
pub(crate) struct PeoplePage {
    pub(crate) layout: Layout,
    pub(crate) w: &'static PeopleWords,
    pub(crate) nav: SchoolNav,
    /// The school's id.
    pub(crate) school: String,
    pub(crate) staff: Vec<PersonItem>,
    pub(crate) choices: RoleChoices,
    /// What was typed of somebody new.
    pub(crate) entry: PersonEntry,
    /// Why nobody was added.
    pub(crate) error: Option<String>,
    pub(crate) classes: Vec<ClassRoll>,
}

/// A member of staff.
pub(crate) struct PersonItem {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) login: String,
    /// Whether it is who looks.
    pub(crate) own: bool,
    pub(crate) is_disabled: bool,
    pub(crate) has_codes: bool,
    pub(crate) must_codes: bool,
    /// What is to be known of their account; `true`: something is to be done about it.
    pub(crate) facts: Vec<(String, bool)>,
    pub(crate) roles: Vec<RoleItem>,
    /// What was just done or refused; `true`: refused.
    pub(crate) said: Option<(String, bool)>,
}

/// A role that somebody holds.
pub(crate) struct RoleItem {
    pub(crate) text: String,
    /// Names it in a form.
    pub(crate) key: String,
}

/// What a role can be chosen from: value and text.
#[derive(Clone)]
pub(crate) struct RoleChoices {
    pub(crate) kinds: Vec<(&'static str, &'static str)>,
    pub(crate) classes: Vec<(String, String)>,
    pub(crate) grades: Vec<(String, String)>,
    pub(crate) subjects: Vec<(&'static str, &'static str)>,
}

/// What the form for somebody new holds.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PersonEntry {
    pub(crate) name: String,
    pub(crate) login: String,
    #[serde(flatten)]
    pub(crate) role: RoleEntry,
}

/// What the form for a role holds.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RoleEntry {
    /// One of [`RoleChoices::kinds`].
    pub(crate) role: String,
    pub(crate) class: String,
    pub(crate) grade: String,
    pub(crate) subject: String,
}

/// A class and how many pupils it has.
pub(crate) struct ClassRoll {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) pupils: u32,
}

/// A one-time link on paper, shown once.
#[derive(Template)]
#[template(path = "slip.html")]
pub(crate) struct SlipPage {
    pub(crate) layout: Layout,
    pub(crate) w: &'static PeopleWords,
    pub(crate) school: String,
    pub(crate) school_name: String,
    pub(crate) staff: String,
    /// Whose link it is, and what they log in with.
    pub(crate) whose: String,
    pub(crate) once: String,
    pub(crate) link: String,
    pub(crate) picture: Option<String>,
    pub(crate) is_disabled: bool,
}

/// The pupils of a class.
#[derive(Template)]
#[template(path = "roll.html")]
pub(crate) struct RollPage {
    pub(crate) layout: Layout,
    pub(crate) w: &'static PeopleWords,
    pub(crate) nav: SchoolNav,
    pub(crate) name: String,
    /// Number and name.
    pub(crate) pupils: Vec<(u32, String)>,
}

#[cfg(test)]
mod samples;
