use super::*;
use crate::hand::{Hand, mark};

#[test]
fn a_marked_paper_is_the_same_after_a_journey_as_json() {
    let (mut pupil, mut red) = (Hand::new(1), Hand::new(2));
    pupil.seven(24.0, 22.0).scribble(23.0, 21.5, 5.0, 6.0).seven(32.0, 22.0).one(60.0, 200.0);
    red.tick(48.0, 26.0);
    let paper = mark(&pupil, &red);
    let json = serde_json::to_string(&paper).expect("plain data");
    assert_eq!(serde_json::from_str::<MarkedPaper>(&json).expect("as written"), paper);
    assert!(json.contains(r#""loose":["1-1-7-3"]"#), "{json}");
}

#[test]
fn codes_are_the_names_in_json() {
    for verdict in [Verdict::Right, Verdict::Wrong, Verdict::Partly, Verdict::Blank] {
        assert_eq!(serde_json::to_value(verdict).expect("plain"), verdict.code());
    }
}

#[test]
fn a_name_that_is_none_is_refused() {
    let json = r#"{"responses":[],"loose":["x"],"versions":
        {"worksheet":{"id":"a","version":1},"registration":1,"model":"m","thresholds":1}}"#;
    assert!(serde_json::from_str::<MarkedPaper>(json).is_err());
}
