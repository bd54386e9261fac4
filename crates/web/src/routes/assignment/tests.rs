use super::*;

fn row(part: &str, verdict: Option<Verdict>, score: Option<u32>) -> MatrixRow {
    let wanted = verdict.is_none().then_some(Wanted::Decide);
    let source = verdict.map(|_| Source::Machine);
    MatrixRow { pupil: "p".into(), part: part.into(), source, verdict, score, wanted }
}

/// The mixed sheet of the samples: 五(1) has two blanks of a point each.
fn sheet() -> Worksheet {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sample-strokes/worksheets/mixed-g3");
    Worksheet::load(std::path::Path::new(dir)).unwrap()
}

#[test]
fn a_cell_is_what_its_parts_come_to() {
    let sheet = sheet();
    let question = sheet.question("5-1").unwrap();
    let came_to = |first: (Option<Verdict>, Option<u32>),
                   second: (Option<Verdict>, Option<u32>)| {
        let rows = [row("5-1", first.0, first.1), row("5-1.2", second.0, second.1)];
        let found = whole(question, |part| rows.iter().find(|row| row.part == part.id)).unwrap();
        (found.verdict, found.score, found.wanted)
    };
    let (right, wrong) = ((Some(Verdict::Right), Some(10)), (Some(Verdict::Wrong), Some(0)));
    let (blank, open) = ((Some(Verdict::Blank), Some(0)), (None, None));
    assert_eq!(came_to(right, right), (Some(Verdict::Right), Some(20), None));
    assert_eq!(came_to(right, wrong), (Some(Verdict::Partly), Some(10), None));
    assert_eq!(came_to(blank, right), (Some(Verdict::Partly), Some(10), None));
    assert_eq!(came_to(blank, wrong), (Some(Verdict::Wrong), Some(0), None));
    assert_eq!(came_to(blank, blank), (Some(Verdict::Blank), Some(0), None));
    assert_eq!(came_to(right, open).2, Some(Wanted::Decide), "one blank waits, so does the cell");
    assert!(whole(question, |_| None).is_none());
}

#[test]
fn a_label_is_of_a_section_where_it_says_so() {
    assert_eq!(parts("三(2)"), ("三", "2"));
    assert_eq!(parts("二（10）"), ("二", "10"));
    for alone in ["7", "(3)", "三()", "一(2", "1(a) or 2"] {
        assert_eq!(parts(alone), ("", alone));
    }
}
