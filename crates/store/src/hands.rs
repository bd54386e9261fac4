//! Whose hand wrote on a paper, and how a teacher puts it right.
//!
//! Pens are exchanged in a class, and sheets too. What a teacher says of a paper becomes leases that
//! were different from a moment on, or ink that was moved to another paper by their word; both are
//! data beside the ink, which is attributed again. Each correction is kept with what it changed, so
//! that it can be taken back.

mod correct;
mod keep;
mod pieces;
mod timeline;
mod undo;

use std::collections::{BTreeMap, HashMap};

use attribution::Holder;
use school::PupilId;

use crate::sql::{Small, codes, query};
use crate::{AssignmentHead, Store, StoreError};

pub use correct::Corrected;
use pieces::{PaperName, Piece, pieces};
pub use undo::Undone;

/// A pen that wrote on a paper.
#[derive(Clone, PartialEq, Eq)]
pub struct PaperPen {
    /// Its id.
    pub pen: u64,
    /// Its set and number.
    pub place: Option<(String, u32)>,
    /// Who held it then, by a lease or by a person's word, if that is known.
    pub holder: Option<Holder>,
    /// The holder's name.
    pub name: Option<String>,
    /// Whether its ink is red.
    pub red: bool,
    /// Whether it was another pupil's than the one whose copy this is.
    pub foreign: bool,
    /// Whether a person moved its ink to this paper.
    pub moved: bool,
    /// When its ink here begins and ends, Unix milliseconds; `None`: its clock says nothing.
    pub written_ms: Option<(i64, i64)>,
}

impl std::fmt::Debug for PaperPen {
    /// Leaves out the name, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { pen, holder, red, foreign, moved, .. } = self;
        let mut shown = f.debug_struct("PaperPen");
        shown.field("pen", pen).field("holder", holder).field("red", red);
        shown.field("foreign", foreign).field("moved", moved).finish_non_exhaustive()
    }
}

/// What a teacher says of the ink of a paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Another pupil wrote it.
    Wrote,
    /// The paper's pupil and another pupil had each other's pens.
    Swapped,
}

codes!(pub(crate) Said { Wrote = "wrote", Swapped = "swapped" });

/// For how long it was so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// As long as the ink was written without a long rest.
    Evening,
    /// From a moment on, Unix milliseconds; from the ink itself on where that is later.
    From(i64),
}

/// A teacher's word about a paper.
#[derive(Clone, Debug)]
pub struct Correction {
    /// Whose paper it is.
    pub pupil: String,
    /// Page of the worksheet, from 1.
    pub page: u32,
    /// The pen whose ink it is about; `None`: every pen of the page.
    pub pen: Option<u64>,
    /// What is said.
    pub said: Said,
    /// The other pupil.
    pub to: PupilId,
    /// For how long; ink that is moved by itself has no time.
    pub when: When,
    /// Ink may come to a paper of the other pupil that bears some already.
    pub onto_ink: bool,
    /// Who says so.
    pub staff: String,
    /// When they say so, Unix milliseconds.
    pub at_ms: i64,
}

/// A correction that holds.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct CorrectionRow {
    /// Names it.
    pub id: i64,
    /// What was said.
    pub said: Said,
    /// The pupil on whose paper it was said.
    pub pupil: String,
    /// That pupil's name.
    pub name: String,
    /// The other pupil.
    pub to_pupil: String,
    /// That pupil's name.
    pub to_name: String,
    /// Page of the worksheet, from 1.
    #[sqlx(try_from = "i64")]
    pub page: u32,
    /// The name of who said so.
    pub staff: String,
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// From when leases are different; `None`: only ink was moved.
    pub from_ms: Option<i64>,
    /// Until when, exclusive; `None`: from then on.
    pub until_ms: Option<i64>,
}

impl std::fmt::Debug for CorrectionRow {
    /// Leaves out the names, so that they reach no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CorrectionRow").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Corrections of a paper that are listed.
const LISTED_MAX: u32 = 10;

impl Store {
    /// The pens that wrote on a pupil's page, the pupil's before red ones, in the order in which
    /// they began.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn paper_pens(
        &self,
        head: &AssignmentHead,
        pupil: &str,
        page: u32,
    ) -> Result<Vec<PaperPen>, StoreError> {
        let mut tx = self.readers().snapshot().await?;
        let of = PaperName { pupil: PupilId::new(pupil)?, page, head: head.clone() };
        let pieces = pieces(&mut tx, &of).await?;
        let ids: Vec<[i64; 1]> = pieces.iter().map(|piece| [piece.pen()]).collect();
        let places: Vec<(i64, String, Small)> = query(
            "SELECT id, set_name, number FROM pen
             WHERE set_name IS NOT NULL
               AND id IN (SELECT CAST(value->>0 AS BIGINT) FROM json_each($1))",
        )
        .bind(serde_json::to_string(&ids)?)
        .fetch_all(&mut tx)
        .await?;
        let mut of_pen: HashMap<i64, (String, u32)> = HashMap::new();
        for (pen, set, Small(number)) in places {
            of_pen.insert(pen, (set, number));
        }
        let holders: Vec<[&str; 1]> =
            pieces.iter().filter_map(|piece| Some([id_of(piece.holder.as_ref()?)])).collect();
        let names: Vec<(String, String)> = query(
            "SELECT id, name FROM pupil WHERE id IN (SELECT value->>0 FROM json_each($1))
             UNION ALL
             SELECT id, name FROM staff WHERE id IN (SELECT value->>0 FROM json_each($1))",
        )
        .bind(serde_json::to_string(&holders)?)
        .fetch_all(&mut tx)
        .await?;
        let names: HashMap<String, String> = names.into_iter().collect();
        Ok(grouped(&pieces, |pen| of_pen.get(&pen).cloned(), |id| names.get(id).cloned()))
    }

    /// The corrections that hold and name a pupil on the papers of an assignment, latest first.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn corrections(
        &self,
        head: &AssignmentHead,
        pupil: &str,
    ) -> Result<Vec<CorrectionRow>, StoreError> {
        let rows = query(
            "SELECT c.id, c.what AS said, c.pupil, u.name, c.to_pupil, t.name AS to_name, c.page,
                    f.name AS staff, c.at_ms, c.from_ms, c.until_ms
             FROM correction c JOIN pupil u ON u.id = c.pupil JOIN pupil t ON t.id = c.to_pupil
             JOIN staff f ON f.id = c.staff
             WHERE c.class = $1 AND c.assignment = $2 AND (c.pupil = $3 OR c.to_pupil = $3)
               AND c.undone_ms IS NULL
             ORDER BY c.id DESC LIMIT $4",
        )
        .bind(&head.class)
        .bind(&head.id)
        .bind(pupil)
        .bind(LISTED_MAX)
        .fetch_all(self.readers())
        .await?;
        Ok(rows)
    }
}

fn id_of(holder: &Holder) -> &str {
    match holder {
        Holder::Pupil(id) => id.as_str(),
        Holder::Marker(id) => id.as_str(),
    }
}

/// One line per pen, holder and kind of ink.
fn grouped(
    pieces: &[Piece],
    place: impl Fn(i64) -> Option<(String, u32)>,
    name: impl Fn(&str) -> Option<String>,
) -> Vec<PaperPen> {
    let mut groups: BTreeMap<_, Option<(i64, i64)>> = BTreeMap::new();
    for piece in pieces {
        let Piece { red, foreign, moved, .. } = *piece;
        let key = (red, piece.start.pen, piece.holder.clone(), foreign, moved);
        let written_ms = groups.entry(key).or_default();
        *written_ms = match (*written_ms, piece.written_ms) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, other) => one.or(other),
        };
    }
    let line = |((red, pen, holder, foreign, moved), written_ms): (_, _)| {
        let holder: Option<Holder> = holder;
        let name = holder.as_ref().and_then(|holder| name(id_of(holder)));
        let pen: u64 = pen;
        let place = place(pen.cast_signed());
        PaperPen { pen, place, name, holder, red, foreign, moved, written_ms }
    };
    let mut lines: Vec<PaperPen> = groups.into_iter().map(line).collect();
    lines.sort_by_key(|line| (line.red, line.written_ms.map(|(first_ms, _)| first_ms)));
    lines
}

#[cfg(test)]
mod tests;
