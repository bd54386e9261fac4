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
            page => Some(parse_address(page)?),
        },
        start_ms: word("start_ms")?.parse().ok()?,
        start_ticks: word("ticks")?.parse().ok()?,
        end: word("end").and_then(|end| ENDS.iter().find(|(name, _)| *name == end))?.1,
        complete: word("complete")?.parse().ok()?,
    };
    words.next().is_none().then_some(named)
}

/// A page face as `section.owner.book.page`, all decimal; `None` where the text is none.
pub fn parse_address(text: &str) -> Option<PageAddress> {
    let mut parts = text.split('.');
    let address = PageAddress {
        section: parts.next()?.parse().ok()?,
        owner: parts.next()?.parse().ok()?,
        book: parts.next()?.parse().ok()?,
        page: parts.next()?.parse().ok()?,
    };
    parts.next().is_none().then_some(address)
}
