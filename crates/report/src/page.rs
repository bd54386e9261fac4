//! What both pages have in common.

use crate::text::percent;

#[cfg(test)]
pub(crate) mod tests;

/// What a page is made from and by.
#[derive(Clone, Debug)]
pub struct Head {
    /// The command that was given.
    pub command: String,
    /// When: date and time.
    pub made: String,
    /// Names the weights.
    pub model: String,
    /// Names the thresholds.
    pub thresholds: u32,
    /// Seconds that it took.
    pub seconds: f64,
}

/// A figure beside its goal.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    pub(crate) value: String,
    pub(crate) goal: Option<String>,
    pub(crate) met: Option<bool>,
    pub(crate) note: String,
}

impl Figure {
    pub(crate) fn plain(value: String) -> Self {
        Self { value, goal: None, met: None, note: String::new() }
    }

    /// A share that is to be `goal` at least.
    pub(crate) fn at_least(share: f64, goal: Option<f64>) -> Self {
        Self {
            value: percent(share),
            goal: goal.map(|goal| format!("≥ {}", short(goal))),
            met: goal.map(|goal| share >= goal),
            note: String::new(),
        }
    }

    /// A share that is to be `goal` at most.
    pub(crate) fn at_most(share: f64, goal: Option<f64>) -> Self {
        Self {
            value: percent(share),
            goal: goal.map(|goal| format!("≤ {}", short(goal))),
            met: goal.map(|goal| share <= goal),
            note: String::new(),
        }
    }

    pub(crate) fn note(self, note: String) -> Self {
        Self { note, ..self }
    }
}

/// A goal as per cent, without needless digits.
pub(crate) fn short(share: f64) -> String {
    let text = format!("{:.2}", 100.0 * share);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// How many of the figures with a goal reach it: (met, with a goal).
pub(crate) fn met<'a>(figures: impl Iterator<Item = &'a Figure>) -> (usize, usize) {
    figures
        .filter_map(|figure| figure.met)
        .fold((0, 0), |(met, all), is_met| (met + usize::from(is_met), all + 1))
}
