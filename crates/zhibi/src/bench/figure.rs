//! A figure: measured in rounds, in turns with its floor.

use std::fmt;
use std::time::{Duration, Instant};

pub(crate) use report::speed::short;
use serde::{Deserialize, Serialize};

/// In how many rounds a speed is measured. If nothing differs, the ranges of two times seven rounds
/// lie apart by chance once in 1,716 times: 2 of the (14 choose 7) orders.
pub(crate) const ROUNDS: usize = 7;

/// Which of two values is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Better {
    Higher,
    Lower,
}

/// A value with its spread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) unit: String,
    pub(crate) better: Better,
    pub(crate) median: f64,
    /// The smallest and the largest of all rounds.
    pub(crate) min: f64,
    pub(crate) max: f64,
    /// How many rounds; 1: it is counted, and the same in every run.
    pub(crate) rounds: usize,
    /// What no program can do better, or the least that must be done, in the same rounds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) floor: Option<Floor>,
}

/// What a figure is held against.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Floor {
    /// What is done.
    pub(crate) name: String,
    /// In the figure's unit.
    pub(crate) median: f64,
}

impl Figure {
    /// Something that is counted.
    pub(crate) fn counted(name: impl Into<String>, unit: &str, value: f64) -> Self {
        Self::of(name, unit, Better::Lower, vec![value])
    }

    /// How many units a second, one value a round.
    pub(crate) fn speed(name: impl Into<String>, unit: &str, rates: Vec<f64>) -> Self {
        Self::of(name, unit, Better::Higher, rates)
    }

    /// How long something takes, one value a round.
    pub(crate) fn time(name: impl Into<String>, unit: &str, times: Vec<f64>) -> Self {
        Self::of(name, unit, Better::Lower, times)
    }

    fn of(name: impl Into<String>, unit: &str, better: Better, mut rounds: Vec<f64>) -> Self {
        rounds.sort_by(f64::total_cmp);
        let at = |index: usize| rounds.get(index).copied().unwrap_or(f64::NAN);
        Self {
            name: name.into(),
            unit: unit.to_owned(),
            better,
            median: median(&rounds),
            min: at(0),
            max: at(rounds.len().saturating_sub(1)),
            rounds: rounds.len(),
            floor: None,
        }
    }

    /// Whether its values can be those of rounds.
    pub(crate) fn is_sound(&self) -> bool {
        self.rounds > 0 && self.min <= self.median && self.median <= self.max
    }

    /// With the floor's values of the same rounds.
    pub(crate) fn over(mut self, name: &str, mut rounds: Vec<f64>) -> Self {
        rounds.sort_by(f64::total_cmp);
        self.floor = Some(Floor { name: name.to_owned(), median: median(&rounds) });
        self
    }
}

/// Of sorted values; the upper one of two.
fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// How many units a second each work does, a value a round: all works take turns in every round,
/// each repeated for its share of `seconds`, and once at least.
pub(crate) fn rates<const N: usize>(
    seconds: f64,
    units: f64,
    mut works: [&mut dyn FnMut(); N],
) -> [Vec<f64>; N] {
    let share = Duration::from_secs_f64(seconds / (ROUNDS * N) as f64);
    let mut rates = [const { Vec::new() }; N];
    for _ in 0..ROUNDS {
        for (work, rates) in works.iter_mut().zip(&mut rates) {
            let (begun, mut times) = (Instant::now(), 0.0);
            loop {
                work();
                times += 1.0;
                if begun.elapsed() >= share {
                    break;
                }
            }
            rates.push(times * units / begun.elapsed().as_secs_f64());
        }
    }
    rates
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, unit, median, min, max, rounds, floor, .. } = self;
        write!(f, "{name:<46} {:>9} {unit}", short(*median))?;
        if *rounds > 1 {
            write!(f, "  ({} to {})", short(*min), short(*max))?;
        }
        if let Some(Floor { name, median: floor }) = floor {
            write!(
                f,
                "\n    {:<44} {:>9}  {:.1} times as fast",
                name,
                short(*floor),
                floor / median
            )?;
        }
        Ok(())
    }
}
