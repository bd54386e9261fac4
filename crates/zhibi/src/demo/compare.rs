//! What came out, held against what was meant.

use std::collections::BTreeMap;

use pen_sim::{Evening, Expected, ExpectedRed, ExpectedVerdict};
use serde::Serialize;
use store::{ResultRow, Store};
use worksheet::Decimal;

use crate::Verdict;
use crate::evening::Sent;

/// The figures of a run; the field names are a contract.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    pupils: usize,
    papers: u64,
    samples_sent: u64,
    /// Copies that pens handed over.
    chunks_sent: u64,
    chunks_stored: u64,
    /// Copies among them of chunks already handed over.
    duplicates: u64,
    gateway_resends: u64,
    /// Responses in parts of questions that have a key.
    responses: u64,
    /// Those that the machine decided.
    decided: u64,
    /// Share of those that equal what the pupil meant.
    agree_with_expected: f64,
    /// Those that a person must decide.
    review: u64,
    #[serde(skip)]
    papers_marked: u64,
    #[serde(skip)]
    red: Tally,
    #[serde(skip)]
    disagreements: BTreeMap<String, u64>,
}

/// How many of some, and how many of those were right.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    all: u64,
    right: u64,
}

/// Collects the figures of an evening that has been marked.
pub(crate) async fn figures(
    store: &Store,
    evening: &Evening,
    sent: Sent,
    gateway: &gateway::Counters,
) -> anyhow::Result<Figures> {
    let totals = store.totals().await?;
    let results: BTreeMap<(String, String, String), ResultRow> = store
        .results()
        .await?
        .into_iter()
        .map(|row| ((row.assignment.clone(), row.pupil.clone(), row.part.clone()), row))
        .collect();
    let mut pupils: Vec<&str> = evening.truth.responses.iter().map(|e| e.pupil.as_str()).collect();
    pupils.sort_unstable();
    pupils.dedup();
    let mut figures = Figures {
        pupils: pupils.len(),
        papers: totals.papers.unsigned_abs(),
        samples_sent: evening.samples,
        chunks_sent: sent.chunks,
        chunks_stored: totals.chunks.unsigned_abs(),
        duplicates: sent.duplicates,
        gateway_resends: gateway.chunks_resent,
        responses: 0,
        decided: 0,
        agree_with_expected: 0.0,
        review: 0,
        papers_marked: totals.papers_marked.unsigned_abs(),
        red: Tally::default(),
        disagreements: BTreeMap::new(),
    };
    let mut agreed = 0_u64;
    for expected in &evening.truth.responses {
        let key = (expected.assignment.clone(), expected.pupil.clone(), expected.part.clone());
        let result = results.get(&key);
        agreed += u64::from(figures.count(expected, result));
    }
    if figures.decided > 0 {
        figures.agree_with_expected = agreed as f64 / figures.decided as f64;
    }
    Ok(figures)
}

impl Figures {
    /// Counts one response; whether it was decided and equals what was meant.
    fn count(&mut self, expected: &Expected, result: Option<&ResultRow>) -> bool {
        if let Some(red) = &expected.red {
            self.red.all += 1;
            self.red.right += u64::from(result.is_some_and(|row| read_as(red, row)));
        }
        if expected.key.is_none() {
            return false;
        }
        self.responses += 1;
        // A page that nobody touched has no paper and no response: it was left blank.
        let decided = result.is_none_or(|row| row.decided);
        if !decided {
            self.review += 1;
            return false;
        }
        self.decided += 1;
        let read = result.and_then(|row| row.reading.as_deref());
        let agrees = same(read, expected.meant.as_deref());
        if !agrees {
            let tricks = match expected.tricks.join("+") {
                none if none.is_empty() => "plain".to_owned(),
                tricks => tricks,
            };
            let meant = expected.meant.as_deref().unwrap_or("(blank)");
            let what = format!("{tricks}: {meant} read as {}", read.unwrap_or("(blank)"));
            *self.disagreements.entry(what).or_default() += 1;
        }
        agrees
    }

    /// Whether the run reached what it must reach.
    pub(crate) fn verdict(&self) -> Verdict {
        let stored_once = self.chunks_stored + self.duplicates == self.chunks_sent;
        let all_marked = self.papers_marked == self.papers;
        if stored_once && all_marked { Verdict::Clean } else { Verdict::Findings }
    }

    /// Prints them: JSON to standard output, or a table to standard error.
    pub(crate) fn print(&self, json: bool) -> std::io::Result<()> {
        if json {
            // A struct of numbers always serializes.
            return put!("{}", serde_json::to_string(self).unwrap_or_default());
        }
        let share = |part: u64, whole: u64| 100.0 * part as f64 / whole.max(1) as f64;
        tell!("");
        tell!("  papers marked     {} of {}", self.papers_marked, self.papers);
        tell!(
            "  chunks            {} sent, {} of them copies, {} stored",
            self.chunks_sent,
            self.duplicates,
            self.chunks_stored
        );
        tell!("  gateway resends   {}", self.gateway_resends);
        tell!(
            "  responses         {}: {} decided by machine ({:.1} %), {} to decide",
            self.responses,
            self.decided,
            share(self.decided, self.responses),
            self.review
        );
        tell!("  as meant          {:.2} % of the decided", 100.0 * self.agree_with_expected);
        tell!("  red marks         {} of {} read as meant", self.red.right, self.red.all);
        for (what, count) in self.disagreements.iter().take(20) {
            tell!("    {count} × {what}");
        }
        Ok(())
    }
}

/// Whether a red mark was read as the teacher meant it: a score by its points, a tick as all of
/// them, a cross as none.
fn read_as(red: &ExpectedRed, row: &ResultRow) -> bool {
    match (red.score, red.verdict) {
        (Some(score), _) => row.red_score == Some(score.0.into()),
        (None, Some(ExpectedVerdict::Right)) => row.red_score.is_some_and(|score| score > 0),
        (None, Some(ExpectedVerdict::Wrong)) => row.red_score == Some(0),
        (None, _) => row.red_score.is_none(),
    }
}

/// Whether a reading says what was meant: numbers by value, the rest by letter.
pub(crate) fn same(read: Option<&str>, meant: Option<&str>) -> bool {
    match (read, meant) {
        (Some(read), Some(meant)) => {
            let by_value = Decimal::parse(read).zip(Decimal::parse(meant));
            read == meant || by_value.is_some_and(|(read, meant)| read == meant)
        }
        (read, meant) => read == meant,
    }
}
