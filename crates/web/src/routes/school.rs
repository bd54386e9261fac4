//! A school's own page, for who keeps it.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use store::{KeptSchool, SchoolCounts};

use crate::failure::Failure;
use crate::page::school::{Count, SchoolNav, SchoolPage, SchoolTab, Step};
use crate::page::{Crumb, html};
use crate::session::Teacher;
use crate::state::Web;
use crate::words::fill;
use crate::words::school::SchoolWords;

/// The school, if the person who asks keeps it; otherwise not found.
pub(crate) async fn kept(
    web: &Web,
    teacher: &Teacher,
    school: &str,
) -> Result<KeptSchool, Failure> {
    web.store.kept_school(&teacher.scope, school).await?.ok_or(Failure::NotFound)
}

pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
) -> Result<Response, Failure> {
    let school = kept(&web, &teacher, &school).await?;
    let counts = web.store.school_counts(&teacher.scope, &school).await?;
    let locale = teacher.visitor.locale;
    let w = SchoolWords::of(locale);
    let name = locale.pick(&school.name_zh, &school.name_en).to_owned();
    let crumbs = vec![Crumb::new(locale.words().classes, "/"), Crumb::here(&name)];
    let layout = teacher.visitor.layout(&name, crumbs);
    let nav = SchoolNav::of(&school.id, SchoolTab::Overview, locale);
    let steps = steps(&school.id, &counts, w);
    let page = SchoolPage { layout, w, name, nav, steps };
    Ok(html(&page)?.into_response())
}

/// What a school needs before pupils can write, in the order in which it is done.
fn steps(school: &str, counts: &SchoolCounts, w: &'static SchoolWords) -> Vec<Step> {
    let of = |text: &str, n: u32| Count::bare(fill(text, &[("n", &n)]));
    let people = format!("/school/{school}/people");
    let at = |count: Count, place: &str| Count { href: Some(format!("{people}{place}")), ..count };
    let has_classes = counts.classes > 0;
    let classes = Step {
        title: w.classes,
        done: has_classes,
        counts: if has_classes {
            vec![
                at(of(w.classes_n, counts.classes), "#classes"),
                at(of(w.pupils_n, counts.pupils), "#classes"),
            ]
        } else {
            vec![Count::bare(w.classes_none)]
        },
        help: has_classes.then_some(w.classes_again),
        commands: vec!["zhibi import roster zhibi.db roster.xlsx --dry-run".into()],
    };
    let has_teachers = counts.teachers > 0;
    let teachers = Step {
        title: w.teachers,
        done: has_teachers,
        counts: if has_teachers {
            vec![at(of(w.teachers_n, counts.teachers), ""), at(of(w.staff_n, counts.staff), "")]
        } else {
            vec![Count::bare(w.teachers_none), at(Count::bare(w.teachers_add), "#add")]
        },
        help: None,
        commands: Vec::new(),
    };
    let has_pens = counts.pens > 0;
    let pens = Step {
        title: w.pens,
        done: has_pens,
        counts: vec![Count {
            text: if has_pens {
                fill(w.pens_n, &[("n", &counts.pens)])
            } else {
                w.pens_none.into()
            },
            href: Some(format!("/school/{school}/pens")),
        }],
        help: (!has_pens).then_some(w.pens_none_help),
        commands: if has_pens {
            Vec::new()
        } else {
            let typed =
                ["zhibi pen zhibi.db add A - < pens.txt", "zhibi pen zhibi.db lend A 三（1）班"];
            typed.map(String::from).to_vec()
        },
    };
    let has_assignments = counts.assignments > 0;
    let assignments = Step {
        title: w.assignments,
        done: has_assignments,
        counts: vec![if has_assignments {
            of(w.assignments_n, counts.assignments)
        } else {
            Count::bare(w.assignments_none)
        }],
        help: None,
        commands: Vec::new(),
    };
    vec![classes, teachers, pens, assignments]
}
