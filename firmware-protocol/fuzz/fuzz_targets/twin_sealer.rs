//! The C twin's sealer beside this crate's, told the same: they seal the same bytes.
//!
//! The corpus is that of `sealer`.
#![no_main]

use firmware_protocol::*;
use firmware_protocol_fuzz::Input;
use firmware_protocol_fuzz::calls::{Call, Start, calls, sealed, start};

unsafe extern "C" {
    fn twin_pen(calls: *const i64, numbers: usize, frames: *mut u8, room: usize) -> usize;
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut input = Input(bytes);
    let start = start(&mut input);
    let calls = calls(&mut input);
    let ours = sealed(start, &calls).concat();
    let mut numbers = pen(start).to_vec();
    numbers.extend(calls.iter().flat_map(|call| row(*call)));
    // One byte more than it should need shows where it is more.
    let mut theirs = vec![0; ours.len() + 1];
    // SAFETY: both are as long as is said.
    let len =
        unsafe { twin_pen(numbers.as_ptr(), numbers.len(), theirs.as_mut_ptr(), theirs.len()) };
    theirs.truncate(len);
    assert_eq!(ours, theirs, "{start:?} {calls:?}");
});

fn pen(start: Start) -> [i64; 12] {
    let Start { pen, boot, head, policy } = start;
    let mut row = [0; 12];
    row[..3].copy_from_slice(&[pen.0 as i64, boot.counter.into(), boot.random.into()]);
    row[3..6].copy_from_slice(&[head.unit_nm.into(), head.force_max.into(), head.tick_us.into()]);
    row[6..9].copy_from_slice(&[head.tilt.into(), head.twist.into(), head.images.into()]);
    row[9..11].copy_from_slice(&[policy.ink_ms_max.into(), policy.rest_ms_max.into()]);
    row
}

/// Ticks and Unix time first; then a page, or a sample's values.
fn row(call: Call) -> [i64; 12] {
    let mut row = [0; 12];
    match call {
        Call::Down(address, ticks, unix_ms) => {
            row[..4].copy_from_slice(&[0, ticks as i64, unix_ms, address.is_some().into()]);
            if let Some(PageAddress { section, owner, book, page }) = address {
                row[4..8].copy_from_slice(&[
                    section.into(),
                    owner.into(),
                    book.into(),
                    page.into(),
                ]);
            }
        }
        Call::Sample(Reading { ticks, unix_ms, x, y, force, orientation }) => {
            let Orientation { tilt_x, tilt_y, twist } = orientation;
            row[..3].copy_from_slice(&[1, ticks as i64, unix_ms]);
            row[3..6].copy_from_slice(&[x.into(), y.into(), force.into()]);
            row[6..9].copy_from_slice(&[tilt_x.into(), tilt_y.into(), twist.into()]);
        }
        Call::Saw(seen, decoded) => row[..3].copy_from_slice(&[2, seen.into(), decoded.into()]),
        Call::Up(end) => row[..2].copy_from_slice(&[3, end as i64]),
        Call::Rest(ticks) => row[..2].copy_from_slice(&[4, ticks as i64]),
        Call::Flush => row[0] = 5,
    }
    row
}
