//! What is done with pens on their page. Each form does what `zhibi pen` does.

use attribution::Holder;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use store::{Keeper, PenChange, PenRow, StoreError};

use super::ids::{self, Wrong};
use super::{Asked, Desk, at, encoded, refuse, seen_of, set_of, told, when};
use crate::failure::Failure;
use crate::session::Teacher;
use crate::state::Web;
use crate::words::{code_point, fill};

/// Pens in a set, at most.
const SET_MAX: usize = 1_000;
/// Characters of a set's name.
const NAME_CHARS_MAX: usize = 20;
/// The greatest number of a pen in its set.
const NUMBER_MAX: u32 = 9_999;

/// What a form comes to: a change, or words on why there is none.
type Outcome = Result<Result<PenChange, StoreError>, String>;

impl Desk<'_> {
    fn keeper(&self) -> Keeper {
        Keeper {
            school: self.school.id.clone(),
            staff: Some(self.teacher.staff.id.clone()),
            now_ms: self.web.now_ms(),
        }
    }

    /// The pen of a form. A form that names none of the school's was not made by this page.
    fn known_pen(&self, field: &Option<String>) -> Result<u64, Failure> {
        let text = field.as_deref().ok_or(Failure::BadRequest)?;
        ids::pen(text).ok_or(Failure::BadRequest)?;
        Ok(self.pen(text).ok_or(Failure::NotFound)?.pen)
    }

    /// The moment that was typed, or now.
    fn moment(&self, field: &Option<String>) -> Result<i64, String> {
        match Asked::text(field) {
            "" => Ok(self.web.now_ms()),
            text => self.parsed(text),
        }
    }

    /// The moment that a text says, if it can be meant.
    pub(super) fn parsed(&self, text: &str) -> Result<i64, String> {
        let at_ms = when::parse(text).ok_or_else(|| fill(self.w.no_time, &[("text", &text)]))?;
        let near = when::is_near(at_ms, self.web.now_ms());
        near.then_some(at_ms).ok_or_else(|| fill(self.w.time_far, &[("text", &text)]))
    }
}

/// Answers with the page on which what was done is told, or with why it was not.
async fn answer(
    desk: &Desk<'_>,
    asked: &Asked,
    set: Option<&str>,
    outcome: Outcome,
) -> Result<Response, Failure> {
    let error = match outcome {
        Ok(Ok(change)) => {
            let (staff, school) = (&desk.teacher.staff.id, &desk.school.id);
            tracing::info!(staff, school, change = change.id, pens = change.pens.len(), "pens");
            let set = set.map_or(String::new(), |set| format!("&set={}", encoded(set)));
            let to = format!("{}?done={}{set}#done", at(&desk.school), change.id);
            return Ok(Redirect::to(&to).into_response());
        }
        Ok(Err(error)) => error,
        Err(why) => return refuse(desk, asked, why).await,
    };
    match told::refusal(desk, &error) {
        Some(why) => refuse(desk, asked, why).await,
        None if matches!(error, StoreError::Missing { .. }) => Err(Failure::NotFound),
        None => Err(error.into()),
    }
}

/// The set of a pen, to come back to.
fn set_of_pen(desk: &Desk<'_>, pen: u64) -> Option<String> {
    let line = desk.pens.iter().find(|line| line.pen == pen)?;
    Some(set_of(line).unwrap_or_default().to_owned())
}

pub(crate) async fn add(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    let desk = Desk::of(&web, &teacher, &school).await?;
    let pasted = asked.ids.as_deref().ok_or(Failure::BadRequest)?;
    let set = Asked::text(&asked.set).to_owned();
    let outcome = match rows(&desk, &set, Asked::text(&asked.first), pasted) {
        Ok(rows) => Ok(web.store.insert_pens(desk.keeper(), rows).await),
        Err(why) => Err(why),
    };
    answer(&desk, &asked, Some(&set), outcome).await
}

/// The pens of a new set.
fn rows(desk: &Desk<'_>, set: &str, first: &str, pasted: &str) -> Result<Vec<PenRow>, String> {
    let w = desk.w;
    let named = (1..=NAME_CHARS_MAX).contains(&set.chars().count());
    if !named || set.contains(':') || ids::pen(set).is_some() {
        return Err(w.no_set.to_owned());
    }
    if let Some(hidden) = school::hidden_char(set) {
        return Err(fill(w.set_hidden, &[("code", &code_point(hidden))]));
    }
    let number = first.parse().ok().filter(|first| (1..=NUMBER_MAX).contains(first));
    let first = number.ok_or_else(|| fill(w.no_number, &[("text", &first)]))?;
    let pens = ids::list(pasted, SET_MAX).map_err(|wrong| match wrong {
        Wrong::Nothing => w.no_ids.to_owned(),
        Wrong::TooMany => fill(w.too_many, &[("n", &SET_MAX)]),
        Wrong::NoId(n, text) => fill(w.no_id, &[("n", &n), ("text", &text)]),
        Wrong::Twice(n, text) => fill(w.id_twice, &[("n", &n), ("text", &text)]),
    })?;
    let row = |(pen, number): (u64, u32)| PenRow { pen, set: set.to_owned(), number };
    Ok(pens.into_iter().zip(first..).map(row).collect())
}

pub(crate) async fn lend_set(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    let desk = Desk::of(&web, &teacher, &school).await?;
    let set = asked.set.clone().filter(|set| !set.is_empty()).ok_or(Failure::BadRequest)?;
    let class = asked.class.as_deref().ok_or(Failure::BadRequest)?;
    let outcome = match desk.moment(&asked.from) {
        _ if class.is_empty() => Err(desk.w.no_class.to_owned()),
        Ok(from_ms) => Ok(web.store.lend_set(desk.keeper(), &set, class, from_ms).await),
        Err(why) => Err(why),
    };
    answer(&desk, &asked, Some(&set), outcome).await
}

pub(crate) async fn lend(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    let desk = Desk::of(&web, &teacher, &school).await?;
    let pen = desk.known_pen(&asked.pen)?;
    let holder = match Asked::text(&asked.to).split_once(':') {
        Some(("pupil", id)) => Some(Holder::pupil(id).map_err(|_| Failure::BadRequest)?),
        Some(("staff", id)) => Some(Holder::marker(id).map_err(|_| Failure::BadRequest)?),
        None if asked.to.as_deref() == Some("") => None,
        _ => return Err(Failure::BadRequest),
    };
    let from_ms = match asked.from.as_deref() {
        Some("first") => Ok(None),
        _ => desk.moment(&asked.from).map(Some),
    };
    let outcome = match (holder, from_ms) {
        (None, _) => Err(desk.w.no_holder.to_owned()),
        (_, Err(why)) => Err(why),
        (Some(holder), Ok(from_ms)) => {
            Ok(web.store.lend_pen(desk.keeper(), pen, holder, from_ms).await)
        }
    };
    answer(&desk, &asked, set_of_pen(&desk, pen).as_deref(), outcome).await
}

pub(crate) async fn give_back(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    let desk = Desk::of(&web, &teacher, &school).await?;
    let (set, pens) = match asked.set.clone().filter(|set| !set.is_empty()) {
        Some(set) => {
            let of_set = desk.pens.iter().filter(|line| set_of(line) == Some(&set));
            let pens: Vec<u64> = of_set.map(|line| line.pen).collect();
            (Some(set), pens)
        }
        None => (None, vec![desk.known_pen(&asked.pen)?]),
    };
    let Some(first) = pens.first().copied() else { return Err(Failure::NotFound) };
    let outcome = match desk.moment(&asked.from) {
        Ok(at_ms) => Ok(web.store.return_pens(desk.keeper(), set, pens, at_ms, false).await),
        Err(why) => Err(why),
    };
    answer(&desk, &asked, set_of_pen(&desk, first).as_deref(), outcome).await
}

pub(crate) async fn swap(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    let desk = Desk::of(&web, &teacher, &school).await?;
    let pen = desk.known_pen(&asked.pen)?;
    let set = set_of_pen(&desk, pen);
    if asked.with.as_deref().is_some_and(str::is_empty) || asked.with == asked.pen {
        let why = desk.w.no_other.to_owned();
        return answer(&desk, &asked, set.as_deref(), Err(why)).await;
    }
    let other = desk.known_pen(&asked.with)?;
    // Sent twice, as by two clicks, an exchange would undo itself.
    let looked = seen_of(Asked::text(&asked.seen)).ok_or(Failure::BadRequest)?;
    let until_ms = match Asked::text(&asked.until) {
        "" => Ok(None),
        text => desk.parsed(text).map(Some),
    };
    let outcome = match (desk.moment(&asked.from), until_ms) {
        (Err(why), _) | (_, Err(why)) => Err(why),
        (Ok(from_ms), Ok(Some(until_ms))) if until_ms <= from_ms => {
            Err(desk.w.until_before.to_owned())
        }
        (Ok(from_ms), Ok(until_ms)) => {
            let pens = (pen, other);
            let done = web.store.swap_pens(desk.keeper(), pens, from_ms, until_ms, Some(looked));
            match done.await {
                Err(StoreError::PenChanged { pen }) => {
                    Err(fill(desk.w.swapped_since, &[("pen", &desk.label(pen))]))
                }
                done => Ok(done),
            }
        }
    };
    answer(&desk, &asked, set.as_deref(), outcome).await
}

pub(crate) async fn lost(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    let desk = Desk::of(&web, &teacher, &school).await?;
    let pen = desk.known_pen(&asked.pen)?;
    let done = web.store.return_pens(desk.keeper(), None, vec![pen], web.now_ms(), true).await;
    answer(&desk, &asked, set_of_pen(&desk, pen).as_deref(), Ok(done)).await
}

pub(crate) async fn found(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    let desk = Desk::of(&web, &teacher, &school).await?;
    let pen = desk.known_pen(&asked.pen)?;
    let done = web.store.find_pen(desk.keeper(), pen).await;
    answer(&desk, &asked, set_of_pen(&desk, pen).as_deref(), Ok(done)).await
}

pub(crate) async fn undo(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    let desk = Desk::of(&web, &teacher, &school).await?;
    let of: i64 = Asked::text(&asked.of).parse().map_err(|_| Failure::BadRequest)?;
    match web.store.undo_pen_change(desk.keeper(), of).await {
        Ok(()) => {
            let (staff, school) = (&desk.teacher.staff.id, &desk.school.id);
            tracing::info!(staff, school, change = of, "undid a change of pens");
            let to = format!("{}?done={of}#done", at(&desk.school));
            Ok(Redirect::to(&to).into_response())
        }
        Err(error) => match told::refusal(&desk, &error) {
            Some(why) => refuse(&desk, &asked, why).await,
            None if matches!(error, StoreError::Missing { .. }) => Err(Failure::NotFound),
            None => Err(error.into()),
        },
    }
}
