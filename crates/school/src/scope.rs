//! What one signed-in person may see at one moment.

use std::collections::{BTreeMap, BTreeSet};

use crate::{ClassId, DistrictId, Grade, Grant, Right, Role, SchoolId, StaffId, SubjectId};

/// A class, and what it is part of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The class.
    pub class: ClassId,
    /// Its grade.
    pub grade: Grade,
    /// Its school.
    pub school: SchoolId,
    /// The school's district, if it is of one.
    pub district: Option<DistrictId>,
}

/// What a role is held over.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reach {
    /// One class.
    Class(ClassId),
    /// The classes of a school that are in a grade.
    Grade(SchoolId, Grade),
    /// The classes of a school.
    School(SchoolId),
    /// The classes of a district's schools.
    District(DistrictId),
}

impl Reach {
    /// Whether a class lies in it.
    #[must_use]
    pub fn holds(&self, place: &Place) -> bool {
        match self {
            Self::Class(class) => *class == place.class,
            Self::Grade(school, grade) => *school == place.school && *grade == place.grade,
            Self::School(school) => *school == place.school,
            Self::District(district) => Some(district) == place.district.as_ref(),
        }
    }
}

/// What one signed-in person may see at one moment: what their roles of that moment give, and
/// nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    staff: StaffId,
    at_ms: i64,
    until_ms: Option<i64>,
    rights: BTreeMap<Right, BTreeSet<Reach>>,
    /// The classes that they teach, and in which subject; `None`: in all.
    taught: BTreeSet<(ClassId, Option<SubjectId>)>,
}

impl Scope {
    /// Works out what `staff` may see at a moment. Roles of others and of other times give nothing.
    #[must_use]
    pub fn of<'a>(staff: StaffId, grants: impl IntoIterator<Item = &'a Grant>, at_ms: i64) -> Self {
        let mut rights: BTreeMap<Right, BTreeSet<Reach>> = BTreeMap::new();
        let mut taught = BTreeSet::new();
        let mut until_ms: Option<i64> = None;
        for grant in grants {
            if grant.staff != staff {
                continue;
            }
            let changes = [Some(grant.period.from_ms()), grant.period.until_ms()];
            let later = changes.into_iter().flatten().filter(|change| *change > at_ms);
            until_ms = later.chain(until_ms).min();
            if grant.period.contains(at_ms) {
                for right in grant.role.rights() {
                    rights.entry(*right).or_default().insert(grant.role.reach());
                }
                if let Role::Teacher { class, subject } = &grant.role {
                    taught.insert((class.clone(), subject.clone()));
                }
            }
        }
        Self { staff, at_ms, until_ms, rights, taught }
    }

    /// Nobody's: it allows nothing.
    #[must_use]
    pub fn nothing(at_ms: i64) -> Self {
        let (rights, taught) = (BTreeMap::new(), BTreeSet::new());
        Self { staff: StaffId::nobody(), at_ms, until_ms: None, rights, taught }
    }

    /// Whose it is.
    #[must_use]
    pub fn staff(&self) -> &StaffId {
        &self.staff
    }

    /// The moment, Unix milliseconds.
    #[must_use]
    pub fn at_ms(&self) -> i64 {
        self.at_ms
    }

    /// The first moment at which it may no longer be right: a role of theirs begins or ends.
    #[must_use]
    pub fn until_ms(&self) -> Option<i64> {
        self.until_ms
    }

    /// Over what a right is held.
    pub fn reach(&self, right: Right) -> impl Iterator<Item = &Reach> {
        self.rights.get(&right).into_iter().flatten()
    }

    /// The classes that they teach in a subject, as worksheets name it.
    pub fn teaches<'a>(&'a self, subject: &'a str) -> impl Iterator<Item = &'a ClassId> {
        let of_subject = move |of: &SubjectId| of.as_str() == subject;
        self.taught
            .iter()
            .filter(move |(_, of)| of.as_ref().is_none_or(of_subject))
            .map(|(class, _)| class)
    }

    /// Whether a right is held over a class.
    #[must_use]
    pub fn allows(&self, right: Right, place: &Place) -> bool {
        self.reach(right).any(|reach| reach.holds(place))
    }
}

#[cfg(test)]
mod tests;
