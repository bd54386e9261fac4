//! Each fault, with its line and column.

use super::parse;
use crate::Framework;
use crate::text::{Draft, Fault};

/// The faults of questions after a head of three lines, each as `line:column` and words that its
/// English text has.
fn check(text: &str, expected: &[(&str, &str)]) {
    same(parse(text).unwrap_err(), expected, text);
}

fn same(faults: Vec<Fault>, expected: &[(&str, &str)], text: &str) {
    let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(faults.len(), expected.len(), "{text}\n{all:#?}");
    for (fault, (place, words)) in faults.iter().zip(expected) {
        let (zh, en) = fault.wrong.texts();
        assert_eq!(fault.place.to_string(), *place, "{text}\n{fault}");
        assert!(en.contains(words), "{text}\n{fault}");
        assert!(zh.chars().any(|c| ('\u{4e00}'..'\u{9fff}').contains(&c)), "{zh}");
    }
}

#[test]
fn of_the_head() {
    let check = |text: &str, expected: &[(&str, &str)]| {
        same(Draft::parse(text, &Framework::own()).unwrap_err(), expected, text);
    };
    check(
        "一、算。（每题 1 分）\n1 = [1]\n",
        &[("1:1", "no line `title:`"), ("1:1", "no line `grade:`"), ("1:1", "no line `subject:`")],
    );
    let wrong = "标题：一\n年级：十三\n科目：体育\n编号：A 1\n版本：0\n总分：多\n页：3\n标题：二\n36 + 47\n\
                 一、算。（每题 1 分）\n1 = [1]";
    check(
        wrong,
        &[
            ("2:4", "a grade from 1 to 12"),
            ("3:4", "one of math"),
            ("4:4", "an id of a-z"),
            ("5:4", "a whole number from 1"),
            ("6:4", "a number of points"),
            ("7:1", "no line of the head"),
            ("8:1", "stands twice"),
            ("9:1", "before the first section"),
        ],
    );
    check("标题：一\n年级：三\n科目：数学\n", &[("3:1", "no question here")]);
}

/// Failure: a word about points, where a space is missing.
#[test]
fn of_a_knowledge_point_without_a_space() {
    let told = "no space before #表内乘法";
    check("一、算。（每题 1 分）#表内乘法\n7 × 8 = [56]", &[("4:13", told)]);
    check("一、算。（每题 1 分）\n7 × 8 = [56]#表内乘法", &[("5:13", told)]);
}

#[test]
fn of_blanks() {
    let section = |question: &str| format!("一、算。（每题 1 分）\n{question}");
    for (question, place, words) in [
        ("36 + 47 =", "5:1", "nothing can be written"),
        ("36 + 47 = [ ]", "5:11", "has no key"),
        ("选一个（　）", "5:4", "has no key"),
        ("36 + 47 = [83", "5:11", "not closed"),
        ("4.2 ○ 3.9 [>]", "5:5", "this circle has no key"),
        ("36 + 47 = [83|]", "5:11", "can be no key"),
        ("x = [1±a]", "5:5", "can be no key"),
        ("[春天 chūn]", "5:1", "a syllable for each"),
        ("[春天 chūntiān]", "5:1", "a syllable for each"),
        ("[春天 xià tiān|春天]", "5:1", "no | for other answers"),
        ("[春 天]", "5:1", "a syllable for each"),
        ("[T恤 T xù]", "5:1", "characters alone"),
        ("[朋友|好友 péng you]", "5:1", "no | for other answers"),
        ("[不入虎穴，焉得虎子 bù rù hǔ xué yān dé hǔ zǐ]", "5:1", "punctuation goes outside"),
        ("选（ C ）\n A. 一 B. 二", "5:2", "the letter of no option"),
        ("选（ A ）\n A. 一 C. 二", "6:7", "lettered from A"),
        ("选（ A ）\n A. 一", "6:2", "lettered from A"),
        ("[1]（顺序不限）", "5:1", "at least two"),
        ("[1]、[√]（顺序不限，2 分）", "5:1", "at least two"),
        ("[1]、[2]（顺序不限，2.5 分）", "5:1", "cannot be shared out"),
        ("[1]、[2]（0.1 分）", "5:1", "cannot be shared out"),
        ("1 = [1]（1 分，两遍）", "5:13", "no note"),
        ("1 = [1]（1 分，两栏）", "5:13", "\"两栏\" is no note"),
        ("1 = [1] #加法进位xyz", "5:9", "no knowledge point is called"),
        ("1 = [1]\n  横线：3 行", "5:1", "without blanks"),
        ("写\n  横线：30 行", "6:6", "1 to 20 lines"),
        ("写\n  评分：列式", "6:6", "words and points"),
        ("写\n  评分：列式 3 分", "5:1", "1 points are stated, and they add up to 3"),
        ("写 [1]\n  图：../a.png", "6:5", "name of a file"),
        ("写 [1]\n  图：a.png 900 毫米", "6:5", "name of a file"),
    ] {
        check(&section(question), &[(place, words)]);
    }
}

#[test]
fn of_sections_and_points() {
    check("一、算。\n1 = [1]", &[("5:1", "nothing says what this is worth")]);
    check("一、算。（每题 1 分）\n二、算。（每题 1 分）\n1 = [1]", &[("4:3", "no question here")]);
    check(
        "一、算。（每题 1 分）\n  A. 一 B. 二",
        &[("4:3", "no question here"), ("5:3", "no question stands above")],
    );
    check(
        "一、算。（每题 2 分，共 5 分）\n1 = [1]\n2 = [2]",
        &[("4:13", "5 points are stated, and they add up to 4")],
    );
    check(
        "总分：5\n一、算。（每题 2 分）\n1 = [1]",
        &[("4:4", "5 points are stated, and they add up to 2")],
    );
}

#[test]
fn all_at_once_in_the_order_of_their_places() {
    check(
        "一、算。（每题 1 分）\n1 = [\n2 =\n3 = [ ] #无此\n",
        &[
            ("5:5", "not closed"),
            ("6:1", "nothing can be written"),
            ("7:5", "has no key"),
            ("7:9", "no knowledge point"),
        ],
    );
}

#[test]
fn of_characters_that_cannot_be_printed() {
    let text =
        "标题：练\u{fffe}习\n年级：三\n科目：数学\n一、算。（每题 1 分）\n1\0 = [1]\n// \u{1}";
    let faults = Draft::parse(text, &Framework::own()).unwrap_err();
    same(faults, &[("1:5", "U+FFFE"), ("5:2", "U+0000")], text);
}

/// Failure: a line takes the place of another without a word.
#[test]
fn of_two_places_for_one_answer() {
    let head = "一、做一做。（每题 6 分）\n";
    let told = |lines: &str, expected: &[(&str, &str)]| check(&format!("{head}{lines}"), expected);
    let twice = "stands twice in one question";
    told("排一排。\n  排序：0.3 | 0.52\n  排序：1 | 2\n", &[("7:6", twice)]);
    told("写一写。\n  横线：3 行\n  横线：4 行\n", &[("7:6", twice)]);
    told("写一写。\n  答案：甲\n  答案：乙\n", &[("7:6", twice)]);
    let two = "this question has `steps` already, and `column` too";
    told("257 − 100\n  算式：3 行\n  竖式：4 行\n", &[("7:6", two)]);
}

#[test]
fn of_an_order_of_equal_things() {
    let told = |things: &str, words: &str| {
        let text = format!("一、排一排。（每题 6 分）\n从小到大。\n  排序：{things}\n");
        check(&text, &[("5:1", words)]);
    };
    told("0.3 | 0.5 | 1/2", "0.5 and 1/2 are as much as each other");
    told("1 米 | 2 米 | 2.0 米", "2 米 and 2.0 米 are as much as each other");
}

#[test]
fn of_figures_under_each_other_that_come_to_less_than_0() {
    let text = "一、竖式。（每题 6 分）\n100 − 257\n  竖式：4 行\n";
    check(text, &[("5:1", "nothing taken from less than it")]);
}
