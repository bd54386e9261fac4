use super::*;

/// A writer who wrote these symbols, each as a line of this height.
fn lines(writer: &str, symbols: &str, height: f32) -> String {
    symbols
        .chars()
        .map(|symbol| {
            format!(
                "{{\"label\":\"{symbol}\",\"writer\":\"{writer}\",\"strokes\":[[[0,0],[3,{height}]]],\"source\":\"test\"}}\n"
            )
        })
        .collect()
}

fn load(files: &[(&str, String)]) -> Result<HandwritingPool, PoolError> {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    HandwritingPool::load(dir.path())
}

#[test]
fn a_pupil_keeps_one_writer_and_fills_gaps_from_others() {
    let files = [
        ("a.jsonl", lines("anna", "0123456789", 100.0)),
        ("b.jsonl", lines("bert", "ABCDEFG+-=/<>.%", 40.0)),
        ("notes.txt", "not handwriting".to_owned()),
    ];
    let pool = load(&files).unwrap();
    assert_eq!(pool.sources(), ["a.jsonl", "b.jsonl"]);
    let mut random = Random::stream(1, &["test"]);
    let writers = pool.deal(3, &mut random);
    for writers in writers {
        assert_eq!(writers.names(), ["anna", "bert"]);
        let (strokes, writer) = writers.draw('7', &mut random).unwrap();
        assert_eq!(writer, "anna");
        // In units of the writer's digit height, on the baseline.
        assert_eq!(strokes[0], [Point::new(0.0, 0.0), Point::new(0.03, 1.0)]);
        assert_eq!(writers.draw('A', &mut random).unwrap().1, "bert");
        assert!(writers.draw('√', &mut random).is_none());
    }
}

#[test]
fn no_writer_is_dealt_twice_while_there_are_others() {
    let digits = "0123456789";
    let files = [(
        "a.jsonl",
        lines("a", digits, 9.0) + &lines("b", digits, 9.0) + &lines("c", digits, 9.0),
    )];
    let dealt = load(&files).unwrap().deal(3, &mut Random::stream(1, &["test"]));
    let mut names: Vec<&str> = dealt.iter().map(|w| w.names()[0].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["a", "b", "c"]);
}

#[test]
fn a_folder_without_a_whole_set_of_digits_is_refused() {
    let error = load(&[("a.jsonl", lines("a", "012345678", 9.0))]).unwrap_err();
    assert!(error.to_string().ends_with("no writer in it wrote all ten digits"), "{error}");
}

#[test]
fn a_bad_line_is_named() {
    let error = load(&[("a.jsonl", lines("a", "0", 9.0) + "{}\n")]).unwrap_err();
    assert!(error.to_string().contains("a.jsonl: line 2: "), "{error}");
}

#[test]
fn what_is_in_another_unit_than_the_rest_is_left_out() {
    let mixed = lines("a", "0123456789", 100.0) + &lines("a", "77", 9.0) + &lines("a", ".", 90.0);
    let writers = load(&[("a.jsonl", mixed)]).unwrap().deal(1, &mut Random::stream(1, &["test"]));
    let mut random = Random::stream(2, &["test"]);
    for _ in 0..30 {
        let (strokes, _) = writers[0].draw('7', &mut random).unwrap();
        assert_eq!(strokes[0].last(), Some(&Point::new(0.03, 1.0)));
    }
    // A point as high as a digit is no point.
    assert!(writers[0].draw('.', &mut random).is_none());
}

#[test]
fn items_that_are_not_what_their_label_says_can_be_left_out() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.jsonl"), lines("a", "0123456789", 9.0)).unwrap();
    let load = |file: &str, left_out: usize| {
        HandwritingPool::load_but(dir.path(), |name, line| name == file && line == left_out)
    };
    assert_eq!(load("b.jsonl", 7).unwrap().writers(), 1);
    assert!(matches!(load("a.jsonl", 7).unwrap_err(), PoolError::NoWriter { .. }));
}
