mod laws;
mod population;

use std::collections::BTreeMap;

use crate::{
    Belief, Coverage, Credit, ItemParameters, Mastery, Model, Observation, Outcome, Priors,
    Profile, fit, fold, predict,
};

fn observation(item: &str, skills: &[&str], share: f64, day: i32) -> Observation {
    Observation {
        item: item.into(),
        skills: skills.iter().map(|s| (*s).into()).collect(),
        outcome: Outcome::Answered(Credit::new(share).unwrap()),
        day,
        process: None,
    }
}

/// `n` answers to new items, all of one credit.
fn answers(n: usize, share: f64) -> Vec<Observation> {
    (0..n).map(|i| observation(&format!("sums/{i}"), &["carry"], share, 0)).collect()
}

fn mastery(history: &[Observation]) -> Option<Mastery> {
    mastery_on(0, history)
}

fn mastery_on(day: i32, history: &[Observation]) -> Option<Mastery> {
    mastery_of(&ItemParameters::unfitted(), history, "carry", day)
}

fn mastery_of(
    items: &ItemParameters,
    history: &[Observation],
    skill: &str,
    day: i32,
) -> Option<Mastery> {
    fold(items, history).state(skill)?.mastery(&items.priors, day)
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
    for name in ["a", "b"] {
        let deviation = profile.state(name).unwrap().deviation;
        // And practice: learning · (1 − ½) / √1.
        close(deviation.mean(), 0.35 * g + Priors::STANDARD.learning * 0.5);
        close(deviation.variance(), 0.7 - 0.35 * 0.35 * shrink);
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
    assert_eq!(mastery(&answers(4, 1.0)), None);
    let shown = mastery(&answers(5, 1.0)).unwrap();
    assert!(shown.low < shown.rate && shown.rate < shown.high);
    let profile = fold(&ItemParameters::unfitted(), &answers(9, 1.0));
    assert_eq!(profile.state("never asked"), None);
}

#[test]
fn evidence_narrows_the_interval_and_decides() {
    let (few, many) = (mastery(&answers(5, 1.0)).unwrap(), mastery(&answers(60, 1.0)).unwrap());
    assert!(many.high - many.low < few.high - few.low);
    assert!(many.probability > 0.95 && few.probability < 0.75, "{many:?} {few:?}");
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
        mastery_of(&items, &answers(5, 1.0), "carry", 0).unwrap().rate
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
        let credit = answer.outcome.credit().unwrap();
        model.update("p", &answer.item, &skills, credit, answer.day);
    }
    let profile = fold(&items, &history);
    // μ of a further answer, seen through the model's prediction.
    let (theta, a) = (profile.ability, profile.state("a").unwrap().deviation);
    let variance = |b: Belief, prior: f64| (b.variance() + priors.noise_per_answer).min(prior);
    let v = variance(theta, priors.ability) + variance(a, priors.skill);
    let mean = theta.mean() + a.mean();
    let expected = crate::step::probability(mean, v);
    assert_eq!(model.update("p", "i", &["a"], Credit::FULL, 39), expected);
}

/// Nobody practised since, so the middle stays where it was and only the interval widens, as far as
/// the prior.
#[test]
fn the_interval_widens_with_the_days_since_the_last_answer() {
    let on = |day| mastery_on(day, &answers(12, 0.5)).unwrap();
    let (today, month, year, ever) = (on(0), on(30), on(2_000), on(4_000));
    let width = |m: Mastery| m.high - m.low;
    assert!(width(today) < width(month) && width(month) < width(year));
    assert_eq!(year, ever);
    assert!((today.rate - year.rate).abs() < 0.03, "{today:?} {year:?}");
    assert_eq!(on(-5), today);
}

/// An answer to another knowledge point tells of ability, so it narrows this one too, but it is no
/// state of this one's history.
#[test]
fn a_state_is_kept_for_each_day_of_a_knowledge_point() {
    let items = ItemParameters::unfitted();
    let of = |item: &str, skill, day| observation(item, &[skill], 1.0, day);
    let history =
        [of("1", "a", 3), of("2", "b", 3), of("3", "a", 5), of("4", "b", 5), of("5", "b", 9)];
    let profile = fold(&items, &history);
    let days = |skill: &str| profile.states[skill].iter().map(|s| (s.day, s.answers)).collect();
    let (a, b): (Vec<_>, Vec<_>) = (days("a"), days("b"));
    assert_eq!((a, b), (vec![(3, 1), (5, 2)], vec![(3, 1), (5, 2), (9, 3)]));
    // The end of a day holds what the whole day told of ability.
    for (end, day) in [(2, 3), (4, 5)] {
        let until = fold(&items, &history[..end]);
        assert_eq!(profile.states["a"].iter().find(|s| s.day == day).copied(), until.state("a"));
    }
    let now = profile.state("a").unwrap();
    assert_eq!((now.day, now.ability_day, now.ability), (5, 9, profile.ability));
}

#[test]
fn what_was_not_reached_teaches_nothing_and_what_was_skipped_does() {
    let items = ItemParameters::unfitted();
    let blank = |outcome| {
        let mut history = answers(6, 1.0);
        history.push(Observation { outcome, ..observation("last", &["carry"], 0.0, 0) });
        fold(&items, &history)
    };
    assert_eq!(blank(Outcome::NotReached), fold(&items, &answers(6, 1.0)));
    assert_eq!(blank(Outcome::Skipped), blank(Outcome::Answered(Credit::NONE)));
    let none = [Observation { outcome: Outcome::NotReached, ..observation("1", &["a"], 0.0, 0) }];
    let log = BTreeMap::from([("p", &none[..])]);
    assert_eq!(fit(1, &log).items, BTreeMap::new());
}
