//! The ink of page faces and papers, with what is needed to attribute it, in one snapshot, and with a
//! few statements for any number of them.

use std::collections::BTreeSet;

use ::ink::Stroke;
use attribution::{Evidence, Face, Lease, PaperStrokes, Receipt, Sheet, Start, may_belong};
use school::PupilId;

use crate::database::Connection;
use crate::ink::{Key, unfold};
use crate::setup::{holder_of, lease_of};
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
    /// What there is to mark of one paper: see [`Store::papers_chunks`].
    ///
    /// # Errors
    /// Where the paper is gone or the database refuses.
    pub async fn paper_chunks(&self, job: &Job) -> Result<PaperChunks, StoreError> {
        let paper = self.papers_chunks(std::slice::from_ref(job)).await?.pop().flatten();
        paper.ok_or_else(|| StoreError::Missing { what: "paper", id: job.assignment.clone() })
    }

    /// Each paper's revision and chunks, with what is needed to attribute them, in one snapshot;
    /// `None` where the paper is gone.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn papers_chunks(
        &self,
        jobs: &[Job],
    ) -> Result<Vec<Option<PaperChunks>>, StoreError> {
        let mut tx = self.readers().snapshot().await?;
        let revisions = revisions(&mut tx, jobs).await?;
        chunks_of(&mut tx, jobs, revisions).await
    }

    /// The same of papers that are not there: [`Store::papers_gone`].
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn chunks_without_paper(
        &self,
        jobs: &[Job],
    ) -> Result<Vec<Option<PaperChunks>>, StoreError> {
        let mut tx = self.readers().snapshot().await?;
        let revisions = jobs.iter().map(|job| Some(job.ink_rev)).collect();
        chunks_of(&mut tx, jobs, revisions).await
    }

    /// Everything that was written on a page face, by whatever pen. Only for who may see it: ask
    /// [`Store::nobodys_ink`] first.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn ink_on(&self, folio: i64, page: u32) -> Result<FaceInk, StoreError> {
        let mut tx = self.readers().snapshot().await?;
        let of = Wanted { folio, page, paper: None };
        let ink = read(&mut tx, &[of]).await?.pop();
        // One is asked for, and one comes.
        ink.map(|(ink, _)| ink)
            .ok_or(StoreError::Missing { what: "page face", id: page.to_string() })
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

/// The ink of papers whose revisions are known.
async fn chunks_of(
    tx: &mut Connection,
    jobs: &[Job],
    revisions: Vec<Option<i64>>,
) -> Result<Vec<Option<PaperChunks>>, StoreError> {
    let of = |job, folio, page| Wanted { folio, page, paper: Some(job) };
    let own = jobs.iter().map(|job| of(job, job.folio, job.address_page));
    let other = other_faces(tx, jobs).await?;
    let moved = other.iter().map(|(job, folio, page)| of(&jobs[*job], *folio, *page));
    let wanted: Vec<Wanted<'_>> = own.chain(moved).collect();
    let mut faces = read(tx, &wanted).await?;
    let of_job = (0..jobs.len()).chain(other.iter().map(|(job, ..)| *job));
    let of_job: Vec<usize> = of_job.collect();
    let places: Vec<_> = (of_job.iter().zip(&wanted))
        .map(|(job, of)| (jobs[*job].print_run.as_str(), jobs[*job].shared, of.folio, of.page))
        .collect();
    let mut printed = printed_on(tx, &places).await?;
    let moved = faces.split_off(jobs.len()).into_iter().zip(printed.split_off(jobs.len()));
    let own = jobs.iter().zip(revisions).zip(faces.into_iter().zip(printed));
    let mut papers = Vec::with_capacity(jobs.len());
    for ((job, ink_rev), ((ink, receipts), printed)) in own {
        let Some(ink_rev) = ink_rev else {
            papers.push(None);
            continue;
        };
        let pupil = PupilId::new(job.pupil.clone())?;
        let mut paper = PaperChunks { ink_rev, ink, pupil, printed, moved: Vec::new() };
        if job.shared {
            paper.leave_out_others(&receipts);
        }
        papers.push(Some(paper));
    }
    for ((job, ..), ((ink, _), printed)) in other.iter().zip(moved) {
        if let Some(paper) = &mut papers[*job] {
            paper.moved.push((ink, printed));
        }
    }
    Ok(papers)
}

/// The revisions of papers; `None` of one that is gone.
async fn revisions(tx: &mut Connection, jobs: &[Job]) -> Result<Vec<Option<i64>>, StoreError> {
    let rows: Vec<(i64, i64)> = query(
        "SELECT CAST(value->>0 AS BIGINT), p.ink_rev FROM json_each($1) CROSS JOIN paper p
         WHERE p.school = value->>1 AND p.assignment = value->>2 AND p.pupil = value->>3
           AND p.page = CAST(value->>4 AS BIGINT)",
    )
    .bind(papers(jobs)?)
    .fetch_all(tx)
    .await?;
    let mut revisions = vec![None; jobs.len()];
    for (job, ink_rev) in rows {
        revisions[place(job)] = Some(ink_rev);
    }
    Ok(revisions)
}

/// Lines for a statement: place in the list, school, assignment, pupil, page, page face.
fn papers(jobs: &[Job]) -> Result<String, StoreError> {
    let line = |(place, job): (usize, &Job)| {
        let (school, assignment, pupil) =
            (job.school.clone(), job.assignment.clone(), job.pupil.clone());
        (place, school, assignment, pupil, job.page, job.folio, job.address_page)
    };
    Ok(serde_json::to_string(&jobs.iter().enumerate().map(line).collect::<Vec<_>>())?)
}

/// A place in a list that was written into a statement, as it comes out of it.
fn place(place: i64) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

/// What a print run, of copies or shared, has on a page face.
pub(crate) async fn printed_at(
    tx: &mut Connection,
    (run, shared): (&str, bool),
    (folio, page): (i64, u32),
) -> Result<Printed, StoreError> {
    let printed = printed_on(tx, &[(run, shared, folio, page)]).await?.pop();
    Ok(printed.unwrap_or(Printed::Nothing))
}

/// The same of several: print run, whether it is shared, folio and page.
async fn printed_on(
    tx: &mut Connection,
    places: &[(&str, bool, i64, u32)],
) -> Result<Vec<Printed>, StoreError> {
    let line = |(place, (run, _, folio, page)): (usize, &(&str, bool, i64, u32))| {
        (place, (*run).to_owned(), *folio, *page)
    };
    let lines: Vec<_> = places.iter().enumerate().map(line).collect();
    let rows: Vec<(i64, Option<String>)> = query(
        "SELECT CAST(value->>0 AS BIGINT), y.pupil
         FROM json_each($1) CROSS JOIN print_run r
         LEFT JOIN copy y ON y.print_run = r.id
                         AND y.copy = (CAST(value->>3 AS BIGINT) - r.first_page) / r.pages
         WHERE r.id = value->>1 AND r.folio = CAST(value->>2 AS BIGINT)
           AND r.first_page <= CAST(value->>3 AS BIGINT)
           AND CAST(value->>3 AS BIGINT) < r.first_page + r.pages * coalesce(r.copies, 1)",
    )
    .bind(serde_json::to_string(&lines)?)
    .fetch_all(tx)
    .await?;
    let mut printed = vec![Printed::Nothing; places.len()];
    for (at, owner) in rows {
        let at = place(at);
        printed[at] = match owner {
            _ if places[at].1 => Printed::Shared,
            owner => Printed::Copy(owner.map(PupilId::new).transpose()?),
        };
    }
    Ok(printed)
}

/// The page faces beside the papers' own whose ink was attributed to them, each with the place of its
/// paper: a person moved it there.
async fn other_faces(
    tx: &mut Connection,
    jobs: &[Job],
) -> Result<Vec<(usize, i64, u32)>, StoreError> {
    let rows: Vec<(i64, i64, Small)> = query(
        "SELECT DISTINCT CAST(value->>0 AS BIGINT) AS place, t.folio, t.page
         FROM json_each($1) CROSS JOIN attribution t
         WHERE t.school = value->>1 AND t.assignment = value->>2 AND t.pupil = value->>3
           AND t.paper_page = CAST(value->>4 AS BIGINT)
           AND NOT (t.folio = CAST(value->>5 AS BIGINT)
                    AND t.page = CAST(value->>6 AS BIGINT))
         ORDER BY place, t.folio, t.page",
    )
    .bind(papers(jobs)?)
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|(job, folio, Small(page))| (place(job), folio, page)).collect())
}

/// The ink that is asked for.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    folio: i64,
    page: u32,
    /// `None`: of every pen. Else only of pens whose ink was attributed to this paper: the whole class
    /// writes on a shared sheet, and the sheet of a pupil who moved is one paper, in one of their
    /// classes.
    paper: Option<&'a Job>,
}

/// Lines for a statement that begins with `of_pens!`: place in the list, folio, page, and the school,
/// assignment, pupil and page of a paper or nulls.
fn lines(wanted: &[Wanted<'_>]) -> Result<String, StoreError> {
    let line = |(place, of): (usize, &Wanted<'_>)| {
        let paper = of.paper;
        let named = |name: fn(&Job) -> &String| paper.map(name).cloned();
        (
            place,
            of.folio,
            of.page,
            named(|job| &job.school),
            named(|job| &job.assignment),
            named(|job| &job.pupil),
            paper.map(|job| job.page),
        )
    };
    Ok(serde_json::to_string(&wanted.iter().enumerate().map(line).collect::<Vec<_>>())?)
}

/// SQL: the lines as rows `w`, and as `p` each pen whose ink on a line's page face is wanted, once. The
/// lines are taken apart once, and not for every row that they are held against. A paper's pens come
/// from the attribution: on a shared sheet, to look at each pen of the class for each of its papers
/// would cost the square of the class.
macro_rules! of_pens {
    ($($sql:expr),+ $(,)?) => {
        concat!(
            "WITH w AS MATERIALIZED (
                 SELECT CAST(value->>0 AS BIGINT) AS place, CAST(value->>1 AS BIGINT) AS folio,
                        CAST(value->>2 AS BIGINT) AS page, value->>3 AS school,
                        value->>4 AS assignment, value->>5 AS pupil,
                        CAST(value->>6 AS BIGINT) AS paper_page
                 FROM json_each($1)),
             p AS MATERIALIZED (
                 SELECT w.place, t.folio, t.page, t.pen FROM w CROSS JOIN attribution t
                 WHERE t.assignment = w.assignment AND t.pupil = w.pupil
                   AND t.paper_page = w.paper_page AND t.school = w.school
                   AND t.folio = w.folio AND t.page = w.page
                 UNION ALL
                 SELECT w.place, i.folio, i.page, i.pen FROM w CROSS JOIN ink i
                 WHERE w.assignment IS NULL AND i.folio = w.folio AND i.page = w.page) ",
            $($sql),+
        )
    };
}

/// SQL: what lies on the page face of `p` and is of its pen.
macro_rules! of_pen {
    ($table:literal) => {
        concat!(
            $table,
            ".folio = p.folio AND ",
            $table,
            ".page = p.page AND ",
            $table,
            ".pen = p.pen"
        )
    };
}

/// What is wanted of each, with the receipts of its chunks.
async fn read(
    tx: &mut Connection,
    wanted: &[Wanted<'_>],
) -> Result<Vec<(FaceInk, Vec<Receipt>)>, StoreError> {
    let lines = lines(wanted)?;
    let mut all: Vec<(FaceInk, Vec<Receipt>)> = wanted.iter().map(nothing).collect();
    chunks(tx, &lines, &mut all).await?;
    let red = leases(tx, &lines, &mut all).await?;
    offsets_ms(tx, &lines, &mut all).await?;
    given(tx, &lines, &mut all).await?;
    moved(tx, &lines, &mut all).await?;
    let labelled = labels::labelled_ink(tx, &red.iter().flatten().copied().collect()).await?;
    for ((ink, receipts), red) in all.iter_mut().zip(&red) {
        let of_red = labelled.iter().filter(|(start, _)| red.contains(&start.pen.cast_signed()));
        ink.evidence.labelled.extend(of_red.map(|(start, all)| (*start, all.clone())));
        for (chunk, receipt) in ink.chunks.iter().zip(receipts) {
            ink.evidence.receipts.entry(chunk.key.start()).or_default().push(*receipt);
        }
    }
    Ok(all)
}

/// A page face without ink.
fn nothing(of: &Wanted<'_>) -> (FaceInk, Vec<Receipt>) {
    let (section, owner, book) = unfold(of.folio);
    let face = Face { section, owner, book, page: of.page };
    let ink = FaceInk { face, chunks: Vec::new(), evidence: Evidence::of_leases([]) };
    (ink, Vec::new())
}

/// Puts the chunks into what is asked for, with their receipts, in the order of their keys.
///
/// All of a page face come as one row: rows cross from SQLite's thread one by one, and each value of
/// them is copied by itself, which took three quarters of the time.
async fn chunks(
    tx: &mut Connection,
    lines: &str,
    all: &mut [(FaceInk, Vec<Receipt>)],
) -> Result<(), StoreError> {
    let rows: Vec<(i64, String, Vec<u8>)> = query(of_pens!(
        "SELECT p.place,
                string_agg(c.pen || ',' || c.boot_counter || ',' || c.boot_random || ','
                           || c.number || ',' || a.first_ms || ',' || a.last_ms || ','
                           || a.received_ms || ',' || length(c.bytes), ';' ORDER BY c.id),
                string_agg(c.bytes, '' ORDER BY c.id)
         FROM p CROSS JOIN chunk_address a CROSS JOIN chunk c
         WHERE c.id = a.chunk AND ",
        of_pen!("a"),
        " GROUP BY p.place",
    ))
    .bind(lines)
    .fetch_all(tx)
    .await?;
    for (at, told, bytes) in rows {
        let mut found = unpack(&told, &bytes)
            .ok_or_else(|| sqlx::Error::Decode("chunks do not fit what is told of them".into()))?;
        found.sort_unstable_by_key(|(chunk, _)| chunk.key.columns());
        let (ink, receipts) = &mut all[place(at)];
        (ink.chunks, *receipts) = found.into_iter().unzip();
    }
    Ok(())
}

/// Takes a row of chunks apart; `None` where its two halves do not fit each other.
fn unpack(told: &str, mut bytes: &[u8]) -> Option<Vec<(ChunkRow, Receipt)>> {
    let mut found = Vec::new();
    for line in told.split(';') {
        let mut columns = line.split(',').map(|column| column.parse::<i64>().ok());
        let mut next = || columns.next().flatten();
        let key = Key {
            pen: next()?.cast_unsigned(),
            boot_counter: next()?.try_into().ok()?,
            boot_random: next()?.try_into().ok()?,
            number: next()?.try_into().ok()?,
        };
        let receipt = Receipt { first_ms: next()?, last_ms: next()?, received_ms: next()? };
        let (own, rest) = bytes.split_at_checked(next()?.try_into().ok()?)?;
        found.push((ChunkRow { key, bytes: own.to_vec() }, receipt));
        bytes = rest;
    }
    bytes.is_empty().then_some(found)
}

/// Puts the leases of the wanted pens into the evidence of each page face; gives the pens among
/// them that a marker ever held.
async fn leases(
    tx: &mut Connection,
    lines: &str,
    all: &mut [(FaceInk, Vec<Receipt>)],
) -> Result<Vec<BTreeSet<i64>>, StoreError> {
    type LeaseOf = (i64, i64, i64, Option<i64>, Option<String>, Option<String>);
    let rows: Vec<LeaseOf> = query(of_pens!(
        "SELECT p.place, l.pen, l.from_ms, l.until_ms, l.pupil, l.marker
         FROM p CROSS JOIN lease l WHERE l.pen = p.pen",
    ))
    .bind(lines)
    .fetch_all(tx)
    .await?;
    let mut of_face: Vec<Vec<Lease>> = vec![Vec::new(); all.len()];
    for (at, pen, from_ms, until_ms, pupil, marker) in rows {
        of_face[place(at)].push(lease_of((pen, from_ms, until_ms, pupil, marker))?);
    }
    let red = of_face.iter().map(labels::red_pens).collect();
    for ((ink, _), leases) in all.iter_mut().zip(of_face) {
        ink.evidence = Evidence::of_leases(leases);
    }
    Ok(red)
}

async fn given(
    tx: &mut Connection,
    lines: &str,
    all: &mut [(FaceInk, Vec<Receipt>)],
) -> Result<(), StoreError> {
    type Given = (i64, i64, Small, Small, Option<String>, Option<String>);
    let rows: Vec<Given> = query(of_pens!(
        "SELECT p.place, g.pen, g.boot_counter, g.boot_random, g.pupil, g.marker
         FROM p CROSS JOIN given_ink g WHERE ",
        of_pen!("g"),
    ))
    .bind(lines)
    .fetch_all(tx)
    .await?;
    for (at, pen, Small(counter), Small(random), pupil, marker) in rows {
        if let Some(holder) = holder_of(pupil, marker)? {
            let start = Start { pen: pen.cast_unsigned(), counter, random };
            all[place(at)].0.evidence.given.insert(start, holder);
        }
    }
    Ok(())
}

async fn moved(
    tx: &mut Connection,
    lines: &str,
    all: &mut [(FaceInk, Vec<Receipt>)],
) -> Result<(), StoreError> {
    let rows: Vec<(i64, i64, Small, Small, String)> = query(of_pens!(
        "SELECT p.place, m.pen, m.boot_counter, m.boot_random, m.pupil
         FROM p CROSS JOIN moved_ink m WHERE ",
        of_pen!("m"),
    ))
    .bind(lines)
    .fetch_all(tx)
    .await?;
    for (at, pen, Small(counter), Small(random), pupil) in rows {
        let start = Start { pen: pen.cast_unsigned(), counter, random };
        all[place(at)].0.evidence.moved.insert(start, PupilId::new(pupil)?);
    }
    Ok(())
}

async fn offsets_ms(
    tx: &mut Connection,
    lines: &str,
    all: &mut [(FaceInk, Vec<Receipt>)],
) -> Result<(), StoreError> {
    let rows: Vec<(i64, i64, Small, Small, i64)> = query(of_pens!(
        "SELECT DISTINCT p.place, k.pen, k.boot_counter, k.boot_random,
                k.offset_ms
         FROM p CROSS JOIN chunk_address a CROSS JOIN clock k
         WHERE k.pen = a.pen AND k.boot_counter = a.boot_counter AND k.boot_random = a.boot_random
           AND ",
        of_pen!("a"),
    ))
    .bind(lines)
    .fetch_all(tx)
    .await?;
    for (at, pen, Small(counter), Small(random), offset_ms) in rows {
        let start = Start { pen: pen.cast_unsigned(), counter, random };
        all[place(at)].0.evidence.offsets_ms.insert(start, offset_ms);
    }
    Ok(())
}
