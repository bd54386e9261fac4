//! What an evening leaves behind.

use firmware_protocol::{PenId, PenState};

use crate::Truth;

/// An evening as the gateways see it, and what was meant by it.
#[derive(Clone, Debug)]
pub struct Evening {
    /// In the order in which the pens hand them over.
    pub deliveries: Vec<Delivery>,
    /// Who was given which pen; a pen that was lent in secret is not here.
    pub leases: Vec<Lease>,
    /// What was meant.
    pub truth: Truth,
    /// Readings that the pens took and sent; copies are not counted twice.
    pub samples: u64,
}

/// Something that a pen hands to its gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Unix milliseconds, true time, at which the pen hands it over.
    pub at_ms: i64,
    /// The pen.
    pub pen: PenId,
    /// What it hands over.
    pub what: Handed,
    /// The pen handed the same bytes over before.
    pub copy: bool,
}

/// What a pen hands over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handed {
    /// A sealed frame with a number: the hello (number 0) or a chunk.
    Chunk(Vec<u8>),
    /// The pen's state, as the gateway hears it.
    State(PenState),
}

/// A pen in somebody's hand, as the school knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The pen.
    pub pen: PenId,
    /// Who holds it.
    pub holder: Holder,
    /// Unix milliseconds.
    pub from_ms: i64,
    /// Unix milliseconds; `None` until further notice.
    pub until_ms: Option<i64>,
}

/// Who holds a pen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A pupil, by id: the pen's ink is answers.
    Pupil(String),
    /// A teacher, by id: the pen's ink is marks.
    Marker(String),
}
