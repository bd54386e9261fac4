//! The contract: every test of this crate holds on SQLite and on PostgreSQL.
//!
//! Tests run on SQLite. One of them runs all the others once more, on PostgreSQL: the server that
//! `tests/run` starts and names in `ZHIBI_TESTS_POSTGRES`. Tests about a file stand in a module
//! `sqlite`, and tests about a server in a module `postgres`.

use std::path::Path;
use std::process::Command;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions};

use crate::StoreUrl;

/// Set in the run on PostgreSQL alone.
const SERVER: &str = "ZHIBI_TESTS_STORE";

static DATABASES: AtomicU32 = AtomicU32::new(0);

/// A place of its own for a store: a file in `folder`, or a database of the server.
pub(crate) async fn place(folder: &Path) -> StoreUrl {
    match database().await {
        Some(url) => url,
        None => folder.join("zhibi.db").as_path().into(),
    }
}

/// A new database of the server, in the run on PostgreSQL.
pub(crate) async fn database() -> Option<StoreUrl> {
    database_with("").await
}

/// The same, made with further options.
pub(crate) async fn database_with(options: &str) -> Option<StoreUrl> {
    let server = PgConnectOptions::from_str(&std::env::var(SERVER).ok()?).unwrap();
    let number = DATABASES.fetch_add(1, Ordering::Relaxed);
    let name = format!("contract_{}_{number}", std::process::id());
    let mut connection = server.connect().await.unwrap();
    let create = AssertSqlSafe(format!("CREATE DATABASE {name} {options}"));
    sqlx::raw_sql(create).execute(&mut connection).await.unwrap();
    Some(StoreUrl::of_server(server.database(&name)))
}

/// Failure: a test that fails on PostgreSQL, or a server that is named and cannot be reached. Not
/// failure: that no server is named, unless everything is required.
#[test]
fn every_test_holds_on_postgres() {
    if std::env::var_os(SERVER).is_some() {
        return;
    }
    let Some(server) = test_needs::postgres() else { return };
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--skip", "sqlite::"])
        .env(SERVER, server)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{told}\n{}", String::from_utf8_lossy(&run.stderr));
    let ran = told.lines().find(|line| line.starts_with("test result")).unwrap_or_default();
    println!("on PostgreSQL: {ran}");
}
