//! A frame as an object.

use firmware_protocol::{
    Chunk, ChunkHead, ChunkKey, ClockSource, FragmentHead, Frame, FrameError, Images, Outcome,
    PageAddress, PenHead, RawFrame, RawSample, RefusalCode, StrokeEnd,
};

use super::*;

/// The object of a frame; its fields are in the wire's order.
pub fn to_json(raw: &RawFrame<'_>) -> FrameJson {
    let read = raw.frame.as_ref().map_err(|error| *error).and_then(describe);
    read.unwrap_or_else(|error| {
        let (at, field) = match error {
            FrameError::Field { offset, field, .. } => (Some(offset), Some(field)),
            FrameError::Truncated { have, .. } => (Some(have), Some("length")),
            FrameError::BadMagic => (Some(0), Some("magic")),
            FrameError::Length { .. } => (Some(2), Some("shape")),
            FrameError::Crc { total_len } => (Some(total_len - 4), Some("crc")),
            FrameError::UnknownVersion { .. } => (Some(1), Some("version")),
            FrameError::UnknownKind { .. } => (Some(1), Some("kind")),
            FrameError::UnknownTables { .. } => (None, Some("table set")),
        };
        let field = field.map(str::to_owned);
        FrameJson::Error(ErrorJson { at, field, error: error.to_string(), hex: hex(raw.bytes) })
    })
}

fn describe(frame: &Frame<'_>) -> Result<FrameJson, FrameError> {
    Ok(match frame {
        Frame::Hello(hello) => FrameJson::Hello(HelloJson {
            key: key_json(hello.key),
            model: hello.model.as_str().to_owned(),
            firmware: hello.firmware.as_str().to_owned(),
            version_min: hello.versions.0,
            version_max: hello.versions.1,
            sample_rate_hz: hello.sample_rate_hz,
            measures: measures_json(hello.head),
            clock: match hello.clock {
                ClockSource::Unset => ClockJson::Unset,
                ClockSource::Kept => ClockJson::Kept,
                ClockSource::Set => ClockJson::Set,
            },
            epoch_unix_ms: hello.epoch_unix_ms,
        }),
        Frame::Chunk(chunk) => FrameJson::Chunk(chunk_json(chunk)?),
        Frame::PenState(state) => FrameJson::PenState(PenStateJson {
            key: key_json(ChunkKey { pen: state.pen, boot: state.boot, number: 0 }),
            ticks: state.ticks,
            seen_unix_ms: state.seen_unix_ms,
            pen_unix_ms: state.pen_unix_ms,
            battery_percent: state.battery_percent,
            charging: state.charging,
            memory_percent: state.memory_percent,
            backlog: state.backlog,
        }),
        Frame::GatewayState(state) => FrameJson::GatewayState(GatewayStateJson {
            online: state.online,
            session: state.session,
            unix_ms: state.unix_ms,
        }),
        Frame::Receipt(receipt) => {
            let ranges = receipt.ranges().zip(receipt.raw_ranges());
            let ranges = ranges.map(|(range, (code, first, last))| match range {
                Ok(range) => {
                    RangeJson { outcome: outcome_json(range.outcome), code: None, first, last }
                }
                Err(_) => {
                    RangeJson { outcome: OutcomeJson::Unknown, code: Some(code), first, last }
                }
            });
            let key = ChunkKey { pen: receipt.pen, boot: receipt.boot, number: 0 };
            FrameJson::Receipt(ReceiptJson { key: key_json(key), ranges: ranges.collect() })
        }
        Frame::Policy(policy) => FrameJson::Policy(PolicyJson {
            ink_ms: policy.seal.ink_ms_max,
            rest_ms: policy.seal.rest_ms_max,
            version_min: policy.versions.0,
            version_max: policy.versions.1,
        }),
        _ => return Err(FrameError::BadMagic),
    })
}

fn key_json(key: ChunkKey) -> KeyJson {
    KeyJson {
        pen: format!("{:012x}", key.pen.0),
        boot: format!("{}-{:08x}", key.boot.counter, key.boot.random),
        number: key.number,
    }
}

fn measures_json(head: PenHead) -> MeasuresJson {
    let PenHead { unit_nm, force_max, tick_us, tilt, twist, images } = head;
    MeasuresJson { unit_nm, force_max, tick_us, tilt, twist, images }
}

fn chunk_json(chunk: &Chunk<'_>) -> Result<ChunkJson, FrameError> {
    let ChunkHead { unit_nm, force_max, tick_us, tilt, twist, images, .. } = chunk.head;
    let (mut read, mut fragments) = (chunk.fragments(), Vec::new());
    while let Some(head) = read.next()? {
        let mut samples = Vec::with_capacity(usize::from(head.count));
        read.samples(|sample| samples.push(numbers(&sample, &chunk.head)))?;
        let FragmentHead { stroke, first, address, end, start_ticks, images, .. } = head;
        fragments.push(FragmentJson {
            stroke,
            first,
            address: address.map(|PageAddress { section, owner, book, page }| AddressJson {
                section,
                owner,
                book,
                page,
            }),
            end: end_json(end),
            start_ticks,
            images: images.map(|Images { seen, decoded }| ImagesJson { seen, decoded }),
            samples,
        });
    }
    Ok(ChunkJson {
        key: key_json(chunk.key),
        measures: MeasuresJson { unit_nm, force_max, tick_us, tilt, twist, images },
        anchor_ticks: chunk.head.anchor_ticks,
        anchor_unix_ms: chunk.head.anchor_unix_ms,
        period: chunk.head.period,
        timed: chunk.head.timed,
        fragments,
    })
}

/// A sample's numbers, as far as the chunk has channels for them.
fn numbers(sample: &RawSample, head: &ChunkHead) -> Vec<i64> {
    let mut numbers = vec![sample.ticks.into(), sample.x.into(), sample.y.into()];
    if head.force_max > 0 {
        numbers.push(sample.force.into());
    }
    if head.tilt {
        numbers.extend([sample.orientation.tilt_x, sample.orientation.tilt_y].map(i64::from));
    }
    if head.twist {
        numbers.push(sample.orientation.twist.into());
    }
    numbers
}

fn end_json(end: StrokeEnd) -> EndJson {
    match end {
        StrokeEnd::Up => EndJson::Up,
        StrokeEnd::PageChange => EndJson::PageChange,
        StrokeEnd::LinkLost => EndJson::LinkLost,
        StrokeEnd::PowerLost => EndJson::PowerLost,
        StrokeEnd::Inferred => EndJson::Inferred,
        StrokeEnd::Continued => EndJson::Continued,
    }
}

fn outcome_json(outcome: Outcome) -> OutcomeJson {
    match outcome {
        Outcome::Stored => OutcomeJson::Stored,
        Outcome::Held => OutcomeJson::Held,
        Outcome::Taken => OutcomeJson::Taken,
        Outcome::Refused(RefusalCode::UnknownVersion) => OutcomeJson::RefusedUnknownVersion,
        Outcome::Refused(RefusalCode::Erased) => OutcomeJson::RefusedErased,
        Outcome::Refused(RefusalCode::Malformed) => OutcomeJson::RefusedMalformed,
    }
}
