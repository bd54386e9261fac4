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

const WORKED: &str = "标题：练习
年级：四年级
科目：数学

一、算。（每题 6 分） #两位数加法（进位）
25 × 4 + 36
  算式：3 行
连一连。
  连线：3 × 4 | 12
  连线：5 × 6 | 30
  连线：2 × 9 | 18
  连线：7 × 8 | 56
比 20 少 8.5 的数。
  算式：2 行
  答案：20 − 8.5 = 11.5
1 + 1 = [2]
";

#[test]
fn the_key_of_steps_and_of_pairs_is_written_back() {
    let own = Framework::own();
    let mended = |question, kind: &Kind, answer: &str| {
        let key = Accepted::one(Written::parse(kind, answer).unwrap());
        with_key(WORKED, &own, (question, 0), &key)
    };
    let of = |text: &str| {
        let sheet = Draft::build(text, &own, |_| None).unwrap();
        let key = |at: usize| sheet.questions[at].parts[0].accepted().unwrap().to_string();
        ([key(0), key(1), key(2), key(3)], sheet.pages[0].artwork.clone())
    };
    let (keys, artwork) = of(WORKED);
    let steps = mended(0, &Kind::Steps, "25×4+36=136").expect("stated in a line of its own");
    assert!(steps.contains("  算式：3 行\n  答案：25×4+36=136\n连一连。"), "{steps}");
    assert_eq!(of(&steps).0[0], "25×4+36=136");
    let again = mended(2, &Kind::Steps, "20-8.5=11.5=11.50").expect("stated anew");
    assert_eq!(again.matches("答案").count(), 1, "{again}");
    // Two of the lines change their ends.
    let ends: Vec<&str> = keys[1].split(' ').map(|pair| &pair[1..]).collect();
    let swapped = format!("1{} 2{} 3{} 4{}", ends[1], ends[0], ends[2], ends[3]);
    let pairs = mended(1, &Kind::Pairs, &swapped).expect("other pairs");
    assert!(pairs.contains("连线：3 × 4 | 30\n  连线：5 × 6 | 12\n"), "{pairs}");
    let (mended_keys, mended_artwork) = of(&pairs);
    assert_eq!((&mended_keys[1], mended_artwork), (&swapped, artwork), "the print stays");
    let fewer = swapped.rsplit_once(' ').unwrap().0;
    assert_eq!(mended(1, &Kind::Pairs, fewer), None, "a thing without a partner cannot be stated");
}
