//! How large fields are, from what is to be written: generous, and the same for all blanks of one
//! kind in a section, so that no width tells an answer.

use crate::draw::svg::Shape;
use crate::text::{Blank, BlankKey, Section};
use crate::{Number, NumberForm};

/// Room for four figures as a pupil of nine writes them.
pub(super) const NUMBER_HEIGHT_UM: i32 = 11_000;
const CIRCLE_UM: i32 = 10_000;
const BRACKETS_UM: (i32, i32) = (14_000, 8_600);
/// Numerator and denominator: a box each.
pub(super) const FRACTION_UM: (i32, i32) = (18_000, 10_000);
/// From a fraction's bar to its boxes.
pub(super) const FRACTION_GAP_UM: i32 = 1_200;
/// Between a quotient and what remains: room for the dots.
pub(super) const DOTS_UM: i32 = 11_000;
/// Between a whole number and its fraction.
pub(super) const MIXED_GAP_UM: i32 = 1_500;
const WORDS_HEIGHT_UM: i32 = 10_000;
/// What a written letter takes.
const LETTER_UM: i32 = 5_000;
/// The widest box for words; a sentence has one of two lines.
const WORDS_MAX_UM: i32 = 150_000;

/// The sizes of the fields of one section.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// How numbers of the section may be written.
    pub(super) form: NumberForm,
    /// The side of a square for a character.
    pub(super) square_um: i32,
    pub(super) number_um: i32,
    words_um: (i32, i32),
}

impl Sizes {
    /// Of a section's blanks, for pupils of that grade.
    pub(super) fn of(section: &Section, grade: u8) -> Self {
        let keys = || section.questions.iter().flat_map(|q| q.blanks()).map(|blank| &blank.key);
        let numbers = || {
            keys().flat_map(|key| match key {
                BlankKey::Number { right, also, .. } => {
                    std::iter::once(right).chain(also).collect::<Vec<_>>()
                }
                BlankKey::Digits(right) | BlankKey::Mixed(right, ..) => vec![right],
                BlankKey::Remainder(quotient, rest) => vec![quotient, rest],
                _ => Vec::new(),
            })
        };
        // A Chinese character takes the room of two figures.
        let room = |c: char| if c.is_ascii() { 1 } else { 2 };
        let longest = numbers().map(|number| number.chars().map(room).sum::<i32>()).max();
        let longest = longest.unwrap_or(0);
        let has_unit = |is: fn(&str) -> bool| {
            numbers().filter_map(|number| Number::parse(number)).any(|n| n.unit().is_some_and(is))
        };
        let words = keys().map(|key| match key {
            BlankKey::Words { right, .. } => right.chars().count(),
            BlankKey::Steps(steps) => steps.to_string().chars().count(),
            _ => 0,
        });
        let letters = words.max().unwrap_or(0) as i32;
        let number_um = match longest {
            0..=3 => 20_000,
            4..=5 => 26_000,
            more => centimetres(more * 5_500),
        };
        // What may follow a number may follow every one of the section.
        let form = match numbers().any(|number| number.contains('.')) {
            _ if has_unit(|unit| unit != "%") => NumberForm::Unit,
            _ if has_unit(|_| true) => NumberForm::Percent,
            true => NumberForm::Decimal,
            false => NumberForm::Whole,
        };
        let square_um = if grade <= 2 { 14_000 } else { 12_000 };
        let words_um = match centimetres(letters * LETTER_UM + 6_000) {
            long if long > WORDS_MAX_UM => (WORDS_MAX_UM, 2 * WORDS_HEIGHT_UM),
            short => (short.max(30_000), WORDS_HEIGHT_UM),
        };
        Self { form, square_um, number_um, words_um }
    }

    /// Width and height of all fields of a blank together, and how it is drawn.
    pub(super) fn blank(&self, blank: &Blank) -> (i32, i32, Shape) {
        match &blank.key {
            BlankKey::Number { .. } | BlankKey::Digits(_) => {
                let shape = if blank.brackets { Shape::Brackets } else { Shape::Box };
                (self.number_um, NUMBER_HEIGHT_UM, shape)
            }
            BlankKey::Fraction(..) => {
                (FRACTION_UM.0, 2 * (FRACTION_UM.1 + FRACTION_GAP_UM), Shape::Box)
            }
            BlankKey::Remainder(..) => (2 * self.number_um + DOTS_UM, NUMBER_HEIGHT_UM, Shape::Box),
            BlankKey::Mixed(..) => (
                self.number_um + MIXED_GAP_UM + FRACTION_UM.0,
                2 * (FRACTION_UM.1 + FRACTION_GAP_UM),
                Shape::Box,
            ),
            BlankKey::Letter(_) | BlankKey::TrueFalse(_) => {
                (BRACKETS_UM.0, BRACKETS_UM.1, Shape::Brackets)
            }
            BlankKey::Comparison(_) => (CIRCLE_UM, CIRCLE_UM, Shape::Oval),
            BlankKey::Characters(characters, _) => {
                (characters.len() as i32 * self.square_um, self.square_um, Shape::Square)
            }
            BlankKey::Words { .. } | BlankKey::Steps(_) => {
                let shape = if blank.brackets { Shape::Brackets } else { Shape::Box };
                (self.words_um.0, self.words_um.1, shape)
            }
        }
    }
}

/// The next multiple of a centimetre that is not below.
fn centimetres(um: i32) -> i32 {
    (um + 9_999) / 10_000 * 10_000
}
