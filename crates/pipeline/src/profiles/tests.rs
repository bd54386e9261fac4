use std::path::Path;

use learning::{ItemParameters, fold};
use store::{HistoryRow, Verdict};
use worksheet::Worksheet;

use super::{DAY_MS, observation, row};

const SHANGHAI_MS: i64 = 8 * 3_600_000;

fn sheet() -> Worksheet {
    let dir = "../../sample-strokes/worksheets/english-g3";
    Worksheet::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join(dir)).unwrap()
}

fn answer(question: &str, score: u32, last_ms: i64) -> HistoryRow {
    HistoryRow {
        assignment: "a".into(),
        worksheet: "english-g3".into(),
        version: 1,
        question: question.into(),
        verdict: Verdict::Partly,
        score,
        settled_ms: last_ms + DAY_MS,
        last_ms: Some(last_ms),
        writing_ms: 0,
        rewrites: 0,
    }
}

#[test]
fn an_answer_is_credited_in_its_points_on_its_day() {
    let sheet = sheet();
    // 15:59:59.999 UTC is still the first day in Shanghai; a millisecond later it is the next.
    let before_midnight = observation(&sheet, &answer("3-1", 15, 57_599_999), SHANGHAI_MS).unwrap();
    assert_eq!((before_midnight.item.as_str(), before_midnight.day), ("english-g3/3-1", 0));
    assert_eq!(before_midnight.skills, ["english.vocabulary"]);
    assert_eq!(before_midnight.credit.share(), 0.25);
    let after = observation(&sheet, &answer("3-1", 15, 57_600_000), SHANGHAI_MS).unwrap();
    assert_eq!(after.day, 1);
    let mut blank = answer("3-1", 0, 0);
    blank.last_ms = None;
    assert_eq!(observation(&sheet, &blank, SHANGHAI_MS).unwrap().day, 1, "the day it was settled");
}

#[test]
fn a_question_that_is_not_there_is_left_out() {
    assert_eq!(observation(&sheet(), &answer("9-9", 0, 0), SHANGHAI_MS), None);
}

#[test]
fn mastery_is_kept_where_there_is_evidence() {
    let sheet = sheet();
    let of = |questions: &[&str]| {
        let answers: Vec<_> = (questions.iter())
            .map(|question| observation(&sheet, &answer(question, 60, 0), SHANGHAI_MS).unwrap())
            .collect();
        row(&fold(&ItemParameters::unfitted(), &answers))
    };
    assert!(of(&["3-1", "3-2"]).mastery.is_empty());
    let profile = of(&["3-1", "3-2", "3-3", "3-4"]);
    let points: Vec<&str> = profile.mastery.iter().map(|m| m.knowledge_point.as_str()).collect();
    assert_eq!(points, ["english.vocabulary"]);
    assert_eq!((profile.answers, profile.mastery[0].answers), (4, 3));
    assert_eq!(profile, of(&["3-1", "3-2", "3-3", "3-4"]));
}
