//! The class that writes: a school in a store, and its evening as chunks.

use attribution::{Holder, Lease};
use firmware_protocol::{ChunkKey, PenId, peek_envelope};
use pen_sim::{AssignmentPlan, Class, Delivery, Evening, Handed, Pupil, Setup};
use sample_school::{Given, START_MS, SampleSchool, sample_sheet};
use store::Store;

const SHEET: &str = "mental-arithmetic-g3";

/// One chunk of the evening.
pub(crate) struct Written {
    pub(crate) pen: PenId,
    pub(crate) key: ChunkKey,
    pub(crate) frame: Vec<u8>,
}

/// Puts a class of so many pupils into a store, who were given so many sheets, and gives what their
/// pens seal in an evening, in that order and each chunk once; the same seed writes the same.
pub(crate) async fn put(pupils: u32, sheets: u32, seed: u64, store: &Store) -> Vec<Written> {
    let (id, run) = (|sheet| format!("a-{sheet}"), |sheet| format!("run-{sheet}"));
    let mut school = SampleSchool::of(pupils);
    for sheet in 1..=sheets {
        let first_page = sheet * 1_000 + 1;
        school = school.with(Given::new(&id(sheet), &run(sheet), first_page).sheet(SHEET));
    }
    school.put(store).await;
    let mut assignments = Vec::new();
    for sheet in 1..=sheets {
        let run = store.load_print_run(&run(sheet)).await.expect("the run that was put there");
        assignments.push(AssignmentPlan { id: id(sheet), worksheet: sample_sheet(SHEET), run });
    }
    let pupil = |number| Pupil { id: format!("p-{number}"), number };
    let evening = pen_sim::simulate(&Setup {
        class: Class {
            id: "c-1".into(),
            pupils: (1..=pupils).map(pupil).collect(),
            teacher: "t-wang".into(),
        },
        assignments,
        evening_start_ms: START_MS,
        handwriting: None,
        seed,
        run: 0,
        marked_by_teacher: 0.5,
        known: None,
    });
    store.insert_leases(leases(&evening)).await.expect("the pens are lent");
    let once = evening.deliveries.into_iter().filter(|delivery| !delivery.copy);
    once.filter_map(written).collect()
}

fn leases(evening: &Evening) -> Vec<Lease> {
    let lease = |lease: &pen_sim::Lease| Lease {
        pen: lease.pen.0,
        holder: match &lease.holder {
            pen_sim::Holder::Pupil(id) => Holder::pupil(id).expect("an identity"),
            pen_sim::Holder::Marker(id) => Holder::marker(id).expect("an identity"),
        },
        from_ms: lease.from_ms,
        until_ms: lease.until_ms,
    };
    evening.leases.iter().map(lease).collect()
}

fn written(delivery: Delivery) -> Option<Written> {
    match delivery.what {
        Handed::Chunk(frame) => {
            let key = peek_envelope(&frame).expect("a sealed chunk").key;
            Some(Written { pen: delivery.pen, key, frame })
        }
        // What pens say of their clocks would say that they all are wrong: the evening is over.
        Handed::State(_) => None,
    }
}
