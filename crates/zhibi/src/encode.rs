//! `zhibi encode`: JSON objects to frames; the inverse of `zhibi decode`.

use std::io::{Read, Write};
use std::path::Path;

use anyhow::Context;
use wire_tools::frame_file::encode;

use crate::cli::EncodeArgs;
use crate::{Verdict, whole_file};

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
        Some(path) => whole_file::write(path, &bytes)?,
        None => std::io::stdout().lock().write_all(&bytes)?,
    }
    Ok(Verdict::Clean)
}
