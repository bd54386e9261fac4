use super::*;
use crate::hand::Hand;

fn check(hand: &Hand, shape: Option<Shape>) {
    let placed = hand.placed();
    assert_eq!(find(&placed.iter().collect::<Vec<_>>()).0, shape);
}

#[test]
fn ticks_point_with_their_vertex() {
    let mut hand = Hand::new(1);
    hand.tick(10.0, 20.0);
    check(&hand, Some(Shape::Tick));
    let placed = hand.placed();
    let (_, vertex) = find(&[&placed[0]]);
    assert_eq!(vertex, Some(PagePoint { x_um: 10_000, y_um: 20_000 }));
}

#[test]
fn crosses_point_with_their_crossing() {
    let mut hand = Hand::new(1);
    hand.cross(10.0, 20.0);
    check(&hand, Some(Shape::Cross));
    let placed = hand.placed();
    let (_, crossing) = find(&[&placed[0], &placed[1]]);
    let crossing = crossing.expect("it is a cross");
    assert!(distance_um(crossing, PagePoint { x_um: 10_000, y_um: 20_000 }) < 300.0);
}

#[test]
fn a_cross_may_be_written_in_one() {
    let mut hand = Hand::new(1);
    hand.line(&[(0.0, 0.0), (4.0, 4.0), (4.2, 2.0), (4.0, 0.0), (0.0, 4.0)]);
    check(&hand, Some(Shape::Cross));
}

#[test]
fn a_tick_with_a_bar_is_half_a_tick() {
    let mut hand = Hand::new(1);
    hand.tick(10.0, 20.0).line(&[(11.0, 16.5), (13.2, 18.0)]);
    check(&hand, Some(Shape::HalfTick));
    let mut dotted = Hand::new(1);
    dotted.tick(10.0, 20.0).dot(12.0, 17.4);
    check(&dotted, Some(Shape::HalfTick));
}

#[test]
fn other_forms_are_neither() {
    let none = |draw: &dyn Fn(&mut Hand) -> &mut Hand| {
        let mut hand = Hand::new(1);
        draw(&mut hand);
        check(&hand, None);
    };
    none(&|h| h.line(&[(0.0, 5.0), (5.0, 0.0)]));
    none(&|h| h.line(&[(0.0, 0.0), (5.0, 0.0)]));
    none(&|h| h.zero(0.0, 0.0));
    none(&|h| h.seven(0.0, 0.0));
    none(&|h| h.line(&[(0.0, 2.0), (4.0, 2.0)]).line(&[(2.0, 0.0), (2.0, 4.0)]));
    none(&|h| h.line(&[(0.0, 2.0), (4.0, 2.0)]).line(&[(0.0, 3.0), (4.0, 3.0)]));
    none(&|h| h.dot(0.0, 0.0));
    // A `V`; a plus that leans; two lines that lean one way.
    none(&|h| h.line(&[(0.0, 0.0), (2.0, 5.0), (4.0, 0.0)]));
    none(&|h| h.line(&[(0.0, 2.1), (4.0, 1.9)]).line(&[(1.9, 0.0), (2.1, 4.0)]));
    none(&|h| h.line(&[(0.0, 1.0), (4.0, 3.0)]).line(&[(1.0, 0.0), (3.0, 4.0)]));
}
