//! Evenings and the papers that come of them.

use std::collections::BTreeMap;

use ink::{Assembly, Stroke};
use marking::{Marker, PageInk, Scratch};
use pen_sim::{
    AssignmentPlan, Class, Evening, Handed, HandwritingPool, Holder, Pupil, Setup, simulate,
};
use worksheet::{Copies, PrintRun, Registration, Worksheet};

use crate::tally::Tally;

/// One pupil's page.
#[derive(Clone, Debug)]
pub struct Paper {
    /// Position of the assignment in its [`Setup`].
    pub assignment: usize,
    /// Whose it is.
    pub pupil: String,
    /// The worksheet's page, from 1.
    pub page: u32,
    /// What stands on it.
    pub ink: PageInk,
}

/// An evening on which a class writes some worksheets, on paper whose pattern and artwork do not
/// quite agree.
pub fn setup(
    worksheets: &[Worksheet],
    seed: u64,
    pupils: u32,
    handwriting: Option<HandwritingPool>,
) -> Setup {
    let assignments = worksheets.iter().zip(0..).map(|(worksheet, n): (_, i32)| {
        let run = PrintRun {
            id: format!("run-{n}"),
            worksheet: worksheet.id.clone(),
            section: 3,
            owner: 27,
            book: 100 + n.unsigned_abs(),
            first_page: 1,
            pages: worksheet.pages.len() as u32,
            copies: Copies::PerCopy(pupils),
            registration: Registration {
                version: 1,
                dx_um: 420 - 300 * n,
                dy_um: -650 + 500 * n,
                rotation_urad: 1_800 * (n - 1),
                scale_ppm: 700 - 600 * n,
            },
        };
        AssignmentPlan { id: format!("a-{n}"), worksheet: worksheet.clone(), run }
    });
    let pupil = |number: u32| Pupil { id: format!("p{number:02}"), number };
    Setup {
        class: Class {
            id: "class-1".into(),
            pupils: (1..=pupils).map(pupil).collect(),
            teacher: "teacher-1".into(),
        },
        assignments: assignments.collect(),
        evening_start_ms: 1_767_092_400_000,
        handwriting,
        seed,
        run: 0,
        marked_by_teacher: 0.5,
        known: None,
    }
}

/// Every pupil's every page with the ink on it, as if all chunks had come.
///
/// # Panics
/// If the evening is not of this setup.
pub fn papers(setup: &Setup, evening: &Evening) -> Vec<Paper> {
    let chunks = evening.deliveries.iter().filter_map(|d| match &d.what {
        Handed::Chunk(bytes) => Some(bytes.as_slice()),
        Handed::State(_) => None,
    });
    let assembly = Assembly::of_chunks(chunks);
    assert!(assembly.errors.is_empty(), "{:?}", assembly.errors);
    let red = |stroke: &Stroke| {
        let by_marker = |holder: &Holder| matches!(holder, Holder::Marker(_));
        evening.leases.iter().any(|l| l.pen == stroke.key.pen && by_marker(&l.holder))
    };
    let mut ink: BTreeMap<(u32, u32), PageInk> = BTreeMap::new();
    for stroke in assembly.strokes {
        let Some(address) = stroke.address else { continue };
        let page = ink.entry((address.book, address.page)).or_default();
        if red(&stroke) { page.red.push(stroke) } else { page.pupil.push(stroke) }
    }
    let mut papers = Vec::new();
    for (assignment, plan) in setup.assignments.iter().enumerate() {
        for (copy, pupil) in setup.class.pupils.iter().enumerate() {
            for page in 1..=plan.run.pages {
                let address = plan.run.address_page(copy as u32, page).expect("a copy each");
                let ink = ink.remove(&(plan.run.book, address)).unwrap_or_default();
                papers.push(Paper { assignment, pupil: pupil.id.clone(), page, ink });
            }
        }
    }
    papers
}

/// Marks every paper of an evening, each page of a print run by a registration of its own, which may
/// be learnt from all of its copies.
pub fn mark(
    marker: &Marker,
    setup: &Setup,
    registration: impl Fn(&AssignmentPlan, u32, &[&PageInk]) -> Registration,
) -> Tally {
    let mut scratch = Scratch::new();
    let mut tally = Tally::default();
    let evening = simulate(setup);
    let papers = papers(setup, &evening);
    let mut learnt: BTreeMap<(usize, u32), Registration> = BTreeMap::new();
    for paper in &papers {
        let plan = &setup.assignments[paper.assignment];
        let copies = || {
            let of_it = papers
                .iter()
                .filter(|other| (other.assignment, other.page) == (paper.assignment, paper.page));
            of_it.map(|other| &other.ink).collect::<Vec<_>>()
        };
        let registration = *learnt
            .entry((paper.assignment, paper.page))
            .or_insert_with(|| registration(plan, paper.page, &copies()));
        let marked =
            marker.mark(&plan.worksheet, paper.page, &registration, &paper.ink, &mut scratch);
        tally.add(plan, (&paper.pupil, &paper.ink), &marked, &evening.truth);
    }
    tally
}
