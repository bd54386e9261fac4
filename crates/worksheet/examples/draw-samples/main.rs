//! Draws the worksheets of `sample-strokes/worksheets`, whose content is written here.
//!
//! Run from anywhere: `cargo run --release -p worksheet --example draw-samples`.

mod english;
mod knowledge;
mod mental_arithmetic;
mod mixed;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use worksheet::draw::{Ask, Item, Sheet};
use worksheet::{Score, WorksheetError};

/// The fictional school of all samples.
const SCHOOL: &str = "示例小学";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for (dir, files) in drawn()? {
        std::fs::create_dir_all(&dir)?;
        for (name, text) in files {
            std::fs::write(dir.join(name), text)?;
        }
        println!("{}", dir.display());
    }
    Ok(())
}

/// The names and the contents of a folder's files.
type Files = Vec<(String, String)>;

/// The folder of each sheet, and what belongs into it.
fn drawn() -> Result<Vec<(PathBuf, Files)>, WorksheetError> {
    let sheets = [mental_arithmetic::sheet(), english::sheet(), mixed::sheet()];
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../sample-strokes/worksheets");
    let draw = |sheet: Sheet| Ok((root.join(&sheet.id.id), sheet.draw()?.files()));
    sheets.into_iter().map(draw).collect()
}

fn item(points: u32, knowledge_point: &str, ask: Ask) -> Item {
    Item { points: Score(points * 10), knowledge_points: vec![knowledge_point.into()], ask }
}

fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|&line| line.to_owned()).collect()
}
