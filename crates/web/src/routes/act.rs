//! What a teacher does: decide, take back, collect. Each works as a plain form too.

use axum::extract::{Form, Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use store::{AssignmentHead, Decision, MarkRow, ResponseName, Verdict};

use super::{assignment_of, decide as decide_page, paper};
use crate::app::Web;
use crate::visit::{Failure, Teacher};

/// What our own module asks for instead of a whole page.
const PART: &str = "x-part";

#[derive(Deserialize)]
pub(crate) struct Choice {
    question: String,
    /// `right`, `wrong` or `partly`.
    verdict: Option<String>,
    /// Whole points, of a button.
    score: Option<String>,
    /// Points as they were typed, such as `3` or `2.5`; counts where nothing above is said.
    points: Option<String>,
    /// Where it was decided: `paper` or `decide`.
    #[serde(default)]
    back: String,
}

type PaperPath = Path<(String, String, u32)>;

pub(crate) async fn decide(
    State(web): State<Web>,
    teacher: Teacher,
    Path((assignment, pupil, page)): PaperPath,
    headers: HeaderMap,
    Form(choice): Form<Choice>,
) -> Result<Response, Failure> {
    let head = assignment_of(&web, &teacher, &assignment).await?;
    let worksheet = web.worksheet(&head.worksheet, head.version).await?;
    let question = worksheet.question(&choice.question).ok_or(Failure::NotFound)?;
    let mark = mark(&choice, question.points.0).ok_or(Failure::BadRequest)?;
    let decision = Decision {
        response: ResponseName { pupil: pupil.clone(), question: choice.question.clone() },
        staff: teacher.staff.id.clone(),
        mark,
    };
    if !web.store.decide(&head, decision, web.now_ms()).await? {
        return Err(Failure::NotFound);
    }
    tracing::info!(staff = teacher.staff.id, assignment, question = choice.question, "decided");
    after(&web, &teacher, head, (&pupil, page), &choice, &headers).await
}

pub(crate) async fn undo(
    State(web): State<Web>,
    teacher: Teacher,
    Path((assignment, pupil, page)): PaperPath,
    headers: HeaderMap,
    Form(choice): Form<Choice>,
) -> Result<Response, Failure> {
    let head = assignment_of(&web, &teacher, &assignment).await?;
    let response = ResponseName { pupil: pupil.clone(), question: choice.question.clone() };
    // Nothing to take back is no error: two may have pressed the key.
    if web.store.undo(&head, response, web.now_ms()).await? {
        tracing::info!(staff = teacher.staff.id, assignment, question = choice.question, "undone");
    }
    after(&web, &teacher, head, (&pupil, page), &choice, &headers).await
}

pub(crate) async fn hand_in(
    State(web): State<Web>,
    teacher: Teacher,
    Path((assignment, pupil, page)): PaperPath,
) -> Result<Response, Failure> {
    let head = assignment_of(&web, &teacher, &assignment).await?;
    web.store.hand_in(&head, Some(pupil.clone()), web.now_ms()).await?;
    tracing::info!(staff = teacher.staff.id, assignment, "collected one pupil's papers");
    Ok(Redirect::to(&format!("/a/{}/{pupil}/{page}", head.id)).into_response())
}

pub(crate) async fn collect(
    State(web): State<Web>,
    teacher: Teacher,
    Path(assignment): Path<String>,
) -> Result<Response, Failure> {
    let head = assignment_of(&web, &teacher, &assignment).await?;
    let papers = web.store.hand_in(&head, None, web.now_ms()).await?;
    tracing::info!(staff = teacher.staff.id, assignment, papers, "collected an assignment");
    Ok(Redirect::to(&format!("/a/{}", head.id)).into_response())
}

/// The verdict and points that a form asks for; `None` where it asks for nothing possible.
fn mark(choice: &Choice, points_max: u32) -> Option<MarkRow> {
    let verdict = match choice.verdict.as_deref() {
        Some("right") => Verdict::Right,
        Some("wrong") => Verdict::Wrong,
        Some("partly") => Verdict::Partly,
        Some(_) => return None,
        None => {
            let score = tenths(choice.score.as_ref().or(choice.points.as_ref())?)?;
            let verdict = match score {
                0 => Verdict::Wrong,
                score if score == points_max => Verdict::Right,
                score if score < points_max => Verdict::Partly,
                _ => return None,
            };
            return Some(MarkRow { verdict, score });
        }
    };
    Some(MarkRow { verdict, score: paper::verdict_points(verdict, points_max) })
}

/// Points as people type them, in tenths: `3`, `2.5`, `2。5` is none.
fn tenths(text: &str) -> Option<u32> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
    let digits = |part: &str, max| {
        let good =
            !part.is_empty() && part.len() <= max && part.bytes().all(|b| b.is_ascii_digit());
        good.then(|| part.parse::<u32>().ok()).flatten()
    };
    Some(digits(whole, 4)? * 10 + digits(fraction, 1)?)
}

/// Back to where the form was: to our module its new part, to a plain form the page.
async fn after(
    web: &Web,
    teacher: &Teacher,
    head: AssignmentHead,
    (pupil, page): (&str, u32),
    choice: &Choice,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    let part = headers.contains_key(PART);
    match (choice.back.as_str(), part) {
        ("decide", true) => decide_page::respond(web, teacher, head, true).await,
        ("decide", false) => Ok(Redirect::to(&format!("/a/{}/decide", head.id)).into_response()),
        (_, true) => paper::respond(web, teacher, head, pupil, page, true).await,
        (_, false) => {
            // An id in a fragment: letters, figures and dashes only.
            let anchor: String = choice
                .question
                .chars()
                .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
                .collect();
            Ok(Redirect::to(&format!("/a/{}/{pupil}/{page}#q-{anchor}", head.id)).into_response())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(verdict: Option<&str>, score: Option<&str>) -> Choice {
        Choice {
            question: "q".into(),
            verdict: verdict.map(Into::into),
            score: None,
            points: score.map(Into::into),
            back: String::new(),
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
        let both = Choice { score: Some("4".into()), ..choice(None, Some("2.5")) };
        assert_eq!(mark(&both, 60).map(|m| m.score), Some(40), "the button that was pressed");
        for bad in ["", "6.1", "7", "-1", "1e3", "2.55", ".", "2.", ".5", "六", "99999"] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }
}
