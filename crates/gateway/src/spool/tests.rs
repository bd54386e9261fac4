mod durable;
mod memory;

use firmware_protocol::{BootId, Bundle, Capture, GatewayId, crc32c, frame_len, peek_envelope};

use super::*;
use crate::Broker;
use memory::Memory;

const PEN: PenId = PenId(7);
const BOOT: BootId = BootId { counter: 1, random: 2 };

fn config(spool_bytes_max: u64) -> Config {
    Config {
        id: GatewayId::parse("g-1").unwrap(),
        broker: Broker { host: String::new(), port: 0, credentials: None, tls: None },
        spool: "spool".into(),
        spool_bytes_max,
        bundle_bytes_max: 1_032,
        bundle_wait: Duration::from_millis(20),
        in_flight_max: 8,
        resend_after: Duration::from_secs(5),
    }
}

/// A spool with a connection, and room for 18 chunks of 200 bytes.
fn spool() -> Spool {
    let mut spool = Spool::on(Box::new(Memory::default()), &config(4_000)).unwrap();
    spool.connected();
    spool
}

fn key(number: u32) -> ChunkKey {
    ChunkKey { pen: PEN, boot: BOOT, number }
}

/// A chunk of 200 bytes whose envelope is sound.
fn frame(number: u32) -> Vec<u8> {
    let number_bytes = number.to_le_bytes();
    let number_len = 4 - (number | 1).leading_zeros() as usize / 8;
    let shape = 200 | ((number_len - 1) as u16) << 14;
    let mut frame = vec![0x5a, 0x12];
    frame.extend(shape.to_le_bytes());
    frame.extend(&PEN.0.to_le_bytes()[..6]);
    frame.push(BOOT.counter as u8);
    frame.extend(BOOT.random.to_le_bytes());
    frame.extend(&number_bytes[..number_len]);
    frame.resize(196, number as u8);
    frame.extend(crc32c(&frame).to_le_bytes());
    frame
}

fn receipt(outcome: Outcome, first: u32, last: u32) -> PenReceipt {
    PenReceipt { pen: PEN, boot: BOOT, range: ReceiptRange { outcome, first, last } }
}

/// Chunks of 200 bytes, numbered.
fn fill(spool: &mut Spool, numbers: std::ops::Range<u32>, now: Instant) {
    for number in numbers {
        assert_eq!(spool.take(key(number), frame(number), now), Ok(Taken::Fresh));
    }
}

/// The frames of a bundle.
fn frames_of(bundle: &[u8]) -> Vec<Vec<u8>> {
    assert!(Bundle::parse(bundle).is_ok());
    let (mut rest, mut frames) = (&bundle[8..], Vec::new());
    while !rest.is_empty() {
        let (frame, others) = rest.split_at(frame_len(rest).unwrap());
        frames.push(frame.to_vec());
        rest = others;
    }
    frames
}

fn numbers_of(bundle: &[u8]) -> Vec<u32> {
    frames_of(bundle).iter().map(|frame| peek_envelope(frame).unwrap().key.number).collect()
}

/// Bytes of frames in a bundle, header aside.
fn load(bundle: &[u8]) -> usize {
    assert!(Bundle::parse(bundle).is_ok());
    bundle.len() - 8
}

#[test]
fn a_chunk_waits_for_company_and_is_kept_until_its_receipt() {
    let (mut spool, now) = (spool(), Instant::now());
    fill(&mut spool, 1..2, now);
    assert_eq!(spool.next_bundle(now), None);
    let later = now + Duration::from_millis(20);
    assert_eq!(load(&spool.next_bundle(later).unwrap()), 200);
    assert_eq!(spool.len(), 1);
    spool.receipt(&receipt(Outcome::Stored, 1, 1));
    assert_eq!((spool.len(), spool.index.bytes, spool.sent.len()), (0, 0, 0));
    assert_eq!(spool.counters.stored, 1);
}

#[test]
fn a_full_bundle_goes_at_once_and_the_window_bounds_what_is_under_way() {
    let (mut spool, now) = (spool(), Instant::now());
    fill(&mut spool, 0..18, now);
    assert_eq!(spool.take(key(18), frame(18), now), Err(NotTaken::Full));
    assert!(spool.amounts().is_full);
    assert_eq!(load(&spool.next_bundle(now).unwrap()), 1_000);
    assert_eq!(load(&spool.next_bundle(now).unwrap()), 600);
    assert_eq!(spool.next_bundle(now), None, "eight are under way");
    spool.receipt(&receipt(Outcome::Stored, 0, 3));
    assert_eq!(load(&spool.next_bundle(now).unwrap()), 800);
    spool.receipt(&receipt(Outcome::Stored, 4, 11));
    assert_eq!(spool.take(key(18), frame(18), now), Ok(Taken::Fresh), "there is room again");
    assert!(!spool.amounts().is_full);
}

#[test]
fn without_a_receipt_it_goes_again_after_live_chunks() {
    let (mut spool, now) = (spool(), Instant::now());
    fill(&mut spool, 1..3, now);
    let sent = now + Duration::from_millis(20);
    spool.next_bundle(sent).unwrap();
    let late = sent + Duration::from_secs(5);
    fill(&mut spool, 3..4, late);
    let bundle = spool.next_bundle(late).unwrap();
    assert_eq!(load(&bundle), 600);
    assert_eq!(numbers_of(&bundle), [3, 1, 2], "the live chunk goes first");
    assert_eq!((spool.counters.chunks_sent, spool.counters.chunks_resent), (3, 2));
}

#[test]
fn a_lost_connection_sends_again_what_was_under_way() {
    let (mut spool, now) = (spool(), Instant::now());
    fill(&mut spool, 0..4, now);
    let sent = now + Duration::from_millis(20);
    spool.next_bundle(sent).unwrap();
    spool.disconnected();
    spool.connected();
    assert_eq!(load(&spool.next_bundle(sent).unwrap()), 800);
    assert_eq!(spool.counters.chunks_resent, 4);
}

#[test]
fn what_waited_for_a_connection_goes_after_what_is_written_now() {
    let (mut spool, now) = (spool(), Instant::now());
    fill(&mut spool, 1..4, now);
    spool.connected();
    fill(&mut spool, 4..6, now);
    let bundle = spool.next_bundle(now).unwrap();
    assert_eq!(numbers_of(&bundle), [4, 5, 1, 2, 3]);
}

#[test]
fn a_copy_is_taken_and_other_bytes_are_not() {
    let (mut spool, now) = (spool(), Instant::now());
    fill(&mut spool, 1..2, now);
    assert_eq!(spool.take(key(1), frame(1), now), Ok(Taken::Duplicate));
    let mut other = frame(1);
    other[40] ^= 1;
    let crc = crc32c(&other[..196]);
    other[196..].copy_from_slice(&crc.to_le_bytes());
    assert_eq!(spool.take(key(1), other, now), Err(NotTaken::Conflict(key(1))));
    // Together, too.
    let together = vec![(key(2), frame(2)), (key(1), frame(1)), (key(2), frame(2))];
    let answers = spool.take_all(together, 0, now);
    assert_eq!(answers, [Ok(Taken::Fresh), Ok(Taken::Duplicate), Ok(Taken::Duplicate)]);
    spool.receipt(&receipt(Outcome::Stored, 2, 2));
    assert_eq!(spool.len(), 1);
}

#[test]
fn receipts_free_only_what_they_name() {
    let (mut spool, now) = (spool(), Instant::now());
    fill(&mut spool, 1..5, now);
    let elsewhere = PenReceipt { pen: PenId(8), ..receipt(Outcome::Stored, 0, u32::MAX) };
    spool.receipt(&elsewhere);
    assert_eq!(spool.len(), 4);
    spool.receipt(&receipt(Outcome::Held, 2, 2));
    spool.receipt(&receipt(Outcome::Refused(RefusalCode::Malformed), 3, 3));
    spool.receipt(&receipt(Outcome::Stored, 2, 3));
    assert_eq!((spool.counters.stored, spool.counters.held, spool.counters.refused), (0, 1, 1));
    assert_eq!(spool.amounts().put_away, 1);
    spool.receipt(&receipt(Outcome::Stored, 0, u32::MAX));
    assert_eq!(spool.len(), 0);
}

/// The frames in a file of dead letters, as far as they are whole.
fn letters_in(file: &[u8]) -> Vec<Vec<u8>> {
    let Ok(capture) = Capture::parse(file) else { return Vec::new() };
    capture.bundles().map_while(Result::ok).flat_map(frames_of).collect()
}

#[test]
fn what_is_refused_is_put_away_once_and_what_was_erased_is_not() {
    let disk = Memory::default();
    let mut spool = Spool::on(Box::new(disk.clone()), &config(4_000)).unwrap();
    let now = Instant::now();
    spool.connected();
    fill(&mut spool, 1..5, now);
    let refused = |code, number| receipt(Outcome::Refused(code), number, number);
    spool.receipt(&refused(RefusalCode::Erased, 1));
    assert_eq!(disk.letters(), None, "nothing of what was erased by right is kept");
    assert_eq!((spool.len(), spool.counters.erased, spool.counters.refused), (3, 1, 0));
    spool.receipt(&refused(RefusalCode::UnknownVersion, 2));
    spool.receipt(&refused(RefusalCode::Malformed, 3));
    assert_eq!(letters_in(&disk.letters().unwrap()), [frame(2), frame(3)]);
    assert_eq!((spool.len(), spool.amounts().put_away), (1, 2));
    // Its pen keeps it, and sends it in its next start: it is put away once.
    fill(&mut spool, 2..3, now);
    spool.receipt(&refused(RefusalCode::UnknownVersion, 2));
    assert_eq!((spool.len(), spool.amounts().put_away), (1, 2));
    // A restart knows what is there; half a letter behind it is cut off.
    let mut torn = disk.letters().unwrap();
    torn.extend([220, 0, 0, 0, 7]);
    disk.put_letters(Some(torn));
    let mut spool = Spool::on(Box::new(disk.clone()), &config(4_000)).unwrap();
    assert_eq!(spool.amounts().put_away, 2);
    // Somebody moves it away while the gateway runs.
    disk.put_letters(None);
    assert_eq!(spool.amounts().put_away, 0);
    spool.receipt(&refused(RefusalCode::Malformed, 4));
    assert_eq!(letters_in(&disk.letters().unwrap()), [frame(4)]);
    assert_eq!(spool.amounts().put_away, 1);
}

#[test]
fn where_dead_letters_find_no_place_it_is_told_and_nothing_is_lost_in_silence() {
    let disk = Memory::default();
    let mut spool = Spool::on(Box::new(disk.clone()), &config(200_000)).unwrap();
    let now = Instant::now();
    // The file takes 64 KiB: 309 such letters.
    fill(&mut spool, 1..401, now);
    let refused = |first, last| receipt(Outcome::Refused(RefusalCode::Malformed), first, last);
    disk.set_room(Some(0));
    spool.receipt(&refused(1, 400));
    assert_eq!((spool.len(), spool.amounts().put_away), (400, 0), "the disk is full: it stays");
    assert!(spool.amounts().letters_trouble.is_some(), "and that is told");
    disk.set_room(None);
    spool.receipt(&refused(1, 400));
    assert_eq!((spool.len(), spool.amounts().put_away), (0, 309));
    assert_eq!(spool.amounts().letters_trouble, None);
    assert_eq!((spool.counters.put_away, spool.counters.given_up), (309, 91));
    // What is no capture is nobody's to write into, and hinders no start.
    disk.put_letters(Some(b"a note of somebody's".to_vec()));
    let mut spool = Spool::on(Box::new(disk.clone()), &config(200_000)).unwrap();
    fill(&mut spool, 1..2, now);
    spool.receipt(&refused(1, 1));
    assert_eq!(spool.len(), 1);
    assert_eq!(disk.letters().unwrap(), b"a note of somebody's");
    assert!(spool.amounts().letters_trouble.unwrap().contains("move it away"));
    disk.put_letters(None);
    spool.receipt(&refused(1, 1));
    assert_eq!((spool.amounts().put_away, spool.amounts().letters_trouble), (1, None));
}

#[test]
fn a_torn_tail_is_told() {
    let disk = Memory::default();
    let mut spool = Spool::on(Box::new(disk.clone()), &config(4_000)).unwrap();
    fill(&mut spool, 1..3, Instant::now());
    disk.damage(|bytes| bytes.truncate(bytes.len() - 7));
    let spool = Spool::on(Box::new(disk), &config(4_000)).unwrap();
    // A record takes 16 bytes beside its frame.
    assert_eq!((spool.len(), spool.counters.torn_bytes, spool.counters.damaged), (1, 209, 0));
}

#[test]
fn what_is_never_answered_for_a_week_is_put_away_and_sent_no_more() {
    let disk = Memory::default();
    let mut spool = Spool::on(Box::new(disk.clone()), &config(4_000)).unwrap();
    let mut now = Instant::now();
    spool.connected();
    fill(&mut spool, 1..2, now);
    let mut sent = 0;
    for number in 2..30 {
        fill(&mut spool, number..number + 1, now);
        now += Duration::from_millis(20);
        let numbers = exchange(&mut spool, now, |number| number != 1);
        sent += numbers.iter().filter(|number| **number == 1).count();
        now += if number < 7 { Duration::from_secs(5) } else { ASIDE };
    }
    assert_eq!(sent, usize::from(SENDS_MAX + ASIDE_MAX));
    let amounts = spool.amounts();
    assert_eq!((amounts.chunks, amounts.dead_letters, amounts.put_away), (0, 0, 1));
    assert_eq!(letters_in(&disk.letters().unwrap()), [frame(1)]);
}

#[test]
fn a_failed_fsync_at_the_opening_hinders_no_start_and_is_made_good_before_taken_is_said() {
    let disk = Memory::default();
    let mut spool = Spool::on(Box::new(disk.clone()), &config(4_000)).unwrap();
    let mut now = Instant::now();
    fill(&mut spool, 1..4, now);
    drop(spool);
    // The fsync of the opening, and those of writing everything again, twice.
    disk.fail_syncs(3);
    let mut spool = Spool::on(Box::new(disk.clone()), &config(4_000)).unwrap();
    assert_eq!(spool.len(), 3, "what it holds is sent");
    disk.fail_syncs(2);
    assert_eq!(spool.take(key(2), frame(2), now), Err(NotTaken::Disk));
    now += DISK_PAUSE;
    assert_eq!(spool.take(key(2), frame(2), now), Ok(Taken::Duplicate));
    let after = disk.powered_off(|_| 0);
    let spool = Spool::on(Box::new(after), &config(4_000)).unwrap();
    assert_eq!(spool.len(), 3);
}

/// Takes a bundle when it is due, and answers those of its chunks that `answers` names.
fn exchange(spool: &mut Spool, now: Instant, answers: impl Fn(u32) -> bool) -> Vec<u32> {
    let bundle = spool.next_bundle(now).expect("a bundle is due");
    let numbers = numbers_of(&bundle);
    for number in numbers.iter().copied().filter(|number| answers(*number)) {
        spool.receipt(&receipt(Outcome::Stored, number, number));
    }
    numbers
}

#[test]
fn what_is_never_answered_while_others_are_is_put_aside() {
    let (mut spool, mut now) = (spool(), Instant::now());
    fill(&mut spool, 1..2, now);
    for number in 2..7 {
        fill(&mut spool, number..number + 1, now);
        now += Duration::from_millis(20);
        let mut sent = exchange(&mut spool, now, |number| number != 1);
        sent.sort_unstable();
        assert_eq!(sent, [1, number]);
        now += Duration::from_secs(5);
    }
    assert_eq!(spool.next_bundle(now), None, "after five times no more");
    assert_eq!((spool.counters.dead_letters, spool.len(), spool.index.chunks), (1, 0, 1));
    spool.disconnected();
    spool.connected();
    assert_eq!(spool.next_bundle(now), None, "nor on another connection");
    assert_eq!(spool.take(key(1), frame(1), now), Ok(Taken::Duplicate), "it is still kept");

    // A day later once more, and then it waits again.
    assert_eq!(spool.due(now), Some(now + ASIDE));
    now += ASIDE;
    fill(&mut spool, 7..8, now);
    assert_eq!(exchange(&mut spool, now, |number| number != 1), [7, 1]);
    now += Duration::from_secs(5);
    assert_eq!(spool.next_bundle(now), None);
    assert_eq!(spool.counters.dead_letters, 2);
    // A receipt that comes at last frees it.
    spool.receipt(&receipt(Outcome::Stored, 1, 1));
    assert_eq!((spool.index.bytes, spool.aside.len()), (0, 0));
    assert_eq!(spool.due(now), None);
}

#[test]
fn a_server_that_is_silent_is_asked_less_often_and_loses_nothing() {
    let (mut spool, start) = (spool(), Instant::now());
    fill(&mut spool, 1..4, start);
    let mut now = start + Duration::from_millis(20);
    let mut waits = Vec::new();
    for _ in 0..12 {
        assert_eq!(exchange(&mut spool, now, |_| false).len(), 3);
        let due = spool.due(now).expect("it goes again");
        waits.push((due - now).as_secs());
        now = due;
    }
    assert_eq!(waits, [5, 10, 20, 40, 80, 80, 80, 80, 80, 80, 80, 80]);
    assert_eq!((spool.counters.dead_letters, spool.len()), (0, 3));
    // One answer, and what has no other goes as quickly as ever.
    assert_eq!(exchange(&mut spool, now, |number| number == 2).len(), 3);
    assert_eq!(spool.due(now), Some(now + Duration::from_secs(5)));
}

#[test]
fn what_was_put_aside_gives_way_to_ink() {
    let (mut spool, mut now) = (spool(), Instant::now());
    fill(&mut spool, 1..9, now);
    for round in 0..20 {
        // As many as the window holds, one of which is answered.
        let number = 100 + round;
        fill(&mut spool, number..number + 1, now);
        now += Duration::from_millis(20);
        while let Some(bundle) = spool.next_bundle(now) {
            for number in numbers_of(&bundle) {
                if number >= 100 {
                    spool.receipt(&receipt(Outcome::Stored, number, number));
                }
            }
        }
        now += Duration::from_secs(5);
    }
    spool.due(now);
    let aside = spool.aside.len();
    assert!(aside > 6);
    fill(&mut spool, 200..212, now);
    assert!(spool.aside.len() < aside && spool.amounts().disk_bytes <= 4_000);
}

#[test]
fn a_silence_of_half_a_minute_is_told_and_ends_with_any_answer() {
    let (mut spool, start) = (spool(), Instant::now());
    fill(&mut spool, 1..3, start);
    let sent = start + Duration::from_millis(20);
    assert!(!spool.is_unanswered(sent + ANSWER_WITHIN), "nothing was sent");
    spool.next_bundle(sent).unwrap();
    let almost = sent + ANSWER_WITHIN - Duration::from_millis(1);
    assert!(!spool.is_unanswered(almost) && spool.is_unanswered(sent + ANSWER_WITHIN));
    spool.receipt(&receipt(Outcome::Stored, 1, 1));
    assert!(!spool.is_unanswered(sent + 2 * ANSWER_WITHIN));
}

/// Failure: what a chunk in the spool takes in memory grows beyond what the documentation says.
#[test]
fn an_entry_is_small() {
    assert_eq!(size_of::<index::Entry>(), 20);
}
