//! No statement reads the whole of a table that grows with every evening: each statement that a test
//! runs on SQLite is held against its plan before it runs. A partial index holds what waits, and may be
//! read whole.
//!
//! PostgreSQL plans by the size of tables, and those of tests are small: its plans say nothing here.

use std::collections::HashSet;
use std::panic::Location;
use std::sync::{LazyLock, Mutex, PoisonError};

use sqlx::{AssertSqlSafe, Row as _, Sqlite, SqliteConnection};

use super::{Value, arguments};

/// Tables that grow with every evening.
const GROWING: [&str; 13] = [
    "attribution",
    "chunk",
    "chunk_address",
    "clock",
    "drawn_ink",
    "erased_ink",
    "ink",
    "knowledge_state",
    "mark",
    "outbox",
    "paper",
    "profile",
    "response",
];

/// Files whose statements are meant to read everything: what checks a store, what erases a pupil from
/// all of it, what counts all of it, and tests.
const OF_EVERYTHING: [&str; 6] =
    ["/check", "/erase", "/results.rs", "/upgrade", "/tests", "/fixture.rs"];

/// Parts of statements that may read everything, each with its reason.
const MAY: [&str; 3] = [
    // Stops at the first row.
    "SELECT EXISTS (SELECT 1 FROM ",
    // `zhibi pen list` of all schools.
    "UNION SELECT pen FROM ink",
    // Every profile is folded again, once a night.
    "UPDATE profile SET wanted_rev = wanted_rev + 1",
];

/// Statements that were held against their plans.
static SEEN: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

/// Whether a statement is to be held against its plan: not seen before, and not of everything.
fn is_held(at: &Location<'_>, sql: &str) -> bool {
    let of_everything = OF_EVERYTHING.iter().any(|part| at.file().contains(part));
    let may = MAY.iter().any(|part| sql.contains(part));
    !of_everything
        && !may
        && SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert(sql.to_owned())
}

/// Refuses a statement whose plan reads a growing table whole.
pub(super) async fn hold(
    connection: &mut SqliteConnection,
    at: &Location<'_>,
    (sql, values): (&str, &[Value]),
) -> Result<(), sqlx::Error> {
    if !is_held(at, sql) {
        return Ok(());
    }
    let arguments = arguments::<Sqlite>(values.to_vec())?;
    let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
    // What cannot be explained will be refused when it runs.
    let Ok(lines) = sqlx::query_with(explain, arguments).fetch_all(&mut *connection).await else {
        return Ok(());
    };
    let partial: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'",
    )
    .fetch_all(connection)
    .await?;
    let lines: Vec<String> = lines.iter().map(|line| line.get("detail")).collect();
    let growing = names(sql);
    let whole = |line: &&String| {
        let mut words = line.split_whitespace();
        let scans = words.next() == Some("SCAN");
        let of = words.next().is_some_and(|name| growing.contains(name));
        scans && of && !words.any(|word| partial.iter().any(|index| index == word))
    };
    refuse(sql, lines.iter().find(whole))
}

fn refuse(sql: &str, whole: Option<&String>) -> Result<(), sqlx::Error> {
    match whole {
        Some(line) => Err(sqlx::Error::Protocol(format!("a whole table is read, {line}: {sql}"))),
        None => Ok(()),
    }
}

/// The names by which a statement calls growing tables: their own, and those that follow them.
fn names(sql: &str) -> HashSet<&str> {
    let words: Vec<&str> = sql
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .collect();
    let mut names = HashSet::new();
    for (place, word) in words.iter().enumerate() {
        if GROWING.contains(word) {
            names.insert(*word);
            let next = words.get(place + 1).filter(|next| **next != "AS");
            names.extend(next.or_else(|| words.get(place + 2)));
        }
    }
    names
}
