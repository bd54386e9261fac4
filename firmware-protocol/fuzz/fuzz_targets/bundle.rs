//! A bundle, or a capture of bundles: what is found in it lies end to end, and the sound frames are
//! those of a stream of the same bytes.
//!
//! A byte that chooses whose checksum is made good; then the file. What is neither is taken for a
//! bundle's frames.
#![no_main]

use firmware_protocol::{BUNDLE_BYTES_MAX, Bundle, BundleError, Capture, frame_len};
use firmware_protocol_fuzz::{Input, Piece, claimed_len, mend_some, pieces};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut input = Input(bytes);
    let choice = input.byte();
    let mut file = input.0.to_vec();
    if let Some(behind) = file.get_mut(8..) {
        mend_some(behind, choice);
    }
    if let Ok(capture) = Capture::parse(&file) {
        return check_capture(capture, file.len());
    }
    if check_bundle(&file).is_err() {
        let whole = [b"ZBND\x01\0\x01\0".as_slice(), &file].concat();
        check_bundle(&whole).expect("a bundle's header");
    }
});

fn check_capture(capture: Capture<'_>, len: usize) {
    let mut at = 8;
    let mut bundles = capture.bundles();
    for bundle in bundles.by_ref() {
        let Ok(bundle) = bundle else {
            assert!(at < len && bundles.next().is_none(), "after an error there is nothing more");
            return;
        };
        at += 4 + bundle.len();
        let _none = check_bundle(bundle);
    }
    assert_eq!(at, len);
}

fn check_bundle(bytes: &[u8]) -> Result<(), BundleError> {
    let bundle = Bundle::parse(bytes)?;
    assert!(bytes.len() <= BUNDLE_BYTES_MAX);
    let (mut at, mut sound) = (8, Vec::new());
    for raw in bundle.frames() {
        assert_eq!(raw.offset, at);
        assert!(!raw.bytes.is_empty());
        assert_eq!(raw.bytes, &bytes[at..at + raw.bytes.len()]);
        at += raw.bytes.len();
        if let Ok(len) = frame_len(&bytes[raw.offset..]) {
            assert_eq!(len, raw.bytes.len());
            sound.push(Piece::Frame(raw.bytes.to_vec()));
        } else {
            assert!(raw.frame.is_err());
        }
    }
    assert_eq!(at, bytes.len());
    // The search's budget is four times the bundle. Where all that it may look at costs no more
    // than twice the bundle, it gives nothing up.
    let starts = (8..bytes.len()).filter_map(|at| claimed_len(&bytes[at..]));
    if starts.sum::<usize>() <= 2 * bytes.len() {
        let mut found = pieces(&bytes[8..]);
        found.retain(|piece| matches!(piece, Piece::Frame(_)));
        assert_eq!(sound, found);
    }
    Ok(())
}
