//! Why a person must decide about a response.

/// Why a person must decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Review {
    /// It was read, but not surely enough.
    LowConfidence,
    /// Ink lies between this field and another.
    AmbiguousField,
    /// More than one bubble is filled.
    TwoBubbles,
    /// A bubble is touched but not filled.
    LightBubble,
    /// What is written is no answer of this kind.
    OutOfAlphabet,
    /// Everything was crossed out and nothing written instead.
    CrossedOut,
    /// An answer was written over another.
    Overwritten,
    /// There are likely two answers: far apart, in two lines, or with a long pause between them.
    TwoAnswers,
    /// Ink beside the field may be the answer, or belong to it.
    BesideField,
    /// An option is marked, but not by filling its bubble.
    MarkedOtherwise,
    /// The ink on the page does not lie on its fields as the sheet was printed.
    Misplaced,
    /// Steps of another sum than the key's, which a person must follow.
    AnotherWay,
    /// Steps that do not come to a number.
    Unfinished,
    /// The right result without the working that is asked for.
    NoWorking,
    /// The rows of a sum in figures under each other cannot be told apart, or are not those of one.
    RowsUnclear,
    /// A character was read that is not the key's; readings of characters are not sure enough to say
    /// that it is wrong.
    AnotherCharacter,
    /// The strokes are those of no character that is known: joined, missing, too many, or corrected.
    StrokesUnclear,
    /// The character is the one that was read, but its strokes did not come in the order that is
    /// taught.
    StrokeOrder,
    /// What follows the number, a unit mostly, cannot be read.
    UnitUnread,
    /// The number is the key's, and its unit is not there.
    NoUnit,
    /// More ink than any answer has.
    Crowded,
    /// A part of a stroke has not come.
    IncompleteInk,
    /// Two pens wrote here: whose answer it is, a person must say.
    SeveralPens,
    /// There is no key: a person gives the points.
    NoKey,
    /// Answers of this kind cannot be read yet.
    NoReader,
    /// The red pen wrote here, but neither a tick, a cross nor a possible score.
    RedUnclear,
    /// What the red pen wrote at this answer contradicts itself.
    RedContradicts,
    /// The red pen wrote nearby, and which answer that marks, a person must say.
    RedUnplaced,
}

impl Review {
    /// Every reason.
    pub const ALL: [Self; 28] = [
        Self::LowConfidence,
        Self::AmbiguousField,
        Self::TwoBubbles,
        Self::LightBubble,
        Self::OutOfAlphabet,
        Self::CrossedOut,
        Self::Overwritten,
        Self::TwoAnswers,
        Self::BesideField,
        Self::MarkedOtherwise,
        Self::Misplaced,
        Self::AnotherWay,
        Self::Unfinished,
        Self::NoWorking,
        Self::RowsUnclear,
        Self::AnotherCharacter,
        Self::StrokesUnclear,
        Self::StrokeOrder,
        Self::UnitUnread,
        Self::NoUnit,
        Self::Crowded,
        Self::IncompleteInk,
        Self::SeveralPens,
        Self::NoKey,
        Self::NoReader,
        Self::RedUnclear,
        Self::RedContradicts,
        Self::RedUnplaced,
    ];

    /// The name it is stored under and told to programs by.
    pub const fn code(self) -> &'static str {
        match self {
            Self::LowConfidence => "low_confidence",
            Self::AmbiguousField => "ambiguous_field",
            Self::TwoBubbles => "two_bubbles",
            Self::LightBubble => "light_bubble",
            Self::OutOfAlphabet => "out_of_alphabet",
            Self::CrossedOut => "crossed_out",
            Self::Overwritten => "overwritten",
            Self::TwoAnswers => "two_answers",
            Self::BesideField => "beside_field",
            Self::MarkedOtherwise => "marked_otherwise",
            Self::Misplaced => "misplaced",
            Self::AnotherWay => "another_way",
            Self::Unfinished => "unfinished",
            Self::NoWorking => "no_working",
            Self::RowsUnclear => "rows_unclear",
            Self::AnotherCharacter => "another_character",
            Self::StrokesUnclear => "strokes_unclear",
            Self::StrokeOrder => "stroke_order",
            Self::UnitUnread => "unit_unread",
            Self::NoUnit => "no_unit",
            Self::Crowded => "crowded",
            Self::IncompleteInk => "incomplete_ink",
            Self::SeveralPens => "several_pens",
            Self::NoKey => "no_key",
            Self::NoReader => "no_reader",
            Self::RedUnclear => "red_unclear",
            Self::RedContradicts => "red_contradicts",
            Self::RedUnplaced => "red_unplaced",
        }
    }

    /// The reason of that name; `None` of a name that this version does not know.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|review| review.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_one_name_in_the_store_and_in_json() {
        for review in Review::ALL {
            assert_eq!(serde_json::to_value(review).expect("plain"), review.code());
            assert_eq!(Review::parse(review.code()), Some(review));
        }
        assert_eq!(Review::parse("other"), None);
    }
}
