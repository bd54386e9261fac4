use attribution::Holder;
use sample_school::{holder, lease, marker};
use school::{PupilId, Right};

use super::*;
use crate::Keeper;
use crate::fixture::{Fixture, RIGHT, chunk};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// When the ink in question is written.
const EVENING_MS: i64 = 10 * DAY_MS;

/// Pens 1, 2 and 3 are those of p-1, p-2 and p-3, and 66 is red.
async fn lent() -> Fixture {
    let fixture = Fixture::new().await;
    let mut leases: Vec<_> = (1..=3).map(|n| lease(u64::from(n), holder(n), 0, None)).collect();
    leases.push(lease(66, marker(), 0, None));
    fixture.store.insert_leases(leases).await.unwrap();
    fixture
}

async fn head(fixture: &Fixture, assignment: &str) -> AssignmentHead {
    let scope = fixture.scope("t-wang", 1).await;
    fixture.store.assignment_of(&scope, Right::Give, assignment).await.unwrap().unwrap()
}

fn says(pupil: u32, said: Said, to: u32) -> Correction {
    Correction {
        pupil: format!("p-{pupil}"),
        page: 1,
        pen: None,
        said,
        to: PupilId::new(format!("p-{to}")).unwrap(),
        when: When::Evening,
        onto_ink: true,
        staff: "t-wang".into(),
        at_ms: EVENING_MS + DAY_MS,
    }
}

/// The pupils on whose papers the ink of each pen on each page is: pen, page of the address, pupil.
async fn papers(fixture: &Fixture) -> Vec<(i64, i64, String)> {
    fixture.attribute().await;
    query("SELECT pen, page, pupil FROM attribution ORDER BY pen, page, pupil")
        .fetch_all(fixture.store.readers())
        .await
        .unwrap()
}

#[track_caller]
fn assert_papers(found: &[(i64, i64, String)], expected: &[(i64, i64, &str)]) {
    let found: Vec<_> = found.iter().map(|(pen, page, pupil)| (*pen, *page, &**pupil)).collect();
    assert_eq!(found, expected);
}

/// What is on a pupil's paper, as a marking gets it: pen and number of each chunk.
async fn chunks(fixture: &Fixture, assignment: &str, pupil: &str) -> Vec<(u64, u32)> {
    fixture.attribute().await;
    fixture.execute("UPDATE paper SET lease_until_ms = 0, marked_rev = 0").await;
    let jobs = fixture.store.claim(i64::MAX / 2, 0, 0, 100).await.unwrap();
    let job = jobs.iter().find(|job| job.assignment == assignment && job.pupil == pupil).unwrap();
    let paper = fixture.store.paper_chunks(job).await.unwrap();
    let faces = std::iter::once(&paper.ink).chain(paper.moved.iter().map(|(ink, _)| ink));
    let keys = faces.flat_map(|ink| &ink.chunks).map(|chunk| (chunk.key.pen, chunk.key.number));
    keys.collect()
}

async fn done(fixture: &Fixture, head: &AssignmentHead, correction: Correction) -> i64 {
    let again = correction.clone();
    let Corrected::Done(id) = fixture.store.correct(head, correction).await.unwrap() else {
        panic!("{again:?} is not done");
    };
    // The button is pressed twice: the ink has not moved yet, or has.
    assert_eq!(fixture.store.correct(head, again.clone()).await.unwrap(), Corrected::Already);
    id
}

#[tokio::test]
async fn an_evening_is_another_pupils_and_no_other_day() {
    let fixture = lent().await;
    // Two pages on one evening, one of them on the day before and on the day after too.
    for (number, page, at_ms) in [
        (1, 900, EVENING_MS),
        (2, 901, EVENING_MS + HOUR_MS),
        (3, 901, EVENING_MS - DAY_MS),
        (4, 901, EVENING_MS + DAY_MS),
    ] {
        fixture.write(1, number, page, at_ms).await;
    }
    fixture.attribute().await;
    let head = head(&fixture, "a-all").await;
    let both = [(1, 900, "p-1"), (1, 900, "p-2"), (1, 901, "p-1"), (1, 901, "p-2")];
    let id = done(&fixture, &head, says(1, Said::Wrote, 2)).await;
    let found = papers(&fixture).await;
    assert_papers(&found, &[(1, 900, "p-2"), both[2], both[3]]);
    let held = fixture.store.pens(None, EVENING_MS + HOUR_MS).await.unwrap();
    assert_eq!(held[0].holder, Some(holder(2)), "the second page of the evening too");
    for at_ms in [EVENING_MS - 3 * HOUR_MS, EVENING_MS + 4 * HOUR_MS, EVENING_MS + DAY_MS] {
        assert_eq!(fixture.store.pens(None, at_ms).await.unwrap()[0].holder, Some(holder(1)));
    }
    assert_eq!(fixture.store.corrections(&head, "p-2").await.unwrap().len(), 1);
    assert_eq!(fixture.store.undo_correction(&head, id, 1).await.unwrap(), Undone::Done);
    assert_eq!(fixture.store.undo_correction(&head, id, 1).await.unwrap(), Undone::Already);
    assert_papers(&papers(&fixture).await, &[both[0], both[2]]);
    assert_eq!(fixture.store.corrections(&head, "p-2").await.unwrap(), []);
}

#[tokio::test]
async fn two_pupils_had_each_others_pens() {
    let fixture = lent().await;
    for pen in [1, 2, 3] {
        fixture.write(pen, 1, 900, EVENING_MS).await;
        fixture.write(pen, 2, 901, EVENING_MS + 3 * DAY_MS).await;
    }
    let head = head(&fixture, "a-all").await;
    let own = [
        (1, 900, "p-1"),
        (1, 901, "p-1"),
        (2, 900, "p-2"),
        (2, 901, "p-2"),
        (3, 900, "p-3"),
        (3, 901, "p-3"),
    ];
    assert_papers(&papers(&fixture).await, &own);
    let evening = done(&fixture, &head, says(1, Said::Swapped, 2)).await;
    let mut expected = own;
    (expected[0].2, expected[2].2) = ("p-2", "p-1");
    assert_papers(&papers(&fixture).await, &expected);
    for (one, other) in [(1, 2), (2, 1)] {
        let again = fixture.store.correct(&head, says(one, Said::Swapped, other)).await.unwrap();
        assert_eq!(again, Corrected::Already, "they would be changed back");
    }
    // From a date on: what comes later too. The evening is as it is told now.
    assert_eq!(fixture.store.undo_correction(&head, evening, 1).await.unwrap(), Undone::Done);
    fixture.attribute().await;
    let on = Correction { when: When::From(EVENING_MS + DAY_MS), ..says(1, Said::Swapped, 2) };
    let on = fixture.store.correct(&head, on).await.unwrap();
    let Corrected::Done(on) = on else { panic!("{on:?}") };
    (expected[1].2, expected[3].2) = ("p-2", "p-1");
    assert_papers(&papers(&fixture).await, &expected);
    // A pen that was lent again since then is not given back by itself.
    let again = lease(2, holder(3), EVENING_MS + 9 * DAY_MS, None);
    fixture.store.insert_leases(vec![again]).await.unwrap();
    assert_eq!(fixture.store.undo_correction(&head, on, 1).await.unwrap(), Undone::Since);
    assert_papers(&papers(&fixture).await, &expected);
}

#[tokio::test]
async fn on_a_copy_a_word_moves_the_ink_and_a_lease_does_not() {
    let fixture = lent().await;
    // p-1's copy: the pen of p-2 writes there, and the teacher's. p-2's copy: the pen of p-1.
    fixture.write(2, 1, 100, EVENING_MS).await;
    fixture.write(66, 1, 100, EVENING_MS + HOUR_MS).await;
    fixture.write(1, 1, 102, EVENING_MS).await;
    fixture.attribute().await;
    let head = head(&fixture, "a-own").await;
    let pens = fixture.store.paper_pens(&head, "p-1", 1).await.unwrap();
    let told: Vec<_> = pens.iter().map(|pen| (pen.pen, pen.red, pen.foreign, pen.moved)).collect();
    assert_eq!(told, [(2, false, true, false), (66, true, false, false)]);
    assert_eq!(pens[0].holder, Some(holder(2)));
    assert_eq!(pens[0].written_ms, Some((EVENING_MS, EVENING_MS + 1_000)));
    // The pens were exchanged: the papers stay, and no pen is foreign.
    let pens = done(&fixture, &head, says(1, Said::Wrote, 1)).await;
    let own = [(1, 102, "p-2"), (2, 100, "p-1"), (66, 100, "p-1")];
    assert_papers(&papers(&fixture).await, &own);
    assert!(!fixture.store.paper_pens(&head, "p-1", 1).await.unwrap()[0].foreign);
    assert_eq!(fixture.store.undo_correction(&head, pens, 1).await.unwrap(), Undone::Done);
    // The sheets were exchanged: the ink goes to the paper of who wrote, the red ink with it.
    let first = done_moving(&fixture, &head, says(1, Said::Wrote, 2)).await;
    let all = [(1, 102, "p-2"), (2, 100, "p-2"), (66, 100, "p-2")];
    assert_papers(&papers(&fixture).await, &all);
    assert_eq!(chunks(&fixture, "a-own", "p-2").await, [(1, 1), (2, 1), (66, 1)]);
    let both = fixture.store.paper_pens(&head, "p-2", 1).await.unwrap();
    let told: Vec<_> = both.iter().map(|pen| (pen.pen, pen.red, pen.foreign, pen.moved)).collect();
    assert_eq!(told, [(1, false, true, false), (2, false, false, true), (66, true, false, true)]);
    let only = Correction { pen: Some(1), ..says(2, Said::Wrote, 1) };
    done_moving(&fixture, &head, only).await;
    let crossed = [(1, 102, "p-1"), (2, 100, "p-2"), (66, 100, "p-2")];
    assert_papers(&papers(&fixture).await, &crossed);
    assert_eq!(chunks(&fixture, "a-own", "p-1").await, [(1, 1)]);
    assert_eq!(fixture.store.undo_correction(&head, first, 1).await.unwrap(), Undone::Done);
    assert_papers(&papers(&fixture).await, &[(1, 102, "p-1"), own[1], own[2]]);
}

/// As [`done`]; pressed once more when the ink has moved, the button changes nothing.
async fn done_moving(fixture: &Fixture, head: &AssignmentHead, correction: Correction) -> i64 {
    let id = done(fixture, head, correction.clone()).await;
    fixture.attribute().await;
    let again = fixture.store.correct(head, correction).await.unwrap();
    assert_eq!(again, Corrected::Already);
    id
}

/// A pen whose clock says nothing, held by one pupil alone: a lease of another would make its ink
/// nobody's.
#[tokio::test]
async fn ink_without_a_time_is_moved_by_itself() {
    let fixture = Fixture::new().await;
    let now_ms = 1_795_345_300_000;
    fixture.store.insert_leases(vec![lease(1, holder(1), now_ms - 9, None)]).await.unwrap();
    let timeless = crate::Arrival { received_ms: now_ms, ..chunk(1, 1, 900, 120) };
    fixture.store.store_chunks(vec![timeless]).await.unwrap();
    let head = head(&fixture, "a-all").await;
    fixture.attribute().await;
    assert_eq!(fixture.store.paper_pens(&head, "p-1", 1).await.unwrap()[0].written_ms, None);
    let id = done(&fixture, &head, says(1, Said::Wrote, 2)).await;
    assert_papers(&papers(&fixture).await, &[(1, 900, "p-2")]);
    assert_eq!(chunks(&fixture, "a-all", "p-2").await, [(1, 1)]);
    assert_eq!(fixture.store.undo_correction(&head, id, 1).await.unwrap(), Undone::Done);
    assert_papers(&papers(&fixture).await, &[(1, 900, "p-1")]);
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let fixture = lent().await;
    fixture.write(1, 1, 900, EVENING_MS).await;
    // On p-1's copy writes the pen of a pupil of another class.
    let elsewhere = Holder::pupil("p-51").unwrap();
    fixture.store.insert_leases(vec![lease(51, elsewhere, 0, None)]).await.unwrap();
    fixture.write(51, 1, 100, EVENING_MS).await;
    let keeper = Keeper { school: "s".into(), staff: None, now_ms: EVENING_MS };
    fixture.store.return_pens(keeper, None, vec![3], EVENING_MS - DAY_MS, false).await.unwrap();
    fixture.attribute().await;
    let before = papers(&fixture).await;
    let (all, own) = (head(&fixture, "a-all").await, head(&fixture, "a-own").await);
    let not_there = Correction { pen: Some(2), ..says(1, Said::Wrote, 2) };
    let cases = [
        (&all, says(1, Said::Wrote, 51), Corrected::Stranger),
        (&all, says(2, Said::Wrote, 1), Corrected::NoInk),
        (&all, not_there, Corrected::NoInk),
        (&all, says(1, Said::Wrote, 1), Corrected::Already),
        (&all, says(1, Said::Swapped, 3), Corrected::NoPen),
        (&all, says(1, Said::Swapped, 1), Corrected::NoPen),
        (&own, says(1, Said::Wrote, 1), Corrected::OthersPen),
    ];
    for (head, correction, expected) in cases {
        let found = fixture.store.correct(head, correction.clone()).await.unwrap();
        assert_eq!(found, expected, "{correction:?}");
    }
    assert_eq!(papers(&fixture).await, before);
    assert_eq!(fixture.count("correction").await, 0);
    // Another assignment's correction is not taken back by its number.
    let id = done(&fixture, &all, says(1, Said::Wrote, 2)).await;
    assert_eq!(fixture.store.undo_correction(&own, id, 1).await.unwrap(), Undone::Already);
}

/// Marks follow the ink: both papers are marked again, and one that lost all of it is taken back.
#[tokio::test]
async fn both_papers_are_marked_again() {
    let fixture = lent().await;
    fixture.write(1, 1, 900, EVENING_MS).await;
    fixture.write(2, 1, 900, EVENING_MS).await;
    fixture.mark_all(Some(RIGHT), 5).await;
    assert_eq!(fixture.stale_papers().await, []);
    let head = head(&fixture, "a-all").await;
    let swap = fixture.store.correct(&head, says(1, Said::Swapped, 2)).await.unwrap();
    assert!(matches!(swap, Corrected::Done(_)), "{swap:?}");
    let stale: Vec<_> = fixture.stale_papers().await.into_iter().map(|paper| paper.1).collect();
    assert_eq!(stale, ["p-1", "p-2"]);
}

/// Failure: two pupils' ink lies on one paper, and nobody was asked.
#[tokio::test]
async fn ink_comes_to_a_page_with_ink_only_where_that_was_said() {
    let fixture = lent().await;
    for pen in [1, 2] {
        fixture.write(pen, 1, 900, EVENING_MS).await;
    }
    fixture.attribute().await;
    let head = head(&fixture, "a-all").await;
    let asked = Correction { onto_ink: false, ..says(1, Said::Wrote, 2) };
    let answer = fixture.store.correct(&head, asked.clone()).await.unwrap();
    assert_eq!(answer, Corrected::OntoInk);
    assert_papers(&papers(&fixture).await, &[(1, 900, "p-1"), (2, 900, "p-2")]);
    // Nobody wrote on p-3's page, and an exchange lays no ink on ink.
    let free = Correction { to: PupilId::new("p-3").unwrap(), ..asked.clone() };
    let Corrected::Done(id) = fixture.store.correct(&head, free).await.unwrap() else { panic!() };
    fixture.store.undo_correction(&head, id, 1).await.unwrap();
    fixture.attribute().await;
    let swap = Correction { said: Said::Swapped, ..asked.clone() };
    let Corrected::Done(id) = fixture.store.correct(&head, swap).await.unwrap() else { panic!() };
    fixture.store.undo_correction(&head, id, 1).await.unwrap();
    fixture.attribute().await;
    let sure = Correction { onto_ink: true, ..asked };
    done(&fixture, &head, sure).await;
    assert_papers(&papers(&fixture).await, &[(1, 900, "p-2"), (2, 900, "p-2")]);
}
