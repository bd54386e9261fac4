//! Workings: what a pupil writes where there is no key.

use crate::answers::{numbers, spelled};
use crate::random::Random;

#[cfg(test)]
mod tests;

/// The lines of a working.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Working {
    /// Sums and their results, then the answer with its unit.
    pub(crate) lines: Vec<String>,
    /// Sums in it that are wrong.
    pub(crate) slips: usize,
}

/// A line of writing that nobody can read.
pub(crate) const WAVES: &str = "~~~~~~~~~~";

/// Works through the numbers of a prompt: takes the others one by one away from the first; where
/// there are only two, then adds what is left to the first. The first `slips` of the sums go wrong.
pub(crate) fn working(prompt: &str, slips: usize, random: &mut Random) -> Working {
    // Hundredths: prices have two decimals.
    const DECIMALS: usize = 2;
    const UNIT: i64 = 100;
    let given = numbers(prompt, UNIT);
    let mut lines = Vec::new();
    let mut slipped = 0;
    let mut sum = |a: i64, sign: char, b: i64| {
        let right = if sign == '-' { a - b } else { a + b };
        let mut result = right;
        if slipped < slips {
            slipped += 1;
            let steps: Vec<i64> = [10, -10, 1, -1]
                .iter()
                .map(|step| step * if right % UNIT == 0 { UNIT } else { UNIT / 10 })
                .filter(|step| right + step > 0)
                .collect();
            result += steps.get(random.below(steps.len())).copied().unwrap_or(UNIT);
        }
        let text = |value: i64| spelled(value, DECIMALS);
        lines.push(format!("{}{sign}{}={}", text(a), text(b), text(result)));
        result
    };
    let result = match given.as_slice() {
        [] => return Working { lines: vec![WAVES.to_owned(); 2], slips: 0 },
        [only] => sum(*only, '+', *only),
        [a, b] if a >= b => {
            let left = sum(*a, '-', *b);
            sum(*a, '+', left)
        }
        [a, b] => sum(*a, '+', *b),
        [first, others @ ..] => others.iter().take(3).fold(*first, |left, other| {
            if left >= *other { sum(left, '-', *other) } else { sum(left, '+', *other) }
        }),
    };
    lines.push(format!("{}{}", spelled(result, DECIMALS), unit_of(prompt)));
    Working { lines, slips: slipped }
}

/// The unit that is asked for: the sign after the last 多少, where a hand can write it.
fn unit_of(prompt: &str) -> &str {
    const UNITS: [&str; 2] = ["元", "本"];
    let asked = prompt.rsplit_once("多少").map_or("", |(_, after)| after);
    UNITS.iter().find(|unit| asked.starts_with(*unit)).copied().unwrap_or("")
}
