use firmware_protocol::{BootId, PenId};

use crate::{StrokeKey, StrokeKeyError};

#[test]
fn every_name_is_read_back() {
    for (pen, counter, random, number) in
        [(0, 0, 0, 0), (u64::MAX, u32::MAX, u32::MAX, u32::MAX), (0x7f3a, 2, 0x9c41_d07b, 41)]
    {
        let key = StrokeKey { pen: PenId(pen), boot: BootId { counter, random }, number };
        assert_eq!(key.to_string().parse(), Ok(key));
    }
}

#[test]
fn other_texts_name_no_stroke() {
    for text in ["", "1-2-3", "1-2-3-4-5", "1-2-3-x", "01-2-3-4", "+1-2-3-4", "A-2-3-4", "1-2-3-4 "]
    {
        assert_eq!(text.parse::<StrokeKey>(), Err(StrokeKeyError), "{text:?}");
    }
}
