//! Ink that is nobody's: seen by those who can say whose it is, and given to somebody.

pub(crate) mod give;

use std::collections::BTreeMap;
use std::mem::discriminant;

use attribution::{Nobody, Sheet, Start, Unknown};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use export::sheet::loose_svg;
use ink::{Assembly, Stroke};
use school::Right;
use store::{ClassView, FaceInk, GivenInk, GivenRow, NobodysInk};

use crate::dates;
use crate::failure::Failure;
use crate::page::nobodys::{GivenItem, NobodysItem, NobodysPage, PupilItem};
use crate::page::{Crumb, html};
use crate::session::Teacher;
use crate::state::Web;
use crate::words::{Words, fill, isolated};

/// Page faces shown at a time.
const SHOWN_MAX: u32 = 30;
/// Strokes drawn of one piece of ink: enough to know a hand by.
const STROKES_MAX: usize = 300;
/// Recently given ink that is shown, so that it can be taken back.
const GIVEN_MAX: u32 = 20;

pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Path(class): Path<String>,
) -> Result<Response, Failure> {
    let class = class_of(&web, &teacher, &class).await?;
    respond(&web, &teacher, class, None).await
}

async fn class_of(web: &Web, teacher: &Teacher, class: &str) -> Result<ClassView, Failure> {
    web.store.class_of(&teacher.scope, Right::Give, class).await?.ok_or(Failure::NotFound)
}

/// The page, with what is to be said of what was just sent.
async fn respond(
    web: &Web,
    teacher: &Teacher,
    class: ClassView,
    said: Option<String>,
) -> Result<Response, Failure> {
    let locale = teacher.visitor.locale;
    let (w, staff, scope) = (locale.words(), &teacher.staff.id, &teacher.scope);
    let rows = web.store.nobodys_ink(scope, &class.id, SHOWN_MAX + 1).await?;
    let more = rows.len() > SHOWN_MAX as usize;
    let pupils = web.store.pupils_of(scope, Right::Give, &class.id).await?;
    let mut items = Vec::new();
    for row in rows.iter().take(SHOWN_MAX as usize) {
        let pieces = pieces_of(web, row).await?;
        let holders = web.store.holders_of(scope, &class.id, row.pen).await?;
        let handed_in = web.store.handed_in_at(scope, &class.id, row.folio, row.page).await?;
        let item = |pupil: &store::PupilName| PupilItem {
            id: pupil.id.clone(),
            number: pupil.number,
            name: pupil.name.clone(),
            // On a copy of one's own the ink goes to its owner, whoever wrote.
            handed_in: row.shared && handed_in.contains(&pupil.id),
        };
        let holders: Vec<PupilItem> = holders.iter().map(item).collect();
        let pupils: Vec<PupilItem> = pupils.iter().map(item).collect();
        let owner = row.owner_id.as_ref().filter(|_| !row.shared);
        let settled = match owner {
            Some(owner) if handed_in.contains(owner) => Some(w.nobodys_settled),
            _ if pupils.iter().any(|pupil| pupil.handed_in) => Some(w.nobodys_settled_some),
            _ => None,
        };
        let printed = printed(&row.worksheet, row.version, row.worksheet_page);
        let place = place(web, teacher, (row.folio, row.page), printed).await;
        for (start, strokes) in pieces {
            items.push(NobodysItem {
                key: key((row.folio, row.page), start),
                pen: format!("{:012x}", row.pen),
                place: place.clone(),
                owner: row.owner.clone(),
                received: dates::minute(row.received_ms, locale),
                why: why(&row.reason, w),
                picture: loose_svg(&strokes, w.nobodys_picture),
                givable: givable(row),
                red: !row.shared,
                settled,
                holders: holders.clone(),
                pupils: pupils.clone(),
            });
        }
    }
    let mut given = Vec::new();
    for row in web.store.given_ink(scope, &class.id, GIVEN_MAX).await? {
        let printed = printed(&row.worksheet, row.version, row.worksheet_page);
        given.push(GivenItem {
            key: key((row.folio, row.page), start_of(&row)),
            of: row.at_ms,
            said: given_words(w.nobodys_given, &row, teacher),
            place: place(web, teacher, (row.folio, row.page), printed).await,
            pen: format!("{:012x}", row.pen),
            own: row.staff == *staff,
        });
    }
    let crumbs = vec![
        Crumb::new(w.classes, "/"),
        Crumb::new(locale.pick(&class.name_zh, &class.name_en), format!("/c/{}", class.id)),
        Crumb::here(w.nobodys_title),
    ];
    let mut layout = teacher.visitor.layout(w.nobodys_title, crumbs);
    layout.here = path(&class);
    let page = NobodysPage { layout, class: class.id, said, given, items, more };
    Ok(html(&page)?.into_response())
}

/// The address of the page.
fn path(class: &ClassView) -> String {
    format!("/c/{}/ink", class.id)
}

/// Who gave ink to whom and when, in a text with `{giver}`, `{date}` and `{name}`.
fn given_words(text: &str, row: &GivenRow, teacher: &Teacher) -> String {
    let locale = teacher.visitor.locale;
    let w = locale.words();
    let giver = isolated(&row.giver);
    let date = dates::minute(row.at_ms, locale);
    let name = match &row.name {
        Some(name) => isolated(name),
        None => w.nobodys_own_red.to_owned(),
    };
    fill(text, &[("giver", &giver), ("date", &date), ("name", &name)])
}

/// Names one start's ink in a form.
fn key((folio, page): (i64, u32), start: Start) -> String {
    let Start { pen, counter, random } = start;
    format!("{folio} {page} {} {counter} {random}", pen.cast_signed())
}

fn start_of(row: &GivenRow) -> Start {
    let GivenRow { pen, boot_counter, boot_random, .. } = *row;
    Start { pen: pen.cast_unsigned(), counter: boot_counter, random: boot_random }
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
    matches!(Nobody::of_code(&row.reason), Some(Nobody::Hand(_)))
}

fn why(reason: &str, w: &Words) -> &'static str {
    match Nobody::of_code(reason) {
        Some(Nobody::Hand(Unknown::NeverLent)) => w.why_never_lent,
        Some(Nobody::Hand(Unknown::NotLentThen)) => w.why_not_lent_then,
        Some(Nobody::Hand(Unknown::NoTime)) => w.why_no_time,
        Some(Nobody::NotPrinted) => w.why_not_printed,
        Some(Nobody::NoPupil) => w.why_no_pupil,
        Some(Nobody::NotAssigned) => w.why_not_assigned,
        Some(Nobody::RedOnShared) => w.why_red_on_shared,
        Some(Nobody::NoPage) | None => w.why_fault,
    }
}

/// A worksheet's id, version and page.
type Printed<'a> = Option<(&'a str, u32, u32)>;

fn printed(worksheet: &Option<String>, version: Option<u32>, page: Option<u32>) -> Printed<'_> {
    Some((worksheet.as_deref()?, version?, page?))
}

async fn place(
    web: &Web,
    teacher: &Teacher,
    (folio, page): (i64, u32),
    printed: Printed<'_>,
) -> String {
    let locale = teacher.visitor.locale;
    let w = locale.words();
    if let Some((id, version, page)) = printed {
        let Ok(worksheet) = web.worksheet(id, version).await else {
            return fill(w.worksheet_unreadable_page, &[("page", &page)]);
        };
        let title = locale.pick(&worksheet.title_zh, &worksheet.title_en);
        return fill(w.nobodys_page, &[("title", &title), ("page", &page)]);
    }
    let (section, owner, book) = store::unfold(folio);
    let address = format!("{section}.{owner}.{book}.{page}");
    fill(w.nobodys_address, &[("address", &address)])
}

/// Strokes by the start of the pen that wrote them.
type Pieces = BTreeMap<Start, Vec<Stroke>>;

/// The strokes of a row that are nobody's. They are decoded off the async threads.
async fn pieces_of(web: &Web, row: &NobodysInk) -> Result<Pieces, Failure> {
    let ink = web.store.ink_on(row.folio, row.page).await?;
    let row = row.clone();
    web.apart(move || pieces(&row, &ink)).await
}

fn pieces(row: &NobodysInk, ink: &FaceInk) -> Pieces {
    let pen = row.pen.cast_unsigned();
    let bytes = ink.chunks.iter().filter(|chunk| chunk.key.pen == pen);
    // If the fault is of the hand, the copy's owner does not matter; otherwise the hand does not.
    let sheet = if row.shared { Sheet::Shared } else { Sheet::Copy { owner: None } };
    let of_hand = Nobody::of_code(&row.reason).filter(|why| why.is_of_hand());
    let mut pieces = Pieces::new();
    for stroke in Assembly::of_chunks(bytes.map(|chunk| chunk.bytes.as_slice())).strokes {
        let nobodys = of_hand.is_none_or(|reason| {
            let same = |why: Nobody| discriminant(&why) == discriminant(&reason);
            ink.evidence.whose(sheet, &stroke).is_err_and(same)
        });
        if ink.face.holds(&stroke) && nobodys {
            let piece = pieces.entry(Start::of(&stroke.key)).or_default();
            if piece.len() < STROKES_MAX {
                piece.push(stroke);
            }
        }
    }
    pieces
}
