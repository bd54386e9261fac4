//! What became of the responses, by kind of question.

use std::collections::BTreeMap;
use std::fmt;

use marking::{MarkedPaper, Response, Verdict};
use pen_sim::{AssignmentPlan, Expected, ExpectedVerdict, Truth};
use worksheet::{Accepted, Kind, Written};

use crate::evening::Paper;

/// Thresholds that the printed table compares.
const THRESHOLDS: [f32; 8] = [0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995];
/// Mistakes that are printed.
const EXAMPLES_MAX: usize = 60;

/// Papers held against what was meant by them.
#[derive(Debug, Default)]
pub struct Tally {
    kinds: BTreeMap<&'static str, OfKind>,
    /// By trick: responses, decided, of these as meant.
    tricks: BTreeMap<String, [usize; 3]>,
    red: Red,
    mistakes: Vec<String>,
    reviews: Vec<String>,
}

#[derive(Debug, Default)]
struct OfKind {
    all: usize,
    decided: usize,
    as_meant: usize,
    /// Why the others were not.
    reviews: BTreeMap<&'static str, usize>,
    /// Readings where probability alone decides or does not: (probability, whether as meant).
    readings: Vec<(f32, bool)>,
}

#[derive(Debug, Default)]
struct Red {
    all: usize,
    as_meant: usize,
    unclear: usize,
    wrong: usize,
    /// Marks where the teacher gave none.
    invented: usize,
}

fn name_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::Number(_) => "number",
        Kind::Letter(_) => "letter",
        Kind::TrueFalse => "true/false",
        Kind::Comparison => "comparison",
        Kind::Choice | Kind::Choices => "bubbles",
        Kind::Free => "free",
        Kind::Digits | Kind::Expression | Kind::Character => "other",
    }
}

fn equal(kind: &Kind, meant: &str, read: &Written) -> bool {
    Written::parse(kind, meant).is_some_and(|meant| Accepted::one(meant).holds(read))
}

impl Tally {
    /// Adds one marked page.
    ///
    /// # Panics
    /// If plan, paper and truth are not of one evening.
    pub fn add(
        &mut self,
        plan: &AssignmentPlan,
        paper: &Paper,
        marked: &MarkedPaper,
        truth: &Truth,
    ) {
        for response in &marked.responses {
            let part = plan.worksheet.part(&response.part).expect("of this sheet").part;
            let of_it = |e: &&Expected| {
                e.assignment == plan.id && e.pupil == paper.pupil && e.part == part.id
            };
            let expected = truth.responses.iter().find(of_it).expect("one per part");
            let who = format!(
                "{} {} {} {} {:?}",
                truth.seed, plan.id, paper.pupil, part.id, expected.tricks
            );
            self.add_red(response, expected, &who);
            if expected.key.is_some() {
                self.add_response(&part.kind, response, expected, &who);
            }
        }
    }

    fn add_response(&mut self, asked: &Kind, response: &Response, expected: &Expected, who: &str) {
        let kind = self.kinds.entry(name_of(asked)).or_default();
        kind.all += 1;
        let read = response.reading.as_ref();
        let as_meant = match (&expected.meant, read) {
            (None, None) => true,
            (Some(meant), Some(read)) => equal(asked, meant, &read.written),
            _ => false,
        };
        let decided = response.machine.is_some();
        let told = format!(
            "{who} meant {:?} read {:?} {:.4} {}",
            expected.meant.as_deref().unwrap_or("–"),
            read.map_or("–".to_owned(), |r| r.written.to_string()),
            read.map_or(0.0, |r| r.probability),
            response.review.map_or("", |r| r.code()),
        );
        kind.decided += usize::from(decided);
        kind.as_meant += usize::from(decided && as_meant);
        if decided && !as_meant {
            self.mistakes.push(told);
        } else if !decided {
            // A red mark decides and leaves no reason; the machine alone had one.
            *kind.reviews.entry(response.review.map_or("by_red", |r| r.code())).or_default() += 1;
            self.reviews.push(told);
        }
        let doubtful = response.review.map(|r| r.code());
        if let Some(read) = read.filter(|_| matches!(doubtful, None | Some("low_confidence"))) {
            kind.readings.push((read.probability, as_meant));
        }
        for trick in expected.tricks.iter().map(String::as_str).chain(["(all)"]) {
            let [all, of_them, right] = self.tricks.entry(trick.to_owned()).or_default();
            *all += 1;
            *of_them += usize::from(decided);
            *right += usize::from(decided && as_meant);
        }
    }

    fn add_red(&mut self, response: &Response, expected: &Expected, who: &str) {
        if expected.red.is_none()
            && (response.red_mark.is_some() || !response.red_criteria.is_empty())
        {
            self.red.invented += 1;
            self.mistakes.push(format!("{who} red {response:?} that was not given"));
        }
        let Some(meant) = &expected.red else { return };
        let criteria = meant.criteria.iter().map(|(criterion, score)| {
            let of_it = response.red_criteria.iter().find(|given| given.criterion == *criterion);
            (of_it.map(|given| given.mark.score) == Some(*score), of_it.is_some())
        });
        let whole = meant.criteria.is_empty().then(|| {
            let mark = response.red_mark;
            let same = match (meant.verdict, meant.score) {
                (Some(ExpectedVerdict::Right), _) => {
                    mark.map(|m| m.verdict) == Some(Verdict::Right)
                }
                (Some(_), _) => mark.map(|m| m.verdict) == Some(Verdict::Wrong),
                (None, score) => mark.map(|m| m.score) == score,
            };
            (same, mark.is_some())
        });
        for (same, read) in criteria.chain(whole).collect::<Vec<_>>() {
            self.red.all += 1;
            match (same, read) {
                (true, _) => self.red.as_meant += 1,
                (false, true) => {
                    self.red.wrong += 1;
                    self.mistakes.push(format!("{who} red {response:?} where {meant:?} was given"));
                }
                (false, false) => {
                    self.red.unclear += 1;
                    self.reviews.push(format!("{who} red {meant:?} was not read"));
                }
            }
        }
    }

    /// The share of the responses that were decided, and of these the share as meant.
    pub fn totals(&self) -> (f64, f64) {
        let sum = |of: fn(&OfKind) -> usize| self.kinds.values().map(of).sum::<usize>() as f64;
        let decided = sum(|k| k.decided);
        (decided / sum(|k| k.all), sum(|k| k.as_meant) / decided)
    }

    /// Over all and for each kind: at least `decided` of the responses, `as_meant` of those.
    ///
    /// # Panics
    /// If they are fewer.
    pub fn check(&self, decided: f64, as_meant: f64) {
        let (all_decided, all_as_meant) = self.totals();
        assert!(all_decided >= decided && all_as_meant >= as_meant, "{all_decided} {all_as_meant}");
        for (name, kind) in &self.kinds {
            let share = kind.decided as f64 / kind.all as f64;
            let agreement = kind.as_meant as f64 / kind.decided as f64;
            assert!(share >= decided && agreement >= as_meant, "{name}: {share} {agreement}");
        }
    }

    /// At least `as_meant` of the red marks are read as they were meant.
    ///
    /// # Panics
    /// If they are fewer, or there are none.
    pub fn check_red(&self, as_meant: f64) {
        let red = &self.red;
        assert!(red.all > 0, "the teacher marked nothing");
        let share = red.as_meant as f64 / red.all as f64;
        assert!(share >= as_meant, "{share} of {} red marks as meant", red.all);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |part: usize, all: usize| 100.0 * part as f64 / all.max(1) as f64;
        let (decided, as_meant) = self.totals();
        writeln!(
            f,
            "decided {:.2} %, of these as meant {:.3} %",
            100.0 * decided,
            100.0 * as_meant
        )?;
        for (name, kind) in &self.kinds {
            writeln!(
                f,
                "{name:>12}: {:>5} decided {:>6.2} % as meant {:>7.3} %  review {:?}",
                kind.all,
                percent(kind.decided, kind.all),
                percent(kind.as_meant, kind.decided),
                kind.reviews,
            )?;
            if kind.readings.is_empty() || kind.readings.iter().all(|r| r.0 == 1.0) {
                continue;
            }
            for least in THRESHOLDS {
                let sure: Vec<_> = kind.readings.iter().filter(|r| r.0 >= least).collect();
                let wrong = sure.iter().filter(|r| !r.1).count();
                write!(
                    f,
                    "  ≥{least}: {:.1}/{:.2}",
                    percent(sure.len(), kind.readings.len()),
                    percent(wrong, sure.len())
                )?;
            }
            writeln!(f, "  (% of readings / % of these wrong)")?;
        }
        for (trick, [all, decided, right]) in &self.tricks {
            writeln!(
                f,
                "{trick:>24}: {all:>5} decided {:>6.2} % as meant {:>7.3} %",
                percent(*decided, *all),
                percent(*right, *decided),
            )?;
        }
        let Red { all, as_meant, unclear, wrong, invented } = self.red;
        writeln!(
            f,
            "red: {all} as meant {as_meant} unclear {unclear} wrong {wrong} invented {invented}"
        )?;
        for told in self.mistakes.iter().take(EXAMPLES_MAX) {
            writeln!(f, "WRONG  {told}")?;
        }
        for told in self.reviews.iter().take(EXAMPLES_MAX) {
            writeln!(f, "review {told}")?;
        }
        Ok(())
    }
}
