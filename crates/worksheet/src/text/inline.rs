//! A line of a question: text, fractions, and blanks with their keys in place.

use super::blank;
use super::fault::{Fault, Place, Wrong};
use super::{Blank, BlankKey, Piece};

/// The longest round brackets that are a blank.
const ROUND_MAX: usize = 100;

/// What is said about reading a line.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    /// `3/4` is a fraction.
    pub(super) fractions: bool,
    /// The question has options.
    pub(super) options: bool,
}

/// Full-width ASCII as ASCII: `８３` is `83`, `（` is `(`.
pub(super) fn half_width(text: &str) -> String {
    text.chars().map(half).collect()
}

fn half(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => {
            // The block stands in the order of ASCII.
            char::from_u32(c as u32 - 0xfee0).unwrap_or(c)
        }
        '\u{3000}' => ' ',
        _ => c,
    }
}

pub(super) fn is_open(c: char) -> bool {
    matches!(c, '[' | '［' | '【')
}

pub(super) fn is_close(c: char) -> bool {
    matches!(c, ']' | '］' | '】')
}

pub(super) fn is_round(c: char) -> bool {
    matches!(c, '(' | '（')
}

/// The pieces of a line whose first character stands at `at`.
pub(super) fn pieces(
    line: &[char],
    at: Place,
    reading: Reading,
    faults: &mut Vec<Fault>,
) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut text = String::new();
    let mut index = 0;
    // Where a circle stands that is no blank, and whether a comparison is to be written elsewhere.
    let (mut circle, mut apart) = (None, false);
    let flush = |text: &mut String, out: &mut Vec<Piece>| {
        if !text.is_empty() {
            out.push(Piece::Text(std::mem::take(text)));
        }
    };
    while let Some(&c) = line.get(index) {
        let place = Place { column: at.column + index, ..at };
        let rest = &line[index..];
        if c == '\\' && rest.len() > 1 {
            text.push(rest[1]);
            index += 2;
        } else if is_open(c) || (is_circle(c) && rest.get(1).is_some_and(|c| is_open(*c))) {
            let skip = 1 + usize::from(is_circle(c));
            let Some(length) = rest.iter().position(|c| is_close(*c)) else {
                faults.push(Fault { place, wrong: Wrong::Unclosed });
                break;
            };
            flush(&mut text, &mut out);
            let key = blank::key(&rest[skip..length], reading);
            apart |= !is_circle(c) && matches!(key, Ok(BlankKey::Comparison(_)));
            out.extend(found(key, place, false, faults));
            index += length + 1;
        } else if is_round(c)
            && let Some((inner, length)) = round_blank(rest, reading)
        {
            flush(&mut text, &mut out);
            let key = blank::key(inner, reading);
            out.extend(found(key, place, true, faults));
            index += length;
        } else if let Some((over, under, length)) = fraction(line, index, reading) {
            flush(&mut text, &mut out);
            out.push(Piece::Fraction(over, under));
            index += length;
        } else {
            if is_circle(c) {
                circle.get_or_insert(place);
            }
            text.push(if c == '\u{3000}' || c == '\t' { ' ' } else { c });
            index += 1;
        }
    }
    flush(&mut text, &mut out);
    if let (Some(place), true) = (circle, apart) {
        faults.push(Fault { place, wrong: Wrong::CircleApart });
    }
    out
}

pub(super) fn is_circle(c: char) -> bool {
    matches!(c, '○' | '〇' | '◯')
}

fn found(
    key: Result<BlankKey, Wrong>,
    place: Place,
    brackets: bool,
    faults: &mut Vec<Fault>,
) -> Option<Piece> {
    match key {
        Ok(key) => Some(Piece::Blank(Blank { place, brackets, key })),
        Err(wrong) => {
            faults.push(Fault { place, wrong });
            None
        }
    }
}

/// Round brackets that are a blank: what stands in them, and how long they are. They are one where
/// spaces stand within them, as in `（ B ）`; where `[…]` is all that they hold; and around √, ×, or
/// a letter of a question with options.
fn round_blank(rest: &[char], reading: Reading) -> Option<(&[char], usize)> {
    // No key is longer; an open bracket in a long line is not looked for to its end.
    let near = &rest[..rest.len().min(ROUND_MAX)];
    let close = near.iter().position(|c| matches!(c, ')' | '）'))?;
    let inner = &rest[1..close];
    if inner.iter().any(|c| is_round(*c)) {
        return None;
    }
    let start = inner.iter().position(|c| !c.is_whitespace());
    let Some(start) = start else {
        // Nothing but space: a blank whose key was forgotten. `()` is text.
        return (!inner.is_empty()).then_some((inner, close + 1));
    };
    let end = inner.iter().rposition(|c| !c.is_whitespace())? + 1;
    let core = &inner[start..end];
    if let ([open, .., shut], true) = (core, core.len() > 2)
        && is_open(*open)
        && is_close(*shut)
        && !core[1..core.len() - 1].iter().any(|c| is_open(*c) || is_close(*c))
    {
        return Some((&core[1..core.len() - 1], close + 1));
    }
    let padded = start > 0 && end < inner.len();
    let sign = core.len() == 1 && blank::truth(core[0]).is_some();
    let letters = reading.options && core.iter().all(|c| ('A'..='G').contains(&half(*c)));
    let has_brackets = core.iter().any(|c| is_open(*c) || is_close(*c));
    ((padded || sign || letters) && !has_brackets).then_some((core, close + 1))
}

/// `3/4` between what is neither a figure, a letter, a point nor a slash.
fn fraction(line: &[char], index: usize, reading: Reading) -> Option<(String, String, usize)> {
    let stops = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '/' | '／' | '.');
    if !reading.fractions || (index > 0 && stops(&half(line[index - 1]))) {
        return None;
    }
    let digits = |from: &[char]| -> String {
        from.iter().map(|c| half(*c)).take_while(char::is_ascii_digit).collect()
    };
    let rest = &line[index..];
    let over = digits(rest);
    if over.is_empty() || half(*rest.get(over.len())?) != '/' {
        return None;
    }
    let under = digits(&rest[over.len() + 1..]);
    let length = over.len() + 1 + under.len();
    let ends = rest.get(length).is_none_or(|c| {
        let c = half(*c);
        !(c.is_ascii_alphabetic() || c == '/')
    });
    (!under.is_empty() && ends && over.len() <= 4 && under.len() <= 4)
        .then_some((over, under, length))
}
