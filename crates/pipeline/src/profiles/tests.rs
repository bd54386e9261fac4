use std::path::Path;

use learning::{ItemParameters, Observation, Outcome, fold};
use store::{HistoryRow, Verdict};
use worksheet::Worksheet;

use super::{DAY_MS, Written, row, written};

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
        part: question.into(),
        position: 0,
        verdict: Verdict::Partly,
        score,
        settled_ms: last_ms + DAY_MS,
        first_ms: Some(last_ms - 1_000),
        last_ms: Some(last_ms),
        writing_ms: 0,
        rewrites: 0,
    }
}

fn observation(row: &HistoryRow) -> Option<Observation> {
    let written = Written { process: None, reached: true };
    super::observation(&sheet(), row, written, SHANGHAI_MS)
}

#[test]
fn an_answer_is_credited_in_its_points_on_its_day() {
    // 15:59:59.999 UTC is still the first day in Shanghai; a millisecond later it is the next.
    let before_midnight = observation(&answer("3-1", 15, 57_599_999)).unwrap();
    assert_eq!((before_midnight.item.as_str(), before_midnight.day), ("english-g3/3-1", 0));
    assert_eq!(before_midnight.skills, ["english.vocabulary"]);
    assert_eq!(before_midnight.outcome.credit().map(|credit| credit.share()), Some(0.25));
    assert_eq!(observation(&answer("3-1", 15, 57_600_000)).unwrap().day, 1);
    let settled = observation(&blank("3-1", 0)).unwrap();
    assert_eq!(settled.day, 1, "the day it was settled");
    for last_ms in [i64::MIN, -500 * DAY_MS, 500 * DAY_MS, i64::MAX] {
        let row = HistoryRow { settled_ms: 20 * DAY_MS, ..answer("3-1", 15, 0) };
        let unset = HistoryRow { last_ms: Some(last_ms), ..row };
        assert_eq!(observation(&unset).unwrap().day, 20, "its clock was never set");
    }
}

#[test]
fn a_question_that_is_not_there_is_left_out() {
    assert_eq!(observation(&answer("9-9", 0, 0)), None);
}

#[test]
fn states_are_kept_by_knowledge_point_and_day() {
    let of = |questions: &[(&str, i64)]| {
        let answers: Vec<_> = (questions.iter())
            .map(|(question, day)| observation(&answer(question, 60, day * DAY_MS)).unwrap())
            .collect();
        row(&fold(&ItemParameters::unfitted(), &answers))
    };
    let all = [("3-1", 0), ("3-2", 0), ("1-1", 0), ("3-3", 2)];
    let profile = of(&all);
    let vocabulary = profile.states.iter().filter(|s| s.knowledge_point == "english.vocabulary");
    assert_eq!(vocabulary.map(|s| (s.day, s.answers)).collect::<Vec<_>>(), [(0, 2), (2, 3)]);
    assert_eq!((profile.answers, profile.last_day), (4, Some(2)));
    assert_eq!(profile, of(&all));
}

fn blank(question: &str, position: u32) -> HistoryRow {
    let row = answer(question, 0, 0);
    HistoryRow { position, verdict: Verdict::Blank, first_ms: None, last_ms: None, ..row }
}

/// Two pages, the second settled first: what counts is the order on the worksheet.
#[test]
fn a_blank_with_something_after_it_was_skipped_and_the_rest_was_not_reached() {
    let of = |question, position, at_ms| HistoryRow { position, ..answer(question, 60, at_ms) };
    let elsewhere = HistoryRow { assignment: "b".into(), ..of("3-3", 9, 0) };
    let history = [
        blank("3-3", 3),
        blank("3-2", 4),
        of("1-1", 0, 30_000),
        blank("1-2", 1),
        of("3-1", 2, 20_000),
        elsewhere,
    ];
    let written = written(&history);
    let reached: Vec<bool> = written.iter().map(|w| w.reached).collect();
    assert_eq!(reached, [false, false, true, true, true, true]);
    let order = |place: usize| written[place].process.map(|p| (p.order, p.think_ms));
    assert_eq!(order(2), Some((2, Some(9_000))));
    assert_eq!((order(4), order(5), order(3)), (Some((1, None)), Some((1, None)), None));
    let outcome = |place: usize| {
        super::observation(&sheet(), &history[place], written[place], 0).unwrap().outcome
    };
    assert_eq!((outcome(0), outcome(3)), (Outcome::NotReached, Outcome::Skipped));
}
