//! What was given to a class is taken back.

use super::AssignmentHead;
use crate::database::Connection;
use crate::marks::{PaperOf, refold};
use crate::sql::{Small, query};
use crate::{Store, StoreError};

/// What became of an assignment that was to be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawn {
    /// It is gone, with so many papers that had ink. Their ink is nobody's until it is given again.
    Done {
        /// How many papers.
        papers: u32,
    },
    /// A person has marked so many of its papers: it stays.
    Marked {
        /// How many papers.
        papers: u32,
    },
    /// It was taken back before.
    Gone,
}

impl Store {
    /// Takes back what was given to a class, unless a person has marked a paper of it. What the
    /// machine worked out of its papers goes too; their ink stays, and finds them again once the
    /// same run is given to the class again.
    ///
    /// # Errors
    /// On an error nothing is written.
    pub async fn withdraw(&self, head: &AssignmentHead) -> Result<Withdrawn, StoreError> {
        self.withdraw_assignment(&head.school, &head.id).await
    }

    /// The same for commands, which have every right.
    ///
    /// # Errors
    /// On an error nothing is written.
    pub async fn withdraw_assignment(
        &self,
        school: &str,
        assignment: &str,
    ) -> Result<Withdrawn, StoreError> {
        let (school, id) = (school.to_owned(), assignment.to_owned());
        self.write(move |tx| Box::pin(async move { withdraw(tx, &school, &id).await })).await
    }
}

async fn withdraw(tx: &mut Connection, school: &str, id: &str) -> Result<Withdrawn, StoreError> {
    let there: Option<String> =
        query("SELECT id FROM assignment WHERE id = $1").bind(id).scalar_optional(&mut *tx).await?;
    if there.is_none() {
        return Ok(Withdrawn::Gone);
    }
    // A mark belongs to the page of its response.
    let Small(marked) = query(
        "SELECT count(*) FROM (
             SELECT DISTINCT m.pupil, r.page FROM mark m
             LEFT JOIN response r ON r.school = m.school AND r.assignment = m.assignment
                                 AND r.pupil = m.pupil AND r.part = m.part
             WHERE m.school = $1 AND m.assignment = $2 AND m.source <> 'machine'
               AND m.superseded_ms IS NULL) AS marked",
    )
    .bind(school)
    .bind(id)
    .scalar(&mut *tx)
    .await?;
    if marked > 0 {
        return Ok(Withdrawn::Marked { papers: marked });
    }
    let pupils: Vec<String> =
        query("SELECT DISTINCT pupil FROM paper WHERE school = $1 AND assignment = $2")
            .bind(school)
            .bind(id)
            .scalars(&mut *tx)
            .await?;
    for pupil in &pupils {
        refold(tx, PaperOf { school, assignment: id, pupil }).await?;
    }
    // Its ink is looked at again, and is nobody's then.
    query(
        "UPDATE ink SET attributed_rev = 0 WHERE (folio, page) IN (
             SELECT folio, address_page FROM paper WHERE school = $1 AND assignment = $2)",
    )
    .bind(school)
    .bind(id)
    .execute(&mut *tx)
    .await?;
    query(
        "DELETE FROM attribution WHERE school = $1 AND assignment = $2
           AND (folio, page) IN (SELECT folio, address_page FROM paper
                                 WHERE school = $1 AND assignment = $2)",
    )
    .bind(school)
    .bind(id)
    .execute(&mut *tx)
    .await?;
    let changes = "DELETE FROM key_change_paper
                   WHERE change IN (SELECT id FROM key_change WHERE assignment = $1)";
    query(changes).bind(id).execute(&mut *tx).await?;
    query("DELETE FROM key_change WHERE assignment = $1").bind(id).execute(&mut *tx).await?;
    for table in [
        "DELETE FROM mark WHERE school = $1 AND assignment = $2",
        "DELETE FROM drawn_ink WHERE school = $1 AND assignment = $2",
        "DELETE FROM response WHERE school = $1 AND assignment = $2",
    ] {
        query(table).bind(school).bind(id).execute(&mut *tx).await?;
    }
    let papers = query("DELETE FROM paper WHERE school = $1 AND assignment = $2")
        .bind(school)
        .bind(id)
        .execute(&mut *tx)
        .await?;
    query("DELETE FROM assignment WHERE id = $1").bind(id).execute(tx).await?;
    Ok(Withdrawn::Done { papers: u32::try_from(papers).unwrap_or(u32::MAX) })
}
