//! Reading handwriting files, whose units nobody knows: `zhibi recognize` and the training.

use std::collections::BTreeMap;
use std::time::Duration;

use ink::{Handwriting, Sample};

use crate::alphabet::Alphabet;
use crate::reading::{Context, Recognizer, SYMBOL_HEIGHT_UM, Scratch};

#[cfg(test)]
mod tests;

/// How tall each writer's symbols usually are, in the file's units.
///
/// A single symbol is as tall as its box, or as 0.7 of its width where that is more, so that a
/// file of `-` and `=` gives a size too; a number is as tall as its box. The writer's size is the
/// median of those that say something: not the points, of which a writer's file may have more than
/// of all others, and not items in another unit. A writer whose size comes out below half of what
/// writers of the same source have wrote nothing else than points, and gets theirs.
pub fn symbol_heights(items: &[Handwriting], alphabet: Alphabet) -> BTreeMap<&str, f32> {
    let mut all: BTreeMap<&str, (Vec<f32>, &str)> = BTreeMap::new();
    for item in items {
        let range = |axis: usize| {
            let values =
                item.strokes.iter().flatten().filter_map(|p| p.get(axis)).map(|at| *at as f32);
            let low = values.clone().fold(f32::MAX, f32::min);
            (values.fold(f32::MIN, f32::max) - low).max(0.0)
        };
        let height = match alphabet.is_number() {
            true => range(1),
            false => range(1).max(0.7 * range(0)),
        };
        all.entry(&item.writer).or_insert((Vec::new(), &item.source)).0.push(height);
    }
    let mut sources: BTreeMap<&str, Vec<f32>> = BTreeMap::new();
    let mut writers: BTreeMap<&str, (f32, &str)> = BTreeMap::new();
    for (writer, (heights, source)) in all {
        let height = usual_height(heights);
        sources.entry(source).or_default().push(height);
        writers.insert(writer, (height, source));
    }
    let sources: BTreeMap<&str, f32> =
        sources.into_iter().map(|(source, heights)| (source, median(heights))).collect();
    let checked = |(writer, (height, source)): (_, (f32, &str))| {
        let others = if source.is_empty() { height } else { sources[source] };
        (writer, if height < 0.5 * others { others } else { height })
    };
    writers.into_iter().map(checked).collect()
}

fn usual_height(mut heights: Vec<f32>) -> f32 {
    let broken = 15.0 * median(heights.clone());
    heights.retain(|h| *h <= broken);
    heights.sort_by(f32::total_cmp);
    let tall = heights.get(heights.len() * 17 / 20).copied().unwrap_or(0.0);
    heights.retain(|h| *h >= 0.6 * tall);
    median(heights)
}

/// The upper median, above zero.
fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0).max(f32::MIN_POSITIVE)
}

/// The item's strokes as samples, a unit of the file being `um_per_unit` micrometres.
pub fn samples(item: &Handwriting, um_per_unit: f32) -> Vec<Vec<Sample>> {
    // Times may be Unix milliseconds: a sample's count from the item's first.
    let begins_ms = item.strokes.iter().flatten().find_map(|p| p.get(2)).copied().unwrap_or(0.0);
    let sample = |p: &Vec<f64>| {
        let um =
            |axis: usize| (p.get(axis).copied().unwrap_or(0.0) as f32 * um_per_unit).round() as i32;
        let t_ms = p.get(2).map_or(0.0, |t_ms| t_ms - begins_ms) as u32;
        Sample { x_um: um(0), y_um: um(1), force: u16::MAX / 2, t_ms }
    };
    item.strokes.iter().map(|stroke| stroke.iter().map(sample).collect()).collect()
}

/// One item of a file, read: a line of `zhibi recognize`.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Read {
    /// What was written.
    pub label: String,
    /// What was read; empty where there was no ink.
    pub read: String,
    /// Its calibrated probability.
    pub confidence: f32,
}

/// Figures of a file: the last line of `zhibi recognize`.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Summary {
    /// Items.
    pub n: usize,
    /// Share read right.
    pub accuracy: f64,
    /// The largest share that can be decided, most confident first, with at most one in a
    /// thousand of them wrong.
    #[serde(rename = "coverage_at_0.1%_error")]
    pub coverage_at_0_1_percent_error: f64,
    /// Time per item.
    pub us_per_sample: f64,
}

impl Summary {
    /// Sums up what was read in `elapsed`.
    pub fn of(reads: &[Read], elapsed: Duration) -> Self {
        let n = reads.len();
        let right = reads.iter().filter(|r| r.label == r.read).count();
        Self {
            n,
            accuracy: right as f64 / n.max(1) as f64,
            coverage_at_0_1_percent_error: coverage(reads, 0.001),
            us_per_sample: elapsed.as_secs_f64() * 1e6 / n.max(1) as f64,
        }
    }
}

/// The largest share of `reads` that can be decided, most confident first, with at most
/// `error_max` of the decided ones wrong.
pub fn coverage(reads: &[Read], error_max: f64) -> f64 {
    let mut sorted: Vec<&Read> = reads.iter().collect();
    sorted.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let (mut wrong, mut decided) = (0_u32, 0_usize);
    for (i, read) in sorted.iter().enumerate() {
        wrong += u32::from(read.label != read.read);
        // Equal confidences are decided together or not at all.
        let last = sorted.get(i + 1).is_none_or(|next| next.confidence < read.confidence);
        if last && f64::from(wrong) <= error_max * (i + 1) as f64 {
            decided = i + 1;
        }
    }
    decided as f64 / reads.len().max(1) as f64
}

/// Reads every item, its size taken relative to its writer's median in `items`.
pub fn read_handwriting(
    recognizer: &Recognizer,
    items: &[Handwriting],
    alphabet: Alphabet,
) -> Vec<Read> {
    let heights = symbol_heights(items, alphabet);
    let context = Context { symbol_height_um: Some(SYMBOL_HEIGHT_UM), only: None };
    let mut scratch = Scratch::new();
    let mut read = |item: &Handwriting| {
        let strokes = samples(item, SYMBOL_HEIGHT_UM / heights[item.writer.as_str()]);
        let strokes: Vec<&[Sample]> = strokes.iter().map(Vec::as_slice).collect();
        let reading = recognizer.read(&strokes, alphabet, &context, &mut scratch);
        let (read, confidence) = reading.map_or_else(Default::default, |r| (r.text, r.probability));
        Read { label: item.label.clone(), read, confidence }
    };
    items.iter().map(&mut read).collect()
}
