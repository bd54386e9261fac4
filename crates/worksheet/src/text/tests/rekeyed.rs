//! Keys corrected where they are written.

use crate::text::{Draft, with_key};
use crate::{Accepted, Framework, Kind, Written};

const TEXT: &str = "标题：口算
年级：三年级
科目：数学

一、直接写出得数。（每题 2 分） #两位数加法（进位）
36 + 47 = [83]，4.5 元 = （ 4 ）元（[5]）角
1/5 + 3/5 = [4/5]
4.2 ○[>] 3.9
二、选一选。（每题 2 分，涂圈） #两位数加法（进位）
（ ACD ）哪几个数大于 500？
  A. 589  B. 403  C. 510  D. 600
三、判一判。（每题 2 分） #两位数加法（进位）
1 千克的铁比 1 千克的棉花重。（×）
（B）哪个数最接近 500？
  A. 489  B. 503  C. 510
";

/// The line of the text that another key changes, as it then reads.
fn line(part: (usize, usize), kind: &Kind, answers: &[&str]) -> Option<String> {
    let answers: Vec<_> = answers.iter().map(|a| Written::parse(kind, a).unwrap()).collect();
    let key = Accepted { equal: Accepted::one(answers[0].clone()).equal, answers };
    let mended = with_key(TEXT, &Framework::own(), part, &key)?;
    let changed: Vec<&str> = mended.lines().filter(|l| !TEXT.lines().any(|b| b == *l)).collect();
    Some(changed.join("\n"))
}

#[test]
fn a_key_is_corrected_in_its_brackets() {
    let number = Kind::Number(crate::NumberForm::Decimal);
    let check = |part, kind: &Kind, answers: &[&str], expected: &str| {
        assert_eq!(line(part, kind, answers).as_deref(), Some(expected), "{part:?}");
    };
    check((0, 0), &number, &["84", "84.5"], "36 + 47 = [84|84.5]，4.5 元 = （ 4 ）元（[5]）角");
    check((0, 1), &number, &["14"], "36 + 47 = [83]，4.5 元 = （ 14 ）元（[5]）角");
    check((0, 2), &number, &["50"], "36 + 47 = [83]，4.5 元 = （ 4 ）元（[50]）角");
    check((1, 1), &Kind::Digits, &["10"], "1/5 + 3/5 = [4/10]");
    check((2, 0), &Kind::Comparison, &["<"], "4.2 ○[<] 3.9");
    check((3, 0), &Kind::Choices, &["AD"], "（ AD ）哪几个数大于 500？");
    check((4, 0), &Kind::TrueFalse, &["√"], "1 千克的铁比 1 千克的棉花重。（√）");
    check(
        (5, 0),
        &Kind::Letter("ABC".into()),
        &["C", "B"],
        "（C）哪个数最接近 500？\n  // 也算对 · also right (1): B",
    );
}

#[test]
fn what_the_form_cannot_state_is_not_written() {
    assert!(Draft::parse(TEXT, &Framework::own()).is_ok(), "or nothing could be stated in it");
    assert_eq!(line((0, 3), &Kind::Digits, &["7"]), None, "no such blank");
    assert_eq!(line((9, 0), &Kind::Digits, &["7"]), None, "no such question");
    let zeros = Kind::Number(crate::NumberForm::Decimal);
    assert_eq!(line((0, 0), &zeros, &["007"]), None, "the text would take it for digits");
}

#[test]
fn a_remark_is_written_once() {
    let letter = Kind::Letter("ABC".into());
    let key = |answers: &[&str]| Accepted {
        answers: answers.iter().map(|a| Written::parse(&letter, a).unwrap()).collect(),
        equal: crate::Equivalence::Same,
    };
    let own = Framework::own();
    let once = with_key(TEXT, &own, (5, 0), &key(&["B", "C"])).unwrap();
    let twice = with_key(&once, &own, (5, 0), &key(&["B", "A"])).unwrap();
    assert_eq!(twice.matches("also right").count(), 1, "{twice}");
    let back = with_key(&twice, &own, (5, 0), &key(&["B"])).unwrap();
    assert_eq!(back, TEXT);
}
