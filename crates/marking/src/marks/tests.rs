use super::*;
use crate::hand::Hand;

fn marked(write: impl FnOnce(&mut Hand) -> &mut Hand, whole: bool) -> bool {
    let mut hand = Hand::new(1);
    write(&mut hand);
    let placed = hand.placed();
    are_marked(&placed.iter().collect::<Vec<_>>(), whole)
}

#[test]
fn a_point_between_digits_marks_a_whole_number() {
    let number = |hand: &mut Hand| {
        hand.four(0.0, 0.0).dot(4.0, 4.8).seven(5.0, 0.0);
    };
    assert!(marked(
        |h| {
            number(h);
            h
        },
        true
    ));
    assert!(!marked(
        |h| {
            number(h);
            h
        },
        false
    ));
    // In the middle of the line, and under the bar of a 7.
    assert!(marked(|h| h.four(0.0, 0.0).dot(4.0, 2.4).zero(5.0, 0.0), true));
    assert!(marked(|h| h.seven(0.0, 0.0).dot(2.7, 4.9).zero(3.6, 0.0), true));
    // Behind it, before it, above it and within a 0.
    for (x, y) in [(9.0, 4.9), (-1.0, 4.8), (4.0, 0.2), (6.4, 2.5)] {
        assert!(!marked(|h| h.four(0.0, 0.0).dot(x, y).zero(5.0, 0.0), true), "{x} {y}");
    }
}

#[test]
fn a_line_under_a_number_marks_it() {
    for below in [0.0, 0.3, 1.2, 2.5] {
        let y = 5.0 + below;
        let line = [(-1.0, y), (9.0, y - 0.2)];
        assert!(marked(|h| h.four(0.0, 0.0).zero(4.0, 0.0).line(&line), true), "{below}");
        assert!(marked(|h| h.line(&line).four(0.0, 0.0).zero(4.0, 0.0), true), "{below}");
    }
    // Two lines, and one over a number.
    let two = |h: &mut Hand| {
        h.seven(0.0, 0.0).line(&[(-0.5, 5.8), (3.5, 5.8)]).line(&[(-0.5, 6.6), (3.5, 6.6)]);
    };
    assert!(marked(
        |h| {
            two(h);
            h
        },
        true
    ));
    assert!(marked(|h| h.one(1.0, 0.0).one(3.0, 0.0).line(&[(-1.0, 5.6), (5.0, 5.6)]), true));
    assert!(marked(|h| h.four(0.0, 0.0).zero(4.0, 0.0).line(&[(-1.0, -1.0), (9.0, -1.0)]), true));
    // The foot of a 1, the bar of a 7, an equals sign.
    assert!(!marked(|h| h.one(1.0, 0.0).line(&[(-0.8, 5.3), (3.0, 5.1)]).zero(4.0, 0.0), true));
    assert!(!marked(|h| h.one(1.0, 0.0).line(&[(0.0, 5.0), (2.2, 5.0)]).zero(4.0, 0.0), true));
    assert!(!marked(|h| h.seven(0.0, 0.0).line(&[(0.6, 2.6), (3.2, 2.5)]), true));
    let equals = |h: &mut Hand| {
        h.line(&[(0.0, 2.0), (3.0, 2.0)]).line(&[(0.0, 3.2), (3.0, 3.2)]).zero(5.0, 0.0);
    };
    assert!(!marked(
        |h| {
            equals(h);
            h
        },
        true
    ));
}

#[test]
fn a_sign_behind_a_number_marks_it() {
    for whole in [true, false] {
        let exclamation = [(8.5, 0.0), (8.5, 3.6)];
        assert!(marked(
            |h| h.four(0.0, 0.0).zero(4.0, 0.0).line(&exclamation).dot(8.5, 5.0),
            whole
        ));
        let question = [(8.0, 1.0), (8.8, 0.0), (10.2, 0.8), (9.2, 2.4), (9.1, 3.4)];
        assert!(marked(|h| h.four(0.0, 0.0).zero(4.0, 0.0).line(&question).dot(9.1, 5.0), whole));
        let comma = [(8.2, 4.4), (8.3, 5.0), (7.9, 6.2)];
        assert!(marked(|h| h.four(0.0, 0.0).zero(4.0, 0.0).line(&comma), whole));
    }
    // A full stop that is a dot or a ring, a last 1, and a comma between digits.
    assert!(!marked(|h| h.four(0.0, 0.0).zero(4.0, 0.0).dot(8.0, 4.9), true));
    assert!(!marked(|h| h.four(0.0, 0.0).zero(4.0, 0.0).ellipse(8.4, 4.6, 0.5, 0.5), true));
    assert!(!marked(|h| h.four(0.0, 0.0).zero(4.0, 0.0).one(8.4, 0.4), true));
    let comma = [(4.2, 4.4), (4.3, 5.0), (3.9, 6.2)];
    assert!(!marked(|h| h.four(0.0, 0.0).line(&comma).zero(5.0, 0.0), true));
}

#[test]
fn a_caret_and_the_stroke_of_a_fraction_mark_a_number() {
    let caret = [(3.0, 5.6), (3.9, 3.6), (4.8, 5.6)];
    assert!(marked(|h| h.four(0.0, 0.0).zero(5.0, 0.0).line(&caret), true));
    let stroke = [(3.6, 5.3), (5.8, -0.3)];
    assert!(marked(|h| h.seven(0.0, 0.0).line(&stroke).zero(6.0, 0.0), true));
    // One that leans as no 1 does, beside a digit that goes below it.
    let far = [(3.4, 4.8), (3.2, 4.4), (6.0, -0.4)];
    assert!(marked(
        |h| h.line(&[(0.0, 0.0), (2.0, 0.0), (1.0, 4.4)]).line(&far).zero(6.4, 0.2),
        true
    ));
    // A 1 that leans as much, and no higher than its neighbours; and at the end.
    assert!(!marked(|h| h.seven(0.0, 0.0).line(&[(3.6, 5.0), (5.6, 0.0)]).zero(6.0, 0.0), true));
    assert!(!marked(|h| h.seven(0.0, 0.0).line(&stroke), true));
}

fn bar(write: impl Fn(&mut Hand) -> &mut Hand) -> bool {
    let mut hand = Hand::new(1);
    write(&mut hand);
    let placed = hand.placed();
    has_bar(&placed.iter().collect::<Vec<_>>())
}

#[test]
fn a_bar_between_two_numbers_is_a_fractions() {
    assert!(bar(|h| h.four(0.0, 0.0).line(&[(-1.0, 5.8), (4.0, 5.7)]).zero(0.0, 6.4)));
    assert!(!bar(|h| h.four(0.0, 0.0).line(&[(-1.0, 5.8), (4.0, 5.7)])));
    assert!(!bar(|h| h.seven(0.0, 0.0).line(&[(0.6, 2.6), (3.2, 2.5)])));
    let bowed = [(-1.0, 6.0), (0.5, 5.2), (2.0, 5.0), (3.5, 5.5)];
    assert!(bar(|h| h.four(0.0, 0.0).line(&bowed).zero(0.0, 6.4)));
    // Two lines through what stands above the answer.
    let struck = [[(-1.0, 1.6), (4.0, 1.5)], [(-1.0, 3.2), (4.0, 3.1)]];
    assert!(!bar(|h| h.four(0.0, 0.0).line(&struck[0]).line(&struck[1]).zero(0.0, 6.4)));
}
