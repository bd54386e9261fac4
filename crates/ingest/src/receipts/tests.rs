use firmware_protocol::{Bundle, Frame, RefusalCode};

use super::*;

fn gateway(id: &str) -> GatewayId {
    GatewayId::parse(id).unwrap()
}

fn key(pen: u64, number: u32) -> ChunkKey {
    ChunkKey { pen: PenId(pen), boot: BootId { counter: 1, random: 2 }, number }
}

type Range = (Outcome, u32, u32);

/// What a reply says: pen and ranges.
fn read(reply: &Reply) -> Vec<(u64, Vec<Range>)> {
    let bundle = Bundle::parse(&reply.payload).unwrap();
    bundle
        .frames()
        .map(|raw| {
            let Ok(Frame::Receipt(receipt)) = raw.frame else { panic!("{raw:?}") };
            let ranges = receipt.ranges().map(|range| {
                let range = range.unwrap();
                (range.outcome, range.first, range.last)
            });
            (receipt.pen.0, ranges.collect())
        })
        .collect()
}

#[test]
fn ranges_join_neighbours_of_one_outcome_and_name_nothing_else() {
    let mut receipts = Receipts::default();
    let refused = Outcome::Refused(RefusalCode::UnknownVersion);
    for number in [9, 3, 1, 2, u32::MAX, u32::MAX - 1] {
        receipts.say(gateway("a"), key(7, number), Outcome::Stored);
    }
    receipts.say(gateway("a"), key(7, 4), Outcome::Held);
    receipts.say(gateway("a"), key(7, 5), refused);
    receipts.say(gateway("a"), key(8, 6), Outcome::Stored);
    receipts.say(gateway("b"), key(7, 5), Outcome::Stored);
    let replies = receipts.replies();
    assert_eq!(replies.len(), 2, "one per gateway");
    let expected = vec![
        (Outcome::Stored, 1, 3),
        (Outcome::Held, 4, 4),
        (refused, 5, 5),
        (Outcome::Stored, 9, 9),
        (Outcome::Stored, u32::MAX - 1, u32::MAX),
    ];
    assert_eq!(read(&replies[0]), [(7, expected), (8, vec![(Outcome::Stored, 6, 6)])]);
    assert_eq!(read(&replies[1]), [(7, vec![(Outcome::Stored, 5, 5)])]);
}

/// The pen numbered two chunks alike, and both are kept: nobody would learn of it from `stored`.
#[test]
fn of_two_chunks_under_one_key_the_receipt_says_held() {
    for said in [[Outcome::Held, Outcome::Stored], [Outcome::Stored, Outcome::Held]] {
        let mut receipts = Receipts::default();
        for outcome in said {
            receipts.say(gateway("a"), key(7, 1), outcome);
        }
        assert_eq!(read(&receipts.replies()[0])[0].1, [(Outcome::Held, 1, 1)]);
    }
}

#[test]
fn the_better_word_stands() {
    let refused = Outcome::Refused(RefusalCode::UnknownVersion);
    for said in [[refused, Outcome::Stored], [Outcome::Stored, refused]] {
        let mut receipts = Receipts::default();
        for outcome in said {
            receipts.say(gateway("a"), key(7, 1), outcome);
        }
        assert_eq!(read(&receipts.replies()[0])[0].1, [(Outcome::Stored, 1, 1)]);
    }
}

#[test]
fn what_is_too_much_for_one_frame_or_bundle_goes_into_more() {
    let mut receipts = Receipts::default();
    for pen in 0..20 {
        for number in 0..400 {
            receipts.say(gateway("a"), key(pen, 2 * number), Outcome::Stored);
        }
    }
    let replies = receipts.replies();
    assert!(replies.len() > 1);
    assert!(replies.iter().all(|reply| reply.payload.len() <= BUNDLE_BYTES_MAX));
    let ranges: usize = replies.iter().flat_map(read).map(|(_, ranges)| ranges.len()).sum();
    assert_eq!(ranges, 20 * 400);
}
