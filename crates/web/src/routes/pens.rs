//! The pens of a school: seen, lent, exchanged and given by who keeps the school.

pub(crate) mod act;
mod choices;
mod ids;
mod preview;
mod sets;
mod told;
mod when;

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use store::{ClassView, KeptSchool, PenLine, PensSeen, StaffLine};

use crate::failure::Failure;
use crate::page::pens::{Choice, ChosenPen, PensPage, StrangerItem, Typed};
use crate::page::school::{SchoolNav, SchoolTab};
use crate::page::{Crumb, html};
use crate::routes::school::kept;
use crate::session::Teacher;
use crate::state::Web;
use crate::words::pens::PensWords;
use crate::words::{Locale, fill, isolated};
use sets::{battery, holder, seen, set_of, sets, shown};

/// Strangers shown at a time.
const STRANGERS_MAX: usize = 20;
/// Changes shown, so that they can be undone.
const CHANGES_MAX: u32 = 8;

/// What a query or a form says. Each form sends some of it.
#[derive(Clone, Default, Deserialize)]
pub(crate) struct Asked {
    /// A set's name.
    pub(super) set: Option<String>,
    /// A pen's id, 12 hexadecimal digits.
    pub(super) pen: Option<String>,
    /// The class that a set goes to, or whose pupils are listed.
    pub(super) class: Option<String>,
    /// The class that the set would be lent to: shows what that would do.
    lend: Option<String>,
    /// `pupil:` or `staff:` and an id.
    pub(super) to: Option<String>,
    /// The other pen of an exchange.
    pub(super) with: Option<String>,
    /// How far changes had come when the page was shown, as [`seen_text`] writes it.
    pub(super) seen: Option<String>,
    /// A time; `first`: the first ink of a pen that nobody holds.
    pub(super) from: Option<String>,
    /// A time.
    pub(super) until: Option<String>,
    /// The number of the first pen that is added.
    pub(super) first: Option<String>,
    /// Ids of pens that are added.
    pub(super) ids: Option<String>,
    /// A change that is undone.
    pub(super) of: Option<String>,
    /// A change that was just made or undone.
    done: Option<String>,
}

impl Asked {
    /// A field's text; empty where it was not sent.
    pub(super) fn text(field: &Option<String>) -> &str {
        field.as_deref().unwrap_or_default().trim()
    }
}

/// The school's pens and people, as the page and what is done on it need them.
pub(super) struct Desk<'a> {
    pub(super) web: &'a Web,
    pub(super) teacher: &'a Teacher,
    pub(super) school: KeptSchool,
    /// What was done before the pens were as they are here.
    seen: PensSeen,
    pub(super) pens: Vec<PenLine>,
    pub(super) classes: Vec<ClassView>,
    pub(super) staff: Vec<StaffLine>,
    pub(super) w: &'static PensWords,
}

impl<'a> Desk<'a> {
    pub(super) async fn of(
        web: &'a Web,
        teacher: &'a Teacher,
        school: &str,
    ) -> Result<Self, Failure> {
        let school = kept(web, teacher, school).await?;
        let seen = web.store.pens_seen(&school).await?;
        let pens = web.store.pens_kept(&school, web.now_ms()).await?;
        let classes = web.store.classes_kept(&teacher.scope, &school).await?;
        let mut staff = web.store.staff_list(teacher.scope.at_ms()).await?;
        staff.retain(|line| line.school == school.id && line.disabled_ms.is_none());
        let w = PensWords::of(teacher.visitor.locale);
        Ok(Self { web, teacher, school, seen, pens, classes, staff, w })
    }

    pub(super) fn locale(&self) -> Locale {
        self.teacher.visitor.locale
    }

    /// The pen of an id in a form, if it is the school's.
    pub(super) fn pen(&self, text: &str) -> Option<&PenLine> {
        let pen = ids::pen(text)?;
        self.pens.iter().find(|line| line.pen == pen)
    }

    /// Set and number of a pen, or its id.
    pub(super) fn label(&self, pen: u64) -> String {
        self.pens.iter().find(|line| line.pen == pen).map_or_else(|| ids::text(pen), label)
    }

    pub(super) fn class_name(&self, id: &str) -> String {
        let class = self.classes.iter().find(|class| class.id == id);
        class.map_or_else(String::new, |class| {
            self.locale().pick(&class.name_zh, &class.name_en).to_owned()
        })
    }
}

/// Set and number of a pen, or its id.
fn label(line: &PenLine) -> String {
    match &line.place {
        Some((set, number)) => format!("{set}:{number}"),
        None => ids::text(line.pen),
    }
}

pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let desk = Desk::of(&web, &teacher, &school).await?;
    respond(&desk, &asked, None).await
}

/// The page with words on why what was sent was not done.
pub(super) async fn refuse(
    desk: &Desk<'_>,
    asked: &Asked,
    why: String,
) -> Result<Response, Failure> {
    let page = respond(desk, asked, Some(why)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn respond(
    desk: &Desk<'_>,
    asked: &Asked,
    refused: Option<String>,
) -> Result<Response, Failure> {
    let Desk { web, teacher, school, w, .. } = desk;
    let locale = desk.locale();
    let name = locale.pick(&school.name_zh, &school.name_en).to_owned();
    let crumbs = vec![
        Crumb::new(locale.words().classes, "/"),
        Crumb::new(name, format!("/school/{}", school.id)),
        Crumb::here(w.pens),
    ];
    let at = at(school);
    let mut layout = teacher.visitor.layout(w.pens, crumbs);
    layout.here.clone_from(&at);
    let class = class_asked(desk, asked);
    let (strangers, more_strangers) = strangers(desk, class.as_deref()).await?;
    let changes = web.store.pen_changes(school, CHANGES_MAX).await?;
    let done = asked.done.as_deref().and_then(|id| id.parse().ok());
    let done = changes.iter().find(|change| Some(change.id) == done);
    let chosen = match asked.pen.as_deref().and_then(|pen| desk.pen(pen)) {
        Some(line) => Some(chosen(desk, line, asked, class.as_deref()).await?),
        None => None,
    };
    let shown = shown(desk, asked).await?;
    let choice = |view: &ClassView| Choice {
        value: view.id.clone(),
        label: locale.pick(&view.name_zh, &view.name_en).to_owned(),
        chosen: Some(&view.id) == class.as_ref(),
    };
    let page = PensPage {
        nav: SchoolNav::of(&school.id, SchoolTab::Pens, locale),
        refused,
        done: done.map(|change| told::item(desk, change, true)),
        strangers,
        more_strangers,
        classes: desk.classes.iter().map(choice).collect(),
        sets: sets(desk, shown.as_ref()),
        shown,
        chosen,
        typed: typed(asked),
        seen: seen_text(desk.seen),
        changes: changes.iter().map(|change| told::item(desk, change, false)).collect(),
        at,
        layout,
        w,
    };
    Ok(html(&page)?.into_response())
}

/// The address of the page.
pub(super) fn at(school: &KeptSchool) -> String {
    format!("/school/{}/pens", school.id)
}

/// What was seen, as a form carries it.
fn seen_text(seen: PensSeen) -> String {
    format!("{}.{}", seen.last, seen.undone)
}

/// What was seen, of a form.
pub(super) fn seen_of(text: &str) -> Option<PensSeen> {
    let (last, undone) = text.split_once('.')?;
    Some(PensSeen { last: last.parse().ok()?, undone: undone.parse().ok()? })
}

fn typed(asked: &Asked) -> Typed {
    let text = |field| Asked::text(field).to_owned();
    // What chose a set to look at is no name for a new one.
    let adds = asked.ids.is_some();
    Typed {
        set: if adds { text(&asked.set) } else { String::new() },
        first: if adds { text(&asked.first) } else { "1".into() },
        ids: asked.ids.clone().unwrap_or_default(),
        from: text(&asked.from),
        until: text(&asked.until),
    }
}

/// The class whose pupils are listed: the one asked for, or the first.
fn class_asked(desk: &Desk<'_>, asked: &Asked) -> Option<String> {
    let wanted = asked.class.as_ref();
    let found = desk.classes.iter().find(|class| Some(&class.id) == wanted);
    found.or_else(|| desk.classes.first()).map(|class| class.id.clone())
}

/// The pens whose ink waits for a holder, those with most of it first.
async fn strangers(
    desk: &Desk<'_>,
    class: Option<&str>,
) -> Result<(Vec<StrangerItem>, usize), Failure> {
    let mut waiting: Vec<&PenLine> = desk.pens.iter().filter(|line| line.waits()).collect();
    waiting.sort_by_key(|line| std::cmp::Reverse((line.nobodys, line.received_ms)));
    let more = waiting.len().saturating_sub(STRANGERS_MAX);
    waiting.truncate(STRANGERS_MAX);
    let pens: Vec<u64> = waiting.iter().map(|line| line.pen).collect();
    let mut ink: BTreeMap<i64, Vec<store::WaitingInk>> = BTreeMap::new();
    for row in desk.web.store.waiting_ink(&desk.school, &pens).await? {
        ink.entry(row.pen).or_default().push(row);
    }
    let mut items = Vec::with_capacity(waiting.len());
    for line in waiting {
        let rows = ink.remove(&line.pen.cast_signed()).unwrap_or_default();
        let classes = rows.iter().filter_map(|row| row.class.as_deref()).chain(class);
        let owner = rows.iter().find_map(|row| row.owner.as_deref());
        let groups = choices::people(desk, classes, owner.map(|id| format!("pupil:{id}"))).await?;
        let mut wrote = told::wrote(desk, line, &rows).await;
        let owner = groups.iter().flat_map(|group| &group.choices).find(|choice| choice.chosen);
        let on_copy =
            |choice: &Choice| fill(desk.w.stranger_owner, &[("name", &isolated(&choice.label))]);
        wrote.extend(owner.map(on_copy));
        items.push(StrangerItem {
            pen: ids::text(line.pen),
            label: label(line),
            model: line.model.clone(),
            wrote,
            groups,
        });
    }
    Ok((items, more))
}

/// The pen that was asked for, with what can be done to it.
async fn chosen(
    desk: &Desk<'_>,
    line: &PenLine,
    asked: &Asked,
    class: Option<&str>,
) -> Result<ChosenPen, Failure> {
    let (w, locale) = (desk.w, desk.locale());
    let keeps = (line.backlog > 0).then(|| fill(w.keeps, &[("n", &line.backlog)]));
    let id = line.place.as_ref().map(|_| ids::text(line.pen));
    let facts = [id, line.model.clone(), Some(battery(line, w))];
    let facts = facts.into_iter().chain([Some(seen(line, w, locale)), keeps]).flatten();
    // The classes of those who hold pens of the set are the likely ones.
    let of_set = desk.pens.iter().filter(|other| set_of(other) == set_of(line));
    let likely = of_set.filter_map(|other| other.class.as_ref()).map(|(name, _)| name.as_str());
    let likely = desk.classes.iter().filter(|view| likely.clone().any(|name| name == view.name_zh));
    let classes = likely.map(|view| view.id.as_str()).chain(class);
    let groups = choices::people(desk, classes, asked.to.clone()).await?;
    let held = line.holder.is_some() && line.lost_ms.is_none();
    let others = desk.pens.iter().filter(|other| other.pen != line.pen && other.holder.is_some());
    let other = |other: &PenLine| Choice {
        value: ids::text(other.pen),
        label: format!("{} {}", label(other), holder(other, w, locale)),
        chosen: asked.with.as_deref() == Some(&ids::text(other.pen)),
    };
    Ok(ChosenPen {
        pen: ids::text(line.pen),
        label: label(line),
        facts: facts.filter(|fact| !fact.is_empty()).collect(),
        holder: holder(line, w, locale),
        held,
        lost: line.lost_ms.is_some(),
        groups,
        others: others.map(other).collect(),
    })
}

/// A text as a query's value.
pub(super) fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let one =
        |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(one).collect()
}
