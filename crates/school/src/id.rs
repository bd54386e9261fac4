//! Typed identities.
//!
//! Each is a short text that can stand in a URL path and in a log line as it is. A name of a person
//! is never an identity: `PupilId::new("王小明")` is refused.

use std::fmt;

/// The longest identity, bytes.
const LEN_MAX: usize = 64;

/// Why a text is no identity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// It is empty or too long.
    #[error("{what} of {len} bytes: it has 1 to {LEN_MAX}")]
    Length {
        /// Of what kind the identity would be.
        what: &'static str,
        /// Its length in bytes.
        len: usize,
    },
    /// It holds a character that an identity does not have.
    #[error("{what} with {character:?} at byte {at}: it has letters a to z, digits, '-', '_', '.'")]
    Character {
        /// Of what kind the identity would be.
        what: &'static str,
        /// The first such character.
        character: char,
        /// Where it stands.
        at: usize,
    },
}

impl StaffId {
    /// Equal to nobody's: it is empty.
    pub(crate) fn nobody() -> Self {
        Self(String::new())
    }
}

fn check(what: &'static str, text: &str) -> Result<(), IdError> {
    if text.is_empty() || text.len() > LEN_MAX {
        return Err(IdError::Length { what, len: text.len() });
    }
    let strange = |c: &char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    match text.char_indices().find(|(_, c)| strange(c)) {
        Some((at, character)) => Err(IdError::Character { what, character, at }),
        None => Ok(()),
    }
}

macro_rules! identities {
    ($($(#[$doc:meta])* $name:ident = $what:literal,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[derive(serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(#[serde(deserialize_with = "checked::<_, Self>")] String);

        impl $name {
            /// Takes a text of 1 to 64 ASCII letters, digits, `-`, `_` and `.`.
            ///
            /// # Errors
            /// Names what is refused, and where.
            pub fn new(text: impl Into<String>) -> Result<Self, IdError> {
                let text = text.into();
                check($what, &text)?;
                Ok(Self(text))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

identities! {
    /// A school.
    SchoolId = "a school's id",
    /// A district of schools.
    DistrictId = "a district's id",
    /// A class of a school.
    ClassId = "a class's id",
    /// A pupil; a pseudonym.
    PupilId = "a pupil's id",
    /// A member of staff.
    StaffId = "a staff id",
    /// A worksheet given to a class.
    AssignmentId = "an assignment's id",
    /// What is taught, as worksheets name it: `math`, `english`.
    SubjectId = "a subject",
}

/// Reads the text of an identity, and refuses what its constructor refuses.
fn checked<'de, D, T>(deserializer: D) -> Result<String, D::Error>
where
    D: serde::Deserializer<'de>,
    T: TryFrom<String, Error = IdError> + fmt::Display,
{
    let text: String = serde::Deserialize::deserialize(deserializer)?;
    let id = T::try_from(text).map_err(serde::de::Error::custom)?;
    Ok(id.to_string())
}

#[cfg(test)]
mod tests;
