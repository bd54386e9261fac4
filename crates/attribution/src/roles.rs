//! What a marking made of each stroke.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::str::FromStr;

use ink::StrokeKey;

/// What a stroke is to its paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The pupil's, and it counts.
    Live,
    /// The pupil's, crossed out or written over, or what crossed it out.
    Superseded,
    /// The teacher's.
    Red,
    /// Outside every field.
    Loose,
}

impl Role {
    const ALL: [Self; 4] = [Self::Live, Self::Superseded, Self::Red, Self::Loose];

    fn letter(self) -> char {
        match self {
            Self::Live => 'L',
            Self::Superseded => 'S',
            Self::Red => 'R',
            Self::Loose => 'O',
        }
    }
}

/// The roles of some strokes of a paper: those of one part, or those outside every field.
///
/// As text, in which it is stored: the version, and for each role and start of a pen the numbers of
/// the strokes, as runs. The same roles give the same text.
///
/// ```
/// use attribution::{Role, Roles};
///
/// let roles: Roles = "1 L7f3a-2-9c41d07b:3-5,9 S7f3a-2-9c41d07b:1".parse()?;
/// assert_eq!(roles.iter().filter(|(_, role)| *role == Role::Live).count(), 4);
/// assert!("2 L7f3a-2-9c41d07b:3-5".parse::<Roles>().is_err(), "a version of another time");
/// # Ok::<(), attribution::RolesError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles(BTreeMap<StrokeKey, Role>);

/// Roles that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RolesError {
    /// They are of a version that this program does not know.
    #[error("roles of strokes have version {0:?}, and this program knows {VERSION}")]
    Version(String),
    /// They are damaged.
    #[error("roles of strokes are damaged at {0:?}")]
    Damaged(String),
}

/// A new form needs a new version, and a way to read the old one.
const VERSION: &str = "1";

/// No marking gives roles to more strokes of one part or page; it bounds what a damaged text makes.
const STROKES_MAX: usize = 1 << 20;

impl Roles {
    /// The role of each stroke; of a stroke that is named twice, the last one counts.
    pub fn new(roles: impl IntoIterator<Item = (StrokeKey, Role)>) -> Self {
        Self(roles.into_iter().collect())
    }

    /// Every stroke with its role, by key.
    pub fn iter(&self) -> impl Iterator<Item = (StrokeKey, Role)> + '_ {
        self.0.iter().map(|(key, role)| (*key, *role))
    }

    /// Whether there is no stroke.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(VERSION)?;
        // Starts stand in the order of their text, so that a database can write this form too.
        let mut numbers: BTreeMap<(Role, String), Vec<u32>> = BTreeMap::new();
        for (key, role) in self.iter() {
            let name = key.to_string();
            let start = name.rsplit_once('-').map_or("", |(start, _)| start);
            numbers.entry((role, start.to_owned())).or_default().push(key.number);
        }
        for ((role, start), numbers) in numbers {
            write!(f, " {}{start}", role.letter())?;
            let mut before = ':';
            for run in numbers.chunk_by(|a, b| a.checked_add(1) == Some(*b)) {
                f.write_char(before)?;
                before = ',';
                match run {
                    [first, .., last] => write!(f, "{first}-{last}")?,
                    [only] => write!(f, "{only}")?,
                    [] => {}
                }
            }
        }
        Ok(())
    }
}

impl FromStr for Roles {
    type Err = RolesError;

    fn from_str(text: &str) -> Result<Self, RolesError> {
        let mut words = text.split(' ');
        let version = words.next().unwrap_or_default();
        if version != VERSION {
            // A text of another form may be of any length.
            return Err(RolesError::Version(version.chars().take(20).collect()));
        }
        let mut roles = BTreeMap::new();
        for word in words {
            let damaged = || RolesError::Damaged(word.chars().take(60).collect());
            let mut letters = word.chars();
            let letter = letters.next().ok_or_else(damaged)?;
            let role = Role::ALL.into_iter().find(|role| role.letter() == letter);
            let role = role.ok_or_else(damaged)?;
            let (start, runs) = letters.as_str().split_once(':').ok_or_else(damaged)?;
            let zero: StrokeKey = format!("{start}-0").parse().map_err(|_| damaged())?;
            for run in runs.split(',') {
                let (first, last) = run.split_once('-').unwrap_or((run, run));
                let first: u32 = first.parse().map_err(|_| damaged())?;
                let last: u32 = last.parse().map_err(|_| damaged())?;
                let strokes = last.checked_sub(first).ok_or_else(damaged)? as usize;
                if strokes >= STROKES_MAX.saturating_sub(roles.len()) {
                    return Err(damaged());
                }
                let key = |number| (StrokeKey { number, ..zero }, role);
                roles.extend((first..=last).map(key));
            }
        }
        let roles = Self(roles);
        // Roles have one spelling, so that equal texts are equal roles.
        if roles.to_string() == text {
            Ok(roles)
        } else {
            Err(RolesError::Damaged(text.chars().take(60).collect()))
        }
    }
}

impl TryFrom<String> for Roles {
    type Error = RolesError;

    fn try_from(text: String) -> Result<Self, RolesError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests;
