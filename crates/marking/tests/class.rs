//! A simulated class, marked and held against what its pupils meant.
//!
//! Failure: of the responses that have a key fewer than nine in ten are decided by the machine, or
//! fewer than 97 in 100 of those decided are what the pupil meant (91.5 and 99.7 in 100 where the
//! hands are real), over all or for any kind of question; or the red pen is misread. No failure: a
//! single wrong reading, or review where ink is doubtful. The same seeds give the same evening, so a
//! run is deterministic.
//!
//! The printed tables are what the thresholds were chosen by.

use std::collections::BTreeMap;
use std::path::Path;

use marking::{Learned, Marker, PageInk, Scratch, Thresholds, learn_registration};
use pen_sim::{AssignmentPlan, HandwritingPool, simulate};
use report::evening::{papers, setup};
use report::tally::Tally;
use worksheet::{Registration, Worksheet};

fn worksheets() -> Vec<Worksheet> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample-strokes/worksheets");
    let load = |name| Worksheet::load(&dir.join(name)).expect("a worksheet of the samples");
    ["mental-arithmetic-g3", "english-g3", "mixed-g3"].map(load).into()
}

/// Marks every paper of some evenings.
fn mark(seeds: &[u64], pupils: u32, handwriting: Option<&HandwritingPool>) -> Tally {
    mark_by(seeds, pupils, handwriting, |plan, _, _| plan.run.registration)
}

/// Marks every paper of some evenings, each page of a print run by a registration of its own, which
/// may be learnt from all of its copies.
fn mark_by(
    seeds: &[u64],
    pupils: u32,
    handwriting: Option<&HandwritingPool>,
    registration: impl Fn(&AssignmentPlan, u32, &[&PageInk]) -> Registration,
) -> Tally {
    let worksheets = worksheets();
    let marker = Marker::new(Thresholds::STANDARD);
    let mut scratch = Scratch::new();
    let mut tally = Tally::default();
    for &seed in seeds {
        let setup = setup(&worksheets, seed, pupils, handwriting.cloned());
        let evening = simulate(&setup);
        let papers = papers(&setup, &evening);
        let mut learnt: BTreeMap<(usize, u32), Registration> = BTreeMap::new();
        for paper in &papers {
            let plan = &setup.assignments[paper.assignment];
            let copies = || {
                let of_it = papers.iter().filter(|other| {
                    (other.assignment, other.page) == (paper.assignment, paper.page)
                });
                of_it.map(|other| &other.ink).collect::<Vec<_>>()
            };
            let registration = *learnt
                .entry((paper.assignment, paper.page))
                .or_insert_with(|| registration(plan, paper.page, &copies()));
            let marked =
                marker.mark(&plan.worksheet, paper.page, &registration, &paper.ink, &mut scratch);
            tally.add(plan, paper, &marked, &evening.truth);
        }
    }
    tally
}

/// `registration` as it is thought to be where ink is seen off by (x, y) millimetres, turned by
/// degrees about the page's middle and scaled by per cent.
fn off_by(registration: &Registration, [x, y, degrees, percent]: [f64; 4]) -> Registration {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let scale = 1.0 + percent / 100.0;
    let (middle_x, middle_y) = (105_000.0, 148_500.0);
    let dx = f64::from(registration.dx_um) - middle_x;
    let dy = f64::from(registration.dy_um) - middle_y;
    let own_scale = 1.0 + f64::from(registration.scale_ppm) / 1e6;
    Registration {
        version: registration.version,
        dx_um: (scale * (cos * dx - sin * dy) + middle_x + 1_000.0 * x).round() as i32,
        dy_um: (scale * (sin * dx + cos * dy) + middle_y + 1_000.0 * y).round() as i32,
        rotation_urad: registration.rotation_urad + (degrees.to_radians() * 1e6).round() as i32,
        scale_ppm: ((own_scale * scale - 1.0) * 1e6).round() as i32,
    }
}

/// Ink off by x, y (mm), turned (degrees), scaled (per cent).
const DRIFTS: [[f64; 4]; 14] = [
    [0.0, 0.0, 0.0, 0.0],
    [0.0, 3.0, 0.0, 0.0],
    [0.0, -3.0, 0.0, 0.0],
    [3.0, 0.0, 0.0, 0.0],
    [-3.0, 0.0, 0.0, 0.0],
    [0.0, 6.0, 0.0, 0.0],
    [0.0, -6.0, 0.0, 0.0],
    [6.0, 0.0, 0.0, 0.0],
    [-6.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 1.5, 0.0],
    [0.0, 0.0, -1.5, 0.0],
    [0.0, 0.0, 0.0, 1.5],
    [3.0, 5.0, 1.0, -1.0],
    [-4.0, -4.0, -1.5, 1.5],
];

/// Failure: with a registration that is off, an answer in two hundred is silently wrong on single
/// pages, or one in five hundred with what all copies say; or with that fewer than nine in ten are
/// decided. Skeletons are synthetic.
#[test]
fn a_class_on_paper_that_was_printed_elsewhere_is_marked() {
    let mut failed = Vec::new();
    for drift in DRIFTS {
        let alone = mark_by(&[1], 12, None, |plan, _, _| off_by(&plan.run.registration, drift));
        let learnt = mark_by(&[1], 12, None, |plan, page, copies| {
            let given = off_by(&plan.run.registration, drift);
            match learn_registration(&plan.worksheet, page, &given, copies) {
                Learned::Found(found) => found,
                Learned::AsGiven | Learned::Ambiguous => given,
            }
        });
        let [alone, learnt] = [alone, learnt].map(|tally| {
            let (decided, as_meant) = tally.totals();
            (100.0 * decided, 100.0 * decided * (1.0 - as_meant))
        });
        println!(
            "{drift:?}: alone decided {:.2} % silently wrong {:.2} %, learnt {:.2} % and {:.2} %",
            alone.0, alone.1, learnt.0, learnt.1
        );
        if alone.1 > 0.5 || learnt.1 > 0.2 || learnt.0 < 90.0 {
            failed.push(drift);
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
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
    // Numbers: 92.1 % decided, 99.88 % of these as meant; before slashed zeros, low points and a 7
    // that may be a 1 were doubted, 93.5 % and 99.2 %.
    tally.check(0.915, 0.997);
    tally.check_red(0.97);
}
