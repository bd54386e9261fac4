//! `zhibi encode`: JSON objects to frames: bare where the first says that it stands at offset 0, in
//! a capture where they name bundles, in a bundle otherwise; the inverse of `zhibi decode`.

use std::io::{Read, Write};
use std::path::Path;

use anyhow::{Context, bail};
use firmware_protocol::{BUNDLE_BYTES_MAX, BundleWriter, CAPTURE_HEADER, capture_length};

use crate::Verdict;
use crate::cli::EncodeArgs;
use crate::frame_json::Line;

/// Runs the command.
pub(crate) fn run(args: &EncodeArgs) -> anyhow::Result<Verdict> {
    let mut text = String::new();
    let read = if args.file == Path::new("-") {
        std::io::stdin().lock().read_to_string(&mut text)
    } else {
        std::fs::File::open(&args.file).and_then(|mut file| file.read_to_string(&mut text))
    };
    read.with_context(|| format!("cannot read {}", args.file.display()))?;
    let bytes = encode(&text).with_context(|| format!("cannot encode {}", args.file.display()))?;
    match &args.out {
        Some(path) => std::fs::write(path, &bytes)
            .with_context(|| format!("cannot write {}", path.display()))?,
        None => std::io::stdout().lock().write_all(&bytes)?,
    }
    Ok(Verdict::Clean)
}

fn encode(text: &str) -> anyhow::Result<Vec<u8>> {
    // Frames of each bundle, in the order of the lines.
    let mut bundles: Vec<(Option<usize>, Vec<Vec<u8>>)> = Vec::new();
    let mut bare = None;
    // Some editors begin a file with a byte-order mark.
    let text = text.trim_start_matches('\u{feff}');
    // Objects one behind another, each on a line of its own or over several.
    let mut objects = serde_json::Deserializer::from_str(text).into_iter::<Line>();
    loop {
        let from = objects.byte_offset();
        let Some(line) = objects.next() else { break };
        let gap = text[from..].len() - text[from..].trim_start().len();
        let number = 1 + text[..from + gap].bytes().filter(|byte| *byte == b'\n').count();
        let line = line.with_context(|| format!("the object that begins in line {number}"))?;
        let bytes = line.to_bytes().with_context(|| format!("line {number}"))?;
        bare.get_or_insert(line.bundle.is_none() && line.offset == Some(0));
        match bundles.last_mut() {
            Some((bundle, frames)) if *bundle == line.bundle => frames.push(bytes),
            _ => bundles.push((line.bundle, vec![bytes])),
        }
    }
    match &bundles[..] {
        [] => bail!("no line holds a frame"),
        [(None, frames)] if bare == Some(true) => Ok(frames.concat()),
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
