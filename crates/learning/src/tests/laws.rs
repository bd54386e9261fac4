//! Laws that hold for any history of answers.

use proptest::prelude::*;

use super::*;

fn any_history() -> impl Strategy<Value = Vec<Observation>> {
    let answer = ("[a-e]", prop::collection::vec("[s-z]", 0..5), 0.0..=1.0f64, any::<i32>());
    let answer = answer.prop_map(|(item, skills, share, day)| Observation {
        item,
        skills,
        outcome: match (share * 100.0) as u32 % 10 {
            0 => Outcome::Skipped,
            1 => Outcome::NotReached,
            _ => Outcome::Answered(Credit::new(share).unwrap()),
        },
        day,
        process: None,
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
    let counted: Vec<_> = history.iter().filter(|o| o.outcome.credit().is_some()).collect();
    assert_eq!(profile.answers as usize, counted.len());
    assert_eq!(profile.last_day, counted.iter().map(|o| o.day).max());
    for (name, states) in &profile.states {
        assert!(states.is_sorted_by(|a, b| a.day < b.day && a.answers < b.answers));
        let carried = counted.iter().filter(|o| o.skills.contains(name)).count();
        let last = profile.state(name).unwrap();
        assert_eq!(last.answers as usize, carried);
        for state in states.iter().chain([&last]) {
            sane(state.deviation, priors.skill);
            for day in [state.day, state.day.saturating_add(400)] {
                let Some(m) = state.mastery(&priors, day) else {
                    assert!(state.answers < Mastery::ANSWERS_MIN);
                    continue;
                };
                assert!((0.0..=1.0).contains(&m.probability), "{m:?}");
                assert!(
                    0.0 < m.low && m.low <= m.rate && m.rate <= m.high && m.high < 1.0,
                    "{m:?}"
                );
            }
        }
    }
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
            let credit = o.outcome.credit().unwrap_or(Credit::NONE);
            let p = model.update(student, &o.item, &skills, credit, o.day);
            prop_assert!(0.0 < p && p < 1.0, "{}", p);
        }
    }
}
