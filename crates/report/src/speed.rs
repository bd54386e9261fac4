//! The page of speeds: figures of one run of `zhibi bench`, or of several in their order.

use askama::Template;

use crate::chart;
use crate::page::Head;
use crate::text::{Text, text};

/// Where a run's figures come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// What tells it from others: its file.
    pub name: String,
    /// The program's version.
    pub program: String,
    /// Processor and threads.
    pub machine: String,
    /// What was made up follows from it.
    pub seed: u64,
    /// About how long each bench measured.
    pub seconds: f64,
}

/// A value with its spread: smallest, median, largest of all rounds.
pub type Spread = [f64; 3];

/// A figure of all runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// Whether more is better.
    pub more_is_better: bool,
    /// A value per run; `None` where a run does not have it, or of another input.
    pub values: Vec<Option<Spread>>,
    /// What it is held against, and its median in the last run that has the figure.
    pub floor: Option<(String, f64)>,
}

/// The figures of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Bench {
    /// What the command calls it.
    pub name: String,
    /// What the figures are of.
    pub of: String,
    /// In their order.
    pub figures: Vec<Figure>,
}

#[derive(Template)]
#[template(path = "speed.html")]
struct Page<'a> {
    head: &'a Head,
    runs: &'a [Run],
    differs: bool,
    benches: Vec<Section<'a>>,
}

struct Section<'a> {
    name: Text,
    of: &'a str,
    figures: Vec<Row<'a>>,
}

struct Row<'a> {
    name: &'a str,
    unit: &'a str,
    median: String,
    range: String,
    floor: Option<Floor<'a>>,
    change: Option<Change>,
    chart: String,
}

struct Floor<'a> {
    name: &'a str,
    median: String,
    ratio: String,
}

struct Change {
    class: &'static str,
    word: Text,
    percent: String,
}

/// The page.
///
/// # Errors
/// None but for what the template engine may refuse.
pub fn page(head: &Head, runs: &[Run], benches: &[Bench]) -> Result<String, askama::Error> {
    let alike = |pair: &[Run]| {
        let [a, b] = [&pair[0], &pair[1]];
        (&a.machine, a.seed) == (&b.machine, b.seed) && a.seconds == b.seconds
    };
    let differs = !runs.windows(2).all(alike);
    let section = |bench| {
        let Bench { name: of, of: what, figures }: &Bench = bench;
        Section { name: name(of), of: what, figures: figures.iter().filter_map(row).collect() }
    };
    let benches = benches.iter().map(section).collect();
    Page { head, runs, differs, benches }.render()
}

/// A figure as a row; `None` where no run has it.
fn row(figure: &Figure) -> Option<Row<'_>> {
    let [min, median, max] = figure.values.iter().rev().find_map(|value| *value)?;
    let floor = figure.floor.as_ref().map(|(name, floor)| Floor {
        name,
        median: short(*floor),
        ratio: format!("× {:.2}", median / floor),
    });
    Some(Row {
        name: &figure.name,
        unit: &figure.unit,
        median: short(median),
        range: if min == max { String::new() } else { format!("{}–{}", short(min), short(max)) },
        floor,
        change: change(figure),
        chart: chart::spreads(&figure.values, figure.floor.as_ref().map(|(_, floor)| *floor)),
    })
}

/// The last run against the first.
fn change(figure: &Figure) -> Option<Change> {
    let (first, last) = (figure.values.first()?.as_ref()?, figure.values.last()?.as_ref()?);
    if figure.values.len() < 2 {
        return None;
    }
    let percent = format!("{:+.1} %", 100.0 * (last[1] / first[1] - 1.0));
    let (more, less) = (last[0] > first[2], last[2] < first[0]);
    let (class, word) = if !more && !less {
        ("muted", text("分不出", "cannot be told"))
    } else if more == figure.more_is_better {
        ("yes", text("变好", "better"))
    } else {
        ("no", text("变差", "worse"))
    };
    Some(Change { class, word, percent })
}

/// What a bench is called.
fn name(command: &str) -> Text {
    const NAMES: [Text; 9] = [
        text("编码", "codec"),
        text("栅格化", "raster"),
        text("识别", "read"),
        text("判题", "mark"),
        text("接收", "ingest"),
        text("存储", "store"),
        text("学情", "learn"),
        text("网页", "web"),
        text("从笔到结果", "end-to-end"),
    ];
    NAMES.into_iter().find(|name| name.en == command).unwrap_or(text("其他", "other"))
}

/// Three or four digits, with k or M.
pub fn short(value: f64) -> String {
    let (value, letter) = match value.abs() {
        size if size >= 1e6 => (value / 1e6, " M"),
        size if size >= 1e4 => (value / 1e3, " k"),
        _ => (value, ""),
    };
    let digits = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.digits$}{letter}")
}

#[cfg(test)]
mod tests;
