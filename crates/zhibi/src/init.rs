//! `zhibi init`: a configuration file to begin with.

use std::fs::OpenOptions;
use std::io::Write;

use anyhow::Context;

use crate::Verdict;
use crate::cli::{CONFIGURATION, InitArgs};

/// Runs the command.
pub(crate) fn run(args: &InitArgs) -> anyhow::Result<Verdict> {
    let file = args.file.display();
    let made = OpenOptions::new().write(true).create_new(true).open(&args.file);
    let mut made = made.with_context(|| format!("cannot make {file}; nothing was changed"))?;
    made.write_all(CONFIGURATION.as_bytes()).with_context(|| format!("cannot write {file}"))?;
    tell!("{file} is written; next: zhibi serve --config {file}");
    Ok(Verdict::Clean)
}
