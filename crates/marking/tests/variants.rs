//! Ink as pupils produce it besides plain answers, by kinds: how often each is silently wrong.
//!
//! All of it is synthetic: made-up hands of several sizes and slants, on the sample worksheets.
//!
//! Failure: of a kind, more answers than its limit are decided and not what was meant, or of all
//! kinds more than one in two hundred; or of the plain kinds too few are decided. No failure: that a
//! person must decide about a corrected answer.

use std::collections::BTreeMap;
use std::path::Path;

use marking::{MarkedPaper, Marker, Scratch, Thresholds};
use report::variants::{KINDS, Meant, Page};
use worksheet::{Registration, Worksheet};

const PLAIN: Registration =
    Registration { version: 1, dx_um: 0, dy_um: 0, rotation_urad: 0, scale_ppm: 0 };
const PAGES: u64 = 60;

fn sheet(name: &str) -> Worksheet {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample-strokes/worksheets");
    Worksheet::load(&dir.join(name)).expect("a worksheet of the samples")
}

#[derive(Default)]
struct Tally {
    all: usize,
    right: usize,
    silent: usize,
    /// Decided blank where something was meant.
    blank: usize,
    reviews: BTreeMap<&'static str, usize>,
    examples: Vec<String>,
}

impl Tally {
    fn add(&mut self, seed: u64, paper: &MarkedPaper, meant: &Meant) {
        for (part, text) in meant {
            let response = paper.responses.iter().find(|r| r.part == *part).expect("a part");
            let read = response.reading.as_ref().map(|r| r.written.to_string());
            self.all += 1;
            match (response.machine, response.review) {
                (Some(_), _) if read.as_deref() == text.as_deref() => self.right += 1,
                (Some(_), _) => {
                    self.silent += 1;
                    self.blank += usize::from(read.is_none());
                    let p = response.reading.as_ref().map_or(0.0, |r| r.probability);
                    self.examples.push(format!("{seed} {part} {text:?} {read:?} {p:.3}"));
                }
                (None, review) => {
                    *self.reviews.entry(review.map_or("?", |r| r.code())).or_default() += 1;
                }
            }
        }
    }
}

#[test]
fn no_kind_is_wrong_in_silence() {
    let marker = Marker::new(Thresholds::STANDARD);
    let mut scratch = Scratch::new();
    let (numbers, english) = (sheet("mental-arithmetic-g3"), sheet("english-g3"));
    let mut failed = Vec::new();
    let (mut all, mut silent) = (0, 0);
    for kind in KINDS {
        let mut tally = Tally::default();
        for seed in 0..PAGES {
            let mut page = Page::new(seed * 7_919 + 13);
            let meant = (kind.write)(&mut page);
            let sheet = if kind.english { &english } else { &numbers };
            let paper = marker.mark(sheet, 1, &PLAIN, &page.ink(), &mut scratch);
            tally.add(seed, &paper, &meant);
        }
        let share = |n: usize| 100.0 * n as f64 / tally.all.max(1) as f64;
        println!(
            "{:>36}: {:>4} right {:>6.2} % silently wrong {:>6.2} % (blank {:>6.2} %) {:?}",
            kind.name,
            tally.all,
            share(tally.right),
            share(tally.silent),
            share(tally.blank),
            tally.reviews,
        );
        for told in tally.examples.iter().take(4) {
            println!("        {told}");
        }
        (all, silent) = (all + tally.all, silent + tally.silent);
        if share(tally.silent) > kind.silent_max || share(tally.right) < kind.right_min {
            failed.push(kind.name);
        }
    }
    println!("{silent} of {all} silently wrong");
    assert!(failed.is_empty(), "{failed:?}");
    assert!(silent * 200 <= all, "{silent} of {all}");
}
