//! Verdicts: their history, the one in force, and who must hear of them.

use sqlx::AssertSqlSafe;

use crate::StoreError;
use crate::database::Connection;
use crate::sql::{codes, query};

/// What somebody or something thinks of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// All points.
    Right,
    /// No points.
    Wrong,
    /// Some of the points.
    Partly,
    /// Nothing was written.
    Blank,
}

codes!(pub Verdict { Right = "right", Wrong = "wrong", Partly = "partly", Blank = "blank" });

/// Who gave a verdict. A later variant of this list yields to an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A person, in the teacher's view.
    Screen,
    /// A red pen on the paper.
    Red,
    /// The machine.
    Machine,
}

codes!(pub Source { Screen = "screen", Red = "red", Machine = "machine" });

/// A verdict and its points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkRow {
    /// What was thought of it.
    pub verdict: Verdict,
    /// Tenths of a point.
    pub score: u32,
}

/// SQL: how strong a source of a mark `m` is, 0 the strongest.
pub(crate) const STRENGTH: &str = "CASE m.source WHEN 'screen' THEN 0 WHEN 'red' THEN 1 ELSE 2 END";

/// SQL: `columns` of the verdict in force of the response `r`, from the marks that are not
/// superseded: `source`, `verdict` and `score`. For each criterion of a rubric, and for a part
/// without one as a whole, screen goes before red before machine, and within one source the later.
/// There is no verdict on a rubric before each of its criteria has one.
pub(crate) fn in_force(columns: &str) -> String {
    format!(
        "(SELECT {columns} FROM (
             SELECT CASE min(given.strength) WHEN 0 THEN 'screen' WHEN 1 THEN 'red'
                                             ELSE 'machine' END AS source,
                    CASE WHEN r.criteria = 0 OR min(given.verdict) = max(given.verdict)
                         THEN min(given.verdict)
                         WHEN sum(given.score) = 0 THEN 'wrong' ELSE 'partly' END AS verdict,
                    CAST(sum(given.score) AS BIGINT) AS score
             FROM (SELECT m.verdict, m.score, {STRENGTH} AS strength,
                          row_number() OVER (PARTITION BY m.criterion
                                             ORDER BY {STRENGTH}, m.id DESC) AS place
                   FROM mark m
                   WHERE m.school = r.school AND m.assignment = r.assignment
                     AND m.pupil = r.pupil AND m.part = r.part AND m.superseded_ms IS NULL
                     AND (m.criterion = '') = (r.criteria = 0)) AS given
             WHERE given.place = 1
             HAVING count(*) = CASE r.criteria WHEN 0 THEN 1 ELSE r.criteria END) AS whole)"
    )
}

/// Names a pupil's piece of work; a response where `page` does not matter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PaperOf<'a> {
    pub(crate) school: &'a str,
    pub(crate) assignment: &'a str,
    pub(crate) pupil: &'a str,
}

/// Sets the verdict in force of one response: see [`in_force`].
pub(crate) async fn refresh_verdict(
    tx: &mut Connection,
    of: PaperOf<'_>,
    part: &str,
) -> Result<(), StoreError> {
    let line = (of.school, of.assignment, of.pupil, part);
    refresh_verdicts(tx, &serde_json::to_string(&[line])?).await
}

/// Sets the verdicts in force of several responses: see [`in_force`]. Each line is school, assignment,
/// pupil, part.
pub(crate) async fn refresh_verdicts(tx: &mut Connection, lines: &str) -> Result<(), StoreError> {
    let sql = format!(
        "UPDATE response AS r SET (source, verdict, score) = {} FROM json_each($1)
         WHERE r.school = value->>0 AND r.assignment = value->>1 AND r.pupil = value->>2
           AND r.part = value->>3",
        in_force("source, verdict, score")
    );
    query(AssertSqlSafe(sql)).bind(lines).execute(tx).await?;
    Ok(())
}

/// Asks for the pupil's profile to be folded again, if any of the pupil's papers of this
/// assignment is settled. To be called after every change of a verdict in force.
pub(crate) async fn want_profile(tx: &mut Connection, of: PaperOf<'_>) -> Result<(), StoreError> {
    want_profiles(tx, &serde_json::to_string(&[(of.school, of.assignment, of.pupil)])?).await
}

/// The same for several pupils. Each line begins with school, assignment, pupil.
pub(crate) async fn want_profiles(tx: &mut Connection, lines: &str) -> Result<(), StoreError> {
    query(
        "INSERT INTO profile (school, pupil, wanted_rev)
         SELECT DISTINCT p.school, p.pupil, 1 FROM json_each($1) CROSS JOIN paper p
         WHERE p.school = value->>0 AND p.assignment = value->>1 AND p.pupil = value->>2
           AND p.settled_ms IS NOT NULL
         ON CONFLICT (school, pupil) DO UPDATE SET wanted_rev = profile.wanted_rev + 1",
    )
    .bind(lines)
    .execute(tx)
    .await?;
    Ok(())
}

/// Asks for the pupil's profile to be folded again, if there is one: what it was made of may no
/// longer be settled.
pub(crate) async fn refold(tx: &mut Connection, of: PaperOf<'_>) -> Result<(), StoreError> {
    query("UPDATE profile SET wanted_rev = wanted_rev + 1 WHERE school = $1 AND pupil = $2")
        .bind(of.school)
        .bind(of.pupil)
        .execute(tx)
        .await?;
    Ok(())
}

/// What the live view hears of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutboxKind {
    /// Ink came to a paper.
    Ink,
    /// A paper was marked.
    Marked,
    /// A person decided a response, or took that back.
    Decided,
    /// A paper was settled, handed in, or given back.
    Settled,
    /// A profile was folded.
    Profile,
}

codes!(pub(crate) OutboxKind {
    Ink = "ink",
    Marked = "marked",
    Decided = "decided",
    Settled = "settled",
    Profile = "profile",
});

/// Puts one line into the outbox, in the caller's transaction. The class is the assignment's.
pub(crate) async fn announce(
    tx: &mut Connection,
    kind: OutboxKind,
    of: PaperOf<'_>,
    page: Option<i64>,
    now_ms: i64,
) -> Result<(), StoreError> {
    let line = (of.school, of.assignment, of.pupil, page);
    announce_all(tx, kind, &serde_json::to_string(&[line])?, now_ms).await
}

/// The same for several papers, in their order. Each line begins with school, assignment, pupil, page.
pub(crate) async fn announce_all(
    tx: &mut Connection,
    kind: OutboxKind,
    lines: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO outbox (at_ms, kind, school, class, assignment, pupil, page)
         SELECT $2, $3, value->>0, s.class, s.id, value->>2, CAST(value->>3 AS BIGINT)
         FROM json_each($1) CROSS JOIN assignment s WHERE s.id = value->>1",
    )
    .bind(lines)
    .bind(now_ms)
    .bind(kind)
    .execute(tx)
    .await?;
    Ok(())
}
