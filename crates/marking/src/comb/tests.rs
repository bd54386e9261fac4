use super::*;
use crate::hand::{Hand, rect};

const CELLS: [(i32, i32); 3] = [(20, 20), (28, 20), (36, 20)];

fn read_comb(write: impl FnOnce(&mut Hand) -> &mut Hand) -> Option<Reading> {
    let mut hand = Hand::new(1);
    write(&mut hand);
    let placed = hand.placed();
    let strokes: Vec<&Placed<'_>> = placed.iter().collect();
    let cells = CELLS.map(|(x, y)| rect(x, y, 8, 10));
    let context = Context { symbol_height_um: Some(5_000.0), only: None };
    read(&Recognizer::embedded(), &cells, &strokes, &context, &mut Scratch::new())
}

#[test]
fn each_box_holds_a_digit() {
    let text = |write: fn(&mut Hand) -> &mut Hand| read_comb(write).map(|reading| reading.text);
    assert_eq!(text(|hand| hand.four(22.0, 22.0).seven(30.0, 22.0)).as_deref(), Some("47"));
    assert_eq!(text(|hand| hand.zero(30.0, 22.0).seven(38.0, 22.0)).as_deref(), Some("07"));
    // In written order or not, and over the edge of a box.
    assert_eq!(text(|hand| hand.seven(26.6, 22.0).four(22.0, 22.0)).as_deref(), Some("47"));
    assert_eq!(
        text(|hand| hand.four(22.0, 22.0).seven(38.0, 22.0)),
        None,
        "a box between is empty"
    );
    assert_eq!(text(|hand| hand), None);
}

#[test]
fn a_number_is_as_sure_as_all_of_its_digits() {
    let digit = |text: &str, probability, other: &str, p| Reading {
        text: text.into(),
        probability,
        alternatives: vec![(other.into(), p)],
        foreign: false,
    };
    let reading = joined(&[digit("4", 0.5, "9", 0.4), digit("7", 0.8, "1", 0.2)]);
    assert_eq!((reading.text.as_str(), reading.probability), ("47", 0.4));
    let texts: Vec<&str> = reading.alternatives.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(texts, ["97", "41"]);
    let sum: f32 = reading.alternatives.iter().map(|(_, p)| p).sum();
    assert!((sum - 0.42).abs() < 1e-6, "{sum}");
}
