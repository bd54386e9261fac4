//! Users and what they are.

use std::collections::BTreeSet;

use super::super::At;
use super::read::Enrollment;

/// What a user is. Of other roles Zhibi keeps nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Pupil,
    Teacher,
}

impl Role {
    pub(super) fn of(text: &str) -> Option<Self> {
        match text {
            "student" => Some(Self::Pupil),
            "teacher" => Some(Self::Teacher),
            _ => None,
        }
    }
}

/// A user.
pub(super) struct Person {
    pub(super) at: At,
    pub(super) name: Option<String>,
    pub(super) login: Option<String>,
    /// The number in class.
    pub(super) number: Option<u32>,
    pub(super) school: Option<String>,
    /// Those that users.csv and roles.csv give.
    pub(super) roles: BTreeSet<Role>,
    /// Whether those files say at all what the user is.
    pub(super) roles_said: bool,
    /// The export is a delta, so that the store may know more of the user.
    pub(super) in_delta: bool,
    /// May not log in.
    pub(super) disabled: bool,
    pub(super) gone: bool,
}

impl Person {
    /// Somebody of whom a delta has an enrollment alone.
    pub(super) fn known_elsewhere(enrollment: &Enrollment) -> Self {
        Self {
            at: enrollment.at.clone(),
            name: None,
            login: None,
            number: None,
            school: enrollment.school.clone(),
            roles: BTreeSet::new(),
            roles_said: false,
            in_delta: true,
            disabled: false,
            gone: false,
        }
    }

    /// What the user is, by all files together. Where a delta does not say it: either.
    pub(super) fn roles(&self, enrollments: &[&Enrollment]) -> BTreeSet<Role> {
        let enrolled = enrollments.iter().map(|enrollment| enrollment.role);
        let roles: BTreeSet<Role> = self.roles.iter().copied().chain(enrolled).collect();
        if roles.is_empty() && self.in_delta && !self.roles_said {
            return BTreeSet::from([Role::Pupil, Role::Teacher]);
        }
        roles
    }
}

/// A person's name as it is written where they live: 王小明, but Anna Maria Li.
pub(super) fn full_name(given: &str, middle: &str, family: &str) -> String {
    // From the radicals of CJK on.
    let east_asian = |c: char| c >= '\u{2e80}';
    if [given, family].iter().any(|part| part.chars().any(east_asian)) {
        return format!("{family}{middle}{given}");
    }
    let parts = [given, middle, family].into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" ")
}
