//! In whatever order things come to be known, the papers are the same.

use std::collections::BTreeMap;

use ::ink::{Stroke, StrokeKey};
use attribution::{Lease, Role, Roles};
use firmware_protocol::{BootId, PageAddress, PenId, StrokeEnd};
use sample_school::{holder, lease, marker};
use worksheet::Copies;

use crate::fixture::{self, Fixture, chunk, in_class, key, outcome, pupils};
use crate::sql::query;
use crate::{Arrival, AssignmentRow, ClockRow, GivenInk, Key, Saved};

/// Something that comes to be known.
#[derive(Clone, Debug)]
enum Event {
    Ink(Arrival),
    Lease(Lease),
    Clock(ClockRow),
    /// Ink of a pen's start on a page is given to a pupil.
    Given(GivenInk, u32),
    /// A run, its first page, and how many copies it has.
    Run(&'static str, u32, Copies),
    /// An assignment of a run to a class.
    Assignment(&'static str, &'static str, &'static str),
    /// A pupil is in the class `c-2` from a moment on.
    Move(u32, i64),
}

const LATE_CLOCK_MS: i64 = 300_000;

fn given(pen: u64, page: u32) -> GivenInk {
    let Key { boot_counter, boot_random, .. } = key(pen, 1);
    GivenInk { folio: crate::folio(3, 27, 5), page, pen, boot_counter, boot_random }
}

fn clock(pen: u64, offset_ms: i64) -> ClockRow {
    let Key { boot_counter, boot_random, .. } = key(pen, 1);
    ClockRow { pen, boot_counter, boot_random, offset_ms, error_ms: 100 }
}

/// Everything, in the order in which it should have come.
fn events() -> Vec<Event> {
    let leases = [
        lease(1, holder(1), 0, Some(10_000)),
        lease(1, holder(2), 10_000, None),
        lease(2, holder(2), 0, None),
        lease(5, holder(2), 0, Some(200_000)),
        lease(5, holder(3), 200_000, None),
        lease(66, marker(), 50_000, Some(60_000)),
    ];
    let ink = [
        // Over the end of a lease: the stroke begins before it.
        chunk(1, 1, 900, 9_500),
        chunk(1, 2, 100, 1_000),
        // Another pupil's pen on p-1's copy, and the teacher's.
        chunk(2, 1, 100, 2_000),
        chunk(66, 1, 100, 51_000),
        // Nobody's: the teacher held the pen at another time.
        chunk(66, 2, 102, 40_000),
        // Nobody held the pen; somebody is named.
        chunk(4, 1, 900, 3_000),
        // The clock is late: p-2's by itself, p-3's when it is corrected.
        chunk(5, 1, 901, 4_000),
    ];
    let mut events = vec![
        Event::Run("own", 100, Copies::PerCopy(3)),
        Event::Assignment("a-own", "own", "c-1"),
        Event::Run("all", 900, Copies::Shared),
        Event::Assignment("a-all", "all", "c-1"),
        Event::Assignment("b-all", "all", "c-2"),
        // Before all that p-1 wrote, and between what p-3 wrote on two pages.
        Event::Move(1, 500),
        Event::Move(3, 100_000),
        Event::Clock(clock(5, LATE_CLOCK_MS)),
        Event::Given(given(4, 900), 3),
    ];
    events.extend(leases.map(Event::Lease));
    events.extend(ink.map(Event::Ink));
    events
}

/// Another order for each seed; an assignment comes after its run.
fn shuffled(mut seed: u64) -> Vec<Event> {
    let mut events = events();
    for last in (1..events.len()).rev() {
        // Knuth's MMIX generator.
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        events.swap(last, (seed >> 33) as usize % (last + 1));
    }
    let place = |events: &[Event], id: &str, run: bool| {
        events.iter().position(|event| match event {
            Event::Run(known, ..) => run && *known == id,
            Event::Assignment(_, known, _) => !run && *known == id,
            _ => false,
        })
    };
    for id in ["own", "all"] {
        let (run, given) = (place(&events, id, true).unwrap(), place(&events, id, false).unwrap());
        if given < run {
            events.swap(given, run);
        }
    }
    events
}

async fn learn(fixture: &Fixture, event: Event) {
    let store = &fixture.store;
    match event {
        Event::Ink(arrival) => drop(store.store_chunks(vec![arrival]).await.unwrap()),
        Event::Lease(lease) => store.insert_leases(vec![lease]).await.unwrap(),
        Event::Clock(clock) => store.clocks(vec![clock]).await.unwrap(),
        Event::Given(ink, to) => {
            assert!(store.give_ink(ink, holder(to), "t-wang", 0).await.unwrap());
        }
        Event::Run(id, first_page, copies) => {
            let owners = if copies == Copies::Shared { Vec::new() } else { pupils() };
            let run = sample_school::run(id, first_page, copies);
            store.insert_print_run("s", run, owners).await.unwrap();
        }
        Event::Assignment(id, run, class) => {
            let row = AssignmentRow { class: class.into(), ..fixture::assignment(id, run) };
            store.insert_assignment(row).await.unwrap();
        }
        Event::Move(number, from_ms) => {
            let row = in_class(&format!("p-{number}"), "c-2", number, from_ms);
            store.insert_pupils(vec![row]).await.unwrap();
        }
    }
}

/// The one stroke of each chunk.
fn strokes() -> BTreeMap<Key, Stroke> {
    let stroke = |event: Event| {
        let Event::Ink(Arrival { key, touches, .. }) = event else { return None };
        let boot = BootId { counter: key.boot_counter, random: key.boot_random };
        let stroke = Stroke {
            key: StrokeKey { pen: PenId(key.pen), boot, number: key.number },
            address: Some(PageAddress { section: 3, owner: 27, book: 5, page: touches[0].page }),
            start_ms: touches[0].first_ms,
            start_ticks: 0,
            end: StrokeEnd::Up,
            complete: true,
            samples: Vec::new(),
            orientation: Vec::new(),
        };
        Some((key, stroke))
    };
    events().into_iter().filter_map(stroke).collect()
}

/// Attributes and marks everything: the response of a paper is its strokes.
async fn mark(fixture: &Fixture, written: &BTreeMap<Key, Stroke>) {
    loop {
        fixture.attribute().await;
        let jobs = fixture.store.claim(i64::MAX / 2, 0, 0, 100).await.unwrap();
        if jobs.is_empty() {
            return;
        }
        for job in jobs {
            let chunks = fixture.store.paper_chunks(&job).await.unwrap();
            let all = chunks.ink.chunks.iter().map(|chunk| written[&chunk.key].clone());
            let paper = chunks.strokes(all);
            let role = |strokes: &[Stroke], role| -> Vec<_> {
                strokes.iter().map(|stroke| (stroke.key, role)).collect()
            };
            let roles = [role(&paper.pupil, Role::Live), role(&paper.red, Role::Red)].concat();
            let mut outcome = outcome(chunks.ink_rev, None, None);
            outcome.has_ink = !roles.is_empty();
            outcome.foreign_pen = paper.foreign;
            outcome.responses[0].strokes = Roles::new(roles);
            outcome.responses[0].part = format!("q{}", job.page);
            assert_eq!(fixture.store.save(&job, outcome, 2).await.unwrap(), Saved::Yes);
        }
    }
}

/// Every paper: assignment, pupil, page, strokes, and whether a foreign pen wrote on it.
type Papers = Vec<(String, String, i64, String, bool)>;

async fn papers(events: Vec<Event>, marking_between: bool) -> Papers {
    let fixture = Fixture::without_runs().await;
    let written = strokes();
    for event in events {
        learn(&fixture, event).await;
        if marking_between {
            mark(&fixture, &written).await;
        }
    }
    mark(&fixture, &written).await;
    query(
        "SELECT p.assignment, p.pupil, p.page, r.strokes, p.foreign_pen = 1
         FROM paper p LEFT JOIN response r ON r.assignment = p.assignment AND r.pupil = p.pupil
                                          AND r.page = p.page
         ORDER BY 1, 2, 3",
    )
    .fetch_all(fixture.store.readers())
    .await
    .unwrap()
}

/// Failure: a paper has other strokes than if everything had been known from the start, or there is
/// one too many: a pupil who did not write has none, and one who moved has one.
#[tokio::test]
async fn any_order_gives_the_same_papers() {
    let expected = papers(events(), false).await;
    let shown: Vec<_> =
        expected.iter().map(|(a, p, page, ..)| (a.as_str(), p.as_str(), *page)).collect();
    assert_eq!(
        shown,
        [("a-all", "p-3", 1), ("a-all", "p-3", 2), ("a-own", "p-1", 1), ("b-all", "p-1", 1)]
    );
    assert!(expected[2].4, "p-2's pen wrote on p-1's copy");
    for seed in 0..20 {
        let found = papers(shuffled(seed), seed % 2 == 0).await;
        assert_eq!(found, expected, "seed {seed}");
    }
}

/// Failure: the pupil whose name stood on a copy by mistake keeps the answers of its owner.
#[tokio::test]
async fn a_corrected_copy_moves_its_ink() {
    let fixture = Fixture::new().await;
    let written = strokes();
    learn(&fixture, Event::Ink(chunk(1, 2, 100, 1_000))).await;
    mark(&fixture, &written).await;
    let owners = || async {
        let papers = "SELECT pupil FROM paper WHERE assignment = 'a-own' ORDER BY pupil";
        query(papers).scalars::<String>(fixture.store.readers()).await.unwrap()
    };
    assert_eq!(owners().await, ["p-1"]);
    let run = || sample_school::run("own", 100, Copies::PerCopy(3));
    let reversed = pupils().into_iter().rev().collect();
    fixture.store.insert_print_run("s", run(), reversed).await.unwrap();
    mark(&fixture, &written).await;
    assert_eq!(owners().await, ["p-3"]);
    fixture.store.insert_print_run("s", run(), pupils()).await.unwrap();
    mark(&fixture, &written).await;
    assert_eq!(owners().await, ["p-1"]);
}
