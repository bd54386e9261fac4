use super::{Ask, Item, Section, Sheet};
use crate::{KnowledgePoint, NumberForm, Score, WorksheetId};

fn sheet(pages: Vec<Vec<Section>>) -> Sheet {
    let point = KnowledgePoint { id: "k".into(), parent: None, zh: "知".into(), en: "k".into() };
    Sheet {
        id: WorksheetId { id: "sheet".into(), version: 1 },
        title_zh: "练习".into(),
        title_en: "Exercise".into(),
        subject: "math".into(),
        grade: 3,
        school: "示例小学".into(),
        motto: String::new(),
        pages,
        knowledge_points: vec![point],
    }
}

fn section(points: &[u32], gap_um: i32) -> Section {
    let item = |tenths: &u32| Item {
        points: Score(*tenths),
        knowledge_points: vec!["k".into()],
        ask: Ask::Number {
            before: "1 < 2 & 3 =".into(),
            after: "元".into(),
            form: NumberForm::Whole,
            right: "4".into(),
        },
    };
    Section {
        heading: "算一算。".into(),
        passage: Vec::new(),
        columns: 2,
        gap_um,
        items: points.iter().map(item).collect(),
    }
}

#[test]
fn questions_are_numbered_by_section_through_all_pages() {
    let sheet = sheet(vec![vec![section(&[10, 10, 10], 8_000)], vec![section(&[10], 8_000)]]);
    let drawn = sheet.draw().unwrap();
    let names = drawn.questions.iter().map(|q| (q.id.as_str(), q.page, q.label.as_str()));
    let expected =
        [("1-1", 1, "一(1)"), ("1-2", 1, "一(2)"), ("1-3", 1, "一(3)"), ("2-1", 2, "二(1)")];
    assert_eq!(names.collect::<Vec<_>>(), expected);
    assert_eq!(drawn.questions[0].prompt, "1 < 2 & 3 = ( ) 元");
}

#[test]
fn headings_count_the_points() {
    let sheet = sheet(vec![vec![section(&[25, 25], 8_000), section(&[40, 60], 8_000)]]);
    let artwork = &sheet.draw().unwrap().pages[0].artwork;
    assert!(artwork.contains("（每题 2.5 分，共 5 分）"), "{artwork}");
    assert!(artwork.contains("（共 10 分）"), "{artwork}");
}

#[test]
fn text_is_escaped() {
    let artwork = &sheet(vec![vec![section(&[10], 8_000)]]).draw().unwrap().pages[0].artwork;
    assert!(artwork.contains("1 &lt; 2 &amp; 3 ="), "{artwork}");
}

#[test]
fn what_does_not_fit_is_refused() {
    let full = sheet(vec![vec![section(&[10; 20], 8_000), section(&[10; 2], 8_000)]]);
    let error = full.draw().unwrap_err().to_string();
    assert!(error.starts_with("page 1 is ") && error.contains("too full"), "{error}");

    let many = sheet((0..9).map(|_| vec![section(&[10], 8_000)]).collect());
    assert_eq!(many.draw().unwrap_err().to_string(), "a sheet has at most 8 sections");
}

#[test]
fn an_item_that_contradicts_itself_is_refused() {
    let mut wrong = section(&[10], 8_000);
    wrong.items[0].ask = Ask::Letter {
        stem: vec!["Which?".into()],
        options: vec!["one".into(), "two".into()],
        right: 'C',
    };
    let error = sheet(vec![vec![wrong]]).draw().unwrap_err().to_string();
    assert_eq!(error, "question 1-1: its answer is none of its options");
}
