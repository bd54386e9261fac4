use super::*;

const POINTS: Score = Score(30);

#[test]
fn a_score_keeps_within_the_questions_points() {
    let given = |text| score(text, POINTS).map(|mark| (mark.verdict, mark.score.0));
    assert_eq!(given("3"), Some((Verdict::Right, 30)));
    assert_eq!(given("2.5"), Some((Verdict::Partly, 25)));
    assert_eq!(given("02"), Some((Verdict::Partly, 20)));
    assert_eq!(given("0"), Some((Verdict::Wrong, 0)));
    for none in ["3.1", "4", "30", "-1", "2.55", "x", "99999999999"] {
        assert_eq!(given(none), None, "{none}");
    }
}
