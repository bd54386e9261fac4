use std::collections::BTreeSet;

use super::*;

fn main_bits() -> Vec<u8> {
    (0..MAIN_LEN).map(|at| (MAIN >> at & 1) as u8).collect()
}

/// Every window of a cyclic sequence.
fn windows(sequence: &[u8], len: usize) -> Vec<Vec<u8>> {
    let at = |i: usize| sequence[i % sequence.len()];
    (0..sequence.len()).map(|i| (i..i + len).map(at).collect()).collect()
}

fn all_differ(windows: Vec<Vec<u8>>) -> bool {
    let count = windows.len();
    windows.into_iter().collect::<BTreeSet<_>>().len() == count
}

#[test]
fn six_bits_of_the_main_sequence_stand_in_it_once() {
    assert_eq!(MAIN >> MAIN_LEN, 0);
    assert!(all_differ(windows(&main_bits(), MAIN_ORDER)));
    assert!(!all_differ(windows(&main_bits(), MAIN_ORDER - 1)), "the test can fail");
}

/// A page turned upside down reads its main sequences backwards and with every bit the other way
/// round. Seven bits tell that it is turned.
#[test]
fn no_seven_bits_stand_in_the_main_sequence_backwards_and_inverted() {
    let turned: Vec<u8> = main_bits().iter().rev().map(|bit| 1 - bit).collect();
    let shared = |len| {
        let right: BTreeSet<_> = windows(&main_bits(), len).into_iter().collect();
        windows(&turned, len).iter().filter(|window| right.contains(*window)).count()
    };
    assert_eq!(shared(7), 0);
    assert_eq!(shared(6), 62, "six bits do not tell");
}

#[test]
fn five_digits_of_a_secondary_sequence_stand_in_it_once() {
    for secondary in &SECONDARY {
        assert!(all_differ(windows(secondary.digits, SECONDARY_ORDER)), "{}", secondary.len());
    }
}

#[test]
fn every_shift_is_one_set_of_digits() {
    let highest: u32 = SECONDARY
        .iter()
        .map(|secondary| {
            let digits = secondary.digits.iter().map(|digit| u32::from(digit - b'0'));
            digits.max().unwrap() * secondary.weight
        })
        .sum();
    assert_eq!(SHIFT_MIN + highest, SHIFT_MAX);
    for rest in 0..=SHIFT_MAX - SHIFT_MIN {
        let sum: u32 = SECONDARY.iter().map(|s| s.digit_of_rest(rest) * s.weight).sum();
        assert_eq!(sum, rest);
    }
}

#[test]
fn the_lengths_have_no_common_divisor() {
    fn divisor(a: u32, b: u32) -> u32 {
        if b == 0 { a } else { divisor(b, a % b) }
    }
    for (at, one) in SECONDARY.iter().enumerate() {
        for other in &SECONDARY[at + 1..] {
            assert_eq!(divisor(one.len(), other.len()), 1);
        }
    }
    let product: u64 = SECONDARY.iter().map(|secondary| u64::from(secondary.len())).product();
    assert_eq!(product, PERIOD);
}
