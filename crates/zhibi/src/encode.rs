//! `zhibi encode`: JSON Lines to a bundle, or to a capture where lines name several; the inverse of
//! `zhibi decode`.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use anyhow::{Context, bail};
use firmware_protocol::{BUNDLE_BYTES_MAX, BundleWriter, CAPTURE_HEADER, capture_length};

use crate::Verdict;
use crate::cli::EncodeArgs;
use crate::frame_json::{Line, to_bytes};

/// Runs the command.
pub(crate) fn run(args: &EncodeArgs) -> anyhow::Result<Verdict> {
    let bytes = if args.file == Path::new("-") {
        encode(std::io::stdin().lock())
    } else {
        let file = std::fs::File::open(&args.file)
            .with_context(|| format!("cannot read {}", args.file.display()))?;
        encode(BufReader::new(file))
    };
    let bytes = bytes.with_context(|| format!("cannot encode {}", args.file.display()))?;
    match &args.out {
        Some(path) => std::fs::write(path, &bytes)
            .with_context(|| format!("cannot write {}", path.display()))?,
        None => std::io::stdout().lock().write_all(&bytes)?,
    }
    Ok(Verdict::Clean)
}

fn encode(input: impl BufRead) -> anyhow::Result<Vec<u8>> {
    // Frames of each bundle, in the order of the lines.
    let mut bundles: Vec<(Option<usize>, Vec<Vec<u8>>)> = Vec::new();
    for (number, text) in (1..).zip(input.lines()) {
        let text = text.with_context(|| format!("line {number}"))?;
        if text.trim().is_empty() {
            continue;
        }
        let line: Line =
            serde_json::from_str(&text).with_context(|| format!("line {number}: no frame"))?;
        let bytes = to_bytes(&line.frame).with_context(|| format!("line {number}"))?;
        match bundles.last_mut() {
            Some((bundle, frames)) if *bundle == line.bundle => frames.push(bytes),
            _ => bundles.push((line.bundle, vec![bytes])),
        }
    }
    match &bundles[..] {
        [] => bail!("no line holds a frame"),
        [(None, frames)] => bundle(frames),
        _ => {
            let mut capture = CAPTURE_HEADER.to_vec();
            for (number, frames) in &bundles {
                let number = number.map_or("without a number".to_owned(), |n| n.to_string());
                let bundle = bundle(frames).with_context(|| format!("bundle {number}"))?;
                capture.extend_from_slice(&capture_length(bundle.len() as u32));
                capture.extend_from_slice(&bundle);
            }
            Ok(capture)
        }
    }
}

fn bundle(frames: &[Vec<u8>]) -> anyhow::Result<Vec<u8>> {
    let mut buffer = vec![0; BUNDLE_BYTES_MAX];
    let mut writer = BundleWriter::new(&mut buffer)?;
    for (position, frame) in frames.iter().enumerate() {
        writer.push(frame).with_context(|| {
            format!("frame {position} does not fit: a bundle is at most {BUNDLE_BYTES_MAX} bytes")
        })?;
    }
    Ok(writer.finish().to_vec())
}
