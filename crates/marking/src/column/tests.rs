use super::*;
use crate::hand::Hand;

#[test]
fn rows_become_the_steps_of_one_line() {
    let check = |rows: &[&str], tens, expected: Option<&str>| {
        assert_eq!(in_one_line(rows, tens).as_deref(), expected, "{rows:?}");
    };
    check(&["36", "+47", "83"], false, Some("36+47=83"));
    check(&["24", "×13", "72", "24", "312"], true, Some("24×13=72+240=312"));
    check(&["24", "×13", "72", "+240", "312"], false, Some("24×13=72+240=312"));
    check(&["24", "×13", "72", "24", "96"], false, Some("24×13=72+24=96"));
    for none in [&["36", "47", "83"][..], &["36", "+47"], &["24", "+13", "72", "24", "96"]] {
        check(none, false, None);
    }
    check(&["3+6", "+47", "83"], false, None);
}

/// 40 + 17 with a line and what stands under it.
fn sum(hand: &mut Hand) -> &mut Hand {
    hand.four(20.0, 10.0).zero(26.0, 10.0);
    hand.line(&[(12.0, 20.5), (15.0, 20.5)]).line(&[(13.5, 19.0), (13.5, 22.0)]);
    hand.one(22.0, 18.0).seven(26.0, 18.0).line(&[(11.0, 25.0), (31.0, 25.2)])
}

#[test]
fn lines_and_carries_belong_to_no_row() {
    let mut hand = Hand::new(1);
    sum(&mut hand).line(&[(24.6, 22.2), (24.4, 24.0)]);
    hand.four(20.0, 27.0).seven(26.0, 27.0);
    let placed = hand.placed();
    let ink: Vec<&Placed<'_>> = placed.iter().collect();
    let (sorted, lines) = sort_out_rows(&ink).expect("few strokes");
    let counts: Vec<usize> = lines.live.iter().map(Vec::len).collect();
    assert_eq!(counts, [3, 4, 3]);
    assert_eq!((lines.rules.len(), lines.carries.len()), (1, 1));
    assert_eq!((sorted.live.len(), sorted.rewrites), (ink.len(), 0), "nothing is lost");
}

#[test]
fn a_line_through_figures_is_none_under_them() {
    let mut hand = Hand::new(1);
    sum(&mut hand).four(20.0, 27.0).seven(26.0, 27.0).line(&[(18.0, 29.5), (31.0, 29.6)]);
    let placed = hand.placed();
    let ink: Vec<&Placed<'_>> = placed.iter().collect();
    let (sorted, lines) = sort_out_rows(&ink).expect("few strokes");
    assert_eq!((lines.rules.len(), lines.live.len(), sorted.rewrites), (1, 2, 1));
}
