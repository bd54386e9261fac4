//! What is known of one pupil.

use std::collections::HashMap;

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use export::Sign;
use learning::{Belief, Mastery, Priors, Process, State as Known, Writing as Written, reached};
use store::{ProfileView, PupilAnswer, PupilPaper, StateRow, Verdict};
use worksheet::{Part, Score, Worksheet};

use super::exports::term_start_ms;
use super::title;
use crate::dates;
use crate::failure::Failure;
use crate::page::exports::{TakeAway, TakeForm};
use crate::page::months::ByMonths;
use crate::page::pupil::{
    AnswerItem, History, Interval, PaperItem, PointItem, ProcessItem, Pupil, PupilPage, PupilPart,
    Writing,
};
use crate::page::{Crumb, State as PupilState, html, is_part};
use crate::session::Teacher;
use crate::sign::SignWord;
use crate::state::Web;
use crate::words::exports::ExportWords;
use crate::words::{self, Locale};

/// Assignments on a pupil's page: more than a school year has.
const PAPERS_MAX: u32 = 400;

/// `?of=` names the assignment whose writing is shown; without it it is the latest that was written.
pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Path(pupil): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let locale = teacher.visitor.locale;
    let view = web.store.pupil_of(&teacher.scope, &pupil, PAPERS_MAX).await?;
    let view = view.ok_or(Failure::NotFound)?;
    let mut names: HashMap<String, String> = HashMap::new();
    let mut papers = Vec::with_capacity(view.papers.len());
    for paper in &view.papers {
        let worksheet = web.worksheet(&paper.worksheet, paper.version).await.ok();
        for point in worksheet.iter().flat_map(|worksheet| &worksheet.knowledge_points) {
            names.insert(point.id.clone(), locale.pick(&point.zh, &point.en).to_owned());
        }
        papers.push((paper.due_ms, paper_item(paper, worksheet.as_deref(), locale)));
    }
    let query = query.as_deref();
    let of = query.and_then(|query| query.split('&').find_map(|item| item.strip_prefix("of=")));
    let written = match of {
        Some(of) => view.papers.iter().find(|paper| paper.assignment == of),
        None => view.papers.iter().find(|paper| paper.written > 0),
    };
    let writing = match written {
        Some(paper) => {
            let worksheet = web.worksheet(&paper.worksheet, paper.version).await.ok();
            let answers = web.store.answers_of(&teacher.scope, &pupil, &paper.assignment).await?;
            (!answers.is_empty())
                .then(|| writing(&pupil, paper, worksheet.as_deref(), &answers, locale))
        }
        None => None,
    };
    let w = locale.words();
    let crumbs = vec![
        Crumb::new(w.classes, "/"),
        Crumb::new(locale.pick(&view.class_zh, &view.class_en), format!("/c/{}", view.class)),
        Crumb::here(&view.name),
    ];
    let today = dates::day_of(web.now_ms());
    let points = match &view.profile {
        Some(profile) => known(profile, today, &names, locale)?,
        None => Vec::new(),
    };
    let mut layout = teacher.visitor.layout(&view.name, crumbs);
    let (id, number, name) = (view.id, view.number, view.name);
    let papers = ByMonths::new(papers, locale);
    let pupil = Pupil { id, number, name, points, papers, writing };
    if is_part(query) {
        return Ok(html(&PupilPart { layout, pupil })?.into_response());
    }
    layout.here = match &pupil.writing {
        Some(writing) => format!("/pupil/{}?of={}", pupil.id, writing.assignment),
        None => format!("/pupil/{}", pupil.id),
    };
    let x = ExportWords::of(locale);
    let form = TakeForm::new(format!("/pupil/{}/notebook.pdf", pupil.id), x.notebook);
    let from = export::day(term_start_ms(web.now_ms()));
    let take = TakeAway { from, forms: vec![form] };
    let page = PupilPage { layout, class: view.class, after: view.after, take, x, pupil };
    Ok(html(&page)?.into_response())
}

/// What is known on each knowledge point as of today: the least mastered first, then those of which
/// too little is known.
fn known(
    profile: &ProfileView,
    today: i32,
    names: &HashMap<String, String>,
    locale: Locale,
) -> Result<Vec<PointItem>, Failure> {
    let priors: Priors = match &profile.priors {
        Some(priors) => serde_json::from_str(priors).map_err(store::StoreError::from)?,
        None => Priors::STANDARD,
    };
    let first = profile.states.iter().map(|row| row.day).min().unwrap_or(today);
    let mut items = Vec::new();
    for rows in profile.states.chunk_by(|a, b| a.knowledge_point == b.knowledge_point) {
        let states: Vec<Known> = rows.iter().filter_map(state).collect();
        // What later answers to other knowledge points told of ability counts here too.
        let now = states.last().map(|last| Known {
            ability: Belief::new(profile.ability, profile.ability_variance).unwrap_or(last.ability),
            ability_day: profile.last_day,
            ..*last
        });
        let Some(now) = now else { continue };
        let past = states.iter().map(|state| (state.day, *state));
        let drawn: Vec<(i32, Mastery)> = past
            .filter(|(day, _)| *day < today)
            .chain([(today, now)])
            .filter_map(|(day, state)| Some((day, state.mastery(&priors, day)?)))
            .collect();
        let id = &rows[0].knowledge_point;
        items.push(PointItem {
            name: names.get(id).unwrap_or(id).clone(),
            answers: now.answers,
            mastery: now.mastery(&priors, today).map(interval),
            history: history(&drawn, first, today, locale),
        });
    }
    items.sort_by_key(|point| point.mastery.map_or(101, |interval| interval.mean));
    Ok(items)
}

/// `None` where a number is not valid; only a damaged store holds such numbers.
fn state(row: &StateRow) -> Option<Known> {
    Some(Known {
        day: row.day,
        ability: Belief::new(row.ability, row.ability_variance)?,
        ability_day: row.day,
        deviation: Belief::new(row.deviation, row.deviation_variance)?,
        answers: row.answers,
        difficulty: row.difficulty,
    })
}

fn interval(mastery: Mastery) -> Interval {
    Interval { mean: percent(mastery.rate), low: percent(mastery.low), high: percent(mastery.high) }
}

/// A chance as whole percents.
fn percent(share: f64) -> u32 {
    // Between 0 and 100 after the clamp.
    (share * 100.0).round().clamp(0.0, 100.0) as u32
}

/// Days from left to right, all knowledge points of a pupil on the same scale.
fn history(drawn: &[(i32, Mastery)], first: i32, today: i32, locale: Locale) -> Option<History> {
    let (from, to) = (drawn.first()?, drawn.last()?);
    if from.0 == to.0 {
        return None;
    }
    let at = |day: i32, share: f64| {
        let days = |until: i32| f64::from(until) - f64::from(first);
        let along = days(day) / days(today).max(1.0);
        let x = along * f64::from(History::WIDTH);
        format!("{x:.1},{:.1}", (1.0 - share) * f64::from(History::HEIGHT))
    };
    let upper = drawn.iter().map(|(day, mastery)| at(*day, mastery.high));
    let lower = drawn.iter().rev().map(|(day, mastery)| at(*day, mastery.low));
    let line = drawn.iter().map(|(day, mastery)| at(*day, mastery.rate));
    let said =
        |(day, m): &(i32, Mastery)| format!("{} {}%", dates::day(*day, locale), percent(m.rate));
    Some(History {
        band: upper.chain(lower).collect::<Vec<_>>().join(" "),
        line: line.collect::<Vec<_>>().join(" "),
        said: format!("{} → {}", said(from), said(to)),
    })
}

fn writing(
    pupil: &str,
    paper: &PupilPaper,
    worksheet: Option<&Worksheet>,
    answers: &[PupilAnswer],
    locale: Locale,
) -> Writing {
    let w = locale.words();
    let written: Vec<Option<Written>> = answers
        .iter()
        .map(|answer| {
            Some(Written {
                first_ms: answer.first_ms?,
                last_ms: answer.last_ms?,
                down_ms: answer.writing_ms,
                rewrites: answer.rewrites,
            })
        })
        .collect();
    let is_written = |answer: &PupilAnswer| {
        answer.first_ms.is_some() || !matches!(answer.verdict, None | Some(Verdict::Blank))
    };
    let reached = reached(&answers.iter().map(is_written).collect::<Vec<_>>());
    let items =
        answers.iter().zip(Process::of(&written)).enumerate().map(|(place, (answer, process))| {
            let part = worksheet.and_then(|worksheet| worksheet.part(&answer.part));
            let label = part.map_or_else(|| answer.part.clone(), |of| words::part(&of, w));
            let sign = match (answer.verdict, answer.first_ms) {
                (None, Some(_)) => Sign::Decide,
                (verdict, _) => Sign::of(verdict, None),
            };
            AnswerItem {
                label,
                href: format!("/a/{}/{pupil}/{}#q-{}", paper.assignment, answer.page, answer.part),
                sign,
                word: match sign {
                    Sign::Blank if place < reached => w.skipped,
                    Sign::Blank => w.not_reached,
                    _ => sign.word(w),
                },
                process: process.map(|process| ProcessItem {
                    order: process.order,
                    think: process.think_ms.map(|think_ms| dates::length(think_ms, locale)),
                    writing: dates::length(process.writing_ms, locale),
                    rewrites: process.rewrites,
                }),
            }
        });
    Writing {
        assignment: paper.assignment.clone(),
        title: title(worksheet, &paper.assignment, locale),
        answers: items.collect(),
    }
}

fn paper_item(paper: &PupilPaper, worksheet: Option<&Worksheet>, locale: Locale) -> PaperItem {
    let score = |part: &Part| {
        let found = paper.scores.iter().find(|(id, _)| *id == part.id);
        found.map(|(_, tenths)| Score(*tenths))
    };
    PaperItem {
        assignment: paper.assignment.clone(),
        title: title(worksheet, &paper.assignment, locale),
        due: dates::minute(paper.due_ms, locale),
        state: match (paper.written, paper.writing) {
            (0, _) => PupilState::Missing,
            (_, 0) => PupilState::closed(paper.handed_in > 0),
            _ => PupilState::Begun,
        },
        score: worksheet.and_then(|worksheet| worksheet.earned(score)).map(|s| s.to_string()),
        provisional: paper.writing > 0 || paper.waiting > 0,
        points: worksheet.map(|worksheet| worksheet.points().to_string()),
    }
}
