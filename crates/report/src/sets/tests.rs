use super::*;

fn item(label: &str, writer: &str) -> Handwriting {
    Handwriting {
        label: label.into(),
        writer: writer.into(),
        strokes: vec![vec![vec![0.0, 0.0], vec![3.0, 10.0]]],
        source: "test".into(),
        hz: None,
        pts_per_mm: None,
    }
}

/// A writer on the wanted side of the split.
fn writer(of: Split) -> String {
    let named = (0..).map(|i| format!("writer-{i}"));
    named.into_iter().find(|name| Split::of(name) == of).expect("one of them")
}

#[test]
fn only_writers_that_nothing_was_learnt_from_are_measured() {
    let (test, train) = (writer(Split::Test), writer(Split::Train));
    let other = writer(Split::Validation);
    let items = vec![
        item("3", &test),
        item("4", &train),
        item("5", &other),
        item("D", &test),
        item("v", &test),
        item("34", &test),
        item("34567", &test),
        item("7 8", &test),
    ];
    let sets = sets(&[("a.jsonl".into(), items)], 1);
    let of = |alphabet| sets.iter().filter(|s| s.alphabet == alphabet).collect::<Vec<_>>();
    let digits = of(Alphabet::Digits);
    assert_eq!((digits[0].test.len(), digits[0].train.len()), (1, 1));
    assert_eq!(of(Alphabet::Letters)[0].test[0].label, "D");
    assert_eq!(of(Alphabet::TrueFalse)[0].test[0].label, "√");
    let numbers = of(Alphabet::Number);
    assert_eq!((numbers[0].test.len(), numbers[1].test.len()), (1, COMPOSED));
    assert!(numbers[1].test.iter().all(|n| n.label.bytes().all(|b| b == b'3')));
    assert!(of(Alphabet::Operators).is_empty());
}

#[test]
fn files_without_a_test_writer_give_no_set() {
    let items = vec![item("3", &writer(Split::Train))];
    assert!(sets(&[("a.jsonl".into(), items)], 1).is_empty());
}
