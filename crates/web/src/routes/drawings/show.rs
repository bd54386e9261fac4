//! A draft as a page.

use std::collections::BTreeSet;

use pdf_sheet::{Note, Shape, Spot};
use serde::{Deserialize, Serialize};
use store::{DrawingView, KeyCorrected, WorksheetSchool};
use worksheet::drawn::{Drawing, DrawnFault, DrawnField, DrawnKind, SUBJECTS};
use worksheet::{Framework, Page, Rect, WorksheetId};

use super::form::mm;
use crate::failure::Failure;
use crate::page::drawings::{DrawingPage, FaultItem, FieldItem, Place, SheetPage, SpotItem};
use crate::page::{Crumb, tick};
use crate::session::Teacher;
use crate::state::Web;
use crate::words::drawing::{DrawingWords, kind, note, subject};
use crate::words::{self, Locale, fill};

/// What was found on a page, as it is stored.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Found {
    pub(super) spots: Vec<Spot>,
    pub(super) notes: Vec<Note>,
}

/// What became of what was sent.
pub(super) struct Said {
    pub(super) stored: bool,
    pub(super) lines: Vec<String>,
    /// The address of the worksheet that was made.
    pub(super) worksheet: Option<String>,
}

/// What a page shows.
pub(super) struct Shown<'a> {
    pub(super) school: &'a WorksheetSchool,
    pub(super) id: &'a str,
    pub(super) view: &'a DrawingView,
    /// What was typed, stored or not.
    pub(super) drawing: &'a Drawing,
    /// What [`corrected`] says.
    pub(super) corrected: Vec<String>,
}

/// Which keys were corrected in the worksheet that was made of a draft, and are still the former here.
pub(super) async fn corrected(
    web: &Web,
    teacher: &Teacher,
    school: &WorksheetSchool,
    (view, drawing): (&DrawingView, &Drawing),
) -> Result<Vec<String>, Failure> {
    let Some(version) = view.version else { return Ok(Vec::new()) };
    let keys = web.store.worksheet_keys(&school.id, &view.worksheet).await?;
    let later = KeyCorrected::later(&keys, version);
    let made = KeyCorrected::made(&keys, later);
    let id = WorksheetId { id: view.worksheet.clone(), version };
    let (draft, _) = drawing.worksheet(id, &blank_pages(view), &Framework::own());
    let Some(draft) = draft.filter(|_| !made.is_empty()) else { return Ok(Vec::new()) };
    let sheet = web.worksheet(&view.worksheet, later).await?;
    let parts: BTreeSet<&str> = made.iter().map(|key| key.part.as_str()).collect();
    let locale = teacher.visitor.locale;
    let said = |part: &str| {
        let (here, there) = (draft.part(part)?, sheet.part(part)?);
        let (was, becomes) = (here.part.accepted()?, there.part.accepted()?);
        let values: [(&str, &dyn std::fmt::Display); 3] = [
            ("part", &words::part(&here, locale.words())),
            ("was", &tick(&was.typed())),
            ("becomes", &tick(&becomes.typed())),
        ];
        (was != becomes).then(|| fill(DrawingWords::of(locale).corrected, &values))
    };
    Ok(parts.into_iter().filter_map(said).collect())
}

/// Everything that is wrong with a drawing.
pub(super) fn faults(view: &DrawingView, drawing: &Drawing) -> Vec<DrawnFault> {
    let id = WorksheetId { id: view.worksheet.clone(), version: 1 };
    drawing.worksheet(id, &blank_pages(view), &Framework::own()).1
}

/// The pages of a draft without their artwork.
fn blank_pages(view: &DrawingView) -> Vec<Page> {
    let page = |(number, (width_um, height_um, _)): (u32, &(i32, i32, String))| Page {
        number,
        width_um: *width_um,
        height_um: *height_um,
        artwork: String::new(),
    };
    (1..).zip(&view.pages).map(page).collect()
}

/// A fault in words, in the list of all.
pub(super) fn fault_item(fault: &DrawnFault, drawing: &Drawing, locale: Locale) -> FaultItem {
    let w = DrawingWords::of(locale);
    let field = fault.field.and_then(|at| drawing.fields.get(at));
    let place = match field {
        None => w.sheet.to_owned(),
        Some(field) if field.number.trim().is_empty() => {
            fill(w.field_unnumbered, &[("page", &field.page)])
        }
        Some(field) => fill(w.field_of, &[("number", &field.number.trim()), ("page", &field.page)]),
    };
    let (zh, en) = fault.wrong.texts();
    let text = locale.pick(&zh, &en).to_owned();
    FaultItem { field: fault.field, place, text, grave: fault.wrong.is_grave() }
}

/// What the line above the faults says.
pub(super) fn summary(faults: &[DrawnFault], w: &DrawingWords) -> String {
    match faults.iter().filter(|fault| fault.wrong.is_grave()).count() {
        0 if faults.is_empty() => w.ready.to_owned(),
        0 => fill(w.ready_advice, &[("n", &faults.len())]),
        n => fill(w.faults, &[("n", &n)]),
    }
}

impl Shown<'_> {
    /// The page, with what is to be said of what was just sent.
    pub(super) fn page(
        &self,
        teacher: &Teacher,
        said: Option<Said>,
    ) -> Result<DrawingPage, Failure> {
        let locale = teacher.visitor.locale;
        let w = DrawingWords::of(locale);
        let path = format!("{}/{}", super::path(self.school), self.id);
        let faults = faults(self.view, self.drawing);
        let mut pages = Vec::new();
        let mut notes = self.corrected.clone();
        for (number, (width_um, height_um, found)) in (1..).zip(&self.view.pages) {
            let found: Found = serde_json::from_str(found).map_err(|error| {
                tracing::error!(%error, "what was found on a page cannot be read");
                Failure::Internal
            })?;
            notes.extend(found.notes.iter().map(|what| note(*what, number, w)));
            pages.push(SheetPage {
                number,
                width: mm(*width_um),
                height: mm(*height_um),
                artwork: format!("{path}/{number}.svg"),
                spots: found.spots.iter().map(|spot| spot_item(spot, number, w)).collect(),
            });
        }
        let fields = self.drawing.fields.iter().enumerate();
        let fields = fields.map(|(at, field)| field_item(at, field, &faults, locale)).collect();
        let mut crumbs = super::crumbs(teacher, self.school);
        crumbs.push(Crumb::new(w.title, super::path(self.school)));
        let title = match self.drawing.title.trim() {
            "" => w.untitled.to_owned(),
            title => title.to_owned(),
        };
        crumbs.push(Crumb::here(title.clone()));
        let mut layout = teacher.visitor.layout(title, crumbs);
        layout.here = path.clone();
        let subjects = SUBJECTS.map(|code| (code, subject(code, w), code == self.drawing.subject));
        let (said, worksheet) = match said {
            Some(said) => (Some((said.stored, said.lines)), said.worksheet),
            None => (None, None),
        };
        Ok(DrawingPage {
            layout,
            w,
            path,
            revision: self.view.revision,
            said,
            worksheet,
            notes,
            title: self.drawing.title.clone(),
            grade: self.drawing.grade.clone(),
            subjects: subjects.to_vec(),
            pages,
            fields,
            summary: summary(&faults, w),
            faults: faults.iter().map(|f| fault_item(f, self.drawing, locale)).collect(),
            points: points(locale),
            kinds: DrawnKind::ALL.map(|of| (of.code(), kind(of, w))).to_vec(),
        })
    }
}

/// Knowledge points that no other stands below: id and name.
fn points(locale: Locale) -> Vec<(String, String)> {
    let framework = Framework::own();
    let all = framework.points();
    let is_leaf = |id: &str| !all.iter().any(|point| point.parent.as_deref() == Some(id));
    let leaves = all.iter().filter(|point| is_leaf(&point.id));
    leaves.map(|p| (p.id.clone(), locale.pick(&p.zh, &p.en).to_owned())).collect()
}

fn place(rect: &Rect) -> Place {
    Place {
        x: mm(rect.x_um),
        y: mm(rect.y_um),
        width: mm(rect.width_um),
        height: mm(rect.height_um),
    }
}

fn spot_item(spot: &Spot, page: u32, w: &DrawingWords) -> SpotItem {
    let (shape, name) = match spot.shape {
        Shape::Box => ("box", w.spot_box),
        Shape::Line => ("line", w.spot_line),
        Shape::Bracket => ("bracket", w.spot_bracket),
    };
    let label = fill(w.spot, &[("shape", &name), ("page", &page)]);
    SpotItem { shape, label, place: place(&spot.rect) }
}

fn field_item(
    index: usize,
    field: &DrawnField,
    faults: &[DrawnFault],
    locale: Locale,
) -> FieldItem {
    let own = faults.iter().filter(|fault| fault.field == Some(index));
    let text = |fault: &DrawnFault| {
        let (zh, en) = fault.wrong.texts();
        locale.pick(&zh, &en).to_owned()
    };
    FieldItem {
        index,
        page: field.page,
        place: place(&field.rect),
        bracket: field.bracket,
        number: field.number.clone(),
        kind: field.kind.code(),
        key: field.key.clone(),
        options: field.options.clone(),
        points: field.points.clone(),
        point: field.point.clone(),
        faults: own.map(text).collect(),
    }
}
