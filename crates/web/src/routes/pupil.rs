//! What is known of one pupil.

use std::collections::HashMap;

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use store::{MasteryView, PupilPaper};

use super::{html, is_part};
use crate::app::Web;
use crate::dates;
use crate::page::pupil::{
    ANSWERS_MIN, Interval, PaperItem, PointItem, Pupil, PupilPage, PupilPart,
};
use crate::page::{Crumb, State as PupilState, points};
use crate::visit::{Failure, Teacher};
use crate::words::Locale;

/// Assignments on a pupil's page.
const PAPERS_MAX: u32 = 100;

pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Path(pupil): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let locale = teacher.visitor.locale;
    let view = web.store.pupil_of(&teacher.staff.id, &pupil, PAPERS_MAX).await?;
    let view = view.ok_or(Failure::NotFound)?;
    let mut names: HashMap<String, String> = HashMap::new();
    let mut papers = Vec::with_capacity(view.papers.len());
    for paper in &view.papers {
        let worksheet = web.worksheet(&paper.worksheet, paper.version).await?;
        for point in &worksheet.knowledge_points {
            names.insert(point.id.clone(), locale.pick(&point.zh, &point.en).to_owned());
        }
        papers.push(paper_item(paper, &worksheet, locale));
    }
    let w = locale.words();
    let crumbs = vec![
        Crumb::new(w.classes, "/"),
        Crumb::new(locale.pick(&view.class_zh, &view.class_en), format!("/c/{}", view.class)),
        Crumb::here(&view.name),
    ];
    let mut points: Vec<PointItem> =
        view.mastery.iter().map(|mastery| point(mastery, &names)).collect();
    // What is known, least mastered first; then what is not.
    points.sort_by_key(|point| point.mastery.map_or(101, |interval| interval.mean));
    let mut chrome = teacher.visitor.chrome(&view.name, crumbs);
    let pupil = Pupil { id: view.id, number: view.number, name: view.name, points, papers };
    if is_part(query.as_deref()) {
        return Ok(html(&PupilPart { chrome, pupil })?.into_response());
    }
    chrome.here = format!("/pupil/{}", pupil.id);
    let page = PupilPage { chrome, class: view.class, after: view.after, pupil };
    Ok(html(&page)?.into_response())
}

/// A chance as whole percents.
fn percent(share: f64) -> u32 {
    // Between 0 and 100 after the clamp.
    (share * 100.0).round().clamp(0.0, 100.0) as u32
}

fn point(mastery: &MasteryView, names: &HashMap<String, String>) -> PointItem {
    let interval = Interval {
        mean: percent(mastery.rate),
        low: percent(mastery.low),
        high: percent(mastery.high),
    };
    let id = &mastery.knowledge_point;
    PointItem {
        name: names.get(id).unwrap_or(id).clone(),
        answers: mastery.answers,
        mastery: (mastery.answers >= ANSWERS_MIN).then_some(interval),
    }
}

fn paper_item(paper: &PupilPaper, worksheet: &worksheet::Worksheet, locale: Locale) -> PaperItem {
    PaperItem {
        assignment: paper.assignment.clone(),
        title: locale.pick(&worksheet.title_zh, &worksheet.title_en).to_owned(),
        due: dates::minute(paper.due_ms, locale),
        state: match (paper.written, paper.writing) {
            (0, _) => PupilState::Missing,
            (_, 0) => PupilState::HandedIn,
            _ => PupilState::Begun,
        },
        score: paper.score.map(points),
        points: points(worksheet.questions.iter().map(|question| question.points.0).sum()),
    }
}
