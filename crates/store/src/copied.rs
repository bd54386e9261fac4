//! Papers that are copies of others, for stores as large as a district's that nobody wrote.

use std::collections::HashMap;

use ::ink::drawn::{decode, encode};

use crate::database::Connection;
use crate::marks::want_profiles;
use crate::sql::{Small, query};
use crate::view::AssignmentHead;
use crate::work::{Paper, put_drawn};
use crate::{Store, StoreError};

/// Where copies of an assignment's papers go. Schools, classes, pupils and the assignment are there.
#[derive(Clone, Debug)]
pub struct CopiedPapers {
    /// The school of the copies.
    pub school: String,
    /// Their assignment.
    pub assignment: String,
    /// Whose paper becomes whose.
    pub pupils: Vec<(String, String)>,
    /// See [`crate::folio`].
    pub folio: i64,
    /// The page address of the copies' first page.
    pub first_page: u32,
    /// How much later everything happened, milliseconds; negative: earlier.
    pub later_ms: i64,
}

impl Store {
    /// Copies the marked papers of an assignment with their responses, marks and drawn ink; profiles are to
    /// be folded again. Chunks are
    /// not copied, so that a check of the store finds nothing to hold the copies against. Returns how
    /// many papers there are more.
    ///
    /// # Errors
    /// On an error nothing is copied.
    pub async fn copy_papers(
        &self,
        of: &AssignmentHead,
        into: CopiedPapers,
    ) -> Result<u64, StoreError> {
        let of = (of.school.clone(), of.id.clone());
        self.write(move |tx| Box::pin(async move { copy_papers(tx, (&of.0, &of.1), &into).await }))
            .await
    }
}

/// SQL: the rows `r` of a table whose pupils are copied, `value->>1` being the new pupil.
macro_rules! copied {
    ($columns:literal, $table:literal, $also:literal) => {
        concat!(
            "SELECT $3, $4, value->>1, ",
            $columns,
            " FROM json_each($5) CROSS JOIN ",
            $table,
            " r WHERE r.school = $1 AND r.assignment = $2 AND r.pupil = value->>0 ",
            $also
        )
    };
}

async fn copy_papers(
    tx: &mut Connection,
    (school, assignment): (&str, &str),
    into: &CopiedPapers,
) -> Result<u64, StoreError> {
    let pupils = serde_json::to_string(&into.pupils)?;
    let bound = |sql: &'static str| {
        let query = query(sql).bind(school).bind(assignment);
        query.bind(&into.school).bind(&into.assignment).bind(&pupils)
    };
    let papers = bound(concat!(
        "INSERT INTO paper (school, assignment, pupil, page, folio, address_page, ink_rev, marked_rev,
             ink_ms, marked_ms, handed_in_ms, settled_ms, fence, foreign_pen, versions, loose,
             red_total) ",
        copied!(
            "r.page, $6, $7 + r.page - 1, r.ink_rev, r.marked_rev, r.ink_ms + $8, r.marked_ms + $8,
             r.handed_in_ms + $8, r.settled_ms + $8, 0, r.foreign_pen, r.versions, r.loose,
             r.red_total",
            "paper",
            "AND r.marked_rev >= r.ink_rev AND r.fault IS NULL"
        )
    ));
    let papers = papers.bind(into.folio).bind(into.first_page).bind(into.later_ms);
    let papers = papers.execute(&mut *tx).await?;
    let responses = bound(concat!(
        "INSERT INTO response (school, assignment, pupil, part, question, page, position, criteria,
             reading, probability, decide_min, alternatives, review, strokes, first_ms, last_ms,
             writing_ms, rewrites, changed_rev, source, verdict, score) ",
        copied!(
            "r.part, r.question, r.page, r.position, r.criteria, r.reading, r.probability,
             r.decide_min, r.alternatives, r.review, r.strokes, r.first_ms + $6, r.last_ms + $6,
             r.writing_ms, r.rewrites, r.changed_rev, r.source, r.verdict, r.score",
            "response",
            ""
        )
    ));
    responses.bind(into.later_ms).execute(&mut *tx).await?;
    let marks = bound(concat!(
        "INSERT INTO mark (school, assignment, pupil, part, criterion, source, verdict, score, staff,
             ink_rev, at_ms, superseded_ms) ",
        copied!(
            "r.part, r.criterion, r.source, r.verdict, r.score, r.staff, r.ink_rev, r.at_ms + $6,
             r.superseded_ms + $6",
            "mark",
            "ORDER BY r.id"
        )
    ));
    marks.bind(into.later_ms).execute(&mut *tx).await?;
    copy_drawn(tx, (school, assignment), into).await?;
    let written: Vec<_> =
        into.pupils.iter().map(|(_, pupil)| (&into.school, &into.assignment, pupil, 1)).collect();
    want_profiles(tx, &serde_json::to_string(&written)?).await?;
    Ok(papers)
}

/// Drawn strokes have their times within them.
async fn copy_drawn(
    tx: &mut Connection,
    (school, assignment): (&str, &str),
    into: &CopiedPapers,
) -> Result<(), StoreError> {
    let rows: Vec<(String, Small, Vec<u8>)> =
        query("SELECT pupil, page, strokes FROM drawn_ink WHERE school = $1 AND assignment = $2")
            .bind(school)
            .bind(assignment)
            .fetch_all(&mut *tx)
            .await?;
    let whose: HashMap<&str, &str> =
        into.pupils.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    let mut drawn = Vec::with_capacity(rows.len());
    for (pupil, Small(page), strokes) in rows {
        let Some(to) = whose.get(pupil.as_str()) else { continue };
        let mut strokes =
            decode(&strokes).map_err(|source| StoreError::Drawn { pupil, page, source })?;
        strokes.iter_mut().for_each(|stroke| stroke.start_ms += into.later_ms);
        drawn.push((
            Paper { school: &into.school, assignment: &into.assignment, pupil: to, page },
            encode(&strokes),
        ));
    }
    put_drawn(tx, &drawn).await
}
