//! The identities that other systems give to those whom we know: 学籍号, `sourcedId` of OneRoster.

use crate::sql::codes;

/// What an identity is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Entity {
    /// A school.
    School,
    /// A class.
    Class,
    /// A pupil.
    Pupil,
    /// A member of staff.
    Staff,
}

codes!(pub(crate) Entity { School = "school", Class = "class", Pupil = "pupil", Staff = "staff" });
