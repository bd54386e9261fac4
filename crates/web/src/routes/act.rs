//! What a teacher does: decide, take back, collect. Each works as a plain form too.

use axum::Json;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use export::Sign;
use school::Right;
use serde::{Deserialize, Serialize};
use store::{
    AssignmentHead, Decided, Decision, GROUP_MAX, MarkRow, ResponseName, Seen, Standing, Verdict,
};

use super::paper::{Said, Shown};
use super::{assignment_of, decide, paper};
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

/// What a form about a part of a question says. A form names several pupils by the same field.
#[derive(Default)]
struct Sent {
    /// The part of a question.
    question: String,
    /// A criterion of its rubric.
    criterion: Option<String>,
    /// `right`, `wrong` or `partly`.
    verdict: Option<String>,
    /// Whole points, of a button.
    score: Option<String>,
    /// Points as they were typed, such as `3` or `2.5`.
    points: Option<String>,
    /// Whose is decided, and what the page showed of each: `p-1:7.31`.
    members: Vec<(String, Seen)>,
    /// What is taken back: pupils and marks, `p-1:31`.
    of: Vec<(String, i64)>,
    /// Whether the form stood at the decide page, and not on a paper.
    decide: bool,
    /// The mark after which the sitting at the decide page began.
    since: Option<i64>,
}

impl Sent {
    /// What a form says; `None` where it names no part, or a pupil in a way that no page does, or
    /// more pupils than a group has.
    fn parse(pairs: Vec<(String, String)>) -> Option<Self> {
        let mut sent = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "question" => sent.question = value,
                "criterion" => sent.criterion = Some(value),
                "verdict" => sent.verdict = Some(value),
                "score" => sent.score = Some(value),
                "points" => sent.points = Some(value),
                "member" => {
                    let (pupil, seen) = value.rsplit_once(':')?;
                    let Token(seen) = seen.parse().ok()?;
                    sent.members.push((pupil.to_owned(), seen));
                }
                "of" => {
                    let (pupil, mark) = value.rsplit_once(':')?;
                    sent.of.push((pupil.to_owned(), mark.parse().ok()?));
                }
                "back" => sent.decide = value == "decide",
                "since" => sent.since = id(Some(&value)),
                _ => {}
            }
        }
        let few = sent.members.len().max(sent.of.len()) <= GROUP_MAX;
        (few && !sent.question.is_empty()).then_some(sent)
    }

    fn name(&self, pupil: &str) -> ResponseName {
        let (part, criterion) = (self.question.clone(), self.criterion.clone());
        ResponseName { pupil: pupil.to_owned(), part, criterion }
    }

    /// The address of the form: of a pupil's response on a page.
    fn path(&self, assignment: &str, pupil: &str, page: u32) -> String {
        // Ids in a fragment: letters, figures, dashes and the dots before parts and criteria.
        let plain = |id: &str| -> String {
            id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.')).collect()
        };
        let of = match &self.criterion {
            Some(criterion) => plain(&format!("{}.{criterion}", self.question)),
            None => plain(&self.question),
        };
        let anchor = plain(pupil);
        if !self.decide {
            return format!("/a/{assignment}/{anchor}/{page}#q-{of}");
        }
        let since = self.since.map(|since| format!("?since={since}")).unwrap_or_default();
        format!("/a/{assignment}/decide{since}#c-{anchor}-{of}")
    }
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
    Path(assignment): Path<String>,
    headers: HeaderMap,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let head = assignment_of(&web, &teacher, Right::Decide, &assignment).await?;
    let Some(sent) = Sent::parse(pairs) else { return refused(&teacher, decide_path(&head)) };
    let (page, points_max) = asked(&web, &head, &sent).await?;
    let (Some(mark), Some((first, _))) = (mark(&sent, points_max), sent.members.first()) else {
        return refused(&teacher, decide_path(&head));
    };
    let back = sent.path(&head.id, first, page);
    let decision = |(pupil, seen): &(String, Seen)| {
        let staff = teacher.staff.id.clone();
        (Decision { response: sent.name(pupil), staff, mark }, *seen)
    };
    let decisions = sent.members.iter().map(decision).collect();
    let decided = web.store.decide_each(&head, decisions, web.now_ms()).await?;
    let decided = decided.ok_or(Failure::NotFound)?;
    let mut told = Told::default();
    let mut left = Vec::new();
    for ((pupil, seen), decided) in sent.members.iter().zip(decided) {
        match decided {
            Decided::Stored(id) => told.marks.push(format!("{pupil}:{id}")),
            other => left.push((pupil, *seen, other)),
        }
    }
    let (staff, part, members) = (&teacher.staff.id, &sent.question, told.marks.len());
    if members > 0 {
        tracing::info!(staff, assignment, part, members, "decided");
    }
    let w = teacher.visitor.locale.words();
    for (pupil, seen, why) in left {
        let (words, seen) = if sent.members.len() == 1 {
            unseen(&why, seen, w)
        } else {
            let view = web.store.paper(&head, pupil, page).await?.ok_or(Failure::NotFound)?;
            (left_out(&why, &view.pupil.name, w), unseen(&why, seen, w).1)
        };
        told.left.push(format!("{pupil}:{}", Token(seen)));
        told.words = format!("{} {words}", told.words).trim_start().to_owned();
    }
    answer(&web, &teacher, head, (sent, page), told, &back, &headers).await
}

pub(crate) async fn undo(
    State(web): State<Web>,
    teacher: Teacher,
    Path(assignment): Path<String>,
    headers: HeaderMap,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let head = assignment_of(&web, &teacher, Right::Decide, &assignment).await?;
    let Some(sent) = Sent::parse(pairs) else { return refused(&teacher, decide_path(&head)) };
    let (page, _) = asked(&web, &head, &sent).await?;
    let Some((first, mark)) = sent.of.first() else {
        return refused(&teacher, decide_path(&head));
    };
    let back = sent.path(&head.id, first, page);
    let of = sent.of.iter().map(|(pupil, mark)| (sent.name(pupil), *mark)).collect();
    if !web.store.undo_each(&head, of, web.now_ms()).await? {
        return Err(Failure::NotFound);
    }
    let (staff, part, members) = (&teacher.staff.id, &sent.question, sent.of.len());
    tracing::info!(staff, assignment, part, members, "undone");
    Ok(after(&headers, *mark, &back))
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

/// What came of a decision, for our module.
#[derive(Default, Serialize)]
struct Told {
    /// What is stored, as an undo names it: `p-1:31`.
    marks: Vec<String>,
    /// What is not, with what has been seen of it now: `p-2:8`.
    left: Vec<String>,
    /// Why not.
    words: String,
}

/// What happened to the only response of a form since the page was shown, and what has been seen of
/// it once that is told: a second press counts.
fn unseen(why: &Decided, seen: Seen, w: &'static Words) -> (String, Seen) {
    match why {
        Decided::Contested(standing) => {
            let words = overruled(w.contested, standing, "", w);
            (words, Seen { mark: Some(standing.id), ..seen })
        }
        Decided::Rewritten(changed_rev) => {
            (w.rewritten.to_owned(), Seen { changed_rev: *changed_rev, ..seen })
        }
        Decided::Stored(_) => (String::new(), seen),
    }
}

/// Why one of a group is not decided with the others.
fn left_out(why: &Decided, name: &str, w: &'static Words) -> String {
    match why {
        Decided::Contested(standing) => overruled(w.left_contested, standing, name, w),
        _ => fill(w.left_rewritten, &[("name", &isolated(name))]),
    }
}

/// Who decided what since the page was shown, of whose response if the text says so.
fn overruled(text: &str, standing: &Standing, pupil: &str, w: &'static Words) -> String {
    let verdict = Sign::of(Some(standing.verdict), None).word(w);
    let (staff, points) = (isolated(&standing.name), points(standing.score));
    // The text for a single response calls who decided by `name`.
    let name = if pupil.is_empty() { staff.clone() } else { isolated(pupil) };
    let values: [(&str, &dyn std::fmt::Display); 4] =
        [("name", &name), ("staff", &staff), ("verdict", &verdict), ("points", &points)];
    fill(text, &values)
}

/// Says what is stored and what is not. Our module gets it as it is; a plain form gets its page, with
/// the words on it where something is not stored.
async fn answer(
    web: &Web,
    teacher: &Teacher,
    head: AssignmentHead,
    (sent, page): (Sent, u32),
    told: Told,
    back: &str,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    let status = if told.marks.is_empty() { StatusCode::CONFLICT } else { StatusCode::OK };
    if headers.contains_key(PART) {
        return Ok((status, Json(told)).into_response());
    }
    if told.left.is_empty() {
        return Ok(Redirect::to(back).into_response());
    }
    let words = told.words;
    let page = match &sent.members[..] {
        [(pupil, _)] => {
            let said = Said { part: sent.question, criterion: sent.criterion, words };
            let pupil = pupil.clone();
            let shown = Shown { pupil, page, part: false, said: Some(said), pens: None };
            paper::respond(web, teacher, head, shown).await?
        }
        _ => {
            let shown = decide::Shown { since: sent.since, part: false, said: Some(words) };
            decide::respond(web, teacher, head, shown).await?
        }
    };
    Ok((StatusCode::CONFLICT, page).into_response())
}

/// The page of a part and the points, in tenths, of it or of one of its criteria; not found where
/// the worksheet has no such part, or where the part is not judged in this way.
async fn asked(web: &Web, head: &AssignmentHead, sent: &Sent) -> Result<(u32, u32), Failure> {
    let worksheet = web.worksheet(&head.worksheet, head.version).await?;
    let of = worksheet.part(&sent.question).ok_or(Failure::NotFound)?;
    let points = of.part.points_of(sent.criterion.as_deref()).ok_or(Failure::NotFound)?;
    Ok((of.question.page, points.0))
}

fn decide_path(head: &AssignmentHead) -> String {
    format!("/a/{}/decide", head.id)
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
fn mark(choice: &Sent, points_max: u32) -> Option<MarkRow> {
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

    fn choice(verdict: Option<&str>, score: Option<&str>) -> Sent {
        let (verdict, points) = (verdict.map(Into::into), score.map(Into::into));
        Sent { question: "q".into(), verdict, points, ..Sent::default() }
    }

    #[test]
    fn a_form_names_pupils_as_pages_do_and_no_more_than_a_group_has() {
        let sent = |pairs: &[(&str, &str)]| {
            let pairs = [("question", "q")].iter().chain(pairs);
            Sent::parse(pairs.map(|(name, value)| (name.to_string(), value.to_string())).collect())
        };
        let two = sent(&[("member", "p-1:7"), ("member", "x:y:8.31")]).unwrap();
        let seen = |changed_rev, mark| Seen { changed_rev, mark };
        let expected = [("p-1".to_owned(), seen(7, None)), ("x:y".to_owned(), seen(8, Some(31)))];
        assert_eq!(two.members, expected);
        for bad in ["", "p-1", "p-1:", "p-1:x", "p-1:7."] {
            assert!(sent(&[("member", bad)]).is_none(), "{bad}");
        }
        assert!(sent(&[("of", "p-1:7.31")]).is_none());
        assert!(sent(&vec![("member", "p-1:7"); GROUP_MAX]).is_some());
        assert!(sent(&vec![("member", "p-1:7"); GROUP_MAX + 1]).is_none());
        assert!(sent(&vec![("of", "p-1:7"); GROUP_MAX + 1]).is_none());
        assert!(Sent::parse(vec![("member".into(), "p-1:7".into())]).is_none(), "of nothing");
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
        let both = Sent { score: Some("4".into()), ..choice(None, Some("2.5")) };
        assert_eq!(mark(&both, 60), None, "two things at once");
        assert_eq!(mark(&choice(Some("right"), Some("2.5")), 60), None, "two things at once");
        for bad in
            ["", "6.1", "7", "-1", "1e3", "2.55", ".", "2.", ".5", "六", "99999", "2。。5", "2。"]
        {
            assert_eq!(of(bad), None, "{bad}");
        }
    }
}
