//! A pen that writes one short stroke per chunk.

use firmware_protocol::{
    BootId, PageAddress, PenHead, PenId, Reading, SealPolicy, Sealer, StrokeEnd,
};

pub(crate) const ADDRESS: PageAddress = PageAddress { section: 3, owner: 27, book: 5, page: 100 };
pub(crate) const BOOT: BootId = BootId { counter: 1, random: 0xfeed };
/// Unix milliseconds of the pen's tick 0.
pub(crate) const START_MS: i64 = 1_700_000_000_000;

/// Chunks 1 to `count`, each with ten samples.
pub(crate) fn chunks(pen: u64, count: u32) -> Vec<Vec<u8>> {
    let head = PenHead::new(23_710, 852, 1_000);
    let mut sealer = Sealer::new(PenId(pen), BOOT, head, SealPolicy::STANDARD);
    let mut chunks = Vec::new();
    for stroke in 1..=i64::from(count) {
        let mut out = |chunk: &[u8]| chunks.push(chunk.to_vec());
        let begin = stroke * 1_000;
        let at = |ticks: i64| (ticks.cast_unsigned(), START_MS + ticks);
        let (ticks, unix_ms) = at(begin);
        sealer.pen_down(Some(ADDRESS), ticks, unix_ms, &mut out);
        for sample in 0..10 {
            let (ticks, unix_ms) = at(begin + 10 * sample);
            let x = i32::try_from(100 * stroke + 7 * sample).unwrap();
            sealer.sample(Reading::new(ticks, unix_ms, x, 40, 300), &mut out);
        }
        sealer.pen_up(StrokeEnd::Up, &mut out);
        sealer.flush(&mut out);
    }
    chunks
}
