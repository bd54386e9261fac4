//! A school's people, for who keeps it: shown, and somebody new added.

pub(crate) mod act;
pub(crate) mod role;
pub(crate) mod roster;

use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use school::{Grant, Period, StaffId};
use serde::Deserialize;
use store::{ClassView, KeptSchool, StaffLine, StaffRow, StoreError};

use super::school::kept;
use crate::auth::token;
use crate::dates;
use crate::failure::Failure;
use crate::page::people::{
    ClassRoll, PeoplePage, PersonEntry, PersonItem, RoleChoices, RoleItem, RollPage,
};
use crate::page::school::{SchoolNav, SchoolTab};
use crate::page::{Crumb, html};
use crate::session::Teacher;
use crate::state::Web;
use crate::words::people::PeopleWords;
use crate::words::{Locale, code_point, fill, isolated};

/// Characters of a name or a login, at most.
const NAME_MAX: usize = 64;

/// What was just done to whom, by the address of the page.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Done {
    did: String,
    of: String,
}

pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let school = kept(&web, &teacher, &school).await?;
    let w = PeopleWords::of(teacher.visitor.locale);
    let said = act::done_words(&done.did, w).map(|text| (done.of, text.to_owned(), false));
    let page = page(&web, &teacher, &school, said).await?;
    Ok(html(&page)?.into_response())
}

/// Of whom something is said, what, and whether it is a refusal.
type Said = Option<(String, String, bool)>;

/// The page, with words beside one person.
async fn page(
    web: &Web,
    teacher: &Teacher,
    school: &KeptSchool,
    said: Said,
) -> Result<PeoplePage, Failure> {
    let (locale, scope) = (teacher.visitor.locale, &teacher.scope);
    let w = PeopleWords::of(locale);
    let classes = web.store.classes_kept(scope, school).await?;
    let lines = web.store.staff_kept(scope, school).await?;
    let item = |line: StaffLine| {
        let said = said.as_ref().filter(|(of, ..)| *of == line.id);
        let said = said.map(|(_, text, refused)| (text.clone(), *refused));
        person(teacher, line, &classes, said)
    };
    let staff = lines.into_iter().map(item).collect();
    let choices = choices(&classes, locale);
    let classes = classes
        .into_iter()
        .map(|class| ClassRoll {
            name: locale.pick(&class.name_zh, &class.name_en).to_owned(),
            pupils: class.pupils,
            id: class.id,
        })
        .collect();
    let mut layout = teacher.visitor.layout(w.title, crumbs(school, locale, w.title));
    layout.here = path(school);
    let nav = SchoolNav::of(&school.id, SchoolTab::People, locale);
    let (school, entry) = (school.id.clone(), PersonEntry::default());
    Ok(PeoplePage { layout, w, nav, school, staff, choices, entry, error: None, classes })
}

fn crumbs(school: &KeptSchool, locale: Locale, here: &str) -> Vec<Crumb> {
    vec![
        Crumb::new(locale.words().classes, "/"),
        Crumb::new(locale.pick(&school.name_zh, &school.name_en), format!("/school/{}", school.id)),
        Crumb::here(here),
    ]
}

/// The address of the page.
fn path(school: &KeptSchool) -> String {
    format!("/school/{}/people", school.id)
}

fn person(
    teacher: &Teacher,
    line: StaffLine,
    classes: &[ClassView],
    said: Option<(String, bool)>,
) -> PersonItem {
    let locale = teacher.visitor.locale;
    let roles = line.grants.iter().map(|grant| {
        let mut text = role::text(&grant.role, classes, locale);
        let w = PeopleWords::of(locale);
        let mut add = |words: &str, ms: i64| {
            text += " · ";
            text += &fill(words, &[("date", &dates::minute(ms, locale))]);
        };
        if grant.period.from_ms() > teacher.scope.at_ms() {
            add(w.from_on, grant.period.from_ms());
        }
        if let Some(until_ms) = grant.period.until_ms() {
            add(w.until, until_ms);
        }
        RoleItem { text, key: role::key(&grant.role) }
    });
    PersonItem {
        roles: roles.collect(),
        facts: facts(&line, locale),
        own: line.id == teacher.staff.id,
        is_disabled: line.disabled_ms.is_some(),
        has_codes: line.has_totp,
        must_codes: line.must_totp,
        id: line.id,
        name: line.name,
        login: line.login,
        said,
    }
}

/// How somebody's account stands; `true` where something is to be done about it.
fn facts(line: &StaffLine, locale: Locale) -> Vec<(String, bool)> {
    let w = PeopleWords::of(locale);
    let on = |text: &str, ms: i64| fill(text, &[("date", &dates::minute(ms, locale))]);
    let mut facts = Vec::new();
    if let Some(ms) = line.disabled_ms {
        facts.push((on(w.disabled, ms), true));
    }
    facts.push(match line.login_ms {
        Some(ms) => (on(w.last_login, ms), false),
        None => (w.never.to_owned(), false),
    });
    match (line.has_password, line.invited_until_ms, line.disabled_ms) {
        (true, ..) => facts.push((w.has_password.to_owned(), false)),
        (false, None, None) => facts.push((w.cannot_come.to_owned(), true)),
        (false, ..) => facts.push((w.no_password.to_owned(), false)),
    }
    if let Some(ms) = line.invited_until_ms {
        facts.push((on(w.invited, ms), false));
    }
    match (line.has_totp, line.must_totp) {
        (true, _) => facts.push((w.codes_on.to_owned(), false)),
        (false, true) => facts.push((w.codes_demanded.to_owned(), true)),
        (false, false) => {}
    }
    facts
}

fn choices(classes: &[ClassView], locale: Locale) -> RoleChoices {
    let w = PeopleWords::of(locale);
    let class = |class: &ClassView| {
        (class.id.clone(), locale.pick(&class.name_zh, &class.name_en).to_owned())
    };
    let mut grades: Vec<u8> = classes.iter().map(|class| class.grade).collect();
    grades.dedup();
    let grade = |grade: u8| (grade.to_string(), fill(w.grade_n, &[("n", &grade)]));
    RoleChoices {
        kinds: role::kinds(w),
        classes: classes.iter().map(class).collect(),
        grades: grades.into_iter().map(grade).collect(),
        subjects: role::subjects(w),
    }
}

/// Whether a text is as long as what names somebody.
fn is_name(text: &str) -> bool {
    (1..=NAME_MAX).contains(&text.chars().count())
}

pub(crate) async fn add(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    headers: HeaderMap,
    Form(entry): Form<PersonEntry>,
) -> Result<Response, Failure> {
    let school = kept(&web, &teacher, &school).await?;
    let w = PeopleWords::of(teacher.visitor.locale);
    let (name, login) = (entry.name.trim().to_owned(), entry.login.trim().to_owned());
    let classes = web.store.classes_kept(&teacher.scope, &school).await?;
    let hidden = [(w.name, &name), (w.login, &login)]
        .into_iter()
        .find_map(|(field, text)| Some((field, school::hidden_char(text)?)));
    let checked = if let Some((field, hidden)) = hidden {
        Err(fill(w.refused_hidden, &[("field", &field), ("code", &code_point(hidden))]))
    } else if !is_name(&name) {
        Err(w.refused_name.to_owned())
    } else if !is_name(&login) || login.contains(char::is_whitespace) {
        Err(w.refused_login.to_owned())
    } else {
        role::read(&entry.role, &school, &classes, w).map_err(str::to_owned)
    };
    let role = match checked {
        Ok(role) => role,
        Err(error) => return refuse(&web, &teacher, &school, entry, error).await,
    };
    // An identity is made up, so that it says nothing of anybody.
    let id = format!("t-{}", &token::text((web.sources.random)())[..12]);
    let row = StaffRow {
        id: id.clone(),
        school: school.id.clone(),
        login: login.clone(),
        name: name.clone(),
        locale: teacher.visitor.locale.code().into(),
    };
    let now_ms = web.wall_ms();
    let grant = Grant { staff: StaffId::new(&*id)?, role, period: Period::from(now_ms) };
    let link = act::Link::fresh(&web);
    match web.store.add_staff(row, vec![grant], link.hash, link.expires_ms).await {
        Err(StoreError::LoginTaken { login }) => {
            let error = fill(w.refused_taken, &[("login", &isolated(&login))]);
            return refuse(&web, &teacher, &school, entry, error).await;
        }
        added => added?,
    }
    tracing::info!(staff = teacher.staff.id, added = id, "added a member of staff");
    let whose = act::Whose { id, name, login, is_disabled: false };
    act::slip(&teacher, &school, whose, &link, act::origin(&web, &headers))
}

/// The page with what was typed and why it was not taken.
async fn refuse(
    web: &Web,
    teacher: &Teacher,
    school: &KeptSchool,
    entry: PersonEntry,
    error: String,
) -> Result<Response, Failure> {
    let page = PeoplePage { entry, error: Some(error), ..page(web, teacher, school, None).await? };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
}

/// The pupils of a class by number and name, to be read.
pub(crate) async fn roll(
    State(web): State<Web>,
    teacher: Teacher,
    Path((school, class)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let school = kept(&web, &teacher, &school).await?;
    let (locale, scope) = (teacher.visitor.locale, &teacher.scope);
    let classes = web.store.classes_kept(scope, &school).await?;
    let class = classes.into_iter().find(|row| row.id == class).ok_or(Failure::NotFound)?;
    let pupils = web.store.pupils_of(scope, school::Right::Keep, &class.id).await?;
    let w = PeopleWords::of(locale);
    let name = locale.pick(&class.name_zh, &class.name_en).to_owned();
    let mut crumbs = crumbs(&school, locale, &name);
    crumbs.insert(2, Crumb::new(w.title, path(&school)));
    let page = RollPage {
        layout: teacher.visitor.layout(&name, crumbs),
        w,
        nav: SchoolNav::of(&school.id, SchoolTab::People, locale),
        name,
        pupils: pupils.into_iter().map(|pupil| (pupil.number, pupil.name)).collect(),
    };
    Ok(html(&page)?.into_response())
}
