//! Simulated classes, their ink in a store.

use pen_sim::{AssignmentPlan, Class, Evening, Handed, Holder, Pupil, Setup, simulate};
use sample_school::{START_MS, arrival, assignment, put_sample_sheet, run, sample_sheet, staff};
use store::{AssignmentRow, PupilRow, Store};
use worksheet::{Copies, PrintRun, Worksheet};

pub(crate) const PUPILS: u32 = 45;
const SHEETS: [&str; 3] = ["mental-arithmetic-g3", "english-g3", "mixed-g3"];
const ARRIVALS_MAX: usize = 2_048;

type Anyhow<T> = Result<T, Box<dyn std::error::Error>>;

/// Puts `classes` classes' evenings into the store; returns how many samples they wrote.
pub(crate) async fn fill(store: &Store, classes: u32) -> Anyhow<u64> {
    store.insert_school(sample_school::school("s", None)).await?;
    for name in SHEETS {
        put_sample_sheet(store, name).await;
    }
    let sheets = SHEETS.map(sample_sheet);
    let mut samples = 0;
    for number in 0..classes {
        let class = class(number);
        insert_people(store, &class).await?;
        let assignments = assign(store, &class, number, &sheets).await?;
        let evening = simulate(&Setup {
            class,
            assignments,
            evening_start_ms: START_MS,
            handwriting: None,
            seed: u64::from(number) + 1,
            run: 0,
            marked_by_teacher: 0.3,
            known: None,
        });
        samples += evening.samples;
        receive(store, evening).await?;
    }
    Ok(samples)
}

fn class(number: u32) -> Class {
    let pupil = |position| Pupil { id: format!("c{number}-p{position}"), number: position };
    Class {
        id: format!("c{number}"),
        pupils: (1..=PUPILS).map(pupil).collect(),
        teacher: format!("c{number}-t"),
    }
}

async fn insert_people(store: &Store, class: &Class) -> Anyhow<()> {
    store.insert_class(sample_school::class(&class.id, "s", 3)).await?;
    let pupil = |pupil: &Pupil| PupilRow {
        id: pupil.id.clone(),
        ..sample_school::pupil(&class.id, pupil.number)
    };
    store.insert_pupils(class.pupils.iter().map(pupil).collect()).await?;
    Ok(store.insert_staff(staff(&class.teacher)).await?)
}

async fn assign(
    store: &Store,
    class: &Class,
    number: u32,
    sheets: &[Worksheet],
) -> Anyhow<Vec<AssignmentPlan>> {
    let mut plans = Vec::new();
    for (book, worksheet) in (0..).zip(sheets) {
        let id = format!("{}-{}", class.id, worksheet.id.id);
        let run = PrintRun {
            worksheet: worksheet.id.clone(),
            owner: number,
            book,
            pages: worksheet.pages.len() as u32,
            ..run(&id, 1, Copies::PerCopy(PUPILS))
        };
        let owners = class.pupils.iter().map(|pupil| pupil.id.clone()).collect();
        store.insert_print_run("s", run.clone(), owners).await?;
        let row = AssignmentRow {
            due_ms: i64::MAX,
            quiet_ms: i64::MAX / 2,
            ..assignment(&id, &class.id, &id)
        };
        store.insert_assignment(row).await?;
        plans.push(AssignmentPlan { id, worksheet: worksheet.clone(), run });
    }
    Ok(plans)
}

async fn receive(store: &Store, evening: Evening) -> Anyhow<()> {
    let lease = |lease: pen_sim::Lease| {
        let holder = match lease.holder {
            Holder::Pupil(id) => attribution::Holder::pupil(id)?,
            Holder::Marker(id) => attribution::Holder::marker(id)?,
        };
        let pen_sim::Lease { pen, from_ms, until_ms, .. } = lease;
        Ok(attribution::Lease { pen: pen.0, holder, from_ms, until_ms })
    };
    let leases: Anyhow<Vec<_>> = evening.leases.into_iter().map(lease).collect();
    store.insert_leases(leases?).await?;
    let mut batch = Vec::new();
    for delivery in evening.deliveries {
        let Handed::Chunk(bytes) = delivery.what else { continue };
        batch.push(arrival(&bytes, delivery.at_ms));
        if batch.len() == ARRIVALS_MAX {
            store.store_chunks(std::mem::take(&mut batch)).await?;
        }
    }
    store.store_chunks(batch).await?;
    Ok(())
}
