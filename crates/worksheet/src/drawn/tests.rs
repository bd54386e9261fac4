use super::*;

fn rect(x_mm: i32, y_mm: i32, width_mm: i32, height_mm: i32) -> Rect {
    let um = 1_000;
    Rect { x_um: x_mm * um, y_um: y_mm * um, width_um: width_mm * um, height_um: height_mm * um }
}

fn field(number: &str, rect: Rect, kind: DrawnKind, key: &str) -> DrawnField {
    DrawnField {
        page: 1,
        rect,
        bracket: false,
        number: number.into(),
        kind,
        key: key.into(),
        options: String::new(),
        points: "2".into(),
        point: "math.count.to-20".into(),
    }
}

fn pages() -> Vec<Page> {
    let page =
        |number| Page { number, width_um: 210_000, height_um: 297_000, artwork: "<svg/>".into() };
    vec![page(1), page(2)]
}

fn drawing(fields: Vec<DrawnField>) -> Drawing {
    Drawing { title: "单元练习".into(), grade: "3".into(), subject: "math".into(), fields }
}

fn build(drawing: &Drawing) -> (Option<Worksheet>, Vec<(Option<usize>, DrawnWrong)>) {
    let id = WorksheetId { id: "own-1".into(), version: 1 };
    let (sheet, faults) = drawing.worksheet(id, &pages(), &Framework::own());
    (sheet, faults.into_iter().map(|fault| (fault.field, fault.wrong)).collect())
}

/// The worksheet reads back from its files, and its questions stand in the order of their numbers
/// whatever was drawn first.
#[test]
fn a_sound_drawing_is_a_worksheet_like_any_other() {
    let (sheet, faults) = build(&drawing(vec![
        field("10", rect(20, 90, 30, 12), DrawnKind::Number, "3.5|３．５０"),
        field("2", rect(80, 50, 30, 12), DrawnKind::Whole, "７"),
        field("2", rect(20, 50, 30, 12), DrawnKind::Whole, "6"),
        field("一.1", rect(20, 30, 20, 12), DrawnKind::TrueFalse, "对"),
        field("11", rect(20, 110, 20, 12), DrawnKind::Letter, "ｂ"),
        field("12", rect(20, 130, 100, 30), DrawnKind::Free, "合理即可"),
    ]));
    assert_eq!(faults, []);
    let sheet = sheet.unwrap();
    let ids: Vec<&str> = sheet.parts().map(|of| of.part.id.as_str()).collect();
    assert_eq!(ids, ["1-1", "2", "2.2", "10", "11", "12"]);
    let keys: Vec<String> = sheet.parts().filter_map(|of| of.answer()).collect();
    assert_eq!(keys, ["√", "6", "7", "3.5 / 3.50", "B"]);
    assert_eq!(sheet.part("12").unwrap().part.model_answer.as_deref(), Some("合理即可"));
    assert_eq!(sheet.points(), Score(120));
    let files = sheet.files();
    let read = Worksheet::parse(&files[0].1, |_| Ok("<svg/>".to_owned())).unwrap();
    assert_eq!(read, sheet);
}

/// As in the text form.
#[test]
fn a_field_without_a_knowledge_point_is_of_the_subject() {
    let plain = |number: &str, x_mm, y_mm| {
        let point = " ".into();
        DrawnField { point, ..field(number, rect(x_mm, y_mm, 30, 12), DrawnKind::Whole, "6") }
    };
    let (sheet, faults) = build(&drawing(vec![
        plain("1", 20, 30),
        plain("2", 20, 50),
        field("2", rect(80, 50, 30, 12), DrawnKind::Whole, "7"),
    ]));
    assert_eq!(faults, []);
    let sheet = sheet.unwrap();
    let points: Vec<_> = sheet.questions.iter().map(|asked| &asked.knowledge_points[..]).collect();
    assert_eq!(points, [["math"], ["math.count.to-20"]]);
    assert!(sheet.knowledge_points.iter().any(|point| point.id == "math"));
}

#[test]
fn every_fault_is_told_at_its_field() {
    let mut second_page = field("1", rect(20, 50, 30, 12), DrawnKind::Whole, "6");
    second_page.page = 2;
    let bad = DrawnField {
        number: " ".into(),
        points: "两".into(),
        point: "两位数加发（进位）".into(),
        ..field("", rect(20, 70, 30, 12), DrawnKind::Whole, "3.5")
    };
    let (sheet, faults) = build(&Drawing {
        title: " ".into(),
        grade: "13".into(),
        subject: "music".into(),
        fields: vec![
            field("1", rect(20, 20, 30, 12), DrawnKind::Whole, "6"),
            field("2", rect(40, 25, 30, 12), DrawnKind::Comparison, ""),
            second_page,
            bad,
            field("5", rect(200, 20, 30, 12), DrawnKind::Whole, "6"),
            field("6", rect(100, 100, 5, 5), DrawnKind::Whole, "6"),
        ],
    });
    assert_eq!(sheet, None);
    use DrawnWrong as Wrong;
    let expected = [
        (None, Wrong::NoTitle),
        (None, Wrong::NoGrade),
        (None, Wrong::NoSubject),
        (Some(1), Wrong::NoKey(DrawnKind::Comparison)),
        (Some(1), Wrong::Overlaps("1".into())),
        (Some(2), Wrong::NumberTwice(1)),
        (Some(3), Wrong::NoNumber),
        (Some(3), Wrong::NoPoints),
        (Some(3), Wrong::KeyNot(DrawnKind::Whole)),
        (Some(3), Wrong::UnknownPoint(Some("两位数加法（进位）".into()))),
        (Some(4), Wrong::OffPage),
        (Some(5), Wrong::TooSmall(18, 10)),
    ];
    assert_eq!(faults, expected);
    for (_, wrong) in &faults {
        let (zh, en) = wrong.texts();
        assert!(!zh.is_empty() && !en.is_empty());
    }
}

#[test]
fn a_small_field_is_told_and_stands() {
    let fields = vec![field("1", rect(20, 20, 12, 8), DrawnKind::Whole, "6")];
    let (sheet, faults) = build(&drawing(fields));
    assert!(sheet.is_some());
    assert_eq!(faults, [(Some(0), DrawnWrong::TooSmall(18, 10))]);
}

#[test]
fn a_field_that_nobody_can_write_in_is_refused() {
    let mut narrow = field("1", rect(20, 20, 30, 12), DrawnKind::Whole, "6");
    for (width_um, height_um) in [(1, 12_000), (30_000, 3_999)] {
        narrow.rect = Rect { width_um, height_um, ..narrow.rect };
        let (sheet, faults) = build(&drawing(vec![narrow.clone()]));
        assert_eq!((sheet, faults), (None, vec![(Some(0), DrawnWrong::TooNarrow(4))]));
    }
    narrow.rect = Rect { width_um: 30_000, height_um: 4_000, ..narrow.rect };
    assert!(build(&drawing(vec![narrow])).0.is_some());
}

/// Not even in a model answer, which is shown.
#[test]
fn characters_that_cannot_be_printed_are_refused() {
    let mut bad = drawing(vec![
        field("1\u{1}", rect(20, 20, 30, 12), DrawnKind::Whole, "6"),
        field("2", rect(20, 40, 60, 12), DrawnKind::Free, "看\0情况"),
    ]);
    bad.title = "练习\u{fffe}".into();
    let (sheet, faults) = build(&bad);
    assert_eq!(sheet, None);
    use DrawnWrong::Character;
    let expected =
        [(None, Character('\u{fffe}')), (Some(0), Character('\u{1}')), (Some(1), Character('\0'))];
    assert_eq!(faults, expected);
}

#[test]
fn numbers_are_sorted_by_value_and_told_apart_by_id() {
    let mut labels = ["二.3", "10", "三(2)", "2", "一.十一", "一.2"];
    labels.sort_by_key(|label| label::order(label));
    assert_eq!(labels, ["一.2", "一.十一", "2", "二.3", "三(2)", "10"]);
    let ids = ["7", "一.3", "三(2)", "A1", "附加"].map(label::id);
    assert_eq!(ids, ["7", "1-3", "3-2", "a-1", "u9644u52a0"]);
}

/// What was put aside comes back as it was, sound or not.
#[test]
fn a_drawing_keeps_what_was_typed() {
    let drawing = drawing(vec![field(" ?", rect(-3, 0, 0, 5), DrawnKind::Free, "\n|")]);
    let text = serde_json::to_string(&drawing).unwrap();
    assert_eq!(serde_json::from_str::<Drawing>(&text).unwrap(), drawing);
}
