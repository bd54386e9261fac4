//! The symbols of the project's own synthetic hand, from `sample-strokes/skeletons.toml`.

use std::path::Path;

use anyhow::Context as _;
use pen_sim::skeleton::{self, Knot};
use rand_chacha::ChaCha8Rng;

use crate::augment::Strokes;
use crate::synthetic::curve;

/// One way to write a symbol, in units of a digit's height.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) symbol: char,
    /// Of each stroke, its pieces between sharp corners.
    strokes: Vec<Vec<Vec<[f32; 2]>>>,
}

/// Reads the file.
pub(crate) fn load(path: &Path) -> anyhow::Result<Vec<Form>> {
    let failed = || format!("failed to read {}", path.display());
    let text = std::fs::read_to_string(path).with_context(failed)?;
    let forms = skeleton::parse(&text).with_context(failed)?;
    Ok(forms.into_iter().map(Form::from).collect())
}

impl From<skeleton::Form> for Form {
    fn from(form: skeleton::Form) -> Self {
        // A teacher's tick and cross mean what a pupil's √ and × do.
        let symbol = match form.symbol {
            '✓' => '√',
            '✗' => '×',
            other => other,
        };
        Self { symbol, strokes: form.strokes.iter().map(|stroke| pieces(stroke)).collect() }
    }
}

/// The pieces of a stroke between its corners; a corner ends one and begins the next.
fn pieces(stroke: &[Knot]) -> Vec<Vec<[f32; 2]>> {
    let mut pieces = vec![Vec::new()];
    for knot in stroke {
        let at = [knot.at.x as f32, knot.at.y as f32];
        if let Some(piece) = pieces.last_mut() {
            piece.push(at);
        }
        if knot.corner {
            pieces.push(vec![at]);
        }
    }
    pieces
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
