use super::*;
use crate::hand::Hand;

/// Writes an answer and says what goes through its symbols if it was read as `text`.
fn check(write: impl FnOnce(&mut Hand), kind: &Kind, text: &str) -> Through {
    let mut hand = Hand::new(1);
    write(&mut hand);
    let placed = hand.placed();
    through(&placed.iter().collect::<Vec<_>>(), kind, text)
}

fn number(write: impl FnOnce(&mut Hand), text: &str) -> Through {
    check(write, &Kind::Digits, text)
}

fn letter(write: impl FnOnce(&mut Hand), text: &str) -> Through {
    check(write, &Kind::Letter("ABCD".into()), text)
}

const THREE: [(f64, f64); 6] =
    [(0.0, 0.3), (2.2, 0.2), (0.9, 2.2), (2.4, 3.6), (1.0, 5.0), (0.0, 4.4)];

/// Failure: 8~~3~~3 counts as 833, since the reader takes a 3 with a short line through it for a 3.
#[test]
fn a_short_line_through_a_digit_belongs_to_nothing() {
    for line in [
        [(0.6, 2.5), (2.0, 2.4)],
        [(-0.4, 2.9), (2.8, 2.1)],
        [(0.4, 3.6), (2.1, 1.6)],
        [(-0.2, 1.6), (2.4, 3.2)],
    ] {
        let three = |hand: &mut Hand| {
            hand.line(&THREE).line(&line).wait(900).zero(4.0, 0.0);
        };
        assert_eq!(number(three, "30"), Through::Foreign, "{line:?}");
    }
    // A ring that the line does not touch, and a slashed 0 that was taken for an 8.
    let zero = |line: [(f64, f64); 2]| {
        move |hand: &mut Hand| {
            hand.zero(0.0, 0.0).line(&line);
        }
    };
    assert_eq!(number(zero([(0.7, 2.5), (2.3, 2.6)]), "0"), Through::Foreign);
    assert_eq!(number(zero([(0.2, 4.8), (2.8, 0.2)]), "8"), Through::Foreign);
    assert_eq!(number(zero([(0.2, 4.8), (2.8, 0.2)]), "0"), Through::Nothing);
}

/// The bar of a 7 is shorter than its top, and crosses its stem alone.
#[test]
fn a_line_all_along_a_seven_strikes_it_out() {
    let seven = |line: [(f64, f64); 2]| {
        move |hand: &mut Hand| {
            hand.seven(0.0, 0.0).line(&line);
        }
    };
    assert_ne!(number(seven([(0.8, 2.6), (2.6, 2.5)]), "7"), Through::Foreign);
    assert_eq!(number(seven([(-0.8, 2.6), (3.8, 2.5)]), "7"), Through::Foreign);
}

/// Failure: 62~~ counts as 62, since a line that is shorter than the number strikes nothing out.
#[test]
fn a_line_over_two_digits_belongs_to_none() {
    let two = |line: [(f64, f64); 2]| {
        move |hand: &mut Hand| {
            hand.zero(0.0, 0.0).four(4.0, 0.0).line(&line);
        }
    };
    assert_eq!(number(two([(1.6, 2.4), (5.4, 2.6)]), "04"), Through::Foreign);
    // The top of a 5 that came later reaches over both.
    assert_ne!(number(two([(1.6, 0.1), (5.4, 0.0)]), "04"), Through::Foreign);
}

/// Failure: a 0 with a 6 written into it, or over it, counts as a 0.
#[test]
fn a_shape_over_a_digit_belongs_to_nothing() {
    let six = [(1.9, 0.8), (1.0, 2.4), (1.0, 3.8), (1.9, 3.9), (1.9, 3.0), (1.1, 3.0)];
    let over = |hand: &mut Hand| {
        hand.zero(0.0, 0.0).line(&six);
    };
    assert_eq!(number(over, "0"), Through::Foreign);
}

#[test]
fn strokes_of_a_digit_belong_to_it() {
    let rest = |strokes: &[usize], symbol, stroke| {
        Through::MayBelong(vec![Rest { strokes: strokes.to_vec(), symbol, stroke }])
    };
    let seven = |hand: &mut Hand| {
        hand.one(-3.0, 0.0).seven(0.0, 0.0).line(&[(0.6, 2.7), (2.8, 2.4)]);
    };
    assert_eq!(number(seven, "17"), rest(&[1], '7', Stroke::Level));
    let four = |hand: &mut Hand| {
        hand.line(&[(2.4, 0.0), (0.0, 3.4), (3.4, 3.3)]).line(&[(2.3, -0.4), (1.9, 4.8)]);
    };
    assert_eq!(number(four, "4"), rest(&[0], '4', Stroke::Straight));
    let foot = |hand: &mut Hand| {
        hand.line(&[(-0.6, 1.2), (0.6, 0.0), (0.4, 5.0)]).line(&[(-1.0, 4.2), (2.0, 4.1)]);
    };
    assert_eq!(number(foot, "1"), Through::Nothing);
    let hat = |hand: &mut Hand| {
        let five = [(0.2, 0.2), (0.0, 2.2), (2.2, 2.6), (2.4, 4.2), (0.0, 5.0)];
        hand.line(&five).wait(2_000).line(&[(0.2, 0.1), (2.6, 0.0)]);
    };
    assert_eq!(number(hat, "5"), Through::Nothing);
    let fraction_of_digits = |hand: &mut Hand| {
        hand.one(0.0, 0.0).one(1.6, 0.0).seven(3.0, 0.0);
    };
    assert_eq!(number(fraction_of_digits, "117"), Through::Nothing);
}

/// Failure: a 6 with a bar through it, read as a 4, counts as one.
#[test]
fn what_is_whole_without_a_line_was_struck_out() {
    let rest = |symbol, stroke| Rest { strokes: vec![0], symbol, stroke };
    assert!(rest('4', Stroke::Level).is_whole("4", 0.99));
    assert!(rest('4', Stroke::Straight).is_whole("6", 0.99));
    assert!(!rest('4', Stroke::Straight).is_whole("6", 0.6));
    assert!(!rest('4', Stroke::Straight).is_whole("0", 0.99));
    assert!(rest('7', Stroke::Level).is_whole("9", 0.99));
    assert!(!rest('7', Stroke::Level).is_whole("7", 0.99));
    assert!(rest('A', Stroke::Level).is_whole("A", 0.999));
    assert!(!rest('A', Stroke::Level).is_whole("A", 0.99));
}

/// Failure: an A that is struck out is read as an A.
#[test]
fn a_second_bar_strikes_a_letter_out() {
    let a = |second: Option<[(f64, f64); 2]>| {
        move |hand: &mut Hand| {
            hand.line(&[(2.0, 0.0), (0.0, 5.0)]).line(&[(2.0, 0.0), (4.0, 5.0)]);
            hand.line(&[(0.9, 3.0), (3.1, 3.0)]);
            if let Some(second) = second {
                hand.line(&second);
            }
        }
    };
    assert_ne!(letter(a(None), "A"), Through::Foreign);
    assert_eq!(letter(a(Some([(0.4, 2.2), (3.6, 2.4)])), "A"), Through::Foreign);
    let c = |hand: &mut Hand| {
        hand.line(&[(3.0, 0.4), (0.4, 0.8), (0.0, 2.8), (0.6, 4.8), (3.0, 4.6)]);
        hand.line(&[(0.6, 2.6), (2.4, 2.5)]);
    };
    assert_eq!(letter(c, "C"), Through::Foreign);
    let e = |hand: &mut Hand| {
        hand.line(&[(3.0, 0.0), (0.0, 0.0), (0.0, 5.0), (3.0, 5.0)]);
        hand.line(&[(0.0, 2.5), (2.4, 2.5)]);
    };
    assert_ne!(letter(e, "E"), Through::Foreign);
}

/// Failure: ≡ counts as =, and ≤ as <.
#[test]
fn a_sign_has_no_third_line() {
    let sign = |lines: &[&[(f64, f64)]], text: &str| {
        let write = |hand: &mut Hand| {
            for line in lines {
                hand.line(line);
            }
        };
        check(write, &Kind::Comparison, text)
    };
    let level = |y: f64| [(0.0, y), (4.0, y + 0.1)];
    let less: [(f64, f64); 3] = [(4.0, 0.0), (0.0, 2.0), (4.0, 4.0)];
    assert_eq!(sign(&[&level(1.0), &level(2.2)], "="), Through::Nothing);
    assert_eq!(sign(&[&level(1.0), &level(2.2), &level(3.4)], "="), Through::Foreign);
    assert_eq!(sign(&[&less], "<"), Through::Nothing);
    let whole = Rest { strokes: vec![0], symbol: '<', stroke: Stroke::Straight };
    assert!(whole.is_whole("<", 0.99));
    assert_eq!(sign(&[&less, &level(5.0)], "<"), Through::MayBelong(vec![whole]));
    // Two lines, or an arm that was drawn once more.
    assert_eq!(sign(&[&less[..2], &less[1..]], "<"), Through::Nothing);
    assert_eq!(sign(&[&less, &[(0.2, 1.4), (4.0, -0.6)]], "<"), Through::MayBelong(vec![]));
}
