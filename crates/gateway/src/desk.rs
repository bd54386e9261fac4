//! Which pen is reached by which connection, and the receipts of those that are away.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use firmware_protocol::{BootId, PenId, ReceiptRange, ReceiptWriter};
use tokio::sync::mpsc;

/// Ranges that are kept for pens that are away; the oldest are dropped. A pen that missed one sends
/// its chunk again, and hears it anew.
const KEPT_MAX: usize = 10_000;

/// Pens that receipts are passed on to at the same time.
const SEATS_MAX: usize = 4_096;

/// The server's word on some chunks of one start of one pen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PenReceipt {
    /// The pen.
    pub pen: PenId,
    /// The pen's start.
    pub boot: BootId,
    /// Which chunks, and what became of them.
    pub range: ReceiptRange,
}

/// A connection's number.
pub(crate) type Line = u64;

#[derive(Debug, Default)]
pub(crate) struct Desk {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    seats: HashMap<PenId, (Line, mpsc::Sender<Vec<u8>>)>,
    kept: VecDeque<PenReceipt>,
    /// The server's latest policy, as it came.
    policy: Option<Vec<u8>>,
    lines: Line,
}

impl Desk {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Each change is whole before anything in it could panic.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number for a new connection.
    pub(crate) fn line(&self) -> Line {
        let mut inner = self.inner();
        inner.lines += 1;
        inner.lines
    }

    /// A pen was heard on a connection: its receipts go there from now on. The policy goes first, then
    /// the receipts that were kept.
    pub(crate) fn sit(&self, pen: PenId, line: Line, out: &mpsc::Sender<Vec<u8>>) {
        let mut inner = self.inner();
        if inner.seats.get(&pen).is_some_and(|(seated, _)| *seated == line) {
            return;
        }
        if inner.seats.len() >= SEATS_MAX && !inner.seats.contains_key(&pen) {
            return;
        }
        inner.seats.insert(pen, (line, out.clone()));
        if let Some(policy) = &inner.policy {
            // A connection that takes nothing hears it when its pen is heard on another.
            let _full = out.try_send(policy.clone());
        }
        if inner.kept.iter().any(|receipt| receipt.pen == pen) {
            inner
                .kept
                .retain(|receipt| receipt.pen != pen || out.try_send(frame(receipt)).is_err());
        }
    }

    /// A connection has ended.
    pub(crate) fn leave(&self, line: Line) {
        self.inner().seats.retain(|_, (seated, _)| *seated != line);
    }

    /// Passes a receipt on to its pen, or keeps it.
    pub(crate) fn pass_on(&self, receipt: &PenReceipt) {
        let mut inner = self.inner();
        if let Some((_, out)) = inner.seats.get(&receipt.pen)
            && out.try_send(frame(receipt)).is_ok()
        {
            return;
        }
        if let Some(last) = inner.kept.back_mut()
            && (last.pen, last.boot) == (receipt.pen, receipt.boot)
            && last.range.outcome == receipt.range.outcome
            && last.range.last.checked_add(1) == Some(receipt.range.first)
        {
            last.range.last = receipt.range.last;
            return;
        }
        if inner.kept.len() >= KEPT_MAX {
            inner.kept.pop_front();
        }
        inner.kept.push_back(*receipt);
    }

    /// Says another policy, a frame as it came, to each pen that is connected, and to each that
    /// connects later. `None`: there is none any more.
    pub(crate) fn set_policy(&self, policy: Option<Vec<u8>>) {
        let mut inner = self.inner();
        if inner.policy == policy {
            return;
        }
        if let Some(policy) = &policy {
            for (_, out) in inner.seats.values() {
                let _full = out.try_send(policy.clone());
            }
        }
        inner.policy = policy;
    }

    /// Pens that are connected.
    pub(crate) fn pens(&self) -> usize {
        self.inner().seats.len()
    }
}

/// A receipt of one range.
pub(crate) fn frame(receipt: &PenReceipt) -> Vec<u8> {
    frames(receipt, &[receipt.range]).concat()
}

/// Receipts for one start of a pen, in as few frames as take these ranges.
pub(crate) fn frames(of: &PenReceipt, ranges: &[ReceiptRange]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    let mut rest = ranges;
    while !rest.is_empty() {
        let mut buffer = [0; firmware_protocol::CHUNK_BYTES_MAX];
        let mut writer = ReceiptWriter::new(of.pen, of.boot, &mut buffer);
        let fit = rest.iter().take_while(|range| writer.push(**range).is_ok()).count();
        // A frame has room for many.
        rest = &rest[fit.max(1)..];
        frames.extend(writer.finish().map(<[u8]>::to_vec));
    }
    frames
}

#[cfg(test)]
mod tests {
    use firmware_protocol::{Frame, Outcome, decode_frame};

    use super::*;

    const BOOT: BootId = BootId { counter: 1, random: 2 };

    fn receipt(pen: u64, first: u32, last: u32) -> PenReceipt {
        let range = ReceiptRange { outcome: Outcome::Stored, first, last };
        PenReceipt { pen: PenId(pen), boot: BOOT, range }
    }

    fn told(frame: &[u8]) -> Vec<(u64, u32, u32)> {
        let (Frame::Receipt(receipt), _) = decode_frame(frame).unwrap() else {
            panic!("a receipt")
        };
        let range = |range: ReceiptRange| (receipt.pen.0, range.first, range.last);
        receipt.ranges().map(|of| range(of.unwrap())).collect()
    }

    #[test]
    fn receipts_wait_for_a_pen_that_is_away_and_follow_it() {
        let desk = Desk::default();
        let (out, mut heard) = mpsc::channel(8);
        for number in 1..4 {
            desk.pass_on(&receipt(7, number, number));
        }
        desk.pass_on(&receipt(8, 1, 1));
        let line = desk.line();
        desk.sit(PenId(7), line, &out);
        assert_eq!(told(&heard.try_recv().unwrap()), [(7, 1, 3)]);
        desk.pass_on(&receipt(7, 4, 4));
        assert_eq!(told(&heard.try_recv().unwrap()), [(7, 4, 4)]);
        assert!(heard.try_recv().is_err());
        assert_eq!(desk.pens(), 1);
        // Another connection of the same pen takes over; the first one's end changes nothing then.
        let (other, mut there) = mpsc::channel(8);
        let second = desk.line();
        desk.sit(PenId(7), second, &other);
        desk.leave(line);
        desk.pass_on(&receipt(7, 5, 5));
        assert_eq!(told(&there.try_recv().unwrap()), [(7, 5, 5)]);
        desk.leave(second);
        assert_eq!(desk.pens(), 0);
    }

    #[test]
    fn a_policy_is_said_once_on_each_connection_and_when_it_changes() {
        let desk = Desk::default();
        let (out, mut heard) = mpsc::channel(8);
        let line = desk.line();
        desk.sit(PenId(7), line, &out);
        assert!(heard.try_recv().is_err(), "there is none");
        desk.set_policy(Some(vec![1]));
        desk.set_policy(Some(vec![1]));
        desk.sit(PenId(7), line, &out);
        assert_eq!(heard.try_recv(), Ok(vec![1]));
        assert!(heard.try_recv().is_err(), "the same is not said again");
        desk.set_policy(Some(vec![2]));
        assert_eq!(heard.try_recv(), Ok(vec![2]));
        desk.pass_on(&receipt(8, 1, 1));
        let (other, mut there) = mpsc::channel(8);
        desk.sit(PenId(8), desk.line(), &other);
        assert_eq!(there.try_recv(), Ok(vec![2]), "before the receipts");
        assert_eq!(told(&there.try_recv().unwrap()), [(8, 1, 1)]);
        desk.set_policy(None);
        let (third, mut quiet) = mpsc::channel(8);
        desk.sit(PenId(9), desk.line(), &third);
        assert!(quiet.try_recv().is_err());
    }

    #[test]
    fn what_is_kept_is_bounded_and_the_oldest_goes() {
        let desk = Desk::default();
        for pen in 0..KEPT_MAX as u64 + 5 {
            desk.pass_on(&receipt(pen, 1, 1));
        }
        let kept = &desk.inner().kept;
        assert_eq!((kept.len(), kept[0].pen), (KEPT_MAX, PenId(5)));
    }
}
