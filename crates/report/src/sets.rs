//! What the reader is measured on: labelled writing of people it was not trained on, by what is
//! asked for.

use std::collections::BTreeMap;

use ink::Handwriting;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use recognition::{Alphabet, Split, symbol_heights};

use crate::text::{Text, text};

#[cfg(test)]
mod tests;

/// Writing of one kind, and what is to be reached on it.
#[derive(Clone, Debug)]
pub struct Set {
    /// What is asked for.
    pub name: Text,
    /// The files that it came from.
    pub files: String,
    /// What is not plain about it.
    pub note: Option<Text>,
    /// As what it is read.
    pub alphabet: Alphabet,
    /// What is to be reached.
    pub goal: Goal,
    /// Of writers that the reader was not trained on.
    pub test: Vec<Handwriting>,
    /// Of writers that it was trained on: what peers learn from.
    pub train: Vec<Handwriting>,
}

/// What is to be reached, shares of 0–1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Goal {
    /// Read right.
    pub right: Option<f64>,
    /// Decided where one in a thousand of the decided may be wrong.
    pub coverage: Option<f64>,
}

/// The calibration error that is to be reached on every set.
pub const ECE_MAX: f64 = 0.005;
/// How much less of perturbed writing may be read right.
pub const PERTURBED_LOSS_MAX: f64 = 0.005;

/// Whole numbers put together from single digits.
const COMPOSED: usize = 1_500;

/// The sets that files of handwriting give, each of at least one item; `seed` composes numbers.
pub fn sets(files: &[(String, Vec<Handwriting>)], seed: u64) -> Vec<Set> {
    let mut sets = Vec::new();
    for file in files {
        sets.extend(gather(std::slice::from_ref(file), Alphabet::Digits));
    }
    let composed = composed(&sets, seed);
    for alphabet in [
        Alphabet::Letters,
        Alphabet::TrueFalse,
        Alphabet::Operators,
        Alphabet::Comparison,
        Alphabet::Number,
    ] {
        sets.extend(gather(files, alphabet));
    }
    sets.extend(composed);
    sets
}

/// The files' items of one alphabet; `None` where no test writer wrote any.
fn gather(files: &[(String, Vec<Handwriting>)], alphabet: Alphabet) -> Option<Set> {
    let (mut test, mut train, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for (name, items) in files {
        let before = test.len();
        for item in items {
            let Some(label) = label(item, alphabet) else { continue };
            let item = Handwriting { label, ..item.clone() };
            match Split::of(&item.writer) {
                Split::Test => test.push(item),
                Split::Train => train.push(item),
                Split::Validation => {}
            }
        }
        if test.len() > before {
            names.push(name.as_str());
        }
    }
    let (name, goal, note) = told(alphabet);
    let set = Set { name, files: names.join(", "), note, alphabet, goal, test, train };
    (!set.test.is_empty()).then_some(set)
}

/// The item's label as the alphabet has it.
fn label(item: &Handwriting, alphabet: Alphabet) -> Option<String> {
    let label = item.label.as_str();
    let known = match alphabet {
        // Nobody in the sets wrote a tick or a cross as a sign: letters of the same shape stand in.
        Alphabet::TrueFalse => match label {
            "v" => "√",
            "x" => "×",
            _ => label,
        },
        _ => label,
    };
    let asked = if alphabet.is_number() {
        (2..=4).contains(&known.len()) && known.bytes().all(|b| b.is_ascii_digit())
    } else {
        known.chars().count() == 1 && alphabet.symbols().contains(known)
    };
    (asked && item.strokes.iter().any(|stroke| !stroke.is_empty())).then(|| known.to_owned())
}

fn told(alphabet: Alphabet) -> (Text, Goal, Option<Text>) {
    let goal = |right, coverage| Goal { right, coverage };
    match alphabet {
        Alphabet::Digits => (text("数字", "digits"), goal(Some(0.995), Some(0.99)), None),
        Alphabet::Letters => (text("字母 A–G", "letters A–G"), goal(Some(0.985), Some(0.9)), None),
        Alphabet::TrueFalse => (
            text("判断 √ ×", "true/false √ ×"),
            Goal::default(),
            Some(text(
                "数据里没有人写过 √ 和 ×：以小写字母 v、x 代替，没有目标",
                "nobody in the data wrote √ and ×: the lower-case letters v and x stand in; no goal",
            )),
        ),
        Alphabet::Operators => (text("运算符号", "operators"), goal(Some(0.97), None), None),
        Alphabet::Comparison => {
            (text("比较符号 < > =", "comparison < > ="), goal(Some(0.99), Some(0.97)), None)
        }
        Alphabet::Number | Alphabet::Decimal | Alphabet::Line => (
            text("整数（真实）", "whole numbers (real)"),
            goal(Some(0.985), Some(0.97)),
            Some(text("两到四位", "two to four digits")),
        ),
    }
}

/// Whole numbers of one to four digits, put together from digits of one writer.
fn composed(digits: &[Set], seed: u64) -> Option<Set> {
    let mut by_writer: BTreeMap<&str, Vec<Digit<'_>>> = BTreeMap::new();
    let mut all = Vec::new();
    for set in digits {
        let heights = symbol_heights(&set.test, Alphabet::Digits);
        for item in &set.test {
            let digit = Digit::new(item, f64::from(heights[item.writer.as_str()]));
            // An item in another unit is no neighbour of its writer's others.
            if (0.4..2.5).contains(&(digit.extent() / digit.size)) {
                by_writer.entry(&item.writer).or_default().push(digit);
                all.push(digit);
            }
        }
    }
    if all.is_empty() {
        return None;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut number = |_| {
        let count = rng.random_range(1..=4);
        let first = all[rng.random_range(0..all.len())];
        let same = &by_writer[first.item.writer.as_str()];
        let more = (1..count).map(|_| same[rng.random_range(0..same.len())]);
        let digits: Vec<Digit<'_>> = std::iter::once(first).chain(more).collect();
        compose(&digits, &mut rng)
    };
    let files: Vec<&str> = digits.iter().map(|set| set.files.as_str()).collect();
    Some(Set {
        name: text("整数（合成）", "whole numbers (synthetic)"),
        files: files.join(", "),
        note: Some(text(
            "把同一人的真实数字并排拼成一到四位数：合成",
            "real digits of one writer side by side, one to four of them: synthetic",
        )),
        alphabet: Alphabet::Number,
        goal: Goal { right: Some(0.995), coverage: Some(0.97) },
        test: (0..COMPOSED).map(&mut number).collect(),
        train: Vec::new(),
    })
}

/// A digit and the box around it.
#[derive(Clone, Copy)]
struct Digit<'a> {
    item: &'a Handwriting,
    /// How tall the writer's digits usually are.
    size: f64,
    low: [f64; 2],
    high: [f64; 2],
}

impl<'a> Digit<'a> {
    fn new(item: &'a Handwriting, size: f64) -> Self {
        let (mut low, mut high) = ([f64::MAX; 2], [f64::MIN; 2]);
        for p in item.strokes.iter().flatten() {
            for axis in 0..2 {
                low[axis] = low[axis].min(p[axis]);
                high[axis] = high[axis].max(p[axis]);
            }
        }
        Self { item, size, low, high }
    }

    fn extent(&self) -> f64 {
        (self.high[0] - self.low[0]).max(self.high[1] - self.low[1])
    }
}

/// A hand keeps its distance and its slope; some hands write tight.
fn compose(digits: &[Digit<'_>], rng: &mut ChaCha8Rng) -> Handwriting {
    let around = |rng: &mut ChaCha8Rng, width: f64| (rng.random::<f64>() * 2.0 - 1.0) * width;
    let (gap, slope) = (rng.random_range(-0.02..0.45), around(rng, 0.15));
    let (mut strokes, mut right) = (Vec::new(), 0.0);
    for digit in digits {
        let middle = f64::midpoint(digit.low[1], digit.high[1]);
        let across = right - digit.low[0];
        let down = slope * right - middle + 0.06 * digit.size * around(rng, 1.0);
        let moved = |p: &Vec<f64>| vec![p[0] + across, p[1] + down];
        strokes.extend(digit.item.strokes.iter().map(|s| s.iter().map(moved).collect::<Vec<_>>()));
        right += digit.high[0] - digit.low[0] + digit.size * (gap + around(rng, 0.06));
    }
    Handwriting {
        label: digits.iter().map(|digit| digit.item.label.as_str()).collect(),
        writer: digits[0].item.writer.clone(),
        strokes,
        source: "synthetic: digits of one writer side by side".into(),
        hz: None,
        pts_per_mm: None,
    }
}
