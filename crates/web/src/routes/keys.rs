//! What pages say of the key of a question: what was corrected, what people overrule, and the form for
//! another one.

mod correction;

use std::collections::BTreeSet;

use export::Sign;
use store::{AssignmentHead, KeyChange, KeyCorrected, Overruled};
use worksheet::{Accepted, Kind, Part, PartOf, Question, Worksheet, Written};

pub(crate) use correction::{correct, look};

use crate::dates;
use crate::failure::Failure;
use crate::page::keys::{Change, Changed, Editor, EditorField, Keys, Notice};
use crate::page::{points, tick};
use crate::session::Teacher;
use crate::state::Web;
use crate::words::keys::KeysWords;
use crate::words::{self, Locale, fill, isolated};

/// How often a reading is overruled before the key is doubted, …
const OVERRULED_MIN: u32 = 2;
/// … and in one of how many of its answers.
const OVERRULED_SHARE: u32 = 4;

/// Corrections of a question that are shown.
const CHANGES_MAX: usize = 5;

/// Whether who asks may correct the key: they give worksheets to the class and decide there, and they
/// gave this one or teach its subject there.
pub(super) async fn may_correct(
    web: &Web,
    teacher: &Teacher,
    head: &AssignmentHead,
) -> Result<bool, Failure> {
    let worksheet = web.worksheet(&head.worksheet, head.version).await?;
    Ok(web.store.may_correct(&teacher.scope, head, &worksheet.subject).await?)
}

/// The readings that people overruled often.
pub(super) async fn doubted(web: &Web, head: &AssignmentHead) -> Result<Vec<Overruled>, Failure> {
    let mut all = web.store.overruled(head, OVERRULED_MIN).await?;
    all.retain(|of| of.overruled * OVERRULED_SHARE >= of.read);
    Ok(all)
}

/// "“B” read 12 times, 9 overruled: is the key right?"
pub(super) fn doubt(of: PartOf<'_>, overruled: &Overruled, locale: Locale) -> String {
    let values: [(&str, &dyn std::fmt::Display); 4] = [
        ("part", &words::part(&of, locale.words())),
        ("reading", &tick(&overruled.reading)),
        ("n", &overruled.read),
        ("m", &overruled.overruled),
    ];
    fill(KeysWords::of(locale).overruled, &values)
}

/// What accepts an answer too that is wrong by the key: words and address.
pub(super) fn accept(
    assignment: &str,
    of: PartOf<'_>,
    (reading, sign): (Option<&str>, Sign),
    locale: Locale,
) -> Option<(String, String)> {
    let reading = reading.filter(|_| matches!(sign, Sign::Wrong | Sign::Partly | Sign::Right))?;
    let written = Written::parse(&of.part.kind, reading)?;
    if of.part.accepted()?.holds(&written) {
        return None;
    }
    let words = fill(KeysWords::of(locale).accept, &[("answer", &tick(reading))]);
    let path = path(assignment, &of.question.id);
    Some((words, address(&path, &of.part.id, ("also", reading))))
}

fn path(assignment: &str, question: &str) -> String {
    format!("/a/{assignment}/q/{question}/key")
}

/// The address where another key is looked at.
fn address(path: &str, part: &str, (name, value): (&str, &str)) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let coded = |text: &str| -> String {
        let code = |byte: u8| match plain(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        };
        text.bytes().map(code).collect()
    };
    format!("{path}?part={}&{name}={}", coded(part), coded(value))
}

/// What the page of a question says of its key; `None` where that is nothing.
pub(super) async fn shown(
    web: &Web,
    head: &AssignmentHead,
    question: &Question,
    may_correct: bool,
    locale: Locale,
) -> Result<Option<Keys>, Failure> {
    let w = KeysWords::of(locale);
    let path = path(&head.id, &question.id);
    let of_part = |id: &str| question.each().find(|of| of.part.id == id);
    let mut editors = Vec::new();
    let mut overruled = Vec::new();
    let mut elsewhere = Vec::new();
    if may_correct {
        editors.extend(question.each().filter_map(|of| editor(of, None, locale)));
        for row in doubted(web, head).await? {
            let Some(of) = of_part(&row.part) else { continue };
            let sign = Sign::Wrong;
            let act = accept(&head.id, of, (Some(&row.reading), sign), locale);
            let act = act.or_else(|| Some((w.correct.to_owned(), "#correct-key".to_owned())));
            overruled.push(Notice { text: doubt(of, &row, locale), act });
        }
        let mut seen = BTreeSet::new();
        for row in web.store.key_changes_elsewhere(head).await? {
            let Some(of) = of_part(&row.part) else { continue };
            if !seen.insert((row.part.clone(), row.becomes.clone())) {
                continue;
            }
            let values: [(&str, &dyn std::fmt::Display); 5] = [
                ("date", &dates::minute(row.at_ms, locale)),
                ("staff", &isolated(&row.by_name)),
                ("class", &locale.pick(&row.class_zh, &row.class_en)),
                ("part", &words::part(&of, locale.words())),
                ("becomes", &tick(&row.becomes)),
            ];
            let act = (w.look.to_owned(), address(&path, &row.part, ("answer", &row.becomes)));
            elsewhere.push(Notice { text: fill(w.elsewhere, &values), act: Some(act) });
        }
    }
    let mut changes = Vec::new();
    let mut parts = BTreeSet::new();
    let all = web.store.key_changes(head).await?;
    for change in &all {
        let Some(of) = of_part(&change.part) else { continue };
        let last = parts.insert(change.part.clone());
        if changes.len() < CHANGES_MAX {
            let shown = (change, &*path, may_correct, last);
            changes.push(change_item(web, head, of, shown, locale).await?);
        }
    }
    for begun in begun_with(web, head, &all).await? {
        let Some(of) = of_part(&begun.part) else { continue };
        let last = parts.insert(begun.part.clone());
        if changes.len() < CHANGES_MAX {
            let shown = (&begun, &*path, may_correct, last);
            changes.push(begun_item(of, shown, locale));
        }
    }
    let keys = Keys { w, path, editors, overruled, elsewhere, changes };
    let empty = keys.editors.is_empty() && keys.changes.is_empty();
    Ok((!empty).then_some(keys))
}

/// What was corrected in its keys before the worksheet was given, the latest first.
pub(super) async fn begun_with(
    web: &Web,
    head: &AssignmentHead,
    changes: &[KeyChange],
) -> Result<Vec<KeyCorrected>, Failure> {
    let began = changes.last().map_or(head.version, |first| first.from_version);
    let keys = web.store.worksheet_keys(&head.school, &head.worksheet).await?;
    Ok(KeyCorrected::made(&keys, began).into_iter().cloned().collect())
}

/// That keys were corrected before the worksheet was given: words and the question, once for each.
pub(super) async fn begun(
    web: &Web,
    head: &AssignmentHead,
    worksheet: &Worksheet,
    locale: Locale,
) -> Result<Vec<(String, String)>, Failure> {
    let changes = web.store.key_changes(head).await?;
    let begun = begun_with(web, head, &changes).await?;
    let parts: BTreeSet<&str> = begun.iter().map(|key| key.part.as_str()).collect();
    let questions = worksheet.questions.iter();
    let questions =
        questions.filter(|asked| asked.each().any(|of| parts.contains(of.part.id.as_str())));
    let words = |asked: &Question| {
        let question = words::question(&asked.label, locale.words());
        (fill(KeysWords::of(locale).begun_n, &[("question", &question)]), asked.id.clone())
    };
    Ok(questions.map(words).collect())
}

fn begun_item(
    of: PartOf<'_>,
    (begun, path, may_correct, last): (&KeyCorrected, &str, bool, bool),
    locale: Locale,
) -> Change {
    let w = KeysWords::of(locale);
    let in_force = of.part.accepted().map(Accepted::typed);
    let in_force = last && in_force.as_deref() == Some(&*begun.becomes);
    Change {
        said: said(
            of,
            (&begun.was, &begun.becomes),
            (begun.at_ms, &begun.by_name),
            begun.to_version,
            locale,
        ),
        done: 0,
        papers: 0,
        progress: w.begun.to_owned(),
        summary: String::new(),
        changed: Vec::new(),
        undo: (may_correct && in_force).then(|| put_back(path, &begun.part, &begun.was, w)),
    }
}

/// "On 30 November 王丽华: “7” became “8”."
fn said(
    of: PartOf<'_>,
    (was, becomes): (&str, &str),
    (at_ms, by_name): (i64, &str),
    version: u32,
    locale: Locale,
) -> String {
    let values: [(&str, &dyn std::fmt::Display); 6] = [
        ("date", &dates::minute(at_ms, locale)),
        ("staff", &isolated(by_name)),
        ("part", &words::blank(&of)),
        ("was", &tick(was)),
        ("becomes", &tick(becomes)),
        ("version", &version),
    ];
    fill(KeysWords::of(locale).said, &values)
}

/// Words and address of what puts a key back.
fn put_back(path: &str, part: &str, was: &str, w: &KeysWords) -> (String, String) {
    (fill(w.undo, &[("was", &tick(was))]), address(path, part, ("answer", was)))
}

async fn change_item(
    web: &Web,
    head: &AssignmentHead,
    of: PartOf<'_>,
    (change, path, may_correct, last): (&KeyChange, &str, bool, bool),
    locale: Locale,
) -> Result<Change, Failure> {
    let w = KeysWords::of(locale);
    let in_force = of.part.accepted().map(Accepted::typed);
    let in_force = in_force.as_deref() == Some(&*change.becomes);
    // What an earlier correction changed has been changed again since.
    let rows = match in_force && last {
        true => web.store.remarked(head, change.id).await?,
        false => Vec::new(),
    };
    let counts: [(&str, &dyn std::fmt::Display); 2] =
        [("done", &change.done), ("n", &change.papers)];
    let progress = if change.done == change.papers { w.done_all } else { w.done };
    let changed: Vec<Changed> = rows
        .iter()
        .map(|row| Changed {
            class: None,
            number: row.number,
            name: row.name.clone(),
            href: format!("/a/{}/{}/{}#q-{}", head.id, row.pupil, row.page, row.part),
            part: if row.part == of.part.id { String::new() } else { row.part.clone() },
            reading: row.reading.as_deref().map(tick).unwrap_or_default(),
            before: Sign::of(row.verdict_before, row.wanted_before),
            after: Sign::of(row.verdict, row.wanted),
            points: from_to(row.score_before, row.score, w),
        })
        .collect();
    let undo =
        (may_correct && in_force && last).then(|| put_back(path, &change.part, &change.was, w));
    let (keys, when) = ((&*change.was, &*change.becomes), (change.at_ms, &*change.by_name));
    Ok(Change {
        said: said(of, keys, when, change.version, locale),
        done: change.done,
        papers: change.papers,
        progress: fill(progress, &counts),
        summary: match changed.len() {
            0 if last => w.changed_none.to_owned(),
            0 => String::new(),
            n => fill(w.changed_n, &[("n", &n)]),
        },
        changed,
        undo,
    })
}

/// Points before and after.
fn from_to(before: Option<u32>, after: Option<u32>, w: &KeysWords) -> String {
    let text = |score: Option<u32>| score.map_or_else(|| "—".to_owned(), points);
    fill(w.points, &[("before", &text(before)), ("after", &text(after))])
}

/// A form for the key of a part, or for another one that was typed; `None` where there is no key.
fn editor(of: PartOf<'_>, typed: Option<&str>, locale: Locale) -> Option<Editor> {
    let w = KeysWords::of(locale);
    let key = of.part.accepted()?;
    let wanted = typed.and_then(|typed| of.part.typed_key(typed).ok());
    let chosen = wanted.as_ref().unwrap_or(key);
    let options = options(of.part);
    let field = if options.is_empty() {
        let value = typed.map_or_else(|| key.typed(), str::to_owned);
        let example = match of.part.kind {
            Kind::Choices => "AC | ACD",
            Kind::Pairs => "1B 2A",
            Kind::Steps | Kind::Column => "3×12=36",
            Kind::Number(_) | Kind::Digits => "8 | 12",
            _ => "… | …",
        };
        EditorField::Typed { value, help: fill(w.typed_help, &[("example", &example)]) }
    } else {
        let is_right = |text: String| {
            let right = Written::parse(&of.part.kind, &text).is_some_and(|a| chosen.holds(&a));
            (text, right)
        };
        EditorField::Options(options.into_iter().map(is_right).collect())
    };
    let label = of.number().map(|_| words::blank(&of));
    Some(Editor { part: of.part.id.clone(), label, field })
}

/// All answers that can be given to a part, where they are few.
fn options(part: &Part) -> Vec<String> {
    let letters = |text: String| text.chars().map(String::from).collect();
    match &part.kind {
        Kind::Letter(options) => letters(options.clone()),
        Kind::Choice => part.field.bubbles().iter().map(|bubble| bubble.letter.into()).collect(),
        Kind::TrueFalse => letters("√×".to_owned()),
        Kind::Comparison => letters("<=>".to_owned()),
        _ => Vec::new(),
    }
}
