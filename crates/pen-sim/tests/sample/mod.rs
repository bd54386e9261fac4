//! The sample class's evening, as tests and examples of this crate simulate it.

use std::path::{Path, PathBuf};

use pen_sim::{AssignmentPlan, Class, HandwritingPool, Pupil, Setup};
use worksheet::{Copies, PrintRun, Registration, Worksheet};

/// 2026-11-23 19:00 in Shanghai.
pub(crate) const START_MS: i64 = 1_795_431_600_000;

/// The sheets, in the order in which they are written; the second is one for all copies.
const SHEETS: [&str; 3] = ["mental-arithmetic-g3", "english-g3", "mixed-g3"];

/// Where the samples lie.
pub(crate) fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample-strokes")
}

/// `pupils` made-up pupils with the three sample sheets.
pub(crate) fn setup(pupils: u32, seed: u64, handwriting: Option<HandwritingPool>) -> Setup {
    let assignments = (0..).zip(SHEETS).map(|(index, name)| plan(index, name, pupils));
    Setup {
        class: Class {
            id: "sample-class".into(),
            pupils: (1..=pupils).map(|n| Pupil { id: format!("p-{n:02}"), number: n }).collect(),
            teacher: "t-1".into(),
        },
        assignments: assignments.collect(),
        evening_start_ms: START_MS,
        handwriting,
        seed,
        run: 0,
        marked_by_teacher: 0.5,
        known: None,
    }
}

fn plan(index: u32, name: &str, pupils: u32) -> AssignmentPlan {
    let worksheet = Worksheet::load(&samples().join("worksheets").join(name)).expect("a sample");
    let offset = i32::try_from(index).expect("few sheets");
    let run = PrintRun {
        id: format!("run-{name}"),
        worksheet: worksheet.id.clone(),
        section: 3,
        owner: 0x5A42,
        book: 1 + index,
        first_page: 1,
        pages: worksheet.pages.len() as u32,
        copies: if name == "english-g3" { Copies::Shared } else { Copies::PerCopy(pupils) },
        registration: Registration {
            version: 1,
            dx_um: 420 - 310 * offset,
            dy_um: -280 + 190 * offset,
            rotation_urad: 900 - 700 * offset,
            scale_ppm: 250 * (offset - 1),
        },
    };
    AssignmentPlan { id: format!("a-{name}"), worksheet, run }
}
