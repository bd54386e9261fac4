//! What is known of one pupil.

use crate::{Store, StoreError};

/// A pupil of a class that the asker teaches.
#[derive(Clone, PartialEq)]
pub struct PupilView {
    /// A pseudonym.
    pub id: String,
    /// Unique in the class.
    pub number: u32,
    /// The name.
    pub name: String,
    /// The class.
    pub class: String,
    /// The class's Chinese name.
    pub class_zh: String,
    /// The class's English name.
    pub class_en: String,
    /// Settled responses that the profile holds.
    pub answers: u32,
    /// One a knowledge point with evidence.
    pub mastery: Vec<MasteryView>,
    /// The class's assignments, latest first.
    pub papers: Vec<PupilPaper>,
    /// The outbox's last line in the same snapshot: updates go on from here.
    pub after: i64,
}

impl std::fmt::Debug for PupilView {
    /// Leaves the name out, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PupilView").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What is known of a pupil's command of one knowledge point.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct MasteryView {
    /// The knowledge point's id.
    pub knowledge_point: String,
    /// The chance of a right answer on a middling item.
    pub rate: f64,
    /// Lower end of its 90 % interval.
    pub low: f64,
    /// Upper end of its 90 % interval.
    pub high: f64,
    /// Settled responses behind it.
    pub answers: u32,
}

/// An assignment of the pupil's class.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PupilPaper {
    /// The assignment.
    pub assignment: String,
    /// The worksheet's id.
    pub worksheet: String,
    /// The worksheet's version.
    pub version: u32,
    /// Unix milliseconds.
    pub due_ms: i64,
    /// Pages that the pupil wrote on.
    pub written: u32,
    /// Pages among them that are neither settled nor collected.
    pub writing: u32,
    /// Tenths of a point, so far; `None`: nothing has a verdict.
    pub score: Option<u32>,
}

#[derive(sqlx::FromRow)]
struct Person {
    id: String,
    number: u32,
    name: String,
    class: String,
    class_zh: String,
    class_en: String,
    answers: u32,
}

impl Store {
    /// A pupil with profile and papers, in one snapshot, if `staff` teaches the class. At most
    /// `limit` papers.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn pupil_of(
        &self,
        staff: &str,
        pupil: &str,
        limit: u32,
    ) -> Result<Option<PupilView>, StoreError> {
        let mut tx = self.readers().begin().await?;
        let after = super::outbox::last(&mut tx).await?;
        let person: Option<Person> = sqlx::query_as(
            "SELECT u.id, u.number, u.name, u.class, c.name_zh AS class_zh, c.name_en AS class_en,
                    coalesce(f.answers, 0) AS answers
             FROM pupil u
             JOIN teaches t ON t.class = u.class AND t.staff = ?1
             JOIN class c ON c.id = u.class
             LEFT JOIN profile f ON f.school = u.school AND f.pupil = u.id
             WHERE u.id = ?2",
        )
        .bind(staff)
        .bind(pupil)
        .fetch_optional(&mut *tx)
        .await?;
        let Some(person) = person else { return Ok(None) };
        let mastery = sqlx::query_as(
            "SELECT m.knowledge_point, m.rate, m.low, m.high, m.answers
             FROM pupil u JOIN mastery m ON m.school = u.school AND m.pupil = u.id
             WHERE u.id = ?1 ORDER BY m.rate, m.knowledge_point",
        )
        .bind(pupil)
        .fetch_all(&mut *tx)
        .await?;
        let papers = sqlx::query_as(
            "SELECT a.id AS assignment, a.worksheet, a.version, a.due_ms,
                    (SELECT count(*) FROM paper p WHERE p.school = a.school
                       AND p.assignment = a.id AND p.pupil = ?1) AS written,
                    (SELECT count(*) FROM paper p WHERE p.school = a.school
                       AND p.assignment = a.id AND p.pupil = ?1
                       AND p.settled_ms IS NULL AND p.handed_in_ms IS NULL) AS writing,
                    (SELECT sum(r.score) FROM response r WHERE r.school = a.school
                       AND r.assignment = a.id AND r.pupil = ?1) AS score
             FROM assignment a WHERE a.class = ?2
             ORDER BY a.assigned_ms DESC, a.id LIMIT ?3",
        )
        .bind(pupil)
        .bind(&person.class)
        .bind(limit)
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        let Person { id, number, name, class, class_zh, class_en, answers } = person;
        let view = PupilView {
            id,
            number,
            name,
            class,
            class_zh,
            class_en,
            answers,
            mastery,
            papers,
            after,
        };
        Ok(Some(view))
    }
}
