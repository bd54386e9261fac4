use proptest::prelude::*;

use crate::examine::least_um;
use crate::text::{Draft, Fault, Wrong};
use crate::{Framework, Kind, NumberForm, Rect, Score, Worksheet, Written};

mod pages;
mod pictures;

const HEAD: &str = "标题：练习\n编号：sheet\n年级：三\n科目：数学\n";

fn build(questions: &str) -> Result<Worksheet, Vec<Fault>> {
    let none = |_: &str| None;
    Draft::build(&format!("{HEAD}{questions}"), &Framework::own(), none)
}

fn built(questions: &str) -> Worksheet {
    build(&format!("一、做一做。（每题 6 分，两栏）\n{questions}")).unwrap()
}

fn kinds(sheet: &Worksheet) -> Vec<(Kind, Score)> {
    sheet.parts().map(|of| (of.part.kind.clone(), of.part.points)).collect()
}

#[test]
fn each_blank_becomes_a_part_with_its_key() {
    let sheet = built("4.5 元 = [4] 元 [5] 角，选 ○[<]");
    let whole = Kind::Number(NumberForm::Whole);
    let expected = [(whole.clone(), Score(20)), (whole, Score(20)), (Kind::Comparison, Score(20))];
    assert_eq!(kinds(&sheet), expected);
    let ids: Vec<&str> = sheet.parts().map(|of| of.part.id.as_str()).collect();
    assert_eq!(ids, ["1-1", "1-1.2", "1-1.3"]);
    assert_eq!(sheet.questions[0].prompt, "4.5 元 = ( ) 元 ( ) 角，选 ○");
}

#[test]
fn a_point_in_one_key_lets_a_section_be_written_with_points() {
    let sheet = built("1.5 + 1.5 = [3]\n0.2 + 0.3 = [0.5]");
    let decimal = Kind::Number(NumberForm::Decimal);
    assert!(sheet.parts().all(|of| of.part.kind == decimal));
}

#[test]
fn half_a_fraction_or_half_a_word_is_nothing() {
    let sheet = built("1 − 1/4 = [3/4]\n写 [春天]");
    assert!(sheet.questions.iter().all(|q| q.credit.all_or_nothing == [vec![0, 1]]));
    let keys: Vec<String> = sheet.parts().filter_map(|of| of.answer()).collect();
    assert_eq!(keys, ["3", "4", "春", "天"]);
    let points: Vec<u32> = sheet.parts().map(|of| of.part.points.0).collect();
    assert_eq!(points, [30, 30, 30, 30]);
}

#[test]
fn blanks_in_any_order_and_all_or_nothing_are_credit() {
    let sheet = built("[3] × [4] = 12（顺序不限，全对得分）");
    let credit = &sheet.questions[0].credit;
    assert_eq!((&credit.unordered, &credit.all_or_nothing), (&vec![vec![0, 1]], &vec![vec![0, 1]]));
}

#[test]
fn widths_do_not_tell_answers() {
    let sheet = built("9 + 1 = [10]\n25 × 40 = [1000]\n看 [a] 和 [banana]");
    let widths = |kind: fn(&Kind) -> bool| {
        let parts = sheet.parts().filter(|of| kind(&of.part.kind));
        parts.map(|of| of.part.field.bounds().unwrap().width_um).collect::<Vec<_>>()
    };
    assert_eq!(widths(|kind| matches!(kind, Kind::Number(_))), [26_000, 26_000]);
    assert_eq!(widths(|kind| *kind == Kind::Expression), [40_000, 40_000]);
}

#[test]
fn artwork_and_prompts_tell_no_key() {
    let sheet = built("七 [7777]、（ 8888 ）、[9999/6666]、[魑魅 chī mèi]、[banana]");
    let artwork = &sheet.pages[0].artwork;
    for key in ["7777", "8888", "9999", "6666", "魑", "魅", "banana"] {
        assert!(!artwork.contains(key) && !sheet.questions[0].prompt.contains(key), "{key}");
    }
    assert!(artwork.contains("chī"), "the pinyin is printed");
}

#[test]
fn sums_are_spaced_as_they_are_printed() {
    for (typed, printed) in [
        ("36+47=", "36 + 47 = "),
        ("３６＋４７＝", "36 + 47 = "),
        ("(12-3)×4=", "(12 − 3) × 4 = "),
        ("b=-2", "b = −2"),
        ("5 × -3", "5 × −3"),
        ("well-known", "well-known"),
        ("3 元 - 1 元", "3 元 − 1 元"),
        ("3 - x", "3 − x"),
    ] {
        assert_eq!(super::spaced(typed, false, false), printed, "{typed}");
    }
    assert_eq!(super::spaced("+", true, true), " + ", "between fractions");
    assert_eq!(super::spaced("-", true, true), " − ");
    assert_eq!(super::spaced("-", false, true), "−", "before a fraction");
}

#[test]
fn what_is_too_wide_or_too_high_is_named_with_its_place() {
    let word = "x".repeat(90);
    for (text, wrong) in [
        (format!("一、算。（每题 1 分，六栏）\n{word} = [1]"), Wrong::TooWide),
        ("一、写。（每题 1 分，三栏）\n写\n  横线：3 行\n  评分：一二三四五 0.5 分，六七八九十 0.5 分".into(), Wrong::TooWide),
        (format!("一、写。（每题 1 分）\n写\n  横线：20 行\n{}", "  再写一行。\n".repeat(9)), Wrong::TooHigh),
    ] {
        let faults = build(&text).unwrap_err();
        let found: Vec<_> = faults.iter().map(|fault| (fault.place.line, &fault.wrong)).collect();
        assert_eq!(found, [(6, &wrong)], "{text}");
    }
}

#[test]
fn the_same_text_gives_the_same_bytes() {
    let text = "36 + 47 = [83]\n选（ B ）\n A. 一 B. 二\n写\n 横线：3 行";
    assert_eq!(built(text).files(), built(text).files());
}

#[test]
fn a_built_sheet_is_read_back_from_its_files() {
    let sheet =
        built("[3/4] 和 [x|y]、[6.28±0.01]、（√）\n选（ AB ）\n A. 一 B. 二\n写\n 评分：好 6 分");
    let files = sheet.files();
    let artwork = |name: &str| Ok(files.iter().find(|(file, _)| file == name).unwrap().1.clone());
    let read = Worksheet::parse(&files[0].1, artwork).unwrap();
    assert_eq!(read, sheet);
    let tolerant = sheet.part("1-1.4").unwrap().part.accepted().unwrap();
    let kind = Kind::Number(NumberForm::Decimal);
    assert!(tolerant.holds(&Written::parse(&kind, "6.27").unwrap()));
}

/// Everything that must hold of where things lie.
fn check_places(sheet: &Worksheet) {
    let mut rects: Vec<(u32, Rect, &str)> = Vec::new();
    for question in &sheet.questions {
        for part in &question.parts {
            for rect in part.field.rects() {
                let (width_um, height_um) = least_um(&part.kind);
                assert!(rect.width_um >= width_um && rect.height_um >= height_um, "{part:?}");
            }
            for rect in part.rects() {
                let within = rect.x_um >= 16_000
                    && rect.y_um >= 22_000
                    && rect.x_um + rect.width_um <= 194_000
                    && rect.y_um + rect.height_um <= 282_000;
                assert!(within, "beyond the margins: {part:?}");
                for (page, other, id) in &rects {
                    let apart = *page != question.page || !rect.overlaps(other);
                    assert!(apart, "{} lies on {id}", part.id);
                }
                rects.push((question.page, rect, &part.id));
            }
        }
    }
    let pages: Vec<u32> = sheet.questions.iter().map(|question| question.page).collect();
    assert!(pages.is_sorted());
}

/// A question of each form, from made-up numbers.
fn question() -> impl Strategy<Value = String> {
    let number = 0_u32..100_000;
    (0_u32..12, number.clone(), number, "[a-z][a-z ]{0,39}", "[一二三四五，。]{1,60}").prop_map(
        |(form, a, b, latin, han)| match form {
            0 => format!("{a} + {b} = [{}]", a + b),
            1 => format!("{han}{a} ○[<] {b} {latin}"),
            2 => format!("（ B ）{han}{latin}\n  A. {a}  B. {latin}\n  C. {han}"),
            3 => format!("{latin}（ AC ）\n  A. {a}  B. {b}  C. {latin}"),
            4 => format!("（√）{han}{latin}{han}"),
            5 => format!("{han}[{a}]{han}（ {b} ）{latin}"),
            6 => format!("{han} {}/{} = [{}/{}]", a % 100, b % 99 + 1, a % 1000, b % 999 + 1),
            7 => format!("[春夏秋冬 chūn xià qiū dōng]{han}[东]{latin}"),
            8 => format!("{han}{latin}\n  横线：{} 行\n  评分：列式 3 分，计算 3 分", a % 9 + 1),
            9 => format!("{han}\n  田字格：{} 行", a % 4 + 1),
            10 => format!("{latin} [word] {latin} [{latin}x]"),
            _ => format!("{han}\n  {latin}{han}[{a}.5]"),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_questions_lie_apart_within_the_margins(
        sections in prop::collection::vec(prop::collection::vec(question(), 1..12), 1..5),
    ) {
        let mut text = String::new();
        for questions in &sections {
            text.push_str("一、做一做。（每题 6 分）\n");
            questions.iter().for_each(|question| text.push_str(&format!("{question}\n")));
        }
        let sheet = build(&text).map_err(|faults| TestCaseError::fail(format!("{faults:?}")))?;
        check_places(&sheet);
        let count: usize = sections.iter().map(Vec::len).sum();
        prop_assert_eq!(sheet.questions.len(), count);
        prop_assert!(sheet.questions.iter().all(|question| !question.parts.is_empty()));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "(标题：a\n年级：1\n科目：数学\n)?(\\PC|[\\[\\]（）()○#一、：\n 　/\\\\|±A-G.])*") {
        let _ = Draft::build(&text, &Framework::own(), |_| None);
    }
}

#[test]
fn many_columns_lie_apart_too() {
    for columns in 1..=3 {
        let mut text = format!("一、算。（每题 2 分，{columns} 栏）\n");
        for a in 0..40 {
            text.push_str(&format!("{a} + 1/2 = [{}]\n看（ {a} ）和 ○[=]\n", a + 1));
        }
        check_places(&build(&text).unwrap());
    }
}

#[test]
fn a_sum_that_is_worked_out_has_lines_and_its_own_key() {
    let sheet = built(
        "25 × 4 + 36\n  算式：3 行\n12 × (3 + 4) =\n  算式：2 行\n  答案：84\n\
         小明有 20 元，用了 8.5 元，还剩多少元？\n  算式：1 行\n  答案：20 − 8.5 = 11.5（元）\n\
         3 个 12：[3 × 12 = 36]",
    );
    let keys: Vec<String> = sheet.parts().filter_map(|of| of.answer()).collect();
    assert_eq!(keys, ["25×4+36=100+36=136", "12×(3+4)=84", "20-8.5=11.5", "3×12=36"]);
    assert!(sheet.parts().all(|of| of.part.kind == Kind::Steps && of.part.score_box.is_none()));
    let rows = |at: usize| match &sheet.questions[at].parts[0].field {
        crate::Field::Lines { rect, pitch_um } => rect.height_um / pitch_um,
        _ => 0,
    };
    assert_eq!([rows(0), rows(1), rows(2), rows(3)], [3, 2, 1, 0]);
    assert!(!sheet.pages[0].artwork.contains("答："), "no line for an answer in words");
    let files = sheet.files();
    let artwork = |name: &str| Ok(files.iter().find(|(file, _)| file == name).unwrap().1.clone());
    assert_eq!(Worksheet::parse(&files[0].1, artwork).unwrap(), sheet);
}

#[test]
fn lines_for_sums_need_a_sum() {
    let wrong = |questions: &str| {
        let faults = build(&format!("一、算。（每题 6 分）\n{questions}")).unwrap_err();
        faults.into_iter().map(|fault| fault.wrong).collect::<Vec<_>>()
    };
    assert_eq!(wrong("还剩多少元？\n  算式：2 行"), [Wrong::Steps]);
    assert_eq!(wrong("25 × 4 + 36\n  算式：2 行\n  答案：135"), [Wrong::Steps]);
    assert_eq!(wrong("25 × 4\n  算式：2 行\n  评分：列式 6 分"), [Wrong::Steps]);
    assert_eq!(wrong("3 个 12：[3 × 12 = 35]"), [Wrong::Key("3 × 12 = 35".into())]);
}

#[test]
fn things_are_matched_across_two_columns_in_another_order() {
    let text =
        "连一连。\n  连线：3 × 4 | 12\n  连线：5 × 6 | 30\n  连线：2 × 6 | 12\n  连线：7 × 8 | 56";
    let sheet = built(text);
    let part = &sheet.questions[0].parts[0];
    assert_eq!(part.kind, Kind::Pairs);
    let names: String = part.field.bubbles().iter().map(|bubble| bubble.letter).collect();
    assert_eq!(names, "1234ABC", "12 stands once");
    let Some(Written::Pairs(pairs)) = part.accepted().map(|key| &key.answers[0]) else { panic!() };
    assert_eq!(pairs.len(), 4);
    let to = |from: char| pairs.iter().find(|pair| pair.0 == from).map(|pair| pair.1);
    assert_eq!(to('1'), to('3'));
    assert!(!pairs.iter().zip("ABC".chars()).all(|(pair, letter)| pair.1 == letter));
    let files = sheet.files();
    let artwork = |name: &str| Ok(files.iter().find(|(file, _)| file == name).unwrap().1.clone());
    assert_eq!(Worksheet::parse(&files[0].1, artwork).unwrap(), sheet);
    for wrong in ["连一连。\n 连线：3 × 4 | 12", "连。\n 连线：a | b\n 连线：a | b\n 连线：c | d"]
    {
        let faults = build(&format!("一、连。（每题 6 分）\n{wrong}")).unwrap_err();
        assert_eq!(faults[0].wrong, Wrong::Pairs, "{wrong}");
    }
}

#[test]
fn a_remainder_and_a_mixed_number_are_several_boxes_and_one_answer() {
    let sheet = built("17 ÷ 5 = [3……2]\n7/4 = [1 3/4]\n17 ÷ 5 = [3...2]\n7/4 = [1又3/4]");
    let keys = |at: usize| {
        let parts = sheet.questions[at].parts.iter();
        parts.map(|part| part.accepted().unwrap().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(
        (keys(0), keys(1)),
        (vec!["3".into(), "2".into()], vec!["1".into(), "3".into(), "4".into()])
    );
    assert_eq!((keys(0), keys(1)), (keys(2), keys(3)));
    assert_eq!(sheet.questions[0].credit.all_or_nothing, [vec![0, 1]]);
    assert_eq!(sheet.questions[1].credit.all_or_nothing, [vec![0, 1, 2]]);
    assert!(sheet.pages[0].artwork.contains("……"));
    check_places(&sheet);
}

#[test]
fn things_are_put_in_order_in_brackets_before_them() {
    let sheet = built("从小到大排一排。\n  排序：0.3 | 0.52 | 1.1 | 2");
    let question = &sheet.questions[0];
    let keys: Vec<String> =
        question.parts.iter().map(|part| part.accepted().unwrap().to_string()).collect();
    let mut sorted = keys.clone();
    sorted.sort();
    assert_eq!(sorted, ["1", "2", "3", "4"]);
    assert_ne!(keys, sorted, "they are printed in another order");
    for (key, thing) in keys.iter().zip(question.prompt.split("( ) ").skip(1)) {
        let place = ["0.3", "0.52", "1.1", "2"].iter().position(|other| *other == thing.trim());
        assert_eq!(place.map(|at| (at + 1).to_string()).as_ref(), Some(key), "{}", question.prompt);
    }
    assert_eq!(question.credit, crate::Credit::default(), "each earns its share");
    assert_eq!(question.parts[0].kind, Kind::Number(NumberForm::Whole));
    check_places(&sheet);
    let all = built("排一排。（全对得分）\n  排序：甲 | 乙 | 丙");
    assert_eq!(all.questions[0].credit.all_or_nothing, [vec![0, 1, 2]]);
    for wrong in ["排。\n 排序：甲", "排。\n 排序：甲 | 甲 | 乙", "排。\n 排序：甲 | | 乙"]
    {
        let faults = build(&format!("一、排。（每题 6 分）\n{wrong}")).unwrap_err();
        assert_eq!(faults[0].wrong, Wrong::Order, "{wrong}");
    }
}

#[test]
fn what_may_follow_a_number_may_follow_each_of_its_section() {
    let form = |questions: &str| {
        let kinds: Vec<Kind> =
            built(questions).questions.iter().map(|q| q.parts[0].kind.clone()).collect();
        assert!(kinds.windows(2).all(|pair| pair[0] == pair[1]), "{kinds:?}");
        kinds[0].clone()
    };
    assert_eq!(form("1 + 1 = [2]\n半 = [50%]"), Kind::Number(NumberForm::Percent));
    assert_eq!(form("长 [12 厘米]。\n半 = [50%]"), Kind::Number(NumberForm::Unit));
    assert_eq!(form("长 [12] 厘米。\n半 = [0.5]"), Kind::Number(NumberForm::Decimal));
    let sheet = built("长 [12 厘米]。");
    assert_eq!(sheet.questions[0].parts[0].accepted().unwrap().to_string(), "12 厘米");
    let files = sheet.files();
    let artwork = |name: &str| Ok(files.iter().find(|(file, _)| file == name).unwrap().1.clone());
    assert_eq!(Worksheet::parse(&files[0].1, artwork).unwrap(), sheet);
}

#[test]
fn a_box_for_figures_under_each_other_has_the_steps_as_key() {
    let sheet = built("24 × 13\n  竖式：6 行\n84 ÷ 4 =\n  竖式：6 行");
    let parts = [0, 1].map(|at| &sheet.questions[at].parts[0]);
    assert_eq!([&parts[0].kind, &parts[1].kind], [&Kind::Column, &Kind::Expression]);
    let keys = parts.map(|part| part.accepted().unwrap().to_string());
    assert_eq!(keys, ["24×13=72+240=312", "84÷4=21"]);
    check_places(&sheet);
    for wrong in ["24 × 133\n 竖式：6 行", "某数\n 竖式：6 行", "1 + 2\n 竖式：6 行\n 答案：3"]
    {
        let faults = build(&format!("一、算。（每题 6 分）\n{wrong}")).unwrap_err();
        assert_eq!(faults[0].wrong, Wrong::Column, "{wrong}");
    }
}
