//! What is known of one pupil.

use school::{Right, Scope};
use sqlx::AssertSqlSafe;

use super::{CONCERNS, WAITS};
use crate::moments::in_force;

use crate::database::Connection;
use crate::scope::{reach, within};
use crate::sql::{Small, query};
use crate::{StateRow, Store, StoreError, Verdict};

/// A pupil of a class whose pupils somebody may know.
#[derive(Clone, PartialEq)]
pub struct PupilView {
    /// A pseudonym.
    pub id: String,
    /// Unique in the class.
    pub number: u32,
    /// The name.
    pub name: String,
    /// The class that the pupil is in now.
    pub class: String,
    /// The class's Chinese name.
    pub class_zh: String,
    /// The class's English name.
    pub class_en: String,
    /// `None` where nothing is folded yet.
    pub profile: Option<ProfileView>,
    /// Assignments that concern the pupil and may be seen, latest first; also of former classes.
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

/// What a pupil's profile says, and what it takes to read it.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileView {
    /// Mean of the ability, logits.
    pub ability: f64,
    /// Its variance.
    pub ability_variance: f64,
    /// The latest day of a response, counted from 1970-01-01.
    pub last_day: i32,
    /// The priors of the fit that it was folded with; `None`: nothing was fitted.
    pub priors: Option<String>,
    /// By knowledge point and day.
    pub states: Vec<StateRow>,
}

/// A pupil's response in one part of a question, and how it was written.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PupilAnswer {
    /// The part's id.
    pub part: String,
    /// Its page, from 1.
    #[sqlx(try_from = "i64")]
    pub page: u32,
    /// The verdict in force; `None`: nobody has decided.
    pub verdict: Option<Verdict>,
    /// Its points, tenths.
    #[sqlx(try_from = "crate::sql::Nullable")]
    pub score: Option<u32>,
    /// Corrected Unix milliseconds of its first sample; `None` where it is blank.
    pub first_ms: Option<i64>,
    /// Corrected Unix milliseconds of its last sample.
    pub last_ms: Option<i64>,
    /// Milliseconds with the pen down.
    pub writing_ms: i64,
    /// How often it was crossed out or written over.
    #[sqlx(try_from = "i64")]
    pub rewrites: u32,
}

/// An assignment that concerns the pupil.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PupilPaper {
    /// The assignment.
    pub assignment: String,
    /// The worksheet's id.
    pub worksheet: String,
    /// The worksheet's version.
    #[sqlx(try_from = "i64")]
    pub version: u32,
    /// Unix milliseconds.
    pub due_ms: i64,
    /// Pages that the pupil wrote on.
    #[sqlx(try_from = "i64")]
    pub written: u32,
    /// Pages among them that are neither settled nor collected.
    #[sqlx(try_from = "i64")]
    pub writing: u32,
    /// Pages that the teacher said are handed in.
    #[sqlx(try_from = "i64")]
    pub handed_in: u32,
    /// Responses that wait for a person.
    #[sqlx(try_from = "i64")]
    pub waiting: u32,
    /// Parts that have a verdict, with their points in tenths.
    #[sqlx(skip)]
    pub scores: Vec<(String, u32)>,
}

#[derive(sqlx::FromRow)]
struct Person {
    id: String,
    #[sqlx(try_from = "i64")]
    number: u32,
    name: String,
    class: String,
    class_zh: String,
    class_en: String,
}

#[derive(sqlx::FromRow)]
struct Folded {
    ability: f64,
    ability_variance: f64,
    #[sqlx(try_from = "i64")]
    last_day: i32,
    priors: Option<String>,
}

impl Store {
    /// A pupil with profile and papers, in one snapshot, if `scope` may know the pupils of the class
    /// that the pupil is in now. At most `limit` papers.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn pupil_of(
        &self,
        scope: &Scope,
        pupil: &str,
        limit: u32,
    ) -> Result<Option<PupilView>, StoreError> {
        let mut tx = self.readers().snapshot().await?;
        let after = super::outbox::last(&mut tx).await?;
        let sql = format!(
            "SELECT u.id, e.number, u.name, e.class, c.name_zh AS class_zh, c.name_en AS class_en
             FROM pupil u JOIN enrolment e ON e.pupil = u.id JOIN class c ON c.id = e.class
             WHERE u.id = $3 AND {} AND {}",
            in_force!("$2"),
            within("c", "$1")
        );
        let person: Option<Person> = query(AssertSqlSafe(sql))
            .bind(reach(scope, Right::Know)?)
            .bind(scope.at_ms())
            .bind(pupil)
            .fetch_optional(&mut tx)
            .await?;
        let Some(person) = person else { return Ok(None) };
        let profile = profile(&mut tx, pupil).await?;
        let sql = format!(
            "SELECT a.id AS assignment, a.worksheet, a.version, a.due_ms,
                    (SELECT count(*) FROM paper p WHERE p.school = a.school
                       AND p.assignment = a.id AND p.pupil = $2) AS written,
                    (SELECT count(*) FROM paper p WHERE p.school = a.school
                       AND p.assignment = a.id AND p.pupil = $2
                       AND p.settled_ms IS NULL AND p.handed_in_ms IS NULL) AS writing,
                    (SELECT count(p.handed_in_ms) FROM paper p WHERE p.school = a.school
                       AND p.assignment = a.id AND p.pupil = $2) AS handed_in,
                    (SELECT count(*) FROM response r WHERE r.school = a.school
                       AND r.assignment = a.id AND r.pupil = $2 AND {}) AS waiting
             FROM assignment a JOIN class c ON c.id = a.class
             WHERE a.class IN (SELECT class FROM enrolment WHERE pupil = $2)
               AND EXISTS (SELECT 1 FROM enrolment e WHERE e.pupil = $2 AND {CONCERNS}) AND {}
             ORDER BY a.assigned_ms DESC, a.id LIMIT $3",
            WAITS,
            within("c", "$1")
        );
        let mut papers: Vec<PupilPaper> = query(AssertSqlSafe(sql))
            .bind(reach(scope, Right::See)?)
            .bind(pupil)
            .bind(limit)
            .fetch_all(&mut tx)
            .await?;
        add_scores(&mut tx, pupil, &mut papers).await?;
        let Person { id, number, name, class, class_zh, class_en } = person;
        let view =
            PupilView { id, number, name, class, class_zh, class_en, profile, papers, after };
        Ok(Some(view))
    }

    /// Whether [`Store::pupil_of`] finds the pupil.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn may_know(&self, scope: &Scope, pupil: &str) -> Result<bool, StoreError> {
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM enrolment e JOIN class c ON c.id = e.class
                            WHERE e.pupil = $3 AND {} AND {})",
            in_force!("$2"),
            within("c", "$1")
        );
        let may = query(AssertSqlSafe(sql))
            .bind(reach(scope, Right::Know)?)
            .bind(scope.at_ms())
            .bind(pupil)
            .scalar(self.readers())
            .await?;
        Ok(may)
    }

    /// A pupil's responses to an assignment, in the order of the worksheet, if `scope` may know the
    /// pupils of its class; empty otherwise.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn answers_of(
        &self,
        scope: &Scope,
        pupil: &str,
        assignment: &str,
    ) -> Result<Vec<PupilAnswer>, StoreError> {
        let sql = format!(
            "SELECT r.part, r.page, r.verdict, r.score, r.first_ms, r.last_ms, r.writing_ms,
                    r.rewrites
             FROM assignment a JOIN class c ON c.id = a.class
             JOIN response r ON r.school = a.school AND r.assignment = a.id
             WHERE a.id = $3 AND r.pupil = $2 AND {} ORDER BY r.position",
            within("c", "$1")
        );
        let answers = query(AssertSqlSafe(sql))
            .bind(reach(scope, Right::Know)?)
            .bind(pupil)
            .bind(assignment)
            .fetch_all(self.readers())
            .await?;
        Ok(answers)
    }
}

/// Adds to each paper the parts that have a verdict.
async fn add_scores(
    tx: &mut Connection,
    pupil: &str,
    papers: &mut [PupilPaper],
) -> Result<(), StoreError> {
    let assignments: Vec<_> = papers.iter().map(|paper| [&paper.assignment]).collect();
    let rows: Vec<(String, String, Small)> = query(
        "SELECT a.id, r.part, r.score
         FROM json_each($1) JOIN assignment a ON a.id = value->>0
         JOIN response r ON r.school = a.school AND r.assignment = a.id AND r.pupil = $2
         WHERE r.score IS NOT NULL",
    )
    .bind(serde_json::to_string(&assignments)?)
    .bind(pupil)
    .fetch_all(tx)
    .await?;
    for (assignment, part, Small(score)) in rows {
        if let Some(paper) = papers.iter_mut().find(|paper| paper.assignment == assignment) {
            paper.scores.push((part, score));
        }
    }
    Ok(())
}

async fn profile(tx: &mut Connection, pupil: &str) -> Result<Option<ProfileView>, StoreError> {
    let folded: Option<Folded> = query(
        "SELECT f.ability, f.ability_variance,
                min(max(f.last_day, -2147483648), 2147483647) AS last_day, i.priors
         FROM pupil u JOIN profile f ON f.school = u.school AND f.pupil = u.id
         LEFT JOIN item_fit i ON i.version = f.item_version
         WHERE u.id = $1 AND f.ability IS NOT NULL AND f.last_day IS NOT NULL",
    )
    .bind(pupil)
    .fetch_optional(&mut *tx)
    .await?;
    let Some(Folded { ability, ability_variance, last_day, priors }) = folded else {
        return Ok(None);
    };
    // Only a damaged store holds an invalid day: its state belongs to no time, and is left out.
    let states = query(
        "SELECT s.knowledge_point, s.day, s.ability, s.ability_variance, s.deviation,
                s.deviation_variance, s.difficulty,
                min(max(s.answers, 0), 4294967295) AS answers
         FROM pupil u JOIN knowledge_state s ON s.school = u.school AND s.pupil = u.id
         WHERE u.id = $1 AND s.day BETWEEN -2147483648 AND 2147483647
         ORDER BY s.knowledge_point, s.day",
    )
    .bind(pupil)
    .fetch_all(tx)
    .await?;
    Ok(Some(ProfileView { ability, ability_variance, last_day, priors, states }))
}
