//! Labelled handwriting, JSON Lines: any bytes are read; what was read is written and read again.
#![no_main]

use ink::Handwriting;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for item in Handwriting::read(bytes) {
        let item = match item {
            Ok(item) => item,
            Err(error) => {
                assert!(error.to_string().starts_with("line "));
                continue;
            }
        };
        let line = serde_json::to_string(&item).expect("it is plain data");
        let again: Vec<_> = Handwriting::read(line.as_bytes()).collect();
        assert!(matches!(again.as_slice(), [Ok(again)] if *again == item), "{line}");
    }
});
