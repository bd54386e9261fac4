//! Makes the skeletons of the usual characters: `characters --data DIR --out FILE`.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Parser;
use ink::Handwriting;
use recognition::characters::to_bytes;

/// Takes the 3,755 characters of the first level of GB 2312 from a file of skeletons.
#[derive(Parser)]
struct Arguments {
    /// Folder of hanzi-medians.jsonl
    #[arg(long)]
    data: PathBuf,
    /// Where the skeletons go
    #[arg(long)]
    out: PathBuf,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let path = arguments.data.join("hanzi-medians.jsonl");
    let file = File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let usual = first_level();
    let mut taken: Vec<(char, Vec<Vec<[f32; 2]>>)> = Vec::new();
    for item in Handwriting::read(BufReader::new(file)) {
        let item = item?;
        let mut letters = item.label.chars();
        if let (Some(character), None) = (letters.next(), letters.next())
            && usual.contains(&character)
        {
            let point = |p: &Vec<f64>| [p[0] as f32, p[1] as f32];
            let strokes = item.strokes.iter().map(|s| s.iter().map(point).collect()).collect();
            taken.push((character, strokes));
        }
    }
    println!("{} of {} characters", taken.len(), usual.len());
    std::fs::write(&arguments.out, to_bytes(&taken))
        .with_context(|| format!("cannot write {}", arguments.out.display()))?;
    Ok(())
}

/// Rows 16 to 55 of GB 2312, the last of which is not full.
fn first_level() -> Vec<char> {
    let bytes: Vec<u8> = (0xb0..=0xd7_u8)
        .flat_map(|row| (0xa1..=0xfe_u8).map(move |column| (row, column)))
        .filter(|(row, column)| (*row, *column) <= (0xd7, 0xf9))
        .flat_map(|(row, column)| [row, column])
        .collect();
    let (text, _, _) = encoding_rs::GBK.decode(&bytes);
    text.chars().collect()
}
