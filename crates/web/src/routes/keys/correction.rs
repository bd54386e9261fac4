//! The key of a question, corrected: looked at first, then done.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use export::Sign;
use school::Right;
use store::{
    AlsoGiven, AssignmentHead, KeyAnswer, KeyCorrected, KeyCorrection, Source, Verdict,
    Wanted as Wants,
};
use worksheet::text::with_key;
use worksheet::{Accepted, Framework, Part, PartOf, Question, Score, Worksheet, Written};

use super::{address, editor, from_to, may_correct, path};
use crate::failure::Failure;
use crate::page::keys::{Changed, KeyPage, Trial};
use crate::page::{Crumb, html, tick};
use crate::routes::assignment_of;
use crate::routes::decide::crumbs;
use crate::session::Teacher;
use crate::state::Web;
use crate::words::keys::KeysWords;
use crate::words::{self, Locale, fill};

#[cfg(test)]
mod tests;

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
    /// `None`: a person is to decide.
    after: Option<Verdict>,
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
    // What was decided once was read beyond doubt.
    let certain: Vec<Option<(&Written, bool)>> =
        written.iter().map(|written| Some((written.as_ref()?, true))).collect();
    // `None`: a person will have to decide.
    let mut verdicts: HashMap<&str, Option<(Verdict, u32)>> = HashMap::new();
    for (part, earned) in question.parts.iter().zip(question.earns(&certain)) {
        let Some(earned) = earned else { continue };
        verdicts.insert(&part.id, earned.ok().map(|score| (verdict(score, part.points), score.0)));
    }
    verdicts.retain(|part, _| of.get(part).is_some_and(|answer| !by_person(answer)));
    let before = |part: &Part| of.get(part.id.as_str())?.score.map(Score);
    let after = |part: &Part| match verdicts.get(part.id.as_str()) {
        Some(earned) => earned.map(|(_, score)| Score(score)),
        None => before(part),
    };
    let earned = (question.earned(before), question.earned(after));
    let line = |answer: &KeyAnswer| {
        let after = *verdicts.get(answer.part.as_str())?;
        let same = answer.verdict == after.map(|(verdict, _)| verdict)
            && answer.score == after.map(|(_, score)| score);
        (!same).then(|| Line {
            assignment: answer.assignment.clone(),
            pupil: answer.pupil.clone(),
            number: answer.number,
            name: answer.name.clone(),
            page: answer.page,
            part: answer.part.clone(),
            reading: answer.reading.clone().unwrap_or_default(),
            before: answer.verdict,
            after: after.map(|(verdict, _)| verdict),
            points_before: earned.0.map(|score| score.0),
            points_after: earned.1.map(|score| score.0),
        })
    };
    answers.iter().filter_map(line).collect()
}

fn verdict(score: Score, points: Score) -> Verdict {
    match score {
        Score(0) => Verdict::Wrong,
        all if all == points => Verdict::Right,
        _ => Verdict::Partly,
    }
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
        after: Sign::of(line.after, line.after.is_none().then_some(Wants::Decide)),
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
