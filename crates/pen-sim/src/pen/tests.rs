use firmware_protocol::{Frame, decode_frame};
use ink::Assembly;

use super::*;

const BOOT: BootId = BootId { counter: 7, random: 99 };
const ADDRESS: PageAddress = PageAddress { section: 3, owner: 2, book: 1, page: 5 };

fn plan() -> Plan {
    Plan {
        id: PenId(0x1234),
        model: FINE_CLOCK,
        boots: vec![(0, BOOT)],
        clock_offset_ms: 0,
        outage: None,
        again: 0.0,
        off_ms: 200_000,
    }
}

/// Twenty strokes of half a second, one every two seconds from the tenth second on.
fn strokes() -> Vec<Seen> {
    let readings =
        || (0..50).map(|i| (i * 10, f64::from(i) * 100.0, 5_000.0, 0.5)).collect::<Vec<_>>();
    (0..20)
        .map(|i| Seen {
            start_ms: 10_000 + 2_000 * i,
            address: ADDRESS,
            readings: readings(),
            end: StrokeEnd::Up,
        })
        .collect()
}

fn sent(plan: &Plan) -> Sent {
    write(plan, &strokes(), &mut Random::stream(1, &["test"]))
}

/// Time and number of everything with a number.
fn numbered(sent: &Sent) -> Vec<(i64, u32)> {
    sent.deliveries
        .iter()
        .filter_map(|delivery| match &delivery.what {
            Handed::Chunk(bytes) => match decode_frame(bytes).unwrap().0 {
                Frame::Chunk(chunk) => Some((delivery.at_ms, chunk.key.number)),
                Frame::Hello(hello) => Some((delivery.at_ms, hello.key.number)),
                _ => None,
            },
            Handed::State(_) => None,
        })
        .collect()
}

fn assembled(sent: &Sent) -> Assembly {
    Assembly::of_chunks(sent.deliveries.iter().filter_map(|delivery| match &delivery.what {
        Handed::Chunk(bytes) => Some(bytes.as_slice()),
        Handed::State(_) => None,
    }))
}

#[test]
fn everything_written_is_sent_once_and_in_order() {
    let sent = sent(&plan());
    let numbers: Vec<u32> = numbered(&sent).iter().map(|(_, number)| *number).collect();
    assert_eq!(numbers, (0..=20).collect::<Vec<u32>>());
    let ink = assembled(&sent);
    assert!(ink.errors.is_empty());
    assert_eq!(ink.strokes.len(), 20);
    assert!(ink.strokes.iter().all(|stroke| stroke.complete && stroke.address == Some(ADDRESS)));
    let samples: usize = ink.strokes.iter().map(|stroke| stroke.samples.len()).sum();
    assert_eq!(samples as u64, sent.samples);
    // One in a hundred is missed, never a stroke's first or last.
    assert!((970..1000).contains(&samples), "{samples}");
    assert_eq!(ink.strokes[3].start_ms, 16_000);
}

#[test]
fn a_chunk_is_handed_over_soon_after_the_pen_rests() {
    for (at_ms, number) in numbered(&sent(&plan())).into_iter().skip(1) {
        let stroke_end_ms = 10_000 + 2_000 * i64::from(number - 1) + 490;
        assert!((500..600).contains(&(at_ms - stroke_end_ms)), "{number}: {at_ms}");
    }
}

#[test]
fn what_waited_comes_in_order_after_the_link_is_back() {
    let plan = Plan { outage: Some((20_200, 41_000)), ..plan() };
    let sent = sent(&plan);
    let numbers = numbered(&sent);
    assert!(!numbers.iter().any(|(at_ms, _)| (20_200..41_000).contains(at_ms)));
    let mut held: Vec<(i64, u32)> = numbers.iter().copied().filter(|(_, n)| *n > 5).collect();
    held.sort_by_key(|(_, number)| *number);
    let backlog = &held[..sent.held as usize];
    assert!(!backlog.is_empty());
    assert!(backlog.windows(2).all(|pair| pair[0].0 < pair[1].0), "{backlog:?}");
    assert_eq!(assembled(&sent).strokes.len(), 20);
    let states = sent.deliveries.iter().filter(|d| matches!(d.what, Handed::State(_)));
    assert!(states.clone().all(|d| !(20_200..41_000).contains(&d.at_ms)));
    assert_eq!(states.count(), 4);
}

#[test]
fn a_restart_begins_numbers_and_ticks_anew() {
    let again = BootId { counter: 8, random: 100 };
    let plan = Plan { boots: vec![(0, BOOT), (29_000, again)], ..plan() };
    let sent = sent(&plan);
    let ink = assembled(&sent);
    let (old, new): (Vec<_>, Vec<_>) = ink.strokes.iter().partition(|s| s.key.boot == BOOT);
    assert_eq!((old.len(), new.len()), (10, 10));
    assert_eq!((new[0].key.number, new[0].start_ticks, new[0].start_ms), (0, 1_000, 30_000));
}

#[test]
fn copies_are_flagged_and_equal() {
    let plan = Plan { again: 0.5, ..plan() };
    let sent = sent(&plan);
    let copies: Vec<&Delivery> = sent.deliveries.iter().filter(|d| d.copy).collect();
    assert!(sent.copies > 3);
    assert_eq!(copies.len(), sent.copies as usize);
    for copy in copies {
        let first = sent.deliveries.iter().find(|d| d.what == copy.what).unwrap();
        assert!(!first.copy && first.at_ms < copy.at_ms);
    }
    assert_eq!(assembled(&sent).strokes.len(), 20);
}

#[test]
fn a_wrong_clock_is_told_by_the_states() {
    let plan = Plan { clock_offset_ms: -3_600_000, ..plan() };
    let sent = sent(&plan);
    assert_eq!(assembled(&sent).strokes[0].start_ms, 10_000 - 3_600_000);
    for delivery in &sent.deliveries {
        if let Handed::State(state) = &delivery.what {
            assert_eq!(state.seen_unix_ms, delivery.at_ms);
            assert_eq!(state.pen_unix_ms - state.seen_unix_ms, -3_600_000);
            assert_eq!(state.ticks, delivery.at_ms as u64);
        }
    }
}

#[test]
fn another_model_writes_the_same_ink() {
    let fine = assembled(&sent(&plan()));
    let other = assembled(&sent(&Plan { model: FINE_GRID, ..plan() }));
    for (a, b) in fine.strokes.iter().zip(&other.strokes) {
        assert_eq!(a.start_ms, b.start_ms);
        for (a, b) in a.samples.iter().zip(&b.samples) {
            assert!((a.x_um - b.x_um).abs() <= 18 && a.t_ms == b.t_ms, "{a:?} {b:?}");
            assert!(a.force.abs_diff(b.force) < 60);
        }
    }
}
