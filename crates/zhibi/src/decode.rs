//! `zhibi decode`: frames as JSON Lines, or bit by bit.

use std::io::Write;

use crate::Verdict;
use crate::cli::DecodeArgs;
use crate::conformance::Conformance;
use crate::explain;
use crate::frame_file::{Form, FrameFile};
use crate::frame_json::{FrameJson, Line, to_json};

/// Runs the command.
pub(crate) fn run(args: &DecodeArgs) -> anyhow::Result<Verdict> {
    let file = FrameFile::read(&args.file)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let (mut faults, mut conformance) = (0_usize, Conformance::remembering(usize::MAX));
    let mut begun = None;
    file.frames(|bundle, raw| {
        if args.explain && begun.replace(bundle) != Some(bundle) {
            explain_header(&file, bundle, &mut out)?;
        }
        let frame = to_json(&raw);
        faults += usize::from(matches!(frame, FrameJson::Error(_)));
        if args.explain {
            for line in explain::frame(&raw, &frame) {
                writeln!(out, "{line}")?;
            }
        } else {
            let bundle = (file.form == Form::Capture).then_some(bundle);
            let line = Line::of(bundle, &raw, frame);
            writeln!(out, "{}", serde_json::to_string(&line)?)?;
        }
        if args.strict {
            conformance.frame(bundle, &raw);
        }
        Ok(())
    })?;
    if args.strict {
        if file.form != Form::Bare {
            for number in 0..file.bundles.len() {
                if let Some(bundle) = file.bundle(number) {
                    conformance.bundle_end(number, &bundle);
                }
            }
        }
        for finding in conformance.take_findings() {
            faults += 1;
            writeln!(out, "{}", serde_json::to_string(&finding)?)?;
        }
    }
    out.flush()?;
    Ok(if args.strict && faults > 0 { Verdict::Findings } else { Verdict::Clean })
}

/// What stands before a bundle's frames.
fn explain_header(file: &FrameFile, bundle: usize, out: &mut impl Write) -> std::io::Result<()> {
    let mut lines = Vec::new();
    let from = file.bundles[bundle].start;
    if file.form == Form::Capture {
        if bundle == 0 {
            let magic = &file.bytes[..from - 4];
            lines.push(explain::line(magic, "magic \"ZCAP\", version 1, three zeros"));
        }
        let length = &file.bytes[from - 4..from];
        lines.push(explain::line(length, "length of the bundle that follows"));
    }
    if file.form != Form::Bare {
        lines.extend(explain::bundle_header(&file.bytes[from..]));
    }
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))
}
