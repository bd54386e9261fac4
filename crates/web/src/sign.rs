//! The sign of a verdict, and the word for who gave it.

use store::{Source, Verdict, Wanted};

use crate::words::Words;

/// What a response looks like at a glance: always a sign, a colour and a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    Right,
    Wrong,
    Partly,
    Blank,
    /// A person must decide.
    Decide,
    /// A person must give points.
    Score,
    /// There is ink, but no marking yet.
    Pending,
    /// There is nothing.
    Nothing,
}

impl Sign {
    /// Of a verdict in force, unless it waits for a person.
    pub(crate) fn of(verdict: Option<Verdict>, wanted: Option<Wanted>) -> Self {
        match (wanted, verdict) {
            (Some(Wanted::Decide), _) => Self::Decide,
            (Some(Wanted::Score), _) => Self::Score,
            (None, Some(Verdict::Right)) => Self::Right,
            (None, Some(Verdict::Wrong)) => Self::Wrong,
            (None, Some(Verdict::Partly)) => Self::Partly,
            // An open question without ink has no verdict.
            (None, Some(Verdict::Blank) | None) => Self::Blank,
        }
    }

    /// Whether a person must say something.
    pub(crate) fn waits(&self) -> bool {
        matches!(self, Self::Decide | Self::Score)
    }

    /// The class in the style sheet, and the last part of the symbol's id on the marked page.
    pub(crate) fn class(&self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::Partly => "partly",
            Self::Blank => "blank",
            Self::Decide => "decide",
            Self::Score => "score",
            Self::Pending => "pending",
            Self::Nothing => "nothing",
        }
    }

    pub(crate) fn word(&self, w: &'static Words) -> &'static str {
        match self {
            Self::Right => w.right,
            Self::Wrong => w.wrong,
            Self::Partly => w.partly,
            Self::Blank => w.blank,
            Self::Decide => w.to_decide,
            Self::Score => w.to_score,
            Self::Pending => w.pending,
            Self::Nothing => w.nothing,
        }
    }
}

/// The word for who gave a verdict.
pub(crate) fn source_word(source: Source, w: &'static Words) -> &'static str {
    match source {
        Source::Screen => w.screen,
        Source::Red => w.red_pen,
        Source::Machine => w.machine,
    }
}
