//! Simulated classes, their ink in a store.

use std::path::Path;

use firmware_protocol::{Chunk, Frame, decode_frame};
use pen_sim::{AssignmentPlan, Class, Evening, Handed, Holder, Pupil, Setup, simulate};
use store::{
    Arrival, AssignmentRow, ClassRow, Key, PupilRow, SchoolRow, StaffRow, Store, Touch, folio,
};
use worksheet::{Copies, PrintRun, Registration, Worksheet};

pub(crate) const EVENING_MS: i64 = 1_800_000_000_000;
pub(crate) const PUPILS: u32 = 45;
const SHEETS: [&str; 3] = ["mental-arithmetic-g3", "english-g3", "mixed-g3"];
const ARRIVALS_MAX: usize = 2_048;

type Anyhow<T> = Result<T, Box<dyn std::error::Error>>;

/// Puts `classes` classes' evenings into the store; returns how many samples they wrote.
pub(crate) async fn fill(store: &Store, classes: u32) -> Anyhow<u64> {
    let name = || String::from("—");
    store
        .insert_school(SchoolRow {
            id: "s".into(),
            name_zh: name(),
            name_en: name(),
            district: None,
        })
        .await?;
    let mut sheets = Vec::new();
    for id in SHEETS {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample-strokes/worksheets");
        let dir = dir.join(id);
        let toml = std::fs::read_to_string(dir.join("worksheet.toml"))?;
        let artwork: Result<Vec<String>, _> = Worksheet::artwork_names(&toml)?
            .iter()
            .map(|name| std::fs::read_to_string(dir.join(name)))
            .collect();
        store.insert_worksheet(&toml, &artwork?).await?;
        sheets.push(Worksheet::load(&dir)?);
    }
    let mut samples = 0;
    for number in 0..classes {
        let class = class(number);
        insert_people(store, &class).await?;
        let assignments = assign(store, &class, number, &sheets).await?;
        let evening = simulate(&Setup {
            class,
            assignments,
            evening_start_ms: EVENING_MS,
            handwriting: None,
            seed: u64::from(number) + 1,
            run: 0,
            marked_by_teacher: 0.3,
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
    let (name, school) = (|| String::from("—"), || String::from("s"));
    let row = ClassRow {
        id: class.id.clone(),
        school: school(),
        grade: 3,
        name_zh: name(),
        name_en: name(),
    };
    store.insert_class(row).await?;
    let pupil = |pupil: &Pupil| PupilRow {
        id: pupil.id.clone(),
        school: school(),
        class: class.id.clone(),
        number: pupil.number,
        from_ms: 0,
        name: name(),
    };
    store.insert_pupils(class.pupils.iter().map(pupil).collect()).await?;
    let teacher = StaffRow {
        id: class.teacher.clone(),
        school: school(),
        login: class.teacher.clone(),
        name: name(),
        locale: "zh".into(),
    };
    Ok(store.insert_staff(teacher).await?)
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
            id: id.clone(),
            worksheet: worksheet.id.clone(),
            section: 3,
            owner: number,
            book,
            first_page: 1,
            pages: worksheet.pages.len() as u32,
            copies: Copies::PerCopy(PUPILS),
            registration: Registration {
                version: 1,
                dx_um: 0,
                dy_um: 0,
                rotation_urad: 0,
                scale_ppm: 0,
            },
        };
        let owners = class.pupils.iter().map(|pupil| pupil.id.clone()).collect();
        store.insert_print_run("s", run.clone(), owners).await?;
        let row = AssignmentRow {
            id: id.clone(),
            school: "s".into(),
            class: class.id.clone(),
            print_run: id.clone(),
            assigned_ms: EVENING_MS,
            due_ms: i64::MAX,
            quiet_ms: i64::MAX / 2,
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
        // Hellos carry no ink.
        let Ok((Frame::Chunk(chunk), _)) = decode_frame(&bytes) else { continue };
        let (key, touches) = (key(&chunk), touches(&chunk)?);
        let gateway = "g".into();
        batch.push(Arrival {
            key,
            bytes: bytes.clone(),
            gateway,
            received_ms: delivery.at_ms,
            touches,
            hello_model: None,
        });
        if batch.len() == ARRIVALS_MAX {
            store.store_chunks(std::mem::take(&mut batch)).await?;
        }
    }
    store.store_chunks(batch).await?;
    Ok(())
}

fn key(chunk: &Chunk<'_>) -> Key {
    Key {
        pen: chunk.key.pen.0,
        boot_counter: chunk.key.boot.counter,
        boot_random: chunk.key.boot.random,
        number: chunk.key.number,
    }
}

fn touches(chunk: &Chunk<'_>) -> Anyhow<Vec<Touch>> {
    let mut touches: Vec<Touch> = Vec::new();
    let mut fragments = chunk.fragments();
    while let Some(head) = fragments.next()? {
        let Some(at) = head.address else { continue };
        let (folio, page) = (folio(at.section, at.owner, at.book), at.page);
        fragments.samples(|sample| {
            let at_ms = chunk.head.anchor_unix_ms + chunk.head.ticks_to_ms(sample.ticks);
            match touches.iter_mut().find(|touch| (touch.folio, touch.page) == (folio, page)) {
                Some(touch) => touch.last_ms = touch.last_ms.max(at_ms),
                None => touches.push(Touch { folio, page, first_ms: at_ms, last_ms: at_ms }),
            }
        })?;
    }
    Ok(touches)
}
