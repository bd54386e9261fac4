//! A sealer, told anything in any order: what it seals reads back to what it was told, no chunk
//! holds more time than the policy says, and each chunk written again is the same bytes.
//!
//! What a pen is, then its calls: `src/calls.rs`.
#![no_main]

use firmware_protocol::*;
use firmware_protocol_fuzz::calls::{Call, Start, calls, sealed, start};
use firmware_protocol_fuzz::{Fragment, Input, check_explained, read_chunk, rewritten};

/// A stroke as told, or as read.
#[derive(Clone, Debug, PartialEq)]
struct Stroke {
    address: Option<PageAddress>,
    end: StrokeEnd,
    samples: Vec<(u64, i32, i32, u16, Orientation)>,
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut input = Input(bytes);
    let start = start(&mut input);
    let calls = calls(&mut input);
    let (mut strokes, mut images) = (Vec::new(), (0, 0));
    for (index, bytes) in sealed(start, &calls).iter().enumerate() {
        let Ok((Frame::Chunk(chunk), len)) = decode_frame(bytes) else { panic!("a chunk") };
        assert_eq!(len, bytes.len());
        let Start { pen, boot, .. } = start;
        assert_eq!(chunk.key, ChunkKey { pen, boot, number: index as u32 + 1 });
        let fragments = read_chunk(&chunk).expect("sealed");
        assert!(!fragments.is_empty());
        check_time(&chunk, &fragments, start.policy);
        for fragment in &fragments {
            add(fragment, chunk.head.anchor_ticks, &mut strokes);
            assert_eq!(fragment.0.images.is_some(), start.head.images);
            if let Some(Images { seen, decoded }) = fragment.0.images {
                images = (images.0 + u32::from(seen), images.1 + u32::from(decoded));
            }
        }
        check_explained(bytes);
        assert_eq!(rewritten(&chunk, &fragments).as_deref(), Ok(bytes.as_slice()));
    }
    assert_eq!(strokes, told(start.head, &calls));
    let saw = calls.iter().fold((0, 0), |sum, call| match *call {
        Call::Saw(seen, decoded) => (sum.0 + u32::from(seen), sum.1 + u32::from(decoded)),
        _ => sum,
    });
    // Between two fragments they end at 65,535.
    if start.head.images && saw.0.max(saw.1) <= u16::MAX.into() {
        assert_eq!(images, saw);
    }
});

/// No sample but a chunk's first comes later than the policy says.
fn check_time(chunk: &Chunk<'_>, fragments: &[Fragment], policy: SealPolicy) {
    let samples = fragments.iter().flat_map(|(_, samples)| samples);
    for sample in samples.skip(1) {
        assert!(chunk.head.ticks_to_ms(sample.ticks) < i64::from(policy.ink_ms_max));
    }
}

/// Puts a fragment where it belongs.
fn add((head, samples): &Fragment, anchor_ticks: u64, strokes: &mut Vec<Stroke>) {
    if head.first {
        strokes.push(Stroke { address: head.address, end: head.end, samples: Vec::new() });
    }
    assert_eq!(head.stroke as usize + 1, strokes.len());
    let stroke = strokes.last_mut().expect("it begins");
    assert_eq!(stroke.address, head.address);
    stroke.end = head.end;
    stroke.samples.extend(samples.iter().map(|sample| {
        let &RawSample { ticks, x, y, force, orientation } = sample;
        (anchor_ticks + u64::from(ticks), x, y, force, orientation)
    }));
}

/// The strokes that calls tell.
fn told(head: PenHead, calls: &[Call]) -> Vec<Stroke> {
    let (mut strokes, mut down) = (Vec::new(), false);
    let begin = |address: Option<PageAddress>| {
        let address = address.map(|page| PageAddress { owner: page.owner & 0xff_ffff, ..page });
        // Until another end is told.
        Stroke { address, end: StrokeEnd::Inferred, samples: Vec::new() }
    };
    for call in calls {
        match *call {
            Call::Down(address, ..) => {
                strokes.push(begin(address));
                down = true;
            }
            Call::Up(end) => {
                if let Some(stroke) = strokes.last_mut().filter(|_| down) {
                    stroke.end = end;
                }
                down = false;
            }
            Call::Sample(Reading { ticks, x, y, force, mut orientation, .. }) => {
                if !down {
                    strokes.push(begin(None));
                }
                down = true;
                if !head.tilt {
                    (orientation.tilt_x, orientation.tilt_y) = (0, 0);
                }
                if !head.twist {
                    orientation.twist = 0;
                }
                let force = if head.force_max == 0 { 0 } else { force };
                let sample = (ticks.min(u64::MAX / 2), x, y, force, orientation);
                strokes.last_mut().expect("it begins").samples.push(sample);
            }
            Call::Saw(..) | Call::Rest(_) | Call::Flush => {}
        }
    }
    strokes
}
