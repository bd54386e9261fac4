//! Which papers ink belongs to.
//!
//! On a per-copy run the address owns the paper: address → copy → pupil, and the assignment of
//! that run whose class holds the pupil. On a shared run the pen's lease does, at the corrected
//! time of the ink. Ink that belongs to nobody is looked at once, and again when something that
//! concerns it comes.

use std::collections::{BTreeMap, BTreeSet};

use crate::database::Connection;
use crate::hands::{Hand, Unknown, Written, first_ms, has_time, last_ms};
use crate::marks::{OutboxKind, PaperOf, announce};
use crate::setup::leases_of_pens;
use crate::sql::{Small, query};
use crate::{Holder, Store, StoreError};

/// Rows of ink looked at in one transaction, so that ingestion never waits long for the writer.
const ROWS_MAX: u32 = 256;

/// Ink of one pen on one page face, newer than when it was last looked at.
#[derive(Clone, Debug, sqlx::FromRow)]
struct Stale {
    folio: i64,
    #[sqlx(try_from = "i64")]
    page: u32,
    pen: i64,
    ink_rev: i64,
    received_ms: i64,
    /// The rest is of the print run that holds the address, if any does.
    run: Option<String>,
    shared: bool,
    /// Page of the worksheet, from 1.
    worksheet_page: Option<i64>,
    /// Whose copy it is; per-copy runs only.
    owner: Option<String>,
}

/// Who held the pen while it wrote there.
#[derive(Clone, Debug, Default)]
struct Holders {
    pupils: BTreeSet<String>,
    marker: bool,
    /// Whose hand some of the ink is may be a pupil's that nobody can name.
    some_pupil: Option<Unknown>,
    /// Some of the ink may be red or a pupil's.
    anybody: Option<Unknown>,
}

impl Holders {
    fn add(&mut self, holder: &Holder) {
        match holder {
            Holder::Pupil(id) => drop(self.pupils.insert(id.clone())),
            Holder::Marker(_) => self.marker = true,
        }
    }
}

/// A paper that ink belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Target {
    school: String,
    assignment: String,
    pupil: String,
    page: i64,
}

impl Store {
    /// Leads ink that is newer than when it was last looked at to its papers, which become stale;
    /// returns how many rows of ink it looked at. Call it again while that is not 0.
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
    let stale: Vec<Stale> = query(
        "SELECT i.folio, i.page, i.pen, i.ink_rev, i.received_ms, r.id AS run,
                r.id IS NOT NULL AND r.copies IS NULL AS shared,
                (i.page - r.first_page) % r.pages + 1 AS worksheet_page, y.pupil AS owner
         FROM ink i
         LEFT JOIN print_run r ON r.folio = i.folio
               AND r.first_page = (SELECT max(first_page) FROM print_run
                                   WHERE folio = i.folio AND first_page <= i.page)
               AND i.page < r.first_page + r.pages * coalesce(r.copies, 1)
         LEFT JOIN copy y ON y.print_run = r.id AND y.copy = (i.page - r.first_page) / r.pages
         WHERE i.attributed_rev < i.ink_rev
         ORDER BY i.received_ms LIMIT $1",
    )
    .bind(ROWS_MAX)
    .fetch_all(&mut *tx)
    .await?;
    tx.savepoint().await?;
    match attribute_rows(tx, &stale, now_ms).await {
        Ok(()) => tx.keep().await?,
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

async fn attribute_alone(tx: &mut Connection, row: &Stale, now_ms: i64) -> Result<(), StoreError> {
    tx.savepoint().await?;
    match attribute_rows(tx, std::slice::from_ref(row), now_ms).await {
        Ok(()) => tx.keep().await?,
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
    stale: &[Stale],
    now_ms: i64,
) -> Result<(), StoreError> {
    if stale.is_empty() {
        return Ok(());
    }
    let holders = holders(tx, stale).await?;
    let assignments = assignments(tx, stale, &holders).await?;
    // A paper's latest ink, whether a foreign pen wrote on it, and its address.
    let mut touched: BTreeMap<Target, (i64, bool, i64, u32)> = BTreeMap::new();
    let mut done = Vec::with_capacity(stale.len());
    for row in stale {
        let held = holders.get(&(row.folio, row.page, row.pen));
        let targets = targets(row, held, &assignments);
        let nobody = nobody(row, held, &targets);
        done.push((row.folio, row.page, row.pen, row.ink_rev, targets.len(), nobody));
        for target in targets {
            let foreign = !row.shared
                && held.is_some_and(|held| held.pupils.iter().any(|pupil| *pupil != target.pupil));
            let entry = touched.entry(target).or_insert((i64::MIN, false, row.folio, row.page));
            entry.0 = entry.0.max(row.received_ms);
            entry.1 |= foreign;
        }
    }
    touch_papers(tx, &touched).await?;
    looked_at(tx, &done).await?;
    for target in touched.keys() {
        let of = PaperOf {
            school: &target.school,
            assignment: &target.assignment,
            pupil: &target.pupil,
        };
        announce(tx, OutboxKind::Ink, of, Some(target.page), now_ms).await?;
    }
    Ok(())
}

/// Folio, page and pen, and the pupil or marker who held the pen.
type HolderOf = (i64, Small, i64, Option<String>, Option<String>);

/// Who held each row's pen while it wrote on that page face.
async fn holders(
    tx: &mut Connection,
    stale: &[Stale],
) -> Result<BTreeMap<(i64, u32, i64), Holders>, StoreError> {
    let keys: Vec<_> = stale.iter().map(|row| (row.folio, row.page, row.pen)).collect();
    let keys = serde_json::to_string(&keys)?;
    let rows: Vec<HolderOf> = query(concat!(
        "SELECT DISTINCT a.folio, a.page, a.pen, l.pupil, l.marker
         FROM json_each($1) CROSS JOIN chunk_address a
         LEFT JOIN clock k ON k.pen = a.pen AND k.boot_counter = a.boot_counter
                          AND k.boot_random = a.boot_random
         JOIN lease l ON l.pen = a.pen AND l.from_ms <= ",
        last_ms!(),
        " AND (l.until_ms IS NULL OR l.until_ms > ",
        first_ms!(),
        ") WHERE a.folio = CAST(value->>0 AS BIGINT) AND a.page = CAST(value->>1 AS BIGINT)
           AND a.pen = CAST(value->>2 AS BIGINT) AND ",
        has_time!(),
    ))
    .bind(&keys)
    .fetch_all(&mut *tx)
    .await?;
    let mut holders: BTreeMap<_, Holders> = BTreeMap::new();
    for (folio, Small(page), pen, pupil, marker) in rows {
        let held = holders.entry((folio, page, pen)).or_default();
        held.pupils.extend(pupil);
        held.marker |= marker.is_some();
    }
    add_unheld(tx, &keys, &mut holders).await?;
    Ok(holders)
}

/// Ink of a pen on a page face that no lease covers, or that has no time: whether it has one, whose
/// it is by a person's word, and when it was received.
type Unheld = (i64, Small, i64, bool, Option<String>, Option<String>, i64);

/// Adds the hands of ink that has no time, and of ink that no lease covers.
async fn add_unheld(
    tx: &mut Connection,
    keys: &str,
    holders: &mut BTreeMap<(i64, u32, i64), Holders>,
) -> Result<(), StoreError> {
    let rows: Vec<Unheld> = query(concat!(
        "WITH t AS (
             SELECT a.folio, a.page, a.pen, a.boot_counter, a.boot_random, a.received_ms, ",
        has_time!(),
        " AS timed, ",
        first_ms!(),
        " AS first_ms, ",
        last_ms!(),
        " AS last_ms
             FROM json_each($1) CROSS JOIN chunk_address a
             LEFT JOIN clock k ON k.pen = a.pen AND k.boot_counter = a.boot_counter
                              AND k.boot_random = a.boot_random
             WHERE a.folio = CAST(value->>0 AS BIGINT) AND a.page = CAST(value->>1 AS BIGINT)
               AND a.pen = CAST(value->>2 AS BIGINT))
         SELECT DISTINCT t.folio, t.page, t.pen, t.timed, g.pupil, g.marker,
                CASE WHEN t.timed THEN 0 ELSE t.received_ms END
         FROM t LEFT JOIN given_ink g USING (folio, page, pen, boot_counter, boot_random)
         WHERE NOT t.timed
            OR NOT EXISTS (SELECT 1 FROM lease l WHERE l.pen = t.pen AND l.from_ms <= t.first_ms
                             AND (l.until_ms IS NULL OR l.until_ms > t.first_ms))
            OR NOT EXISTS (SELECT 1 FROM lease l WHERE l.pen = t.pen AND l.from_ms <= t.last_ms
                             AND (l.until_ms IS NULL OR l.until_ms > t.last_ms))",
    ))
    .bind(keys)
    .fetch_all(&mut *tx)
    .await?;
    if rows.is_empty() {
        return Ok(());
    }
    let pens: BTreeSet<i64> = rows.iter().map(|row| row.2).collect();
    let leases = leases_of_pens(tx, &pens).await?;
    for (folio, Small(page), pen, timed, pupil, marker, received_ms) in rows {
        // Ink with a time is here because nobody held the pen then: as at a time before all leases.
        let written = if timed { Written::At(i64::MIN) } else { Written::Before(received_ms) };
        let given = pupil.map(Holder::Pupil).or(marker.map(Holder::Marker));
        let hand = match (Hand::of(&leases, pen.cast_unsigned(), written), &given) {
            (Hand::Holder(holder), _) | (_, Some(holder)) => Hand::Holder(holder),
            (unknown, None) => unknown,
        };
        let held = holders.entry((folio, page, pen)).or_default();
        match hand {
            Hand::Holder(holder) => held.add(holder),
            Hand::SomePupil(why) => held.some_pupil = Some(why),
            Hand::SomeMarker(_) => held.marker = true,
            Hand::Anybody(why) => held.anybody = Some(why),
        }
    }
    Ok(())
}

/// (run, pupil) → (school, assignment): the assignment of that run whose class holds the pupil.
type Assignments = BTreeMap<(String, String), (String, String)>;

async fn assignments(
    tx: &mut Connection,
    stale: &[Stale],
    holders: &BTreeMap<(i64, u32, i64), Holders>,
) -> Result<Assignments, StoreError> {
    let mut pairs: BTreeSet<(&String, &String)> = BTreeSet::new();
    for row in stale {
        let Some(run) = &row.run else { continue };
        pairs.extend(row.owner.iter().map(|owner| (run, owner)));
        let held = holders.get(&(row.folio, row.page, row.pen)).filter(|_| row.shared);
        pairs.extend(held.iter().flat_map(|held| &held.pupils).map(|pupil| (run, pupil)));
    }
    let rows: Vec<(String, String, String, String)> = query(
        "SELECT s.print_run, p.id, s.school, s.id
         FROM json_each($1) CROSS JOIN pupil p
         JOIN assignment s ON s.print_run = value->>0 AND s.class = p.class
         WHERE p.id = value->>1",
    )
    .bind(serde_json::to_string(&pairs)?)
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|(run, pupil, school, id)| ((run, pupil), (school, id))).collect())
}

/// The papers that a row's ink belongs to: one on a per-copy run, whoever wrote; one a pupil that
/// held the pen on a shared run; none where nobody is known.
fn targets(row: &Stale, held: Option<&Holders>, assignments: &Assignments) -> Vec<Target> {
    let (Some(run), Some(page)) = (&row.run, row.worksheet_page) else { return Vec::new() };
    let pupils: Vec<&String> = if row.shared {
        held.iter().flat_map(|held| &held.pupils).collect()
    } else {
        row.owner.iter().collect()
    };
    let target = |pupil: &String| {
        let (school, assignment) = assignments.get(&(run.clone(), pupil.clone()))?;
        Some(Target {
            school: school.clone(),
            assignment: assignment.clone(),
            pupil: pupil.clone(),
            page,
        })
    };
    pupils.into_iter().filter_map(target).collect()
}

/// Codes of why ink is nobody's, besides those of [`Unknown::code`].
const NOT_PRINTED: &str = "not_printed";
const NO_PUPIL: &str = "no_pupil";
const NOT_ASSIGNED: &str = "not_assigned";
const RED_ON_SHARED: &str = "red_on_shared_sheet";
const FAULT: &str = "fault";

/// Why some of a row's ink is nobody's; `None` where all of it has a hand and a paper.
fn nobody(row: &Stale, held: Option<&Holders>, targets: &[Target]) -> Option<&'static str> {
    if row.run.is_none() {
        return Some(NOT_PRINTED);
    }
    let unknown = |why: Option<Unknown>| why.map(Unknown::code);
    if let Some(why) = unknown(held.and_then(|held| held.anybody)) {
        return Some(why);
    }
    if !row.shared {
        return match (&row.owner, targets.is_empty()) {
            (None, _) => Some(NO_PUPIL),
            (Some(_), true) => Some(NOT_ASSIGNED),
            (Some(_), false) => None,
        };
    }
    let held = held?;
    if let Some(why) = unknown(held.some_pupil) {
        return Some(why);
    }
    if held.marker {
        return Some(RED_ON_SHARED);
    }
    (targets.len() < held.pupils.len()).then_some(NOT_ASSIGNED)
}

/// Makes papers stale, and makes those that are not there yet.
async fn touch_papers(
    tx: &mut Connection,
    touched: &BTreeMap<Target, (i64, bool, i64, u32)>,
) -> Result<(), StoreError> {
    let rows: Vec<_> = (touched.iter())
        .map(|(target, (ink_ms, foreign, folio, page))| {
            let Target { school, assignment, pupil, page: worksheet_page } = target;
            (school, assignment, pupil, worksheet_page, folio, page, ink_ms, i64::from(*foreign))
        })
        .collect();
    query(
        "INSERT INTO paper (school, assignment, pupil, page, folio, address_page, ink_rev, ink_ms,
                            foreign_pen)
         SELECT value->>0, value->>1, value->>2, CAST(value->>3 AS BIGINT),
                CAST(value->>4 AS BIGINT), CAST(value->>5 AS BIGINT), 1,
                CAST(value->>6 AS BIGINT), CAST(value->>7 AS BIGINT)
         FROM json_each($1) WHERE true
         ON CONFLICT (school, assignment, pupil, page) DO UPDATE SET
             ink_rev = paper.ink_rev + 1, ink_ms = max(paper.ink_ms, excluded.ink_ms),
             foreign_pen = max(paper.foreign_pen, excluded.foreign_pen)",
    )
    .bind(serde_json::to_string(&rows)?)
    .execute(tx)
    .await?;
    Ok(())
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
