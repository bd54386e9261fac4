use super::{Blank, BlankKey, Draft, Fault, Piece, SpaceForm, Worth, Wrong};
use crate::{Comparison, Framework, Score};

mod faults;
mod rekeyed;

const HEAD: &str = "标题：练习\n年级：三\n科目：数学\n";

fn parse(questions: &str) -> Result<Draft, Vec<Fault>> {
    Draft::parse(&format!("{HEAD}{questions}"), &Framework::own())
}

/// The one question of a section of five points.
fn question(text: &str) -> super::Question {
    let draft = parse(&format!("一、做一做。（每题 5 分）\n{text}")).unwrap();
    draft.sections[0].questions[0].clone()
}

fn keys(text: &str) -> Vec<BlankKey> {
    question(text).blanks().map(|blank| blank.key.clone()).collect()
}

fn number(right: &str) -> BlankKey {
    BlankKey::Number { right: right.into(), also: Vec::new(), tolerance: None }
}

#[test]
fn a_head_is_read_in_both_languages() {
    let zh = "标题：三年级练习\n英文标题：Sheet\n编号：g3-1\n版本：2\n年级：三年级\n科目：数学\n\
              学校：示例小学\n寄语：加油。\n总分：５\n\n一、算。（每题５分）\n１＋１＝［２］\n";
    let en = "title: 三年级练习\nenglish title: Sheet\nid: g3-1\nversion: 2\ngrade: 3\nsubject: math\n\
              school: 示例小学\nmotto: 加油。\npoints: 5\n# 算。(5 points each)\n１＋１＝[2]\n";
    let mut zh = Draft::parse(zh, &Framework::own()).unwrap();
    let en = Draft::parse(en, &Framework::own()).unwrap();
    // Where the text stands is all that differs.
    zh.sections[0].place = en.sections[0].place;
    zh.sections[0].questions[0].place = en.sections[0].questions[0].place;
    let Some(Piece::Blank(blank)) = zh.sections[0].questions[0].stem.get_mut(1) else { panic!() };
    blank.place.line = 11;
    assert_eq!(zh, en);
    assert_eq!((zh.id.id.as_str(), zh.id.version, zh.grade), ("g3-1", 2, 3));
}

#[test]
fn a_sheet_without_an_id_always_gets_the_same() {
    let id = || parse("一、算。（每题 1 分）\n1 + 1 = [2]").unwrap().id;
    assert_eq!(id(), id());
    assert!(id().id.starts_with("math-g3-"), "{:?}", id());
}

#[test]
fn what_stands_in_a_blank_says_its_kind() {
    for (text, key) in [
        ("36 + 47 = [83]", number("83")),
        ("２.５ + １ =【３.５】", number("3.5")),
        ("5 − 7 = [−2]", number("-2")),
        (
            "3.14 × 2 = [6.28±0.01]",
            BlankKey::Number {
                right: "6.28".into(),
                also: Vec::new(),
                tolerance: Some("0.01".into()),
            },
        ),
        (
            "x = [2|3]",
            BlankKey::Number { right: "2".into(), also: vec!["3".into()], tolerance: None },
        ),
        ("学号 [007]", BlankKey::Digits("007".into())),
        ("4.2 ○[>] 3.9", BlankKey::Comparison(Comparison::Greater)),
        ("4.2 [＝] 4.20", BlankKey::Comparison(Comparison::Equal)),
        ("对不对？（√）", BlankKey::TrueFalse(true)),
        ("对不对？( × )", BlankKey::TrueFalse(false)),
        ("选一个（ B ）\n A. 一  B. 二", BlankKey::Letter('B')),
        ("选一个（B）\nA．一　B．二", BlankKey::Letter('B')),
        ("[3/4] 是四分之三", BlankKey::Fraction("3".into(), "4".into())),
        ("有（ 3 ）个角", number("3")),
        (
            "[春天 chūn tiān]",
            BlankKey::Characters(vec!['春', '天'], vec!["chūn".into(), "tiān".into()]),
        ),
        (
            "[apple|an apple]",
            BlankKey::Words { right: "apple".into(), also: vec!["an apple".into()] },
        ),
    ] {
        assert_eq!(keys(text), [key], "{text}");
    }
}

#[test]
fn what_is_no_blank_is_printed() {
    let pieces = question("1. 3 ×（4 + 5）(2) () \\[8\\] 1.5/2 a/b 3/4 = [27]").stem;
    let expected = [
        Piece::Text("3 ×（4 + 5）(2) () [8] 1.5/2 a/b ".into()),
        Piece::Fraction("3".into(), "4".into()),
        Piece::Text(" = ".into()),
    ];
    assert_eq!(pieces[..3], expected);
    assert!(matches!(&pieces[3], Piece::Blank(Blank { brackets: false, .. })));
    let round = question("有（[3]）个").stem;
    assert!(matches!(&round[1], Piece::Blank(Blank { brackets: true, .. })), "{round:?}");
}

#[test]
fn a_number_before_a_question_is_dropped_and_a_decimal_is_not() {
    for (text, printed) in [
        ("3. 写 [1]", "写 "),
        ("（12）写 [1]", "写 "),
        ("2、写 [1]", "写 "),
        ("1.5 + [1]", "1.5 + "),
    ] {
        assert_eq!(question(text).stem[0], Piece::Text(printed.into()), "{text}");
    }
}

#[test]
fn options_run_over_lines_and_make_bubbles_where_asked() {
    let written = question("选一选（ C ）\n  A. one  B. two\n  C. three  D. B.B. King");
    let options: Vec<&str> = written.options.iter().map(|option| option.text.as_str()).collect();
    assert_eq!(options, ["one", "two", "three", "B.B. King"]);
    assert_eq!(written.bubbles, None);
    let several = question("选两个（ AC ）\n A. 一 B. 二 C. 三");
    assert_eq!(several.bubbles, Some(['A', 'C'].into()));
    assert!(!several.prompt().contains("AC"), "{}", several.prompt());
    let draft = parse("一、涂一涂。（每题 2 分，涂圈）\n选（ B ）\n A. 一 B. 二").unwrap();
    assert_eq!(draft.sections[0].questions[0].bubbles, Some(['B'].into()));
}

#[test]
fn notes_say_points_columns_and_how_blanks_count() {
    let draft = parse(
        "一、填空（书后）。（每空 1.5 分，共 8 分，两栏）\n\
         4.5 元 = [4] 元 [5] 角\n\
         10 = [2] × [5]（顺序不限，全对得分，5 分）\n",
    )
    .unwrap();
    let section = &draft.sections[0];
    assert_eq!(section.heading, "填空（书后）。");
    assert_eq!((section.columns, section.worth), (2, Worth::Blank(Score(15))));
    let [first, second] = section.questions.as_slice() else { panic!() };
    assert_eq!((first.points, first.prints_points, first.any_order), (Score(30), false, false));
    assert_eq!((second.points, second.prints_points), (Score(50), true));
    assert!(second.any_order && second.all_or_nothing);
}

#[test]
fn a_free_question_has_space_a_rubric_and_a_model_answer() {
    let free = question(
        "小明有 20 元。\n  还剩多少元？（4 分）\n  横线：6 行\n  评分：列式 2.5 分，计算 1.5 分\n  \
         答案：20 − 8 = 12",
    );
    let space = free.space.unwrap();
    assert_eq!(space.form, SpaceForm::Lines(6));
    assert_eq!(space.rubric, [("列式".to_owned(), Score(25)), ("计算".to_owned(), Score(15))]);
    assert_eq!(space.model_answer.as_deref(), Some("20 − 8 = 12"));
    assert_eq!(free.stem.len(), 3);
    assert_eq!(question("抄写\n 田字格：2 行").space.unwrap().form, SpaceForm::Squares(2));
}

#[test]
fn tags_name_points_of_a_question_or_of_its_section() {
    let draft = parse(
        "一、算。（每题 1 分） #表内乘法\n7 × 8 = [56]\n56 ÷ 7 = [8] #表内除法 #math.whole\n",
    )
    .unwrap();
    let points: Vec<&[String]> =
        draft.sections[0].questions.iter().map(|q| q.knowledge_points.as_slice()).collect();
    assert_eq!(points[0], ["math.whole.times-tables"]);
    assert_eq!(points[1], ["math.whole.table-division", "math.whole"]);
    assert_eq!(question("1 + 1 = [2]").knowledge_points, ["math"], "the subject itself");
}

#[test]
fn a_prompt_never_tells_a_key() {
    let all = question("七 [77]、（ 88 ）、○[>]、[99/98]、[春天 chūn tiān]、（√）").prompt();
    assert_eq!(all, "七 ( )、( )、○、( )、( )、( )");
}

#[test]
fn passages_remarks_and_blank_lines() {
    let draft =
        parse("// 备注\n\n一、读一读。（每题 1 分）\n> 第一段。\n＞ 第二段。\n\n// x\n1 = [1]\n")
            .unwrap();
    assert_eq!(draft.sections[0].passage, ["第一段。", "第二段。"]);
    assert_eq!(draft.sections[0].questions.len(), 1);
}

#[test]
fn a_text_that_is_too_long_is_refused_at_once() {
    let long = format!("{HEAD}一、算。（每题 1 分）\n{}", "1 = [1]\n".repeat(401));
    let faults = Draft::parse(&long, &Framework::own()).unwrap_err();
    assert_eq!(faults.last().map(|fault| &fault.wrong), Some(&Wrong::TooLong));
    let longer = " ".repeat(300_000);
    assert_eq!(Draft::parse(&longer, &Framework::own()).unwrap_err().len(), 1);
}

#[test]
fn a_version_is_changed_in_its_line_or_gets_one() {
    let check = |text: &str, expected: &str| assert_eq!(super::with_version(text, 3), expected);
    check("标题：一\n版本：2\n\n一、算。\n版本：1\n", "标题：一\n版本：3\n\n一、算。\n版本：1\n");
    check("年级：三\n标题：一\n一、算。\n", "年级：三\n标题：一\n版本：3\n一、算。\n");
    check("title: One\ngrade: 3\n# A\n", "title: One\nversion: 3\ngrade: 3\n# A\n");
    check("title: One\nversion:  12\n", "title: One\nversion: 3\n");
    let text = "标题：练习\n年级：三\n科目：数学\n一、算。（每题 1 分） #表内乘法\n7 × 8 = [56]\n";
    let draft = Draft::parse(&super::with_version(text, 3), &Framework::own()).unwrap();
    assert_eq!(draft.id.version, 3);
}

#[test]
fn a_line_that_is_indented_under_another_is_doubted() {
    let doubts = |questions: &str| -> Vec<String> {
        let text = format!(
            "标题：练习\n年级：三\n科目：数学\n一、算。（每题 2 分） #表内乘法\n{questions}"
        );
        let draft = Draft::parse(&text, &Framework::own()).unwrap();
        draft.doubts().iter().map(ToString::to_string).collect()
    };
    let told = doubts("7 × 8 = [56]\n\u{3000}3 × 4 = [12]\n");
    assert!(
        told.len() == 1
            && told[0].starts_with("6:10: ")
            && told[0].contains("this line is indented"),
        "{told:?}"
    );
    assert_eq!(doubts("小明有 3 元。\n  买笔 [2] 元，还剩 [1] 元。\n"), [""; 0]);
}

#[test]
fn a_key_that_is_not_what_its_sum_comes_to_is_doubted() {
    let text = "标题：练习\n年级：三\n科目：数学\n一、算。（每题 1 分） #表内乘法\n\
                7 × 8 = [56]\n3 + 4 = [8]\n1/5 + 3/5 = [3/5]\n4.2 ○[<] 3.9\n4.5 元 = [5] 元 [5] 角\n";
    let doubts = Draft::parse(text, &Framework::own()).unwrap().doubts();
    let told: Vec<String> = doubts.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 3, "{told:#?}");
    assert!(told[0].starts_with("6:9: ") && told[0].contains("7 = 8"), "{told:#?}");
    assert!(told[1].starts_with("7:13: ") && told[1].contains("0.8 = 0.6"), "{told:#?}");
    assert!(told[2].starts_with("8:") && told[2].contains("4.2 < 3.9"), "{told:#?}");
}

/// What is doubted of the questions of a sheet, as `line:column` and words of its English text.
fn check_doubts(questions: &str, expected: &[(&str, &str)]) {
    let text =
        format!("标题：练习\n年级：三\n科目：数学\n一、算。（每题 4 分） #表内乘法\n{questions}");
    let doubts = Draft::parse(&text, &Framework::own()).unwrap().doubts();
    assert_eq!(doubts.len(), expected.len(), "{questions}\n{doubts:#?}");
    for (doubt, (place, words)) in doubts.iter().zip(expected) {
        assert_eq!(doubt.place.to_string(), *place, "{questions}");
        assert!(doubt.wrong.texts().1.contains(words), "{questions}\n{doubt}");
    }
}

#[test]
fn a_key_with_its_unit_is_held_against_the_sum() {
    check_doubts("3 + 9 = [13 厘米]\n", &[("5:9", "12 = 13 does not hold")]);
    check_doubts("3 厘米 + 9 厘米 = [13 厘米]\n", &[("5:15", "12 = 13")]);
    check_doubts("3 米 + 9 米 = [13] 米\n", &[("5:13", "12 = 13")]);
    check_doubts("1 ÷ 4 = [20%]\n", &[("5:9", "0.25 = 0.2")]);
    for sound in [
        "3 + 9 = [12 厘米]\n",
        "3 米 = [300 厘米]\n",
        "3 米 = [300] 厘米\n",
        "1 km = [1000]\n",
        "每袋 3 千克，9 袋重 [27 千克]\n",
        "1 ÷ 4 = [25%]\n",
        "2 时 = [120] 分\n",
    ] {
        check_doubts(sound, &[]);
    }
}

#[test]
fn an_order_that_is_none_is_doubted() {
    let off = "not in the order that is asked for";
    check_doubts("从小到大排一排。\n  排序：0.3 | 1.1 | 0.52\n", &[("5:1", off)]);
    check_doubts("从大到小排一排。\n  排序：0.3 | 0.52 | 1.1\n", &[("5:1", off)]);
    check_doubts("从短到长排一排。\n  排序：3 米 | 2 米\n", &[("5:1", off)]);
    for sound in [
        "从大到小排一排。\n  排序：1.1 | 1/2 | 30%\n",
        "排一排。\n  排序：0.3 | 0.52 | 1.1\n",
        "排一排。\n  排序：早上 | 中午 | 晚上\n",
        "从短到长排一排。\n  排序：20 厘米 | 1 米\n",
    ] {
        check_doubts(sound, &[]);
    }
}

#[test]
fn a_sum_that_comes_to_less_than_0_is_doubted_where_it_is_not_learnt() {
    let below = "is less than 0";
    check_doubts("100 − 257 + 200\n  算式：3 行\n", &[("5:1", below)]);
    check_doubts("100 − 257 = [−157]\n", &[("5:13", below)]);
    check_doubts("257 − 100 + 200\n  算式：3 行\n257 − 100 = [157]\n", &[]);
}
