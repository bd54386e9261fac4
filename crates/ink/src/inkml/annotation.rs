//! What a stroke is beside its points, as our own annotation: text that other readers pass over.

use std::fmt;

use firmware_protocol::{PageAddress, StrokeEnd};

use crate::{Stroke, StrokeKey};

/// The annotation's type.
pub(super) const TYPE: &str = "zhibi-stroke";

/// A stroke without its points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) key: StrokeKey,
    pub(super) address: Option<PageAddress>,
    pub(super) start_ms: i64,
    pub(super) start_ticks: u64,
    pub(super) end: StrokeEnd,
    pub(super) complete: bool,
}

const ENDS: &[(&str, StrokeEnd)] = &[
    ("up", StrokeEnd::Up),
    ("page_change", StrokeEnd::PageChange),
    ("link_lost", StrokeEnd::LinkLost),
    ("power_lost", StrokeEnd::PowerLost),
    ("inferred", StrokeEnd::Inferred),
    ("continued", StrokeEnd::Continued),
];

impl From<&Stroke> for Named {
    fn from(stroke: &Stroke) -> Self {
        let &Stroke { key, address, start_ms, start_ticks, end, complete, .. } = stroke;
        Self { key, address, start_ms, start_ticks, end, complete }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key={} page=", self.key)?;
        match self.address {
            None => write!(f, "none")?,
            Some(PageAddress { section, owner, book, page }) => {
                write!(f, "{section}.{owner}.{book}.{page}")?;
            }
        }
        let end = ENDS.iter().find(|(_, end)| *end == self.end).map_or("", |(name, _)| name);
        let Self { start_ms, start_ticks, complete, .. } = self;
        write!(f, " start_ms={start_ms} ticks={start_ticks} end={end} complete={complete}")
    }
}

/// `None` where the text is none of ours.
pub(super) fn parse(text: &str) -> Option<Named> {
    let mut words = text.split_ascii_whitespace();
    let mut word = |name: &str| words.next()?.strip_prefix(name)?.strip_prefix('=');
    let named = Named {
        key: word("key")?.parse().ok()?,
        address: match word("page")? {
            "none" => None,
            page => Some(parse_address(page).ok()?),
        },
        start_ms: word("start_ms")?.parse().ok()?,
        start_ticks: word("ticks")?.parse().ok()?,
        end: word("end").and_then(|end| ENDS.iter().find(|(name, _)| *name == end))?.1,
        complete: word("complete")?.parse().ok()?,
    };
    words.next().is_none().then_some(named)
}

/// Why a text is no page face.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is not four numbers with dots between.
    #[error("an address is SECTION.OWNER.BOOK.PAGE, for example 3.27.168.12")]
    Form,
    /// A number is more than its part holds: cut to it, it would be another's page.
    #[error("the {part} of an address is 0 to {max}")]
    Beyond {
        /// Which part.
        part: &'static str,
        /// The most that it holds.
        max: u32,
    },
}

/// A page face as `section.owner.book.page`, all decimal.
///
/// # Errors
/// [`AddressError`] where the text is none, or names what no address can hold.
pub fn parse_address(text: &str) -> Result<PageAddress, AddressError> {
    let mut parts = text.split('.');
    let mut part = |part, max: u32| {
        let digits = parts.next().ok_or(AddressError::Form)?;
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(AddressError::Form);
        }
        let number = digits.parse().ok().filter(|number| *number <= max);
        number.ok_or(AddressError::Beyond { part, max })
    };
    // The first is at most 255.
    let section = part("section", u8::MAX.into())? as u8;
    let address = PageAddress {
        section,
        owner: part("owner", PageAddress::OWNER_MAX)?,
        book: part("book", u32::MAX)?,
        page: part("page", u32::MAX)?,
    };
    if parts.next().is_some() { Err(AddressError::Form) } else { Ok(address) }
}
