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

/// Fewer intervals tell nothing of a clock.
const INTERVALS_MIN: usize = 4;
/// No tablet samples more often, milliseconds.
const MS_APART_MIN: f64 = 0.2;
/// And none less often.
const MS_APART_MAX: f64 = 1_000.0;

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
    /// Times are of another unit.
    #[error(
        "line {line}: its times seem to be {unit}, and [x, y, t_ms] has milliseconds: multiply or \
         divide them first"
    )]
    Times {
        /// Counts from 1.
        line: usize,
        /// What they seem to be.
        unit: &'static str,
    },
    /// A number is beyond 32-bit floating point.
    #[error("line {line}: a number is above 3.4e38 or below -3.4e38")]
    Number {
        /// Counts from 1.
        line: usize,
    },
}

impl Handwriting {
    /// Reads JSON Lines, one item or one error per line; empty lines, and byte-order marks before
    /// lines, as files put together have them, are passed over.
    pub fn read(input: impl BufRead) -> impl Iterator<Item = Result<Self, HandwritingError>> {
        input.lines().enumerate().filter_map(|(index, text)| {
            let line = index + 1;
            let text = text.map(|text| match text.strip_prefix('\u{feff}') {
                Some(rest) => rest.to_owned(),
                None => text,
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
        match item.unit_of_times() {
            Some(unit) => Err(HandwritingError::Times { line, unit }),
            None => Ok(item),
        }
    }

    /// What times seem to be that cannot be milliseconds: since 1970 they would lie before 1973 or
    /// behind the year 5138, and within strokes half of them or more would lie further from the one
    /// before, or nearer to it, than any pen's.
    fn unit_of_times(&self) -> Option<&'static str> {
        let times = |stroke: &Vec<Vec<f64>>| -> Vec<f64> {
            stroke.iter().filter_map(|point| point.get(2).copied()).collect()
        };
        let strokes: Vec<Vec<f64>> = self.strokes.iter().map(times).collect();
        let latest = strokes.iter().flatten().fold(0.0_f64, |latest, time| latest.max(time.abs()));
        match latest {
            1e9..1e11 => return Some("seconds"),
            1e14..1e17 => return Some("microseconds"),
            1e17.. => return Some("nanoseconds"),
            _ => {}
        }
        let mut apart: Vec<f64> = strokes
            .iter()
            .flat_map(|stroke| stroke.windows(2).map(|pair| (pair[1] - pair[0]).abs()))
            .collect();
        if apart.len() < INTERVALS_MIN {
            return None;
        }
        apart.sort_by(f64::total_cmp);
        match apart[apart.len() / 2] {
            // Points that share a time tell nothing.
            0.0 => None,
            ..MS_APART_MIN => Some("seconds"),
            1e6.. => Some("nanoseconds"),
            MS_APART_MAX.. => Some("microseconds"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
