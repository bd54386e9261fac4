//! 三年级数学综合练习: numbers and comparisons, and on the second page two word
//! problems, one of them with a rubric, and a question with two blanks.

use worksheet::draw::{Ask, Blank, Item, Section, Sheet};
use worksheet::{NumberForm, Score, WorksheetId};

use crate::{SCHOOL, item, knowledge, lines};

pub(crate) fn sheet() -> Sheet {
    let pages = vec![vec![sums(), conversions(), comparisons()], vec![problems(), two_units()]];
    Sheet {
        id: WorksheetId { id: "mixed-g3".into(), version: 1 },
        title_zh: "三年级数学综合练习（一）".into(),
        title_en: "Grade 3 mathematics, mixed sheet 1".into(),
        subject: "math".into(),
        grade: 3,
        school: SCHOOL.into(),
        motto: "认真审题，书写端正。".into(),
        knowledge_points: knowledge::named_in(&pages),
        pages,
    }
}

fn sums() -> Section {
    let sums = [
        ("math.decimal.add", "2.5 + 1.3 =", "3.8"),
        ("math.decimal.subtract", "6.2 − 2.7 =", "3.5"),
        ("math.decimal.add", "0.8 + 0.6 =", "1.4"),
        ("math.whole.divide-by-digit", "240 ÷ 6 =", "40"),
    ];
    section("直接写出得数。", sums.map(|(point, sum, right)| number(point, sum, "", right)).into())
}

fn conversions() -> Section {
    let conversions = [
        ("math.measure.money", "3 元 5 角 =", "元", "3.5"),
        ("math.measure.mass", "2 千克 =", "克", "2000"),
        ("math.measure.money", "8 角 =", "元", "0.8"),
        ("math.measure.length", "1.6 米 =", "分米", "16"),
    ];
    let items = conversions.map(|(point, from, to, right)| number(point, from, to, right));
    section("在方框里填上合适的数。", items.into())
}

fn two_units() -> Section {
    let blank = |right: &str, after: &str| Blank {
        form: NumberForm::Whole,
        right: right.into(),
        after: after.into(),
    };
    let blanks = vec![blank("4", "元"), blank("5", "角")];
    let both = Ask::Numbers { before: "4.5 元 =".into(), blanks };
    let items = vec![item(2, "math.measure.money", both)];
    Section { gap_um: 8_000, ..section("把单名数化成复名数，每空 1 分。", items) }
}

fn comparisons() -> Section {
    let comparisons = [
        ("math.decimal.compare", "4.2", "3.9", '>'),
        ("math.decimal.compare", "0.7", "1.1", '<'),
        ("math.whole.times-tables", "6 × 7", "40", '>'),
        ("math.whole.table-division", "81 ÷ 9", "72 ÷ 8", '='),
        ("math.measure.money", "2 元 3 角", "2.3 元", '='),
        ("math.measure.length", "5 分米", "0.6 米", '<'),
        ("math.compare", "368", "386", '<'),
        ("math.measure.mass", "1 千克", "900 克", '>'),
    ];
    let items = comparisons.map(|(point, left, right_side, right)| {
        let (left, right_side) = (left.into(), right_side.into());
        item(2, point, Ask::Comparison { left, right_side, right })
    });
    section("在圆圈里填上“>”“<”或“=”。", items.into())
}

fn problems() -> Section {
    let shopping =
        lines(&["小明带了 20 元钱，买了一个 8.5 元的文具盒", "和一支 3.2 元的钢笔，还剩多少元？"]);
    let library = lines(&[
        "学校图书馆有故事书 128 本，科技书比故事书",
        "少 39 本。科技书有多少本？两种书一共有多少本？",
    ]);
    let free = |points, point, stem, ruled_lines, rubric: &[(&str, u32)], model_answer: &str| {
        let (last_line, model_answer) = ("答：".into(), Some(model_answer.into()));
        let rubric = rubric.iter().map(|(text, points)| ((*text).into(), Score(points * 10)));
        let rubric = rubric.collect();
        item(points, point, Ask::Free { stem, ruled_lines, last_line, rubric, model_answer })
    };
    let change = "20 − 8.5 − 3.2 = 8.3（元）。也可先算 8.5 + 3.2 = 11.7（元），再算 20 − 11.7。答：还剩 8.3 元。";
    let books =
        "128 − 39 = 89（本）；128 + 89 = 217（本）。答：科技书有 89 本，两种书一共有 217 本。";
    Section {
        heading: "应用题，写出算式和答句。".into(),
        passage: Vec::new(),
        columns: 1,
        gap_um: 12_000,
        items: vec![
            free(4, "math.problem.money", shopping, 6, &[], change),
            free(4, "math.problem.two-step", library, 7, &[("列式", 2), ("计算", 2)], books),
        ],
    }
}

fn section(heading: &str, items: Vec<Item>) -> Section {
    Section { heading: heading.into(), passage: Vec::new(), columns: 2, gap_um: 12_000, items }
}

fn number(knowledge_point: &str, before: &str, after: &str, right: &str) -> Item {
    let ask = Ask::Number {
        before: before.into(),
        after: after.into(),
        form: NumberForm::Decimal,
        right: right.into(),
    };
    item(3, knowledge_point, ask)
}
