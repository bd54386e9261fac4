//! The page about marking: `zhibi report marking`.

use std::collections::BTreeMap;

use askama::Template;
use marking::Thresholds;

use crate::chart;
use crate::drift::DRIFTS;
use crate::figures::{Case, Decided, decided_from, steps, upper_bound};
use crate::page::{Figure, Head, met};
use crate::tally::{Counts, KINDS, Outcome, Red, Tally};
use crate::text::{Text, percent};
use crate::variants::{self, Tried};
use crate::words::words;

#[cfg(test)]
mod tests;

/// What is to be decided by the machine at least, and what of it may be wrong.
const DECIDED_MIN: f64 = 0.97;
const SILENT_MAX: f64 = 0.001;
/// Silent errors that are drawn.
const DRAWN_MAX: usize = 60;

/// What the page is about.
#[derive(Debug)]
pub struct Measured<'a> {
    /// How many evenings, and of how many pupils each.
    pub evenings: u32,
    /// Pupils of each.
    pub pupils: u32,
    /// Files of real handwriting and how many of its writers are unseen; `None` with synthetic hands.
    pub hands: Option<(String, usize)>,
    /// All evenings.
    pub tally: &'a Tally,
    /// What became of each of [`variants::KINDS`].
    pub variants: &'a [Tried],
    /// Of each of [`DRIFTS`], marked alone and by a learnt registration.
    pub drifts: &'a [[Counts; 2]],
    /// What decided.
    pub thresholds: &'a Thresholds,
}

/// Counts as the page shows them: a row of a table and of the terminal.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it is of.
    pub name: Text,
    /// Responses.
    pub all: usize,
    /// Decided, with its goal.
    pub(crate) decided: Figure,
    /// Wrong among them, with its goal.
    pub(crate) silent: Figure,
    /// Silent errors.
    pub wrong: usize,
    bar: String,
}

impl Row {
    /// The figures as text, each with a sign.
    pub fn figures(&self) -> [String; 2] {
        [&self.decided, &self.silent].map(|figure| {
            let sign = figure.met.map_or(" ", |met| if met { "✓" } else { "✗" });
            format!("{} {sign}", figure.value)
        })
    }
}

#[derive(Template)]
#[template(path = "marking.html")]
struct Page<'a> {
    head: &'a Head,
    of: &'a Measured<'a>,
    met: usize,
    goals: usize,
    kinds: Vec<Row>,
    tricks: Vec<Row>,
    variants: Vec<Row>,
    drifts: Vec<Drift>,
    curves: Vec<(Text, String)>,
    reasons: Reasons,
    errors: Vec<&'a Outcome>,
    drawn: Vec<Wrong<'a>>,
    red: Red,
}

struct Drift {
    told: String,
    alone: Row,
    learnt: Row,
}

struct Reasons {
    kinds: Vec<Text>,
    rows: Vec<(Text, Vec<usize>, usize)>,
}

struct Wrong<'a> {
    ink: String,
    of: &'a Outcome,
    kind: Text,
    tricks: Vec<Text>,
}

/// The page, and its first table for a terminal.
///
/// # Errors
/// None but for what the template engine may refuse.
pub fn page(head: &Head, of: &Measured<'_>) -> Result<(String, Vec<Row>), askama::Error> {
    let outcomes = &of.tally.outcomes;
    let all = words_of("all kinds", "全部");
    let mut kinds = vec![row(all, Counts::of(outcomes.iter()), true)];
    let by_kind = of.tally.by_kind();
    let in_order = || KINDS.iter().filter_map(|kind| Some((*kind, by_kind.get(kind)?)));
    for (kind, outcomes) in in_order() {
        kinds.push(row(words(kind), Counts::of(outcomes.iter().copied()), true));
    }
    let of_trick = |name: &'static str| {
        let of_it = outcomes.iter().filter(|o| o.tricks.iter().any(|trick| trick == name));
        (words(name), Counts::of(of_it))
    };
    let plain = outcomes.iter().filter(|o| o.tricks.is_empty());
    let tricks = std::iter::once((words("plain"), Counts::of(plain)))
        .chain(pen_sim::TRICKS.into_iter().map(of_trick))
        .filter(|(_, counts)| counts.all > 0)
        .map(|(name, counts)| row(name, counts, false));
    let variants = variants::KINDS.iter().zip(of.variants).map(|(kind, tried)| {
        let counts =
            Counts { all: tried.all, decided: tried.right + tried.silent, as_meant: tried.right };
        row(words(kind.name), counts, false)
    });
    let curves = in_order().filter_map(|(kind, outcomes)| {
        let decide_min = match kind {
            "number" => of.thresholds.decide_number_min,
            _ => of.thresholds.decide_min,
        };
        let cases: Vec<Case> = outcomes.iter().filter_map(|o| o.case(decide_min)).collect();
        let is_read = cases.iter().any(|case| case.probability < 1.0);
        is_read.then(|| (words(kind), curve(&cases, decide_min)))
    });
    let errors: Vec<&Outcome> = outcomes.iter().filter(|o| o.is_silently_wrong()).collect();
    let (met, goals) = met(kinds.iter().flat_map(|row| [&row.decided, &row.silent]));
    let page = Page {
        head,
        of,
        met,
        goals,
        tricks: tricks.collect(),
        variants: variants.collect(),
        drifts: DRIFTS.iter().zip(of.drifts).map(Drift::new).collect(),
        curves: curves.collect(),
        reasons: Reasons::new(&in_order().collect::<Vec<_>>()),
        drawn: errors.iter().take(DRAWN_MAX).map(|outcome| Wrong::new(outcome)).collect(),
        errors,
        red: of.tally.red,
        kinds: kinds.clone(),
    };
    Ok((page.render()?, kinds))
}

fn words_of(en: &'static str, zh: &'static str) -> Text {
    Text { zh, en }
}

fn row(name: Text, counts: Counts, has_goal: bool) -> Row {
    let silent = counts.silent();
    let goal = |goal| has_goal.then_some(goal);
    let of_decided = if counts.decided == 0 {
        Figure::plain("–".into())
    } else {
        let share = silent as f64 / counts.decided as f64;
        let bound = percent(upper_bound(silent, counts.decided));
        Figure::at_most(share, goal(SILENT_MAX))
            .note(format!("{silent} / {} · ≤ {bound}", counts.decided))
    };
    Row {
        name,
        all: counts.all,
        decided: Figure::at_least(counts.share_decided(), goal(DECIDED_MIN)),
        silent: of_decided,
        wrong: silent,
        bar: chart::bar(counts.as_meant, counts.all - counts.decided, silent),
    }
}

fn curve(cases: &[Case], decide_min: f32) -> String {
    let at: Decided = decided_from(cases, decide_min);
    let told = format!("≥ {decide_min}: {} · {}", percent(at.coverage()), percent(at.silent()));
    chart::risk_coverage(&steps(cases), &[(told, at)])
}

impl Drift {
    fn new((drift, [alone, learnt]): (&[f64; 4], &[Counts; 2])) -> Self {
        let [x, y, degrees, scale] = drift;
        let parts = [(x, "→", "mm"), (y, "↓", "mm"), (degrees, "↻", "°"), (scale, "⤢", "%")];
        let told: Vec<String> = parts
            .iter()
            .filter(|(by, ..)| **by != 0.0)
            .map(|(by, sign, unit)| format!("{sign} {by:+} {unit}"))
            .collect();
        let told = if told.is_empty() { "0".to_owned() } else { told.join("  ") };
        let none = words_of("", "");
        Self { told, alone: row(none, *alone, false), learnt: row(none, *learnt, false) }
    }
}

impl Reasons {
    /// How often each kind of question goes to a person for each reason, the most frequent first.
    fn new(by_kind: &[(&'static str, &Vec<&Outcome>)]) -> Self {
        let mut counts: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
        for (column, (_, outcomes)) in by_kind.iter().enumerate() {
            for outcome in outcomes.iter().filter(|outcome| !outcome.decided) {
                let of_it = counts.entry(outcome.reason());
                of_it.or_insert_with(|| vec![0; by_kind.len()])[column] += 1;
            }
        }
        let mut rows: Vec<_> = counts
            .into_iter()
            .map(|(reason, counts)| {
                let sum: usize = counts.iter().sum();
                (words(reason), counts, sum)
            })
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.2));
        Self { kinds: by_kind.iter().map(|(kind, _)| words(kind)).collect(), rows }
    }
}

impl<'a> Wrong<'a> {
    fn new(of: &'a Outcome) -> Self {
        let trick = |name: &String| pen_sim::TRICKS.into_iter().find(|trick| trick == name);
        Self {
            ink: chart::ink(&of.ink[0], &of.ink[1]),
            of,
            kind: words(of.kind),
            tricks: of.tricks.iter().filter_map(trick).map(words).collect(),
        }
    }
}
