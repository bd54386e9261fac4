//! What a spool promises of its disk.
//!
//! Failure: a chunk that was taken, has no receipt, and is not there with its bytes after a kill or a
//! loss of power at any moment; a chunk that nobody handed over; a spool that cannot be opened; one
//! that goes over its limit. Not failure: a chunk that comes back although it has its receipt.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::memory::Memory;
use super::*;

/// Everything that is in a spool, as it would be sent.
fn everything(spool: &mut Spool, now: Instant) -> BTreeMap<ChunkKey, Vec<u8>> {
    spool.disconnected();
    spool.connected();
    let mut all = BTreeMap::new();
    spool.limits.in_flight = usize::MAX;
    while let Some(bundle) = spool.next_bundle(now) {
        for frame in frames_of(&bundle) {
            let key = peek_envelope(&frame).unwrap().key;
            assert_eq!(all.insert(key, frame), None, "{key:?} is sent twice");
        }
    }
    spool.disconnected();
    all
}

#[derive(Clone, Debug)]
enum Step {
    /// Numbers of chunks that are handed over together.
    Take(Vec<u32>),
    /// A receipt for these numbers.
    Receipt(u32, u32),
    /// The server refuses them.
    Refusal(u32, u32),
    /// The process is killed, and started again.
    Kill,
    /// The power goes.
    PowerOff,
    /// The disk has so many bytes left, or as many as one likes.
    Room(Option<usize>),
    /// So many fsyncs fail.
    FailSyncs(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let number = || 1_u32..60;
    prop_oneof![
        6 => proptest::collection::vec(number(), 1..8).prop_map(Step::Take),
        4 => (number(), 0_u32..12).prop_map(|(first, more)| Step::Receipt(first, first + more)),
        2 => (number(), 0_u32..4).prop_map(|(first, more)| Step::Refusal(first, first + more)),
        1 => Just(Step::Kill),
        2 => Just(Step::PowerOff),
        1 => proptest::option::of(0_usize..900).prop_map(Step::Room),
        1 => (1_usize..4).prop_map(Step::FailSyncs),
    ]
}

/// Opens a spool; again where the disk failed, which it does a few times at most.
fn reopened(disk: &Memory, config: &Config) -> Spool {
    let open = |_| Spool::on(Box::new(disk.clone()), config).ok();
    (0..5).find_map(open).expect("the spool can be opened")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn what_was_taken_survives_everything(steps in proptest::collection::vec(step(), 1..60), seed: u64) {
        let mut random = seed;
        let mut dice = move |sides: usize| {
            // Knuth's generator; the high bits are the good ones.
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % sides
        };
        let mut now = Instant::now();
        let mut disk = Memory::default();
        let config = config(24_000);
        let mut spool = Spool::on(Box::new(disk.clone()), &config).unwrap();
        let mut promised: BTreeSet<u32> = BTreeSet::new();
        let mut handed: BTreeSet<u32> = BTreeSet::new();
        let mut refused: BTreeSet<u32> = BTreeSet::new();
        for step in steps {
            // Whatever was wrong with the disk is looked at again.
            now += DISK_PAUSE;
            match step {
                Step::Take(numbers) => {
                    let chunks = numbers.iter().map(|n| (key(*n), frame(*n))).collect();
                    handed.extend(&numbers);
                    for (number, answer) in numbers.iter().zip(spool.take_all(chunks, 7, now)) {
                        match answer {
                            Ok(_) => drop(promised.insert(*number)),
                            Err(NotTaken::Disk | NotTaken::Full) => {}
                            Err(other) => panic!("{number}: {other}"),
                        }
                    }
                    let bytes = disk.bytes() - disk.letters().map_or(0, |file| file.len() as u64);
                    prop_assert!(bytes <= 24_000 + 2_000, "{bytes}");
                }
                Step::Receipt(first, last) => {
                    spool.receipt(&receipt(Outcome::Stored, first, last));
                    promised.retain(|number| !(first..=last).contains(number));
                    // Handed over again after a refusal that could not be kept, and stored now.
                    refused.retain(|number| !(first..=last).contains(number));
                }
                Step::Refusal(first, last) => {
                    let outcome = Outcome::Refused(RefusalCode::UnknownVersion);
                    spool.receipt(&receipt(outcome, first, last));
                    let numbers = first..=last;
                    refused.extend(promised.iter().filter(|number| numbers.contains(*number)));
                    promised.retain(|number| !numbers.contains(number));
                }
                Step::Kill => spool = reopened(&disk, &config),
                Step::PowerOff => {
                    disk = disk.powered_off(&mut dice);
                    spool = reopened(&disk, &config);
                }
                Step::Room(room) => disk.set_room(room),
                Step::FailSyncs(times) => disk.fail_syncs(times),
            }
            let there = everything(&mut spool, now);
            for number in &promised {
                prop_assert_eq!(there.get(&key(*number)), Some(&frame(*number)), "chunk {}", number);
            }
            // Refused and never lost: put away, or still here where the disk did not take it.
            let letters = disk.letters().map(|file| letters_in(&file)).unwrap_or_default();
            for number in &refused {
                let frame = frame(*number);
                let is_there = there.get(&key(*number)) == Some(&frame);
                prop_assert!(is_there || letters.contains(&frame), "chunk {}", number);
            }
            for (key, bytes) in &there {
                prop_assert!(handed.contains(&key.number) && *bytes == frame(key.number));
            }
        }
    }
}

/// Opens what lies on a disk; gives the numbers that are there.
fn numbers(disk: &Memory) -> (Spool, Vec<u32>) {
    let mut spool = Spool::on(Box::new(disk.clone()), &config(1 << 20)).unwrap();
    let there = everything(&mut spool, Instant::now()).keys().map(|key| key.number).collect();
    (spool, there)
}

fn taken(numbers: std::ops::Range<u32>) -> Memory {
    let disk = Memory::default();
    let mut spool = Spool::on(Box::new(disk.clone()), &config(1 << 20)).unwrap();
    fill(&mut spool, numbers, Instant::now());
    disk
}

#[test]
fn a_tail_torn_at_any_byte_costs_what_it_tore() {
    let whole = taken(1..4);
    let mut len = 0;
    whole.damage(|bytes| len = bytes.len());
    for cut in 0..len {
        let disk = taken(1..4);
        disk.damage(|bytes| bytes.truncate(cut));
        let (mut spool, there) = numbers(&disk);
        let sound = cut.saturating_sub(16) / 216;
        assert_eq!(there, (1..=sound as u32).collect::<Vec<_>>(), "cut at {cut}");
        assert_eq!(spool.counters.damaged, 0);
        // What comes next stands behind what is sound.
        fill(&mut spool, 9..10, Instant::now());
        drop(spool);
        assert!(numbers(&disk).1.ends_with(&[9]), "cut at {cut}");
    }
}

#[test]
fn a_flipped_bit_costs_its_record_and_is_counted() {
    let mut len = 0;
    taken(1..4).damage(|bytes| len = bytes.len());
    for at in 0..len {
        let disk = taken(1..4);
        disk.damage(|bytes| bytes[at] ^= 0x10);
        let (spool, there) = numbers(&disk);
        let hit = (at >= 16).then(|| (at - 16) / 216 + 1);
        let want: Vec<u32> = (1..4).filter(|number| hit != Some(*number as usize)).collect();
        assert_eq!(there, want, "bit at {at}");
        // The last record, where it is damaged, is a torn tail.
        assert_eq!(spool.counters.damaged, u64::from(hit != Some(3)), "bit at {at}");
    }
}

#[test]
fn a_later_format_is_not_touched() {
    let disk = taken(1..3);
    disk.damage(|bytes| {
        bytes[4] = 2;
        let crc = firmware_protocol::crc32c(&bytes[..12]);
        bytes[12..16].copy_from_slice(&crc.to_le_bytes());
    });
    let refused = Spool::on(Box::new(disk.clone()), &config(1 << 20)).unwrap_err().to_string();
    assert!(refused.contains("version 2"), "{refused}");
    assert_eq!(disk.names().len(), 1);
}

#[test]
fn what_has_its_receipt_does_not_come_back_and_its_files_go() {
    let disk = Memory::default();
    let mut spool = Spool::on(Box::new(disk.clone()), &config(100_000)).unwrap();
    // Files of 6,250 bytes: 29 chunks each.
    fill(&mut spool, 1..101, Instant::now());
    assert_eq!(disk.names().len(), 4);
    spool.receipt(&receipt(Outcome::Stored, 1, 40));
    spool.receipt(&receipt(Outcome::Held, 95, 100));
    assert_eq!(disk.names().len(), 3 + 2, "{:?}", disk.names());
    drop(spool);
    assert_eq!(numbers(&disk).1, (41..95).collect::<Vec<_>>());
    // Lost notes cost a sending.
    let off = disk.powered_off(|_| 0);
    let there = numbers(&off).1;
    assert!((41..95).all(|number| there.contains(&number)), "{there:?}");
    let (mut spool, _) = numbers(&disk);
    spool.receipt(&receipt(Outcome::Stored, 0, u32::MAX));
    assert_eq!(spool.len(), 0);
    drop(spool);
    assert_eq!(numbers(&disk).1, Vec::<u32>::new());
    assert_eq!(disk.names(), Vec::<String>::new());
}

#[test]
fn a_full_disk_refuses_and_heals() {
    let disk = Memory::default();
    let mut now = Instant::now();
    let mut spool = Spool::on(Box::new(disk.clone()), &config(1 << 20)).unwrap();
    fill(&mut spool, 1..3, now);
    disk.set_room(Some(100));
    assert_eq!(spool.take(key(3), frame(3), now), Err(NotTaken::Disk));
    assert!(spool.amounts().disk_fails);
    // For a second it is not even tried.
    disk.set_room(None);
    assert_eq!(spool.take(key(3), frame(3), now), Err(NotTaken::Disk));
    assert_eq!((spool.counters.disk_errors, spool.counters.turned_away), (1, 2));
    now += DISK_PAUSE;
    assert_eq!(spool.take(key(3), frame(3), now), Ok(Taken::Fresh));
    assert!(!spool.amounts().disk_fails);
    drop(spool);
    assert_eq!(numbers(&disk.powered_off(|_| 0)).1, [1, 2, 3]);
}

/// A disk may be full of what the server has: that is thrown away, and nothing need be written for it.
#[test]
fn a_disk_that_is_full_of_what_is_stored_heals() {
    let disk = Memory::default();
    let mut now = Instant::now();
    let mut spool = Spool::on(Box::new(disk.clone()), &config(1 << 20)).unwrap();
    spool.connected();
    fill(&mut spool, 1..3, now);
    disk.set_room(Some(100));
    assert_eq!(spool.take(key(3), frame(3), now), Err(NotTaken::Disk));
    now += DISK_PAUSE;
    spool.receipt(&receipt(Outcome::Stored, 1, 1));
    assert_eq!(spool.take(key(3), frame(3), now), Err(NotTaken::Disk), "chunk 2 is still needed");
    now += DISK_PAUSE;
    spool.receipt(&receipt(Outcome::Stored, 2, 2));
    assert_eq!(spool.take(key(3), frame(3), now), Ok(Taken::Fresh));
    assert!(!spool.amounts().disk_fails);
    assert_eq!(disk.names(), ["0000000002.spool"]);
    drop(spool);
    // Powered off, the file that was thrown away may be there again: its chunks go once more.
    let (_, there) = numbers(&disk.powered_off(|_| 1));
    assert_eq!(there, [3]);
}

#[test]
fn after_a_failed_fsync_another_file_is_begun() {
    let disk = Memory::default();
    let now = Instant::now();
    let mut spool = Spool::on(Box::new(disk.clone()), &config(1 << 20)).unwrap();
    fill(&mut spool, 1..3, now);
    disk.fail_syncs(1);
    assert_eq!(spool.take(key(3), frame(3), now), Ok(Taken::Fresh));
    assert_eq!(disk.names(), ["0000000001.spool", "0000000002.spool"]);
    disk.fail_syncs(2);
    assert_eq!(spool.take(key(4), frame(4), now), Err(NotTaken::Disk));
    drop(spool);
    let off = disk.powered_off(|sides| sides - 1);
    assert_eq!(numbers(&off).1, [1, 2, 3]);
}

/// A few chunks that nobody answers do not pin the whole disk.
#[test]
fn stubborn_chunks_are_written_together() {
    let disk = Memory::default();
    let now = Instant::now();
    let mut spool = Spool::on(Box::new(disk.clone()), &config(100_000)).unwrap();
    for round in 0..40_u32 {
        let first = 1_000 * round;
        fill(&mut spool, first..first + 30, now);
        // All but the first of thirty have their receipt.
        spool.receipt(&receipt(Outcome::Stored, first + 1, first + 29));
    }
    assert!(disk.bytes() <= 103_000, "{}", disk.bytes());
    drop(spool);
    assert_eq!(numbers(&disk).1, (0..40).map(|round| 1_000 * round).collect::<Vec<_>>());
}

/// The real folder: names, modes, the lock.
#[test]
fn a_folder_belongs_to_one_process_and_to_its_owner() {
    use std::os::unix::fs::PermissionsExt;
    let above = tempfile::tempdir().unwrap();
    let config = Config { spool: above.path().join("a/b"), ..config(1 << 20) };
    let mut spool = Spool::open(&config).unwrap();
    fill(&mut spool, 1..3, Instant::now());
    let refused = Spool::open(&config).unwrap_err().to_string();
    assert!(refused.contains("another gateway"), "{refused}");
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let file = config.spool.join("0000000001.spool");
    assert_eq!((mode(&config.spool), mode(&file)), (0o700, 0o600));
    spool.receipt(&receipt(Outcome::Stored, 1, 1));
    drop(spool);
    let mut spool = Spool::open(&config).unwrap();
    assert_eq!(everything(&mut spool, Instant::now()).len(), 1);
    spool.receipt(&receipt(Outcome::Stored, 2, 2));
    drop(spool);
    Spool::open(&config).unwrap();
    assert!(!file.exists());
}

/// A chunk that the disk does not give for a moment is not given up; one that is damaged is.
#[test]
fn what_cannot_be_read_now_is_kept() {
    let disk = Memory::default();
    let mut now = Instant::now();
    let mut spool = Spool::on(Box::new(disk.clone()), &config(1 << 20)).unwrap();
    fill(&mut spool, 1..3, now);
    spool.connected();
    disk.fail_reads(true);
    assert_eq!(spool.next_bundle(now), None);
    assert_eq!(spool.take(key(1), frame(1), now), Err(NotTaken::Disk));
    assert_eq!(spool.due(now), Some(now + DISK_PAUSE), "it is not tried without a pause");
    disk.fail_reads(false);
    now += DISK_PAUSE;
    assert_eq!(numbers_of(&spool.next_bundle(now).unwrap()), [1, 2]);
    disk.damage(|bytes| bytes[100] ^= 1);
    assert_eq!(spool.take(key(1), frame(1), now), Ok(Taken::Fresh), "its pen has it");
    assert_eq!((spool.counters.damaged, spool.len()), (1, 2));
}
