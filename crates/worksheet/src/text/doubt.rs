//! What is likely to be wrong with a text, though a sheet can be built from it.

use super::{Blank, BlankKey, Draft, Fault, Piece, Place, Question, Wrong};
use crate::compute::mismatch;

impl Draft {
    /// Keys that are not what their questions compute, with their places.
    pub fn doubts(&self) -> Vec<Fault> {
        self.doubts_by_question().map(|(_, fault)| fault).collect()
    }

    /// The same, each with the place of its question among all, from 0.
    pub(crate) fn doubts_by_question(&self) -> impl Iterator<Item = (usize, Fault)> {
        let questions = self.sections.iter().flat_map(|section| &section.questions);
        questions.enumerate().filter_map(|(at, question)| Some((at, doubt(question)?)))
    }
}

fn doubt(question: &Question) -> Option<Fault> {
    if let Some(place) = continued(question) {
        return Some(Fault { place, wrong: Wrong::Continued });
    }
    let place = question.blanks().next()?.place;
    if !question.options.is_empty() || question.bubbles.is_some() {
        return None;
    }
    let mut equation = String::new();
    for piece in &question.stem {
        match piece {
            Piece::Text(text) => equation.push_str(text),
            Piece::Fraction(over, under) => equation.push_str(&format!("({over}/{under})")),
            Piece::Blank(blank) => equation.push_str(&key(blank)?),
            Piece::Break => equation.push(' '),
        }
    }
    mismatch(&equation).map(|mismatch| Fault { place, wrong: Wrong::Computes(mismatch) })
}

/// The first blank of an indented line under a line that has blanks of its own: in running text
/// every paragraph is indented, and each was meant as a question.
fn continued(question: &Question) -> Option<Place> {
    let first = question.blanks().next()?;
    let behind = question.stem.iter().skip_while(|piece| !matches!(piece, Piece::Break));
    let mut behind = behind.filter_map(|piece| match piece {
        Piece::Blank(blank) => Some(blank.place),
        _ => None,
    });
    behind.find(|_| question.place.line == first.place.line)
}

/// A key as it stands in an equation.
fn key(blank: &Blank) -> Option<String> {
    match &blank.key {
        BlankKey::Number { right, tolerance: None, .. } | BlankKey::Digits(right) => {
            Some(format!("({right})"))
        }
        BlankKey::Fraction(over, under) => Some(format!("({over}/{under})")),
        BlankKey::Remainder(quotient, rest) => Some(format!("({quotient})…({rest})")),
        BlankKey::Mixed(whole, over, under) => Some(format!("({whole}+{over}/{under})")),
        BlankKey::Comparison(sign) => Some(crate::Written::Comparison(*sign).to_string()),
        _ => None,
    }
}
