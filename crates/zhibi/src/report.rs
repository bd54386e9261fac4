//! `zhibi report`: pages that show how far the machine can be trusted.

mod marking;
mod reading;
mod speed;

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use ink::Handwriting;
use recognition::Recognizer;

use ::report::page::Head;

use crate::{clock, local_time, strokes};

pub(crate) use marking::run as marking;
pub(crate) use reading::run as reading;
pub(crate) use speed::run as speed;

/// Says early that a page could not be written, before minutes of work.
fn ensure_writable(out: &Path) -> anyhow::Result<()> {
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    ensure!(
        folder.is_dir(),
        "cannot write {}: there is no folder {}",
        out.display(),
        folder.display()
    );
    ensure!(!out.is_dir(), "{} is a folder: name a file", out.display());
    Ok(())
}

/// What the page says of its making, begun at `started`.
fn head(started: Instant) -> Head {
    let words: Vec<String> = std::env::args().skip(1).collect();
    Head {
        command: format!("zhibi {}", words.join(" ")),
        made: local_time::text(clock::wall_ms()),
        model: Recognizer::MODEL_VERSION.to_owned(),
        thresholds: ::marking::Thresholds::STANDARD.version,
        seconds: started.elapsed().as_secs_f64(),
    }
}

/// The handwriting of a folder by file, in the order of the files' names.
fn handwriting(folder: &Path) -> anyhow::Result<Vec<(String, Vec<Handwriting>)>> {
    let entries = std::fs::read_dir(folder);
    let entries =
        entries.with_context(|| format!("cannot read the folder {}", folder.display()))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
        if path.extension().is_some_and(|ending| ending == "jsonl") {
            paths.push(path);
        }
    }
    ensure!(!paths.is_empty(), "{} has no *.jsonl files of handwriting", folder.display());
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let shown = path.display();
        let input = std::fs::read(&path).with_context(|| format!("cannot read {shown}"))?;
        if input.is_empty() {
            bail!("{shown} is empty: take it out of the folder, or fetch it again");
        }
        strokes::ensure_lines(&input, &shown.to_string())?;
        let items = Handwriting::read(input.as_slice()).collect::<Result<_, _>>();
        let items = items.with_context(|| format!("{shown} is no handwriting as JSON Lines"))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        files.push((name.unwrap_or_default(), items));
    }
    Ok(files)
}

#[cfg(test)]
mod tests;
