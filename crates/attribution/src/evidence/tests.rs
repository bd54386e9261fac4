use firmware_protocol::{BootId, PageAddress, PenId, StrokeEnd};
use proptest::prelude::*;
use school::{PupilId, StaffId};

use super::*;
use crate::{CLOCK_AHEAD_MS_MAX, MayBelong, Unknown, may_belong};

/// 2026-11-22, in the middle of the times below.
const NOW_MS: i64 = 1_795_345_300_000;

const START: Start = Start { pen: 1, counter: 1, random: 1 };

fn lease(pen: u64, holder: Holder, from_ms: i64, until_ms: Option<i64>) -> Lease {
    Lease { pen, holder, from_ms: NOW_MS + from_ms, until_ms: until_ms.map(|ms| NOW_MS + ms) }
}

fn pupil(id: &str) -> Holder {
    Holder::Pupil(PupilId::new(id).expect("an id"))
}

#[test]
fn a_stroke_is_judged_by_the_receipt_of_its_own_chunk() {
    let mut known = Evidence::of_leases([lease(1, pupil("a"), 0, Some(100))]);
    let receipt = |first_ms, last_ms| Receipt { first_ms, last_ms, received_ms: NOW_MS + 500 };
    // The clock was set between the two chunks.
    known.receipts.insert(START, vec![receipt(0, 50), receipt(NOW_MS + 200, NOW_MS + 300)]);
    let holder = pupil("a");
    let only_holder = Hand::Holder(&holder, Told::Lease);
    assert_eq!(known.hand(START, 20), only_holder, "no time");
    assert_eq!(known.hand(START, NOW_MS + 250), Hand::SomePupil(Unknown::NotLentThen));
    let other = Start { pen: 2, ..START };
    assert_eq!(known.hand(other, NOW_MS + 50), Hand::SomePupil(Unknown::NeverLent));
}

/// A clock that is set while it writes gives chunks whose times overlap.
#[test]
fn of_two_receipts_the_one_with_a_time_counts() {
    let sound = Receipt { first_ms: NOW_MS, last_ms: NOW_MS + 50, received_ms: NOW_MS + 60 };
    let jumps = Receipt { first_ms: 0, ..sound };
    for receipts in [[sound, jumps], [jumps, sound]] {
        let mut known = Evidence::of_leases([
            lease(1, pupil("a"), 0, Some(100)),
            lease(1, pupil("b"), -900, Some(-800)),
        ]);
        known.receipts.insert(START, receipts.to_vec());
        assert_eq!(known.hand(START, NOW_MS + 20), Hand::Holder(&pupil("a"), Told::Lease));
    }
}

#[test]
fn a_word_counts_where_nothing_else_tells() {
    let mut known = Evidence::of_leases([lease(1, pupil("a"), 0, Some(100))]);
    known.given.insert(START, pupil("b"));
    assert_eq!(known.hand(START, NOW_MS + 50), Hand::Holder(&pupil("a"), Told::Lease));
    assert_eq!(known.hand(START, NOW_MS + 100), Hand::Holder(&pupil("b"), Told::Word));
}

/// A piece of what happened, in the order in which the server came to know of it.
#[derive(Clone, Debug)]
enum Event {
    Lease(Lease),
    Clock(Start, i64),
    Given(Start, Holder),
    Moved(Start, PupilId),
    /// A chunk: its receipt, and when its strokes begin by the pen's clock.
    Ink(Start, Receipt, Vec<i64>),
    /// What is printed on the page face.
    Printed(Option<PupilId>),
}

/// What the server knows of one page face.
#[derive(Default)]
struct Known {
    evidence: Evidence,
    leases: Vec<Lease>,
    sheet: Option<Option<PupilId>>,
    strokes: Vec<(Start, i64)>,
    chunks: Vec<(Start, Receipt)>,
}

impl Known {
    fn of(events: &[Event]) -> Self {
        let mut known = Self::default();
        for event in events.iter().cloned() {
            match event {
                Event::Lease(lease) => known.leases.push(lease),
                Event::Clock(start, ms) => drop(known.evidence.offsets_ms.insert(start, ms)),
                Event::Given(start, holder) => drop(known.evidence.given.insert(start, holder)),
                Event::Moved(start, pupil) => drop(known.evidence.moved.insert(start, pupil)),
                Event::Printed(owner) => known.sheet = Some(owner),
                Event::Ink(start, receipt, strokes) => {
                    known.evidence.receipts.entry(start).or_default().push(receipt);
                    known.chunks.push((start, receipt));
                    known.strokes.extend(strokes.into_iter().map(|at_ms| (start, at_ms)));
                }
            }
        }
        known.evidence.leases = Evidence::of_leases(known.leases.drain(..)).leases;
        known
    }

    fn sheet(&self) -> Option<Sheet<'_>> {
        self.sheet.as_ref().map(|owner| match owner {
            None => Sheet::Shared,
            Some(owner) => Sheet::Copy { owner: Some(owner) },
        })
    }

    /// Every stroke with its paper, by name.
    fn papers(&self) -> Vec<((Start, i64), Result<Belongs<'_>, Nobody>)> {
        let Some(sheet) = self.sheet() else { return Vec::new() };
        let of = |&(start, at_ms): &(Start, i64)| {
            ((start, at_ms), self.evidence.whose_at(sheet, start, at_ms))
        };
        let mut papers: Vec<_> = self.strokes.iter().map(of).collect();
        papers.sort_unstable();
        papers
    }

    fn may(&self) -> MayBelong<'_> {
        let ink = self.chunks.iter().copied();
        self.sheet().map_or_else(MayBelong::default, |sheet| may_belong(sheet, &self.evidence, ink))
    }
}

fn holder() -> impl Strategy<Value = Holder> {
    prop_oneof![
        3 => prop_oneof![Just("a"), Just("b"), Just("c")].prop_map(pupil),
        1 => Just(Holder::Marker(StaffId::new("t").expect("an id"))),
    ]
}

fn start() -> impl Strategy<Value = Start> {
    (1_u64..3, 1_u32..3).prop_map(|(pen, counter)| Start { pen, counter, random: 7 })
}

fn event() -> impl Strategy<Value = Event> {
    let held = (1_u64..3, holder(), -50_i64..50, proptest::option::of(-50_i64..60));
    let held = held.prop_map(|(pen, holder, from_ms, until_ms)| {
        Event::Lease(lease(pen, holder, from_ms, until_ms))
    });
    let given = (start(), holder()).prop_map(|(start, holder)| Event::Given(start, holder));
    // Clocks that are right, were never set, or run ahead.
    let set_ms =
        prop_oneof![3 => Just(NOW_MS), 1 => Just(0), 1 => Just(NOW_MS + 2 * CLOCK_AHEAD_MS_MAX)];
    let ink = (start(), set_ms, -50_i64..50, proptest::collection::vec(0_i64..30, 1..6));
    let ink = ink.prop_map(|(start, set_ms, first_ms, begin_ms)| {
        let first_ms = set_ms + first_ms;
        let strokes: Vec<i64> = begin_ms.into_iter().map(|ms| first_ms + ms).collect();
        let last_ms = strokes.iter().max().map_or(first_ms, |ms| ms + 3);
        Event::Ink(start, Receipt { first_ms, last_ms, received_ms: NOW_MS + 70 }, strokes)
    });
    let clock = (start(), prop_oneof![-40_i64..40, Just(NOW_MS)]);
    let clock = clock.prop_map(|(start, offset_ms)| Event::Clock(start, offset_ms));
    let to = prop_oneof![Just("a"), Just("b")];
    let moved =
        (start(), to).prop_map(|(start, id)| Event::Moved(start, PupilId::new(id).expect("an id")));
    prop_oneof![4 => held, 4 => ink, 1 => given, 1 => clock, 1 => moved]
}

/// What happened, with one word, one clock and one print run where only one can be in force.
fn events() -> impl Strategy<Value = Vec<Event>> {
    let printed = prop_oneof![Just(None), Just(Some("a")), Just(Some("b"))];
    let printed =
        printed.prop_map(|owner| Event::Printed(owner.map(|id| PupilId::new(id).expect("an id"))));
    (proptest::collection::vec(event(), 1..14), printed).prop_map(|(mut events, printed)| {
        let mut seen = std::collections::HashSet::new();
        events.retain(|event| match event {
            Event::Given(start, _) => seen.insert((0, *start, 0)),
            Event::Clock(start, _) => seen.insert((1, *start, 0)),
            Event::Moved(start, _) => seen.insert((3, *start, 0)),
            Event::Lease(lease) => {
                let of = Start { pen: lease.pen, counter: 0, random: 0 };
                seen.insert((2, of, lease.from_ms))
            }
            _ => true,
        });
        events.push(printed);
        events
    })
}

fn shuffled() -> impl Strategy<Value = (Vec<Event>, Vec<Event>)> {
    events().prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// However late a lease, a clock, a word or a print run comes, the papers are as if it had been
    /// known from the start.
    #[test]
    fn any_order_gives_the_same_papers((first, second) in shuffled()) {
        let (first, second) = (Known::of(&first), Known::of(&second));
        prop_assert_eq!(first.papers(), second.papers());
        prop_assert_eq!(first.may(), second.may());
    }

    /// Fetching ink by its receipts alone misses no stroke.
    #[test]
    fn what_may_belong_holds_what_belongs((events, _) in shuffled()) {
        let known = Known::of(&events);
        let may = known.may();
        for ((start, at_ms), paper) in known.papers() {
            match paper {
                Ok(belongs) => prop_assert!(
                    may.pupils.contains(belongs.pupil), "{start:?} at {at_ms}: {belongs:?}"
                ),
                Err(_) => prop_assert!(may.nobody.is_some()),
            }
        }
    }
}

#[test]
fn a_stroke_lies_where_its_address_says() {
    let address = PageAddress { section: 3, owner: 27, book: 5, page: 10 };
    let stroke = |address| Stroke {
        key: StrokeKey { pen: PenId(1), boot: BootId { counter: 1, random: 1 }, number: 1 },
        address,
        start_ms: NOW_MS,
        start_ticks: 0,
        end: StrokeEnd::Up,
        complete: true,
        samples: Vec::new(),
        orientation: Vec::new(),
    };
    let face = crate::Face { section: 3, owner: 27, book: 5, page: 10 };
    assert!(face.holds(&stroke(Some(address))));
    assert!(!face.holds(&stroke(Some(PageAddress { page: 11, ..address }))));
    assert!(!face.holds(&stroke(None)));
    // The clock of the pen is five milliseconds late.
    let mut known = Evidence::of_leases([lease(1, pupil("a"), 5, None)]);
    known.offsets_ms.insert(START, 5);
    let strokes = || [stroke(Some(address)), stroke(None)];
    for (id, written) in [("a", 1), ("b", 0)] {
        let id = PupilId::new(id).expect("an id");
        let paper = known.paper(face, Sheet::Shared, &id, strokes());
        assert_eq!((paper.pupil.len(), paper.red.len(), paper.foreign), (written, 0, false));
        assert!(paper.pupil.iter().all(|stroke| stroke.start_ms == NOW_MS + 5));
        let paper = known.paper(face, Sheet::Copy { owner: Some(&id) }, &id, strokes());
        assert_eq!((paper.pupil.len(), paper.foreign), (1, id.as_str() == "b"));
    }
}
