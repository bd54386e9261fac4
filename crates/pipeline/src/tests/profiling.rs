use sample_school::Pen;
use school::Right;
use store::{Decided, Decision, MarkRow, ResponseName, Seen, Verdict};

use super::fixture::{School, tally_after};
use crate::Pipeline;
use crate::counters::Counting;
use crate::profiles::Answers;
use crate::sheets::Sheets;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settled_answers_reach_each_profile_once() {
    let school = School::new(5).await;
    for number in 1..=5 {
        let mut pen = Pen::new(number.into());
        school.dash(&mut pen, number, 0);
        school.receive(&mut pen).await;
    }
    let pipeline = school.start_with(2, tally_after(|_, _| {}));
    school.idle(&pipeline).await;
    assert_eq!(pipeline.counters().profiles_saved, 0, "nothing is settled yet");
    school.settle(&pipeline).await;
    let counters = pipeline.stop().await;
    assert_eq!((counters.profiles_saved, counters.answers_left_out), (5, 0));
    // Another pipeline finds nothing to fold.
    let after = school.start_with(1, tally_after(|_, _| {}));
    school.settle(&after).await;
    assert_eq!(after.stop().await.profiles_saved, 0);
    assert_eq!(school.store.stale_profiles(None, 9).await.unwrap(), []);
    assert_eq!(school.store.history("s", "p-1").await.unwrap().len(), 1);
}

/// Without the sheet's answers the profile would be another one.
#[tokio::test]
async fn a_worksheet_that_cannot_be_read_leaves_a_profile_stale() {
    let school = School::new(1).await;
    let answers = Answers {
        store: &school.store,
        sheets: &Sheets::default(),
        counting: &Counting::default(),
    };
    let of = |worksheet: &str| store::HistoryRow {
        assignment: "a-1".into(),
        worksheet: worksheet.into(),
        version: 1,
        part: "3-1".into(),
        position: 0,
        verdict: Verdict::Right,
        score: 20,
        settled_ms: 1,
        first_ms: None,
        last_ms: None,
        writing_ms: 0,
        rewrites: 0,
    };
    assert_eq!(answers.observe(&[of("english-g3")], 0).await.unwrap().len(), 1);
    let refused = answers.observe(&[of("english-g3"), of("burnt")], 0).await;
    assert!(matches!(refused, Err(store::StoreError::Missing { .. })), "{refused:?}");
}

const PUPILS: u32 = 4;

/// Pupil n answers n - 1 vocabulary questions rightly and the rest wrongly; pens are heard in `order`.
async fn vocabulary(order: impl Iterator<Item = u32>, threads: usize) -> (School, Pipeline) {
    let school = School::new(PUPILS).await;
    let sheet = school.worksheet().await;
    for number in order {
        let mut pen = Pen::new(number.into());
        for (place, question, right) in [(1, "3-1", 'A'), (2, "3-2", 'B'), (3, "3-3", 'C')] {
            let letter = if place < number { right } else { 'D' };
            let at_ms = i64::from(place) * 10_000;
            school.fill(&mut pen, number, at_ms, &sheet, (question, letter));
        }
        school.receive(&mut pen).await;
    }
    let pipeline = school.start(threads);
    school.settle(&pipeline).await;
    (school, pipeline)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fit_folds_every_profile_again_and_the_same_answers_make_none() {
    let (school, pipeline) = vocabulary(1..=PUPILS, 1).await;
    pipeline.stop().await;
    let before = beliefs(&school).await;
    let pool = crate::pool(1).unwrap();
    let fit = || crate::fit_items(&school.store, &pool, 5, 0);
    let fitted = fit().await.unwrap();
    assert_eq!((fitted.version, fitted.pupils), (Some(1), PUPILS));
    assert_eq!(school.store.stale_profiles(None, 9).await.unwrap().len(), PUPILS as usize);
    let again = school.start(1);
    school.idle(&again).await;
    again.stop().await;
    assert_ne!(beliefs(&school).await, before);
    assert_eq!(fit().await.unwrap().version, None);
    assert_eq!(school.store.stale_profiles(None, 9).await.unwrap(), []);
    assert_eq!(school.store.item_version().await.unwrap(), Some((1, 5)));
}

/// What is believed of each pupil on the vocabulary: mean and variance.
async fn beliefs(school: &School) -> Vec<(f64, f64)> {
    let mut beliefs = Vec::new();
    for number in 1..=PUPILS {
        let scope = school.scope().await;
        let view = school.store.pupil_of(&scope, &format!("p-{number}"), 9).await.unwrap().unwrap();
        let states = view.profile.unwrap().states;
        let last = states.iter().rfind(|s| s.knowledge_point == "english.vocabulary").unwrap();
        let mean = last.ability + last.deviation - last.difficulty;
        beliefs.push((mean, last.ability_variance + last.deviation_variance));
    }
    beliefs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn profiles_are_the_same_in_whatever_order_pupils_come() {
    let (forth, one) = vocabulary(1..=PUPILS, 1).await;
    let (back, two) = vocabulary((1..=PUPILS).rev(), 2).await;
    let forth_beliefs = beliefs(&forth).await;
    assert!(forth_beliefs.is_sorted_by(|a, b| a.0 < b.0), "{forth_beliefs:?}");
    assert_eq!(forth_beliefs, beliefs(&back).await);
    one.stop().await;
    two.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_taken_back_leaves_the_profile_as_it_was() {
    let (school, pipeline) = vocabulary(1..=PUPILS, 1).await;
    let before = beliefs(&school).await;
    let scope = school.scope().await;
    let head = school.store.assignment_of(&scope, Right::Decide, "a-1").await.unwrap().unwrap();
    let response = ResponseName { pupil: "p-4".into(), part: "3-1".into(), criterion: None };
    let mark = MarkRow { verdict: Verdict::Wrong, score: 0 };
    let decision = Decision { response: response.clone(), staff: "t-wang".into(), mark };
    let seen = Seen { changed_rev: 1, mark: None };
    let decided = school.store.decide(&head, decision, seen, school.now_ms()).await.unwrap();
    let Some(Decided::Stored(id)) = decided else { panic!("{decided:?}") };
    school.idle(&pipeline).await;
    let decided = beliefs(&school).await;
    assert!(decided[3].0 < before[3].0);
    assert_eq!(decided[..3], before[..3]);
    assert!(school.store.undo(&head, response, id, school.now_ms()).await.unwrap());
    school.idle(&pipeline).await;
    assert_eq!(beliefs(&school).await, before);
    assert_eq!(pipeline.stop().await.profiles_saved, u64::from(PUPILS) + 2);
}
