//! What stands beside what in a line of arithmetic.

use super::grammar::{Text, Token, Tokens};
use super::place::Place;
use crate::alphabet::{SYMBOLS, SymbolSet};

/// Cost of ink that is no symbol at all, as in a number.
const NOTHING_COST: f32 = 6.0;

/// What a part that looks like output `at` may be.
pub(super) fn tokens(at: usize, place: &Place, set: &SymbolSet) -> Tokens {
    let token = match SYMBOLS.get(at).copied() {
        None => Token::new(None, NOTHING_COST),
        Some(_) if !set.has(at) => Token::new(None, 0.0),
        Some('1') => Token::new(Some('1'), place.cost_of_one()),
        Some(digit @ '0'..='9') => Token::new(Some(digit), place.cost_of_digit()),
        Some('.') => Token::new(Some('.'), place.cost_of_point()),
        Some(sign) => Token::new(Some(sign), 0.0),
    };
    [Some(token), None, None].into_iter().flatten()
}

/// The line, whether anything in it is foreign, and the logarithm of its weight. Where it begins and
/// ends is not looked at: it may be a part of a line.
pub(super) fn settle(text: &Text) -> (String, bool, f32) {
    let mut pairs = text.written.chars().zip(text.written.chars().skip(1));
    let points = |number: &str| number.matches('.').count();
    let mut numbers = text.written.split(|c: char| !(c.is_ascii_digit() || c == '.'));
    let sound = pairs.all(|(a, b)| may_follow(a, b)) && numbers.all(|number| points(number) <= 1);
    (text.written.clone(), text.foreign || !sound, text.score)
}

fn may_follow(a: char, b: char) -> bool {
    let is_sign = |c: char| matches!(c, '+' | '-' | '×' | '÷' | '=');
    match (a, b) {
        ('.', _) => b.is_ascii_digit(),
        (_, '.') => a.is_ascii_digit(),
        ('(', _) => !is_sign(b) && b != ')',
        (_, ')') => a.is_ascii_digit() || a == ')',
        (')', _) => is_sign(b),
        (_, '(') => is_sign(a),
        _ => !(is_sign(a) && is_sign(b)),
    }
}
