use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::{Belief, Credit, ItemParameters, Mastery, Model, Observation, Priors, Profile, fold};

fn observation(item: &str, skills: &[&str], share: f64, day: i32) -> Observation {
    Observation {
        item: item.into(),
        skills: skills.iter().map(|s| (*s).into()).collect(),
        credit: Credit::new(share).unwrap(),
        day,
    }
}

/// `n` answers to new items, all of one credit.
fn answers(n: usize, share: f64) -> Vec<Observation> {
    (0..n).map(|i| observation(&format!("sums/{i}"), &["carry"], share, 0)).collect()
}

fn mastery(history: &[Observation]) -> Option<Mastery> {
    fold(&ItemParameters::unfitted(), history).mastery("carry")
}

/// The update for one answer worked out by hand from the published formulas.
#[test]
fn first_answer_follows_the_formulas() {
    let profile = fold(&ItemParameters::unfitted(), &[observation("i", &["a", "b"], 1.0, 3)]);
    // μ = 0, p = ½, h = ¼; v = .5 + 1 + (.7 + .5)·2/4 = 2.1; 1 + hv = 1.525
    let (g, shrink) = (0.5 / 1.525, 0.25 / 1.525);
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} is not {b}");
    close(profile.ability.mean(), 0.5 * g);
    close(profile.ability.variance(), 0.5 - 0.25 * shrink);
    for skill in profile.skills.values() {
        close(skill.deviation.mean(), 0.35 * g);
        close(skill.deviation.variance(), 0.7 - 0.35 * 0.35 * shrink);
    }
}

#[test]
fn second_answer_sees_the_first_and_the_days_between() {
    let items = ItemParameters::unfitted();
    let after = |day| {
        let history = [observation("i", &["a"], 1.0, 0), observation("j", &["a"], 0.0, day)];
        fold(&items, &history).ability
    };
    assert!(after(30).variance() > after(0).variance());
    // A surprise weighs more after a pause, since more is uncertain.
    assert!(after(30).mean() < after(0).mean());
    assert_eq!(after(-30), after(0));
}

#[test]
fn no_mastery_before_there_is_evidence() {
    assert_eq!(mastery(&answers(2, 1.0)), None);
    let shown = mastery(&answers(3, 1.0)).unwrap();
    assert_eq!(shown.answers, 3);
    assert!(shown.low < shown.rate && shown.rate < shown.high);
    let profile = fold(&ItemParameters::unfitted(), &answers(9, 1.0));
    assert_eq!(profile.mastery("never asked"), None);
}

#[test]
fn evidence_narrows_the_interval_and_decides() {
    let (few, many) = (mastery(&answers(3, 1.0)).unwrap(), mastery(&answers(60, 1.0)).unwrap());
    assert!(many.high - many.low < few.high - few.low);
    assert!(many.probability > 0.9 && few.probability < 0.5, "{many:?} {few:?}");
    assert!(mastery(&answers(60, 0.3)).unwrap().probability < 0.01);
}

#[test]
fn mastery_is_of_a_median_item_of_that_point() {
    let harder = |median: Option<f64>, skill: f64| {
        let belief = |mean| Belief::new(mean, 0.01).unwrap();
        let mut items = ItemParameters::unfitted();
        items.skills = BTreeMap::from([("carry".to_owned(), belief(skill))]);
        if let Some(median) = median {
            items.medians = BTreeMap::from([("carry".to_owned(), median)]);
        }
        // The item answered is not fitted, so that only the reference moves.
        fold(&items, &answers(5, 1.0)).mastery("carry").unwrap().rate
    };
    assert!(harder(Some(1.0), 0.0) < harder(Some(0.0), 0.0));
    assert!(harder(Some(0.0), 0.0) < harder(Some(-1.0), 0.0));
    assert!(harder(None, 1.0) < harder(None, -1.0));
}

#[test]
fn hard_items_earn_more_than_easy_ones() {
    let ability = |difficulty| {
        let mut items = ItemParameters::unfitted();
        items.items.insert("sums/0".into(), Belief::new(difficulty, 0.1).unwrap());
        fold(&items, &answers(1, 1.0)).ability.mean()
    };
    assert!(ability(1.5) > ability(0.0) && ability(0.0) > ability(-1.5));
}

#[test]
fn partial_credit_lies_between() {
    let rate = |share| mastery(&answers(5, share)).unwrap().rate;
    assert!(rate(0.0) < rate(0.5) && rate(0.5) < rate(1.0));
}

#[test]
fn order_matters() {
    let items = ItemParameters::unfitted();
    let (up, down) = ([0.0, 0.0, 1.0, 1.0], [1.0, 1.0, 0.0, 0.0]);
    let of = |shares: [f64; 4]| {
        fold(&items, &shares.map(|share| observation("i", &["a"], share, 0))).ability.mean()
    };
    assert!(of(up) > of(down));
}

#[test]
fn numbers_out_of_range_are_refused() {
    for share in [f64::NAN, f64::INFINITY, -0.1, 1.1] {
        assert_eq!(Credit::new(share), None);
        assert_eq!(Belief::new(share * 1000.0, 1.0), None, "{share}");
    }
    assert_eq!(Credit::of_score(30, 20), Some(Credit::FULL));
    assert_eq!(Belief::new(0.0, f64::NAN), None);
}

/// The model and the fold are one update: with items known exactly they cannot be moved, and the
/// two agree to the last bit.
#[test]
fn model_and_fold_agree_where_items_cannot_move() {
    let priors = Priors { item: 0.0, skill_difficulty: 0.0, ..Priors::STANDARD };
    let items = ItemParameters { priors, ..ItemParameters::unfitted() };
    let history: Vec<Observation> = (0..40)
        .map(|i| observation("i", &["a", "b"][..1 + i % 2], (i % 3) as f64 / 2.0, i as i32))
        .collect();
    let mut model = Model::new(priors);
    for answer in &history {
        let skills: Vec<&str> = answer.skills.iter().map(String::as_str).collect();
        model.update("p", &answer.item, &skills, answer.credit, answer.day);
    }
    let profile = fold(&items, &history);
    // μ of a further answer, seen through the model's prediction.
    let (theta, a) = (profile.ability, profile.skills["a"].deviation);
    let variance = |b: Belief, prior: f64| (b.variance() + priors.noise_per_answer).min(prior);
    let v = variance(theta, priors.ability) + variance(a, priors.skill);
    let mean = theta.mean() + a.mean() + priors.learning_per_answer;
    let expected = crate::step::probability(mean, v);
    assert_eq!(model.update("p", "i", &["a"], Credit::FULL, 39), expected);
}

fn any_history() -> impl Strategy<Value = Vec<Observation>> {
    let answer = ("[a-e]", prop::collection::vec("[s-z]", 0..5), 0.0..=1.0f64, any::<i32>());
    let answer = answer.prop_map(|(item, skills, share, day)| Observation {
        item,
        skills,
        credit: Credit::new(share).unwrap(),
        day,
    });
    prop::collection::vec(answer, 0..120)
}

fn any_items() -> impl Strategy<Value = ItemParameters> {
    let belief = (-Belief::MEAN_MAX..=Belief::MEAN_MAX, 0.0..=Belief::VARIANCE_MAX)
        .prop_map(|(mean, variance)| Belief::new(mean, variance).unwrap());
    let beliefs = |names| prop::collection::btree_map(names, belief.clone(), 0..5);
    (beliefs("[a-e]"), beliefs("[s-z]")).prop_map(|(items, skills)| ItemParameters {
        items,
        skills,
        ..ItemParameters::unfitted()
    })
}

fn assert_sane(profile: &Profile, history: &[Observation]) {
    let priors = Priors::STANDARD;
    let sane = |b: Belief, prior: f64| {
        assert!(b.mean().is_finite() && b.variance() > 0.0 && b.variance() <= prior, "{b:?}");
    };
    sane(profile.ability, priors.ability);
    assert_eq!(profile.answers as usize, history.len());
    for (name, skill) in &profile.skills {
        sane(skill.deviation, priors.skill);
        let carried = history.iter().filter(|o| o.skills.contains(name)).count();
        assert_eq!(skill.answers as usize, carried);
        let Some(m) = profile.mastery(name) else {
            assert!(skill.answers < Mastery::ANSWERS_MIN);
            continue;
        };
        assert!((0.0..=1.0).contains(&m.probability), "{m:?}");
        assert!(0.0 < m.low && m.low <= m.rate && m.rate <= m.high && m.high < 1.0, "{m:?}");
    }
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
    let log = names.iter().enumerate().map(|(i, name)| (name.as_str(), pupil(i))).collect();
    let items = crate::fit(1, &log);
    assert!(
        items.medians["easy"] < -1.0 && items.medians["hard"] > items.medians["easy"] + 1.0,
        "{:?}",
        items.medians
    );
    // A new item starts from its knowledge point.
    let expected = |skill| crate::predict(&items, &[observation("new", &[skill], 1.0, 0)])[0];
    assert!(expected("easy") > 0.6 && expected("hard") < expected("easy"));
}

proptest! {
    #[test]
    fn folding_any_history_stays_sane_and_repeats(history in any_history(), items in any_items()) {
        let profile = fold(&items, &history);
        assert_sane(&profile, &history);
        prop_assert_eq!(profile, fold(&items, &history));
    }

    #[test]
    fn every_prefix_is_sane(history in any_history()) {
        for end in 0..history.len() {
            assert_sane(&fold(&ItemParameters::unfitted(), &history[..end]), &history[..end]);
        }
    }

    #[test]
    fn model_predicts_probabilities(history in any_history()) {
        let mut model = Model::new(Priors::STANDARD);
        for (i, o) in history.iter().enumerate() {
            let skills: Vec<&str> = o.skills.iter().map(String::as_str).collect();
            let student = if i % 2 == 0 { "even" } else { "odd" };
            let p = model.update(student, &o.item, &skills, o.credit, o.day);
            prop_assert!(0.0 < p && p < 1.0, "{}", p);
        }
    }
}
