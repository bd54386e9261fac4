//! Draws the worksheets of `sample-strokes/worksheets`, whose content is written here, and builds
//! those of `sample-strokes/texts` from their texts.
//!
//! Run from anywhere: `cargo run --release -p worksheet --example draw-samples`.

mod english;
mod knowledge;
mod mental_arithmetic;
mod mixed;

#[cfg(test)]
mod tests;

use std::error::Error;
use std::path::PathBuf;

use worksheet::draw::{Ask, Item, Sheet};
use worksheet::text::Draft;
use worksheet::{Framework, Score};

/// The fictional school of all samples.
const SCHOOL: &str = "示例小学";

fn main() -> Result<(), Box<dyn Error>> {
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
fn drawn() -> Result<Vec<(PathBuf, Files)>, Box<dyn Error>> {
    let sheets = [mental_arithmetic::sheet(), english::sheet(), mixed::sheet()];
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../sample-strokes");
    let draw =
        |sheet: Sheet| Ok((root.join("worksheets").join(&sheet.id.id), sheet.draw()?.files()));
    let drawn = sheets.into_iter().map(draw).collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    let texts = ["review-g3"].map(|id| built(root.join("texts").join(id)));
    drawn.into_iter().map(Ok).chain(texts).collect()
}

/// A worksheet that is built from the `worksheet.txt` of its folder.
fn built(dir: PathBuf) -> Result<(PathBuf, Files), Box<dyn Error>> {
    let text = std::fs::read_to_string(dir.join("worksheet.txt"))?;
    let picture = |name: &str| std::fs::read(dir.join(name)).ok();
    let sheet = Draft::build(&text, &Framework::own(), picture);
    let sheet = sheet.map_err(|faults| {
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        told.join("\n")
    })?;
    Ok((dir, sheet.files()))
}

fn item(points: u32, knowledge_point: &str, ask: Ask) -> Item {
    Item { points: Score(points * 10), knowledge_points: vec![knowledge_point.into()], ask }
}

fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|&line| line.to_owned()).collect()
}
