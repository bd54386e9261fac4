//! Which writers a model may learn from. Lives here, so that the training and every test that
//! reports a figure agree.

/// What a writer's samples are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Split {
    /// The weights are fitted to these writers.
    Train,
    /// Everything else is chosen and calibrated on these.
    Validation,
    /// Figures are reported on these and nothing is chosen by them.
    Test,
}

impl Split {
    /// The split of a writer: 75 % train, 10 % validation, 15 % test, by the FNV-1a hash of the
    /// name, so that a writer is on one side in every file and for ever.
    ///
    /// ```
    /// use recognition::Split;
    /// assert_eq!(Split::of("unipen-aga-56b472"), Split::of("unipen-aga-56b472"));
    /// ```
    pub fn of(writer: &str) -> Self {
        let hash = writer.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        // The last byte reaches the low bits alone: fold the next ones in.
        match (hash ^ hash >> 8) % 100 {
            0..15 => Self::Test,
            15..25 => Self::Validation,
            _ => Self::Train,
        }
    }
}
