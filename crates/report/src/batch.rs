//! Symbols read many at once, as a page of them is: what a symbol costs.

use ink::Handwriting;
use recognition::features::{self, Glyph};
use recognition::network::{Network, Workspace};
use recognition::{Alphabet, symbol_heights};

/// Some symbols and the memory that reading them takes.
#[derive(Debug)]
pub struct Batch {
    glyphs: Vec<Glyph>,
    path: Vec<[f32; 2]>,
    symbols: Vec<f32>,
    work: Workspace,
}

impl Batch {
    /// Of glyphs.
    pub fn new(glyphs: Vec<Glyph>) -> Self {
        let symbols = vec![0.0; glyphs.len() * features::LEN];
        Self { glyphs, path: Vec::new(), symbols, work: Workspace::default() }
    }

    /// Of the items of a file, each a symbol.
    pub fn of(items: &[Handwriting], alphabet: Alphabet) -> Self {
        let heights = symbol_heights(items, alphabet);
        let glyph = |item: &Handwriting| {
            let mut glyph = Glyph::new(heights[item.writer.as_str()]);
            for stroke in &item.strokes {
                glyph.push(stroke.iter().map(|p| [p[0] as f32, p[1] as f32]));
            }
            glyph
        };
        Self::new(items.iter().map(glyph).collect())
    }

    /// Symbols.
    pub fn len(&self) -> usize {
        self.glyphs.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.glyphs.is_empty()
    }

    /// Works out what the network sees.
    pub fn features(&mut self) {
        for (glyph, symbol) in self.glyphs.iter().zip(self.symbols.chunks_exact_mut(features::LEN))
        {
            features::extract(glyph, &mut self.path, symbol);
        }
    }

    /// Has the network look at it.
    pub fn network(&mut self, network: &Network) {
        std::hint::black_box(network.forward(&self.symbols, &mut self.work));
    }
}
