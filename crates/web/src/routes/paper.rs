//! The marked page.

use attribution::Roles;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use ink::drawn::DrawnStroke;
use store::{AssignmentHead, PaperFacts, PaperView, ResponseView, Seen, Source, Verdict};
use worksheet::{Question, Rect, Worksheet};

use super::{artwork, assignment_of, html, is_part};
use crate::app::Web;
use crate::page::paper::{Neighbour, Note, Paper, PaperPage, PaperPart, ResponseItem, Token};
use crate::page::{Crumb, Sign, State as PupilState, Todo, points, source_word, tick};
use crate::sheet::{Asked, Mark, Sheet};
use crate::strokes::{self, PageRoles};
use crate::visit::{Failure, Teacher};
use crate::words::{self, Locale, Words, fill};

/// Writing shorter than this is no fact worth a line, milliseconds.
const WRITING_MS_MIN: i64 = 20_000;

pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Path((assignment, pupil, page)): Path<(String, String, u32)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let head = assignment_of(&web, &teacher, &assignment).await?;
    let shown = Shown { pupil, page, part: is_part(query.as_deref()), said: None };
    respond(&web, &teacher, head, shown).await
}

/// What is shown of an assignment.
pub(crate) struct Shown {
    pub(crate) pupil: String,
    pub(crate) page: u32,
    /// Whether only what changes of the page.
    pub(crate) part: bool,
    /// A question, and what is to be said beside it.
    pub(crate) said: Option<(String, String)>,
}

/// The page, or what changes of it.
pub(crate) async fn respond(
    web: &Web,
    teacher: &Teacher,
    head: AssignmentHead,
    shown: Shown,
) -> Result<Response, Failure> {
    let Shown { pupil, page, part, said } = shown;
    let pupil = pupil.as_str();
    let locale = teacher.visitor.locale;
    let worksheet = web.worksheet(&head.worksheet, head.version).await?;
    let view = web.store.paper(&head, pupil, page).await?.ok_or(Failure::NotFound)?;
    let roles = roles(&view);
    let marks = match &view.paper {
        Some(facts) => {
            let strokes = strokes_of(web, &head, pupil, page, facts).await?;
            strokes::marks(&strokes, &roles, None)
        }
        None => Vec::new(),
    };
    let mut paper = paper(&head, &worksheet, &view, page, marks, &roles, locale)?;
    if let Some((question, words)) = said
        && let Some(item) = paper.responses.iter_mut().find(|item| item.question == question)
    {
        item.said = Some(words);
    }
    let w = locale.words();
    let title = locale.pick(&worksheet.title_zh, &worksheet.title_en);
    let crumbs = vec![
        Crumb::new(w.classes, "/"),
        Crumb::new(locale.pick(&head.class_zh, &head.class_en), format!("/c/{}", head.class)),
        Crumb::new(title, format!("/a/{}", head.id)),
        Crumb::here(&view.pupil.name),
    ];
    let mut chrome = teacher.visitor.chrome(format!("{} · {title}", view.pupil.name), crumbs);
    chrome.here = paper.path();
    if part {
        return Ok(html(&PaperPart { chrome, paper })?.into_response());
    }
    let neighbour = |pupil: &store::PupilName| Neighbour {
        href: format!("/a/{}/{}/{page}", head.id, pupil.id),
        name: pupil.name.clone(),
    };
    let (previous, next) =
        (view.previous.as_ref().map(neighbour), view.next.as_ref().map(neighbour));
    let page = PaperPage { chrome, class: head.class, after: view.after, previous, next, paper };
    Ok(html(&page)?.into_response())
}

fn roles(view: &PaperView) -> PageRoles {
    let questions = view.responses.iter().map(|r| (r.question.as_str(), &r.strokes));
    let none = Roles::default();
    PageRoles::new(questions, view.paper.as_ref().map_or(&none, |facts| &facts.loose))
}

/// The strokes of a page: as they were marked, or, where there is newer ink, from its chunks.
async fn strokes_of(
    web: &Web,
    head: &AssignmentHead,
    pupil: &str,
    page: u32,
    facts: &PaperFacts,
) -> Result<Vec<DrawnStroke>, Failure> {
    if facts.marked && !facts.stale {
        let mut drawn = web.store.drawn_ink(head, &[(pupil, page)]).await?;
        if let Some(strokes) = drawn.remove(&(pupil.to_owned(), page)) {
            return Ok(strokes);
        }
    }
    decode(web, head, pupil, page, facts).await
}

/// Decodes the strokes of a page, off the async threads.
pub(crate) async fn decode(
    web: &Web,
    head: &AssignmentHead,
    pupil: &str,
    page: u32,
    facts: &PaperFacts,
) -> Result<Vec<DrawnStroke>, Failure> {
    let chunks = web.store.paper_ink(head, pupil, page, facts).await?;
    let registration = web.store.load_print_run(&head.print_run).await?.registration;
    web.apart(move || strokes::draw(&chunks, &registration)).await
}

/// Everything of the page that changes.
fn paper(
    head: &AssignmentHead,
    worksheet: &Worksheet,
    view: &PaperView,
    page: u32,
    marks: Vec<Mark>,
    roles: &PageRoles,
    locale: Locale,
) -> Result<Paper, Failure> {
    let w = locale.words();
    let artwork_page = worksheet.pages.iter().find(|other| other.number == page);
    let size = artwork_page.ok_or(Failure::NotFound)?;
    let settled = view.paper.as_ref().is_some_and(|facts| facts.settled);
    let mut responses = Vec::new();
    let mut asked = Vec::new();
    for question in worksheet.questions_on(page) {
        let Some(response) = view.responses.iter().find(|r| r.question == question.id) else {
            continue;
        };
        let item = response_item(question, response, settled, w);
        // Where somebody still writes, an empty field says nothing.
        if item.sign != Sign::Blank || settled || response.source != Some(Source::Machine) {
            asked.push(asked_for(question, &item, w));
        }
        responses.push(item);
    }
    let scored = view.responses.iter().any(|response| response.score.is_some());
    let tenths = view.responses.iter().filter_map(|response| response.score).sum();
    let has_ink = !marks.is_empty();
    let state = match &view.paper {
        None => PupilState::Missing,
        Some(facts) if facts.handed_in => PupilState::closed(facts.handed_in_ms.is_some()),
        Some(_) => PupilState::Begun,
    };
    let count = |sign| {
        let n = responses.iter().filter(|item: &&ResponseItem| item.sign == sign).count();
        u32::try_from(n).unwrap_or(u32::MAX)
    };
    let todo = Todo { decide: count(Sign::Decide), score: count(Sign::Score) };
    Ok(Paper {
        assignment: head.id.clone(),
        pupil: view.pupil.id.clone(),
        number: view.pupil.number,
        name: view.pupil.name.clone(),
        page,
        pages: u32::try_from(worksheet.pages.len()).unwrap_or(u32::MAX),
        state,
        state_words: state_words(state, view, head, w),
        whole: (worksheet.pages.len() > 1).then(|| {
            let score = view.whole.map_or_else(|| "–".to_owned(), points);
            let all = points(worksheet.questions.iter().map(|question| question.points.0).sum());
            fill(w.whole_paper, &[("score", &score), ("points", &all)])
        }),
        score: scored.then(|| points(tenths)),
        points: points(worksheet.questions_on(page).map(|question| question.points.0).sum()),
        sheet: Sheet::new(size, artwork::href(&head.worksheet, head.version, page), marks, asked),
        has_ink,
        responses,
        todo,
        next_to_decide: view
            .next_to_decide
            .as_ref()
            .map(|(pupil, page)| format!("/a/{}/{pupil}/{page}", head.id)),
        notes: notes(view, roles, w),
        can_hand_in: state == PupilState::Begun,
        handed_in_ms: view.paper.as_ref().and_then(|facts| facts.handed_in_ms),
    })
}

/// The state; of what settled by itself, also by what cause.
fn state_words(
    state: PupilState,
    view: &PaperView,
    head: &AssignmentHead,
    w: &'static Words,
) -> String {
    let settled_ms = view.paper.as_ref().and_then(|facts| facts.settled_ms);
    match (state, settled_ms) {
        (PupilState::Settled, Some(settled_ms)) if settled_ms < head.due_ms => {
            let minutes = (head.quiet_ms / 60_000).max(1);
            if minutes % 60 == 0 {
                return fill(w.settled_rest_h, &[("n", &(minutes / 60))]);
            }
            fill(w.settled_rest_min, &[("n", &minutes)])
        }
        (PupilState::Settled, _) => w.settled_due.to_owned(),
        _ => state.word(w).to_owned(),
    }
}

fn asked_for(question: &Question, item: &ResponseItem, w: &'static Words) -> Asked {
    let mut title = format!("{} · {}", words::question(&question.label, w), item.sign.word(w));
    if let Some(source) = item.source {
        title.push_str(" · ");
        title.push_str(source);
    }
    Asked {
        question: question.id.clone(),
        sign: item.sign,
        provisional: item.provisional,
        title,
        field: field(question),
    }
}

/// The bounds of all fields of a question.
pub(crate) fn field(question: &Question) -> Rect {
    let bounds =
        question.rects().map(|r| (r.x_um, r.y_um, r.x_um + r.width_um, r.y_um + r.height_um));
    let (x0, y0, x1, y1) = bounds
        .reduce(|a, b| (a.0.min(b.0), a.1.min(b.1), a.2.max(b.2), a.3.max(b.3)))
        .unwrap_or_default();
    Rect { x_um: x0, y_um: y0, width_um: x1 - x0, height_um: y1 - y0 }
}

/// A response as the list shows it.
pub(crate) fn response_item(
    question: &Question,
    response: &ResponseView,
    settled: bool,
    w: &'static Words,
) -> ResponseItem {
    let sign = Sign::of(response.verdict, response.wanted);
    let waits = sign.waits();
    // What was crossed out is no answer, and what is as good as impossible is no reading.
    let is_read = response.review.as_deref() != Some("crossed_out")
        && response.probability.is_none_or(|probability| probability >= 0.01);
    let percent = |probability: f64| {
        // Between 0 and 100 after the clamp.
        (probability * 100.0).floor().clamp(0.0, 100.0) as u32
    };
    let alternatives: Vec<(String, f64)> =
        serde_json::from_str(&response.alternatives).unwrap_or_default();
    let mut process = Vec::new();
    if response.rewrites > 0 {
        process.push(fill(w.rewrote, &[("n", &response.rewrites)]));
    }
    if response.writing_ms >= WRITING_MS_MIN {
        process.push(fill(w.time_writing, &[("n", &(response.writing_ms / 1_000))]));
    }
    if response.written_since {
        process.push(w.decided_before_ink.to_owned());
    }
    ResponseItem {
        question: question.id.clone(),
        label: question.label.clone(),
        prompt: tick(&question.prompt),
        sign,
        provisional: !settled && !waits,
        source: response.source.filter(|_| !waits).map(|source| source_word(source, w)),
        reading: response.reading.as_deref().filter(|text| is_read && !text.is_empty()).map(tick),
        certainty: response
            .probability
            .filter(|_| is_read && response.reading.is_some())
            .map(percent),
        alternatives: alternatives
            .into_iter()
            .filter(|(text, probability)| {
                waits && is_read && !text.is_empty() && *probability >= 0.01
            })
            .take(2)
            .map(|(text, probability)| (tick(&text), percent(probability)))
            .collect(),
        answer: question.key.as_deref().map(tick),
        model_answer: question.model_answer.clone(),
        score: response.score.filter(|_| !waits).map(points),
        points: question.points.to_string(),
        review: response.review.as_deref().filter(|_| waits).map(|code| because(code, w)),
        seen: Token(Seen { changed_rev: response.changed_rev, mark: response.mark }),
        mark: response.mark,
        decided_by: response.decided_by.clone(),
        said: None,
        process,
    }
}

/// Why a person must decide, in words.
fn because(code: &str, w: &'static Words) -> &'static str {
    match code {
        "low_confidence" => w.because_low_confidence,
        "ambiguous_field" => w.because_ambiguous_field,
        "two_bubbles" => w.because_two_bubbles,
        "light_bubble" => w.because_light_bubble,
        "out_of_alphabet" => w.because_out_of_alphabet,
        "crossed_out" => w.because_crossed_out,
        "overwritten" => w.because_overwritten,
        "crowded" => w.because_crowded,
        "incomplete_ink" => w.because_incomplete_ink,
        "several_pens" => w.because_several_pens,
        "no_key" => w.because_no_key,
        "red_unclear" => w.because_red_unclear,
        _ => w.because_other,
    }
}

fn notes(view: &PaperView, roles: &PageRoles, w: &'static Words) -> Vec<Note> {
    let Some(facts) = &view.paper else { return Vec::new() };
    let mut notes = Vec::new();
    let mut note = |text: String, why| notes.push(Note { text, why });
    if facts.foreign_pen {
        note(w.foreign_pen.into(), w.foreign_pen_why);
    }
    if facts.fault {
        note(w.fault.into(), "");
    }
    if facts.stale && facts.marked {
        note(w.late_ink.into(), "");
    }
    let loose = roles.loose_count();
    if loose > 0 {
        note(fill(w.loose_ink, &[("n", &loose)]), "");
    }
    let again = view.responses.iter().filter(|response| response.written_since);
    if again.count() > 0 {
        note(w.decided_before_ink.into(), "");
    }
    notes
}

/// The points of a verdict: all, none, or half of them in whole tenths.
pub(crate) fn verdict_points(verdict: Verdict, points_max: u32) -> u32 {
    match verdict {
        Verdict::Right => points_max,
        Verdict::Partly => points_max / 2,
        Verdict::Wrong | Verdict::Blank => 0,
    }
}
