//! `zhibi decode`: frames as JSON Lines.

use std::io::{Read, Write};
use std::path::Path;

use anyhow::Context;
use firmware_protocol::{
    Bundle, Capture, Chunk, ChunkKey, Frame, FrameError, Outcome, PageAddress, RawFrame, Receipt,
    StrokeEnd,
};
use serde_json::{Value, json};

use crate::Verdict;
use crate::cli::DecodeArgs;

/// Runs the command.
pub(crate) fn run(args: &DecodeArgs) -> anyhow::Result<Verdict> {
    let bytes = read(&args.file)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut faults = 0_usize;
    each_frame(&bytes, |bundle, raw| {
        let mut object = describe(&raw);
        object["offset"] = raw.offset.into();
        if let Some(bundle) = bundle {
            object["bundle"] = bundle.into();
        }
        faults += usize::from(object.get("error").is_some());
        writeln!(out, "{object}")
    })
    .with_context(|| format!("cannot decode {}", args.file.display()))?;
    out.flush()?;
    Ok(if args.strict && faults > 0 { Verdict::Findings } else { Verdict::Clean })
}

/// A whole file, or standard input for `-`.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
        return Ok(bytes);
    }
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Calls `each` with every frame of a capture (with its bundle's number, from 0) or of a bundle.
fn each_frame(
    bytes: &[u8],
    mut each: impl FnMut(Option<usize>, RawFrame<'_>) -> std::io::Result<()>,
) -> anyhow::Result<()> {
    if let Ok(capture) = Capture::parse(bytes) {
        for (number, bundle) in capture.bundles().enumerate() {
            let bundle = bundle
                .map_err(|error| anyhow::anyhow!("bundle {number} of the capture: {error}"))?;
            let bundle = Bundle::parse(bundle)
                .map_err(|error| anyhow::anyhow!("bundle {number} of the capture: {error}"))?;
            for raw in bundle.frames() {
                each(Some(number), raw)?;
            }
        }
        return Ok(());
    }
    let bundle = Bundle::parse(bytes)
        .map_err(|error| anyhow::anyhow!("neither a capture nor a bundle: {error}"))?;
    for raw in bundle.frames() {
        each(None, raw)?;
    }
    Ok(())
}

/// One frame as an object.
fn describe(raw: &RawFrame<'_>) -> Value {
    match &raw.frame {
        Ok(frame) => match describe_frame(frame) {
            Ok(object) => object,
            Err(error) => fault(raw, error),
        },
        Err(error) => fault(raw, *error),
    }
}

fn fault(raw: &RawFrame<'_>, error: FrameError) -> Value {
    json!({ "frame": "error", "bytes": raw.bytes.len(), "error": error.to_string() })
}

fn describe_frame(frame: &Frame<'_>) -> Result<Value, FrameError> {
    Ok(match frame {
        Frame::Hello(hello) => with_key(
            &hello.key,
            json!({
                "frame": "hello",
                "model": hello.model.as_str(),
                "sample_rate_hz": hello.sample_rate_hz,
                "force_max": hello.force_max,
                "unit_nm": hello.unit_nm,
                "tick_us": hello.tick_us,
            }),
        ),
        Frame::Chunk(chunk) => with_key(&chunk.key, describe_chunk(chunk)?),
        Frame::PenState(state) => json!({
            "frame": "pen_state",
            "pen": format!("{:016x}", state.pen.0),
            "boot": boot(state.boot),
            "ticks": state.ticks,
            "seen_unix_ms": state.seen_unix_ms,
            "pen_unix_ms": state.pen_unix_ms,
            "battery_percent": state.battery_percent,
            "backlog": state.backlog,
        }),
        Frame::GatewayState(state) => json!({
            "frame": "gateway_state",
            "online": state.online,
            "session": state.session,
            "unix_ms": state.unix_ms,
        }),
        Frame::Receipt(receipt) => describe_receipt(receipt)?,
        _ => json!({ "frame": "other" }),
    })
}

fn with_key(key: &ChunkKey, mut object: Value) -> Value {
    object["pen"] = format!("{:016x}", key.pen.0).into();
    object["boot"] = boot(key.boot).into();
    object["number"] = key.number.into();
    object
}

fn boot(boot: firmware_protocol::BootId) -> String {
    format!("{}-{:08x}", boot.counter, boot.random)
}

fn describe_chunk(chunk: &Chunk<'_>) -> Result<Value, FrameError> {
    let mut fragments = Vec::new();
    for fragment in chunk.fragments() {
        let fragment = fragment?;
        let mut samples = Vec::with_capacity(usize::from(fragment.head.count));
        for sample in fragment.samples() {
            let sample = sample?;
            samples.push(json!([sample.ticks, sample.x, sample.y, sample.force]));
        }
        fragments.push(json!({
            "stroke": fragment.head.stroke,
            "address": fragment.head.address.map(address),
            "first": fragment.head.first,
            "end": end(fragment.head.end),
            "start_ticks": fragment.head.start_ticks,
            "samples": samples,
        }));
    }
    Ok(json!({
        "frame": "chunk",
        "unit_nm": chunk.head.unit_nm,
        "force_max": chunk.head.force_max,
        "tick_us": chunk.head.tick_us,
        "anchor_ticks": chunk.head.anchor_ticks,
        "anchor_unix_ms": chunk.head.anchor_unix_ms,
        "fragments": fragments,
    }))
}

fn address(address: PageAddress) -> Value {
    json!({
        "section": address.section,
        "owner": address.owner,
        "book": address.book,
        "page": address.page,
    })
}

fn end(end: StrokeEnd) -> &'static str {
    match end {
        StrokeEnd::Up => "up",
        StrokeEnd::PageChange => "page_change",
        StrokeEnd::LinkLost => "link_lost",
        StrokeEnd::PowerLost => "power_lost",
        StrokeEnd::Inferred => "inferred",
        StrokeEnd::Continued => "continued",
    }
}

fn describe_receipt(receipt: &Receipt<'_>) -> Result<Value, FrameError> {
    let mut ranges = Vec::new();
    for range in receipt.ranges() {
        let range = range?;
        let (outcome, code) = match range.outcome {
            Outcome::Stored => ("stored", None),
            Outcome::Held => ("held", None),
            Outcome::Refused(code) => ("refused", Some(format!("{code:?}"))),
        };
        ranges.push(json!({
            "outcome": outcome, "code": code, "first": range.first, "last": range.last,
        }));
    }
    Ok(json!({
        "frame": "receipt",
        "pen": format!("{:016x}", receipt.pen.0),
        "boot": boot(receipt.boot),
        "ranges": ranges,
    }))
}
