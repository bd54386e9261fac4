use super::*;
use crate::hand::Hand;

/// How many strokes stand before, over and under the bar of what is written.
fn parts(write: impl Fn(&mut Hand) -> &mut Hand) -> Option<[usize; 3]> {
    let mut hand = Hand::new(1);
    write(&mut hand);
    let placed = hand.placed();
    let found = fraction(&placed.iter().collect::<Vec<_>>())?;
    Some([found.whole.len(), found.over.len(), found.under.len()])
}

#[test]
fn numbers_above_and_below_a_bar_are_a_fraction() {
    let bar = [(-0.8, 5.6), (4.0, 5.5)];
    assert_eq!(parts(|h| h.seven(0.0, 0.0).line(&bar).zero(0.0, 6.2)), Some([0, 1, 1]));
    // The bar last, and two figures below it; a whole number before it.
    let long = [(-0.8, 5.6), (7.4, 5.5)];
    let two = |h: &mut Hand| {
        h.seven(2.0, 0.0).zero(0.0, 6.2).four(3.6, 6.2).line(&long);
    };
    assert_eq!(
        parts(|h| {
            two(h);
            h
        }),
        Some([0, 1, 3])
    );
    assert_eq!(
        parts(|h| {
            two(h.one(-3.0, 3.0));
            h
        }),
        Some([1, 1, 3])
    );
}

#[test]
fn a_level_line_that_belongs_to_a_figure_is_no_bar() {
    // The hat of a 5, the bar of a 7, the foot of a 1, a minus, a line under a number, an equals sign.
    assert_eq!(parts(|h| h.zero(0.0, 1.0).line(&[(0.5, 0.4), (3.0, 0.3)])), None);
    assert_eq!(parts(|h| h.seven(0.0, 0.0).line(&[(0.6, 2.6), (3.2, 2.5)])), None);
    assert_eq!(parts(|h| h.one(1.0, 0.0).line(&[(0.2, 5.0), (1.8, 5.0)]).zero(0.0, 9.6)), None);
    assert_eq!(parts(|h| h.line(&[(-3.0, 2.5), (-1.0, 2.5)]).seven(0.0, 0.0)), None);
    assert_eq!(parts(|h| h.seven(0.0, 0.0).zero(4.0, 0.0).line(&[(-0.5, 5.6), (7.5, 5.6)])), None);
    let equals = |h: &mut Hand| {
        h.line(&[(0.0, 2.0), (3.0, 2.0)]).line(&[(0.0, 3.2), (3.0, 3.2)]);
    };
    assert_eq!(
        parts(|h| {
            equals(h.seven(4.0, 0.0));
            h
        }),
        None
    );
    // A strike through two rows, and what stands beside a bar.
    assert_eq!(parts(|h| h.seven(0.0, 0.0).line(&[(-1.0, 2.6), (4.0, 2.5)]).zero(0.0, 6.2)), None);
    let bar = [(-0.8, 5.6), (4.0, 5.5)];
    assert_eq!(parts(|h| h.seven(0.0, 0.0).line(&bar).zero(0.0, 6.2).four(6.0, 3.0)), None);
}

#[test]
fn numbers_on_both_sides_of_a_slanting_stroke_are_a_fraction() {
    let slash = [(3.4, 5.4), (5.8, -0.5)];
    assert_eq!(parts(|h| h.seven(0.0, 0.0).line(&slash).zero(6.2, 0.0)), Some([0, 1, 1]));
    let mixed = |h: &mut Hand| {
        h.four(-8.0, 0.0);
    };
    assert_eq!(
        parts(|h| {
            mixed(h);
            h.seven(0.0, 0.0).line(&slash).zero(6.2, 0.0)
        }),
        Some([2, 1, 1])
    );
    // A 1 that leans as much, a slash that takes a figure back, and one at the end.
    assert_eq!(parts(|h| h.seven(0.0, 0.0).line(&[(3.6, 5.0), (5.6, 0.0)]).zero(6.2, 0.0)), None);
    assert_eq!(parts(|h| h.seven(0.0, 0.0).line(&[(-0.2, 5.4), (3.2, -0.5)]).zero(6.2, 0.0)), None);
    assert_eq!(parts(|h| h.seven(0.0, 0.0).line(&slash)), None);
}
