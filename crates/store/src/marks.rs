//! Verdicts: their history, the one in force, and who must hear of them.

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

codes!(Verdict { Right = "right", Wrong = "wrong", Partly = "partly", Blank = "blank" });

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

codes!(Source { Screen = "screen", Red = "red", Machine = "machine" });

/// A verdict and its points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkRow {
    /// What was thought of it.
    pub verdict: Verdict,
    /// Tenths of a point.
    pub score: u32,
}

/// Names a pupil's piece of work; a response where `page` does not matter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PaperOf<'a> {
    pub(crate) school: &'a str,
    pub(crate) assignment: &'a str,
    pub(crate) pupil: &'a str,
}

/// Sets the verdict in force of a pupil's responses from the marks not superseded: screen before
/// red before machine, and within one source the later. `question` narrows it to one response.
pub(crate) async fn refresh_verdict(
    tx: &mut Connection,
    of: PaperOf<'_>,
    question: Option<&str>,
) -> Result<(), StoreError> {
    query(
        "UPDATE response SET (source, verdict, score) = (
             SELECT m.source, m.verdict, m.score FROM mark m
             WHERE m.school = response.school AND m.assignment = response.assignment
               AND m.pupil = response.pupil AND m.question = response.question
               AND m.superseded_ms IS NULL
             ORDER BY CASE m.source WHEN 'screen' THEN 0 WHEN 'red' THEN 1 ELSE 2 END, m.id DESC
             LIMIT 1)
         WHERE school = $1 AND assignment = $2 AND pupil = $3 AND ($4 IS NULL OR question = $4)",
    )
    .bind(of.school)
    .bind(of.assignment)
    .bind(of.pupil)
    .bind(question)
    .execute(tx)
    .await?;
    Ok(())
}

/// Asks for the pupil's profile to be folded again, if any of the pupil's papers of this
/// assignment is settled. To be called after every change of a verdict in force.
pub(crate) async fn want_profile(tx: &mut Connection, of: PaperOf<'_>) -> Result<(), StoreError> {
    query(
        "INSERT INTO profile (school, pupil, wanted_rev)
         SELECT $1, $3, 1 WHERE EXISTS (
             SELECT 1 FROM paper WHERE school = $1 AND assignment = $2 AND pupil = $3
               AND settled_ms IS NOT NULL)
         ON CONFLICT (school, pupil) DO UPDATE SET wanted_rev = profile.wanted_rev + 1",
    )
    .bind(of.school)
    .bind(of.assignment)
    .bind(of.pupil)
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

codes!(OutboxKind {
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
    query(
        "INSERT INTO outbox (at_ms, kind, school, class, assignment, pupil, page)
         SELECT $1, $2, $3, class, id, $5, $6 FROM assignment WHERE id = $4",
    )
    .bind(now_ms)
    .bind(kind)
    .bind(of.school)
    .bind(of.assignment)
    .bind(of.pupil)
    .bind(page)
    .execute(tx)
    .await?;
    Ok(())
}
