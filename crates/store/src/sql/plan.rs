//! No statement reads the whole of a table that grows with every evening: each statement that a test
//! runs is held against its plan before it runs. A partial index holds what waits, and may be read whole.
//!
//! PostgreSQL plans by the size of tables, and those of tests are small. So it is asked for the plan that
//! reads no table whole and joins by looking up: a table that is read whole there has no index that would
//! serve.

use std::collections::HashSet;
use std::panic::Location;
use std::sync::{LazyLock, Mutex, PoisonError};

use sqlx::{AssertSqlSafe, PgConnection, Postgres, Row as _, Sqlite, SqliteConnection};

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

/// Statements that were held against their plans, each with its database.
static SEEN: LazyLock<Mutex<HashSet<(&str, String)>>> = LazyLock::new(Mutex::default);

/// Whether a statement is to be held against its plan: not seen before, and not of everything.
fn is_held(on: &'static str, at: &Location<'_>, sql: &str) -> bool {
    let of_everything = OF_EVERYTHING.iter().any(|part| at.file().contains(part));
    let may = MAY.iter().any(|part| sql.contains(part));
    !of_everything
        && !may
        && SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert((on, sql.to_owned()))
}

/// Refuses a statement whose plan reads a growing table whole.
pub(super) async fn hold(
    connection: &mut SqliteConnection,
    at: &Location<'_>,
    (sql, values): (&str, &[Value]),
) -> Result<(), sqlx::Error> {
    if !is_held("SQLite", at, sql) {
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

/// Has a connection plan without reading tables whole, so that it touches as few rows as it can; or as
/// it likes.
const WITHOUT_SCANS: &str = "SET enable_seqscan = off; SET enable_hashjoin = off;
    SET enable_mergejoin = off; SET seq_page_cost = 0; SET random_page_cost = 0;
    SET cpu_tuple_cost = 1; SET cpu_index_tuple_cost = 1";
const AS_IT_LIKES: &str = "RESET enable_seqscan; RESET enable_hashjoin; RESET enable_mergejoin;
    RESET seq_page_cost; RESET random_page_cost; RESET cpu_tuple_cost; RESET cpu_index_tuple_cost";

/// The same of a server.
pub(super) async fn hold_of_server(
    connection: &mut PgConnection,
    at: &Location<'_>,
    (sql, values): (&str, &[Value]),
) -> Result<(), sqlx::Error> {
    if !is_held("PostgreSQL", at, sql) {
        return Ok(());
    }
    let arguments = arguments::<Postgres>(values.to_vec())?;
    let explain = AssertSqlSafe(format!("EXPLAIN (COSTS OFF) {sql}"));
    sqlx::raw_sql(WITHOUT_SCANS).execute(&mut *connection).await?;
    let lines = sqlx::query_with(explain, arguments).fetch_all(&mut *connection).await;
    // Where the statement is refused, the transaction that would take this is over.
    let reset = sqlx::raw_sql(AS_IT_LIKES).execute(&mut *connection).await;
    // It would be refused as well when it runs.
    let lines: Vec<String> = lines?.iter().map(|line| line.get(0)).collect();
    reset?;
    // Of a table that was analyzed it is known that it is small: to read it whole may be right.
    let may: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         WHERE i.indpred IS NOT NULL
         UNION ALL SELECT relname::text FROM pg_class WHERE relkind = 'r' AND reltuples >= 0",
    )
    .fetch_all(connection)
    .await?;
    refuse(sql, whole_table(&lines, &may))
}

/// The line of a plan of PostgreSQL that reads a growing table, or an index of one, whole; but for the
/// tables and indexes that may be.
fn whole_table<'a>(lines: &'a [String], may: &[String]) -> Option<&'a String> {
    lines.iter().enumerate().find_map(|(place, line)| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let of = words.iter().position(|word| *word == "on").and_then(|on| words.get(on + 1))?;
        if !GROWING.contains(of) || !words.contains(&"Scan") || words.contains(&"Bitmap") {
            return None;
        }
        let own = lines[place + 1..].iter().map(|next| next.trim_start());
        let mut own = own.take_while(|next| !next.starts_with("->"));
        let seeks = own.any(|next| next.starts_with("Index Cond:"));
        let may = words.iter().any(|word| may.iter().any(|name| name == word));
        (!seeks && !may).then_some(line)
    })
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

#[test]
fn a_plan_of_a_server_that_reads_a_growing_table_whole_is_found() {
    let check = |plan: &str, expect: Option<&str>| {
        let lines: Vec<String> = plan.lines().map(str::to_owned).collect();
        let found = whole_table(&lines, &["paper_stale".to_owned()]);
        assert_eq!(found.map(|line| line.trim()), expect, "{plan}");
    };
    check("Seq Scan on class c\n  Filter: (school = 's'::text)", None);
    check("Seq Scan on ink\n  Filter: (pen = 7)", Some("Seq Scan on ink"));
    check("Index Scan using ink_pkey on ink\n  Index Cond: (folio = 1)", None);
    check("Index Scan using paper_stale on paper p\n  Filter: (ink_ms <= 5)", None);
    let whole = "->  Index Only Scan using ink_pkey on ink i";
    let looked_up = "->  Index Scan using mark_pkey on mark m\n        Index Cond: (id = 1)";
    check(&format!("Nested Loop\n  {whole}\n  {looked_up}"), Some(whole));
    check(&format!("Nested Loop\n  {looked_up}"), None);
}
