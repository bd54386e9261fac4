//! `zhibi decode`: frames as JSON Lines, or bit by bit.

use std::io::Write;

use anyhow::Context;
use wire_tools::conformance::Conformance;
use wire_tools::explain;
use wire_tools::frame_file::{Form, FrameFile};
use wire_tools::frame_json::{FrameJson, Line, to_json};

use crate::cli::DecodeArgs;
use crate::{Verdict, strokes};

/// Runs the command.
pub(crate) fn run(args: &DecodeArgs) -> anyhow::Result<Verdict> {
    let file = FrameFile::parse(strokes::read_bytes(&args.file)?)
        .with_context(|| format!("cannot decode {}", args.file.display()))?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let (mut faults, mut conformance) = (0_usize, Conformance::remembering(usize::MAX));
    let mut begun = None;
    let read = file.frames::<anyhow::Error>(|bundle, raw| {
        if args.explain && begun.replace(bundle) != Some(bundle) {
            for line in explain::before_frames(&file, bundle) {
                writeln!(out, "{line}")?;
            }
        }
        let frame = to_json(&raw);
        faults += usize::from(matches!(frame, FrameJson::Error(_)));
        if args.explain {
            for line in explain::frame(&raw, &frame) {
                writeln!(out, "{line}")?;
            }
        } else {
            let bundle = (file.form() == Form::Capture).then_some(bundle);
            let line = Line::of(bundle, &raw, frame);
            writeln!(out, "{}", serde_json::to_string(&line)?)?;
        }
        if args.strict {
            conformance.frame(bundle, &raw);
        }
        Ok(())
    });
    if args.strict {
        file.bundles().for_each(|(number, bundle)| conformance.bundle_end(number, &bundle));
        for finding in conformance.take_findings() {
            faults += 1;
            writeln!(out, "{}", serde_json::to_string(&finding)?)?;
        }
    }
    // The frames that could be read are written before the error.
    out.flush()?;
    read.with_context(|| format!("cannot decode all of {}", args.file.display()))?;
    Ok(if args.strict && faults > 0 { Verdict::Findings } else { Verdict::Clean })
}
