//! Ink that is nobody's: seen by those who can say whose it is, and given to somebody.

use std::collections::BTreeMap;

use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use ink::{Assembly, Stroke};
use serde::Deserialize;
use store::{GivenInk, Hand, Holder, NobodysInk, PaperChunks};

use super::html;
use crate::app::Web;
use crate::dates;
use crate::page::Crumb;
use crate::page::nobodys::{Given as GivenItem, NobodysItem, NobodysPage};
use crate::sheet::loose_svg;
use crate::visit::{Failure, Teacher};
use crate::words::{Words, fill};

/// Page faces shown at a time.
const SHOWN_MAX: u32 = 30;
/// Strokes drawn of one piece of ink: enough to know a hand by.
const STROKES_MAX: usize = 300;

/// A start of a pen: its count and its random bits.
type Start = (u32, u32);

pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Path(class): Path<String>,
) -> Result<Response, Failure> {
    let locale = teacher.visitor.locale;
    let (w, staff) = (locale.words(), &teacher.staff.id);
    let class = web.store.class_of(staff, &class).await?.ok_or(Failure::NotFound)?;
    let rows = web.store.nobodys_ink(staff, &class.id, SHOWN_MAX + 1).await?;
    let more = rows.len() > SHOWN_MAX as usize;
    let mut items = Vec::new();
    for row in rows.iter().take(SHOWN_MAX as usize) {
        let chunks = web.store.ink_on(row.folio, row.page).await?;
        let holders = web.store.holders_of(staff, &class.id, row.pen).await?;
        let holders: Vec<_> = holders.into_iter().map(|pupil| (pupil.id, pupil.name)).collect();
        let place = place(&web, &teacher, row).await?;
        for (boot, strokes) in pieces(row, &chunks) {
            items.push(NobodysItem {
                key: key((row.folio, row.page, row.pen), boot),
                pen: format!("{:012x}", row.pen),
                place: place.clone(),
                owner: row.owner.clone(),
                received: dates::minute(row.received_ms, locale),
                why: why(&row.reason, w),
                picture: loose_svg(&strokes, w.nobodys_picture),
                givable: givable(row),
                holders: holders.clone(),
            });
        }
    }
    let pupils = web.store.pupils_of(staff, &class.id).await?;
    let pupils = pupils.into_iter().map(|pupil| (pupil.id, pupil.number, pupil.name)).collect();
    let crumbs = vec![
        Crumb::new(w.classes, "/"),
        Crumb::new(locale.pick(&class.name_zh, &class.name_en), format!("/c/{}", class.id)),
        Crumb::here(w.nobodys_title),
    ];
    let chrome = teacher.visitor.chrome(w.nobodys_title, crumbs);
    let last = web.store.last_given(staff, &class.id).await?;
    let last = last.map(|row| GivenItem {
        key: key((row.folio, row.page, row.pen), (row.boot_counter, row.boot_random)),
        name: row.name.unwrap_or_else(|| w.nobodys_red.to_owned()),
        pen: format!("{:012x}", row.pen),
    });
    let page = NobodysPage { chrome, class: class.id, last, items, more, pupils };
    Ok(html(&page)?.into_response())
}

#[derive(Deserialize)]
pub(crate) struct Given {
    /// What [`key`] wrote.
    #[serde(default)]
    ink: String,
    /// `red`, or `pupil:` and an id.
    #[serde(default)]
    to: String,
}

pub(crate) async fn give(
    State(web): State<Web>,
    teacher: Teacher,
    Path(class): Path<String>,
    Form(given): Form<Given>,
) -> Result<Response, Failure> {
    let staff = &teacher.staff.id;
    let class = web.store.class_of(staff, &class).await?.ok_or(Failure::NotFound)?;
    let ink = parse_key(&given.ink).ok_or(Failure::BadRequest)?;
    let rows = web.store.nobodys_ink(staff, &class.id, u32::MAX).await?;
    let seen = rows.iter().any(|row| {
        givable(row)
            && (row.folio, row.page, row.pen.cast_unsigned()) == (ink.folio, ink.page, ink.pen)
    });
    let holder = match given.to.strip_prefix("pupil:") {
        None if given.to == "red" => Holder::Marker(staff.clone()),
        None => return Err(Failure::BadRequest),
        Some(id) => {
            let pupils = web.store.pupils_of(staff, &class.id).await?;
            let known = pupils.into_iter().find(|pupil| pupil.id == id);
            Holder::Pupil(known.ok_or(Failure::NotFound)?.id)
        }
    };
    // Two may have pressed the button: what is somebody's already stays so.
    if seen {
        web.store.give_ink(ink, holder, staff, web.now_ms()).await?;
        tracing::info!(staff, class = class.id, pen = ink.pen, "gave ink to somebody");
    }
    Ok(Redirect::to(&format!("/c/{}/ink", class.id)).into_response())
}

#[derive(Deserialize)]
pub(crate) struct Undo {
    /// What [`key`] wrote.
    #[serde(default)]
    ink: String,
}

pub(crate) async fn undo(
    State(web): State<Web>,
    teacher: Teacher,
    Path(class): Path<String>,
    Form(undo): Form<Undo>,
) -> Result<Response, Failure> {
    let staff = &teacher.staff.id;
    let class = web.store.class_of(staff, &class).await?.ok_or(Failure::NotFound)?;
    let ink = parse_key(&undo.ink).ok_or(Failure::BadRequest)?;
    // Only one's own word; where it was taken back already, nothing changes.
    web.store.take_ink_back(ink, staff).await?;
    tracing::info!(staff, class = class.id, pen = ink.pen, "took back whose ink it is");
    Ok(Redirect::to(&format!("/c/{}/ink", class.id)).into_response())
}

/// Names one start's ink in a form.
fn key((folio, page, pen): (i64, u32, i64), boot: Start) -> String {
    format!("{folio} {page} {pen} {} {}", boot.0, boot.1)
}

fn parse_key(text: &str) -> Option<GivenInk> {
    let mut parts = text.split(' ');
    let ink = GivenInk {
        folio: parts.next()?.parse().ok()?,
        page: parts.next()?.parse().ok()?,
        pen: parts.next()?.parse::<i64>().ok()?.cast_unsigned(),
        boot_counter: parts.next()?.parse().ok()?,
        boot_random: parts.next()?.parse().ok()?,
    };
    parts.next().is_none().then_some(ink)
}

/// Whether a person's word about the hand gives the ink a paper.
fn givable(row: &NobodysInk) -> bool {
    matches!(row.reason.as_str(), "never_lent" | "not_lent_then" | "no_time")
}

fn why(reason: &str, w: &Words) -> &'static str {
    match reason {
        "never_lent" => w.why_never_lent,
        "not_lent_then" => w.why_not_lent_then,
        "no_time" => w.why_no_time,
        "not_printed" => w.why_not_printed,
        "no_pupil" => w.why_no_pupil,
        "not_assigned" => w.why_not_assigned,
        "red_on_shared_sheet" => w.why_red_on_shared,
        _ => w.why_fault,
    }
}

async fn place(web: &Web, teacher: &Teacher, row: &NobodysInk) -> Result<String, Failure> {
    let locale = teacher.visitor.locale;
    let w = locale.words();
    if let (Some(id), Some(version), Some(page)) = (&row.worksheet, row.version, row.worksheet_page)
    {
        let worksheet = web.worksheet(id, version).await?;
        let title = locale.pick(&worksheet.title_zh, &worksheet.title_en);
        return Ok(fill(w.nobodys_page, &[("title", &title), ("page", &page)]));
    }
    let (section, owner, book) = store::unfold(row.folio);
    let address = format!("{section}.{owner}.{book}.{}", row.page);
    Ok(fill(w.nobodys_address, &[("address", &address)]))
}

/// The strokes of a row that are nobody's, by the start of the pen.
fn pieces(row: &NobodysInk, chunks: &PaperChunks) -> BTreeMap<Start, Vec<Stroke>> {
    let bytes = chunks
        .pupil
        .iter()
        .chain(&chunks.red)
        .filter(|chunk| chunk.key.pen == row.pen.cast_unsigned());
    let (section, owner, book) = store::unfold(row.folio);
    let mut pieces: BTreeMap<Start, Vec<Stroke>> = BTreeMap::new();
    for stroke in Assembly::of_chunks(bytes.map(|chunk| chunk.bytes.as_slice())).strokes {
        let here = stroke.address.is_some_and(|a| {
            (a.section, a.owner, a.book, a.page) == (section, owner, book, row.page)
        });
        let (pen, boot) = (stroke.key.pen.0, stroke.key.boot);
        let offset_ms = chunks.offset_ms(pen, boot.counter, boot.random);
        let at_ms = stroke.start_ms.saturating_add(offset_ms);
        let hand = chunks.hand(pen, boot.counter, boot.random, at_ms);
        let nobodys = match row.reason.as_str() {
            _ if givable(row) && row.shared => {
                matches!(hand, Hand::SomePupil(_) | Hand::Anybody(_))
            }
            _ if givable(row) => matches!(hand, Hand::Anybody(_)),
            "red_on_shared_sheet" => {
                matches!(hand, Hand::Holder(Holder::Marker(_)) | Hand::SomeMarker(_))
            }
            _ => true,
        };
        if here && nobodys {
            let piece = pieces.entry((boot.counter, boot.random)).or_default();
            if piece.len() < STROKES_MAX {
                piece.push(stroke);
            }
        }
    }
    pieces
}
