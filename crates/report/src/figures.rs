//! Figures of readings: how often right, how sure, and what can be said of so few of them.

use recognition::Read;

#[cfg(test)]
mod tests;

/// One answer that was read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Case {
    /// How likely the reading was said to be, 0–1.
    pub probability: f32,
    /// Whether it was what had been written.
    pub right: bool,
}

impl From<&Read> for Case {
    fn from(read: &Read) -> Self {
        Self { probability: read.confidence, right: read.label == read.read }
    }
}

/// Readings as cases.
pub fn cases(reads: &[Read]) -> Vec<Case> {
    reads.iter().map(Case::from).collect()
}

/// The share that is right, 0–1.
pub fn right(cases: &[Case]) -> f64 {
    cases.iter().filter(|case| case.right).count() as f64 / cases.len().max(1) as f64
}

/// What is decided from some probability on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decided {
    /// Answers, decided or not.
    pub all: usize,
    /// Answers decided.
    pub decided: usize,
    /// Of these, wrong.
    pub wrong: usize,
    /// The least probability that decides, 0–1; infinite where nothing is decided.
    pub from: f32,
}

impl Decided {
    /// The share that is decided, 0–1.
    pub fn coverage(&self) -> f64 {
        self.decided as f64 / self.all.max(1) as f64
    }

    /// The share of the decided that is wrong, 0–1.
    pub fn silent(&self) -> f64 {
        self.wrong as f64 / self.decided.max(1) as f64
    }

    /// What [`Decided::silent`] may be all the same, 0–1: the upper 95 % bound.
    pub fn silent_max(&self) -> f64 {
        upper_bound(self.wrong, self.decided)
    }
}

/// The most that can be decided, surest first, with at most `error_max` of it wrong: what
/// [`recognition::coverage`] gives the share of.
pub fn decided_at(cases: &[Case], error_max: f64) -> Decided {
    let mut best = Decided { all: cases.len(), decided: 0, wrong: 0, from: f32::INFINITY };
    for step in steps(cases) {
        if step.wrong as f64 <= error_max * step.decided as f64 {
            best = step;
        }
    }
    best
}

/// What is decided from the probability `from` on.
pub fn decided_from(cases: &[Case], from: f32) -> Decided {
    let sure = || cases.iter().filter(|case| case.probability >= from);
    let wrong = sure().filter(|case| !case.right).count();
    Decided { all: cases.len(), decided: sure().count(), wrong, from }
}

/// What each probability that occurs would decide, surest first. Equal probabilities are decided
/// together.
pub fn steps(cases: &[Case]) -> Vec<Decided> {
    let mut sorted: Vec<&Case> = cases.iter().collect();
    sorted.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    let mut steps: Vec<Decided> = Vec::new();
    let mut wrong = 0;
    for (index, case) in sorted.iter().enumerate() {
        wrong += usize::from(!case.right);
        if sorted.get(index + 1).is_none_or(|next| next.probability < case.probability) {
            let from = case.probability;
            steps.push(Decided { all: cases.len(), decided: index + 1, wrong, from });
        }
    }
    steps
}

/// Cases of about one probability.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bin {
    /// Cases.
    pub n: usize,
    /// Sum of their probabilities.
    pub expected: f64,
    /// Of them, right.
    pub right: usize,
}

/// Ten bins of probability, each a tenth wide.
pub fn bins(cases: &[Case]) -> [Bin; 10] {
    let mut bins = [Bin::default(); 10];
    for case in cases {
        let bin = &mut bins[((case.probability * 10.0) as usize).min(9)];
        bin.n += 1;
        bin.expected += f64::from(case.probability);
        bin.right += usize::from(case.right);
    }
    bins
}

/// Expected calibration error over ten bins of confidence (Naeini et al. 2015).
pub fn ece(cases: &[Case]) -> f64 {
    let off = |bin: &Bin| (bin.expected - bin.right as f64).abs();
    bins(cases).iter().map(off).sum::<f64>() / cases.len().max(1) as f64
}

/// The upper 95 % bound of a share of which `wrong` of `n` were seen (Clopper and Pearson 1934, one
/// side): the share with which so few would be seen in one of twenty trials.
pub fn upper_bound(wrong: usize, n: usize) -> f64 {
    if wrong >= n {
        return 1.0;
    }
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if at_most(wrong, n, middle) > 0.05 { low = middle } else { high = middle }
    }
    high
}

/// How likely at most `k` of `n` are, each with probability `p`.
fn at_most(k: usize, n: usize, p: f64) -> f64 {
    let odds = p.ln() - (-p).ln_1p();
    let mut term = n as f64 * (-p).ln_1p();
    let mut sum = term.exp();
    for i in 0..k {
        term += ((n - i) as f64 / (i + 1) as f64).ln() + odds;
        sum += term.exp();
    }
    sum
}

/// The 95 % interval of a share (Wilson 1927).
pub fn interval(of_them: usize, n: usize) -> (f64, f64) {
    const Z: f64 = 1.96;
    if n == 0 {
        return (0.0, 1.0);
    }
    let n = n as f64;
    let share = of_them as f64 / n;
    let middle = share + Z * Z / (2.0 * n);
    let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    (((middle - half) / scale).max(0.0), ((middle + half) / scale).min(1.0))
}

/// Accuracy, coverages and calibration of one set in a line.
pub fn line(name: &str, reads: &[Read]) -> String {
    let cases = cases(reads);
    format!(
        "{name:<16} n {:>5}  accuracy {:6.2} %  coverage at 0.1 % error {:5.1} %, at 0.5 % {:5.1} %  ece {:.4}",
        cases.len(),
        100.0 * right(&cases),
        100.0 * decided_at(&cases, 0.001).coverage(),
        100.0 * decided_at(&cases, 0.005).coverage(),
        ece(&cases),
    )
}
