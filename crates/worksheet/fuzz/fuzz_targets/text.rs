//! A sheet as text: any text is read; its faults lie within it; what is laid out is the same each time,
//! and the same again once it is written to files and read back.
#![no_main]

use std::sync::LazyLock;

use worksheet::text::Draft;
use worksheet::{Framework, Worksheet};

static FRAMEWORK: LazyLock<Framework> = LazyLock::new(Framework::own);

libfuzzer_sys::fuzz_target!(|text: &str| {
    let build = || Draft::build(text, &FRAMEWORK, |_| None);
    let sheet = match build() {
        Ok(sheet) => sheet,
        Err(faults) => {
            assert!(!faults.is_empty());
            // A fault may lie behind the last line, where something is missing.
            let lines = 1 + text.lines().count();
            for fault in faults {
                assert!((1..=lines).contains(&fault.place.line), "{fault}");
                assert!(fault.place.column > 0, "{fault}");
            }
            return;
        }
    };
    assert_eq!(build().as_ref(), Ok(&sheet));
    let files = sheet.files();
    let file = |name: &str| files.iter().find(|(of, _)| of == name).map(|(_, text)| text.clone());
    let toml = file("worksheet.toml").expect("every sheet has one");
    let again = Worksheet::parse(&toml, |name| Ok(file(name).unwrap_or_default()));
    assert_eq!(again.expect("what was laid out is a worksheet"), sheet);
});
