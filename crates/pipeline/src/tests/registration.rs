use std::collections::BTreeMap;

use firmware_protocol::PenId;
use pen_sim::{AssignmentPlan, Class, Handed, Known, Pupil, Setup, Truth, simulate};
use sample_school::{START_MS, arrival};
use worksheet::{Accepted, PrintRun, Registration, Written};

use super::fixture::School;

const PUPILS: u32 = 12;

/// The class's evening on paper whose artwork lies as `printed` says. Its ink is synthetic.
async fn write(school: &School, printed: Registration) -> Truth {
    let id = |number: u32| format!("p-{number}");
    let pen = |number: u32| (id(number), PenId(u64::from(number)));
    let copy = |number: u32| (("a-1".to_owned(), id(number)), number - 1);
    let setup = Setup {
        class: Class {
            id: "c-1".into(),
            pupils: (1..=PUPILS).map(|number| Pupil { id: id(number), number }).collect(),
            teacher: "t-wang".into(),
        },
        assignments: vec![AssignmentPlan {
            id: "a-1".into(),
            worksheet: school.worksheet().await,
            run: PrintRun { registration: printed, ..school.run.clone() },
        }],
        evening_start_ms: START_MS,
        handwriting: None,
        seed: 1,
        run: 0,
        marked_by_teacher: 0.0,
        known: Some(Known {
            pens: (1..=PUPILS).map(pen).collect(),
            copies: (1..=PUPILS).map(copy).collect(),
            labels: BTreeMap::new(),
        }),
    };
    let evening = simulate(&setup);
    let chunks = evening.deliveries.iter().filter_map(|delivery| match &delivery.what {
        Handed::Chunk(bytes) => Some(arrival(bytes, school.now_ms())),
        Handed::State(_) => None,
    });
    school.store.store_chunks(chunks.collect()).await.unwrap();
    evening.truth
}

/// How many answers with a key there are, how many the machine decided, and how many of these are
/// not what was meant.
async fn marked(school: &School, truth: &Truth) -> (usize, usize, usize) {
    let sheet = school.worksheet().await;
    let results = school.store.results().await.unwrap();
    let mut counts = (0, 0, 0);
    for expected in truth.responses.iter().filter(|expected| expected.key.is_some()) {
        counts.0 += 1;
        let result = results.iter().find(|r| r.pupil == expected.pupil && r.part == expected.part);
        let Some(result) = result.filter(|result| result.decided) else { continue };
        counts.1 += 1;
        let kind = &sheet.part(&expected.part).unwrap().part.kind;
        let written = |text: &Option<String>| Written::parse(kind, text.as_ref()?);
        let as_meant = match (written(&expected.meant), written(&result.reading)) {
            (None, None) => true,
            (Some(meant), Some(read)) => Accepted::one(meant).holds(&read),
            _ => false,
        };
        counts.2 += usize::from(!as_meant);
    }
    counts
}

/// Failure: with the print 5 mm too low and turned, fewer than 95 in 100 answers are decided, or any
/// that is decided is not what was meant; or a second evening's look changes what was learnt.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_a_run_was_printed_is_learnt_from_its_ink() {
    let school = School::new(PUPILS).await;
    let printed = Registration {
        dx_um: 1_000,
        dy_um: -5_000,
        rotation_urad: 9_000,
        ..school.run.registration
    };
    let truth = write(&school, printed).await;
    let pipeline = school.start(2);
    school.settle(&pipeline).await;
    let (all, decided, wrong) = marked(&school, &truth).await;
    assert!(decided * 100 >= all * 95 && wrong == 0, "{decided} of {all} decided, {wrong} wrong");
    let learnt = school.store.registration("r-1", 1).await.unwrap();
    assert!(learnt.version > 1 && (learnt.rotation_urad - 9_000).abs() < 4_000, "{learnt:?}");
    let counters = pipeline.stop().await;
    assert_eq!((counters.faults, counters.store_errors), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_was_printed_as_recorded_stays() {
    let school = School::new(PUPILS).await;
    let truth = write(&school, school.run.registration).await;
    let pipeline = school.start(2);
    school.settle(&pipeline).await;
    let (all, decided, wrong) = marked(&school, &truth).await;
    assert!(decided * 100 >= all * 95 && wrong == 0, "{decided} of {all} decided, {wrong} wrong");
    assert_eq!(school.store.registration("r-1", 1).await.unwrap(), school.run.registration);
    assert_eq!(pipeline.stop().await.papers_marked, u64::from(PUPILS));
}
