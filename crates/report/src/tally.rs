//! What became of the responses, by kind of question.

use std::collections::BTreeMap;
use std::fmt;

use ink::{Stroke, StrokeKey};
use marking::{MarkedPaper, PageInk, Response, Verdict};
use pen_sim::{AssignmentPlan, Expected, ExpectedVerdict, Truth};
use worksheet::{Accepted, Kind, Review, Written};

use crate::figures::Case;

/// Thresholds that the printed table compares.
const THRESHOLDS: [f32; 8] = [0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995];
/// Mistakes that are printed.
const EXAMPLES_MAX: usize = 60;

/// Papers held against what was meant by them.
#[derive(Debug, Default)]
pub struct Tally {
    /// What became of each response that has a key.
    pub outcomes: Vec<Outcome>,
    /// What became of the red pen's marks.
    pub red: Red,
    /// Red marks that were misread, and those that were not read, in words.
    red_told: [Vec<String>; 2],
}

/// What became of one response.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The evening's seed, assignment, pupil and part.
    pub who: String,
    /// What was asked for, as [`kind_of`] names it.
    pub kind: &'static str,
    /// What makes it hard, as [`pen_sim::TRICKS`] names it.
    pub tricks: Vec<String>,
    /// What the pupil meant; `None` left it blank.
    pub meant: Option<String>,
    /// What was read.
    pub read: Option<String>,
    /// How likely the reading was said to be, 0–1; 0 without one.
    pub probability: f32,
    /// Whether the machine decided.
    pub decided: bool,
    /// Whether what was read is what was meant.
    pub as_meant: bool,
    /// Why a person must decide.
    pub review: Option<Review>,
    /// Where it is decided and wrong: the strokes that count, and those taken back.
    pub ink: [Vec<Vec<[f64; 2]>>; 2],
}

impl Outcome {
    /// Whether it was decided and is wrong.
    pub fn is_silently_wrong(&self) -> bool {
        self.decided && !self.as_meant
    }

    /// Where a probability of at least `decide_min` decides and nothing else: the case.
    pub fn case(&self, decide_min: f32) -> Option<Case> {
        let doubted = self.review == Some(Review::LowConfidence) && self.probability < decide_min;
        let case = Case { probability: self.probability, right: self.as_meant };
        (self.read.is_some() && (self.decided || doubted)).then_some(case)
    }

    /// Why it was not decided, as text. A red mark decides and leaves no reason; the machine alone
    /// had one.
    pub fn reason(&self) -> &'static str {
        self.review.map_or("by_red", Review::code)
    }

    fn told(&self) -> String {
        format!(
            "{} {:?} meant {:?} read {:?} {:.4} {}",
            self.who,
            self.tricks,
            self.meant.as_deref().unwrap_or("–"),
            self.read.as_deref().unwrap_or("–"),
            self.probability,
            self.review.map_or("", Review::code),
        )
    }
}

/// How many of some were decided, and how many of those as meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Responses.
    pub all: usize,
    /// Decided by the machine.
    pub decided: usize,
    /// Of these, as the pupil meant.
    pub as_meant: usize,
}

impl Counts {
    /// Counts some outcomes.
    pub fn of<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> Self {
        outcomes.fold(Self::default(), |counts, outcome| Self {
            all: counts.all + 1,
            decided: counts.decided + usize::from(outcome.decided),
            as_meant: counts.as_meant + usize::from(outcome.decided && outcome.as_meant),
        })
    }

    /// Decided, and not as meant.
    pub fn silent(&self) -> usize {
        self.decided - self.as_meant
    }

    /// The share that is decided, 0–1.
    pub fn share_decided(&self) -> f64 {
        self.decided as f64 / self.all.max(1) as f64
    }

    /// The share of the decided that is as meant, 0–1.
    pub fn share_as_meant(&self) -> f64 {
        self.as_meant as f64 / self.decided.max(1) as f64
    }
}

/// What became of the red pen's marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Red {
    /// Marks that the teacher gave.
    pub all: usize,
    /// Read as they were meant.
    pub as_meant: usize,
    /// Not read.
    pub unclear: usize,
    /// Misread.
    pub wrong: usize,
    /// Marks where the teacher gave none.
    pub invented: usize,
}

/// The kinds of questions, as outcomes name them.
pub const KINDS: [&str; 10] = [
    "number",
    "letter",
    "true/false",
    "comparison",
    "bubbles",
    "steps",
    "column",
    "pairs",
    "free",
    "other",
];

/// The name of a kind of question.
pub fn kind_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::Number(_) => "number",
        Kind::Letter(_) => "letter",
        Kind::TrueFalse => "true/false",
        Kind::Comparison => "comparison",
        Kind::Choice | Kind::Choices => "bubbles",
        Kind::Steps => "steps",
        Kind::Column => "column",
        Kind::Pairs => "pairs",
        Kind::Free => "free",
        Kind::Digits | Kind::Expression | Kind::Character => "other",
    }
}

fn equal(kind: &Kind, meant: &str, read: &Written) -> bool {
    Written::parse(kind, meant).is_some_and(|meant| match meant {
        // Working is right or wrong by its steps, and read or misread by its text.
        Written::Steps(_) => meant == *read,
        meant => Accepted::one(meant).holds(read),
    })
}

impl Tally {
    /// Adds one marked page of a pupil.
    ///
    /// # Panics
    /// If plan, pupil and truth are not of one evening.
    pub fn add(
        &mut self,
        plan: &AssignmentPlan,
        (pupil, ink): (&str, &PageInk),
        marked: &MarkedPaper,
        truth: &Truth,
    ) {
        for response in &marked.responses {
            let part = plan.worksheet.part(&response.part).expect("of this sheet").part;
            let of_it =
                |e: &&Expected| e.assignment == plan.id && e.pupil == pupil && e.part == part.id;
            let expected = truth.responses.iter().find(of_it).expect("one per part");
            let who = format!("{} {} {} {}", truth.seed, plan.id, pupil, part.id);
            self.add_red(response, expected, &who);
            if expected.key.is_some() {
                self.outcomes.push(outcome(&part.kind, response, expected, ink, who));
            }
        }
    }

    /// Adds what another tally holds.
    pub fn append(&mut self, mut other: Self) {
        self.outcomes.append(&mut other.outcomes);
        let (red, more) = (&mut self.red, other.red);
        red.all += more.all;
        red.as_meant += more.as_meant;
        red.unclear += more.unclear;
        red.wrong += more.wrong;
        red.invented += more.invented;
        self.red_told
            .iter_mut()
            .zip(&mut other.red_told)
            .for_each(|(told, more)| told.append(more));
    }

    fn add_red(&mut self, response: &Response, expected: &Expected, who: &str) {
        if expected.red.is_none()
            && (response.red_mark.is_some() || !response.red_criteria.is_empty())
        {
            self.red.invented += 1;
            self.red_told[0].push(format!("{who} red {response:?} that was not given"));
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
                    self.red_told[0]
                        .push(format!("{who} red {response:?} where {meant:?} was given"));
                }
                (false, false) => {
                    self.red.unclear += 1;
                    self.red_told[1].push(format!("{who} red {meant:?} was not read"));
                }
            }
        }
    }

    /// The share of the responses that were decided, and of these the share as meant.
    pub fn totals(&self) -> (f64, f64) {
        let counts = Counts::of(self.outcomes.iter());
        (counts.share_decided(), counts.share_as_meant())
    }

    /// The outcomes of each kind that occurs.
    pub fn by_kind(&self) -> BTreeMap<&'static str, Vec<&Outcome>> {
        let mut kinds: BTreeMap<&'static str, Vec<&Outcome>> = BTreeMap::new();
        self.outcomes.iter().for_each(|o| kinds.entry(o.kind).or_default().push(o));
        kinds
    }

    /// The outcomes with each trick that occurs, and those without any as `plain`.
    pub fn by_trick(&self) -> BTreeMap<&str, Vec<&Outcome>> {
        let mut tricks: BTreeMap<&str, Vec<&Outcome>> = BTreeMap::new();
        for outcome in &self.outcomes {
            for trick in &outcome.tricks {
                tricks.entry(trick).or_default().push(outcome);
            }
            if outcome.tricks.is_empty() {
                tricks.entry("plain").or_default().push(outcome);
            }
        }
        tricks
    }

    /// Over all and for each kind: at least `decided` of the responses, `as_meant` of those.
    ///
    /// # Panics
    /// If they are fewer.
    pub fn check(&self, decided: f64, as_meant: f64) {
        let (all_decided, all_as_meant) = self.totals();
        assert!(all_decided >= decided && all_as_meant >= as_meant, "{all_decided} {all_as_meant}");
        for (name, outcomes) in self.by_kind() {
            let counts = Counts::of(outcomes.into_iter());
            let (share, agreement) = (counts.share_decided(), counts.share_as_meant());
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

/// Holds one response against what was meant.
fn outcome(
    asked: &Kind,
    response: &Response,
    expected: &Expected,
    ink: &PageInk,
    who: String,
) -> Outcome {
    let read = response.reading.as_ref();
    let as_meant = match (&expected.meant, read) {
        (None, None) => true,
        (Some(meant), Some(read)) => equal(asked, meant, &read.written),
        _ => false,
    };
    let decided = response.machine.is_some();
    let drawn = |keys: &[StrokeKey]| {
        let of_it = ink.pupil.iter().filter(|stroke| keys.contains(&stroke.key));
        let points = |stroke: &Stroke| {
            stroke.samples.iter().map(|s| [s.x_um, s.y_um].map(f64::from)).collect()
        };
        of_it.map(points).collect()
    };
    let ink = if decided && !as_meant {
        [drawn(&response.live), drawn(&response.superseded)]
    } else {
        Default::default()
    };
    Outcome {
        who,
        kind: kind_of(asked),
        tricks: expected.tricks.clone(),
        meant: expected.meant.clone(),
        read: read.map(|r| r.written.to_string()),
        probability: read.map_or(0.0, |r| r.probability),
        decided,
        as_meant,
        review: response.review,
        ink,
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
        for (name, outcomes) in self.by_kind() {
            let counts = Counts::of(outcomes.iter().copied());
            let mut reviews: BTreeMap<&str, usize> = BTreeMap::new();
            for outcome in outcomes.iter().filter(|outcome| !outcome.decided) {
                *reviews.entry(outcome.reason()).or_default() += 1;
            }
            writeln!(
                f,
                "{name:>12}: {:>5} decided {:>6.2} % as meant {:>7.3} %  review {reviews:?}",
                counts.all,
                100.0 * counts.share_decided(),
                100.0 * counts.share_as_meant(),
            )?;
            let cases: Vec<Case> =
                outcomes.iter().filter_map(|outcome| outcome.case(f32::INFINITY)).collect();
            if cases.iter().all(|case| case.probability == 1.0) {
                continue;
            }
            for least in THRESHOLDS {
                let sure: Vec<_> = cases.iter().filter(|c| c.probability >= least).collect();
                let wrong = sure.iter().filter(|c| !c.right).count();
                write!(
                    f,
                    "  ≥{least}: {:.1}/{:.2}",
                    percent(sure.len(), cases.len()),
                    percent(wrong, sure.len())
                )?;
            }
            writeln!(f, "  (% of readings / % of these wrong)")?;
        }
        for (trick, outcomes) in self.by_trick() {
            let counts = Counts::of(outcomes.into_iter());
            writeln!(
                f,
                "{trick:>24}: {:>5} decided {:>6.2} % as meant {:>7.3} %",
                counts.all,
                100.0 * counts.share_decided(),
                100.0 * counts.share_as_meant(),
            )?;
        }
        let Red { all, as_meant, unclear, wrong, invented } = self.red;
        writeln!(
            f,
            "red: {all} as meant {as_meant} unclear {unclear} wrong {wrong} invented {invented}"
        )?;
        let wrong = self.outcomes.iter().filter(|o| o.is_silently_wrong()).map(Outcome::told);
        for told in wrong.chain(self.red_told[0].iter().cloned()).take(EXAMPLES_MAX) {
            writeln!(f, "WRONG  {told}")?;
        }
        let reviews = self.outcomes.iter().filter(|o| !o.decided).map(Outcome::told);
        for told in reviews.chain(self.red_told[1].iter().cloned()).take(EXAMPLES_MAX) {
            writeln!(f, "review {told}")?;
        }
        Ok(())
    }
}
