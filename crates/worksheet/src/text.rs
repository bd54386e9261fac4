//! A sheet as its teacher writes it: plain text, a line per question, each key where it is written.
//!
//! `TEXT.md` beside this crate describes the form. [`Draft::parse`] reads it and reports every
//! fault of a text at once, each with its line and column; `layout` turns a draft into a
//! worksheet. The text is the source: what is built from it is a function of it alone.

mod blank;
mod doubt;
mod fault;
mod head;
mod inline;
mod note;
mod printed;
mod read;
mod rekey;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::{Comparison, Score, Steps, WorksheetId};

pub use fault::{Fault, PictureFault, Place, Wrong};
pub use head::with_version;
pub(crate) use printed::{columns, mixed};
pub use rekey::with_key;

/// A text may be this long, in bytes.
pub const TEXT_MAX: usize = 256 * 1024;
/// A sheet may have this many questions.
pub const QUESTIONS_MAX: usize = 400;

/// A sheet as its author thinks of it; nothing is laid out yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Its name and version.
    pub id: WorksheetId,
    /// Title, printed.
    pub title_zh: String,
    /// Title in English, for listings.
    pub title_en: String,
    /// `math`, `english`, …
    pub subject: String,
    /// School grade, 1–12.
    pub grade: u8,
    /// Printed above the title; may be empty.
    pub school: String,
    /// Printed at the foot of each page; may be empty.
    pub motto: String,
    /// In printed order.
    pub sections: Vec<Section>,
}

/// A heading and the questions under it.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Where its heading stands.
    pub place: Place,
    /// What is to be done, without number and points.
    pub heading: String,
    /// What its points are counted by.
    pub worth: Worth,
    /// Paragraphs of a text that the questions are about; often none.
    pub passage: Vec<String>,
    /// How many questions stand beside each other.
    pub columns: usize,
    /// In printed order.
    pub questions: Vec<Question>,
}

/// What the points of a section are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// Each question is worth this.
    Question(Score),
    /// Each blank is worth this.
    Blank(Score),
    /// Each question says what it is worth.
    Stated,
}

/// One question.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Where it begins.
    pub place: Place,
    /// What is printed, with the blanks in it.
    pub stem: Vec<Piece>,
    /// Lettered from A; often none.
    pub options: Vec<Option_>,
    /// Whether the options have bubbles to be filled; then the stem has no blank for the key.
    pub bubbles: Option<BTreeSet<char>>,
    /// What all of it is worth.
    pub points: Score,
    /// Whether the points are printed after the stem.
    pub prints_points: bool,
    /// Ids of knowledge points; at least one.
    pub knowledge_points: Vec<String>,
    /// The keys of the blanks may change places.
    pub any_order: bool,
    /// Points are earned only where all blanks are right.
    pub all_or_nothing: bool,
    /// Beside the question.
    pub picture: Option<Picture>,
    /// Space for an answer that is longer than a blank.
    pub space: Option<Space>,
}

/// An option and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Option_ {
    /// What is printed after the letter.
    pub text: String,
    /// Where its letter stands.
    pub place: Place,
}

/// A picture beside a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// A file beside the text: PNG or SVG.
    pub file: String,
    /// Its width in millimetres.
    pub width_mm: u32,
    /// Where its line stands.
    pub place: Place,
}

/// Space for an answer that is longer than a blank. A person judges it unless it has steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Space {
    /// Ruled lines, or rows of squares for characters.
    pub form: SpaceForm,
    /// What points are given for; empty for one score over all of it.
    pub rubric: Vec<(String, Score)>,
    /// What a good answer looks like; not printed.
    pub model_answer: Option<String>,
    /// The key of arithmetic that is worked out there.
    pub steps: Option<Steps>,
    /// What lines are to be drawn between.
    pub pairs: Vec<(String, String)>,
    /// What is to be put in this order.
    pub order: Vec<String>,
}

/// What the space of a free answer looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpaceForm {
    /// So many ruled lines.
    Lines(u32),
    /// So many rows of 田字格.
    Squares(u32),
    /// So many ruled lines for arithmetic.
    Steps(u32),
    /// Two columns with dots to be joined by lines.
    Pairs,
    /// A box of so many rows for figures under each other (竖式).
    Column(u32),
    /// Things with a pair of brackets before each, for its place among them.
    Order,
}

/// A piece of a printed line.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Text as it is printed.
    Text(String),
    /// A fraction, numerator over denominator.
    Fraction(String, String),
    /// Something to be written.
    Blank(Blank),
    /// The line ends here.
    Break,
}

/// A blank and its key.
#[derive(Clone, Debug, PartialEq)]
pub struct Blank {
    /// Where it begins.
    pub place: Place,
    /// Whether it is printed as a pair of round brackets.
    pub brackets: bool,
    /// What is right there.
    pub key: BlankKey,
}

/// The key of a blank, which says its kind too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlankKey {
    /// A decimal number, other right ones, and how far off is right.
    Number {
        /// In decimal notation.
        right: String,
        /// Further right answers.
        also: Vec<String>,
        /// In decimal notation.
        tolerance: Option<String>,
    },
    /// Digits, each of which counts.
    Digits(String),
    /// A fraction: numerator and denominator are blanks of their own.
    Fraction(String, String),
    /// A quotient and what remains: each is a blank of its own.
    Remainder(String, String),
    /// A whole number and a fraction: three blanks.
    Mixed(String, String, String),
    /// A capital letter.
    Letter(char),
    /// √ or ×.
    TrueFalse(bool),
    /// `<`, `>` or `=`, in a circle.
    Comparison(Comparison),
    /// Chinese characters in 田字格, with a syllable of pinyin over each or none.
    Characters(Vec<char>, Vec<String>),
    /// Arithmetic worked out on one line.
    Steps(Steps),
    /// Anything else: the key is shown to the person who decides.
    Words {
        /// The right answer.
        right: String,
        /// Further right answers.
        also: Vec<String>,
    },
}

impl Draft {
    /// The files of the pictures that it names.
    pub fn pictures(&self) -> BTreeSet<&str> {
        let questions = self.sections.iter().flat_map(|section| &section.questions);
        questions.filter_map(|q| q.picture.as_ref()).map(|picture| picture.file.as_str()).collect()
    }
}

impl Space {
    /// What is to be put in order, in the order in which it is printed.
    pub(crate) fn in_print(&self) -> Vec<&str> {
        mixed(self.order.iter().map(String::as_str).collect())
    }
}

impl BlankKey {
    /// How many fields it takes: one per character, two for a fraction or a quotient with what remains.
    pub fn fields(&self) -> usize {
        match self {
            Self::Characters(characters, _) => characters.len(),
            Self::Fraction(..) | Self::Remainder(..) => 2,
            Self::Mixed(..) => 3,
            _ => 1,
        }
    }
}

impl Question {
    /// Its blanks in printed order.
    pub fn blanks(&self) -> impl Iterator<Item = &Blank> {
        self.stem.iter().filter_map(|piece| match piece {
            Piece::Blank(blank) => Some(blank),
            _ => None,
        })
    }

    /// What is asked, as one line of text: never with a key.
    pub fn prompt(&self) -> String {
        let mut prompt = String::new();
        for piece in &self.stem {
            match piece {
                Piece::Text(text) => prompt.push_str(text),
                Piece::Fraction(over, under) => prompt.push_str(&format!("{over}/{under}")),
                Piece::Blank(Blank { key: BlankKey::Comparison(_), .. }) => prompt.push('○'),
                Piece::Blank(_) => prompt.push_str("( )"),
                Piece::Break => prompt.push(' '),
            }
        }
        for thing in self.space.iter().flat_map(|space| space.in_print()) {
            prompt.push_str(&format!("  ( ) {thing}"));
        }
        for (letter, option) in ('A'..).zip(&self.options) {
            prompt.push_str(&format!("  {letter}. {}", option.text));
        }
        prompt.trim().to_owned()
    }
}
