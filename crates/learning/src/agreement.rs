//! How well predictions agree with what was answered.

use crate::Credit;

/// Predictions against answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// The chance that an answer of at least half the points was expected to earn more than one
    /// below half: 0.5 is guessing. `None` where all answers are on one side.
    pub auc: Option<f64>,
    /// Root of the mean square of expected minus earned credit.
    pub rmse: f64,
    /// Expected calibration error over ten bins of equal width.
    pub ece: f64,
    /// Answers compared.
    pub n: usize,
}

impl Agreement {
    /// Compares pairs of expected credit, 0 to 1, and earned credit. `None` without any.
    ///
    /// ```
    /// # use learning::{Agreement, Credit};
    /// let told = Agreement::of(&[(0.8, Credit::FULL), (0.2, Credit::NONE)]).unwrap();
    /// assert_eq!((told.auc, told.n), (Some(1.0), 2));
    /// ```
    pub fn of(pairs: &[(f64, Credit)]) -> Option<Self> {
        if pairs.is_empty() {
            return None;
        }
        let mut squares = 0.0;
        let mut bins = [0.0f64; 10];
        for (expected, credit) in pairs {
            let error = credit.share() - expected;
            squares += error * error;
            bins[((expected * 10.0) as usize).min(9)] += error;
        }
        let n = pairs.len() as f64;
        Some(Self {
            auc: auc(pairs),
            rmse: (squares / n).sqrt(),
            ece: bins.iter().map(|sum| sum.abs()).sum::<f64>() / n,
            n: pairs.len(),
        })
    }
}

/// By the sum of ranks (Mann–Whitney); ties share their mean rank.
fn auc(pairs: &[(f64, Credit)]) -> Option<f64> {
    let mut order: Vec<(f64, bool)> =
        pairs.iter().map(|(expected, credit)| (*expected, credit.share() >= 0.5)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut rank_sum, mut right, mut start) = (0.0, 0.0, 0);
    for tied in order.chunk_by(|a, b| a.0 == b.0) {
        let end = start + tied.len();
        // Ranks count from 1.
        let rank = (start + 1 + end) as f64 / 2.0;
        let hits = tied.iter().filter(|(_, right)| *right).count() as f64;
        rank_sum += rank * hits;
        right += hits;
        start = end;
    }
    let wrong = order.len() as f64 - right;
    (right > 0.0 && wrong > 0.0).then(|| (rank_sum - right * (right + 1.0) / 2.0) / (right * wrong))
}
