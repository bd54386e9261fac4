//! 三年级口算: twenty numbers on one page.

use worksheet::draw::{Ask, Item, Section, Sheet};
use worksheet::{NumberForm, WorksheetId};

use crate::{SCHOOL, item, knowledge};

pub(crate) fn sheet() -> Sheet {
    let add_and_subtract = [
        ("36 + 47", "83"),
        ("82 − 45", "37"),
        ("58 + 26", "84"),
        ("70 − 38", "32"),
        ("29 + 65", "94"),
        ("91 − 56", "35"),
        ("75 + 48", "123"),
        ("63 − 27", "36"),
        ("67 + 85", "152"),
        ("83 − 64", "19"),
    ];
    let multiply_and_divide = [
        ("math.whole.times-tables", "7 × 8", "56"),
        ("math.whole.table-division", "63 ÷ 9", "7"),
        ("math.whole.times-tables", "6 × 9", "54"),
        ("math.whole.table-division", "48 ÷ 6", "8"),
        ("math.whole.times-tables", "8 × 4", "32"),
        ("math.whole.table-division", "42 ÷ 7", "6"),
        ("math.whole.multiply-by-digit", "23 × 3", "69"),
        ("math.whole.divide-by-digit", "84 ÷ 4", "21"),
        ("math.whole.multiply-by-digit", "25 × 4", "100"),
        ("math.whole.divide-by-digit", "96 ÷ 8", "12"),
    ];
    let pages = vec![vec![
        section(
            "加减法，直接写出得数。",
            add_and_subtract.map(|(sum, right)| {
                let kind = if sum.contains('+') { "add-carry" } else { "subtract-borrow" };
                number(&format!("math.whole.{kind}"), sum, right)
            }),
        ),
        section(
            "乘除法，直接写出得数。",
            multiply_and_divide.map(|(point, sum, right)| number(point, sum, right)),
        ),
    ]];
    Sheet {
        id: WorksheetId { id: "mental-arithmetic-g3".into(), version: 1 },
        title_zh: "三年级数学口算练习（一）".into(),
        title_en: "Grade 3 mental arithmetic, sheet 1".into(),
        subject: "math".into(),
        grade: 3,
        school: SCHOOL.into(),
        motto: "看清符号，细心计算，写完检查一遍。".into(),
        knowledge_points: knowledge::named_in(&pages),
        pages,
    }
}

fn section(heading: &str, items: [Item; 10]) -> Section {
    Section {
        heading: heading.into(),
        passage: Vec::new(),
        columns: 2,
        gap_um: 8_000,
        items: items.into(),
    }
}

fn number(knowledge_point: &str, sum: &str, right: &str) -> Item {
    let before = format!("{sum} =");
    let form = NumberForm::Whole;
    item(
        5,
        knowledge_point,
        Ask::Number { before, after: String::new(), form, right: right.into() },
    )
}
