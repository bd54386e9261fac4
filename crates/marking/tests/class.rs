//! A simulated class, marked and held against what its pupils meant.
//!
//! Failure: of the responses that have a key fewer than nine in ten are decided by the machine, or
//! fewer than 97 in 100 of those decided are what the pupil meant (94 and 98 in 100 where the hands
//! are real), over all or for any kind of question; or the red pen is misread. No failure: a single
//! wrong reading, or review where ink is doubtful. The same seeds give the same evening, so a run is
//! deterministic.
//!
//! The printed tables are what the thresholds were chosen by.

use std::path::{Path, PathBuf};

use marking::{Marker, Scratch, Thresholds};
use pen_sim::HandwritingPool;

mod class {
    pub(crate) mod evening;
    pub(crate) mod tally;
}

use class::evening::{papers, setup, simulate};
use class::tally::Tally;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Marks every paper of some evenings.
fn mark(seeds: &[u64], pupils: u32, handwriting: Option<&HandwritingPool>) -> Tally {
    let marker = Marker::new(Thresholds::STANDARD);
    let mut scratch = Scratch::new();
    let mut tally = Tally::default();
    for &seed in seeds {
        let setup = setup(&workspace(), seed, pupils, handwriting.cloned());
        let evening = simulate(&setup);
        for paper in papers(&setup, &evening) {
            let plan = &setup.assignments[paper.assignment];
            let registration = &plan.run.registration;
            let marked =
                marker.mark(&plan.worksheet, paper.page, registration, &paper.ink, &mut scratch);
            tally.add(plan, &paper, &marked, &evening.truth);
        }
    }
    tally
}

#[test]
fn a_class_that_writes_skeletons_is_marked() {
    let tally = mark(&[1, 2], 45, None);
    println!("{tally}");
    tally.check(0.9, 0.97);
    tally.check_red(0.97);
}

#[test]
fn a_class_that_writes_real_hands_is_marked() {
    let Some(dir) = test_needs::data("handwriting") else { return };
    let pool = HandwritingPool::load(&dir).expect("handwriting files");
    let tally = mark(&[1, 2], 45, Some(&pool));
    println!("{tally}");
    tally.check(0.94, 0.98);
    tally.check_red(0.97);
}
