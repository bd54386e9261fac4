//! Questions of several parts, rubrics, and every other field and kind.

use super::*;

/// Several blanks, a rubric, and every other field and kind.
const PARTS: &str = r#"
[[question]]
id = "pair"
page = 1
label = "7"
prompt = "( ) × ( ) = 21"
knowledge_points = ["math"]
unordered = [[1, 2]]
all_or_nothing = [[1, 2]]
points = 1.5
box = { x_um = 10000, y_um = 170000, width_um = 20000, height_um = 10000 }
answer = { kind = "number", form = "whole", right = "3" }

[[question.part]]
points = 1.5
box = { x_um = 40000, y_um = 170000, width_um = 20000, height_um = 10000 }
answer = { kind = "number", form = "whole", right = "7" }

[[question.part]]
points = 2
comb = [
    { x_um = 70000, y_um = 170000, width_um = 8000, height_um = 10000 },
    { x_um = 78000, y_um = 170000, width_um = 8000, height_um = 10000 },
]
answer = { kind = "digits", right = "07", also = ["70"] }

[[question]]
id = "proof"
page = 1
label = "8"
prompt = "Why?"
points = 4
knowledge_points = ["math"]
lines = { rect = { x_um = 10000, y_um = 190000, width_um = 90000, height_um = 30000 }, pitch_um = 10000 }
answer = { kind = "free" }

[[question.criterion]]
text = "Idea"
points = 2.5
score_box = { x_um = 150000, y_um = 190000, width_um = 14000, height_um = 10000 }

[[question.criterion]]
text = "Sum"
points = 1.5

[[question]]
id = "rest"
page = 1
label = "9"
prompt = "Write."
knowledge_points = ["math"]
points = 1
bracket = { x_um = 10000, y_um = 230000, width_um = 20000, height_um = 10000 }
answer = { kind = "number", right = "3.5", also = ["4"], tolerance = "0.1" }

[[question.part]]
points = 1
area = { x_um = 40000, y_um = 230000, width_um = 20000, height_um = 10000 }
answer = { kind = "steps", right = "3×12=36" }

[[question.part]]
points = 1
box = { x_um = 70000, y_um = 230000, width_um = 20000, height_um = 10000 }
answer = { kind = "character", right = "大" }

[[question.part]]
points = 1
bubbles = [
    { letter = "A", rect = { x_um = 100000, y_um = 230000, width_um = 5000, height_um = 3500 } },
    { letter = "B", rect = { x_um = 110000, y_um = 230000, width_um = 5000, height_um = 3500 } },
    { letter = "C", rect = { x_um = 120000, y_um = 230000, width_um = 5000, height_um = 3500 } },
]
answer = { kind = "choices", right = "AC" }
"#;

fn with_parts() -> String {
    format!("{SHEET}{PARTS}")
}

#[test]
fn a_question_may_have_several_parts_and_a_part_a_rubric() {
    let sheet = parse(&with_parts()).unwrap();
    let pair = sheet.question("pair").unwrap();
    let told: Vec<_> =
        pair.each().map(|of| (of.part.id.as_str(), of.number(), of.answer())).collect();
    let told = |at: usize| (told[at].0, told[at].1, told[at].2.as_deref());
    assert_eq!(told(0), ("pair", Some(1), Some("3 / 7")), "in any order");
    assert_eq!(told(1), ("pair.2", Some(2), Some("3 / 7")));
    assert_eq!(told(2), ("pair.3", Some(3), Some("07 / 70")));
    assert_eq!(pair.points(), Score(50));
    let PartOf { part, .. } = sheet.part("proof").unwrap();
    let Key::Rubric(criteria) = &part.key else { panic!("a rubric") };
    let told: Vec<_> = criteria.iter().map(|c| (c.id.as_str(), &*c.text, c.points.0)).collect();
    assert_eq!(told, [("a", "Idea", 25), ("b", "Sum", 15)]);
    assert_eq!(part.points_of(Some("b")), Some(Score(15)));
    assert_eq!((part.points_of(None), part.points_of(Some("c"))), (None, None));
    assert_eq!(sheet.points(), Score(125 + 50 + 40 + 40));
}

#[test]
fn parts_that_are_written_read_back_the_same() {
    let sheet = parse(&with_parts()).unwrap();
    let (_, toml) = sheet.files().swap_remove(0);
    assert_eq!(parse(&toml).unwrap(), sheet);
}

#[test]
fn parts_that_contradict_each_other_are_refused() {
    let check = |from: &str, to: &str, refusal: &str| {
        let text = with_parts();
        assert!(text.contains(from), "{from:?}");
        let error = parse(&text.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.contains(refusal), "{from:?} → {to:?} said: {error}");
    };
    check("id = \"number\"", "id = \"pair.2\"", "question pair: its id stands twice");
    check("unordered = [[1, 2]]", "unordered = [[1, 4]]", "question pair: its groups name a part");
    check("unordered = [[1, 2]]", "unordered = [[0, 2]]", "question pair: its groups name a part");
    check("unordered = [[1, 2]]", "unordered = [[1]]", "question pair: a group has at least two");
    check("unordered = [[1, 2]]", "unordered = [[1, 3]]", "question pair: blanks in any order");
    check("points = 2.5\nscore", "points = 3\nscore", "question proof: its criteria do not add up");
    check("text = \"Sum\"", "text = \" \"", "question proof: a criterion has no text");
    check("kind = \"digits\", right", "kind = \"digits\", right = \"x\", x", "unknown field `x`");
    check("right = \"07\"", "right = \"0.7\"", "question pair: its answer has other signs");
    check("right = \"AC\"", "right = \"AD\"", "question rest: its answer is no letters of its");
    check("tolerance = \"0.1\"", "tolerance = \"-1\"", "question rest: its tolerance is no");
    check("pitch_um = 10000", "pitch_um = 0", "question proof: its lines stand no further");
    check("comb = [", "bubbles = []\ncomb = [", "question pair: it has one `box`");
}

#[test]
fn points_depend_on_each_other_only_in_their_group() {
    let sheet = parse(&with_parts()).unwrap();
    let pair = sheet.question("pair").unwrap();
    let earned = |scores: [Option<u32>; 3]| {
        let of = |part: &Part| {
            let at = pair.parts.iter().position(|other| other.id == part.id).unwrap();
            scores[at].map(Score)
        };
        pair.earned(of).map(|score| score.0)
    };
    assert_eq!(earned([Some(15), Some(15), Some(20)]), Some(50));
    assert_eq!(earned([Some(15), Some(0), Some(20)]), Some(20), "all or nothing");
    assert_eq!(earned([Some(15), None, Some(10)]), Some(10), "one waits for a person");
    assert_eq!(earned([None, None, None]), None);
}
