//! A key is corrected: one transaction.

use school::{Right, Scope};
use sqlx::AssertSqlSafe;
use worksheet::text::with_version;
use worksheet::{Worksheet, WorksheetId};

use super::super::{AssignmentHead, WANTED};
use super::{KeyCorrection, corrects};
use crate::database::Connection;
use crate::scope::{reach, taught};
use crate::setup::{NewWorksheet, begins_with, next_version, put_worksheet};
use crate::sql::{Small, query};
use crate::{Store, StoreError};

impl Store {
    /// Corrects a key: stores the next version of the worksheet, gives it to the assignments, and has
    /// the papers marked again on which the question stands. A claim that was to mark with the former
    /// key is lost. Returns the correction's number in the head's assignment; `None` and changes
    /// nothing where one of the assignments has another key by now, or what is given later.
    ///
    /// # Errors
    /// Where the scope may not correct the key in each of them: see [`Store::may_correct`]. On an error
    /// nothing is written.
    pub async fn correct_key(
        &self,
        scope: &Scope,
        head: &AssignmentHead,
        correction: KeyCorrection,
    ) -> Result<Option<i64>, StoreError> {
        let may = [
            reach(scope, Right::Assign)?,
            reach(scope, Right::Decide)?,
            taught(scope, &correction.sheet.subject)?,
            scope.staff().to_string(),
        ];
        let head = head.clone();
        self.write(move |tx| {
            Box::pin(async move { correct_key(tx, &head, &may, correction).await })
        })
        .await
    }
}

async fn correct_key(
    tx: &mut Connection,
    head: &AssignmentHead,
    may: &[String; 4],
    correction: KeyCorrection,
) -> Result<Option<i64>, StoreError> {
    let ids: Vec<[&str; 1]> =
        correction.assignments.iter().map(|assignment| [assignment.as_str()]).collect();
    let ids = serde_json::to_string(&ids)?;
    let sql = format!(
        "SELECT a.id, a.version, {} FROM json_each($5)
         JOIN assignment a ON a.id = value->>0 JOIN class c ON c.id = a.class
         WHERE a.school = $6 AND a.worksheet = $7",
        corrects()
    );
    let [assign, decide, taught, staff] = may;
    let found: Vec<(String, Small, bool)> = query(AssertSqlSafe(sql))
        .bind(assign)
        .bind(decide)
        .bind(taught)
        .bind(staff)
        .bind(&ids)
        .bind(&head.school)
        .bind(&head.worksheet)
        .fetch_all(&mut *tx)
        .await?;
    if let Some((assignment, ..)) = found.iter().find(|(.., own)| !own) {
        return Err(StoreError::MayNotDecide { assignment: assignment.clone() });
    }
    let same = found.iter().all(|(_, Small(version), _)| *version == head.version);
    if !same || found.len() != correction.assignments.len() {
        return Ok(None);
    }
    let page = correction.sheet.part(&correction.part).map(|of| of.question.page);
    let Some(page) = page else {
        let id = correction.part;
        return Err(StoreError::Missing { what: "part", id });
    };
    let (origin, in_force) = begins(tx, head).await?;
    if in_force != correction.in_force {
        return Ok(None);
    }
    let to = version_of(tx, head, &correction).await?;
    let begins = match &correction.later {
        _ if in_force == head.version => Some((in_force, to)),
        Some((sheet, sources)) => {
            Some((in_force, put(tx, head, &correction, (sheet, sources)).await?))
        }
        None => None,
    };
    if let Some(begins) = begins {
        begin_with(tx, head, (origin, begins), &correction).await?;
    }
    let mut own = None;
    for (assignment, ..) in &found {
        let change = change(tx, head, (assignment, to), &correction).await?;
        again(tx, head, (assignment, page), change).await?;
        if *assignment == head.id {
            own = Some(change);
        }
    }
    Ok(own)
}

/// The version with the corrected key: the one that another class of the school got by the same
/// correction, or a new one.
async fn version_of(
    tx: &mut Connection,
    head: &AssignmentHead,
    correction: &KeyCorrection,
) -> Result<u32, StoreError> {
    let known: Option<Small> = query(
        "SELECT max(to_version) FROM key_change
         WHERE worksheet = $1 AND version = $2 AND school = $3 AND part = $4 AND becomes = $5",
    )
    .bind(&head.worksheet)
    .bind(head.version)
    .bind(&head.school)
    .bind(&correction.part)
    .bind(&correction.becomes)
    .scalar(&mut *tx)
    .await?;
    if let Some(Small(known)) = known {
        return Ok(known);
    }
    put(tx, head, correction, (&correction.sheet, &correction.sources)).await
}

/// The version that was put in of which the head's is, and the one with which what is given of it later
/// begins so far.
async fn begins(tx: &mut Connection, head: &AssignmentHead) -> Result<(u32, u32), StoreError> {
    let sql = format!(
        "SELECT coalesce((SELECT min(k.version) FROM worksheet_key k WHERE k.school = a.school
                            AND k.worksheet = a.worksheet AND k.to_version = a.version), a.version),
                {} FROM assignment a WHERE a.id = $1",
        begins_with("a.school", "a.worksheet", "a.version")
    );
    let (Small(origin), Small(in_force)): (Small, Small) =
        query(AssertSqlSafe(sql)).bind(&head.id).fetch_one(tx).await?;
    Ok((origin, in_force))
}

/// What is given later begins with another version.
async fn begin_with(
    tx: &mut Connection,
    head: &AssignmentHead,
    (origin, (from, to)): (u32, (u32, u32)),
    correction: &KeyCorrection,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO worksheet_key (school, worksheet, version, from_version, to_version, part, was,
                                    becomes, staff, at_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(&head.school)
    .bind(&head.worksheet)
    .bind(origin)
    .bind(from)
    .bind(to)
    .bind(&correction.part)
    .bind(&correction.was)
    .bind(&correction.becomes)
    .bind(&correction.staff)
    .bind(correction.at_ms)
    .execute(tx)
    .await?;
    Ok(())
}

/// Stores a worksheet as the next version, with what it is made from.
async fn put(
    tx: &mut Connection,
    head: &AssignmentHead,
    correction: &KeyCorrection,
    (sheet, sources): (&Worksheet, &[(String, Vec<u8>)]),
) -> Result<u32, StoreError> {
    let version = next_version(&mut *tx, &head.worksheet).await?;
    let id = WorksheetId { id: head.worksheet.clone(), version };
    let sheet = Worksheet { id: id.clone(), ..sheet.clone() };
    let mut files = sheet.files().into_iter().map(|(_, text)| text);
    let sources = sources.iter().cloned().map(|(name, bytes)| {
        let text = (name == "worksheet.txt").then(|| std::str::from_utf8(&bytes).ok()).flatten();
        let versioned = text.map(|text| with_version(text, version).into_bytes());
        (name, versioned.unwrap_or(bytes))
    });
    let new = NewWorksheet {
        school: head.school.clone(),
        // The first of a worksheet's files, before its artwork.
        toml: files.next().unwrap_or_default(),
        artwork: files.collect(),
        sources: sources.collect(),
        staff: Some(correction.staff.clone()),
        at_ms: correction.at_ms,
    };
    put_worksheet(tx, id, new).await?;
    Ok(version)
}

/// Gives an assignment the corrected key, and notes so.
async fn change(
    tx: &mut Connection,
    head: &AssignmentHead,
    (assignment, to): (&str, u32),
    correction: &KeyCorrection,
) -> Result<i64, StoreError> {
    query("UPDATE assignment SET version = $2 WHERE id = $1")
        .bind(assignment)
        .bind(to)
        .execute(&mut *tx)
        .await?;
    let change = query(
        "INSERT INTO key_change (school, assignment, worksheet, version, to_version, part, was,
                                 becomes, staff, at_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
    )
    .bind(&head.school)
    .bind(assignment)
    .bind(&head.worksheet)
    .bind(head.version)
    .bind(to)
    .bind(&correction.part)
    .bind(&correction.was)
    .bind(&correction.becomes)
    .bind(&correction.staff)
    .bind(correction.at_ms)
    .scalar(tx)
    .await?;
    Ok(change)
}

/// Part, source, verdict, score, and what it waits for.
type Before = (String, Option<String>, Option<String>, Option<i64>, Option<String>);

/// Has the papers of a page marked again, and notes what counted on them so far.
async fn again(
    tx: &mut Connection,
    head: &AssignmentHead,
    (assignment, page): (&str, u32),
    change: i64,
) -> Result<(), StoreError> {
    let papers: Vec<(String, i64)> = query(
        "SELECT pupil, ink_rev FROM paper
         WHERE school = $1 AND assignment = $2 AND page = $3 AND marked_rev > 0",
    )
    .bind(&head.school)
    .bind(assignment)
    .bind(page)
    .fetch_all(&mut *tx)
    .await?;
    let mut noted = Vec::with_capacity(papers.len());
    for (pupil, ink_rev) in papers {
        let sql = format!(
            "SELECT r.part, r.source, r.verdict, r.score, {WANTED} AS wanted FROM response r
             WHERE r.school = $1 AND r.assignment = $2 AND r.pupil = $3 AND r.page = $4
             ORDER BY r.position"
        );
        let before: Vec<Before> = query(AssertSqlSafe(sql))
            .bind(&head.school)
            .bind(assignment)
            .bind(&pupil)
            .bind(page)
            .fetch_all(&mut *tx)
            .await?;
        noted.push((pupil, ink_rev + 1, serde_json::to_string(&before)?));
    }
    query(
        "INSERT INTO key_change_paper (change, pupil, page, ink_rev, answers)
         SELECT $1, value->>0, $2, CAST(value->>1 AS BIGINT), value->>2
         FROM json_each($3) WHERE true",
    )
    .bind(change)
    .bind(page)
    .bind(serde_json::to_string(&noted)?)
    .execute(&mut *tx)
    .await?;
    // A claim of one of the assignment’s papers was to be marked with the former key: it ends.
    query(
        "UPDATE paper SET fence = fence + 1, lease_until_ms = 0,
             ink_rev = ink_rev + CASE WHEN page = $3 AND marked_rev > 0 THEN 1 ELSE 0 END
         WHERE school = $1 AND assignment = $2",
    )
    .bind(&head.school)
    .bind(assignment)
    .bind(page)
    .execute(tx)
    .await?;
    Ok(())
}
