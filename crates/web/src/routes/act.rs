//! What a teacher does: decide, take back, collect. Each works as a plain form too.

use axum::Json;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use export::Sign;
use school::Right;
use serde::Deserialize;
use store::{AssignmentHead, Decided, Decision, MarkRow, ResponseName, Seen, Standing, Verdict};

use super::paper::{Said, Shown};
use super::{assignment_of, paper};
use crate::failure::Failure;
use crate::page::message::MessagePage;
use crate::page::paper::Token;
use crate::page::{html, points};
use crate::session::Teacher;
use crate::sign::SignWord;
use crate::state::Web;
use crate::words::{Words, fill, isolated};

/// What our own module asks for instead of a whole page.
const PART: &str = "x-part";

#[derive(Deserialize)]
pub(crate) struct Choice {
    #[serde(flatten)]
    of: Of,
    /// `right`, `wrong` or `partly`.
    verdict: Option<String>,
    /// Whole points, of a button.
    score: Option<String>,
    /// Points as they were typed, such as `3` or `2.5`.
    points: Option<String>,
    /// What the page showed of the response: a [`Token`].
    seen: Option<String>,
    #[serde(flatten)]
    place: Place,
}

/// What a form is about.
#[derive(Deserialize)]
struct Of {
    /// The part of a question.
    question: String,
    /// A criterion of its rubric.
    criterion: Option<String>,
}

impl Of {
    fn name(&self, pupil: &str) -> ResponseName {
        let (part, criterion) = (self.question.clone(), self.criterion.clone());
        ResponseName { pupil: pupil.to_owned(), part, criterion }
    }
}

/// Where a form stood.
#[derive(Deserialize)]
struct Place {
    /// `paper` or `decide`.
    #[serde(default)]
    back: String,
    /// The mark after which the sitting at the decide page began.
    since: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Undo {
    #[serde(flatten)]
    response: Of,
    /// The mark that is taken back.
    of: Option<String>,
    #[serde(flatten)]
    place: Place,
}

#[derive(Deserialize)]
pub(crate) struct GiveBack {
    /// When it was handed in, Unix milliseconds.
    of: Option<String>,
}

type PaperPath = Path<(String, String, u32)>;

pub(crate) async fn decide(
    State(web): State<Web>,
    teacher: Teacher,
    Path((assignment, pupil, page)): PaperPath,
    headers: HeaderMap,
    Form(choice): Form<Choice>,
) -> Result<Response, Failure> {
    let head = assignment_of(&web, &teacher, Right::Decide, &assignment).await?;
    let points_max = points_of(&web, &head, &choice.of, page).await?;
    let back = choice.place.path(&head.id, &pupil, page, &choice.of);
    let seen = choice.seen.as_deref().and_then(|seen| seen.parse().ok());
    let (Some(mark), Some(Token(seen))) = (mark(&choice, points_max), seen) else {
        return refused(&teacher, back);
    };
    let response = choice.of.name(&pupil);
    let decision = Decision { response, staff: teacher.staff.id.clone(), mark };
    let decided = web.store.decide(&head, decision, seen, web.now_ms()).await?;
    let w = teacher.visitor.locale.words();
    let (words, seen) = match decided.ok_or(Failure::NotFound)? {
        Decided::Stored(id) => {
            let (staff, part) = (&teacher.staff.id, &choice.of.question);
            tracing::info!(staff, assignment, part, "decided");
            return Ok(after(&headers, id, &back));
        }
        Decided::Contested(standing) => {
            (overruled(&standing, w), Seen { mark: Some(standing.id), ..seen })
        }
        Decided::Rewritten(changed_rev) => (w.rewritten.to_owned(), Seen { changed_rev, ..seen }),
    };
    let said = Said { part: choice.of.question, criterion: choice.of.criterion, words };
    let shown = Shown { pupil, page, part: false, said: Some(said), pens: None };
    unseen(&web, &teacher, head, shown, Token(seen), &headers).await
}

pub(crate) async fn undo(
    State(web): State<Web>,
    teacher: Teacher,
    Path((assignment, pupil, page)): PaperPath,
    headers: HeaderMap,
    Form(undo): Form<Undo>,
) -> Result<Response, Failure> {
    let head = assignment_of(&web, &teacher, Right::Decide, &assignment).await?;
    points_of(&web, &head, &undo.response, page).await?;
    let back = undo.place.path(&head.id, &pupil, page, &undo.response);
    let Some(of) = id(undo.of.as_deref()) else { return refused(&teacher, back) };
    let response = undo.response.name(&pupil);
    if !web.store.undo(&head, response, of, web.now_ms()).await? {
        return Err(Failure::NotFound);
    }
    let part = &undo.response.question;
    tracing::info!(staff = teacher.staff.id, assignment, part, "undone");
    Ok(after(&headers, of, &back))
}

pub(crate) async fn hand_in(
    State(web): State<Web>,
    teacher: Teacher,
    Path((assignment, pupil, page)): PaperPath,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let head = assignment_of(&web, &teacher, Right::Decide, &assignment).await?;
    let back = paper_path(&web, &head, &pupil, page).await?;
    let now_ms = web.now_ms();
    web.store.hand_in(&head, Some(pupil), now_ms).await?;
    tracing::info!(staff = teacher.staff.id, assignment, "collected one pupil's papers");
    Ok(after(&headers, now_ms, &back))
}

pub(crate) async fn give_back(
    State(web): State<Web>,
    teacher: Teacher,
    Path((assignment, pupil, page)): PaperPath,
    headers: HeaderMap,
    Form(given): Form<GiveBack>,
) -> Result<Response, Failure> {
    let head = assignment_of(&web, &teacher, Right::Decide, &assignment).await?;
    let back = paper_path(&web, &head, &pupil, page).await?;
    let Some(of) = id(given.of.as_deref()) else { return refused(&teacher, back) };
    web.store.give_back(&head, Some(pupil), of, web.now_ms()).await?;
    tracing::info!(staff = teacher.staff.id, assignment, "gave one pupil's papers back");
    Ok(after(&headers, of, &back))
}

/// Who decided what since the page was shown.
fn overruled(standing: &Standing, w: &'static Words) -> String {
    let verdict = Sign::of(Some(standing.verdict), None).word(w);
    let name = isolated(&standing.name);
    let points = points(standing.score);
    fill(w.contested, &[("name", &name), ("verdict", &verdict), ("points", &points)])
}

/// Says what happened since the page was shown; what was pressed is not stored. Our module gets the
/// words and what has now been seen; a plain form gets the page with the words on it.
async fn unseen(
    web: &Web,
    teacher: &Teacher,
    head: AssignmentHead,
    shown: Shown,
    seen: Token,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    if headers.contains_key(PART) {
        let words = shown.said.as_ref().map(|said| &said.words);
        let told = Json(serde_json::json!({ "seen": seen.to_string(), "words": words }));
        return Ok((StatusCode::CONFLICT, told).into_response());
    }
    let page = paper::respond(web, teacher, head, shown).await?;
    Ok((StatusCode::CONFLICT, page).into_response())
}

/// The points, in tenths, of a part on the page or of one of its criteria; not found where the page
/// has no such part, or where the part is not judged in this way.
async fn points_of(web: &Web, head: &AssignmentHead, of: &Of, page: u32) -> Result<u32, Failure> {
    let worksheet = web.worksheet(&head.worksheet, head.version).await?;
    let part = worksheet.part(&of.question).filter(|of| of.question.page == page);
    let points = part.and_then(|part| part.part.points_of(of.criterion.as_deref()));
    Ok(points.ok_or(Failure::NotFound)?.0)
}

/// The address of a pupil's page; not found for pupils of other classes.
async fn paper_path(
    web: &Web,
    head: &AssignmentHead,
    pupil: &str,
    page: u32,
) -> Result<String, Failure> {
    let worksheet = web.worksheet(&head.worksheet, head.version).await?;
    let there = worksheet.pages.iter().any(|other| other.number == page)
        && web.store.paper(head, pupil, page).await?.is_some();
    there.then(|| format!("/a/{}/{pupil}/{page}", head.id)).ok_or(Failure::NotFound)
}

/// What a form calls something that it takes back.
fn id(text: Option<&str>) -> Option<i64> {
    text?.parse().ok()
}

/// Says that nothing was stored, and what could be.
fn refused(teacher: &Teacher, back: String) -> Result<Response, Failure> {
    let w = teacher.visitor.locale.words();
    let page = MessagePage {
        layout: teacher.visitor.layout(w.refused_title, Vec::new()),
        heading: w.refused_title.into(),
        help: w.refused_help.into(),
        action: w.refused_back.into(),
        href: back,
    };
    Ok((StatusCode::BAD_REQUEST, html(&page)?).into_response())
}

pub(crate) async fn collect(
    State(web): State<Web>,
    teacher: Teacher,
    Path(assignment): Path<String>,
) -> Result<Response, Failure> {
    let head = assignment_of(&web, &teacher, Right::Decide, &assignment).await?;
    let papers = web.store.hand_in(&head, None, web.now_ms()).await?;
    tracing::info!(staff = teacher.staff.id, assignment, papers, "collected an assignment");
    Ok(Redirect::to(&format!("/a/{}", head.id)).into_response())
}

pub(crate) async fn give_all_back(
    State(web): State<Web>,
    teacher: Teacher,
    Path(assignment): Path<String>,
    Form(given): Form<GiveBack>,
) -> Result<Response, Failure> {
    let head = assignment_of(&web, &teacher, Right::Decide, &assignment).await?;
    let back = format!("/a/{}", head.id);
    let Some(of) = id(given.of.as_deref()) else { return refused(&teacher, back) };
    let papers = web.store.give_back(&head, None, of, web.now_ms()).await?;
    tracing::info!(staff = teacher.staff.id, assignment, papers, "gave an assignment back");
    Ok(Redirect::to(&back).into_response())
}

/// The verdict and points that a form asks for; `None` where it asks for nothing possible, or for
/// more than one thing.
fn mark(choice: &Choice, points_max: u32) -> Option<MarkRow> {
    let verdict = match (choice.verdict.as_deref(), &choice.score, &choice.points) {
        (Some("right"), None, None) => Verdict::Right,
        (Some("wrong"), None, None) => Verdict::Wrong,
        (Some("partly"), None, None) => Verdict::Partly,
        (None, Some(given), None) | (None, None, Some(given)) => {
            let score = tenths(given)?;
            let verdict = match score {
                0 => Verdict::Wrong,
                score if score == points_max => Verdict::Right,
                score if score < points_max => Verdict::Partly,
                _ => return None,
            };
            return Some(MarkRow { verdict, score });
        }
        _ => return None,
    };
    Some(MarkRow { verdict, score: paper::verdict_points(verdict, points_max) })
}

/// Points as people type them, in tenths: `3`, `2.5`, and `２．５` or `2。5` where a Chinese input
/// method was left on.
fn tenths(text: &str) -> Option<u32> {
    let text: String = text.chars().map(half_width).collect();
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
    let digits = |part: &str, max| {
        let good =
            !part.is_empty() && part.len() <= max && part.bytes().all(|b| b.is_ascii_digit());
        good.then(|| part.parse::<u32>().ok()).flatten()
    };
    Some(digits(whole, 4)? * 10 + digits(fraction, 1)?)
}

/// A full-width digit or point as its ASCII form.
fn half_width(typed: char) -> char {
    match typed {
        '０'..='９' => char::from(b'0' + (typed as u32 - '０' as u32) as u8),
        '．' | '。' => '.',
        other => other,
    }
}

impl Place {
    /// The address of the form.
    fn path(&self, assignment: &str, pupil: &str, page: u32, of: &Of) -> String {
        // Ids in a fragment: letters, figures, dashes and the dots before parts and criteria.
        let plain = |id: &str| -> String {
            id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.')).collect()
        };
        let of = match &of.criterion {
            Some(criterion) => plain(&format!("{}.{criterion}", of.question)),
            None => plain(&of.question),
        };
        let anchor = plain(pupil);
        if self.back != "decide" {
            return format!("/a/{assignment}/{pupil}/{page}#q-{of}");
        }
        let since = id(self.since.as_deref()).map(|since| format!("?since={since}"));
        let since = since.unwrap_or_default();
        format!("/a/{assignment}/decide{since}#c-{anchor}-{of}")
    }
}

/// Answers our module with the name of what was done, and a plain form with its page.
fn after(headers: &HeaderMap, done: i64, back: &str) -> Response {
    if headers.contains_key(PART) {
        return done.to_string().into_response();
    }
    Redirect::to(back).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(verdict: Option<&str>, score: Option<&str>) -> Choice {
        Choice {
            of: Of { question: "q".into(), criterion: None },
            verdict: verdict.map(Into::into),
            score: None,
            points: score.map(Into::into),
            seen: None,
            place: Place { back: String::new(), since: None },
        }
    }

    #[test]
    fn verdicts_give_all_none_or_half() {
        let of = |verdict| mark(&choice(Some(verdict), None), 50);
        assert_eq!(of("right"), Some(MarkRow { verdict: Verdict::Right, score: 50 }));
        assert_eq!(of("wrong"), Some(MarkRow { verdict: Verdict::Wrong, score: 0 }));
        assert_eq!(of("partly"), Some(MarkRow { verdict: Verdict::Partly, score: 25 }));
        assert_eq!(of("blank"), None, "nobody decides that something is blank");
        assert_eq!(mark(&choice(None, None), 50), None);
    }

    #[test]
    fn points_give_their_verdict() {
        let of = |score| mark(&choice(None, Some(score)), 60).map(|m| (m.verdict, m.score));
        assert_eq!(of("6"), Some((Verdict::Right, 60)));
        assert_eq!(of(" 2.5 "), Some((Verdict::Partly, 25)));
        assert_eq!(of("0"), Some((Verdict::Wrong, 0)));
        for typed in ["２．５", "2。5", "２.５"] {
            assert_eq!(of(typed), Some((Verdict::Partly, 25)), "{typed}");
        }
        let both = Choice { score: Some("4".into()), ..choice(None, Some("2.5")) };
        assert_eq!(mark(&both, 60), None, "two things at once");
        assert_eq!(mark(&choice(Some("right"), Some("2.5")), 60), None, "two things at once");
        for bad in
            ["", "6.1", "7", "-1", "1e3", "2.55", ".", "2.", ".5", "六", "99999", "2。。5", "2。"]
        {
            assert_eq!(of(bad), None, "{bad}");
        }
    }
}
