//! What a message holds, and what is to become of each part. Pure but for the quota.

use std::collections::BTreeMap;

use attribution::Written;
use firmware_protocol::{
    Bundle, BundleError, Channel, Chunk, ChunkKey, Frame, FrameError, GatewayId, Outcome, PenState,
    RawFrame, RefusalCode, Topic, bare_frames, decode_frame, peek_envelope,
};
use store::{Arrival, ClockRow, Decoded, Delivery, PenSeen, Quarantined, Touch, folio};
use tokio::time::Instant;

use crate::counters::{Tally, count};
use crate::key::key_of;
use crate::quarantine::{Quota, row};
use crate::seen::Seen;

/// By how much a clock heard through a gateway may be wrong: the pen's link may hold a word back
/// for some connection intervals, and gateways keep time by NTP.
const CLOCK_ERROR_MS: i64 = 500;

/// One message as it came.
#[derive(Debug)]
pub(crate) struct Message<'a> {
    pub(crate) topic: Topic,
    pub(crate) payload: &'a [u8],
    /// Server time, Unix milliseconds.
    pub(crate) received_ms: i64,
}

/// What a message adds to a batch.
#[derive(Debug, Default)]
pub(crate) struct Sorted {
    pub(crate) delivery: Delivery,
    /// Of each arrival, in order: who sent it.
    pub(crate) senders: Vec<GatewayId>,
    /// What is refused whatever the store says.
    pub(crate) refused: Vec<(GatewayId, ChunkKey, RefusalCode)>,
}

impl Sorted {
    /// Sorts one message's frames. One that is bad costs itself.
    pub(crate) fn add(
        &mut self,
        message: &Message<'_>,
        quota: &mut Quota,
        seen: &mut Seen,
        now: Instant,
        tally: &Tally,
    ) {
        let gateway = message.topic.gateway;
        let bundle = match Bundle::parse(message.payload) {
            Ok(bundle) => bundle,
            // A state may come as it is, without a bundle around it.
            Err(BundleError::BadMagic)
                if message.topic.channel == Channel::UpState
                    && peek_envelope(message.payload).is_ok() =>
            {
                for raw in bare_frames(message.payload) {
                    self.add_frame(message, &raw, (quota, seen), now, tally);
                }
                return;
            }
            Err(error) => {
                count(&tally.not_bundles, 1);
                let payload = message.payload;
                let kept = quota.allows(gateway.as_str(), now).then(|| {
                    let (gateway, detail) = (gateway.as_str(), error.to_string());
                    row(gateway, "not_a_bundle", detail, None, payload, message.received_ms)
                });
                self.keep(kept, tally);
                return;
            }
        };
        count(&tally.bundles, 1);
        let mut frames = 0;
        for raw in bundle.frames() {
            frames += 1;
            self.add_frame(message, &raw, (quota, seen), now, tally);
        }
        if frames < usize::from(bundle.claimed_frames()) {
            count(&tally.short_bundles, 1);
        }
    }

    fn add_frame(
        &mut self,
        message: &Message<'_>,
        raw: &RawFrame<'_>,
        (quota, seen): (&mut Quota, &mut Seen),
        now: Instant,
        tally: &Tally,
    ) {
        let gateway = message.topic.gateway;
        let (reason, detail) = match &raw.frame {
            Ok(Frame::PenState(state)) => {
                count(&tally.pen_states, 1);
                self.delivery.clocks.extend(clock(state, message.received_ms));
                let noted = seen.pen(state, gateway, message.received_ms);
                self.delivery.pens_seen.extend(noted);
                return;
            }
            Ok(Frame::GatewayState(state)) => {
                count(&tally.gateway_states, 1);
                tracing::info!(%gateway, online = state.online, session = state.session, "gateway");
                let noted = seen.gateway(gateway, state, message.received_ms);
                self.delivery.gateways_seen.extend(noted);
                return;
            }
            Ok(frame @ (Frame::Hello(_) | Frame::Chunk(_))) => match read(frame) {
                Ok(read) => {
                    let noted = seen.ink(gateway, message.received_ms);
                    self.delivery.gateways_seen.extend(noted);
                    self.arrive(message, raw.bytes, read);
                    return;
                }
                Err(error) => ("malformed", error.to_string()),
            },
            Ok(_) => ("misplaced", "no business on this topic".to_owned()),
            Err(error) => (judge(error, raw.bytes), error.to_string()),
        };
        let envelope = peek_envelope(raw.bytes).ok();
        let key = envelope.map(|envelope| envelope.key);
        let (counter, code) = match reason {
            "malformed" => (&tally.malformed_frames, Some(RefusalCode::Malformed)),
            "unknown_version" => (&tally.unknown_versions, Some(RefusalCode::UnknownVersion)),
            "unknown_kind" => (&tally.unknown_kinds, None),
            "misplaced" => (&tally.misplaced_frames, None),
            _ => (&tally.damaged_frames, None),
        };
        count(counter, 1);
        // A state of a later version is number 0 like a hello: a refusal would free the hello.
        let answered = envelope.filter(|envelope| envelope.is_receipted()).zip(code);
        self.refused.extend(answered.map(|(envelope, code)| (gateway, envelope.key, code)));
        // What a pen erases on our word is kept whatever the quota says.
        let erased = answered.is_some_and(|(_, code)| Outcome::Refused(code).pen_erases());
        let kept = erased || quota.allows(gateway.as_str(), now);
        let detail = format!("byte {}: {detail}", raw.offset);
        let kept = kept
            .then(|| row(gateway.as_str(), reason, detail, key, raw.bytes, message.received_ms));
        self.keep(kept, tally);
    }

    fn arrive(&mut self, message: &Message<'_>, bytes: &[u8], read: Read) {
        let gateway = message.topic.gateway;
        self.senders.push(gateway);
        // A hello is rare, and the first that is heard of a pen.
        if read.model.is_some() {
            self.delivery.pens_seen.push(PenSeen {
                pen: read.key.pen.0,
                gateway: gateway.as_str().to_owned(),
                seen_ms: message.received_ms,
                battery_percent: None,
                charging: false,
                backlog: 0,
            });
        }
        self.delivery.arrivals.push(Arrival {
            key: key_of(read.key),
            bytes: bytes.to_vec(),
            gateway: gateway.as_str().to_owned(),
            received_ms: message.received_ms,
            touches: read.touches,
            hello_model: read.model,
        });
    }

    pub(crate) fn keep(&mut self, kept: Option<Quarantined>, tally: &Tally) {
        match kept {
            Some(row) => {
                count(&tally.quarantined, 1);
                self.delivery.quarantined.push(row);
            }
            None => {
                count(&tally.quarantine_refused, 1);
                metrics::counter!("zhibi_ingest_quarantine_dropped_total").increment(1);
            }
        }
    }
}

/// The reason code of a frame that cannot be read.
fn judge(error: &FrameError, bytes: &[u8]) -> &'static str {
    match error {
        FrameError::UnknownVersion { .. } | FrameError::UnknownTables { .. } => "unknown_version",
        FrameError::UnknownKind { .. } => "unknown_kind",
        FrameError::Field { .. } => match peek_envelope(bytes) {
            // A state or receipt, or a hello or chunk with the other's number.
            Ok(envelope) if !envelope.is_receipted() => "misplaced",
            // A key that could be spelt shorter is nobody's.
            _ => "malformed",
        },
        _ => "damaged",
    }
}

/// What the store wants to know of a hello or chunk.
struct Read {
    key: ChunkKey,
    touches: Vec<Touch>,
    model: Option<String>,
}

fn read(frame: &Frame<'_>) -> Result<Read, FrameError> {
    match frame {
        Frame::Hello(hello) => Ok(Read {
            key: hello.key,
            touches: Vec::new(),
            model: Some(hello.model.as_str().to_owned()),
        }),
        Frame::Chunk(chunk) => Ok(Read { key: chunk.key, touches: touches(chunk)?, model: None }),
        _ => Err(FrameError::Field { offset: 3, field: "kind", reason: "it is no chunk" }),
    }
}

/// The page faces that a chunk's strokes touch, each with its first and last time. Reads every
/// sample, so that what is stored as ink can be read as ink.
fn touches(chunk: &Chunk<'_>) -> Result<Vec<Touch>, FrameError> {
    let mut touches: BTreeMap<(i64, u32), (i64, i64)> = BTreeMap::new();
    let mut fragments = chunk.fragments();
    while let Some(head) = fragments.next()? {
        let mut last_ticks = head.start_ticks;
        fragments.samples(|sample| last_ticks = last_ticks.max(sample.ticks))?;
        let Some(address) = head.address else { continue };
        let at_ms = |ticks| chunk.head.anchor_unix_ms + chunk.head.ticks_to_ms(ticks);
        let (first_ms, last_ms) = (at_ms(head.start_ticks), at_ms(last_ticks));
        let place = (folio(address.section, address.owner, address.book), address.page);
        let times = touches.entry(place).or_insert((first_ms, last_ms));
        *times = (times.0.min(first_ms), times.1.max(last_ms));
    }
    let touch = |((folio, page), (first_ms, last_ms))| Touch { folio, page, first_ms, last_ms };
    Ok(touches.into_iter().map(touch).collect())
}

/// `None` where no gateway said when it heard the pen (a pen itself sends 0), or where the
/// gateway's own clock gives an impossible time.
fn clock(state: &PenState, received_ms: i64) -> Option<ClockRow> {
    let seen_ms = state.seen_unix_ms;
    let timed = matches!(Written::received(seen_ms, seen_ms, seen_ms, received_ms), Written::At(_));
    (seen_ms != 0 && timed).then(|| ClockRow {
        pen: state.pen.0,
        boot_counter: state.boot.counter,
        boot_random: state.boot.random,
        offset_ms: state.seen_unix_ms.saturating_sub(state.pen_unix_ms),
        error_ms: CLOCK_ERROR_MS,
    })
}

/// What a stored frame's bytes say of themselves: for [`store::Store::verify`].
///
/// # Errors
/// Where the bytes are not exactly one sound hello or chunk.
pub fn decode_for_check(bytes: &[u8]) -> Result<Decoded, String> {
    let read = read_whole(bytes)?;
    Ok(Decoded { key: key_of(read.key), touches: read.touches })
}

fn read_whole(bytes: &[u8]) -> Result<Read, String> {
    let (frame, taken) = decode_frame(bytes).map_err(|error| error.to_string())?;
    if taken != bytes.len() {
        return Err(format!("{} bytes after the frame's end", bytes.len() - taken));
    }
    read(&frame).map_err(|error| error.to_string())
}

/// A stored form of bytes that were held back, as if they had come now; for [`store::Store::release`].
///
/// # Errors
/// Where the bytes are not exactly one sound hello or chunk.
pub fn arrival(bytes: &[u8], gateway: &str, received_ms: i64) -> Result<Arrival, String> {
    let read = read_whole(bytes)?;
    Ok(Arrival {
        key: key_of(read.key),
        bytes: bytes.to_vec(),
        gateway: gateway.to_owned(),
        received_ms,
        touches: read.touches,
        hello_model: read.model,
    })
}

/// The receipt's word for what the store did.
pub(crate) fn outcome(stored: store::Stored) -> Outcome {
    match stored {
        store::Stored::Fresh | store::Stored::Duplicate => Outcome::Stored,
        store::Stored::Conflict => Outcome::Held,
        store::Stored::Erased => Outcome::Refused(RefusalCode::Erased),
    }
}

#[cfg(test)]
mod tests;
