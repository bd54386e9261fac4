//! `zhibi init`: a configuration file to begin with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, bail};

use crate::Verdict;
use crate::cli::{CONFIGURATION, InitArgs};

/// Runs the command.
pub(crate) fn run(args: &InitArgs) -> anyhow::Result<Verdict> {
    write(&args.file, CONFIGURATION)?;
    let file = args.file.display();
    tell!("{file} is written; next: zhibi serve --config {file}");
    Ok(Verdict::Clean)
}

/// Writes a configuration where nothing is yet.
pub(crate) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let file = path.display();
    let made = OpenOptions::new().write(true).create_new(true).open(path);
    let mut made = match made {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!(
                "{file} is there already and stays as it is: delete it first, or name another file"
            )
        }
        made => made.with_context(|| format!("cannot make {file}"))?,
    };
    if let Err(error) = made.write_all(text.as_bytes()) {
        // An empty file would only be in the way of the next attempt.
        let _gone = std::fs::remove_file(path);
        return Err(error).with_context(|| format!("cannot write {file}"));
    }
    Ok(())
}
