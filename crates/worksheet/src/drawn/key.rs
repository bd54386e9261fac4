//! What may be written in a drawn field, and its key as a person types it.

use serde::{Deserialize, Serialize};

use super::DrawnWrong;
use crate::judged::narrow;
use crate::{Accepted, Equivalence, Key, Kind, NumberForm, Written};

/// What may be written in a drawn field. Bubbles and combs are not drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrawnKind {
    /// A number, with a decimal point perhaps.
    #[default]
    Number,
    /// A whole number.
    Whole,
    /// Digits, each of which counts.
    Digits,
    /// One of some letters.
    Letter,
    /// √ or ×.
    TrueFalse,
    /// One of `<`, `>`, `=`.
    Comparison,
    /// Words, or whatever else is on a line.
    Expression,
    /// Arithmetic worked out on a line or on several.
    Steps,
    /// One Chinese character.
    Character,
    /// Whatever answers the question, for a person to judge; its key is a model answer.
    Free,
}

/// Kind, key and model answer.
type Keyed = (Kind, Key, Option<String>);

impl DrawnKind {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 10] = [
        Self::Number,
        Self::Whole,
        Self::Digits,
        Self::Letter,
        Self::TrueFalse,
        Self::Comparison,
        Self::Expression,
        Self::Steps,
        Self::Character,
        Self::Free,
    ];

    /// The code of the kind, as drawings store it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Whole => "whole",
            Self::Digits => "digits",
            Self::Letter => "letter",
            Self::TrueFalse => "true_false",
            Self::Comparison => "comparison",
            Self::Expression => "expression",
            Self::Steps => "steps",
            Self::Character => "character",
            Self::Free => "free",
        }
    }

    /// The kind of that code.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    fn kind(self, options: &str) -> Kind {
        match self {
            Self::Number => Kind::Number(NumberForm::Decimal),
            Self::Whole => Kind::Number(NumberForm::Whole),
            Self::Digits => Kind::Digits,
            Self::Letter => Kind::Letter(options.to_owned()),
            Self::TrueFalse => Kind::TrueFalse,
            Self::Comparison => Kind::Comparison,
            Self::Expression => Kind::Expression,
            Self::Steps => Kind::Steps,
            Self::Character => Kind::Character,
            Self::Free => Kind::Free,
        }
    }

    /// Reads a key as it was typed.
    pub(super) fn read(self, key: &str, options: &str) -> Result<Keyed, DrawnWrong> {
        let options: String = options.chars().filter(|c| c.is_alphanumeric()).map(narrow).collect();
        let options = if options.is_empty() { "ABCD".to_owned() } else { options.to_uppercase() };
        let kind = self.kind(&options);
        let key = key.trim();
        if self == Self::Free {
            let model_answer = (!key.is_empty()).then(|| key.to_owned());
            return Ok((kind, Key::None, model_answer));
        }
        let answers = key.split(['|', '｜']).map(str::trim).filter(|answer| !answer.is_empty());
        let read = |answer| Written::typed(&kind, answer);
        let answers: Option<Vec<Written>> = answers.map(read).collect();
        match answers {
            None => Err(DrawnWrong::KeyNot(self)),
            Some(answers) if answers.is_empty() => Err(DrawnWrong::NoKey(self)),
            Some(answers) => {
                let equal = match self {
                    Self::Number | Self::Whole => {
                        Equivalence::Value { tolerance: crate::Decimal::default() }
                    }
                    _ => Equivalence::Same,
                };
                Ok((kind, Key::of(Some(Accepted { answers, equal })), None))
            }
        }
    }
}
