//! The symbols that can be read, and which of them a question asks for.

/// Every symbol that the classifier tells apart, in the order of its outputs.
pub const SYMBOLS: [char; 28] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', '√', '×',
    '+', '-', '=', '/', '<', '>', '.', '÷', '%',
];

/// What kind of answer is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alphabet {
    /// One digit.
    Digits,
    /// One capital letter, A–G.
    Letters,
    /// One `√` (U+221A) or `×` (U+00D7).
    TrueFalse,
    /// One of `+ - = / < > . × ÷ %`.
    Operators,
    /// One of `< > =`.
    Comparison,
    /// A whole number: one digit or more.
    Number,
    /// A number with at most one point.
    Decimal,
}

impl Alphabet {
    /// The symbols that may stand in such an answer.
    pub const fn symbols(self) -> &'static str {
        match self {
            Self::Digits | Self::Number => "0123456789",
            Self::Letters => "ABCDEFG",
            Self::TrueFalse => "√×",
            Self::Operators => "+-=/<>.×÷%",
            Self::Comparison => "<>=",
            Self::Decimal => "0123456789.",
        }
    }

    /// Whether an answer may have more than one symbol.
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Number | Self::Decimal)
    }
}

/// A set of symbols: for each, in the order of [`SYMBOLS`], whether it belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SymbolSet([bool; SYMBOLS.len()]);

impl SymbolSet {
    /// The symbols of `alphabet` that `only` names too, or all of them where it names none.
    pub fn new(alphabet: Alphabet, only: Option<&str>) -> Self {
        let of = |named: &str| SYMBOLS.map(|symbol| named.contains(symbol));
        let all = of(alphabet.symbols());
        let some = only.map(of).map(|only| std::array::from_fn(|at| all[at] && only[at]));
        Self(some.filter(|some| some.contains(&true)).unwrap_or(all))
    }

    /// Whether the symbol at `index` of [`SYMBOLS`] belongs to it.
    pub fn has(self, index: usize) -> bool {
        self.0.get(index).copied().unwrap_or(false)
    }
}
