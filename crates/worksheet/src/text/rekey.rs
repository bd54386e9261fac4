//! A key corrected where it is written.

use std::collections::BTreeSet;

use super::inline::{half_width, is_circle, is_close, is_open, is_round};
use super::read::attribute;
use super::{BlankKey, Draft, Piece, Place, Question, Space, SpaceForm, columns};
use crate::{Accepted, Equivalence, Framework, Steps, Written};

/// The text with another key of a part, which is named by the places of its question and of it in
/// that question, both from 0 in printed order. Further right answers that the form cannot state
/// stand in a remark below the question.
///
/// `None` where the text is not sound, or cannot state such a key there.
#[must_use]
pub fn with_key(
    text: &str,
    framework: &Framework,
    (question, part): (usize, usize),
    key: &Accepted,
) -> Option<String> {
    let mut wanted = Draft::parse(text, framework).ok()?;
    let mut questions: Vec<&mut Question> =
        wanted.sections.iter_mut().flat_map(|section| &mut section.questions).collect();
    // The lines of the question end where the next one begins.
    let next = questions.get(question + 1).map_or(usize::MAX, |next| next.place.line);
    let asked = questions.get_mut(question)?;
    let line = asked.place.line;
    let first = key.answers.first()?.to_string();
    let mut also: Vec<String> = key.answers[1..].iter().map(ToString::to_string).collect();
    let mut lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
    let stated = if let Some(letters) = &mut asked.bubbles {
        let place = bubbles_key(&lines, line..next, letters)?;
        *letters = first.chars().collect();
        Some((place, first))
    } else if let Some(space) = &mut asked.space {
        let of_question = line..next.min(lines.len() + 1);
        of_space(space, key.answers.first()?, &mut lines, of_question)?;
        None
    } else {
        let (blank, nth) = blank(asked, part)?;
        let written = restated(&mut blank.key, nth, key)?;
        if matches!(blank.key, BlankKey::Number { .. } | BlankKey::Words { .. }) {
            also.clear();
        }
        Some((blank.place, written))
    };
    if let Some((place, written)) = stated {
        // A mark of byte order is no character of the first line.
        let mark = usize::from(place.line == 1 && text.starts_with('\u{feff}'));
        let within = lines.get_mut(place.line.checked_sub(1)?)?;
        let inner = inner(within, place.column - 1 + mark)?;
        within.splice(inner, written.chars());
    }
    let remark = format!("// 也算对 · also right ({}): ", part + 1);
    let is_remark = |line: &Vec<char>| line.iter().collect::<String>().trim().starts_with(&remark);
    if lines.get(line).is_some_and(is_remark) {
        lines.remove(line);
    }
    if !also.is_empty() {
        lines.insert(line, format!("  {remark}{}", also.join(" | ")).chars().collect());
    }
    let lines: Vec<String> = lines.iter().map(|line| line.iter().collect()).collect();
    let text = lines.join("\n") + "\n";
    let stated = Draft::parse(&text, framework).ok()?;
    (unplaced(stated) == unplaced(wanted)).then_some(text)
}

/// Puts the key of a space in place of another one, in the lines `of` its question, counted from 1.
fn of_space(
    space: &mut Space,
    key: &Written,
    lines: &mut Vec<Vec<char>>,
    of: std::ops::Range<usize>,
) -> Option<()> {
    let named = |lines: &[Vec<char>], wanted: &[&str]| -> Vec<usize> {
        let is_one = |at: &usize| {
            let line: Vec<char> =
                lines[*at].iter().copied().skip_while(|c| c.is_whitespace()).collect();
            attribute(&line).is_some_and(|(name, ..)| wanted.contains(&name))
        };
        (of.start.saturating_sub(1)..of.end.saturating_sub(1)).filter(is_one).collect()
    };
    match (space.form, key) {
        (SpaceForm::Steps(_), Written::Steps(steps)) => {
            let line: Vec<char> = format!("  答案：{steps}").chars().collect();
            match named(lines, &["answer"]).as_slice() {
                [] => lines.insert(named(lines, &["steps"]).last()? + 1, line),
                [.., last] => lines[*last] = line,
            }
            space.steps = Some(Steps::clone(steps));
        }
        (SpaceForm::Pairs, Written::Pairs(pairs)) => {
            let (from, to) = columns(&space.pairs);
            let at = |texts: &[&str], first: char, name: char| {
                let at = (name as usize).checked_sub(first as usize)?;
                texts.get(at).map(|text| (*text).to_owned())
            };
            let ends = |(a, b): &(char, char)| Some((at(&from, '1', *a)?, at(&to, 'A', *b)?));
            let stated: Vec<(String, String)> = pairs.iter().map(ends).collect::<Option<_>>()?;
            // What is printed already stays where it is.
            if columns(&stated) != (from, to) {
                return None;
            }
            let old = named(lines, &["pair"]);
            let first = *old.first()?;
            for at in old.into_iter().rev() {
                lines.remove(at);
            }
            let new = stated.iter().map(|(a, b)| format!("  连线：{a} | {b}").chars().collect());
            lines.splice(first..first, new.collect::<Vec<Vec<char>>>());
            space.pairs = stated;
        }
        _ => return None,
    }
    Some(())
}

/// The blank of a question that has its part, and which of the blank's fields that is.
fn blank(question: &mut Question, part: usize) -> Option<(&mut super::Blank, usize)> {
    let mut at = part;
    for piece in &mut question.stem {
        let Piece::Blank(blank) = piece else { continue };
        let fields = blank.key.fields();
        if at < fields {
            return Some((blank, at));
        }
        at -= fields;
    }
    None
}

/// Puts a key in the place of another one, and returns its text.
fn restated(blank: &mut BlankKey, nth: usize, key: &Accepted) -> Option<String> {
    let answers: Vec<String> = key.answers.iter().map(ToString::to_string).collect();
    let (first, others) = answers.split_first()?;
    let one = || first.chars().next();
    let all = answers.join("|");
    Some(match blank {
        BlankKey::Number { right, also, tolerance } => {
            (*right, *also) = (first.clone(), others.to_vec());
            match (tolerance, key.equal) {
                (Some(tolerance), Equivalence::Value { .. }) => format!("{all}±{tolerance}"),
                _ => all,
            }
        }
        BlankKey::Words { right, also } => {
            (*right, *also) = (first.clone(), others.to_vec());
            all
        }
        BlankKey::Steps(steps) => {
            *steps = crate::Steps::parse(first)?;
            first.clone()
        }
        BlankKey::Digits(digits) => {
            digits.clone_from(first);
            first.clone()
        }
        BlankKey::Fraction(over, under) => {
            *(if nth == 0 { &mut *over } else { &mut *under }) = first.clone();
            format!("{over}/{under}")
        }
        BlankKey::Remainder(quotient, rest) => {
            *(if nth == 0 { &mut *quotient } else { &mut *rest }) = first.clone();
            format!("{quotient}……{rest}")
        }
        BlankKey::Mixed(whole, over, under) => {
            *[&mut *whole, &mut *over, &mut *under].into_iter().nth(nth)? = first.clone();
            format!("{whole} {over}/{under}")
        }
        BlankKey::Letter(letter) => {
            *letter = one()?;
            first.clone()
        }
        BlankKey::TrueFalse(right) => {
            *right = first == "√";
            first.clone()
        }
        BlankKey::Comparison(sign) => {
            *sign = crate::Comparison::parse(first)?;
            first.clone()
        }
        // The syllables above would be those of another character.
        BlankKey::Characters(..) => return None,
    })
}

/// Where the key of a question with bubbles is written: brackets that hold just its letters.
fn bubbles_key(
    lines: &[Vec<char>],
    of: std::ops::Range<usize>,
    letters: &BTreeSet<char>,
) -> Option<Place> {
    let numbered = (1..).zip(lines).filter(|(number, _)| of.contains(number));
    numbered.into_iter().find_map(|(number, line)| {
        let opens = |at: &usize| is_round(line[*at]) || is_open(line[*at]);
        let holds = |at: &usize| {
            inner(line, *at).is_some_and(|range| {
                let text: String = line[range].iter().collect();
                half_width(&text).chars().collect::<BTreeSet<char>>() == *letters
            })
        };
        let at = (0..line.len()).filter(opens).find(holds)?;
        Some(Place { line: number, column: at + 1 })
    })
}

/// What stands in the brackets that open at `at`, or after a circle there, without space around it.
fn inner(line: &[char], at: usize) -> Option<std::ops::Range<usize>> {
    let open = at + usize::from(is_circle(*line.get(at)?));
    let round = is_round(*line.get(open)?);
    let closes = |c: &char| if round { matches!(c, ')' | '）') } else { is_close(*c) };
    let close = open + line[open..].iter().position(closes)?;
    let trimmed = |mut range: std::ops::Range<usize>| {
        while range.start < range.end && line[range.start].is_whitespace() {
            range.start += 1;
        }
        while range.start < range.end && line[range.end - 1].is_whitespace() {
            range.end -= 1;
        }
        range
    };
    let range = trimmed(open + 1..close);
    let square = range.len() > 2 && is_open(line[range.start]) && is_close(line[range.end - 1]);
    Some(if square { trimmed(range.start + 1..range.end - 1) } else { range })
}

/// A draft without the places in its text.
fn unplaced(mut draft: Draft) -> Draft {
    let nowhere = Place { line: 0, column: 0 };
    for section in &mut draft.sections {
        section.place = nowhere;
        for question in &mut section.questions {
            question.place = nowhere;
            for option in &mut question.options {
                option.place = nowhere;
            }
            if let Some(picture) = &mut question.picture {
                picture.place = nowhere;
            }
            for piece in &mut question.stem {
                if let Piece::Blank(blank) = piece {
                    blank.place = nowhere;
                }
            }
        }
    }
    draft
}
