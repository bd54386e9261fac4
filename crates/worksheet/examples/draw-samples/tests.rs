//! The committed sheets are what this program draws.

use super::drawn;

#[test]
fn committed_sheets_are_up_to_date() {
    for (dir, files) in drawn().unwrap() {
        for (name, text) in files {
            let path = dir.join(name);
            let committed = std::fs::read_to_string(&path).unwrap_or_default();
            let hint = "run `cargo run --release -p worksheet --example draw-samples`";
            assert!(committed == text, "{} is out of date: {hint}", path.display());
        }
    }
}
