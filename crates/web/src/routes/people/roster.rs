//! A roster is brought in: what it would change is shown first, and one button takes it in.

use std::sync::PoisonError;
use std::time::Duration;

use axum::extract::{
    DefaultBodyLimit, Form, FromRequest, Multipart, Path, RawQuery, Request, State,
};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use school::roster::{Files, Problems, Roster, Said, Told, date, read};
use serde::Deserialize;
use store::{Becomes, ChangeOf, KeptSchool, RosterChange, RosterChanges, RosterImport, StoreError};

use super::crumbs;
use crate::auth::token;
use crate::dates;
use crate::failure::Failure;
use crate::page::roster::{ChangeItem, Fault, Faults, RosterPage, Trial};
use crate::page::school::{SchoolNav, SchoolTab};
use crate::page::{Crumb, html};
use crate::routes::school::kept;
use crate::session::Teacher;
use crate::state::{Shown, Web};
use crate::words::roster::RosterWords;
use crate::words::{Locale, fill};

/// Megabytes of a file: a school of some thousand pupils has one.
const MB_MAX: usize = 8;
const BYTES_MAX: usize = MB_MAX << 20;
/// Bytes of a request: more than a file may have, so that a larger one is refused with words.
pub(crate) const REQUEST_MAX: usize = 3 * BYTES_MAX;
/// How long a file may take to come in.
const SENT_WITHIN: Duration = Duration::from_secs(60);
/// Rosters that wait to be taken in; the oldest gives way.
const SHOWN_MAX: usize = 16;
/// How long one waits, milliseconds: half an hour.
const WAITS_MS: i64 = 30 * 60_000;
/// Changes that are listed.
const LISTED_MAX: usize = 200;

pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let school = kept(&web, &teacher, &school).await?;
    let w = RosterWords::of(teacher.visitor.locale);
    let good = query.filter(|query| query == "taken").map(|_| w.taken.to_owned());
    let page = RosterPage { good, ..page(&web, &teacher, &school) };
    Ok(html(&page)?.into_response())
}

/// The page before anything was sent.
fn page(web: &Web, teacher: &Teacher, school: &KeptSchool) -> RosterPage {
    let locale = teacher.visitor.locale;
    let w = RosterWords::of(locale);
    let mut crumbs = crumbs(school, locale, w.title);
    let people = crate::words::people::PeopleWords::of(locale).title;
    crumbs.insert(2, Crumb::new(people, super::path(school)));
    RosterPage {
        layout: teacher.visitor.layout(w.title, crumbs),
        w,
        nav: SchoolNav::of(&school.id, SchoolTab::People, locale),
        school: school.id.clone(),
        file_help: fill(w.file_help, &[("mb", &MB_MAX)]),
        from: dates::date_field(web.wall_ms()),
        good: None,
        said: None,
        faults: None,
        trial: None,
    }
}

fn refused(page: RosterPage) -> Result<Response, Failure> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
}

/// Takes a file, and shows what it would change.
pub(crate) async fn look(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    mut request: Request,
) -> Result<Response, Failure> {
    let school = kept(&web, &teacher, &school).await?;
    DefaultBodyLimit::max(REQUEST_MAX).apply(&mut request);
    let form = Multipart::from_request(request, &()).await.map_err(|_| Failure::BadRequest)?;
    let w = RosterWords::of(teacher.visitor.locale);
    let sent = tokio::time::timeout(SENT_WITHIN, sent(form)).await;
    let Sent { name, bytes, from } = match sent {
        Ok(Ok(sent)) => sent,
        late_or_large => {
            let large = fill(w.large, &[("mb", &MB_MAX)]);
            let said = if late_or_large.is_err() { w.late.to_owned() } else { large };
            return refused(RosterPage { said: Some(said), ..page(&web, &teacher, &school) });
        }
    };
    let mut empty = page(&web, &teacher, &school);
    empty.from.clone_from(&from);
    if bytes.is_empty() {
        return refused(RosterPage { said: Some(w.no_file.to_owned()), ..empty });
    }
    let Some(from_ms) = dates::of_date_field(&from) else {
        return refused(RosterPage { said: Some(w.bad_date.to_owned()), ..empty });
    };
    match tried(&web, &school, (&name, &bytes), from_ms, true).await? {
        Ok((roster, changes)) => {
            let token = (!changes.is_nothing()).then(|| token::text((web.sources.random)()));
            let trial = trial(&teacher, (&name, &from), (token.clone(), &changes), &roster);
            if let Some(token) = token {
                let (staff, school) = (teacher.staff.id.clone(), school.id.clone());
                let until_ms = web.wall_ms() + WAITS_MS;
                keep(&web, Shown { token, staff, school, name, bytes, from_ms, changes, until_ms });
            }
            Ok(html(&RosterPage { trial: Some(trial), ..empty })?.into_response())
        }
        Err(problems) => {
            let faults = Some(faults(&problems, teacher.visitor.locale));
            refused(RosterPage { faults, ..empty })
        }
    }
}

/// What a form has.
struct Sent {
    name: String,
    bytes: Vec<u8>,
    /// As it was typed.
    from: String,
}

/// Of a file that is too large nothing is said but that.
struct TooLarge;

async fn sent(mut form: Multipart) -> Result<Sent, TooLarge> {
    let mut sent = Sent { name: String::new(), bytes: Vec::new(), from: String::new() };
    while let Some(mut field) = form.next_field().await.map_err(|_| TooLarge)? {
        let is_file = field.name() == Some("file");
        if is_file {
            let name = field.file_name().unwrap_or_default();
            // A problem names the file: what nobody sees in it is left out.
            sent.name = export::file_name(&[name.rsplit(['/', '\\']).next().unwrap_or("")], "");
            sent.name = sent.name.trim_end_matches('.').to_owned();
        }
        let is_date = field.name() == Some("from");
        let (mut bytes, mut size) = (Vec::new(), 0);
        while let Some(part) = field.chunk().await.map_err(|_| TooLarge)? {
            size += part.len();
            // The rest is read, so that the browser hears why it was refused.
            if size <= BYTES_MAX {
                bytes.extend_from_slice(&part);
            }
        }
        if size > BYTES_MAX {
            return Err(TooLarge);
        }
        if is_file {
            sent.bytes = bytes;
        } else if is_date {
            sent.from = String::from_utf8_lossy(&bytes).trim().to_owned();
        }
    }
    Ok(sent)
}

/// Reads a file and takes it in, or says what that would change; or everything that is wrong with it.
async fn tried(
    web: &Web,
    school: &KeptSchool,
    (name, bytes): (&str, &[u8]),
    from_ms: i64,
    dry_run: bool,
) -> Result<Result<(Roster, RosterChanges), Problems>, Failure> {
    let files = Files::from([(name.to_owned(), bytes.to_owned())]);
    let called = school.name_zh.clone();
    let from = date(&dates::date_field(from_ms)).ok_or(Failure::BadRequest)?;
    let roster = web.heavy(move || read(files, &Told { school: Some(&called), from })).await?;
    let roster = match roster {
        Ok(roster) => roster,
        Err(problems) => return Ok(Err(problems)),
    };
    let random = web.sources.random.clone();
    let fresh = move || {
        let bits = random();
        u64::from_le_bytes([bits[0], bits[1], bits[2], bits[3], bits[4], bits[5], bits[6], bits[7]])
    };
    let (shown, only) = (roster.clone(), Some(school.id.clone()));
    let now_ms = web.wall_ms();
    let import = RosterImport { roster, from_ms, now_ms, fresh: Box::new(fresh), dry_run, only };
    match web.store.import_roster(import).await {
        Ok(changes) => Ok(Ok((shown, changes))),
        Err(StoreError::Roster(problems)) => Ok(Err(problems)),
        Err(error) => Err(error.into()),
    }
}

/// Keeps a roster until it is taken in; of one person the last alone.
fn keep(web: &Web, shown: Shown) {
    let mut kept = web.rosters.lock().unwrap_or_else(PoisonError::into_inner);
    let now_ms = web.wall_ms();
    kept.retain(|other| other.staff != shown.staff && other.until_ms > now_ms);
    if kept.len() >= SHOWN_MAX {
        kept.remove(0);
    }
    kept.push(shown);
}

#[derive(Deserialize)]
pub(crate) struct Taken {
    /// What names the roster that was shown.
    #[serde(default)]
    roster: String,
}

/// Takes in what was shown.
pub(crate) async fn apply(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    Form(taken): Form<Taken>,
) -> Result<Response, Failure> {
    let school = kept(&web, &teacher, &school).await?;
    if taken.roster.is_empty() {
        return Err(Failure::BadRequest);
    }
    let locale = teacher.visitor.locale;
    let w = RosterWords::of(locale);
    let empty = page(&web, &teacher, &school);
    let now_ms = web.wall_ms();
    let shown = {
        let mut kept = web.rosters.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |shown: &Shown| {
            shown.token == taken.roster
                && shown.staff == teacher.staff.id
                && shown.school == school.id
                && shown.until_ms > now_ms
        };
        kept.iter().position(is_it).map(|at| kept.remove(at))
    };
    let Some(mut shown) = shown else {
        return refused(RosterPage { said: Some(w.gone.to_owned()), ..empty });
    };
    let from = dates::date_field(shown.from_ms);
    let empty = RosterPage { from: from.clone(), ..empty };
    let file = (shown.name.as_str(), shown.bytes.as_slice());
    let (roster, changes) = match tried(&web, &school, file, shown.from_ms, true).await? {
        Ok(tried) => tried,
        Err(problems) => {
            return refused(RosterPage { faults: Some(faults(&problems, locale)), ..empty });
        }
    };
    if changes != shown.changes {
        shown.token = token::text((web.sources.random)());
        let (name, token) = (shown.name.clone(), Some(shown.token.clone()));
        let trial = trial(&teacher, (&name, &from), (token, &changes), &roster);
        keep(&web, Shown { changes, ..shown });
        let said = Some(w.differs.to_owned());
        return refused(RosterPage { said, trial: Some(trial), ..empty });
    }
    match tried(&web, &school, file, shown.from_ms, false).await? {
        Ok(_) => {
            let staff = &teacher.staff.id;
            tracing::info!(staff, school = school.id, "brought a roster in");
            let path = format!("{}/roster?taken", super::path(&school));
            Ok(Redirect::to(&path).into_response())
        }
        Err(problems) => refused(RosterPage { faults: Some(faults(&problems, locale)), ..empty }),
    }
}

/// A sentence in the language of a page.
fn said(locale: Locale, said: &Said) -> String {
    locale.pick(&said.zh, &said.en).to_owned()
}

fn faults(problems: &Problems, locale: Locale) -> Faults {
    let fault = |problem: &school::roster::Problem| Fault {
        file: problem.at.file.to_string(),
        line: if problem.at.line > 0 { problem.at.line.to_string() } else { String::new() },
        column: problem.column.unwrap_or_default(),
        what: said(locale, &problem.what),
    };
    Faults { count: problems.count(), items: problems.iter().map(fault).collect() }
}

/// The changes for people.
fn trial(
    teacher: &Teacher,
    (file, from): (&str, &str),
    (token, changes): (Option<String>, &RosterChanges),
    roster: &Roster,
) -> Trial {
    let locale = teacher.visitor.locale;
    let w = RosterWords::of(locale);
    let things = [
        (ChangeOf::School, w.school),
        (ChangeOf::Class, w.class),
        (ChangeOf::Pupil, w.pupil),
        (ChangeOf::Staff, w.staff),
        (ChangeOf::Role, w.role),
    ];
    let becomes = [
        (Becomes::New, w.new),
        (Becomes::Changed, w.changed),
        (Becomes::Moved, w.moved),
        (Becomes::Ended, w.ended),
        (Becomes::Missing, w.missing),
        (Becomes::Unchanged, w.unchanged),
    ];
    let counts = |(of, word)| {
        let counts: Vec<usize> = becomes.iter().map(|(is, _)| changes.count(of, *is)).collect();
        (word, counts)
    };
    let item = |change: &RosterChange| {
        let class = change.class.clone().unwrap_or_default();
        let number = change.number.map_or(String::new(), |number| format!(" {number}"));
        let word = |of| things.iter().find(|(thing, _)| *thing == of).map_or("", |(_, word)| word);
        let is = |is| becomes.iter().find(|(one, _)| *one == is).map_or("", |(_, word)| word);
        ChangeItem {
            becomes: is(change.becomes),
            of: word(change.of),
            place: class + &number,
            name: change.name.clone(),
            role: change
                .role
                .as_ref()
                .map(|role| fill(w.is_role, &[("role", &said(locale, role))])),
            before: change.before.clone(),
        }
    };
    let mut notes: Vec<String> = roster
        .passed_over
        .iter()
        .map(|(what, n)| fill(w.passed_over, &[("n", n), ("what", &said(locale, what))]))
        .collect();
    if changes.elsewhere > 0 {
        notes.push(fill(w.elsewhere, &[("n", &changes.elsewhere)]));
    }
    let head = if token.is_some() { w.shown } else { w.nothing };
    Trial {
        token,
        head: fill(head, &[("file", &file), ("date", &from)]),
        becomes: becomes.iter().map(|(_, word)| *word).collect(),
        counts: things.into_iter().map(counts).filter(|(_, n)| n.iter().any(|n| *n > 0)).collect(),
        changes: changes.list.iter().take(LISTED_MAX).map(item).collect(),
        more: changes.list.len().saturating_sub(LISTED_MAX),
        notes,
    }
}
