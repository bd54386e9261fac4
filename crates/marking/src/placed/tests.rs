use super::*;
use crate::hand::{Hand, rect};

fn only(hand: &Hand) -> Placed<'_> {
    hand.placed().remove(0)
}

#[test]
fn strokes_come_in_order_of_time_then_name() {
    let mut hand = Hand::new(1);
    hand.one(0.0, 0.0).one(5.0, 0.0).one(10.0, 0.0);
    let forwards: Vec<StrokeKey> = hand.placed().iter().map(|s| s.key).collect();
    hand.strokes.reverse();
    let backwards: Vec<StrokeKey> = hand.placed().iter().map(|s| s.key).collect();
    assert_eq!(forwards, backwards);
    assert_eq!(forwards.iter().map(|k| k.number).collect::<Vec<_>>(), [0, 1, 2]);
}

#[test]
fn share_inside_is_by_length() {
    let mut hand = Hand::new(1);
    hand.line(&[(0.0, 5.0), (30.0, 5.0)]);
    let bounds = Bounds::of(rect(0, 0, 12, 10));
    assert!((only(&hand).share_inside(bounds) - 0.4).abs() < 0.02);
    assert_eq!(only(&hand).share_inside(Bounds::of(rect(0, 20, 12, 10))), 0.0);
}

#[test]
fn a_stroke_of_one_sample_lies_where_it_is() {
    let mut hand = Hand::new(1);
    hand.line(&[(3.0, 3.0)]);
    assert_eq!(only(&hand).share_inside(Bounds::of(rect(0, 0, 5, 5))), 1.0);
    assert_eq!(only(&hand).straightness(), 0.0);
}

#[test]
fn reversals_count_sweeps_and_not_jitter() {
    let check = |corners: &[(f64, f64)], reversals: usize| {
        let mut hand = Hand::new(1);
        hand.line(corners);
        assert_eq!(only(&hand).reversals(), reversals, "{corners:?}");
    };
    check(&[(0.0, 0.0), (10.0, 0.0)], 0);
    check(&[(0.0, 0.0), (10.0, 0.0), (0.0, 1.0), (10.0, 2.0)], 2);
    // 0.4 mm back is a hand's shake.
    check(&[(0.0, 0.0), (1.0, 0.0), (0.6, 0.0), (1.6, 0.0)], 0);
    // Downwards counts as sideways does.
    check(&[(0.0, 0.0), (0.0, 5.0), (1.0, 0.0), (2.0, 5.0), (3.0, 0.0)], 3);
}

#[test]
fn a_flying_dot_is_no_ink_but_a_quick_stroke_is() {
    let sample = |x_um, t_ms| Sample { x_um, y_um: 0, force: 1, t_ms };
    let mut hand = Hand::new(1);
    hand.push(vec![sample(0, 0), sample(100, 10), sample(90_000, 20), sample(300, 30)]);
    assert_eq!(only(&hand).samples.len(), 3);
    assert_eq!(only(&hand).bounds.right, 300);
    let mut quick = Hand::new(1);
    quick.push(vec![sample(0, 0), sample(30_000, 10), sample(60_000, 20)]);
    assert_eq!(only(&quick).samples.len(), 3);
}
