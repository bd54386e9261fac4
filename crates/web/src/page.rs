//! The pages as plain values, ready to be written out: every text chosen, every number formatted.
//!
//! Each has a `sample()`, from which a test renders it.

pub(crate) mod account;
pub(crate) mod assignment;
pub(crate) mod classes;
pub(crate) mod codes;
pub(crate) mod decide;
pub(crate) mod drawings;
pub(crate) mod exports;
pub(crate) mod gateways;
pub(crate) mod hands;
pub(crate) mod keys;
pub(crate) mod message;
pub(crate) mod months;
pub(crate) mod nobodys;
pub(crate) mod paper;
pub(crate) mod parents;
pub(crate) mod pens;
pub(crate) mod people;
pub(crate) mod pupil;
pub(crate) mod question;
pub(crate) mod roster;
pub(crate) mod school;
pub(crate) mod sheets;

use askama::Template;
use axum::response::Html;
use store::{PaperState, Writable};

use crate::assets;
use crate::failure::Failure;
use crate::session::Visitor;
use crate::words::{Locale, Words, fill, isolated};

/// Writes a page out.
pub(crate) fn html(page: &impl Template) -> Result<Html<String>, Failure> {
    Ok(Html(page.render()?))
}

/// Whether only the changing part of a page is asked for.
pub(crate) fn is_part(query: Option<&str>) -> bool {
    query.is_some_and(|query| query.split('&').any(|item| item == "part"))
}

/// What stands around every page.
#[derive(Clone)]
pub(crate) struct Layout {
    pub(crate) locale: Locale,
    /// The words of `locale`.
    pub(crate) w: &'static Words,
    /// The title of the browser's tab.
    pub(crate) title: String,
    /// The name of who is logged in.
    pub(crate) staff: Option<String>,
    /// The page of the school that they keep, if they keep one.
    pub(crate) school: Option<String>,
    /// From the outermost to the page itself.
    pub(crate) crumbs: Vec<Crumb>,
    /// Path and query of this page, to come back to after a change of language.
    pub(crate) here: String,
    /// Whether pupils and answers are made up.
    pub(crate) simulated: bool,
    /// Why nothing can be stored now, if it cannot.
    pub(crate) trouble: Option<&'static str>,
    /// Whether what is shown may be decided by who looks.
    pub(crate) may_decide: bool,
    /// Where the style sheet and the modules lie; ends without a slash.
    pub(crate) assets: &'static str,
}

impl Visitor {
    /// What stands around a page for this visitor.
    pub(crate) fn layout(&self, title: impl Into<String>, crumbs: Vec<Crumb>) -> Layout {
        Layout {
            locale: self.locale,
            w: self.locale.words(),
            title: title.into(),
            school: self.school_href(),
            staff: self.session.as_ref().map(|(_, session)| session.staff.name.clone()),
            crumbs,
            here: self.here.clone(),
            simulated: self.simulated,
            trouble: self.trouble(),
            may_decide: false,
            assets: assets::base(),
        }
    }

    fn trouble(&self) -> Option<&'static str> {
        let w = self.locale.words();
        match self.writable {
            Writable::Yes => None,
            Writable::Full => Some(w.store_full),
            Writable::ReadOnly => Some(w.store_read_only),
            Writable::No => Some(w.store_fails),
        }
    }
}

/// A step of the way to a page.
#[derive(Clone)]
pub(crate) struct Crumb {
    pub(crate) label: String,
    /// `None`: the page itself.
    pub(crate) href: Option<String>,
}

impl Crumb {
    pub(crate) fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: Some(href.into()) }
    }

    pub(crate) fn here(label: impl Into<String>) -> Self {
        Self { label: label.into(), href: None }
    }
}

impl Layout {
    /// What opens the evidence of a verdict.
    pub(crate) fn evidence(&self) -> &'static str {
        crate::words::evidence::EvidenceWords::of(self.locale).title
    }

    /// The code of the language that the switch changes to.
    pub(crate) fn other_locale(&self) -> &'static str {
        match self.locale {
            Locale::Zh => Locale::En.code(),
            Locale::En => Locale::Zh.code(),
        }
    }

    /// A text with `{n}` in it.
    pub(crate) fn n(&self, text: &str, n: impl std::fmt::Display) -> String {
        fill(text, &[("n", &n)])
    }

    /// A text with a person's name in it, [`isolated`].
    pub(crate) fn name(&self, text: &str, name: impl std::fmt::Display) -> String {
        fill(text, &[("name", &isolated(name))])
    }

    /// A text with one other name in it.
    pub(crate) fn put(&self, text: &str, name: &str, value: impl std::fmt::Display) -> String {
        fill(text, &[(name, &value)])
    }
}

/// Where a pupil stands with an assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    HandedIn,
    /// Nobody has said that it is handed in: its ink rested for long, or it was due.
    Settled,
    /// Ink is coming in.
    Writing,
    /// There is ink, it rests, and nobody has said that this is all.
    Begun,
    Missing,
}

/// Ink that is not marked after this time waits for the machine, and nobody writes.
const WRITING_MS_MAX: i64 = 120_000;

impl State {
    /// The state of a pupil's papers of one assignment. Marking waits until ink rests: while some
    /// ink is newer than the marking, somebody is writing.
    pub(crate) fn of(papers: &[&PaperState], now_ms: i64) -> Self {
        let is_fresh = |paper: &&PaperState| paper.stale && now_ms < paper.ink_ms + WRITING_MS_MAX;
        match papers {
            [] => Self::Missing,
            papers if papers.iter().all(|paper| paper.handed_in) => {
                Self::closed(papers.iter().any(|paper| paper.handed_in_ms.is_some()))
            }
            papers if papers.iter().any(is_fresh) => Self::Writing,
            _ => Self::Begun,
        }
    }

    /// The state of papers that are all handed in or settled; `said`: the teacher said so of any.
    pub(crate) fn closed(said: bool) -> Self {
        if said { Self::HandedIn } else { Self::Settled }
    }

    /// Whether all that is written is in, by whatever cause.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(self, Self::HandedIn | Self::Settled)
    }

    /// The state that has this class.
    pub(crate) fn parse(class: &str) -> Option<Self> {
        [Self::HandedIn, Self::Settled, Self::Writing, Self::Begun, Self::Missing]
            .into_iter()
            .find(|state| state.class() == class)
    }

    pub(crate) fn class(&self) -> &'static str {
        match self {
            Self::HandedIn => "handed-in",
            Self::Settled => "settled",
            Self::Writing => "writing",
            Self::Begun => "begun",
            Self::Missing => "missing",
        }
    }

    pub(crate) fn word(&self, w: &'static Words) -> &'static str {
        match self {
            Self::HandedIn => w.handed_in,
            Self::Settled => w.settled_alone,
            Self::Writing => w.writing,
            Self::Begun => w.begun,
            Self::Missing => w.missing,
        }
    }
}

/// How many pupils are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct States {
    pub(crate) handed_in: u32,
    pub(crate) settled: u32,
    pub(crate) writing: u32,
    pub(crate) begun: u32,
    pub(crate) missing: u32,
}

impl States {
    /// Counts one more pupil.
    pub(crate) fn count(&mut self, state: State) {
        match state {
            State::HandedIn => self.handed_in += 1,
            State::Settled => self.settled += 1,
            State::Writing => self.writing += 1,
            State::Begun => self.begun += 1,
            State::Missing => self.missing += 1,
        }
    }

    /// The class.
    pub(crate) fn all(&self) -> u32 {
        self.handed_in + self.settled + self.writing + self.begun + self.missing
    }

    /// State, count and share in percent of each, for the bar.
    pub(crate) fn shares(&self) -> [(State, u32, f64); 5] {
        let all = f64::from(self.all().max(1));
        [
            (State::HandedIn, self.handed_in),
            (State::Settled, self.settled),
            (State::Writing, self.writing),
            (State::Begun, self.begun),
            (State::Missing, self.missing),
        ]
        .map(|(state, count)| (state, count, f64::from(count) * 100.0 / all))
    }
}

/// Text with √ as a tick: most faces draw the character as the sign of a root.
pub(crate) fn tick(text: &str) -> String {
    text.replace('√', "✓")
}

/// Points in tenths as people write them: `8`, `7.5`.
pub(crate) fn points(tenths: u32) -> String {
    worksheet::Score(tenths).to_string()
}

/// What waits for a teacher.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Todo {
    /// Responses that the machine is not sure of.
    pub(crate) decide: u32,
    /// Responses without a key.
    pub(crate) score: u32,
}

/// A look and a key.
const DECIDE_SECONDS: u32 = 5;
/// A few lines to read, and a figure.
const SCORE_SECONDS: u32 = 15;

impl Todo {
    pub(crate) fn all(&self) -> u32 {
        self.decide + self.score
    }

    /// "12 to decide, about 1 min", and the same of what is to be scored.
    pub(crate) fn costs(&self, w: &'static Words) -> Vec<String> {
        self.costs_in(self.decide, w)
    }

    /// The same where what is to be decided stands in so many groups, each of which costs what a
    /// single answer does.
    pub(crate) fn costs_in(&self, groups: u32, w: &'static Words) -> Vec<String> {
        let decide = if groups < self.decide { w.decide_cost_in } else { w.decide_cost };
        [
            (decide, self.decide, groups, DECIDE_SECONDS),
            (w.score_cost, self.score, self.score, SCORE_SECONDS),
        ]
        .into_iter()
        .filter(|(_, n, ..)| *n > 0)
        .map(|(text, n, groups, seconds)| {
            let minutes = (groups * seconds).div_ceil(60).max(1);
            fill(text, &[("n", &n), ("g", &groups), ("s", &seconds), ("m", &minutes)])
        })
        .collect()
    }
}

#[cfg(test)]
pub(crate) mod tests;
#[cfg(test)]
mod written;
