//! The key of a question, corrected: looked at first, then done.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use export::Sign;
use school::Right;
use store::{
    AlsoGiven, AssignmentHead, KeyAnswer, KeyChange, KeyCorrected, KeyCorrection, Overruled,
    Source, Verdict,
};
use worksheet::text::with_key;
use worksheet::{Accepted, Framework, Kind, Part, PartOf, Question, Score, Worksheet, Written};

use super::assignment_of;
use super::decide::crumbs;
use crate::dates;
use crate::failure::Failure;
use crate::page::keys::{Change, Changed, Editor, EditorField, KeyPage, Keys, Notice, Trial};
use crate::page::{Crumb, html, points, tick};
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
            Kind::Steps => "3×12=36",
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

/// What is asked for: a part, and the answers that are right in it.
#[derive(Default)]
struct Asked {
    /// `None`: the first part with a key.
    part: Option<String>,
    /// The answers, divided by `|`; `None`: nothing yet.
    answers: Option<String>,
    /// An answer that is right too.
    also: Option<String>,
    /// Names what the page showed.
    seen: String,
}

/// No key is longer than this, in bytes.
const KEY_MAX: usize = 400;

impl Asked {
    fn parse(pairs: Vec<(String, String)>) -> Result<Self, Failure> {
        let mut asked = Self::default();
        for (name, value) in pairs {
            if value.len() > KEY_MAX {
                return Err(Failure::BadRequest);
            }
            match name.as_str() {
                "part" => asked.part = Some(value),
                "answer" => {
                    let before = asked.answers.map(|before| before + " | ").unwrap_or_default();
                    asked.answers = Some(before + &value);
                }
                "also" => asked.also = Some(value),
                "seen" => asked.seen = value,
                _ => {}
            }
        }
        Ok(asked)
    }

    /// The key as a person would type it; `None` where nothing is asked for.
    fn typed(&self, key: &Accepted) -> Option<String> {
        match &self.also {
            Some(also) => Some(format!("{} | {also}", key.typed())),
            None => self.answers.clone(),
        }
    }
}

type QuestionPath = Path<(String, String)>;

pub(crate) async fn look(
    State(web): State<Web>,
    teacher: Teacher,
    Path((assignment, question)): QuestionPath,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let head = correctable(&web, &teacher, &assignment).await?;
    let looked = Looked::at(&web, &teacher, head, &question, Asked::parse(pairs)?).await?;
    let status = match looked.wanted {
        Ok(_) | Err(NoKey::Unasked) => StatusCode::OK,
        Err(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok((status, looked.page(&teacher, false)?).into_response())
}

pub(crate) async fn correct(
    State(web): State<Web>,
    teacher: Teacher,
    Path((assignment, question)): QuestionPath,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let head = correctable(&web, &teacher, &assignment).await?;
    let asked = Asked::parse(pairs)?;
    if asked.part.is_none() || asked.answers.is_none() && asked.also.is_none() {
        return Err(Failure::BadRequest);
    }
    let looked = Looked::at(&web, &teacher, head, &question, asked).await?;
    let Ok(wanted) = &looked.wanted else {
        let page = looked.page(&teacher, false)?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    if looked.asked.seen != wanted.seen() {
        return Ok((StatusCode::CONFLICT, looked.page(&teacher, true)?).into_response());
    }
    let correction = looked.correction(&web, &teacher, wanted).await?;
    let (head, part) = (&looked.head, &looked.part);
    let done = web.store.correct_key(&teacher.scope, head, correction).await?;
    if done.is_none() {
        // Somebody corrected it at the same moment: what they made of it is shown.
        let head = correctable(&web, &teacher, &assignment).await?;
        let asked = Asked { seen: String::new(), ..looked.asked };
        let looked = Looked::at(&web, &teacher, head, &question, asked).await?;
        return Ok((StatusCode::CONFLICT, looked.page(&teacher, true)?).into_response());
    }
    let (staff, papers) = (&teacher.staff.id, wanted.papers);
    tracing::info!(staff, assignment, part, papers, "corrected a key");
    Ok(Redirect::to(&format!("/a/{}/q/{question}#key", head.id)).into_response())
}

/// The assignment, if who asks may correct its key; otherwise not found.
async fn correctable(
    web: &Web,
    teacher: &Teacher,
    assignment: &str,
) -> Result<AssignmentHead, Failure> {
    let head = assignment_of(web, teacher, Right::Assign, assignment).await?;
    if may_correct(web, teacher, &head).await? { Ok(head) } else { Err(Failure::NotFound) }
}

/// Another key, and what it would change.
struct Looked {
    head: AssignmentHead,
    worksheet: std::sync::Arc<Worksheet>,
    question: String,
    part: String,
    asked: Asked,
    /// What was typed.
    typed: String,
    /// Or why it is no key.
    wanted: Result<Wanted, NoKey>,
}

/// Why another key is none.
enum NoKey {
    Unasked,
    Bad(String),
    Empty,
    Same,
}

/// A key that is wanted.
struct Wanted {
    key: Accepted,
    sheet: Worksheet,
    /// Every assignment with the present key.
    given: Vec<AlsoGiven>,
    lines: Vec<Line>,
    /// Answers to the part that a person has judged, and those that wait for one.
    kept: usize,
    waiting: usize,
    papers: usize,
}

/// An answer whose mark would change.
#[derive(Hash)]
struct Line {
    assignment: String,
    pupil: String,
    number: u32,
    name: String,
    page: u32,
    part: String,
    reading: String,
    before: Option<Verdict>,
    after: Verdict,
    /// Of the question, tenths.
    points_before: Option<u32>,
    points_after: Option<u32>,
}

impl Wanted {
    /// Names what is shown: something else has another name.
    fn seen(&self) -> String {
        let mut hasher = DefaultHasher::new();
        (&self.given, &self.lines, self.kept, self.waiting, self.papers).hash(&mut hasher);
        (self.key.typed(), self.sheet.id.version).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    fn own(&self) -> impl Iterator<Item = &AlsoGiven> {
        self.given.iter().filter(|given| given.own)
    }
}

impl Looked {
    async fn at(
        web: &Web,
        teacher: &Teacher,
        head: AssignmentHead,
        question: &str,
        asked: Asked,
    ) -> Result<Self, Failure> {
        let worksheet = web.worksheet(&head.worksheet, head.version).await?;
        let asks = worksheet.question(question).ok_or(Failure::NotFound)?;
        let is_asked = |of: &PartOf<'_>| match &asked.part {
            Some(part) => of.part.id == *part,
            None => of.part.accepted().is_some(),
        };
        let of = asks.each().find(is_asked).ok_or(Failure::BadRequest)?;
        let present = of.part.accepted().ok_or(Failure::BadRequest)?;
        let part = of.part.id.clone();
        let wished = asked.typed(present);
        let unasked = wished.is_none();
        let typed = wished.unwrap_or_else(|| present.typed());
        let wanted = match of.part.typed_key(&typed) {
            _ if unasked => Err(NoKey::Unasked),
            Err(bad) if bad.is_empty() => Err(NoKey::Empty),
            Err(bad) => Err(NoKey::Bad(bad)),
            Ok(key) if key == *present => Err(NoKey::Same),
            Ok(key) => match worksheet.with_key(&part, key.clone()) {
                Err(_) => Err(NoKey::Bad(typed.clone())),
                Ok(sheet) => {
                    Ok(Wanted::of(web, teacher, &head, (question, &part), (key, sheet)).await?)
                }
            },
        };
        let question = question.to_owned();
        Ok(Self { head, worksheet, question, part, asked, typed, wanted })
    }

    fn page(&self, teacher: &Teacher, changed: bool) -> Result<Response, Failure> {
        let locale = teacher.visitor.locale;
        let w = KeysWords::of(locale);
        let question = self.worksheet.question(&self.question).ok_or(Failure::NotFound)?;
        let of = question.each().find(|of| of.part.id == self.part);
        let of = of.ok_or(Failure::NotFound)?;
        let label = words::part(&of, locale.words());
        let title = fill(w.correct_of, &[("question", &label)]);
        let back = format!("/a/{}/q/{}", self.head.id, self.question);
        let mut crumbs = crumbs(teacher, &self.head, &self.worksheet);
        crumbs.push(Crumb::new(words::question(&question.label, locale.words()), back.clone()));
        crumbs.push(Crumb::here(w.correct));
        let path = path(&self.head.id, &self.question);
        let mut layout = teacher.visitor.layout(title.clone(), crumbs);
        layout.here = address(&path, &self.part, ("answer", &self.typed));
        let said = match &self.wanted {
            Err(NoKey::Bad(answer)) => Some(fill(w.bad_answer, &[("answer", answer)])),
            Err(NoKey::Empty) => Some(w.no_answer.to_owned()),
            Err(NoKey::Same) => Some(w.same.to_owned()),
            Err(NoKey::Unasked) => None,
            Ok(_) => changed.then(|| w.changed.to_owned()),
        };
        let page = KeyPage {
            layout,
            w,
            title,
            prompt: tick(&question.prompt),
            path,
            back,
            said,
            now: of.part.accepted().map(|key| tick(&key.to_string())).unwrap_or_default(),
            editor: editor(of, Some(&self.typed), locale).ok_or(Failure::NotFound)?,
            trial: self.wanted.as_ref().ok().map(|wanted| trial(of, &self.asked, wanted, locale)),
        };
        Ok(html(&page)?.into_response())
    }

    /// What the store is to write.
    async fn correction(
        &self,
        web: &Web,
        teacher: &Teacher,
        wanted: &Wanted,
    ) -> Result<KeyCorrection, Failure> {
        let Self { head, worksheet, .. } = self;
        let keys = web.store.worksheet_keys(&head.school, &head.worksheet).await?;
        let in_force = KeyCorrected::later(&keys, head.version);
        let question = worksheet.questions.iter().position(|q| q.id == self.question);
        let of = worksheet.part(&self.part).ok_or(Failure::NotFound)?;
        let place = (question.ok_or(Failure::NotFound)?, of.at);
        let sources = |version| self.sources(web, teacher, version, (place, &wanted.key));
        let mut later = None;
        if in_force != head.version {
            // What is given later may have other keys corrected, which stay.
            let sheet = web.worksheet(&head.worksheet, in_force).await?;
            let has = sheet.part(&self.part).and_then(|of| of.part.accepted()) == Some(&wanted.key);
            if let Some(sheet) =
                sheet.with_key(&self.part, wanted.key.clone()).ok().filter(|_| !has)
            {
                later = Some((sheet, sources(in_force).await?));
            }
        }
        Ok(KeyCorrection {
            sheet: wanted.sheet.clone(),
            sources: sources(head.version).await?,
            in_force,
            later,
            part: self.part.clone(),
            was: of.part.accepted().map(Accepted::typed).unwrap_or_default(),
            becomes: wanted.key.typed(),
            assignments: wanted.own().map(|given| given.assignment.clone()).collect(),
            staff: teacher.staff.id.clone(),
            at_ms: web.now_ms(),
        })
    }
}

impl Looked {
    /// What a version of the worksheet was made from, with a corrected key.
    async fn sources(
        &self,
        web: &Web,
        teacher: &Teacher,
        version: u32,
        (place, key): ((usize, usize), &Accepted),
    ) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        let school = web.store.worksheet_school(&teacher.scope, &self.head.school).await?;
        let files = match &school {
            Some(school) => {
                web.store.worksheet_files(school, &self.head.worksheet, version).await?
            }
            None => None,
        };
        let sources = files.map(|files| files.sources).unwrap_or_default();
        let key = key.clone();
        web.apart(move || corrected(sources, place, &key)).await
    }
}

/// What a worksheet was made from, with the corrected key. A text that cannot state it is left out:
/// it would be that of another worksheet.
fn corrected(
    sources: Vec<(String, Vec<u8>)>,
    place: (usize, usize),
    key: &Accepted,
) -> Vec<(String, Vec<u8>)> {
    let correct = |(name, bytes): (String, Vec<u8>)| {
        if name != "worksheet.txt" {
            return Some((name, bytes));
        }
        let text = String::from_utf8(bytes).ok()?;
        let text = with_key(&text, &Framework::own(), place, key)?;
        Some((name, text.into_bytes()))
    };
    sources.into_iter().filter_map(correct).collect()
}

impl Wanted {
    async fn of(
        web: &Web,
        teacher: &Teacher,
        head: &AssignmentHead,
        (question, part): (&str, &str),
        (key, sheet): (Accepted, Worksheet),
    ) -> Result<Self, Failure> {
        let given = web.store.also_given(&teacher.scope, head, &sheet.subject).await?;
        let own: Vec<AlsoGiven> = given.iter().filter(|given| given.own).cloned().collect();
        let answers = web.store.key_answers(head, &own, question).await?;
        let asks = sheet.question(question).ok_or(Failure::NotFound)?;
        let to_part = || answers.iter().filter(|answer| answer.part == part);
        let mut wanted = Self {
            key,
            given,
            lines: Vec::new(),
            kept: to_part().filter(|answer| by_person(answer)).count(),
            waiting: to_part().filter(|answer| answer.wanted.is_some()).count(),
            papers: 0,
            sheet: sheet.clone(),
        };
        for of_pupil in
            answers.chunk_by(|a, b| (&a.assignment, &a.pupil) == (&b.assignment, &b.pupil))
        {
            wanted.papers += 1;
            wanted.lines.extend(lines(asks, of_pupil));
        }
        Ok(wanted)
    }
}

/// Whether a person has judged it, on the screen or in red.
fn by_person(answer: &KeyAnswer) -> bool {
    answer.source.is_some_and(|source| source != Source::Machine)
}

/// The answers of one pupil to a question whose marks change with the keys that it has now.
fn lines(question: &Question, answers: &[KeyAnswer]) -> Vec<Line> {
    let of: HashMap<&str, &KeyAnswer> =
        answers.iter().map(|answer| (answer.part.as_str(), answer)).collect();
    let read = |part: &Part| {
        let answer = of.get(part.id.as_str()).filter(|answer| answer.review.is_none())?;
        Written::parse(&part.kind, answer.reading.as_deref()?)
    };
    let written: Vec<Option<Written>> = question.parts.iter().map(read).collect();
    let written: Vec<Option<&Written>> = written.iter().map(Option::as_ref).collect();
    let mut verdicts: HashMap<&str, (Verdict, u32)> = HashMap::new();
    for (part, right) in question.parts.iter().zip(question.right(&written)) {
        let Some(right) = right else { continue };
        let verdict = if right { (Verdict::Right, part.points.0) } else { (Verdict::Wrong, 0) };
        verdicts.insert(&part.id, verdict);
    }
    verdicts.retain(|part, _| of.get(part).is_some_and(|answer| !by_person(answer)));
    let before = |part: &Part| of.get(part.id.as_str())?.score.map(Score);
    let after = |part: &Part| match verdicts.get(part.id.as_str()) {
        Some((_, score)) => Some(Score(*score)),
        None => before(part),
    };
    let earned = (question.earned(before), question.earned(after));
    let line = |answer: &KeyAnswer| {
        let (after, _) = verdicts.get(answer.part.as_str())?;
        (answer.verdict != Some(*after)).then(|| Line {
            assignment: answer.assignment.clone(),
            pupil: answer.pupil.clone(),
            number: answer.number,
            name: answer.name.clone(),
            page: answer.page,
            part: answer.part.clone(),
            reading: answer.reading.clone().unwrap_or_default(),
            before: answer.verdict,
            after: *after,
            points_before: earned.0.map(|score| score.0),
            points_after: earned.1.map(|score| score.0),
        })
    };
    answers.iter().filter_map(line).collect()
}

fn trial(of: PartOf<'_>, asked: &Asked, wanted: &Wanted, locale: Locale) -> Trial {
    let w = KeysWords::of(locale);
    let counted = |text: &str, n: usize| (n > 0).then(|| fill(text, &[("n", &n)]));
    let changes = counted(w.changes, wanted.lines.len());
    let mut counts = vec![changes.unwrap_or_else(|| w.changes_none.to_owned())];
    counts.extend(counted(w.kept, wanted.kept));
    counts.extend(counted(w.waiting, wanted.waiting));
    let named = |own: bool| -> Vec<&str> {
        let given = wanted.given.iter().filter(|given| given.own == own);
        given.map(|given| locale.pick(&given.class_zh, &given.class_en)).collect()
    };
    let listed = |text: &str, classes: &[&str]| {
        let names = classes.join(locale.pick("、", ", "));
        fill(text, &[("classes", &names), ("n", &classes.len())])
    };
    let (own, others) = (named(true), named(false));
    let mut notes = Vec::new();
    if own.len() > 1 {
        notes.push(listed(w.own_classes, &own));
    }
    if !others.is_empty() {
        notes.push(listed(w.other_classes, &others));
    }
    notes.push(w.paper_stays.to_owned());
    notes.push(w.later.to_owned());
    let classes: HashMap<&str, &str> = (wanted.given.iter())
        .map(|given| (given.assignment.as_str(), locale.pick(&given.class_zh, &given.class_en)))
        .collect();
    let several = own.len() > 1;
    let changed = wanted.lines.iter().map(|line| Changed {
        class: several
            .then(|| classes.get(line.assignment.as_str()).copied().unwrap_or_default().to_owned()),
        number: line.number,
        name: line.name.clone(),
        href: format!("/a/{}/{}/{}#q-{}", line.assignment, line.pupil, line.page, line.part),
        part: of
            .question
            .each()
            .find(|of| of.part.id == line.part)
            .map(|of| words::blank(&of))
            .unwrap_or_default(),
        reading: tick(&line.reading),
        before: Sign::of(line.before, None),
        after: Sign::of(Some(line.after), None),
        points: from_to(line.points_before, line.points_after, w),
    });
    Trial {
        part: of.part.id.clone(),
        becomes: tick(&wanted.key.to_string()),
        // An answer that is right too stays one if somebody corrects the key meanwhile.
        asked: match &asked.also {
            Some(also) => ("also", also.clone()),
            None => ("answer", wanted.key.typed()),
        },
        seen: wanted.seen(),
        counts,
        notes,
        classes: several,
        changed: changed.collect(),
        confirm: fill(w.confirm, &[("n", &wanted.papers)]),
    }
}
