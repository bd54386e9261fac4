//! A stroke's name as text: `pen-counter-random-number`, in hexadecimal but for the number.

use std::fmt;
use std::str::FromStr;

use firmware_protocol::{BootId, PenId};

use crate::StrokeKey;

#[cfg(test)]
mod tests;

/// A text that names no stroke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no stroke's name: expected pen-counter-random-number, for example 7f3a-2-9c41d07b-41")]
pub struct StrokeKeyError;

/// ```
/// let key: ink::StrokeKey = "7f3a-2-9c41d07b-41".parse()?;
/// assert_eq!(key.number, 41);
/// assert_eq!(key.to_string(), "7f3a-2-9c41d07b-41");
/// # Ok::<(), ink::StrokeKeyError>(())
/// ```
impl fmt::Display for StrokeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pen: PenId(pen), boot: BootId { counter, random }, number } = self;
        write!(f, "{pen:x}-{counter:x}-{random:x}-{number}")
    }
}

impl FromStr for StrokeKey {
    type Err = StrokeKeyError;

    fn from_str(text: &str) -> Result<Self, StrokeKeyError> {
        let mut parts = text.split('-');
        let mut part = || parts.next().ok_or(StrokeKeyError);
        let (pen, counter, random, number) = (part()?, part()?, part()?, part()?);
        let hex = |text: &str| u32::from_str_radix(text, 16).map_err(|_| StrokeKeyError);
        let key = Self {
            pen: PenId(u64::from_str_radix(pen, 16).map_err(|_| StrokeKeyError)?),
            boot: BootId { counter: hex(counter)?, random: hex(random)? },
            number: number.parse().map_err(|_| StrokeKeyError)?,
        };
        // A name has one spelling: no sign, no leading zero, no capital, nothing after it.
        if key.to_string() == text { Ok(key) } else { Err(StrokeKeyError) }
    }
}
