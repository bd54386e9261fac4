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
    /// A line of arithmetic: numbers, signs, equals signs, brackets.
    Line,
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
            Self::Line => "0123456789.+-×÷=()",
        }
    }

    /// How likely a symbol outside the alphabet is beside one of it. Chosen by hand: signs are
    /// written around answers, letters hardly among digits; and a slanting `1` is no `/`.
    const fn expects(self, symbol: char) -> f32 {
        match symbol {
            '0'..='9' | 'A'..='G' => 0.01,
            '/' if !matches!(self, Self::TrueFalse | Self::Operators) => 0.02,
            _ if self.is_number() => 0.1,
            _ => 0.03,
        }
    }

    /// Whether an answer may have more than one symbol.
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Number | Self::Decimal | Self::Line)
    }
}

/// How likely a symbol of the alphabet is that is no option of the question. Chosen by hand: few
/// write what cannot be chosen.
const NO_OPTION: f32 = 0.1;

/// What an answer may be read as, and how far everything else is to be expected all the same.
///
/// An alphabet is no blindfold: whatever else the ink looks like takes its share of the
/// probability, so that an `=` among digits is not taken for one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SymbolSet {
    has: [bool; SYMBOLS.len()],
    outside: [bool; SYMBOLS.len()],
    log_priors: [f32; SYMBOLS.len() + 1],
}

impl SymbolSet {
    /// The symbols of `alphabet` that `only` names too, or all of them where it names none.
    pub fn new(alphabet: Alphabet, only: Option<&str>) -> Self {
        let of = |named: &str| SYMBOLS.map(|symbol| named.contains(symbol));
        let all = of(alphabet.symbols());
        let some = only.map(of).map(|only| std::array::from_fn(|at| all[at] && only[at]));
        let has = some.filter(|some| some.contains(&true)).unwrap_or(all);
        let log_prior = |at: usize| match SYMBOLS.get(at) {
            Some(symbol) if !all[at] => alphabet.expects(*symbol).ln(),
            Some(_) if !has[at] => NO_OPTION.ln(),
            // "No symbol" weighs as it is.
            _ => 0.0,
        };
        Self { has, outside: all.map(|all| !all), log_priors: std::array::from_fn(log_prior) }
    }

    /// Whether the symbol at `index` of [`SYMBOLS`] belongs to it.
    pub fn has(&self, index: usize) -> bool {
        self.has.get(index).copied().unwrap_or(false)
    }

    /// Whether output `index` is no symbol that the alphabet has, or no symbol at all.
    pub fn is_outside(&self, index: usize) -> bool {
        self.outside.get(index).copied().unwrap_or(true)
    }

    /// What is added to each output of the network before they are compared: logarithms of how
    /// likely each symbol, and at last "no symbol", is beside one of the set.
    pub fn log_priors(&self) -> &[f32; SYMBOLS.len() + 1] {
        &self.log_priors
    }
}
