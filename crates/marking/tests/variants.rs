//! Ink as pupils produce it besides plain answers, by kinds: how often each is silently wrong.
//!
//! All of it is synthetic: made-up hands of several sizes and slants, on the sample worksheets.
//!
//! Failure: of a kind, more answers than its limit are decided and not what was meant, or of all
//! kinds more than one in two hundred; or of the plain kinds too few are decided. No failure: that a
//! person must decide about a corrected answer.

use std::path::Path;

use marking::{Marker, Scratch, Thresholds};
use report::variants::{KINDS, tried};
use worksheet::Worksheet;

const PAGES: u64 = 60;

fn sheet(name: &str) -> Worksheet {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample-strokes/worksheets");
    Worksheet::load(&dir.join(name)).expect("a worksheet of the samples")
}

#[test]
fn no_kind_is_wrong_in_silence() {
    let marker = Marker::new(Thresholds::STANDARD);
    let mut scratch = Scratch::new();
    let (numbers, english) = (sheet("mental-arithmetic-g3"), sheet("english-g3"));
    let mut failed = Vec::new();
    let (mut all, mut silent) = (0, 0);
    for kind in KINDS {
        let tried = tried(&marker, kind, [&numbers, &english], PAGES, &mut scratch);
        assert!(tried.all >= PAGES as usize, "{}: only {} answers", kind.name, tried.all);
        println!(
            "{:>36}: {:>4} right {:>6.2} % silently wrong {:>6.2} % (blank {:>6.2} %) {:?}",
            kind.name,
            tried.all,
            tried.percent(tried.right),
            tried.percent(tried.silent),
            tried.percent(tried.blank),
            tried.reviews,
        );
        for told in tried.examples.iter().take(4) {
            println!("        {told}");
        }
        (all, silent) = (all + tried.all, silent + tried.silent);
        let (silent, right) = (tried.percent(tried.silent), tried.percent(tried.right));
        if silent > kind.silent_max || right < kind.right_min {
            failed.push(kind.name);
        }
    }
    println!("{silent} of {all} silently wrong");
    assert!(failed.is_empty(), "{failed:?}");
    assert!(silent * 200 <= all, "{silent} of {all}");
}
