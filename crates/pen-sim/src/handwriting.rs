//! Real handwriting in place of the skeletons.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ink::{Handwriting, HandwritingError};

use crate::path::{Bounds, Point};
use crate::random::Random;

#[cfg(test)]
mod tests;

/// Symbols that are taken from the files: what a sheet may ask for.
const SYMBOLS: &str = "0123456789ABCDEFG+-=/<>.%";

/// Samples of one symbol by one writer that are kept; the first ones.
const SAMPLES_MAX: usize = 12;

/// Why handwriting could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// The folder or a file of it could not be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A line is no handwriting.
    #[error("{}: {source}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Which line and why.
        source: HandwritingError,
    },
    /// There is no writer with all ten digits.
    #[error("{}: no writer in it wrote all ten digits", path.display())]
    NoWriter {
        /// The folder.
        path: PathBuf,
    },
}

/// Real handwriting by writer and symbol.
#[derive(Clone, Debug)]
pub struct HandwritingPool {
    /// File names, in order.
    sources: Vec<String>,
    writers: Arc<BTreeMap<String, Writer>>,
}

/// What one person wrote.
#[derive(Clone, Debug, Default)]
struct Writer {
    samples: BTreeMap<char, Vec<Vec<Vec<Point>>>>,
    /// The writer's digit height in tablet units (or their capitals', where they wrote no digits).
    height: f64,
}

/// The writers whose handwriting one pupil has.
#[derive(Clone, Debug)]
pub(crate) struct Writers {
    pool: Arc<BTreeMap<String, Writer>>,
    /// Own writer first, then those who fill gaps.
    names: Vec<String>,
}

impl HandwritingPool {
    /// Loads every `*.jsonl` file of a folder, in the order of their names. Items whose label is
    /// not a single symbol that a sheet asks for are passed over; wrong labels are not looked for.
    ///
    /// # Errors
    /// Names the file, and the line where one is no handwriting.
    pub fn load(dir: &Path) -> Result<Self, PoolError> {
        Self::load_but(dir, |_, _| false)
    }

    /// The same without items that are known to be something else than their label says, by the
    /// file's name and the line, counted from 0.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_but(
        dir: &Path,
        is_left_out: impl Fn(&str, usize) -> bool,
    ) -> Result<Self, PoolError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| PoolError::Io { path, source }
        };
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(dir).map_err(io(dir))? {
            let path = entry.map_err(io(dir))?.path();
            if path.extension().is_some_and(|extension| extension == "jsonl") {
                paths.push(path);
            }
        }
        paths.sort();
        let mut writers = BTreeMap::new();
        let mut sources = Vec::new();
        for path in paths {
            let file = BufReader::new(File::open(&path).map_err(io(&path))?);
            let mut used = false;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            for (line, item) in Handwriting::read(file).enumerate() {
                let item = item.map_err(|source| PoolError::Line { path: path.clone(), source })?;
                used |= !is_left_out(&name, line) && keep(&mut writers, item);
            }
            sources.extend(used.then(|| name.into_owned()));
        }
        writers.values_mut().for_each(Writer::measure);
        let pool = Self { sources, writers: Arc::new(writers) };
        if pool.mains().next().is_none() {
            return Err(PoolError::NoWriter { path: dir.to_owned() });
        }
        Ok(pool)
    }

    /// The files that the handwriting came from.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// The same with the handwriting of some writers alone.
    pub fn only(mut self, keep: impl Fn(&str) -> bool) -> Self {
        Arc::make_mut(&mut self.writers).retain(|name, _| keep(name));
        self
    }

    /// How many writers have all ten digits: without one nobody can write.
    pub fn writers(&self) -> usize {
        self.mains().count()
    }

    /// Writers with all ten digits: each can be a pupil's own.
    fn mains(&self) -> impl Iterator<Item = &String> {
        let whole = |writer: &Writer| ('0'..='9').all(|digit| writer.samples.contains_key(&digit));
        self.writers.iter().filter(move |(_, writer)| whole(writer)).map(|(name, _)| name)
    }

    /// One writer per pupil, no writer twice while there are enough; further writers supply what
    /// the first one did not write.
    pub(crate) fn deal(&self, pupils: usize, random: &mut Random) -> Vec<Writers> {
        let mut mains: Vec<&String> = self.mains().collect();
        // Writers who also wrote capitals come first: fewer gaps to fill. Then by chance.
        let mut keyed: Vec<(bool, u64, &String)> = mains
            .drain(..)
            .map(|name| (!self.writers[name].samples.contains_key(&'A'), random.bits(), name))
            .collect();
        keyed.sort();
        (0..pupils)
            .map(|pupil| {
                let main = keyed[pupil % keyed.len()].2;
                let mut names = vec![main.clone()];
                for symbol in SYMBOLS.chars() {
                    if !names.iter().any(|n| self.writers[n].samples.contains_key(&symbol)) {
                        names.extend(self.other(symbol, random));
                    }
                }
                Writers { pool: Arc::clone(&self.writers), names }
            })
            .collect()
    }

    /// A writer who wrote this symbol.
    fn other(&self, symbol: char, random: &mut Random) -> Option<String> {
        let able = |writer: &Writer| writer.samples.contains_key(&symbol);
        let count = self.writers.values().filter(|writer| able(writer)).count();
        let chosen = random.below(count);
        self.writers.iter().filter(|(_, w)| able(w)).nth(chosen).map(|(name, _)| name.clone())
    }
}

/// Keeps an item under its writer; false where it is none that is wanted.
fn keep(writers: &mut BTreeMap<String, Writer>, item: Handwriting) -> bool {
    let mut symbols = item.label.chars();
    let (Some(symbol), None) = (symbols.next(), symbols.next()) else { return false };
    if !SYMBOLS.contains(symbol) {
        return false;
    }
    let point = |p: &Vec<f64>| Point::new(p[0], p[1]);
    let strokes: Vec<Vec<Point>> = item
        .strokes
        .iter()
        .filter(|stroke| !stroke.is_empty())
        .map(|stroke| stroke.iter().map(point).collect())
        .collect();
    if strokes.is_empty() {
        return false;
    }
    let samples = writers.entry(item.writer).or_default().samples.entry(symbol).or_default();
    if samples.len() < SAMPLES_MAX {
        samples.push(strokes);
    }
    true
}

impl Writer {
    /// The median height of the writer's digits, else of their capitals, else of anything.
    fn measure(&mut self) {
        let heights = |wanted: fn(&char) -> bool| {
            let mut heights: Vec<f64> = self
                .samples
                .iter()
                .filter(|(symbol, _)| wanted(symbol))
                .flat_map(|(_, samples)| samples)
                .filter_map(|strokes| Bounds::of(strokes.iter().flatten()))
                .map(|bounds| bounds.height().max(bounds.width()))
                .collect();
            heights.sort_by(f64::total_cmp);
            heights.get(heights.len() / 2).copied()
        };
        let height = heights(char::is_ascii_digit)
            .or_else(|| heights(char::is_ascii_uppercase))
            // A sign is about half as large as a digit.
            .or_else(|| heights(|_| true).map(|height| height * 2.0));
        self.height = height.unwrap_or(1.0).max(1.0);
        self.drop_other_units();
    }

    /// Drops items that are not in the unit of the others: some donors changed their tablet's, and
    /// a digit of 0.3 mm beside one of 30 mm is nobody's handwriting.
    fn drop_other_units(&mut self) {
        let height = self.height;
        self.samples.retain(|symbol, samples| {
            let sizes = match symbol {
                '.' => 0.0..=0.6,
                symbol if symbol.is_ascii_alphanumeric() => 0.5..=2.0,
                _ => 0.2..=2.0,
            };
            samples.retain(|strokes| {
                Bounds::of(strokes.iter().flatten())
                    .is_some_and(|b| sizes.contains(&(b.height().max(b.width()) / height)))
            });
            !samples.is_empty()
        });
    }
}

impl Writers {
    /// One of the samples of a symbol, in units of the writer's digit height with the baseline at
    /// y = 1 and the left edge at x = 0, and who wrote it.
    pub(crate) fn draw(
        &self,
        symbol: char,
        random: &mut Random,
    ) -> Option<(Vec<Vec<Point>>, String)> {
        let (name, writer, samples) = self.names.iter().find_map(|name| {
            let writer = self.pool.get(name)?;
            Some((name, writer, writer.samples.get(&symbol)?))
        })?;
        let sample = samples.get(random.below(samples.len()))?;
        let bounds = Bounds::of(sample.iter().flatten())?;
        let height = bounds.height() / writer.height;
        // The samples do not say where their baseline was: signs stand at mid-height.
        let top = match symbol {
            '+' | '-' | '=' | '<' | '>' => 0.55 - height / 2.0,
            '.' => 1.0 - height.min(0.3),
            _ => 1.0 - height,
        };
        let place = |p: &Point| {
            let (x, y) = (p.x - bounds.left, p.y - bounds.top);
            Point::new(x / writer.height, top + y / writer.height)
        };
        let strokes = sample.iter().map(|stroke| stroke.iter().map(place).collect()).collect();
        Some((strokes, name.clone()))
    }

    /// Every writer, own one first.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }
}
