//! Which papers ink belongs to.
//!
//! Attributes ink to every paper that may hold some of it, by the receipts of its chunks alone;
//! whoever marks a paper decides for each stroke. The assignment of a pupil's paper is the one that
//! gives the print run to a class of the pupil's; of several, [`class`] chooses one. Nobody's ink
//! is looked at once, and again when something that concerns it comes.

mod changes;
mod class;
mod verify;

use std::collections::{BTreeSet, HashMap};

use attribution::{Evidence, Lease, Nobody, Receipt, Sheet, Start, may_belong};
use school::PupilId;
use sqlx::AssertSqlSafe;

use super::labels;
use crate::database::Connection;
use crate::ink::RUN;
use crate::marks::{OutboxKind, announce_all};
use crate::setup::{holder_of, leases_of_pens};
use crate::sql::query;
use crate::{Store, StoreError};
use changes::{Changes, InkKey, Target, before};
use class::{Assignments, Pairs};

/// Rows of ink looked at in one transaction, so that ingestion never waits long for the writer.
const ROWS_MAX: u32 = 256;

/// Why ink is nobody's, beside the codes of [`Nobody`]: looking at it failed.
const FAULT: &str = "fault";

/// Ink of one pen on one page face.
#[derive(Clone, Debug, sqlx::FromRow)]
struct InkRow {
    folio: i64,
    #[sqlx(try_from = "i64")]
    page: u32,
    pen: i64,
    ink_rev: i64,
    received_ms: i64,
    /// The following fields are of the print run that holds the address, if any does.
    run: Option<String>,
    shared: bool,
    /// It is a pupil's name label, which nobody's ink belongs to.
    label: bool,
    /// Page of the worksheet, from 1.
    worksheet_page: Option<i64>,
    /// Whose copy it is; per-copy runs only.
    owner: Option<String>,
    /// To how many papers it went when it was last looked at, and why some was nobody's.
    papers: i64,
    nobody: Option<String>,
}

/// SQL: the rows of ink `i` that a condition names, as [`InkRow`].
fn ink_rows(condition: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!(
        "SELECT i.folio, i.page, i.pen, i.ink_rev, i.received_ms, r.id AS run,
                r.id IS NOT NULL AND r.copies IS NULL AS shared,
                EXISTS (SELECT 1 FROM name_label l
                        WHERE l.folio = i.folio AND l.page = i.page) AS label,
                (i.page - r.first_page) % r.pages + 1 AS worksheet_page, y.pupil AS owner,
                i.papers, i.nobody
         FROM ink i {RUN}
         LEFT JOIN copy y ON y.print_run = r.id AND y.copy = (i.page - r.first_page) / r.pages
         {condition}"
    ))
}

impl InkRow {
    fn key(&self) -> InkKey {
        (self.folio, self.page, self.pen)
    }
}

impl Store {
    /// Attributes ink that is newer than when it was last looked at to its papers, which become
    /// stale; so do those that lose it. Returns how many rows of ink it looked at. Call it again
    /// while that is not 0.
    ///
    /// # Errors
    /// Where the database refuses. A row that cannot be attributed is logged and passed over.
    pub async fn attribute(&self, now_ms: i64) -> Result<usize, StoreError> {
        // Asked of a reader, so that having nothing to do costs the writer nothing.
        let stale: bool = query("SELECT EXISTS (SELECT 1 FROM ink WHERE attributed_rev < ink_rev)")
            .scalar(self.readers())
            .await?;
        if !stale {
            return Ok(0);
        }
        self.write(move |tx| Box::pin(attribute(tx, now_ms))).await
    }
}

async fn attribute(tx: &mut Connection, now_ms: i64) -> Result<usize, StoreError> {
    let waiting = ink_rows("WHERE i.attributed_rev < i.ink_rev ORDER BY i.received_ms LIMIT $1");
    let stale: Vec<InkRow> = query(waiting).bind(ROWS_MAX).fetch_all(&mut *tx).await?;
    tx.savepoint().await?;
    match attribute_rows(tx, &stale, now_ms).await {
        Ok(()) => tx.keep().await?,
        Err(error) if !error.is_of_the_rows() => return Err(error),
        // One row is at fault: the others must not wait for it.
        Err(_) => {
            tx.take_back().await?;
            for row in &stale {
                attribute_alone(tx, row, now_ms).await?;
            }
        }
    }
    Ok(stale.len())
}

async fn attribute_alone(tx: &mut Connection, row: &InkRow, now_ms: i64) -> Result<(), StoreError> {
    tx.savepoint().await?;
    match attribute_rows(tx, std::slice::from_ref(row), now_ms).await {
        Ok(()) => tx.keep().await?,
        Err(error) if !error.is_of_the_rows() => return Err(error),
        Err(error) => {
            tx.take_back().await?;
            tracing::error!(
                %error, folio = row.folio, page = row.page, pen = row.pen.cast_unsigned(),
                "ink could not be attributed and is passed over"
            );
            looked_at(tx, &[(row.folio, row.page, row.pen, row.ink_rev, 0, Some(FAULT))]).await?;
        }
    }
    Ok(())
}

async fn attribute_rows(
    tx: &mut Connection,
    stale: &[InkRow],
    now_ms: i64,
) -> Result<(), StoreError> {
    if stale.is_empty() {
        return Ok(());
    }
    let Decided { rows, elsewhere } = decide(tx, stale).await?;
    let mut changes = Changes::default();
    let mut done = Vec::with_capacity(stale.len());
    for (row, decision) in stale.iter().zip(rows) {
        let Decision { had, has, nobody } = decision;
        done.push((row.folio, row.page, row.pen, row.ink_rev, has.len(), nobody));
        changes.add(row.key(), row.received_ms, &had, has);
    }
    changes.write(tx, now_ms).await?;
    looked_at(tx, &done).await?;
    again(tx, &elsewhere).await?;
    let touching = stale.iter().filter(|row| row.label).map(|row| row.pen);
    labels::shared_ink_again(tx, &touching.collect()).await?;
    let papers = changes.papers();
    let papers: Vec<_> = (papers.iter())
        .map(|target| (&target.school, &target.assignment, &target.pupil, target.page))
        .collect();
    let papers = serde_json::to_string(&papers)?;
    announce_all(tx, OutboxKind::Ink, &papers, now_ms).await
}

/// Whose some rows of ink are.
struct Decided {
    /// One per row.
    rows: Vec<Decision>,
    /// Other ink that is to be looked at again.
    elsewhere: BTreeSet<InkKey>,
}

/// Whose a row of ink is.
struct Decision {
    /// The papers that it went to when it was last looked at.
    had: BTreeSet<Target>,
    /// The papers that it goes to.
    has: BTreeSet<Target>,
    /// Why some of it is nobody's.
    nobody: Option<&'static str>,
}

/// Decides from what is known now; writes nothing.
async fn decide(tx: &mut Connection, ink: &[InkRow]) -> Result<Decided, StoreError> {
    let keys: Vec<InkKey> = ink.iter().map(InkRow::key).collect();
    let known = known(tx, &keys).await?;
    let may: Vec<May> =
        ink.iter().map(|row| may_of(row, &known[&row.key()])).collect::<Result<_, _>>()?;
    let mut before = before(tx, &keys).await?;
    let mut pairs = Pairs::default();
    for (row, may) in ink.iter().zip(&may) {
        let Some(run) = &row.run else { continue };
        for pupil in &may.pupils {
            pairs.has(run, row.shared, pupil, row.key());
        }
        for target in before.get(&row.key()).into_iter().flatten() {
            pairs.had(run, row.shared, PupilId::new(&*target.pupil)?);
        }
    }
    let (assignments, elsewhere) = class::assignments(tx, pairs, &known).await?;
    let decision = |(row, may): (&InkRow, &May)| {
        let has = targets(row, may, &assignments);
        let not_assigned = has.len() < may.pupils.len();
        let nobody = may.nobody.or(not_assigned.then_some(Nobody::NotAssigned));
        let had = before.remove(&row.key()).unwrap_or_default();
        Decision { had, has, nobody: nobody.map(Nobody::code) }
    };
    Ok(Decided { rows: ink.iter().zip(&may).map(decision).collect(), elsewhere })
}

/// The pupils whose papers a row's ink may belong to, and why some may be nobody's.
#[derive(Clone, Debug)]
struct May {
    pupils: BTreeSet<PupilId>,
    nobody: Option<Nobody>,
}

/// A chunk that touches a row's page face, with what is known of its start.
#[derive(sqlx::FromRow)]
struct Touching {
    folio: i64,
    #[sqlx(try_from = "i64")]
    page: u32,
    pen: i64,
    #[sqlx(try_from = "i64")]
    boot_counter: u32,
    #[sqlx(try_from = "i64")]
    boot_random: u32,
    first_ms: i64,
    last_ms: i64,
    received_ms: i64,
    offset_ms: Option<i64>,
    pupil: Option<String>,
    marker: Option<String>,
    /// To whose paper a person moved it.
    moved: Option<String>,
}

/// What is known of the ink of one pen on one page face.
pub(crate) type Known = (Evidence, Vec<(Start, Receipt)>);

/// What is known of the ink of each of the keys.
pub(crate) async fn known(
    tx: &mut Connection,
    keys: &[InkKey],
) -> Result<HashMap<InkKey, Known>, StoreError> {
    let chunks: Vec<Touching> = query(
        "SELECT a.folio, a.page, a.pen, a.boot_counter, a.boot_random, a.first_ms, a.last_ms,
                a.received_ms, k.offset_ms, g.pupil, g.marker, m.pupil AS moved
         FROM json_each($1) CROSS JOIN chunk_address a
         LEFT JOIN clock k ON k.pen = a.pen AND k.boot_counter = a.boot_counter
                          AND k.boot_random = a.boot_random
         LEFT JOIN given_ink g ON g.folio = a.folio AND g.page = a.page AND g.pen = a.pen
                          AND g.boot_counter = a.boot_counter AND g.boot_random = a.boot_random
         LEFT JOIN moved_ink m ON m.folio = a.folio AND m.page = a.page AND m.pen = a.pen
                          AND m.boot_counter = a.boot_counter AND m.boot_random = a.boot_random
         WHERE a.folio = CAST(value->>0 AS BIGINT) AND a.page = CAST(value->>1 AS BIGINT)
           AND a.pen = CAST(value->>2 AS BIGINT)",
    )
    .bind(serde_json::to_string(keys)?)
    .fetch_all(&mut *tx)
    .await?;
    let pens: BTreeSet<i64> = keys.iter().map(|(.., pen)| *pen).collect();
    let mut leases: HashMap<u64, Vec<Lease>> = HashMap::new();
    for lease in leases_of_pens(tx, &pens).await? {
        leases.entry(lease.pen).or_default().push(lease);
    }
    let red = labels::red_pens(leases.values().flatten());
    let labelled = labels::labelled_ink(tx, &red).await?;
    let nothing = |key: &InkKey| {
        let leases = leases.get(&key.2.cast_unsigned()).cloned().unwrap_or_default();
        let mut evidence = Evidence::of_leases(leases);
        let of_pen = labelled.iter().filter(|(start, _)| start.pen == key.2.cast_unsigned());
        evidence.labelled.extend(of_pen.map(|(start, all)| (*start, all.clone())));
        (*key, (evidence, Vec::new()))
    };
    let mut known: HashMap<InkKey, Known> = keys.iter().map(nothing).collect();
    for chunk in chunks {
        let Touching { folio, page, pen, boot_counter, boot_random, .. } = chunk;
        let Some((evidence, ink)) = known.get_mut(&(folio, page, pen)) else { continue };
        let start = Start { pen: pen.cast_unsigned(), counter: boot_counter, random: boot_random };
        evidence.offsets_ms.extend(chunk.offset_ms.map(|offset_ms| (start, offset_ms)));
        if let Some(holder) = holder_of(chunk.pupil, chunk.marker)? {
            evidence.given.insert(start, holder);
        }
        if let Some(pupil) = chunk.moved {
            evidence.moved.insert(start, PupilId::new(pupil)?);
        }
        let Touching { first_ms, last_ms, received_ms, .. } = chunk;
        ink.push((start, Receipt { first_ms, last_ms, received_ms }));
    }
    Ok(known)
}

fn may_of(row: &InkRow, (evidence, ink): &Known) -> Result<May, StoreError> {
    if row.label {
        return Ok(May { pupils: BTreeSet::new(), nobody: None });
    }
    if row.run.is_none() {
        return Ok(May { pupils: BTreeSet::new(), nobody: Some(Nobody::NotPrinted) });
    }
    let owner = row.owner.clone().map(PupilId::new).transpose()?;
    let sheet = if row.shared { Sheet::Shared } else { Sheet::Copy { owner: owner.as_ref() } };
    let may = may_belong(sheet, evidence, ink.iter().copied());
    Ok(May { pupils: may.pupils.into_iter().cloned().collect(), nobody: may.nobody })
}

/// The papers of the pupils to whom the row's worksheet is given.
fn targets(row: &InkRow, may: &May, assignments: &Assignments) -> BTreeSet<Target> {
    let (Some(run), Some(page)) = (&row.run, row.worksheet_page) else { return BTreeSet::new() };
    let target = |pupil: &PupilId| {
        let (school, assignment) = assignments.get(&(run.clone(), pupil.clone()))?;
        Some(Target {
            school: school.clone(),
            assignment: assignment.clone(),
            pupil: pupil.to_string(),
            page,
        })
    };
    may.pupils.iter().filter_map(target).collect()
}

/// Folio, page and pen; the revision, how many papers the ink went to, and why some is nobody's.
type LookedAt<'a> = (i64, u32, i64, i64, usize, Option<&'a str>);

/// Notes up to which revision ink was looked at, to how many papers it went, and why some of it is
/// nobody's.
async fn looked_at(tx: &mut Connection, rows: &[LookedAt<'_>]) -> Result<(), StoreError> {
    query(
        "UPDATE ink SET attributed_rev = CAST(value->>3 AS BIGINT),
                        papers = CAST(value->>4 AS BIGINT), nobody = value->>5
         FROM json_each($1)
         WHERE folio = CAST(value->>0 AS BIGINT) AND page = CAST(value->>1 AS BIGINT)
           AND pen = CAST(value->>2 AS BIGINT)",
    )
    .bind(serde_json::to_string(rows)?)
    .execute(tx)
    .await?;
    Ok(())
}

/// Ink is looked at again.
async fn again(tx: &mut Connection, keys: &BTreeSet<InkKey>) -> Result<(), StoreError> {
    if keys.is_empty() {
        return Ok(());
    }
    query(
        "UPDATE ink SET attributed_rev = 0 WHERE (folio, page, pen) IN (
             SELECT CAST(value->>0 AS BIGINT), CAST(value->>1 AS BIGINT),
                    CAST(value->>2 AS BIGINT)
             FROM json_each($1))",
    )
    .bind(serde_json::to_string(keys)?)
    .execute(tx)
    .await?;
    Ok(())
}
