//! The ink of a paper, by the starts of the pens that wrote it.

use std::collections::{BTreeSet, HashMap};

use attribution::{Hand, Holder, Start, Written};
use school::PupilId;

use crate::database::Connection;
use crate::sql::{Small, query};
use crate::work::{Known, known, printed_at};
use crate::{AssignmentHead, Printed, StoreError};

/// A paper.
pub(super) struct PaperName {
    pub(super) head: AssignmentHead,
    pub(super) pupil: PupilId,
    /// Page of the worksheet, from 1.
    pub(super) page: u32,
}

/// Ink of one hand within one start of a pen on one page face, as far as it is a paper's.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) folio: i64,
    /// Of the address.
    pub(super) page: u32,
    pub(super) start: Start,
    pub(super) printed: Printed,
    /// Who held the pen, if that is known.
    pub(super) holder: Option<Holder>,
    pub(super) red: bool,
    pub(super) foreign: bool,
    /// Whether a person moved it here.
    pub(super) moved: bool,
    /// First and last time; `None`: the clock says nothing.
    pub(super) written_ms: Option<(i64, i64)>,
}

impl Piece {
    /// The pen, as the signed integer of the same bits.
    pub(super) fn pen(&self) -> i64 {
        self.start.pen.cast_signed()
    }
}

/// The ink of a paper, told by the receipts of its chunks alone: no stroke is decoded. A chunk holds
/// four seconds of ink, and is counted as the hand's that began it.
pub(super) async fn pieces(tx: &mut Connection, of: &PaperName) -> Result<Vec<Piece>, StoreError> {
    let keys: Vec<(i64, Small, i64)> = query(
        "SELECT DISTINCT folio, page, pen FROM attribution
         WHERE school = $1 AND assignment = $2 AND pupil = $3 AND paper_page = $4
         ORDER BY folio, page, pen",
    )
    .bind(&of.head.school)
    .bind(&of.head.id)
    .bind(of.pupil.as_str())
    .bind(of.page)
    .fetch_all(&mut *tx)
    .await?;
    let keys: Vec<_> =
        keys.into_iter().map(|(folio, Small(page), pen)| (folio, page, pen)).collect();
    let shared: bool =
        query("SELECT EXISTS (SELECT 1 FROM print_run WHERE id = $1 AND copies IS NULL)")
            .bind(&of.head.print_run)
            .scalar(&mut *tx)
            .await?;
    let mut faces: HashMap<(i64, u32), Printed> = HashMap::new();
    let named: BTreeSet<(i64, u32)> = keys.iter().map(|(folio, page, _)| (*folio, *page)).collect();
    for face in named {
        faces.insert(face, printed_at(tx, (&of.head.print_run, shared), face).await?);
    }
    let mut found = Vec::new();
    for ((folio, page, _), known) in known(tx, &keys).await? {
        if let Some(printed) = faces.get(&(folio, page)) {
            found.extend(pieces_on((folio, page), printed, known, &of.pupil));
        }
    }
    found.sort_by_key(|piece| (piece.folio, piece.page, piece.start, piece.holder.clone()));
    Ok(found)
}

fn pieces_on(
    (folio, page): (i64, u32),
    printed: &Printed,
    (mut evidence, ink): Known,
    pupil: &PupilId,
) -> Vec<Piece> {
    let Some(sheet) = printed.sheet() else { return Vec::new() };
    for (start, receipt) in &ink {
        evidence.receipts.entry(*start).or_default().push(*receipt);
    }
    let mut found: Vec<Piece> = Vec::new();
    for (start, receipt) in ink {
        let belongs = evidence.whose_at(sheet, start, receipt.first_ms);
        let Some(belongs) = belongs.ok().filter(|belongs| belongs.pupil == pupil) else { continue };
        let holder = match evidence.hand(start, receipt.first_ms) {
            Hand::Holder(holder, _) => Some(holder.clone()),
            Hand::Labelled { marker, .. } => marker.cloned(),
            _ => None,
        };
        let (red, foreign) = (belongs.red, belongs.foreign);
        let moved = evidence.moved.contains_key(&start);
        let last_ms = evidence.corrected_ms(start, receipt.last_ms);
        let written_ms = match evidence.written_at(start, &receipt) {
            Written::At(first_ms) => Some((first_ms, last_ms)),
            Written::Before(_) => None,
        };
        let same = |piece: &&mut Piece| piece.start == start && piece.holder == holder;
        let Some(piece) = found.iter_mut().find(same) else {
            let printed = printed.clone();
            let new =
                Piece { folio, page, start, printed, holder, red, foreign, moved, written_ms };
            found.push(new);
            continue;
        };
        piece.written_ms = match (piece.written_ms, written_ms) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, other) => one.or(other),
        };
    }
    found
}
