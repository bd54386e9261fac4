//! The ink of one page face or paper, with what is needed to attribute it, in one snapshot.

use std::collections::HashMap;

use ::ink::Stroke;
use attribution::{Evidence, Face, Holder, Lease, PaperStrokes, Receipt, Sheet, Start, may_belong};
use school::PupilId;

use crate::database::Connection;
use crate::ink::{Key, unfold};
use crate::setup::{LeaseColumns, holder_of, lease_of};
use crate::sql::{Small, query};
use crate::work::{Job, labels};
use crate::{Store, StoreError};

/// A chunk that touches a page face.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkRow {
    /// Its key.
    pub key: Key,
    /// The whole frame as received.
    pub bytes: Vec<u8>,
}

/// The ink of a page face.
#[derive(Clone, Debug)]
pub struct FaceInk {
    /// The page face.
    pub face: Face,
    /// Ordered by key. They carry strokes of other page faces and times too.
    pub chunks: Vec<ChunkRow>,
    /// Of the pens and starts of these chunks.
    pub evidence: Evidence,
}

/// What there is to mark: at least every chunk that holds ink of the paper.
#[derive(Clone, Debug)]
pub struct PaperChunks {
    /// The paper's revision in the snapshot; goes back with the outcome.
    pub ink_rev: i64,
    /// The ink of its page face, on a shared run as far as it may be the pupil's.
    pub ink: FaceInk,
    /// Whose paper it is.
    pub pupil: PupilId,
    /// What is printed on the page face now.
    pub printed: Printed,
    /// The ink of other page faces, as far as it was moved to this paper, and what is printed there.
    pub moved: Vec<(FaceInk, Printed)>,
}

/// What the paper's print run has on its page face.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Printed {
    /// A copy, and whose it is, if anybody's. It may have been another pupil's.
    Copy(Option<PupilId>),
    /// A sheet that all share.
    Shared,
    /// Nothing: the run was elsewhere before.
    Nothing,
}

impl Printed {
    /// As attribution takes it; `None` where nothing is printed.
    pub fn sheet(&self) -> Option<Sheet<'_>> {
        match self {
            Self::Copy(owner) => Some(Sheet::Copy { owner: owner.as_ref() }),
            Self::Shared => Some(Sheet::Shared),
            Self::Nothing => None,
        }
    }
}

impl PaperChunks {
    /// The bytes of the chunks.
    pub fn bytes(&self) -> impl Iterator<Item = &[u8]> {
        self.faces().flat_map(|(ink, _)| &ink.chunks).map(|chunk| chunk.bytes.as_slice())
    }

    /// Which of the chunks' strokes are the paper's.
    pub fn strokes(&self, all: impl IntoIterator<Item = Stroke>) -> PaperStrokes {
        let mut all: Vec<Stroke> = all.into_iter().collect();
        let mut paper = PaperStrokes::default();
        for (ink, printed) in self.faces() {
            // Every stroke lies on one page face.
            let (here, elsewhere): (Vec<Stroke>, Vec<Stroke>) =
                all.into_iter().partition(|stroke| ink.face.holds(stroke));
            all = elsewhere;
            let Some(sheet) = printed.sheet() else { continue };
            let of_face = ink.evidence.paper(ink.face, sheet, &self.pupil, here);
            paper.pupil.extend(of_face.pupil);
            paper.red.extend(of_face.red);
            paper.foreign |= of_face.foreign;
        }
        paper
    }

    fn faces(&self) -> impl Iterator<Item = (&FaceInk, &Printed)> {
        std::iter::once((&self.ink, &self.printed))
            .chain(self.moved.iter().map(|(ink, printed)| (ink, printed)))
    }
}

impl Store {
    /// The paper's revision and chunks, with what is needed to attribute them, in one snapshot.
    ///
    /// # Errors
    /// Where the paper is gone or the database refuses.
    pub async fn paper_chunks(&self, job: &Job) -> Result<PaperChunks, StoreError> {
        let mut tx = self.readers().snapshot().await?;
        let ink_rev: i64 = query(
            "SELECT ink_rev FROM paper
             WHERE school = $1 AND assignment = $2 AND pupil = $3 AND page = $4",
        )
        .bind(&job.school)
        .bind(&job.assignment)
        .bind(&job.pupil)
        .bind(job.page)
        .scalar(&mut tx)
        .await?;
        let of = Wanted {
            folio: job.folio,
            page: job.address_page,
            pupil: job.shared.then_some(job.pupil.as_str()),
            paper: Some(job),
        };
        let (ink, receipts) = read(&mut tx, &of).await?;
        let pupil = PupilId::new(job.pupil.clone())?;
        let run = (job.print_run.as_str(), job.shared);
        let printed = printed_at(&mut tx, run, (job.folio, job.address_page)).await?;
        let mut moved = Vec::new();
        for (folio, page) in other_faces(&mut tx, job).await? {
            let (ink, _) = read(&mut tx, &Wanted { folio, page, ..of }).await?;
            moved.push((ink, printed_at(&mut tx, run, (folio, page)).await?));
        }
        let mut paper = PaperChunks { ink_rev, ink, pupil, printed, moved };
        if job.shared {
            paper.leave_out_others(&receipts);
        }
        Ok(paper)
    }

    /// Everything that was written on a page face, by whatever pen. Only for who may see it: ask
    /// [`Store::nobodys_ink`] first.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn ink_on(&self, folio: i64, page: u32) -> Result<FaceInk, StoreError> {
        let mut tx = self.readers().snapshot().await?;
        let (ink, _) = read(&mut tx, &Wanted { folio, page, pupil: None, paper: None }).await?;
        Ok(ink)
    }
}

impl PaperChunks {
    /// Leaves out the chunks in which no stroke can be the pupil's; the receipts are in the order of
    /// the chunks.
    fn leave_out_others(&mut self, receipts: &[Receipt]) {
        let chunks = std::mem::take(&mut self.ink.chunks);
        let mays = |(chunk, receipt): &(ChunkRow, &Receipt)| {
            // A stroke may be judged by another receipt that holds its time.
            let of_start = self.ink.evidence.receipts.get(&chunk.key.start());
            let near = of_start.into_iter().flatten().filter(|other| {
                other.first_ms <= receipt.last_ms && receipt.first_ms <= other.last_ms
            });
            let ink = near.map(|near| (chunk.key.start(), *near));
            let may = may_belong(Sheet::Shared, &self.ink.evidence, ink);
            may.pupils.contains(&self.pupil)
        };
        let own: Vec<_> = chunks.into_iter().zip(receipts).filter(mays).collect();
        self.ink.chunks = own.into_iter().map(|(chunk, _)| chunk).collect();
    }
}

/// What a print run, of copies or shared, has on a page face.
pub(crate) async fn printed_at(
    tx: &mut Connection,
    (run, shared): (&str, bool),
    (folio, page): (i64, u32),
) -> Result<Printed, StoreError> {
    let owner: Option<Option<String>> = query(
        "SELECT y.pupil FROM print_run r
         LEFT JOIN copy y ON y.print_run = r.id AND y.copy = ($3 - r.first_page) / r.pages
         WHERE r.id = $1 AND r.folio = $2 AND r.first_page <= $3
           AND $3 < r.first_page + r.pages * coalesce(r.copies, 1)",
    )
    .bind(run)
    .bind(folio)
    .bind(page)
    .scalar_optional(tx)
    .await?;
    Ok(match owner {
        None => Printed::Nothing,
        Some(_) if shared => Printed::Shared,
        Some(owner) => Printed::Copy(owner.map(PupilId::new).transpose()?),
    })
}

/// The page faces beside the paper's own whose ink was attributed to it: a person moved it there.
async fn other_faces(tx: &mut Connection, job: &Job) -> Result<Vec<(i64, u32)>, StoreError> {
    let rows: Vec<(i64, Small)> = query(
        "SELECT DISTINCT folio, page FROM attribution
         WHERE school = $1 AND assignment = $2 AND pupil = $3 AND paper_page = $4
           AND NOT (folio = $5 AND page = $6)
         ORDER BY folio, page",
    )
    .bind(&job.school)
    .bind(&job.assignment)
    .bind(&job.pupil)
    .bind(job.page)
    .bind(job.folio)
    .bind(job.address_page)
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|(folio, Small(page))| (folio, page)).collect())
}

/// The ink that is asked for.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    folio: i64,
    page: u32,
    /// `None`: of every pen. Else only of pens that the pupil ever held, or whose ink on this page
    /// face was given or moved to the pupil, or attributed to them by their label: the whole class
    /// writes on a shared sheet.
    pupil: Option<&'a str>,
    /// `None`: ink of any paper. Else only of pens whose ink was attributed to this paper: the
    /// sheet of a pupil who moved is one paper, in one of their classes.
    paper: Option<&'a Job>,
}

/// SQL: the pens of `$1`, `$2` and, where it is one pupil's ink, `$3`.
macro_rules! wanted_pens {
    ($pen:literal) => {
        concat!(
            "($3 IS NULL OR ",
            $pen,
            " IN (SELECT pen FROM lease WHERE pupil = $3
                  UNION SELECT pen FROM given_ink
                  WHERE folio = $1 AND page = $2 AND pupil = $3
                  UNION SELECT pen FROM moved_ink
                  WHERE folio = $1 AND page = $2 AND pupil = $3
                  UNION SELECT pen FROM attribution
                  WHERE folio = $1 AND page = $2 AND pupil = $3))"
        )
    };
}

async fn read(tx: &mut Connection, of: &Wanted<'_>) -> Result<(FaceInk, Vec<Receipt>), StoreError> {
    let (chunks, receipts) = chunks(tx, of).await?;
    let leases = leases(tx, of).await?;
    let mut evidence = Evidence::of_leases(leases.iter().cloned());
    evidence.offsets_ms = offsets_ms(tx, of).await?;
    evidence.given = given(tx, of).await?;
    evidence.moved = moved(tx, of).await?;
    evidence.labelled = labels::labelled_ink(tx, &labels::red_pens(&leases)).await?;
    for (chunk, receipt) in chunks.iter().zip(&receipts) {
        evidence.receipts.entry(chunk.key.start()).or_default().push(*receipt);
    }
    let (section, owner, book) = unfold(of.folio);
    let face = Face { section, owner, book, page: of.page };
    Ok((FaceInk { face, chunks, evidence }, receipts))
}

/// Key, bytes, first and last time by the pen's own clock, and the receipt's.
type ChunkColumns = (i64, Small, Small, Small, Vec<u8>, i64, i64, i64);

async fn chunks(
    tx: &mut Connection,
    of: &Wanted<'_>,
) -> Result<(Vec<ChunkRow>, Vec<Receipt>), StoreError> {
    let rows: Vec<ChunkColumns> = query(concat!(
        "SELECT c.pen, c.boot_counter, c.boot_random, c.number, c.bytes, a.first_ms, a.last_ms,
                a.received_ms
         FROM chunk_address a CROSS JOIN chunk c
         WHERE c.id = a.chunk AND a.folio = $1 AND a.page = $2 AND ",
        wanted_pens!("a.pen"),
        " AND ($4 IS NULL OR EXISTS (
                SELECT 1 FROM attribution t
                WHERE t.folio = a.folio AND t.page = a.page AND t.pen = a.pen
                  AND t.school = $4 AND t.assignment = $5 AND t.pupil = $6 AND t.paper_page = $7))
          ORDER BY c.pen, c.boot_counter, c.boot_random, c.number",
    ))
    .bind(of.folio)
    .bind(of.page)
    .bind(of.pupil)
    .bind(of.paper.map(|job| job.school.as_str()))
    .bind(of.paper.map(|job| job.assignment.as_str()))
    .bind(of.paper.map(|job| job.pupil.as_str()))
    .bind(of.paper.map(|job| job.page))
    .fetch_all(tx)
    .await?;
    let chunk = |row: ChunkColumns| {
        let (pen, Small(boot_counter), Small(boot_random), Small(number), bytes, ..) = row;
        let (.., first_ms, last_ms, received_ms) = row;
        let key = Key { pen: pen.cast_unsigned(), boot_counter, boot_random, number };
        (ChunkRow { key, bytes }, Receipt { first_ms, last_ms, received_ms })
    };
    Ok(rows.into_iter().map(chunk).unzip())
}

async fn leases(tx: &mut Connection, of: &Wanted<'_>) -> Result<Vec<Lease>, StoreError> {
    let rows: Vec<LeaseColumns> = query(concat!(
        "SELECT pen, from_ms, until_ms, pupil, marker FROM lease
         WHERE pen IN (SELECT pen FROM ink WHERE folio = $1 AND page = $2) AND ",
        wanted_pens!("pen"),
    ))
    .bind(of.folio)
    .bind(of.page)
    .bind(of.pupil)
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(lease_of).collect()
}

async fn given(tx: &mut Connection, of: &Wanted<'_>) -> Result<HashMap<Start, Holder>, StoreError> {
    type Given = (i64, Small, Small, Option<String>, Option<String>);
    let rows: Vec<Given> = query(
        "SELECT pen, boot_counter, boot_random, pupil, marker FROM given_ink
         WHERE folio = $1 AND page = $2",
    )
    .bind(of.folio)
    .bind(of.page)
    .fetch_all(tx)
    .await?;
    let given = |(pen, Small(counter), Small(random), pupil, marker): Given| {
        let start = Start { pen: pen.cast_unsigned(), counter, random };
        Ok(holder_of(pupil, marker)?.map(|holder| (start, holder)))
    };
    rows.into_iter().filter_map(|row| given(row).transpose()).collect()
}

async fn moved(
    tx: &mut Connection,
    of: &Wanted<'_>,
) -> Result<HashMap<Start, PupilId>, StoreError> {
    let rows: Vec<(i64, Small, Small, String)> = query(
        "SELECT pen, boot_counter, boot_random, pupil FROM moved_ink
         WHERE folio = $1 AND page = $2",
    )
    .bind(of.folio)
    .bind(of.page)
    .fetch_all(tx)
    .await?;
    let moved = |(pen, Small(counter), Small(random), pupil): (i64, _, _, String)| {
        Ok((Start { pen: pen.cast_unsigned(), counter, random }, PupilId::new(pupil)?))
    };
    rows.into_iter().map(moved).collect()
}

async fn offsets_ms(
    tx: &mut Connection,
    of: &Wanted<'_>,
) -> Result<HashMap<Start, i64>, StoreError> {
    let rows: Vec<(i64, Small, Small, i64)> = query(
        "SELECT k.pen, k.boot_counter, k.boot_random, k.offset_ms
         FROM (SELECT DISTINCT pen, boot_counter, boot_random FROM chunk_address
               WHERE folio = $1 AND page = $2) a
         JOIN clock k USING (pen, boot_counter, boot_random)",
    )
    .bind(of.folio)
    .bind(of.page)
    .fetch_all(tx)
    .await?;
    let offset = |(pen, Small(counter), Small(random), offset_ms): (i64, _, _, _)| {
        (Start { pen: pen.cast_unsigned(), counter, random }, offset_ms)
    };
    Ok(rows.into_iter().map(offset).collect())
}
