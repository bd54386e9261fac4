//! The classes of a teacher, and one class.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use school::Right;
use serde::Deserialize;
use store::{AssignmentSummary, ClassView};

use super::exports::term_start_ms;
use super::title;
use crate::dates;
use crate::failure::Failure;
use crate::page::classes::{
    AssignmentItem, ClassItem, ClassPage, ClassesPage, GivenItem, GivenPart, PupilItem,
    WithdrawnItem,
};
use crate::page::exports::{TakeAway, TakeForm};
use crate::page::months::{self, ByMonths};
use crate::page::school::SchoolItem;
use crate::page::{Crumb, States, Todo, html};
use crate::session::Teacher;
use crate::state::Web;
use crate::words::exports::ExportWords;
use crate::words::school::SchoolWords;
use crate::words::sheets::SheetsWords;

/// Assignments of each class on the first page.
const LATEST: u32 = 4;
/// With more classes than a school has, the first page leads to each and counts nothing in them.
const COUNTED_MAX: usize = 100;
/// Assignments on a class's own page: more than a school year has.
const ALL: u32 = 400;
pub(crate) async fn all(State(web): State<Web>, teacher: Teacher) -> Result<Response, Failure> {
    let locale = teacher.visitor.locale;
    let after = web.store.outbox_last().await?;
    let classes = web.store.classes_of(&teacher.scope).await?;
    let counted = classes.len() <= COUNTED_MAX;
    let summaries = if counted {
        web.store.assignments_of(&teacher.scope, None, LATEST).await?
    } else {
        Vec::new()
    };
    let mut by_class: HashMap<String, Vec<AssignmentItem>> = HashMap::new();
    for summary in summaries {
        let item = item(&web, &teacher, &summary).await;
        by_class.entry(summary.class).or_default().push(item);
    }
    let assigns = web.store.class_ids(&teacher.scope, Right::Assign, None).await?;
    let sheets = |class: &ClassView| {
        assigns.contains(&class.id).then(|| format!("/school/{}/worksheets", class.school))
    };
    let classes = classes
        .into_iter()
        .map(|class| ClassItem {
            sheets: sheets(&class),
            name: locale.pick(&class.name_zh, &class.name_en).to_owned(),
            pupils: class.pupils,
            assignments: counted.then(|| by_class.remove(&class.id).unwrap_or_default()),
            id: class.id,
        })
        .collect();
    let schools = web.store.kept_schools(&teacher.scope).await?;
    let schools = schools
        .into_iter()
        .map(|school| SchoolItem {
            name: locale.pick(&school.name_zh, &school.name_en).to_owned(),
            id: school.id,
        })
        .collect();
    let (w, s) = (locale.words(), SchoolWords::of(locale));
    let crumbs = vec![Crumb::here(w.classes)];
    let layout = teacher.visitor.layout(w.classes, crumbs);
    let sheets_link = SheetsWords::of(locale).given_sheets;
    let page = ClassesPage { layout, s, schools, classes, sheets_link, after };
    Ok(html(&page)?.into_response())
}

/// What the page of a class says of what was just sent, and what a form on it keeps.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) good: Option<String>,
    pub(crate) said: Option<String>,
    /// An assignment, and the time that was typed for it.
    pub(crate) due: Option<(String, String)>,
    /// What was just taken back.
    pub(crate) withdrawn: Option<WithdrawnItem>,
}

/// What the address of the page says of what was just done.
#[derive(Deserialize, Default)]
pub(crate) struct Done {
    changed: Option<String>,
    withdrawn: Option<String>,
    assigned: Option<i64>,
    due: Option<String>,
}

pub(crate) async fn one(
    State(web): State<Web>,
    teacher: Teacher,
    Path(class): Path<String>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let w = SheetsWords::of(teacher.visitor.locale);
    let mut told =
        Told { good: done.changed.map(|_| w.given_changed.to_owned()), ..Told::default() };
    if let (Some(run), Some(assigned), Some(due)) = (done.withdrawn, done.assigned, done.due) {
        told.withdrawn = Some(WithdrawnItem { run, assigned, due });
    }
    respond(&web, &teacher, &class, told).await
}

/// The page of a class, with what is to be said of what was just sent.
pub(crate) async fn respond(
    web: &Web,
    teacher: &Teacher,
    class: &str,
    told: Told,
) -> Result<Response, Failure> {
    let locale = teacher.visitor.locale;
    let scope = &teacher.scope;
    let after = web.store.outbox_last().await?;
    let class = web.store.class_of(scope, Right::See, class).await?.ok_or(Failure::NotFound)?;
    let mut assignments = Vec::new();
    let (mut given, mut earlier) = (Vec::new(), Vec::new());
    for summary in web.store.assignments_of(scope, Some(&class.id), ALL).await? {
        let item = item(web, teacher, &summary).await;
        let typed = told.due.as_ref().filter(|(of, _)| *of == summary.id);
        let change = GivenItem {
            id: summary.id.clone(),
            title: item.title.clone(),
            assigned_ms: summary.assigned_ms,
            due: typed.map_or_else(|| dates::field(summary.due_ms), |(_, due)| due.clone()),
            collectable: summary.may_decide && summary.writing > 0,
        };
        // What somebody writes on, or just typed a time for, is not hidden.
        let is_shown = given.len() < months::LATEST || change.collectable || typed.is_some();
        if is_shown { &mut given } else { &mut earlier }.push(change);
        assignments.push((summary.assigned_ms, item));
    }
    let assignments = ByMonths::new(assignments, locale);
    // Each name leads to what is known of the pupil.
    let pupils = web.store.pupils_of(scope, Right::Know, &class.id).await?;
    let pupils: Vec<PupilItem> = pupils
        .into_iter()
        .map(|pupil| PupilItem { id: pupil.id, number: pupil.number, name: pupil.name })
        .collect();
    let name = locale.pick(&class.name_zh, &class.name_en).to_owned();
    let crumbs = vec![Crumb::new(locale.words().classes, "/"), Crumb::here(&name)];
    let mut layout = teacher.visitor.layout(&name, crumbs);
    layout.here = format!("/c/{}", class.id);
    let nobodys = web.store.nobodys_count(scope, &class.id).await?;
    let assigns = web.store.class_of(scope, Right::Assign, &class.id).await?.is_some();
    let given = assigns.then(|| GivenPart {
        w: SheetsWords::of(locale),
        school: class.school,
        class: class.id.clone(),
        good: told.good,
        said: told.said,
        withdrawn: told.withdrawn,
        items: given,
        earlier,
    });
    let refused = given.as_ref().is_some_and(|given| given.said.is_some());
    let status = if refused { StatusCode::CONFLICT } else { StatusCode::OK };
    let (id, size) = (class.id, class.pupils);
    let (take, x) = take_away(web, teacher, &id, !pupils.is_empty());
    let page =
        ClassPage { layout, id, name, assignments, size, pupils, nobodys, given, take, x, after };
    Ok((status, html(&page)?).into_response())
}

/// What can be taken away of a class; notebooks by whoever may know its pupils.
fn take_away(
    web: &Web,
    teacher: &Teacher,
    class: &str,
    may_know: bool,
) -> (TakeAway, &'static ExportWords) {
    let x = ExportWords::of(teacher.visitor.locale);
    let form = |file: &str, words| TakeForm::new(format!("/c/{class}/{file}"), words);
    let mut forms =
        vec![form("results.xlsx", x.results_xlsx), form("notebook.pdf", x.class_notebook)];
    if may_know {
        forms.push(form("notebooks.pdf", x.notebooks));
    }
    let from = export::day(term_start_ms(web.now_ms()));
    (TakeAway { from, forms }, x)
}

async fn item(web: &Web, teacher: &Teacher, summary: &AssignmentSummary) -> AssignmentItem {
    let locale = teacher.visitor.locale;
    let worksheet = web.worksheet(&summary.worksheet, summary.version).await.ok();
    AssignmentItem {
        id: summary.id.clone(),
        title: title(worksheet.as_deref(), &summary.id, locale),
        assigned: dates::minute(summary.assigned_ms, locale),
        due: dates::minute(summary.due_ms, locale),
        states: States {
            handed_in: summary.written.saturating_sub(summary.writing + summary.settled),
            settled: summary.settled,
            writing: 0,
            begun: summary.writing,
            missing: summary.pupils.saturating_sub(summary.written),
        },
        // Nothing waits for a person who may not decide it.
        todo: if summary.may_decide {
            Todo { decide: summary.to_decide, score: summary.to_score }
        } else {
            Todo::default()
        },
    }
}
