//! The project's own skeletons of handwritten symbols, and the only reader of their file.

use std::collections::BTreeMap;

use serde::Deserialize;

pub use crate::path::{Knot, Point};

#[cfg(test)]
mod tests;

const FILE: &str = include_str!("../../../sample-strokes/skeletons.toml");

/// Why the skeletons were refused.
#[derive(Debug, thiserror::Error)]
pub enum SkeletonError {
    /// The file is no TOML of this form.
    #[error("skeletons.toml: {0}")]
    Toml(#[from] toml::de::Error),
    /// A knot is not two numbers.
    #[error("skeletons.toml: symbol {symbol}: {knot:?} is no knot \"x,y\"")]
    Knot {
        /// The symbol it belongs to.
        symbol: char,
        /// What stands there.
        knot: String,
    },
}

/// One way to write a symbol.
#[derive(Clone, Debug)]
pub struct Form {
    /// What is written.
    pub symbol: char,
    /// Writers in a hundred.
    pub share: f64,
    /// Strokes in written order.
    pub strokes: Vec<Vec<Knot>>,
}

/// All forms of all symbols.
#[derive(Clone, Debug)]
pub(crate) struct Skeletons(BTreeMap<char, Vec<Form>>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    glyph: Vec<FileGlyph>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileGlyph {
    symbol: char,
    #[expect(dead_code, reason = "a name for people who read the file")]
    form: String,
    share: f64,
    strokes: Vec<String>,
}

impl Skeletons {
    /// The skeletons that ship with the project.
    pub(crate) fn own() -> Self {
        // Unwrap safety: the file is compiled in, and a test parses it.
        #[expect(clippy::expect_used, reason = "see above")]
        Self::parse(FILE).expect("the project's own skeletons")
    }

    fn parse(text: &str) -> Result<Self, SkeletonError> {
        let mut symbols: BTreeMap<char, Vec<Form>> = BTreeMap::new();
        for form in parse(text)? {
            symbols.entry(form.symbol).or_default().push(form);
        }
        Ok(Self(symbols))
    }

    /// The forms of a symbol; none for one that nobody drew.
    pub(crate) fn forms(&self, symbol: char) -> &[Form] {
        self.0.get(&symbol).map_or(&[], Vec::as_slice)
    }

    /// Every symbol, in the order of its code point.
    pub(crate) fn symbols(&self) -> impl Iterator<Item = char> {
        self.0.keys().copied()
    }
}

/// Reads a file of skeletons; the forms are in its order.
///
/// # Errors
/// Where it is no TOML of this form, or a knot is not two numbers.
pub fn parse(text: &str) -> Result<Vec<Form>, SkeletonError> {
    let file: File = toml::from_str(text)?;
    let form = |FileGlyph { symbol, share, strokes, .. }: FileGlyph| {
        let stroke =
            |text: &String| text.split_whitespace().map(|knot| parse_knot(symbol, knot)).collect();
        let strokes = strokes.iter().map(stroke).collect::<Result<_, _>>()?;
        Ok(Form { symbol, share, strokes })
    };
    file.glyph.into_iter().map(form).collect()
}

fn parse_knot(symbol: char, text: &str) -> Result<Knot, SkeletonError> {
    let refuse = || SkeletonError::Knot { symbol, knot: text.to_owned() };
    let corner = text.ends_with('!');
    let (x, y) = text.trim_end_matches('!').split_once(',').ok_or_else(refuse)?;
    let number = |text: &str| text.parse::<f64>().map_err(|_| refuse());
    Ok(Knot { at: Point { x: number(x)?, y: number(y)? }, corner })
}
