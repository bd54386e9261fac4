//! The page about the reader: `zhibi report reading`.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use ink::Handwriting;
use recognition::{Alphabet, Read};

use crate::chart;
use crate::figures::{Case, Decided, bins, cases, decided_at, ece, right, steps};
use crate::page::{Figure, Head, met};
use crate::peers::Peer;
use crate::sets::{ECE_MAX, PERTURBED_LOSS_MAX, Set};
use crate::text::{Text, percent};

#[cfg(test)]
mod tests;

/// Errors that are drawn of each set.
const DRAWN_MAX: usize = 50;
/// Microseconds that a symbol may take.
const SYMBOL_US_MAX: f64 = 15.0;

/// A set and what was read of it.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The set.
    pub set: Set,
    /// What was read, in the order of the set's test items.
    pub reads: Vec<Read>,
    /// What was read of the same items perturbed.
    pub perturbed: Vec<Read>,
    /// Microseconds per item, one item after another, in one thread.
    pub us_per_item: f64,
    /// Microseconds per symbol of many read at once, in one thread; none of numbers.
    pub us_batched: Option<f64>,
    /// What others read of it.
    pub peers: Vec<Peer>,
}

/// A file of handwriting.
#[derive(Clone, Debug)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Items.
    pub items: usize,
    /// Items of writers that the reader was not trained on.
    pub test: usize,
    /// Those writers.
    pub writers: usize,
}

/// A line of the terminal's table.
#[derive(Clone, Debug)]
pub struct Line {
    /// The set, in Chinese and English.
    pub name: Text,
    /// Its files.
    pub files: String,
    /// Items.
    pub n: usize,
    /// Figures as text with a sign: right, perturbed, decided at 0.1 %, calibration error.
    pub figures: [String; 4],
}

#[derive(Template)]
#[template(path = "reading.html")]
struct Page<'a> {
    head: &'a Head,
    met: usize,
    goals: usize,
    files: &'a [File],
    sections: Vec<Section<'a>>,
}

struct Section<'a> {
    of: &'a Measured,
    writers: usize,
    right: Figure,
    perturbed: Figure,
    coverage: Figure,
    ece: Figure,
    cost: Figure,
    limits: [(&'static str, Decided); 2],
    wrong: usize,
    lengths: Option<(usize, usize)>,
    confusion: String,
    risk: String,
    reliability: String,
    spread: String,
    flawless: usize,
    errors: Vec<Wrong<'a>>,
}

/// An error as it is drawn.
struct Wrong<'a> {
    ink: String,
    read: &'a Read,
    writer: &'a str,
}

/// The page, and its first table for a terminal.
///
/// # Errors
/// None but for what the template engine may refuse.
pub fn page(
    head: &Head,
    files: &[File],
    measured: &[Measured],
) -> Result<(String, Vec<Line>), askama::Error> {
    let sections: Vec<Section<'_>> = measured.iter().map(Section::new).collect();
    let (met, goals) = met(sections.iter().flat_map(Section::figures));
    let lines = sections.iter().map(Section::line).collect();
    let page = Page { head, met, goals, files, sections }.render()?;
    Ok((page, lines))
}

impl<'a> Section<'a> {
    fn new(of: &'a Measured) -> Self {
        let (cases, perturbed) = (cases(&of.reads), cases(&of.perturbed));
        let (strict, lax) = (decided_at(&cases, 0.001), decided_at(&cases, 0.005));
        let share = right(&cases);
        let lost = share - right(&perturbed);
        let wrong = cases.iter().filter(|case| !case.right).count();
        let (written, read, counts) = confusion(&of.reads, of.set.alphabet);
        let lengths = of.set.alphabet.is_number().then(|| {
            let same = |read: &&Read| read.label.chars().count() == read.read.chars().count();
            let same = of.reads.iter().filter(same).count();
            (same, of.reads.len() - same)
        });
        let writers = by_writer(&of.set.test, &cases);
        let ece = ece(&cases);
        let limits = [("0.1 %", strict), ("0.5 %", lax)];
        let marks = limits
            .map(|(name, decided)| (format!("{name}: {}", percent(decided.coverage())), decided));
        Self {
            of,
            writers: writers.len(),
            right: Figure::at_least(share, of.set.goal.right).note(format!(
                "{} / {}",
                cases.len() - wrong,
                cases.len()
            )),
            perturbed: Figure {
                value: percent(right(&perturbed)),
                goal: of.set.goal.right.map(|_| "−0.5".to_owned()),
                met: of.set.goal.right.map(|_| lost <= PERTURBED_LOSS_MAX),
                note: format!("{:+.2}", -100.0 * lost),
            },
            coverage: Figure::at_least(strict.coverage(), of.set.goal.coverage).note(format!(
                "n {} · ≤ {}",
                strict.decided,
                percent(strict.silent_max())
            )),
            ece: Figure {
                value: format!("{ece:.4}"),
                goal: of.set.goal.right.map(|_| format!("≤ {ECE_MAX}")),
                met: of.set.goal.right.map(|_| ece <= ECE_MAX),
                note: String::new(),
            },
            cost: cost(of),
            limits,
            wrong,
            lengths,
            confusion: chart::confusion(&written, &read, &counts),
            risk: chart::risk_coverage(&steps(&cases), &marks),
            reliability: chart::reliability(&bins(&cases)),
            spread: chart::writers(&writers),
            flawless: writers.iter().filter(|(right, n)| right == n).count(),
            errors: worst(of),
        }
    }

    fn figures(&self) -> [&Figure; 5] {
        [&self.right, &self.perturbed, &self.coverage, &self.ece, &self.cost]
    }

    fn line(&self) -> Line {
        let told = |figure: &Figure| {
            let sign = figure.met.map_or(" ", |met| if met { "✓" } else { "✗" });
            format!("{} {sign}", figure.value)
        };
        Line {
            name: self.of.set.name,
            files: self.of.set.files.clone(),
            n: self.of.reads.len(),
            figures: [&self.right, &self.perturbed, &self.coverage, &self.ece].map(told),
        }
    }
}

/// Time per item; a goal stands for symbols of which many are read at once.
fn cost(of: &Measured) -> Figure {
    match of.us_batched {
        None => Figure::plain(format!("{:.0} µs", of.us_per_item)),
        Some(us) => Figure {
            value: format!("{us:.0} µs"),
            goal: Some(format!("≤ {SYMBOL_US_MAX} µs")),
            met: Some(us <= SYMBOL_US_MAX),
            note: format!("{:.0} µs", of.us_per_item),
        },
    }
}

/// Labels that were written, labels that were read, and how often which as which. Of numbers, the
/// digits of those that were read with as many as were written.
fn confusion(reads: &[Read], alphabet: Alphabet) -> (Vec<String>, Vec<String>, Vec<Vec<usize>>) {
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for read in reads {
        let (written, as_read) = (read.label.chars().count(), read.read.chars().count());
        if !alphabet.is_number() {
            let none = || "∅".to_owned();
            let said = if read.read.is_empty() { none() } else { read.read.clone() };
            *counts.entry((read.label.clone(), said)).or_default() += 1;
        } else if written == as_read {
            for (a, b) in read.label.chars().zip(read.read.chars()) {
                *counts.entry((a.into(), b.into())).or_default() += 1;
            }
        }
    }
    let written: BTreeSet<&String> = counts.keys().map(|(written, _)| written).collect();
    let read: BTreeSet<&String> = counts.keys().flat_map(|(a, b)| [a, b]).collect();
    let row = |a: &String| {
        let of = |b: &&String| counts.get(&(a.clone(), (*b).clone())).copied().unwrap_or(0);
        read.iter().map(of).collect()
    };
    let table = written.iter().map(|a| row(a)).collect();
    let owned = |labels: &BTreeSet<&String>| labels.iter().map(|l| (*l).clone()).collect();
    (owned(&written), owned(&read), table)
}

/// Of each writer the items read right and all items, the least share first.
fn by_writer(items: &[Handwriting], cases: &[Case]) -> Vec<(usize, usize)> {
    let mut writers: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (item, case) in items.iter().zip(cases) {
        let writer = writers.entry(&item.writer).or_default();
        writer.0 += usize::from(case.right);
        writer.1 += 1;
    }
    let mut writers: Vec<(usize, usize)> = writers.into_values().collect();
    // Of equal shares, fewer items say less.
    writers.sort_by(|a, b| (a.0 * b.1).cmp(&(b.0 * a.1)).then(b.1.cmp(&a.1)));
    writers
}

/// The errors that were surest of themselves.
fn worst(of: &Measured) -> Vec<Wrong<'_>> {
    let mut wrong: Vec<(&Handwriting, &Read)> =
        of.set.test.iter().zip(&of.reads).filter(|(_, read)| read.label != read.read).collect();
    wrong.sort_by(|a, b| b.1.confidence.total_cmp(&a.1.confidence));
    wrong
        .into_iter()
        .take(DRAWN_MAX)
        .map(|(item, read)| {
            let point = |p: &Vec<f64>| [p[0], p[1]];
            let strokes: Vec<Vec<[f64; 2]>> =
                item.strokes.iter().map(|s| s.iter().map(point).collect()).collect();
            Wrong { ink: chart::ink(&strokes, &[]), read, writer: &item.writer }
        })
        .collect()
}
