//! The sign of a verdict.

use store::{Verdict, Wanted};

/// What a response looks like at a glance: always a sign, a colour and a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// All points.
    Right,
    /// No points.
    Wrong,
    /// Some of the points.
    Partly,
    /// Nothing was written.
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
    /// Those that have a drawing.
    pub const DRAWN: [Self; 7] = [
        Self::Right,
        Self::Wrong,
        Self::Partly,
        Self::Blank,
        Self::Decide,
        Self::Pending,
        Self::Score,
    ];

    /// The sign as SVG elements in a square of 16: lines to be stroked, and of the class `solid` what
    /// is filled.
    #[must_use]
    pub fn drawing(&self) -> &'static str {
        match self {
            Self::Right => r#"<path d="M2.5 8.8l3.6 3.7 7.4-9"/>"#,
            Self::Wrong => r#"<path d="M3.5 3.5l9 9M12.5 3.5l-9 9"/>"#,
            Self::Partly => {
                r#"<circle cx="8" cy="8" r="5.5"/><path class="solid" d="M8 2.5a5.5 5.5 0 0 0 0 11z"/>"#
            }
            Self::Blank => r#"<circle cx="8" cy="8" r="5"/>"#,
            Self::Decide => {
                r#"<path d="M4.8 5.6a3.3 3.3 0 1 1 4.9 2.9C8.5 9.2 8 9.7 8 11"/><path d="M8 13.7v.1"/>"#
            }
            Self::Pending => r#"<path d="M3.5 8v.1M8 8v.1M12.5 8v.1"/>"#,
            Self::Score => {
                r#"<path d="M3 13l.8-3.2 7-7a1.2 1.2 0 0 1 1.7 0l.7.7a1.2 1.2 0 0 1 0 1.7l-7 7z"/>"#
            }
            Self::Nothing => "",
        }
    }

    /// Its colour on white paper, and that of the square behind it.
    #[must_use]
    pub fn colours(&self) -> (&'static str, &'static str) {
        match self {
            Self::Right => ("#1a7240", "#eff7f1"),
            Self::Wrong => ("#a3341f", "#fadfd8"),
            Self::Partly => ("#855600", "#fbeecb"),
            Self::Blank | Self::Pending | Self::Nothing => ("#5d6470", "#efeeec"),
            Self::Decide | Self::Score => ("#6a3fa6", "#e9dff8"),
        }
    }

    /// Of a verdict in force, unless it waits for a person.
    #[must_use]
    pub fn of(verdict: Option<Verdict>, wanted: Option<Wanted>) -> Self {
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
    #[must_use]
    pub fn waits(&self) -> bool {
        matches!(self, Self::Decide | Self::Score)
    }

    /// The class in a style sheet, and the last part of the symbol's id on the marked page.
    #[must_use]
    pub fn class(&self) -> &'static str {
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
}
