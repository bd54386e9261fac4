//! Notes in brackets at the end of a heading or a question: points, columns, how blanks count.

use crate::{Decimal, Score};

use super::fault::{Fault, Place, Wrong};

/// One note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    /// `每题 2 分`
    Each(Score),
    /// `每空 1 分`
    EachBlank(Score),
    /// `4 分`
    Points(Score),
    /// `共 20 分`
    Total(Score),
    /// `两栏`
    Columns(usize),
    /// `涂圈`
    Bubbles,
    /// `顺序不限`
    AnyOrder,
    /// `全对得分`
    AllOrNothing,
}

/// A note as it stands in a text.
pub(super) struct Found {
    pub(super) note: Note,
    /// As it is written.
    pub(super) text: String,
    pub(super) place: Place,
}

/// The most columns of a section.
const COLUMNS_MAX: u32 = 6;

/// Takes notes off the end of a line: what stands before them, and each note with its place. Brackets
/// in which nothing is a note are text.
pub(super) fn take<'a>(
    line: &'a [char],
    at: Place,
    faults: &mut Vec<Fault>,
) -> (&'a [char], Vec<Found>) {
    let end = line.iter().rposition(|c| !c.is_whitespace()).map_or(0, |last| last + 1);
    let line = &line[..end];
    let Some((')' | '）', before)) = line.split_last() else { return (line, Vec::new()) };
    let Some(open) = before.iter().rposition(|c| matches!(c, '(' | '（')) else {
        return (line, Vec::new());
    };
    let mut notes = Vec::new();
    let mut others = Vec::new();
    let mut column = at.column + open + 1;
    for item in before[open + 1..].split(|c| matches!(c, ',' | '，' | ';' | '；' | '、')) {
        let text: String = item.iter().collect();
        let place = Place { column: column + leading(item), ..at };
        column += item.len() + 1;
        let text = text.trim().to_owned();
        match parse(&text) {
            Some(note) => notes.push(Found { note, text, place }),
            None => others.push(Fault { place, wrong: Wrong::Note(text) }),
        }
    }
    if notes.is_empty() {
        return (line, notes);
    }
    faults.extend(others);
    let before = &line[..open];
    let end = before.iter().rposition(|c| !c.is_whitespace()).map_or(0, |last| last + 1);
    (&before[..end], notes)
}

fn leading(item: &[char]) -> usize {
    item.iter().take_while(|c| c.is_whitespace()).count()
}

fn parse(text: &str) -> Option<Note> {
    let text = super::inline::half_width(text).to_ascii_lowercase();
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    match plain.as_str() {
        "涂圈" | "填涂" | "bubbles" => return Some(Note::Bubbles),
        "顺序不限" | "次序不限" | "anyorder" => return Some(Note::AnyOrder),
        "全对得分" | "allornothing" => return Some(Note::AllOrNothing),
        _ => {}
    }
    let columns = plain.strip_prefix('分').unwrap_or(&plain);
    let columns = columns.strip_suffix('栏').or_else(|| columns.strip_suffix("columns"));
    if let Some(columns) = columns {
        let columns = whole(columns).filter(|columns| (1..=COLUMNS_MAX).contains(columns));
        return columns.map(|columns| Note::Columns(columns as usize));
    }
    let points = |text: &str| {
        let text = ["分", "points", "point"].iter().find_map(|unit| text.strip_suffix(unit))?;
        score(text)
    };
    let rest = |prefixes: &[&str], suffixes: &[&str]| {
        let by_prefix = prefixes.iter().find_map(|prefix| plain.strip_prefix(prefix));
        by_prefix.or_else(|| suffixes.iter().find_map(|suffix| plain.strip_suffix(suffix)))
    };
    if let Some(rest) = rest(&["每题", "每小题"], &["each", "aquestion"]) {
        return points(rest).map(Note::Each);
    }
    if let Some(rest) = rest(&["每空"], &["ablank", "eachblank"]) {
        return points(rest).map(Note::EachBlank);
    }
    if let Some(rest) = rest(&["共", "满分"], &["inall", "intotal"]) {
        return points(rest).map(Note::Total);
    }
    points(&plain).map(Note::Points)
}

/// Points in tenths, from 0.1 to 1000.
pub(super) fn score(text: &str) -> Option<Score> {
    let text = super::inline::half_width(text.trim());
    let tenths = match whole(&text) {
        Some(whole) => whole.checked_mul(10)?,
        None => Decimal::parse(&text)?.tenths()?,
    };
    (1..=10_000).contains(&tenths).then_some(Score(tenths))
}

/// A whole number in figures, or in Chinese up to 十九.
pub(super) fn whole(text: &str) -> Option<u32> {
    let text = super::inline::half_width(text.trim());
    if !text.is_empty() && text.len() <= 6 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok();
    }
    let digit = |c: char| "一二三四五六七八九".chars().position(|d| d == c).map(|at| at as u32 + 1);
    let mut chars = text.chars();
    match (chars.next(), chars.next(), chars.next()) {
        (Some('两'), None, _) => Some(2),
        (Some('十'), None, _) => Some(10),
        (Some('十'), Some(ones), None) => Some(10 + digit(ones)?),
        (Some(one), None, _) => digit(one),
        _ => None,
    }
}
