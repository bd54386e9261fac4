//! `zhibi export ink`: ink for other programs.

use std::collections::BTreeMap;
use std::io::Write;

use ink::inkml::{self, Notation};
use ink::{Handwriting, Stroke};

use crate::cli::{ExportInkArgs, InkFormat};
use crate::{Verdict, strokes, whole_file};

/// Runs the command.
pub(crate) fn run(args: &ExportInkArgs) -> anyhow::Result<Verdict> {
    let bytes = strokes::read_bytes(&args.file)?;
    let shown = strokes::shown(&args.file);
    let ink = strokes::read(&bytes, &shown, &strokes::defaults(&args.defaults, &bytes))?;
    let mut out = Vec::new();
    match args.to {
        InkFormat::Inkml => {
            let notation = if args.explicit { Notation::Explicit } else { Notation::Differences };
            inkml::write(&ink.strokes, notation, &mut out)?;
        }
        InkFormat::Jsonl => {
            for item in handwriting(&ink.strokes) {
                writeln!(out, "{}", serde_json::to_string(&item)?)?;
            }
        }
    }
    match &args.out {
        Some(path) => whole_file::write(path, &out)?,
        None => {
            let mut stdout = std::io::stdout().lock();
            stdout.write_all(&out)?;
            stdout.flush()?;
        }
    }
    Ok(ink.verdict())
}

/// Ink as handwriting without labels: one item per pen, start and page face, in micrometres.
fn handwriting(strokes: &[Stroke]) -> Vec<Handwriting> {
    let mut items: BTreeMap<_, Handwriting> = BTreeMap::new();
    for stroke in strokes {
        let place = (stroke.key.pen, stroke.key.boot, stroke.address);
        let item = items.entry(place).or_insert_with(|| Handwriting {
            label: String::new(),
            writer: format!("{:x}", stroke.key.pen.0),
            strokes: Vec::new(),
            source: "zhibi".to_owned(),
            hz: None,
            pts_per_mm: Some(1_000.0),
        });
        let point =
            |sample: &ink::Sample| vec![sample.x_um.into(), sample.y_um.into(), sample.t_ms.into()];
        item.strokes.push(stroke.samples.iter().map(point).collect());
    }
    items.into_values().collect()
}
