//! Handwriting files: JSON Lines, one labelled sample of writing a line.

use std::io::BufRead;

/// One labelled piece of writing by one writer, in the source tablet's own units.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Handwriting {
    /// What was written.
    pub label: String,
    /// Who wrote it: a pseudonym.
    pub writer: String,
    /// Strokes in written order; points are `[x, y]` or `[x, y, t_ms]`, y down. 64-bit, for the sake
    /// of times that are Unix milliseconds.
    pub strokes: Vec<Vec<Vec<f64>>>,
    /// Where it came from.
    #[serde(default)]
    pub source: String,
    /// Points per second, where the set says so. Not always true: see the set's notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hz: Option<f32>,
    /// Units per millimetre, where the set says so. Unreliable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pts_per_mm: Option<f32>,
}

/// Why a line could not be read.
#[derive(Debug, thiserror::Error)]
pub enum HandwritingError {
    /// The file could not be read.
    #[error("line {line}: {source}")]
    Io {
        /// Counts from 1.
        line: usize,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The line is no such object.
    #[error("line {line}: {source}")]
    Json {
        /// Counts from 1.
        line: usize,
        /// The parser's reason.
        source: serde_json::Error,
    },
    /// A point has neither two nor three numbers.
    #[error("line {line}: stroke {stroke} has a point that is neither [x, y] nor [x, y, t_ms]")]
    Point {
        /// Counts from 1.
        line: usize,
        /// Counts from 0.
        stroke: usize,
    },
    /// A number is beyond 32-bit floating point.
    #[error("line {line}: a number is above 3.4e38 or below -3.4e38")]
    Number {
        /// Counts from 1.
        line: usize,
    },
}

impl Handwriting {
    /// Reads JSON Lines, one item or one error per line; empty lines, and a byte-order mark before the
    /// first, are passed over.
    pub fn read(input: impl BufRead) -> impl Iterator<Item = Result<Self, HandwritingError>> {
        input.lines().enumerate().filter_map(|(index, text)| {
            let line = index + 1;
            let text = text.map(|text| match text.strip_prefix('\u{feff}') {
                Some(rest) if index == 0 => rest.to_owned(),
                _ => text,
            });
            match text {
                Err(source) => Some(Err(HandwritingError::Io { line, source })),
                Ok(text) if text.trim().is_empty() => None,
                Ok(text) => Some(Self::parse(&text, line)),
            }
        })
    }

    fn parse(text: &str, line: usize) -> Result<Self, HandwritingError> {
        let item: Self =
            serde_json::from_str(text).map_err(|source| HandwritingError::Json { line, source })?;
        if let Some(stroke) =
            item.strokes.iter().position(|s| s.iter().any(|p| p.len() != 2 && p.len() != 3))
        {
            return Err(HandwritingError::Point { line, stroke });
        }
        let mut numbers = item.strokes.iter().flatten().flatten();
        if !numbers.all(|number| number.abs() <= f64::from(f32::MAX))
            || !item.hz.into_iter().chain(item.pts_per_mm).all(f32::is_finite)
        {
            return Err(HandwritingError::Number { line });
        }
        Ok(item)
    }
}

#[cfg(test)]
mod tests;
