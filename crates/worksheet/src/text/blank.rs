//! The key of a blank: what stands in its brackets says what kind of answer it takes.

use crate::{Comparison, Decimal, Number, Steps};

use super::BlankKey;
use super::fault::Wrong;
use super::inline::{Reading, half_width};

/// The longest key, in characters.
const KEY_MAX: usize = 60;
/// The most characters in a row of 田字格 within a line.
const CHARACTERS_MAX: usize = 12;

/// `√` and `×` and what keyboards give for them.
pub(super) fn truth(c: char) -> Option<bool> {
    match c {
        '√' | '✓' | '✔' => Some(true),
        '×' | '✗' | '✘' | '✕' => Some(false),
        _ => None,
    }
}

/// The key that stands in a blank's brackets.
pub(super) fn key(inner: &[char], reading: Reading) -> Result<BlankKey, Wrong> {
    let written: String = inner.iter().collect();
    let text = half_width(written.trim());
    let text = text.trim();
    if text.is_empty() {
        return Err(Wrong::NoKey);
    }
    if text.chars().count() > KEY_MAX {
        return Err(Wrong::Key(written));
    }
    let mut chars = text.chars();
    if let (Some(only), None) = (chars.next(), chars.next()) {
        if let Some(right) = truth(only) {
            return Ok(BlankKey::TrueFalse(right));
        }
        if let Some(sign) = Comparison::parse(text) {
            return Ok(BlankKey::Comparison(sign));
        }
        if ('A'..='G').contains(&only) {
            return Ok(BlankKey::Letter(only));
        }
    }
    if let Some(characters) = characters(text) {
        return characters.ok_or(Wrong::Squares(written));
    }
    if text.chars().any(is_han) && text.chars().any(has_tone) {
        return Err(Wrong::Squares(written));
    }
    if let Some(key) = compound(text).filter(|_| reading.fractions) {
        return Ok(key);
    }
    if let Some((over, under)) = text.split_once('/').filter(|_| reading.fractions)
        && [over, under].iter().all(|part| is_digits(part.trim()) && part.trim().len() <= 4)
    {
        return Ok(BlankKey::Fraction(over.trim().into(), under.trim().into()));
    }
    if reading.fractions
        && text.contains('=')
        && let Some(steps) = Steps::parse(text)
    {
        return if steps.is_key() { Ok(BlankKey::Steps(steps)) } else { Err(Wrong::Key(written)) };
    }
    let (text, tolerance) = match text.split_once('±') {
        Some((text, tolerance)) => (text.trim(), Some(tolerance.trim().to_owned())),
        None => (text, None),
    };
    let alternatives: Vec<String> = text.split('|').map(|one| one.trim().to_owned()).collect();
    if alternatives.iter().any(String::is_empty) {
        return Err(Wrong::Key(written));
    }
    let numbers: Vec<String> =
        alternatives.iter().filter_map(|text| number(text, reading)).collect();
    if numbers.len() == alternatives.len() {
        let zeros = numbers.len() == 1 && tolerance.is_none() && counts_zeros(&numbers[0]);
        let sound = tolerance.as_deref().is_none_or(|text| {
            Decimal::parse(text).is_some_and(|tolerance| tolerance >= Decimal::default())
        });
        return match (zeros, sound, numbers.split_first()) {
            (true, _, Some((first, _))) => Ok(BlankKey::Digits(first.clone())),
            (false, true, Some((right, also))) => {
                Ok(BlankKey::Number { right: right.clone(), also: also.to_vec(), tolerance })
            }
            _ => Err(Wrong::Key(written)),
        };
    }
    match alternatives.split_first() {
        Some((right, also)) if tolerance.is_none() => {
            Ok(BlankKey::Words { right: right.clone(), also: also.to_vec() })
        }
        _ => Err(Wrong::Key(written)),
    }
}

/// `5……2` and `1 3/4`: several numbers that are one answer.
fn compound(text: &str) -> Option<BlankKey> {
    let plain = |text: &str| (is_digits(text) && text.len() <= 4).then(|| text.to_owned());
    if let Some((quotient, rest)) = text.split_once('…').or_else(|| text.split_once("...")) {
        let rest = rest.trim_start_matches(['…', '.']).trim();
        return Some(BlankKey::Remainder(plain(quotient.trim())?, plain(rest)?));
    }
    let (whole, fraction) = text.split_once([' ', '又'])?;
    let (over, under) = fraction.split_once('/')?;
    Some(BlankKey::Mixed(plain(whole.trim())?, plain(over.trim())?, plain(under.trim())?))
}

/// A decimal number; a minus may be typed as `−`, and thousands are not divided. In mathematics a
/// percent sign or a unit may follow, which is written too, and a fraction is a number.
fn number(text: &str, reading: Reading) -> Option<String> {
    let number = Number::parse(&text.replace('−', "-"))?;
    let is_plain = number.unit().is_none() && !number.is_fraction();
    let is_one = is_plain || reading.fractions && number.unit() != Some(Number::UNREAD);
    is_one.then(|| number.to_string())
}

/// `007`: a code, not the number 7.
fn counts_zeros(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0') && is_digits(text)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether it is a Chinese character, those beyond the first plane included.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{323af}')
}

/// A vowel of pinyin with its tone.
fn has_tone(c: char) -> bool {
    "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ".contains(c)
}

/// `春天` or `春天 chūn tiān`: characters and a syllable over each. `None` for what does not begin
/// with characters alone; `Some(None)` where the syllables are not as many.
fn characters(text: &str) -> Option<Option<BlankKey>> {
    let mut words = text.split_whitespace();
    let characters: Vec<char> = words.next()?.chars().collect();
    if !characters.iter().all(|c| is_han(*c)) {
        return None;
    }
    let syllables: Vec<String> = words.map(str::to_owned).collect();
    let is_syllable = |word: &String| !word.chars().any(|c| is_han(c) || c == '|');
    let sound = characters.len() <= CHARACTERS_MAX
        && syllables.iter().all(is_syllable)
        && (syllables.is_empty() || syllables.len() == characters.len());
    Some(sound.then_some(BlankKey::Characters(characters, syllables)))
}
