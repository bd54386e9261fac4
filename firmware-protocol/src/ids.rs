//! Who wrote what: identities on the wire.

use core::fmt;

/// A pen's own identity, from its factory; the radio address where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PenId(pub u64);

/// Twelve hexadecimal digits, or more where it is longer than a radio address.
impl fmt::Display for PenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012x}", self.0)
    }
}

/// A start of the pen. The counter lives in flash; the random part keeps a counter that was reset
/// from colliding with an earlier start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BootId {
    /// Counts the pen's starts.
    pub counter: u32,
    /// Drawn anew at every start.
    pub random: u32,
}

/// `5-a1b2c3d4`: the counter, and the random part in hexadecimal.
impl fmt::Display for BootId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:08x}", self.counter, self.random)
    }
}

/// Names one chunk for ever; the unit of transport, de-duplication and storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChunkKey {
    /// The pen that sealed it.
    pub pen: PenId,
    /// The pen's start within which `number` counts.
    pub boot: BootId,
    /// Counts the chunks of one start; 0 is the hello.
    pub number: u32,
}

/// The printed identity of one page face.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PageAddress {
    /// Section, 8 bits.
    pub section: u8,
    /// Owner, 24 bits.
    pub owner: u32,
    /// Book (or note).
    pub book: u32,
    /// Page.
    pub page: u32,
}

impl PageAddress {
    /// The largest owner: 24 bits.
    pub const OWNER_MAX: u32 = 0x00ff_ffff;
}
