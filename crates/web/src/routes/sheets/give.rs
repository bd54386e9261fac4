//! What was printed is given to a class, its due date is changed, and it is taken back.

use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use school::Right;
use serde::Deserialize;
use store::{AssignmentHead, AssignmentRow, PrintedOf, StoreError, Withdrawn};

use super::one::{Told, path, respond};
use super::school_of;
use crate::dates;
use crate::failure::Failure;
use crate::routes::assignment_of;
use crate::routes::classes::{Told as ClassTold, respond as class_page};
use crate::session::Teacher;
use crate::state::Web;
use crate::words::fill;
use crate::words::sheets::SheetsWords;

/// How far ahead work may be due, milliseconds.
const AHEAD_MS_MAX: i64 = 400 * 86_400_000;
/// How long ink rests until a paper is handed in by itself, milliseconds.
const QUIET_MS: i64 = 30 * 60_000;

#[derive(Deserialize)]
pub(crate) struct Given {
    #[serde(default)]
    class: String,
    /// A time as [`dates::of_field`] reads it.
    #[serde(default)]
    due: String,
    /// When it was given, Unix milliseconds: where it is given once more.
    #[serde(default)]
    assigned: String,
}

/// The time that was typed, or why it cannot be one.
fn due_of(text: &str, now_ms: i64, w: &SheetsWords) -> Result<i64, &'static str> {
    let due_ms = dates::of_field(text).ok_or(w.give_time)?;
    if due_ms <= now_ms {
        return Err(w.give_past);
    }
    if due_ms.saturating_sub(now_ms) > AHEAD_MS_MAX {
        return Err(w.give_far);
    }
    Ok(due_ms)
}

pub(crate) async fn give(
    State(web): State<Web>,
    teacher: Teacher,
    Path((school, run)): Path<(String, String)>,
    Form(given): Form<Given>,
) -> Result<Response, Failure> {
    let school = school_of(&web, &teacher, &school).await?;
    let lines = web.store.print_runs(&school, PrintedOf::Run(&run)).await?;
    let line = lines.into_iter().next().ok_or(Failure::NotFound)?;
    if given.class.is_empty() {
        return Err(Failure::BadRequest);
    }
    let classes = web.store.printable_classes(&school).await?;
    let class = classes.into_iter().find(|(class, assigns)| *assigns && class.id == given.class);
    let (class, _) = class.ok_or(Failure::NotFound)?;
    let w = SheetsWords::of(teacher.visitor.locale);
    let now_ms = web.now_ms();
    let id = AssignmentRow::id_of(&line.run.id, &class.id);
    let said = match due_of(&given.due, now_ms, w) {
        Err(said) => Some(said),
        Ok(due_ms) => match web.store.without_copy(&line.run, &class, web.wall_ms()).await {
            Err(StoreError::PrintRefused(_)) => Some(w.give_class),
            Err(error) => return Err(error.into()),
            Ok(_) => {
                let known = web.store.assignment_given_ms(&id).await?;
                // Nothing is given before it is printed.
                let could = |at_ms: &i64| {
                    *at_ms <= now_ms && line.printed_ms.is_some_and(|printed| printed <= *at_ms)
                };
                let assigned = given.assigned.parse().ok().filter(could);
                let row = AssignmentRow {
                    id: id.clone(),
                    school: school.id.clone(),
                    class: class.id.clone(),
                    print_run: line.run.id.clone(),
                    assigned_ms: known.or(assigned).unwrap_or(now_ms),
                    due_ms,
                    quiet_ms: QUIET_MS,
                };
                let staff = &teacher.staff.id;
                web.store.give_assignment(row, staff).await?;
                tracing::info!(staff, assignment = id, "gave a worksheet to a class");
                None
            }
        },
    };
    let sheet = &line.run.worksheet;
    match said {
        None => {
            let to = format!("{}?given", path(&school, &sheet.id, sheet.version));
            Ok(Redirect::to(&to).into_response())
        }
        Some(said) => {
            let due = Some((line.run.id.clone(), given.due));
            let told = Told { said: Some(said.to_owned()), due, ..Told::default() };
            respond(&web, &teacher, &school, (&sheet.id, sheet.version), told).await
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Due {
    #[serde(default)]
    due: String,
}

/// Changes when something is due.
pub(crate) async fn due(
    State(web): State<Web>,
    teacher: Teacher,
    Path(assignment): Path<String>,
    Form(form): Form<Due>,
) -> Result<Response, Failure> {
    let head = assignment_of(&web, &teacher, Right::Assign, &assignment).await?;
    if form.due.is_empty() {
        return Err(Failure::BadRequest);
    }
    let w = SheetsWords::of(teacher.visitor.locale);
    match due_of(&form.due, web.now_ms(), w) {
        Ok(due_ms) => {
            let row = AssignmentRow { due_ms, ..row(&head) };
            web.store.insert_assignment(row).await?;
            let staff = &teacher.staff.id;
            tracing::info!(staff, assignment, "changed when an assignment is due");
            Ok(Redirect::to(&format!("/c/{}?changed#given", head.class)).into_response())
        }
        Err(said) => {
            let due = Some((head.id, form.due));
            let told = ClassTold { said: Some(said.to_owned()), due, ..ClassTold::default() };
            class_page(&web, &teacher, &head.class, told).await
        }
    }
}

fn row(head: &AssignmentHead) -> AssignmentRow {
    AssignmentRow {
        id: head.id.clone(),
        school: head.school.clone(),
        class: head.class.clone(),
        print_run: head.print_run.clone(),
        assigned_ms: head.assigned_ms,
        due_ms: head.due_ms,
        quiet_ms: head.quiet_ms,
    }
}

#[derive(Deserialize)]
pub(crate) struct Back {
    /// When it was given, Unix milliseconds, as the page showed it.
    of: Option<i64>,
}

/// Takes back what was given.
pub(crate) async fn withdraw(
    State(web): State<Web>,
    teacher: Teacher,
    Path(assignment): Path<String>,
    Form(back): Form<Back>,
) -> Result<Response, Failure> {
    let head = assignment_of(&web, &teacher, Right::Assign, &assignment).await?;
    if back.of != Some(head.assigned_ms) {
        return Err(Failure::BadRequest);
    }
    let w = SheetsWords::of(teacher.visitor.locale);
    match web.store.withdraw(&head).await? {
        Withdrawn::Done { papers } => {
            let staff = &teacher.staff.id;
            tracing::info!(staff, assignment, papers, "took an assignment back");
            let (run, assigned_ms) = (&head.print_run, head.assigned_ms);
            let due = dates::field(head.due_ms);
            let query = format!("withdrawn={run}&assigned={assigned_ms}&due={due}");
            Ok(Redirect::to(&format!("/c/{}?{query}#given", head.class)).into_response())
        }
        Withdrawn::Marked { papers } => {
            let said = fill(w.given_marked, &[("n", &papers)]);
            let told = ClassTold { said: Some(said), ..ClassTold::default() };
            class_page(&web, &teacher, &head.class, told).await
        }
        Withdrawn::Gone => Ok(Redirect::to(&format!("/c/{}", head.class)).into_response()),
    }
}
