//! Whose pens wrote on a paper, and a teacher's word that it was otherwise.

use attribution::Holder;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use school::{PupilId, Right};
use serde::Deserialize;
use store::{AssignmentHead, Corrected, Correction, CorrectionRow, PaperPen, Said, Undone, When};

use super::paper::Shown;
use super::{assignment_of, paper};
use crate::dates;
use crate::failure::Failure;
use crate::page::hands::{Asked, CorrectionItem, Hands, PenItem, PupilChoice};
use crate::session::Teacher;
use crate::state::Web;
use crate::words::hands::HandsWords;
use crate::words::{Locale, fill, isolated};

/// The paper that is asked about.
pub(crate) struct Of<'a> {
    pub(crate) head: &'a AssignmentHead,
    pub(crate) pupil: &'a store::PupilName,
    pub(crate) page: u32,
    /// Whether all copies share their addresses.
    pub(crate) shared: bool,
}

/// Why what was just sent is not stored, and what would store it all the same.
pub(crate) struct Answer {
    text: String,
    /// What was sent, where it is asked once more.
    asked: Option<(Word, String)>,
}

/// What is shown of the pens of a paper; `None` where nothing was ever written on it.
pub(crate) async fn hands(
    web: &Web,
    teacher: &Teacher,
    of: Of<'_>,
    said: Option<Answer>,
) -> Result<Option<Hands>, Failure> {
    let Of { head, pupil, page, shared } = of;
    let locale = teacher.visitor.locale;
    let w = HandsWords::of(locale);
    let pens = web.store.paper_pens(head, &pupil.id, page).await?;
    let corrections = web.store.corrections(head, &pupil.id).await?;
    if pens.is_empty() && corrections.is_empty() && said.is_none() {
        return Ok(None);
    }
    let given = web.store.assignment_of(&teacher.scope, Right::Give, &head.id).await?;
    let pupils = match &given {
        Some(head) => web.store.pupils_of(&teacher.scope, Right::Give, &head.class).await?,
        None => Vec::new(),
    };
    let choice = |other: &store::PupilName| PupilChoice {
        id: other.id.clone(),
        number: other.number,
        name: other.name.clone(),
    };
    let pupils: Vec<PupilChoice> =
        pupils.iter().filter(|other| other.id != pupil.id).map(choice).collect();
    let own = pens.iter().filter(|pen| !pen.red).filter_map(|pen| pen.written_ms);
    let written_ms = own.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    Ok(Some(Hands {
        w,
        path: format!("/a/{}/{}/{page}/pens", head.id, pupil.id),
        name: pupil.name.clone(),
        may_put_right: given.is_some(),
        copy: !shared,
        pens: pens.iter().map(|pen| pen_item(pen, &pupils, locale)).collect(),
        evening: written_ms.map_or_else(
            || w.evening.to_owned(),
            |(from_ms, to_ms)| {
                let from = dates::minute(from_ms, locale);
                let until = dates::minute(to_ms, locale);
                fill(w.evening_at, &[("from", &from), ("until", &until)])
            },
        ),
        day: dates::date_field(written_ms.map_or(head.assigned_ms, |(from_ms, _)| from_ms)),
        pupils,
        corrections: corrections
            .iter()
            .map(|row| correction_item(row, (head, &pupil.id), locale))
            .collect(),
        asks: said.as_ref().and_then(|said| asks(said, w, head, page)),
        said: said.map(|said| said.text),
    }))
}

/// What is asked once more before ink comes to a page with ink.
fn asks(said: &Answer, w: &HandsWords, head: &AssignmentHead, page: u32) -> Option<Asked> {
    let (word, name) = said.asked.as_ref()?;
    let Word { say, pen, when, date, .. } = word;
    let (_, to) = say.split_once(' ')?;
    let fields = [("say", say), ("pen", pen), ("when", when), ("date", date)];
    Some(Asked {
        fields: fields.map(|(field, value)| (field, value.clone())).into(),
        does: fill(w.onto_ink_do, &[("name", &isolated(name))]),
        sees: fill(w.to_paper, &[("name", &isolated(name))]),
        href: format!("/a/{}/{to}/{page}", head.id),
    })
}

fn pen_item(pen: &PaperPen, pupils: &[PupilChoice], locale: Locale) -> PenItem {
    let w = HandsWords::of(locale);
    let id = format!("{:012x}", pen.pen);
    let flag = match pen {
        PaperPen { moved: true, .. } => Some(w.moved),
        PaperPen { foreign: true, .. } => Some(w.foreign),
        _ => None,
    };
    let of_class = |holder: &Holder| match holder {
        Holder::Pupil(id) => pupils.iter().find(|pupil| pupil.id == id.as_str()).cloned(),
        Holder::Marker(_) => None,
    };
    PenItem {
        label: match &pen.place {
            Some((set, number)) => fill(w.pen_of_set, &[("set", set), ("n", number)]),
            None => fill(w.pen_by_id, &[("pen", &id)]),
        },
        id,
        held: pen.name.clone().unwrap_or_else(|| w.nobody.to_owned()),
        written: pen.written_ms.map_or_else(
            || w.no_clock.to_owned(),
            |(from_ms, to_ms)| {
                format!("{} – {}", dates::minute(from_ms, locale), dates::minute(to_ms, locale))
            },
        ),
        red: pen.red,
        flag,
        foreign: pen.foreign && !pen.red,
        holder: pen.holder.as_ref().and_then(of_class),
    }
}

fn correction_item(
    row: &CorrectionRow,
    (head, pupil): (&AssignmentHead, &str),
    locale: Locale,
) -> CorrectionItem {
    let w = HandsWords::of(locale);
    let text = match row.said {
        Said::Wrote => w.said_wrote,
        Said::Swapped => w.said_swapped,
    };
    let mut said = fill(
        text,
        &[
            ("date", &dates::minute(row.at_ms, locale)),
            ("staff", &isolated(&row.staff)),
            ("name", &isolated(&row.name)),
            ("to", &isolated(&row.to_name)),
            ("page", &row.page),
        ],
    );
    if let (Some(from_ms), None) = (row.from_ms, row.until_ms) {
        let day = dates::day(dates::day_of(from_ms), locale);
        said = format!("{said} ({})", fill(w.since, &[("date", &day)]));
    }
    let is_here = row.pupil == pupil;
    let (other, name) =
        if is_here { (&row.to_pupil, &row.to_name) } else { (&row.pupil, &row.name) };
    CorrectionItem {
        id: row.id,
        said,
        href: format!("/a/{}/{other}/{}", head.id, row.page),
        name: name.clone(),
    }
}

#[derive(Deserialize)]
pub(crate) struct Word {
    /// `wrote`: the paper's own pupil did; else `wrote` or `swapped` and a pupil's id.
    #[serde(default)]
    say: String,
    /// A pen's id; empty: every pen of the page.
    #[serde(default)]
    pen: String,
    /// `evening`, or `from` the date.
    #[serde(default)]
    when: String,
    /// `2026-11-23`.
    #[serde(default)]
    date: String,
    /// `1`: onto ink that is there too.
    #[serde(default)]
    sure: String,
}

pub(crate) async fn correct(
    State(web): State<Web>,
    teacher: Teacher,
    Path((assignment, pupil, page)): Path<(String, String, u32)>,
    Form(word): Form<Word>,
) -> Result<Response, Failure> {
    let head = assignment_of(&web, &teacher, Right::Give, &assignment).await?;
    let w = HandsWords::of(teacher.visitor.locale);
    let (said, to) = word.say.split_once(' ').unwrap_or((word.say.as_str(), pupil.as_str()));
    let said = match said {
        "wrote" => Said::Wrote,
        "swapped" => Said::Swapped,
        _ => return Err(Failure::BadRequest),
    };
    let to = PupilId::new(to).map_err(|_| Failure::BadRequest)?;
    let pen = match word.pen.as_str() {
        "" => None,
        pen => Some(u64::from_str_radix(pen, 16).map_err(|_| Failure::BadRequest)?),
    };
    let when = match word.when.as_str() {
        "from" => match dates::of_date_field(&word.date) {
            Some(from_ms) if from_ms <= web.wall_ms() => When::From(from_ms),
            _ => return unsaid(&web, &teacher, head, (pupil, page), w.bad_date).await,
        },
        _ => When::Evening,
    };
    let (staff, at_ms) = (teacher.staff.id.clone(), web.now_ms());
    let onto_ink = word.sure == "1";
    let name = web.store.pupils_of(&teacher.scope, Right::Give, &head.class).await?;
    let name = name.into_iter().find(|other| other.id == to.as_str()).map(|other| other.name);
    let correction =
        Correction { pupil: pupil.clone(), page, pen, said, to, when, onto_ink, staff, at_ms };
    let refused = match web.store.correct(&head, correction).await? {
        Corrected::Done(id) => {
            tracing::info!(staff = teacher.staff.id, class = head.class, id, "put pens right");
            return Ok(back(&head, &pupil, page));
        }
        Corrected::Already => return Ok(back(&head, &pupil, page)),
        Corrected::NoInk => w.no_ink,
        Corrected::NoPen => w.no_pen,
        Corrected::OthersPen => w.others_pen,
        Corrected::Stranger => w.stranger,
        Corrected::OntoInk => {
            let name = name.unwrap_or_default();
            let text = fill(w.onto_ink, &[("name", &isolated(&name)), ("page", &page)]);
            let answer = Answer { text, asked: Some((word, name)) };
            return answered(&web, &teacher, head, (pupil, page), answer).await;
        }
    };
    unsaid(&web, &teacher, head, (pupil, page), refused).await
}

#[derive(Deserialize)]
pub(crate) struct Undo {
    /// The number of a correction.
    #[serde(default)]
    of: String,
}

pub(crate) async fn undo(
    State(web): State<Web>,
    teacher: Teacher,
    Path((assignment, pupil, page)): Path<(String, String, u32)>,
    Form(undo): Form<Undo>,
) -> Result<Response, Failure> {
    let head = assignment_of(&web, &teacher, Right::Give, &assignment).await?;
    let id: i64 = undo.of.parse().map_err(|_| Failure::BadRequest)?;
    match web.store.undo_correction(&head, id, web.now_ms()).await? {
        Undone::Done => {
            let staff = teacher.staff.id;
            tracing::info!(staff, class = head.class, id, "took back how pens were put right");
        }
        Undone::Already => {}
        Undone::Since => {
            let words = HandsWords::of(teacher.visitor.locale).undone_since;
            return unsaid(&web, &teacher, head, (pupil, page), words).await;
        }
    }
    Ok(back(&head, &pupil, page))
}

fn back(head: &AssignmentHead, pupil: &str, page: u32) -> Response {
    Redirect::to(&format!("/a/{}/{pupil}/{page}#pens", head.id)).into_response()
}

/// The page with words on why what was sent changed nothing.
async fn unsaid(
    web: &Web,
    teacher: &Teacher,
    head: AssignmentHead,
    (pupil, page): (String, u32),
    words: &'static str,
) -> Result<Response, Failure> {
    let answer = Answer { text: words.to_owned(), asked: None };
    answered(web, teacher, head, (pupil, page), answer).await
}

async fn answered(
    web: &Web,
    teacher: &Teacher,
    head: AssignmentHead,
    (pupil, page): (String, u32),
    answer: Answer,
) -> Result<Response, Failure> {
    let shown = Shown { pupil, page, part: false, said: None, pens: Some(answer) };
    let page = paper::respond(web, teacher, head, shown).await?;
    Ok((StatusCode::CONFLICT, page).into_response())
}
