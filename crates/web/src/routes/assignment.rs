//! Pupils × questions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use export::Sign;
use school::Right;
use store::{AssignmentHead, MatrixRow, MatrixView, PaperState, Source, Verdict, Wanted};
use worksheet::{Part, Question, Score, Worksheet};

use super::{assignment_of, keys};
use crate::dates;
use crate::failure::Failure;
use crate::page::assignment::{
    AssignmentPage, AssignmentPart, Cell, Collection, Column, Facility, Matrix, Row,
};
use crate::page::{Crumb, State as PupilState, States, Todo, html, is_part, points, tick};
use crate::session::Teacher;
use crate::state::Web;
use crate::words::exports::ExportWords;
use crate::words::parents::ParentsWords;
use crate::words::{self, Locale, fill, isolated};

/// Answers that are told of which pupils wrote on after they were decided. Deciding one shows the next.
const LATE_MAX: usize = 5;

/// Collections that can be taken back from the matrix; a pupil's own page has the way for older ones.
const COLLECTIONS_MAX: usize = 5;

pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Path(assignment): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let locale = teacher.visitor.locale;
    let head = assignment_of(&web, &teacher, Right::See, &assignment).await?;
    let worksheet = web.worksheet(&head.worksheet, head.version).await?;
    let view = web.store.matrix(&head).await?;
    let after = view.after;
    let shown = query.as_deref().and_then(shown);
    let mut matrix = matrix(&head, &worksheet, &view, Now { ms: web.now_ms(), shown }, locale);
    if head.may_decide {
        for row in keys::doubted(&web, &head).await? {
            let Some(of) = worksheet.part(&row.part) else { continue };
            let href = format!("/a/{}/q/{}#key", head.id, of.question.id);
            matrix.doubts.push((keys::doubt(of, &row, locale), href));
        }
        let late = web.store.written_since(&head).await?;
        for row in late.iter().take(LATE_MAX) {
            let Some(of) = worksheet.part(&row.part) else { continue };
            let values: [(&str, &dyn std::fmt::Display); 2] =
                [("pupil", &isolated(&row.name)), ("part", &words::part(&of, locale.words()))];
            let href = format!("/a/{}/{}/{}#q-{}", head.id, row.pupil, row.page, row.part);
            matrix.doubts.push((fill(locale.words().written_since, &values), href));
        }
        for (words, question) in keys::begun(&web, &head, &worksheet, locale).await? {
            matrix.doubts.push((words, format!("/a/{}/q/{question}#key", head.id)));
        }
    }
    if !head.may_decide {
        (matrix.todo, matrix.collectable) = (Todo::default(), 0);
    } else if web.now_ms() < head.due_ms {
        // What is due settles whatever the teacher says.
        matrix.collections = collections(&view.papers, locale);
    }
    let w = locale.words();
    let crumbs = vec![
        Crumb::new(w.classes, "/"),
        Crumb::new(locale.pick(&head.class_zh, &head.class_en), format!("/c/{}", head.class)),
        Crumb::here(&matrix.title),
    ];
    let mut layout = teacher.visitor.layout(&matrix.title, crumbs);
    layout.may_decide = head.may_decide;
    if is_part(query.as_deref()) {
        return Ok(html(&AssignmentPart { layout, matrix })?.into_response());
    }
    layout.here = matrix.path(false);
    let given = web.store.assignment_of(&teacher.scope, Right::Assign, &head.id).await?;
    let page = AssignmentPage {
        layout,
        class: head.class,
        after,
        assigned: dates::minute(head.assigned_ms, locale),
        due: dates::minute(head.due_ms, locale),
        x: ExportWords::of(locale),
        parents: given.map(|_| ParentsWords::of(locale).title),
        matrix,
    };
    Ok(html(&page)?.into_response())
}

/// The only state to show, from the query.
fn shown(query: &str) -> Option<PupilState> {
    query.split('&').find_map(|item| PupilState::parse(item.strip_prefix("state=")?))
}

/// When the matrix is shown, and which pupils.
struct Now {
    /// Unix milliseconds.
    ms: i64,
    shown: Option<PupilState>,
}

/// The points that several people earned.
#[derive(Default)]
pub(crate) struct Earned {
    tenths: u32,
    n: u32,
}

impl Earned {
    pub(crate) fn add(&mut self, score: Option<u32>) {
        self.tenths += score.unwrap_or(0);
        self.n += 1;
    }

    /// The mean in tenths as text; `None` where nobody was counted.
    fn mean(&self) -> Option<String> {
        (self.n > 0).then(|| points((self.tenths + self.n / 2) / self.n))
    }

    /// The mean share of the points: of verdicts in force, without what waits for a person and
    /// without blanks that may still be filled in.
    pub(crate) fn facility(&self, points: Score) -> Option<Facility> {
        let all = self.n * points.0;
        (all > 0).then(|| Facility { percent: (self.tenths * 100 + all / 2) / all, n: self.n })
    }
}

fn matrix(
    head: &AssignmentHead,
    worksheet: &Worksheet,
    view: &MatrixView,
    now: Now,
    locale: Locale,
) -> Matrix {
    let w = locale.words();
    let mut papers: HashMap<(&str, u32), &PaperState> = HashMap::new();
    for paper in &view.papers {
        papers.insert((&paper.pupil, paper.page), paper);
    }
    let mut responses: HashMap<(&str, &str), &MatrixRow> = HashMap::new();
    for response in &view.responses {
        responses.insert((&response.pupil, &response.part), response);
    }
    let mut earned: Vec<Earned> = worksheet.questions.iter().map(|_| Earned::default()).collect();
    let mut all_earned = Earned::default();
    let mut states = States::default();
    let mut rows = Vec::with_capacity(view.pupils.len());
    for pupil in &view.pupils {
        let own: Vec<&PaperState> = (1..=worksheet.pages.len())
            .filter_map(|page| papers.get(&(&*pupil.id, u32::try_from(page).ok()?)).copied())
            .collect();
        let state = PupilState::of(&own, now.ms);
        states.count(state);
        let cells = worksheet.questions.iter().zip(&mut earned).map(|(question, earned)| {
            let paper = papers.get(&(&*pupil.id, question.page)).copied();
            let of_part = |part: &Part| responses.get(&(&*pupil.id, &*part.id)).copied();
            let response = whole(question, of_part);
            let cell = cell(paper, response.as_ref(), question.points());
            let counts = !matches!(cell.sign, Sign::Nothing | Sign::Pending) && !cell.sign.waits();
            if let Some(response) = response.filter(|_| counts) {
                earned.add(response.score);
            }
            cell
        });
        let cells: Vec<Cell> = cells.collect();
        let tenths = worksheet.earned(|part| {
            let response = responses.get(&(&*pupil.id, &*part.id))?;
            Some(Score(response.score.unwrap_or(0)))
        });
        let tenths = tenths.map_or(0, |score| score.0);
        let marked = own.iter().any(|paper| paper.marked);
        if marked {
            all_earned.add(Some(tenths));
        }
        let score = marked.then(|| points(tenths));
        let has_ink =
            |cell: &Cell| !matches!(cell.sign, Sign::Nothing | Sign::Pending | Sign::Blank);
        let last = cells.iter().rposition(has_ink).and_then(|at| worksheet.questions.get(at));
        rows.push(Row {
            begun_to: last.map(|question| crate::words::question(&question.label, w)),
            pupil: pupil.id.clone(),
            number: pupil.number,
            name: pupil.name.clone(),
            state,
            score,
            provisional: own.iter().any(|paper| !paper.settled)
                || cells.iter().any(|cell| cell.sign.waits()),
            cells,
        });
    }
    let columns = columns(worksheet, &earned);
    let mean = all_earned.mean();
    rows.retain(|row| now.shown.is_none_or(|state| state == row.state));
    let count = |wanted| {
        let n = view.responses.iter().filter(|r| r.wanted == Some(wanted)).count();
        u32::try_from(n).unwrap_or(u32::MAX)
    };
    Matrix {
        assignment: head.id.clone(),
        title: locale.pick(&worksheet.title_zh, &worksheet.title_en).to_owned(),
        sections: sections(worksheet),
        columns,
        mean,
        rows,
        shown: now.shown,
        // Teachers count pupils, whatever the number of pages.
        collectable: states.writing + states.begun,
        collections: Vec::new(),
        states,
        todo: Todo { decide: count(Wanted::Decide), score: count(Wanted::Score) },
        doubts: Vec::new(),
        points: worksheet.points().to_string(),
    }
}

/// What was collected, by the moment.
fn collections(papers: &[PaperState], locale: Locale) -> Vec<Collection> {
    let mut pupils: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
    for paper in papers {
        if let Some(stamp_ms) = paper.handed_in_ms {
            pupils.entry(stamp_ms).or_default().insert(&paper.pupil);
        }
    }
    let latest = pupils.into_iter().rev().take(COLLECTIONS_MAX);
    let collection = |(stamp_ms, pupils): (i64, BTreeSet<&str>)| Collection {
        stamp_ms,
        when: dates::minute(stamp_ms, locale),
        pupils: pupils.len(),
    };
    latest.map(collection).collect()
}

/// A question's parts as one response: it waits for what any part waits for; otherwise it has what
/// they came to together. `None` where no part is marked.
fn whole<'r>(
    question: &Question,
    of_part: impl Fn(&Part) -> Option<&'r MatrixRow>,
) -> Option<MatrixRow> {
    let rows: Vec<&MatrixRow> = question.parts.iter().filter_map(&of_part).collect();
    let (first, more) = rows.split_first()?;
    if more.is_empty() {
        return Some((*first).clone());
    }
    let waits = |wanted| rows.iter().any(|row| row.wanted == Some(wanted)).then_some(wanted);
    let nothing = |row: &&MatrixRow| matches!(row.verdict, None | Some(Verdict::Blank));
    let earned = question.earned(|part| of_part(part)?.score.map(Score));
    let verdict = match earned {
        None => None,
        Some(_) if rows.iter().all(nothing) => Some(Verdict::Blank),
        Some(Score(0)) => Some(Verdict::Wrong),
        Some(score) if score == question.points() => Some(Verdict::Right),
        Some(_) => Some(Verdict::Partly),
    };
    let by = |source| rows.iter().any(|row| row.source == Some(source)).then_some(source);
    Some(MatrixRow {
        pupil: first.pupil.clone(),
        part: question.id.clone(),
        source: by(Source::Screen).or(by(Source::Red)).or(by(Source::Machine)),
        verdict,
        score: earned.map(|score| score.0),
        wanted: waits(Wanted::Decide).or(waits(Wanted::Score)),
    })
}

/// Section and number of a printed label: `三(2)` is 2 of 三, `7` belongs to no section.
fn parts(label: &str) -> (&str, &str) {
    let split = label.split_once(['(', '（']);
    let parts = split.and_then(|(section, rest)| Some((section, rest.strip_suffix([')', '）'])?)));
    parts
        .filter(|(section, number)| !section.is_empty() && !number.is_empty())
        .unwrap_or(("", label))
}

/// The sections in order, each with its number of questions; none where no label has one.
fn sections(worksheet: &Worksheet) -> Vec<(String, usize)> {
    let mut sections: Vec<(String, usize)> = Vec::new();
    for question in &worksheet.questions {
        let (section, _) = parts(&question.label);
        match sections.last_mut() {
            Some((last, columns)) if last == section => *columns += 1,
            _ => sections.push((section.to_owned(), 1)),
        }
    }
    if sections.iter().all(|(section, _)| section.is_empty()) { Vec::new() } else { sections }
}

fn columns(worksheet: &Worksheet, earned: &[Earned]) -> Vec<Column> {
    let mut last_page = 1;
    worksheet
        .questions
        .iter()
        .zip(earned)
        .map(|(question, earned)| {
            let starts_page = question.page != last_page;
            last_page = question.page;
            Column {
                question: question.id.clone(),
                label: question.label.clone(),
                number: parts(&question.label).1.to_owned(),
                prompt: tick(&question.prompt),
                page: question.page,
                starts_page,
                facility: earned.facility(question.points()),
            }
        })
        .collect()
}

fn cell(paper: Option<&PaperState>, response: Option<&MatrixRow>, points_max: Score) -> Cell {
    let settled = paper.is_some_and(|paper| paper.settled);
    let none = |sign| Cell { sign, provisional: false, source: None, score: None };
    let Some(response) = response else {
        let waiting = paper.is_some_and(|paper| paper.stale && !paper.marked);
        return none(if waiting { Sign::Pending } else { Sign::Nothing });
    };
    let sign = Sign::of(response.verdict, response.wanted);
    let by_person = matches!(response.source, Some(Source::Screen | Source::Red));
    // Where somebody still writes, an empty field says nothing.
    if sign == Sign::Blank && !settled && !by_person {
        return none(Sign::Nothing);
    }
    let partly = response.verdict == Some(Verdict::Partly) && !sign.waits();
    Cell {
        sign,
        provisional: !settled,
        source: response.source,
        score: response.score.filter(|score| partly && *score < points_max.0).map(points),
    }
}

#[cfg(test)]
mod tests;
