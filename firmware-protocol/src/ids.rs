//! Who wrote what: identities on the wire.

/// A pen's own identity, from its factory; the radio address where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PenId(pub u64);

/// A start of the pen. The counter lives in flash; the random part keeps a counter that was reset
/// from colliding with an earlier start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BootId {
    /// Counts the pen's starts.
    pub counter: u32,
    /// Drawn anew at every start.
    pub random: u32,
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
