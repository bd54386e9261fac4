//! The symbols of the project's own synthetic hand, from `sample-strokes/skeletons.toml`.

use std::path::Path;

use anyhow::Context as _;
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;

use crate::augment::Strokes;
use crate::synthetic::curve;

/// One way to write a symbol, in units of a digit's height.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) symbol: char,
    /// Of each stroke, its pieces between sharp corners.
    strokes: Vec<Vec<Vec<[f32; 2]>>>,
}

#[derive(Deserialize)]
struct File {
    glyph: Vec<Glyph>,
}

#[derive(Deserialize)]
struct Glyph {
    symbol: char,
    strokes: Vec<String>,
}

/// Reads the file.
pub(crate) fn load(path: &Path) -> anyhow::Result<Vec<Form>> {
    let failed = || format!("failed to read {}", path.display());
    let text = std::fs::read_to_string(path).with_context(failed)?;
    let file: File = toml::from_str(&text).with_context(failed)?;
    let form = |glyph: &Glyph| {
        let strokes = glyph.strokes.iter().map(|s| pieces(s)).collect::<Option<_>>();
        let strokes = strokes.with_context(|| format!("bad knot in {}", glyph.symbol));
        // A teacher's tick and cross mean what a pupil's √ and × do.
        let symbol = match glyph.symbol {
            '✓' => '√',
            '✗' => '×',
            other => other,
        };
        strokes.map(|strokes| Form { symbol, strokes })
    };
    file.glyph.iter().map(form).collect::<anyhow::Result<_>>().with_context(failed)
}

/// Knots `x,y` of a stroke; one with `!` ends a piece and begins the next.
fn pieces(stroke: &str) -> Option<Vec<Vec<[f32; 2]>>> {
    let mut pieces = vec![Vec::new()];
    for knot in stroke.split_whitespace() {
        let (at, corner) = match knot.strip_suffix('!') {
            Some(at) => (at, true),
            None => (knot, false),
        };
        let (x, y) = at.split_once(',')?;
        let at = [x.parse().ok()?, y.parse().ok()?];
        pieces.last_mut()?.push(at);
        if corner {
            pieces.push(vec![at]);
        }
    }
    Some(pieces)
}

impl Form {
    /// Writes the symbol once.
    pub(crate) fn write(&self, rng: &mut ChaCha8Rng) -> Strokes {
        let mut stroke = |pieces: &Vec<Vec<[f32; 2]>>| {
            let mut points = Vec::new();
            for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
                points.extend(curve(piece, 0.5, 0.008, rng));
            }
            points
        };
        self.strokes.iter().map(&mut stroke).collect()
    }
}
