use std::collections::BTreeSet;

use super::Mental;
use crate::text::Draft;
use crate::{Framework, Worksheet};

fn text(grade: u8, seed: u64, count: usize) -> String {
    Mental { grade, seed, count }.text().unwrap()
}

fn sums(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.contains('[')).collect()
}

#[test]
fn every_grade_makes_sheets_that_build() {
    for grade in 1..=6 {
        for seed in 0..20 {
            let text = text(grade, seed, 40);
            let sheet = Draft::build(&text, &Framework::own(), |_| None);
            let sheet: Worksheet = sheet.unwrap_or_else(|faults| panic!("{faults:?}\n{text}"));
            assert_eq!((sheet.questions.len(), sheet.grade), (40, grade));
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_sheet_and_no_sum_twice() {
    for grade in 1..=6 {
        let first = text(grade, 7, 60);
        assert_eq!(first, text(grade, 7, 60));
        assert_ne!(sums(&first), sums(&text(grade, 8, 60)));
        let different: BTreeSet<&str> = sums(&first).into_iter().collect();
        assert_eq!(different.len(), 60, "grade {grade}");
    }
}

#[test]
fn what_there_is_no_rule_for_is_refused() {
    for (grade, count) in [(0, 10), (7, 10), (3, 0), (3, 101)] {
        assert_eq!(Mental { grade, seed: 1, count }.text(), None);
    }
}

#[test]
fn keys_are_right_and_within_what_the_grade_knows() {
    let most = [100.0, 100.0, 9000.0, 20_000.0, 10_000.0, 10_000.0];
    for (grade, most) in (1..).zip(most) {
        for seed in 0..30 {
            for line in sums(&text(grade, seed, 50)) {
                let (value, key) = worked_out(line);
                assert!((value - key).abs() < 1e-9, "{line}: {value}");
                assert!((0.0..=most).contains(&key), "{line}");
            }
        }
    }
}

#[test]
fn carries_and_borrows_are_mixed() {
    for seed in 0..20 {
        let text = text(2, seed, 40);
        for needed in ["+", "−", "×", "÷"] {
            assert!(sums(&text).iter().any(|line| line.contains(needed)), "{needed}");
        }
    }
}

/// What stands before the blank, worked out by other means than the rule's, and the key.
fn worked_out(line: &str) -> (f64, f64) {
    let (sum, rest) = line.split_once('[').unwrap();
    let (key, after) = rest.split_once(']').unwrap();
    let key = match key.split_once('/') {
        Some((over, under)) => over.parse::<f64>().unwrap() / under.parse::<f64>().unwrap(),
        None => key.parse().unwrap(),
    };
    let sum = sum.trim().trim_end_matches('=').trim();
    if let Some((equation, _)) = sum.split_once('，') {
        // Whether both sides are equal for this x.
        let (left, right) = equation.split_once('=').unwrap();
        let left = left.replace('x', &format!(" × {key} ")).trim().to_owned();
        let left = left.trim_start_matches('×').to_owned();
        return (value(&left) - value(right) + key, key);
    }
    let key = if after.contains('%') { key / 100.0 } else { key };
    match sum.strip_suffix('%') {
        Some(hundredths) => (value(hundredths) / 100.0, key),
        None => (value(sum), key),
    }
}

/// Brackets, then × and ÷, then + and −.
fn value(text: &str) -> f64 {
    let text = text.replace([' ', '('], " ").replace(')', " ) ");
    match text.split_once(" ) ") {
        // Only a sum in front stands in brackets.
        Some((first, rest)) => value(&format!("{} {rest}", value(first))),
        None => terms(&text),
    }
}

fn terms(text: &str) -> f64 {
    let mut signed = text.replace('−', "+−");
    signed.retain(|c| c != ' ');
    let term = |term: &str| {
        let (sign, term) = term.strip_prefix('−').map_or((1.0, term), |term| (-1.0, term));
        let mut product = sign;
        let mut rest = term;
        let mut divide = false;
        loop {
            let at = rest.find(['×', '÷', '/']).unwrap_or(rest.len());
            let number: f64 = rest[..at].parse().unwrap_or_else(|_| panic!("{text}"));
            product = if divide { product / number } else { product * number };
            let Some(sign) = rest[at..].chars().next() else { return product };
            divide = sign != '×';
            rest = &rest[at + sign.len_utf8()..];
        }
    };
    signed.split('+').filter(|term| !term.is_empty()).map(term).sum()
}
