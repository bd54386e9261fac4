//! InkML: any bytes are read, errors say where; what was read is written and read again as the same
//! strokes, in both notations.
//!
//! A byte chooses what is taken where the file does not say; then the file.
#![no_main]

use firmware_protocol::{BootId, PenId};
use ink::inkml;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((choice, file)) = bytes.split_first() else { return };
    let defaults = inkml::Defaults {
        pen: PenId(7),
        boot: BootId { counter: 1, random: 0 },
        address: None,
        start_ms: [0, 1_790_000_000_000, -1, i64::MIN][usize::from(choice & 3)],
        rate_hz: [100.0, 1e-300, 1e300, 0.1][usize::from(choice >> 2 & 3)],
        device_unit_nm: (choice & 16 != 0).then_some(1_000.0),
    };
    let reading = inkml::read(file, &defaults);
    assert!(reading.errors.len() <= inkml::ERRORS_MAX + 1);
    for error in &reading.errors {
        assert!(error.offset <= file.len() && error.line >= 1);
        assert!(!error.to_string().is_empty());
    }
    for stroke in &reading.strokes {
        assert!(!stroke.samples.is_empty());
        assert!(stroke.orientation.is_empty() || stroke.orientation.len() == stroke.samples.len());
    }
    for notation in [inkml::Notation::Explicit, inkml::Notation::Differences] {
        let mut written = Vec::new();
        inkml::write(&reading.strokes, notation, &mut written).expect("memory takes all");
        let again = inkml::read(&written, &defaults);
        assert_eq!(again.errors, []);
        assert_eq!(again.strokes, reading.strokes);
    }
});
