//! The two validated numbers of this crate.

/// A Gaussian belief on the logit scale.
/// The default is zero, known exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Belief {
    mean: f64,
    variance: f64,
}

impl Belief {
    /// The largest mean, in logits: beyond it a probability is 0 or 1 to eight digits.
    pub const MEAN_MAX: f64 = 20.0;
    /// The largest variance, in squared logits: some hundred times what is ever a sensible prior.
    pub const VARIANCE_MAX: f64 = 100.0;

    /// A belief of that mean (logits) and variance (squared logits); `None` unless both are finite,
    /// |mean| ≤ [`Self::MEAN_MAX`] and 0 ≤ variance ≤ [`Self::VARIANCE_MAX`].
    ///
    /// ```
    /// # use learning::Belief;
    /// assert_eq!(Belief::new(0.5, 1.0).map(|b| b.mean()), Some(0.5));
    /// assert_eq!(Belief::new(f64::NAN, 1.0), None);
    /// assert_eq!(Belief::new(0.0, -1.0), None);
    /// ```
    pub fn new(mean: f64, variance: f64) -> Option<Self> {
        let mean_fits = (-Self::MEAN_MAX..=Self::MEAN_MAX).contains(&mean);
        let variance_fits = (0.0..=Self::VARIANCE_MAX).contains(&variance);
        (mean_fits && variance_fits).then_some(Self { mean, variance })
    }

    /// A belief around zero; for priors, whose variance is a constant of this crate or its caller.
    pub(crate) fn around_zero(variance: f64) -> Self {
        Self { mean: 0.0, variance: variance.clamp(0.0, Self::VARIANCE_MAX) }
    }

    /// Logits.
    pub fn mean(self) -> f64 {
        self.mean
    }

    /// Squared logits.
    pub fn variance(self) -> f64 {
        self.variance
    }

    /// Moves the mean, as far as it may go.
    pub(crate) fn shift(&mut self, by: f64) {
        self.mean = (self.mean + by).clamp(-Self::MEAN_MAX, Self::MEAN_MAX);
    }

    /// Less uncertain by `by`, which rounding may make as large as the variance itself.
    pub(crate) fn narrow(&mut self, by: f64) {
        self.variance = (self.variance - by).max(0.0);
    }

    /// The belief after time has passed: see [`Self::widen`].
    pub(crate) fn widened(mut self, noise: f64, prior: f64) -> Self {
        self.widen(noise, prior);
        self
    }

    /// More uncertain by `noise`, but not beyond the prior. A variance that is above it stays.
    pub(crate) fn widen(&mut self, noise: f64, prior: f64) {
        self.variance = (self.variance + noise).min(prior.max(self.variance));
    }
}

/// What came of one response.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// It was written, and earned this.
    Answered(Credit),
    /// It was left blank, and something after it was written: nothing was earned by choice.
    Skipped,
    /// It was left blank, and so was everything after it. That tells of time, not of what the
    /// pupil knows, so nothing is learnt from it.
    NotReached,
}

impl Outcome {
    /// What is learnt from: `None` where the question was not reached.
    pub fn credit(self) -> Option<Credit> {
        match self {
            Self::Answered(credit) => Some(credit),
            Self::Skipped => Some(Credit::NONE),
            Self::NotReached => None,
        }
    }
}

/// The share of a question's points that a response earned, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Credit(f64);

impl Credit {
    /// None of the points.
    pub const NONE: Self = Self(0.0);
    /// All of the points.
    pub const FULL: Self = Self(1.0);

    /// `None` unless the share is between 0 and 1.
    pub fn new(share: f64) -> Option<Self> {
        (0.0..=1.0).contains(&share).then_some(Self(share))
    }

    /// The share of `max` that `score` is, both in the same unit; more than `max` counts as all of
    /// it. `None` where there was nothing to earn.
    ///
    /// ```
    /// # use learning::Credit;
    /// assert_eq!(Credit::of_score(15, 20), Credit::new(0.75));
    /// assert_eq!(Credit::of_score(3, 0), None);
    /// ```
    pub fn of_score(score: u32, max: u32) -> Option<Self> {
        (max > 0).then(|| Self(f64::from(score.min(max)) / f64::from(max)))
    }

    /// 0 to 1.
    pub fn share(self) -> f64 {
        self.0
    }
}
