//! The classes of a teacher, and one class.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use school::Right;
use store::AssignmentSummary;

use super::title;
use crate::dates;
use crate::failure::Failure;
use crate::page::classes::{AssignmentItem, ClassItem, ClassPage, ClassesPage, PupilItem};
use crate::page::school::SchoolItem;
use crate::page::{Crumb, States, Todo, html};
use crate::session::Teacher;
use crate::state::Web;
use crate::words::school::SchoolWords;

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
    let classes = classes
        .into_iter()
        .map(|class| ClassItem {
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
    Ok(html(&ClassesPage { layout, s, schools, classes, after })?.into_response())
}

pub(crate) async fn one(
    State(web): State<Web>,
    teacher: Teacher,
    Path(class): Path<String>,
) -> Result<Response, Failure> {
    let locale = teacher.visitor.locale;
    let scope = &teacher.scope;
    let after = web.store.outbox_last().await?;
    let class = web.store.class_of(scope, Right::See, &class).await?.ok_or(Failure::NotFound)?;
    let mut assignments = Vec::new();
    for summary in web.store.assignments_of(scope, Some(&class.id), ALL).await? {
        assignments.push(item(&web, &teacher, &summary).await);
    }
    // Each name leads to what is known of the pupil.
    let pupils = web.store.pupils_of(scope, Right::Know, &class.id).await?;
    let pupils = pupils
        .into_iter()
        .map(|pupil| PupilItem { id: pupil.id, number: pupil.number, name: pupil.name })
        .collect();
    let name = locale.pick(&class.name_zh, &class.name_en).to_owned();
    let crumbs = vec![Crumb::new(locale.words().classes, "/"), Crumb::here(&name)];
    let layout = teacher.visitor.layout(&name, crumbs);
    let nobodys = web.store.nobodys_count(scope, &class.id).await?;
    let (id, size) = (class.id, class.pupils);
    let page = ClassPage { layout, id, name, assignments, size, pupils, nobodys, after };
    Ok(html(&page)?.into_response())
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
