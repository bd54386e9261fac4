use pen_sim::synthetic_handwriting;

use super::*;
use crate::hand::{Hand, rect};

/// A line of synthetic writing with its lower left corner at (x, y) millimetres.
fn write(hand: &mut Hand, text: &str, hand_of: u32, x: f64, y: f64) {
    let all: Vec<_> = synthetic_handwriting(&[text], hand_of + 1, 3).collect();
    let sample = &all[hand_of as usize];
    let bottom = sample.strokes.iter().flatten().map(|p| p[1]).fold(0.0, f64::max);
    for stroke in &sample.strokes {
        let at = |p: &Vec<f64>| (x + p[0] / 100.0, y + (p[1] - bottom) / 100.0);
        hand.line(&stroke.iter().map(at).collect::<Vec<_>>());
    }
}

fn rows_of(hand: &Hand) -> Vec<Vec<usize>> {
    let placed = hand.placed();
    rows(&placed.iter().collect::<Vec<_>>())
}

fn read_of(hand: &Hand) -> Option<Reading> {
    let placed = hand.placed();
    let ink: Vec<&Placed<'_>> = placed.iter().collect();
    let (_, lines) = sort_out_lines(&ink)?;
    let style = WritingStyle { height_um: Some(5_000.0), gap_heights: None };
    let field = Field::Lines { rect: rect(10, 10, 150, 40), pitch_um: 11_000 };
    read(&Recognizer::embedded(), &field, &lines, &style, &mut recognition::Scratch::new())
}

#[test]
fn lines_are_told_apart_though_they_rise_and_touch() {
    let mut hand = Hand::new(1);
    for (line, y) in [(0, 10.0), (1, 17.0), (2, 24.0)] {
        for digit in 0..6 {
            let x = 6.0 * f64::from(digit);
            hand.zero(x, y - 0.12 * x);
            hand.line(&[(x + 4.0, y + 2.5 - 0.12 * x), (x + 5.0, y + 2.5 - 0.12 * x)]);
        }
        let rows = rows_of(&hand);
        assert_eq!(rows.len(), line + 1, "{rows:?}");
        assert!(rows.iter().all(|row| row.len() == 12), "{rows:?}");
    }
}

#[test]
fn points_and_bars_are_on_the_line_that_they_stand_by() {
    let mut hand = Hand::new(1);
    hand.line(&[(0.0, 2.0), (3.0, 2.0)]).line(&[(0.0, 3.2), (3.0, 3.2)]);
    hand.four(5.0, 0.0).dot(9.0, 4.9).seven(10.0, 0.0);
    hand.line(&[(0.0, 11.0), (3.0, 11.0)]).line(&[(0.0, 12.2), (3.0, 12.2)]).four(5.0, 9.0);
    assert_eq!(rows_of(&hand), [vec![0, 1, 2, 3, 4, 5], vec![6, 7, 8, 9]]);
}

#[test]
fn steps_over_several_lines_are_read() {
    let (mut read_right, mut surely_wrong) = (0, Vec::new());
    for of in 0..20 {
        let mut hand = Hand::new(1);
        write(&mut hand, "=100+36", of, 20.0, 20.0);
        write(&mut hand, "=136", of, 20.0, 31.0);
        let reading = read_of(&hand);
        let text = reading.as_ref().map(|r| r.written.to_string());
        let right = text.as_deref() == Some("=100+36=136");
        read_right += usize::from(right);
        if !right && reading.is_some_and(|r| r.probability >= 0.95) {
            surely_wrong.push(text);
        }
    }
    println!("{read_right} of 20 read, surely wrong {surely_wrong:?}");
    assert!(read_right >= 14 && surely_wrong.is_empty());
}

#[test]
fn brackets_hold_a_sum() {
    let mut read_right = 0;
    for of in 0..20 {
        let mut hand = Hand::new(1);
        write(&mut hand, "(3+4)×5=35", of, 20.0, 20.0);
        let reading = read_of(&hand);
        let text = reading.as_ref().map(|r| r.written.to_string());
        read_right += usize::from(text.as_deref() == Some("(3+4)×5=35"));
        let sure = reading.is_some_and(|r| r.probability >= 0.95);
        assert!(!sure || text.as_deref() == Some("(3+4)×5=35"), "{of}: {text:?}");
    }
    println!("{read_right} of 20 read");
    assert!(read_right >= 10);
}

#[test]
fn lines_join_where_a_sum_goes_on() {
    assert_eq!(joined(&["=100+36", "=136"]), "=100+36=136");
    assert_eq!(joined(&["3×4=12", "12+5=17"]), "3×4=12;12+5=17");
    assert_eq!(joined(&["25×4+", "36=136"]), "25×4+36=136");
    assert_eq!(joined(&["25×4=", "=100"]), "25×4=100");
}

#[test]
fn what_is_no_arithmetic_is_not_read() {
    let mut hand = Hand::new(1);
    hand.scribble(20.0, 15.0, 30.0, 6.0);
    assert!(read_of(&hand).is_none_or(|reading| reading.probability < 0.5));
}
