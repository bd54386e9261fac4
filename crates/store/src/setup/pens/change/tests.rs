use sample_school::{holder, marker};

use super::super::PenRow;
use super::*;
use crate::fixture::{Fixture, school};
use crate::{Delivery, DoneBy, GatewayLogin, GatewayRow, PenLine, PenSeen};

const HOUR_MS: i64 = 3_600_000;

/// Somebody on the command line.
fn keeper() -> Keeper {
    Keeper { school: "s".into(), staff: None, now_ms: 10 }
}

/// A member of staff, for a school.
fn of(school: &str) -> Keeper {
    Keeper { school: school.into(), staff: Some("t-wang".into()), now_ms: 10 }
}

fn here() -> KeptSchool {
    KeptSchool { id: "s".into(), name_zh: "—".into(), name_en: "—".into() }
}

fn pen(pen: u64, number: u32) -> PenRow {
    PenRow { pen, set: "A".into(), number }
}

/// Pens of a set for the first two of the three pupils of `c-1`, and one for nobody.
async fn lent() -> Fixture {
    let fixture = Fixture::new().await;
    let pens = vec![pen(1, 1), pen(2, 2), pen(3, 7)];
    fixture.store.insert_pens(keeper(), pens).await.unwrap();
    fixture.store.lend_set(keeper(), "A", "c-1", 10).await.unwrap();
    fixture
}

/// Whose the ink of each pen on each page is, by pen and page.
async fn whose(fixture: &Fixture) -> Vec<String> {
    fixture.attribute().await;
    let pupils = query("SELECT pupil FROM attribution ORDER BY pen, page");
    pupils.scalars(fixture.store.readers()).await.unwrap()
}

/// Who holds each pen, with its place and since when it is lost.
type Stands = Vec<(u64, Option<Holder>, Option<(String, u32)>, Option<i64>)>;

async fn stands(fixture: &Fixture, at_ms: i64) -> Stands {
    let lines = fixture.store.pens(None, at_ms).await.unwrap();
    lines.into_iter().map(|line| (line.pen, line.holder, line.place, line.lost_ms)).collect()
}

fn numbers(lines: &[PenLine]) -> Vec<u64> {
    lines.iter().map(|line| line.pen).collect()
}

/// Two schools have a set A of their own, and neither sees or touches the other's.
#[tokio::test]
async fn schools_do_not_meet() {
    let fixture = lent().await;
    let store = &fixture.store;
    store.insert_school(school("s-2", None)).await.unwrap();
    let other = || Keeper { staff: None, ..of("s-2") };
    store.insert_pens(other(), vec![pen(11, 1)]).await.unwrap();
    assert_eq!(numbers(&store.pens(Some("s"), 11).await.unwrap()), [1, 2, 3]);
    assert_eq!(numbers(&store.pens(Some("s-2"), 11).await.unwrap()), [11]);
    // What a member of staff of the other school tries.
    let refused = [
        store.return_pens(of("s-2"), None, vec![1], 20, false).await,
        store.return_pens(of("s-2"), None, vec![1], 20, true).await,
        store.swap_pens(of("s-2"), (11, 1), 20, None, None).await,
        store.insert_pens(of("s-2"), vec![pen(1, 9)]).await,
        store.find_pen(of("s-2"), 1).await,
        store.lend_pen(of("s-2"), 1, marker(), Some(20)).await,
    ];
    for refused in refused {
        assert!(matches!(refused, Err(StoreError::PenElsewhere { pen: 1 })), "{refused:?}");
    }
    let refused = [
        store.lend_pen(of("s-2"), 11, holder(1), Some(20)).await,
        store.lend_set(of("s-2"), "A", "c-1", 20).await,
    ];
    for refused in refused {
        assert!(matches!(refused, Err(StoreError::Missing { .. })), "{refused:?}");
    }
    let held: Vec<_> = stands(&fixture, 21).await.into_iter().map(|row| (row.0, row.1)).collect();
    let first = Some(holder(1));
    assert!(held.contains(&(1, first)) && held.contains(&(11, None)), "{held:?}");
    // On the command line a pen may be taken over.
    store.insert_pens(other(), vec![pen(3, 7)]).await.unwrap();
    assert_eq!(numbers(&store.pens(Some("s-2"), 11).await.unwrap()), [11, 3]);
}

/// Each thing that can be done leaves, once it is undone, what was there before, ink included.
#[tokio::test]
async fn everything_can_be_undone() {
    let fixture = lent().await;
    fixture.write(1, 1, 900, HOUR_MS).await;
    fixture.write(2, 1, 900, HOUR_MS).await;
    let store = &fixture.store;
    let at_ms = HOUR_MS;
    for step in 0..7 {
        let before = (stands(&fixture, at_ms).await, whose(&fixture).await);
        let done = match step {
            0 => store.swap_pens(keeper(), (1, 2), 500, Some(2 * HOUR_MS), None).await,
            1 => store.return_pens(keeper(), Some("A".into()), vec![1, 2], 20, false).await,
            2 => store.return_pens(keeper(), None, vec![2], 30, true).await,
            3 => store.insert_pens(keeper(), vec![pen(1, 12), pen(2, 1)]).await,
            4 => store.lend_pen(keeper(), 1, marker(), Some(40)).await,
            5 => store.lend_pen(keeper(), 3, holder(3), None).await,
            _ => store.lend_set(keeper(), "A", "c-1", 600).await,
        };
        let done = done.unwrap();
        let after = (stands(&fixture, at_ms).await, whose(&fixture).await);
        if step < 6 {
            assert_ne!(after, before, "step {step} does nothing");
        }
        for _ in 0..2 {
            store.undo_pen_change(keeper(), done.id).await.unwrap();
            let undone = (stands(&fixture, at_ms).await, whose(&fixture).await);
            assert_eq!(undone, before, "step {step}");
        }
    }
    let all = store.pen_changes(&here(), 9).await.unwrap();
    assert_eq!(all.iter().filter(|change| change.undone_ms.is_some()).count(), 7);
    assert!(all.last().unwrap().undone_ms.is_none(), "what was not undone");
}

#[tokio::test]
async fn what_was_changed_since_is_not_undone() {
    let fixture = lent().await;
    let store = &fixture.store;
    let lent = store.pen_changes(&here(), 1).await.unwrap()[0].id;
    let returned = store.return_pens(keeper(), None, vec![2], 20, false).await.unwrap();
    let refused = store.undo_pen_change(keeper(), lent).await;
    assert!(matches!(refused, Err(StoreError::PenChanged { pen: 2 })), "{refused:?}");
    assert_eq!(stands(&fixture, 15).await[0].1, Some(holder(1)), "all or nothing");
    // Another school's change is none.
    let refused = store.undo_pen_change(of("s-2"), lent).await;
    assert!(matches!(refused, Err(StoreError::Missing { .. })), "{refused:?}");
    // The other way round it goes.
    store.undo_pen_change(keeper(), returned.id).await.unwrap();
    store.undo_pen_change(keeper(), lent).await.unwrap();
    assert_eq!(stands(&fixture, 15).await[0].1, None);
}

/// A pen that nobody knows writes on a shared sheet: the school hears how much waits and where, and
/// once it is given to a pupil the ink is theirs from the first stroke on.
#[tokio::test]
async fn a_strangers_ink_finds_its_paper() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    fixture.write(77, 1, 900, HOUR_MS).await;
    fixture.write(77, 2, 901, 2 * HOUR_MS).await;
    assert!(whose(&fixture).await.is_empty());
    let lines = store.pens_kept(&here(), 3 * HOUR_MS).await.unwrap();
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert!((line.pen, line.nobodys) == (77, 2) && line.is_stranger() && line.waits());
    let waiting = store.waiting_ink(&here(), &[77]).await.unwrap();
    let [ink] = &waiting[..] else { panic!("{waiting:?}") };
    assert_eq!((ink.faces, ink.class.as_deref(), ink.since_ms), (2, Some("c-1"), HOUR_MS));
    store.lend_pen(of("s"), 77, holder(2), None).await.unwrap();
    assert_eq!(whose(&fixture).await, ["p-2", "p-2"]);
    let lines = store.pens_kept(&here(), 3 * HOUR_MS).await.unwrap();
    assert!(!lines[0].waits() && lines[0].nobodys == 0);
    // What it writes after it came back waits again, and is another's.
    store.return_pens(of("s"), None, vec![77], 3 * HOUR_MS, false).await.unwrap();
    fixture.write(77, 3, 900, 4 * HOUR_MS).await;
    fixture.attribute().await;
    assert!(store.pens_kept(&here(), 5 * HOUR_MS).await.unwrap()[0].waits());
    let lent = store.lend_pen(of("s"), 77, holder(3), None).await.unwrap();
    assert_eq!(lent.from_ms, 4 * HOUR_MS);
}

/// Where the store has several schools, a stranger is shown where it was heard.
#[tokio::test]
async fn a_stranger_is_shown_to_the_school_that_heard_it() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    store.insert_school(school("s-2", None)).await.unwrap();
    // One writes on paper of the first school, one where nothing is printed, through a gateway of
    // the second.
    fixture.write(77, 1, 900, HOUR_MS).await;
    fixture.write(78, 1, 5_000, HOUR_MS).await;
    fixture.attribute().await;
    let row = GatewayRow {
        id: "g-2".into(),
        school: "s-2".into(),
        classroom: "—".into(),
        login: GatewayLogin::Password("—".into()),
    };
    store.enrol_gateway(row, DoneBy { at_ms: 0, user: "root" }).await.unwrap();
    let seen = PenSeen {
        pen: 78,
        gateway: "g-2".into(),
        seen_ms: HOUR_MS,
        battery_percent: Some(55),
        charging: true,
        backlog: 0,
    };
    let delivery = Delivery { pens_seen: vec![seen], ..Delivery::default() };
    store.take_delivery(delivery).await.unwrap();
    assert_eq!(numbers(&store.pens(Some("s"), 11).await.unwrap()), [77]);
    let lines = store.pens(Some("s-2"), 11).await.unwrap();
    assert_eq!(numbers(&lines), [78]);
    assert_eq!((lines[0].battery_percent, lines[0].charging), (Some(55), true));
}

#[tokio::test]
async fn an_exchange_from_the_leases_first_moment_on_ends_too() {
    let fixture = lent().await;
    fixture.store.swap_pens(keeper(), (1, 2), 10, Some(50), None).await.unwrap();
    let holders = async |at_ms| {
        let rows = stands(&fixture, at_ms).await;
        rows.into_iter().map(|row| row.1).collect::<Vec<_>>()
    };
    assert_eq!(holders(49).await, [Some(holder(2)), Some(holder(1)), None]);
    assert_eq!(holders(50).await, [Some(holder(1)), Some(holder(2)), None]);
}
