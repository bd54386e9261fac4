//! Words for the sign of a verdict and for who gave it.

use export::Sign;
use store::Source;

use crate::words::Words;

/// Signs have words in the language of the page.
pub(crate) trait SignWord {
    /// The word of the sign.
    fn word(&self, w: &'static Words) -> &'static str;
}

impl SignWord for Sign {
    fn word(&self, w: &'static Words) -> &'static str {
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
