use store::Store;

use super::*;
use crate::Language;

/// What a pupil wrote in the three questions of `mixed`.
type Wrote<'a> = (&'a str, [(&'a str, Verdict, u32); 3]);

fn sheet(worksheet: &Worksheet, wrote: &[Wrote<'_>], settled: bool) -> ResultSheet {
    let mut sheet = ResultSheet { pupils: Vec::new(), papers: Vec::new(), answers: Vec::new() };
    for (number, (pupil, answers)) in (1..).zip(wrote) {
        let name = format!("={pupil}");
        sheet.pupils.push(PupilName { id: (*pupil).into(), number, name });
        for page in 1..=2 {
            sheet.papers.push(PaperTimes {
                pupil: (*pupil).into(),
                page,
                handed_in_ms: None,
                settled_ms: settled.then_some(1_763_915_400_000 + i64::from(page)),
            });
        }
        for (of, (reading, verdict, score)) in worksheet.parts().zip(answers) {
            sheet.answers.push(AnswerRow {
                pupil: (*pupil).into(),
                part: of.part.id.clone(),
                reading: Some((*reading).to_owned()).filter(|text| !text.is_empty()),
                review: None,
                source: Some(Source::Machine),
                verdict: Some(*verdict),
                score: Some(*score),
                wanted: None,
                settled,
            });
        }
    }
    sheet
}

async fn worksheet() -> Worksheet {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("zhibi.db")).await.unwrap();
    sample_school::SampleSchool::of(1).put(&store).await;
    store.load_worksheet("mixed", 1).await.unwrap()
}

#[tokio::test]
async fn a_question_counts_those_who_answered_and_names_what_was_read() {
    let worksheet = worksheet().await;
    let points = worksheet.questions[0].points().0;
    let right = ("7", Verdict::Right, points);
    let (wrong, other) = (("-5", Verdict::Wrong, 0), ("8", Verdict::Wrong, 0));
    let blank = ("", Verdict::Blank, 0);
    let wrote = [
        ("a", [right, blank, blank]),
        ("b", [wrong, blank, blank]),
        ("c", [wrong, blank, blank]),
        ("d", [other, blank, blank]),
        ("e", [blank, blank, blank]),
    ];
    let sheet = sheet(&worksheet, &wrote, true);
    let results = Results { worksheet: &worksheet, sheet: &sheet, language: Language::Zh };
    let went = Went::of(&results, &worksheet.questions[0]);
    assert_eq!((went.n, went.right, went.wrong, went.blank), (5, 1, 3, 1));
    assert_eq!(went.wrote, 4, "one left it blank");
    assert_eq!(went.facility(worksheet.questions[0].points()), Some(0.2));
    assert_eq!(went.common(Language::Zh), "-5（2 人）、8（1 人）");
    let pupils = results.pupils();
    assert_eq!(pupils.rows[0][1], Cell::text("=a"));
    assert_eq!(pupils.rows[0][2], Cell::text("已收"));
    assert_eq!(pupils.rows[0][3], Cell::Moment(1_763_915_400_002), "the last page's");
    assert_eq!(pupils.rows[1][4], Cell::Points(0));
    assert!(pupils.rows.iter().all(|row| row.len() == pupils.columns.len()));
    let csv = String::from_utf8(results.csv(ResultTable::Questions).unwrap()).unwrap();
    assert!(csv.contains("\u{200b}-5（2 人）"), "{csv}");
}

#[tokio::test]
async fn a_blank_on_a_paper_that_may_change_and_what_waits_are_not_counted() {
    let worksheet = worksheet().await;
    let blank = ("", Verdict::Blank, 0);
    let mut sheet = sheet(&worksheet, &[("a", [blank, blank, blank])], false);
    fn of<'a>(worksheet: &'a Worksheet, sheet: &'a ResultSheet) -> Results<'a> {
        Results { worksheet, sheet, language: Language::En }
    }
    assert_eq!(Went::of(&of(&worksheet, &sheet), &worksheet.questions[0]).n, 0);
    let pupils = of(&worksheet, &sheet).pupils();
    assert_eq!((&pupils.rows[0][2], &pupils.rows[0][4]), (&Cell::text("begun"), &Cell::Empty));
    sheet.answers[0].wanted = Some(store::Wanted::Decide);
    sheet.answers[0].reading = Some("1".into());
    let pupils = of(&worksheet, &sheet).pupils();
    assert_eq!(
        (&pupils.rows[0][5], &pupils.rows[0][6]),
        (&Cell::Number(1.0), &Cell::text("to decide"))
    );
    assert_eq!(Went::of(&of(&worksheet, &sheet), &worksheet.questions[0]).n, 0);
}

#[tokio::test]
async fn those_whose_answer_still_waits_for_points_have_answered_too() {
    let worksheet = worksheet().await;
    let full = worksheet.questions[0].points().0;
    let (right, blank) = (("7", Verdict::Right, full), ("", Verdict::Blank, 0));
    let wrote = [("a", [right, blank, blank]), ("b", [right, blank, blank])];
    let mut sheet = sheet(&worksheet, &wrote, true);
    sheet.answers[0].wanted = Some(store::Wanted::Score);
    let results = Results { worksheet: &worksheet, sheet: &sheet, language: Language::Zh };
    let went = Went::of(&results, &worksheet.questions[0]);
    assert_eq!((went.wrote, went.n), (2, 1));
    assert_eq!(went.facility(worksheet.questions[0].points()), Some(1.0), "of the judged");
    let questions = results.questions();
    assert_eq!(questions.rows[0][4..=5], [Cell::Number(2.0), Cell::Number(1.0)]);
    assert_eq!(questions.rows[1][4..=5], [Cell::Number(0.0), Cell::Number(2.0)], "blank");
}

#[tokio::test]
async fn a_total_that_may_change_is_told_from_a_final_one() {
    let worksheet = worksheet().await;
    let full = worksheet.questions[0].points().0;
    let (right, blank) = (("7", Verdict::Right, full), ("", Verdict::Blank, 0));
    let wrote = [("a", [right, right, blank]), ("b", [right, blank, blank])];
    let total = |sheet: &ResultSheet, row: usize| {
        let results = Results { worksheet: &worksheet, sheet, language: Language::Zh };
        let pupils = results.pupils();
        assert_eq!(pupils.columns[4].totals, Some(Language::Zh));
        pupils.rows[row][4].clone()
    };
    let mut settled = sheet(&worksheet, &wrote, true);
    assert!(matches!(total(&settled, 0), Cell::Points(_)));
    settled.answers[0].wanted = Some(store::Wanted::Score);
    assert!(matches!(total(&settled, 0), Cell::Provisional(_)), "points are to come");
    assert_eq!(total(&settled, 1), Cell::Points(full), "another's answer waits");
    let begun = sheet(&worksheet, &wrote, false);
    assert_eq!(total(&begun, 1), Cell::Provisional(full), "nothing is handed in");
}

#[tokio::test]
async fn a_term_tells_totals_that_may_change_from_final_ones() {
    let worksheet = worksheet().await;
    let full = worksheet.questions[0].points().0;
    let (right, blank) = (("7", Verdict::Right, full), ("", Verdict::Blank, 0));
    let sheet = sheet(&worksheet, &[("a", [right, blank, blank])], false);
    let results = Results { worksheet: &worksheet, sheet: &sheet, language: Language::Zh };
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("zhibi.db")).await.unwrap();
    let given = sample_school::Given::new("a-1", "r-1", 100);
    sample_school::SampleSchool::of(1).with(given).put(&store).await;
    let scope = store.scope_of("t-wang", sample_school::START_MS).await.unwrap();
    let head = store.assignment_of(&scope, school::Right::See, "a-1").await.unwrap().unwrap();
    let mut book = TermBook::new("三年级", Language::Zh).unwrap();
    book.add(&head, &results).unwrap();
    let csv = String::from_utf8(book.csv().unwrap()).unwrap();
    let mut lines = csv.lines();
    assert!(lines.next().unwrap().ends_with(" 状态"), "{csv}");
    assert!(lines.next().unwrap().ends_with(&format!(",{},暂定", Score(full))), "{csv}");
}

#[tokio::test]
async fn a_term_has_a_sheet_over_all_and_one_for_each_assignment() {
    use calamine::Reader;
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("zhibi.db")).await.unwrap();
    sample_school::SampleSchool::of(2)
        .with(sample_school::Given::new("a-1", "r-1", 100))
        .with(sample_school::Given::new("a-3", "r-3", 300))
        .put(&store)
        .await;
    let scope = store.scope_of("t-wang", sample_school::START_MS).await.unwrap();
    let always = (0, i64::MAX);
    let heads = store.assignment_heads(&scope, school::Right::See, "c-1", always, 9).await.unwrap();
    let mut book = TermBook::new("三年级", Language::Zh).unwrap();
    for head in &heads {
        let worksheet = store.load_worksheet(&head.worksheet, head.version).await.unwrap();
        let sheet = store.result_sheet(head).await.unwrap();
        let results = Results { worksheet: &worksheet, sheet: &sheet, language: Language::Zh };
        book.add(head, &results).unwrap();
    }
    let bytes = std::io::Cursor::new(book.xlsx().unwrap());
    let mut read: calamine::Xlsx<_> = calamine::Xlsx::new(bytes).unwrap();
    assert_eq!(read.sheet_names().len(), 3);
    assert_eq!(read.sheet_names()[0], "总览");
    let all = read.worksheet_range("总览").unwrap();
    assert_eq!(all.get_size(), (4, 4), "two lines of head and two pupils; two assignments");
}
