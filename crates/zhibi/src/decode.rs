//! `zhibi decode`: frames as JSON Lines, or bit by bit.

use std::io::Write;

use firmware_protocol::{Frame, Part, RawFrame, explain_frame};

use crate::Verdict;
use crate::cli::DecodeArgs;
use crate::conformance::Conformance;
use crate::frame_file::{Form, FrameFile};
use crate::frame_json::{FrameJson, Line, to_json};

/// Runs the command.
pub(crate) fn run(args: &DecodeArgs) -> anyhow::Result<Verdict> {
    let file = FrameFile::read(&args.file)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let (mut faults, mut conformance) = (0_usize, Conformance::default());
    let mut begun = None;
    file.frames(|bundle, raw| {
        if args.explain && begun.replace(bundle) != Some(bundle) {
            explain_header(&file, bundle, &mut out)?;
        }
        let frame = to_json(&raw);
        faults += usize::from(matches!(frame, FrameJson::Error(_)));
        if args.explain {
            explain(&raw, &frame, &mut out)?;
        } else {
            let bundle = (file.form == Form::Capture).then_some(bundle);
            let line = Line { bundle, offset: raw.offset, frame };
            writeln!(out, "{}", serde_json::to_string(&line)?)?;
        }
        if args.strict {
            conformance.frame(bundle, &raw);
        }
        Ok(())
    })?;
    if args.strict {
        conformance.bundles(&file);
        for finding in conformance.findings() {
            faults += 1;
            writeln!(out, "{}", serde_json::to_string(finding)?)?;
        }
    }
    out.flush()?;
    Ok(if args.strict && faults > 0 { Verdict::Findings } else { Verdict::Clean })
}

/// What stands before a bundle's frames.
fn explain_header(file: &FrameFile, bundle: usize, out: &mut impl Write) -> std::io::Result<()> {
    let mut line = |bytes: &[u8], what: &str| writeln!(out, "{:<40} # {what}", hex(bytes));
    let from = file.bundles[bundle].start;
    if file.form == Form::Capture {
        if bundle == 0 {
            line(&file.bytes[..from - 4], "magic \"ZCAP\", version 1, three zeros")?;
        }
        line(&file.bytes[from - 4..from], "length of the bundle that follows")?;
    }
    if file.form != Form::Bare {
        let header = &file.bytes[from..from + 8];
        line(&header[..6], "magic \"ZBND\", version 1, a zero")?;
        line(&header[6..], "number of frames")?;
    }
    Ok(())
}

/// A frame's bytes in hexadecimal with what they mean as comments: a golden vector's form.
fn explain(raw: &RawFrame<'_>, frame: &FrameJson, out: &mut impl Write) -> anyhow::Result<()> {
    let mut parts = Vec::new();
    // What cannot be read is told as far as it can.
    let told = explain_frame(raw.bytes, |part| parts.push(part));
    let in_bytes = |part: &Part| part.bit % 8 == 0 && part.bits % 8 == 0 && !part.backward;
    let chunk = matches!(raw.frame, Ok(Frame::Chunk(_)));
    let payload = parts.iter().position(|part| chunk && part.field == "tables");
    let (head, rest) = parts.split_at(payload.unwrap_or(parts.len()));
    writeln!(out, "# frame at byte {}, {} bytes", raw.offset, raw.bytes.len())?;
    for part in head.iter().filter(|part| in_bytes(part)) {
        byte_line(raw.bytes, part, out)?;
    }
    if let Some((crc, bits)) = rest.split_last() {
        let payload = &raw.bytes[rest[0].bit / 8..crc.bit / 8];
        for line in payload.chunks(16) {
            writeln!(out, "{}", hex(line))?;
        }
        writeln!(out, "# the payload by field; < is read backward from its end")?;
        for part in bits {
            let way = if part.backward { '<' } else { ' ' };
            let digits = bit_digits(raw.bytes, part);
            writeln!(out, "# {way} {digits:<40} {}: {}", part.field, part.value)?;
        }
        byte_line(raw.bytes, crc, out)?;
    }
    match (told, frame) {
        (Err(error), _) => {
            if parts.is_empty() {
                for line in raw.bytes.chunks(16) {
                    writeln!(out, "{}", hex(line))?;
                }
            }
            writeln!(out, "# {error}")?;
        }
        (Ok(()), FrameJson::Error(error)) => writeln!(out, "# {}", error.error)?,
        _ => {}
    }
    Ok(())
}

fn byte_line(bytes: &[u8], part: &Part, out: &mut impl Write) -> std::io::Result<()> {
    let slice = &bytes[part.bit / 8..(part.bit + part.bits) / 8];
    let meaning = match part.field {
        "magic" | "crc32c" | "shape" => String::new(),
        "version and kind" => format!(": version {}, kind {}", part.value >> 4, part.value & 15),
        "pen" | "boot random" => format!(": {:x}", part.value),
        "model" | "firmware" => format!(": {}", String::from_utf8_lossy(slice)),
        _ => format!(": {}", part.value),
    };
    writeln!(out, "{:<40} # {}{meaning}", hex(slice), part.field)
}

fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}

/// A part's bits in the order in which they are read.
fn bit_digits(bytes: &[u8], part: &Part) -> String {
    let at = |place: usize| if part.backward { part.bit - place } else { part.bit + place };
    let digit = |at: usize| if bytes[at / 8] >> (7 - at % 8) & 1 == 1 { '1' } else { '0' };
    (0..part.bits).map(|place| digit(at(place))).collect()
}
