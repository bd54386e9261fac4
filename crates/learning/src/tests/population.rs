//! Many pupils: what is fitted from them, and whether what is said of them comes true.

use super::*;

/// A class drawn from the model itself, so that what is true is known: the share of pupils who do
/// master it is what the chance of mastery says.
#[test]
fn the_chance_of_mastery_is_true_of_pupils_drawn_from_the_model() {
    let priors = Priors { learning: 0.0, noise_per_answer: 0.0, ..Priors::STANDARD };
    let items = ItemParameters { priors, ..exact() };
    let mut random = Uniform(1);
    let (mut said, mut true_of, mut held, mut n) = ([0.0; 4], [0.0; 4], 0.0, [0.0; 4]);
    for _ in 0..4_000 {
        let truth = random.normal() * 0.5f64.sqrt() + random.normal() * 0.7f64.sqrt() + 1.4;
        let chance = 1.0 / (1.0 + (-truth).exp());
        let history: Vec<_> = (0..12)
            .map(|i| {
                let right = f64::from(u8::from(random.next() < chance));
                observation(&format!("sums/{i}"), &["carry"], right, 0)
            })
            .collect();
        let told = mastery_of(&items, &history, "carry", 0).unwrap();
        let bin = ((told.probability * 4.0) as usize).min(3);
        said[bin] += told.probability;
        true_of[bin] += f64::from(u8::from(chance > Mastery::RATE));
        n[bin] += 1.0;
        held += f64::from(u8::from(told.low <= chance && chance <= told.high));
    }
    for bin in 0..4 {
        let (said, true_of) = (said[bin] / n[bin], true_of[bin] / n[bin]);
        assert!((said - true_of).abs() < 0.08, "said {said:.3}, true {true_of:.3} of {}", n[bin]);
    }
    assert!((0.88..=0.94).contains(&(held / 4_000.0)), "{}", held / 4_000.0);
}

/// One item parameter set in which everything is known exactly.
fn exact() -> ItemParameters {
    let exactly = |mean| Belief::new(mean, 0.0).unwrap();
    ItemParameters {
        items: (0..12).map(|i| (format!("sums/{i}"), exactly(0.0))).collect(),
        skills: BTreeMap::from([("carry".to_owned(), exactly(-1.4))]),
        ..ItemParameters::unfitted()
    }
}

/// Numbers that look random and are the same in every run (SplitMix64, Steele et al. 2014).
struct Uniform(u64);

impl Uniform {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Box and Muller 1958.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.next()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.next()).cos()
    }
}

/// Everybody right on every question of one sheet says nothing of how fast anybody learns.
#[test]
fn a_single_sheet_leaves_the_standard_priors() {
    let sheet: Vec<_> =
        (0..40).map(|i| observation(&format!("q{i}"), &[["a", "b", "c"][i % 3]], 1.0, 0)).collect();
    let names: Vec<String> = (0..45).map(|i| format!("p{i:02}")).collect();
    let log = names.iter().map(|name| (name.as_str(), &sheet[..])).collect();
    assert_eq!(fit(1, &log).priors, Priors::STANDARD);
}

#[test]
fn coverage_counts_whole_runs_of_answers() {
    let items = ItemParameters::unfitted();
    let of = |n| Coverage::of(&items, [&answers(n, 1.0)[..]]).map(|coverage| coverage.n);
    assert_eq!((of(24), of(25), of(44), of(45)), (None, Some(1), Some(1), Some(2)));
}

/// A hard item of an easy knowledge point does not make the points beside it look hard.
#[test]
fn each_point_has_a_median_item_of_its_own() {
    let pupil =
        |shift: usize| -> Vec<Observation> {
            let of = |i: usize, skill, right: bool| {
                let item = format!("{skill}/{}", i % 5);
                observation(&item, &[skill], f64::from(u8::from(right)), 0)
            };
            (0..40)
                .map(|i| {
                    if i % 2 == 0 {
                        of(i, "easy", true)
                    } else {
                        of(i, "hard", (i + shift) % 4 == 1)
                    }
                })
                .collect()
        };
    let names: Vec<String> = (0..30).map(|i| format!("p{i:02}")).collect();
    let all: Vec<_> = (0..30).map(pupil).collect();
    let log = names.iter().zip(&all).map(|(name, of)| (name.as_str(), &of[..])).collect();
    let items = fit(1, &log);
    assert!(
        items.medians["easy"] < -1.0 && items.medians["hard"] > items.medians["easy"] + 1.0,
        "{:?}",
        items.medians
    );
    // A new item starts from its knowledge point.
    let expected = |skill| predict(&items, &[observation("new", &[skill], 1.0, 0)])[0].0;
    assert!(expected("easy") > 0.6 && expected("hard") < expected("easy"));
}
