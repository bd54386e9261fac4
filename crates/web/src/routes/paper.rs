//! The marked page.

use std::collections::HashMap;

use attribution::Roles;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use export::Sign;
use export::sheet::{Asked, Mark, Sheet};
use export::strokes::{self, PageRoles};
use ink::drawn::DrawnStroke;
use school::Right;
use store::{AssignmentHead, PaperFacts, PaperView, ResponseView, Seen, Source, Verdict};
use worksheet::{Criterion, Part, PartOf, Question, Rect, Score, Step, Worksheet, Written};

use super::evidence::{because, evidence, percent};
use super::{artwork, assignment_of, hands};
use crate::failure::Failure;
use crate::page::paper::{
    CriterionItem, Neighbour, Note, Owner, Paper, PaperPage, PaperPart, ResponseItem, Token,
};
use crate::page::{Crumb, State as PupilState, Todo, html, is_part, points, tick};
use crate::session::Teacher;
use crate::sign::{SignWord, source_word};
use crate::state::Web;
use crate::words::exports::ExportWords;
use crate::words::{self, Locale, Words, fill};

/// Writing shorter than this is no fact worth a line, milliseconds.
const WRITING_MS_MIN: i64 = 20_000;

pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Path((assignment, pupil, page)): Path<(String, String, u32)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let head = assignment_of(&web, &teacher, Right::See, &assignment).await?;
    let shown = Shown { pupil, page, part: is_part(query.as_deref()), said: None, pens: None };
    respond(&web, &teacher, head, shown).await
}

/// What is shown of an assignment.
pub(crate) struct Shown {
    pub(crate) pupil: String,
    pub(crate) page: u32,
    /// Whether only the changing part of the page is shown.
    pub(crate) part: bool,
    /// What is to be said beside a response.
    pub(crate) said: Option<Said>,
    /// What is to be said beside the pens.
    pub(crate) pens: Option<hands::Answer>,
}

/// Words beside a response, or beside one criterion of its rubric.
pub(crate) struct Said {
    pub(crate) part: String,
    pub(crate) criterion: Option<String>,
    pub(crate) words: String,
}

/// The page, or what changes of it.
pub(crate) async fn respond(
    web: &Web,
    teacher: &Teacher,
    head: AssignmentHead,
    shown: Shown,
) -> Result<Response, Failure> {
    let Shown { pupil, page, part, said, pens } = shown;
    let pupil = pupil.as_str();
    let locale = teacher.visitor.locale;
    let worksheet = web.worksheet(&head.worksheet, head.version).await?;
    let view = web.store.paper(&head, pupil, page).await?.ok_or(Failure::NotFound)?;
    let roles = roles(&view);
    let strokes = match &view.paper {
        Some(facts) => strokes_of(web, &head, pupil, page, facts).await?,
        None => Vec::new(),
    };
    let marks = strokes::marks(&strokes, &roles, None);
    let loose = roles.loose_count(&strokes);
    let mut paper = paper(&head, &worksheet, &view, page, marks, loose, locale)?;
    if let Some(Said { part, criterion, words }) = said
        && let Some(item) = paper.responses.iter_mut().find(|item| item.part == part)
    {
        match item.criteria.iter_mut().find(|other| Some(&other.id) == criterion.as_ref()) {
            Some(criterion) => criterion.said = Some(words),
            None => item.said = Some(words),
        }
    }
    // Where the sheet is shared is asked of the paper; without one there is nothing to be told.
    let shared = view.paper.as_ref().is_some_and(|facts| facts.shared);
    let of = hands::Of { head: &head, pupil: &view.pupil, page, shared };
    paper.hands = hands::hands(web, teacher, of, pens).await?;
    let w = locale.words();
    let title = locale.pick(&worksheet.title_zh, &worksheet.title_en);
    let crumbs = vec![
        Crumb::new(w.classes, "/"),
        Crumb::new(locale.pick(&head.class_zh, &head.class_en), format!("/c/{}", head.class)),
        Crumb::new(title, format!("/a/{}", head.id)),
        Crumb::here(&view.pupil.name),
    ];
    let mut layout = teacher.visitor.layout(format!("{} · {title}", view.pupil.name), crumbs);
    layout.here = paper.path();
    layout.may_decide = head.may_decide;
    if part {
        return Ok(html(&PaperPart { layout, paper })?.into_response());
    }
    let neighbour = |pupil: &store::PupilName| Neighbour {
        href: format!("/a/{}/{}/{page}", head.id, pupil.id),
        name: pupil.name.clone(),
    };
    let (previous, next) =
        (view.previous.as_ref().map(neighbour), view.next.as_ref().map(neighbour));
    let may_know = web.store.may_know(&teacher.scope, pupil).await?;
    let (class, after) = (head.class, view.after);
    let x = ExportWords::of(locale);
    let page = PaperPage { layout, class, after, previous, next, may_know, x, paper };
    Ok(html(&page)?.into_response())
}

/// What the marking made of each stroke of a page.
pub(crate) fn roles(view: &PaperView) -> PageRoles {
    let parts = view.responses.iter().map(|r| (r.part.as_str(), &r.strokes));
    let none = Roles::default();
    PageRoles::new(parts, view.paper.as_ref().map_or(&none, |facts| &facts.loose))
}

/// The strokes of a page: as they were marked, or, where there is newer ink, from its chunks.
pub(crate) async fn strokes_of(
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
    let registration = web.store.registration(&head.print_run, page).await?;
    web.apart(move || strokes::draw(&chunks, &registration)).await
}

/// Everything of the page that changes.
fn paper(
    head: &AssignmentHead,
    worksheet: &Worksheet,
    view: &PaperView,
    page: u32,
    marks: Vec<Mark>,
    loose: (usize, usize),
    locale: Locale,
) -> Result<Paper, Failure> {
    let w = locale.words();
    let artwork_page = worksheet.pages.iter().find(|other| other.number == page);
    let size = artwork_page.ok_or(Failure::NotFound)?;
    let settled = view.paper.as_ref().is_some_and(|facts| facts.settled);
    let mut responses = Vec::new();
    let mut asked = Vec::new();
    for of in worksheet.questions_on(page).flat_map(Question::each) {
        let Some(response) = view.responses.iter().find(|r| r.part == of.part.id) else {
            continue;
        };
        let mut item = response_item(of, (&view.pupil.id, response), settled, locale);
        let versions = view.paper.as_ref().map_or("", |facts| &facts.versions);
        item.evidence = evidence(response, versions, &view.marks, locale);
        // Where somebody still writes, an empty field says nothing.
        if item.sign != Sign::Blank || settled || response.source != Some(Source::Machine) {
            asked.push(asked_for(of, &item, w));
        }
        responses.push(item);
    }
    let scores: HashMap<&str, Score> =
        view.scores.iter().map(|(part, tenths)| (part.as_str(), Score(*tenths))).collect();
    let of_part = |part: &Part| scores.get(part.id.as_str()).copied();
    let here = worksheet.questions_on(page).filter_map(|question| question.earned(of_part));
    let here = here.reduce(|a, b| Score(a.0 + b.0));
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
    let sum = Sum::of(worksheet, of_part);
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
            let score = sum.points.map_or_else(|| "–".to_owned(), |score| score.to_string());
            let whole = fill(w.whole_paper, &[("score", &score), ("points", &worksheet.points())]);
            match sum.undecided {
                0 => whole,
                n => whole + &fill(w.with_undecided, &[("n", &n)]),
            }
        }),
        score: here.map(|score| score.to_string()),
        undecided: todo.decide + todo.score,
        points: points(worksheet.questions_on(page).map(|question| question.points().0).sum()),
        sheet: Sheet::new(size, artwork::href(&head.worksheet, head.version, page), marks, asked),
        has_ink,
        responses,
        todo,
        next_to_decide: view
            .next_to_decide
            .as_ref()
            .map(|(pupil, page)| format!("/a/{}/{pupil}/{page}", head.id)),
        notes: notes(view, loose, sum, w),
        hands: None,
        can_hand_in: head.may_decide && state == PupilState::Begun,
        handed_in_ms: (view.paper.as_ref())
            .and_then(|facts| facts.handed_in_ms)
            .filter(|_| head.may_decide),
    })
}

/// The state; where it settled by itself, with the cause.
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

fn asked_for(of: PartOf<'_>, item: &ResponseItem, w: &'static Words) -> Asked {
    let mut title = format!("{} · {}", words::part(&of, w), item.sign.word(w));
    if let Some(source) = item.source {
        title.push_str(" · ");
        title.push_str(source);
    }
    Asked {
        question: of.part.id.clone(),
        sign: item.sign,
        provisional: item.provisional,
        title,
        field: field(of),
    }
}

/// The bounds of a part's field and score boxes.
pub(crate) fn field(of: PartOf<'_>) -> Rect {
    let nowhere = Rect { x_um: 0, y_um: 0, width_um: 0, height_um: 0 };
    Rect::around(of.part.rects()).unwrap_or(nowhere)
}

/// A response as the list shows it.
pub(crate) fn response_item(
    of: PartOf<'_>,
    (pupil, response): (&str, &ResponseView),
    settled: bool,
    locale: Locale,
) -> ResponseItem {
    let w = locale.words();
    let sign = Sign::of(response.verdict, response.wanted);
    let waits = sign.waits();
    let reading = response.shown_reading();
    let because = because(response, locale).filter(|_| waits);
    let told = because.as_ref().is_some_and(|(_, told)| *told);
    let alternatives: Vec<(String, f64)> =
        serde_json::from_str(&response.alternatives).unwrap_or_default();
    let mut process = slips(of, reading, w);
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
        part: of.part.id.clone(),
        label: of.question.label.clone() + &words::blank(&of),
        prompt: tick(&of.question.prompt),
        sign,
        provisional: !settled && !waits,
        source: response.source.filter(|_| !waits).map(|source| source_word(source, w)),
        reading: reading.map(tick),
        certainty: response.probability.filter(|_| reading.is_some() && !told).map(percent),
        alternatives: alternatives
            .into_iter()
            .filter(|(text, probability)| {
                waits && reading.is_some() && !text.is_empty() && *probability >= 0.01
            })
            .take(2)
            .map(|(text, probability)| (tick(&text), percent(probability)))
            .collect(),
        criteria: criteria(of, response, waits, w),
        answer: of.answer().as_deref().map(tick),
        model_answer: of.part.model_answer.clone(),
        score: response.score.filter(|_| !waits).map(points),
        points: of.part.points.to_string(),
        review: because.map(|(text, _)| text),
        owners: vec![owner(pupil, response)],
        decided_by: response.decided_by.clone(),
        said: None,
        process,
        evidence: Vec::new(),
    }
}

/// Which steps of an answer do not follow from the one before, in words.
pub(super) fn slips(of: PartOf<'_>, reading: Option<&str>, w: &'static Words) -> Vec<String> {
    let read = reading.and_then(|text| Written::parse(&of.part.kind, text));
    let steps = read.map_or_else(Vec::new, |read| of.part.steps(&read));
    let slip = |(n, step): (usize, &Step)| {
        let value = step.should_be.as_ref()?;
        Some(fill(
            w.step_slipped,
            &[("n", &n), ("from", &step.from), ("to", &step.to), ("value", value)],
        ))
    };
    (1..).zip(&steps).filter_map(slip).collect()
}

/// Whose a response is, and what is shown of it.
pub(crate) fn owner(pupil: &str, response: &ResponseView) -> Owner {
    let seen = Token(Seen { changed_rev: response.changed_rev, mark: response.mark });
    Owner { pupil: pupil.to_owned(), seen, mark: response.mark }
}

/// The criteria of a rubric with what is given for each.
fn criteria(
    of: PartOf<'_>,
    response: &ResponseView,
    waits: bool,
    w: &'static Words,
) -> Vec<CriterionItem> {
    let item = |criterion: &Criterion| {
        let given = response.criteria.iter().find(|given| given.criterion == criterion.id);
        let mark = given.and_then(|given| given.mark);
        CriterionItem {
            id: criterion.id.clone(),
            text: criterion.text.clone(),
            points: criterion.points.to_string(),
            score: given.map(|given| points(given.score)),
            waits: waits && given.is_none(),
            source: given.map(|given| source_word(given.source, w)),
            decided_by: given.and_then(|given| given.decided_by.clone()),
            seen: Token(Seen { changed_rev: response.changed_rev, mark }),
            mark,
            said: None,
        }
    };
    of.part.criteria().iter().map(item).collect()
}

/// What all pages come to.
#[derive(Clone, Copy)]
struct Sum {
    /// The points that are given; `None` where none are.
    points: Option<Score>,
    /// How many answers have none yet.
    undecided: usize,
}

impl Sum {
    fn of(worksheet: &Worksheet, of_part: impl Fn(&Part) -> Option<Score>) -> Self {
        let undecided = worksheet.parts().filter(|of| of_part(of.part).is_none()).count();
        Self { points: worksheet.earned(of_part), undecided }
    }
}

fn notes(
    view: &PaperView,
    (loose, loose_red): (usize, usize),
    sum: Sum,
    w: &'static Words,
) -> Vec<Note> {
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
    if loose > 0 {
        note(fill(w.loose_ink, &[("n", &loose)]), "");
    }
    if loose_red > 0 {
        note(fill(w.loose_red, &[("n", &loose_red)]), "");
    }
    if let Some(text) = facts.red_total.and_then(|total| total_note(Score(total), sum, w)) {
        note(text, "");
    }
    let again = view.responses.iter().filter(|response| response.written_since);
    if again.count() > 0 {
        note(w.decided_before_ink.into(), "");
    }
    notes
}

/// How the total that was written in red differs from the sum. What waits for a person is in no sum.
fn total_note(total: Score, sum: Sum, w: &'static Words) -> Option<String> {
    let points = sum.points.unwrap_or_default();
    let text = match sum.undecided {
        0 if points == total => return None,
        0 => w.red_total,
        _ => w.red_total_open,
    };
    Some(fill(text, &[("total", &total), ("sum", &points), ("n", &sum.undecided)]))
}

/// The points of a verdict: all, none, or half of them in whole tenths.
pub(crate) fn verdict_points(verdict: Verdict, points_max: u32) -> u32 {
    match verdict {
        Verdict::Right => points_max,
        Verdict::Partly => points_max / 2,
        Verdict::Wrong | Verdict::Blank => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_in_red_is_held_against_the_sum_while_something_waits_too() {
        let w = Locale::Zh.words();
        let note = |total, points, undecided| {
            total_note(Score(total), Sum { points: Some(Score(points)), undecided }, w)
        };
        assert_eq!(note(950, 950, 0), None);
        let differs = note(950, 900, 0).unwrap();
        assert!(differs.contains("95") && differs.contains("90"), "{differs}");
        let open = note(950, 900, 2).unwrap();
        assert!(open.contains("还有 2 处待定"), "{open}");
        assert!(note(900, 900, 1).is_some(), "they agree by chance");
    }
}
