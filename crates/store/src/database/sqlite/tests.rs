use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _, SqliteConnection};

use super::MIGRATIONS;
use crate::database::upgrade;
use crate::fixture::{Fixture, chunk};
use crate::sql::query;
use crate::view::IN_REVIEW;
use crate::{DAMAGE, Decoded, Store, StoreError, StoreUrl};

#[tokio::test]
async fn durable_settings_are_in_force() {
    let fixture = Fixture::in_file().await;
    let on_writer = async |pragma: &'static str| -> i64 {
        let value = fixture
            .store
            .write(move |tx| Box::pin(async move { Ok(query(pragma).scalar(tx).await?) }));
        value.await.unwrap()
    };
    let journal: String =
        query("PRAGMA journal_mode").scalar(fixture.store.readers()).await.unwrap();
    assert_eq!(journal, "wal");
    assert_eq!(on_writer("PRAGMA synchronous").await, 2, "2 is FULL");
    assert_eq!(on_writer("PRAGMA foreign_keys").await, 1);
}

/// SQLite takes a whole transaction back by itself after a full disk or an I/O error. The statement
/// here does the same behind the back of whoever counts transactions.
#[tokio::test]
async fn writing_goes_on_after_sqlite_ended_a_transaction_by_itself() {
    let fixture = Fixture::in_file().await;
    let mut writable = fixture.store.writable();
    let ended = fixture.store.write(|tx| {
        Box::pin(async move {
            tx.run("ROLLBACK").await?;
            query("INSERT INTO no_such_table VALUES (1)").execute(tx).await?;
            Ok(())
        })
    });
    // Handed over together, so that they wait in one queue.
    let (before, ended, behind) = tokio::join!(
        fixture.store.store_chunks(vec![chunk(1, 1, 100, 0)]),
        ended,
        fixture.store.store_chunks(vec![chunk(1, 2, 100, 0)]),
    );
    assert!(ended.is_err());
    // What shared the transaction is not committed, and its caller hears so.
    let stored = [&before, &behind].iter().filter(|stored| stored.is_ok()).count();
    assert_eq!(fixture.count("chunk").await, i64::try_from(stored).unwrap());
    assert!(writable.has_changed().unwrap());
    // The writer finds out without any write that the cause is gone.
    writable.wait_for(|writable| writable.is_yes()).await.unwrap();
    fixture.write(1, 3, 100, 0).await;
}

/// The connection counts one transaction too many: the next one would be a savepoint, and taking
/// that back would leave the transaction open, with a snapshot that grows old.
#[tokio::test]
async fn a_reader_whose_transaction_was_ended_is_not_used_again() {
    let fixture = Fixture::in_file().await;
    for _ in 0..8 {
        let mut reader = fixture.store.readers().snapshot().await.unwrap();
        reader.run("ROLLBACK").await.unwrap();
        drop(reader);
    }
    for _ in 0..8 {
        let mut reader = fixture.store.readers().acquire().await.unwrap();
        reader.run("BEGIN; ROLLBACK").await.unwrap();
    }
}

/// A file copied while its writer runs has everything in the `-wal` file that was left behind.
#[tokio::test]
async fn a_file_that_holds_no_store_is_not_made_into_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("copy.db");
    let url = StoreUrl::from(path.as_path());
    assert!(Store::connect_existing(&url).await.is_err(), "there is no file");
    assert!(!path.exists());
    std::fs::write(&path, "").unwrap();
    assert!(matches!(
        Store::connect_existing(&path.as_path().into()).await,
        Err(StoreError::NoStore)
    ));
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 0);
    Store::open(&path).await.unwrap().close().await.unwrap();
    Store::connect_existing(&path.as_path().into()).await.unwrap().close().await.unwrap();
}

/// SQLite goes on writing to a file that was deleted, and every receipt for it is false.
#[tokio::test]
async fn nothing_is_committed_to_a_file_that_is_no_longer_there() {
    let fixture = Fixture::in_file().await;
    let path = fixture.url.path().unwrap().to_owned();
    let aside = path.with_file_name("aside");
    let mut writable = fixture.store.writable();
    let refused = async |number| {
        let error = fixture.store.store_chunks(vec![chunk(1, number, 100, 0)]).await.unwrap_err();
        error.to_string()
    };
    fixture.write(1, 1, 100, 0).await;
    std::fs::rename(&path, &aside).unwrap();
    let error = refused(2).await;
    assert!(error.contains("zhibi.db") && error.contains("put the file"), "{error}");
    assert!(!writable.borrow_and_update().is_yes());
    assert!(!path.exists(), "and no other is made in its place");
    std::fs::copy(&aside, &path).unwrap();
    let error = refused(3).await;
    assert!(error.contains("another file"), "{error}");
    std::fs::rename(&aside, &path).unwrap();
    writable.wait_for(|writable| writable.is_yes()).await.unwrap();
    fixture.write(1, 4, 100, 0).await;
    assert_eq!(fixture.count("chunk").await, 2);
}

/// A backup on a medium that cannot be written.
#[tokio::test]
async fn a_store_that_cannot_be_written_is_read_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("zhibi.db");
    let store = Store::open(&path).await.unwrap();
    store.store_chunks(vec![chunk(7, 1, 100, 0)]).await.unwrap();
    store.close().await.unwrap();
    let before = std::fs::read(&path).unwrap();

    let store = Store::open_unwritable(&path).await.unwrap();
    assert_eq!(store.totals().await.unwrap().chunks, 1);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing lies beside it");
    let refused = store.store_chunks(vec![chunk(7, 2, 100, 0)]).await.unwrap_err();
    assert!(!refused.to_string().is_empty());
    store.close().await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), before);

    // What a log holds would be passed over.
    std::fs::write(dir.path().join("zhibi.db-wal"), b"commits").unwrap();
    let refused = Store::open_unwritable(&path).await.unwrap_err();
    assert!(matches!(refused, StoreError::LogBeside), "{refused}");
    std::fs::remove_file(dir.path().join("zhibi.db-wal")).unwrap();

    let other = "DELETE FROM _sqlx_migrations
                 WHERE version = (SELECT max(version) FROM _sqlx_migrations)";
    let store = Store::open(&path).await.unwrap();
    store
        .write(move |tx| {
            Box::pin(async move {
                query(other).execute(tx).await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    store.close().await.unwrap();
    let refused = Store::open_unwritable(&path).await.unwrap_err();
    assert!(matches!(refused, StoreError::OtherSchema), "{refused}");
}

/// What SQLite says of a damaged file names neither the file nor what can still be read.
#[tokio::test]
async fn damage_is_a_finding_and_ends_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("zhibi.db");
    let store = Store::open(&path).await.unwrap();
    let chunks = (1..=400).map(|number| chunk(1, number, 100, 0)).collect();
    store.store_chunks(chunks).await.unwrap();
    let place = "SELECT rootpage, (SELECT page_size FROM pragma_page_size())
                 FROM sqlite_master WHERE name = 'chunk'";
    let (page, size): (i64, i64) = query(place).fetch_one(store.readers()).await.unwrap();
    store.close().await.unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let begins = (page - 1) as usize * size as usize;
    bytes[begins..begins + size as usize].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    for store in
        [Store::open_unwritable(&path).await, Store::connect_existing(&path.as_path().into()).await]
    {
        let store = store.unwrap();
        let findings = store.verify(|_| Err::<Decoded, _>("not looked into".into())).await.unwrap();
        let damage = |part: &str| {
            findings.iter().any(|found| found.rule == DAMAGE && found.detail.contains(part))
        };
        assert!(damage("chunks: not all of it can be read"), "{findings:?}");
        let bytes = query("SELECT bytes FROM chunk").scalars::<Vec<u8>>(store.readers()).await;
        let error = StoreError::from(bytes.unwrap_err());
        assert!(error.is_damage() && !error.is_unwritable(), "{error}");
        store.close().await.unwrap();
    }
}

/// Without its index, a scrape of the metrics would read every answer ever given.
#[tokio::test]
async fn papers_in_review_are_counted_from_their_index() {
    let fixture = Fixture::in_file().await;
    let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {IN_REVIEW}"));
    let plan: Vec<(i64, i64, i64, String)> =
        query(explain).fetch_all(fixture.store.readers()).await.unwrap();
    let uses_index = |step: &(i64, i64, i64, String)| step.3.contains("response_in_review");
    assert!(plan.iter().any(uses_index), "{plan:?}");
}

#[tokio::test]
async fn an_older_schema_keeps_its_content() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("zhibi.db");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut old: SqliteConnection = options.connect().await.unwrap();
    upgrade::first(&MIGRATIONS).run(&mut old).await.unwrap();
    let content = AssertSqlSafe(upgrade::content("x'696e6b'"));
    sqlx::raw_sql(content).execute(&mut old).await.unwrap();
    old.close().await.unwrap();
    upgrade::check(&path.as_path().into()).await;
    let mut new: SqliteConnection =
        SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let dangling = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut new).await.unwrap();
    assert_eq!(dangling.len(), 0, "what refers to a pupil still does");
    let keys = "SELECT count(*) FROM pragma_foreign_key_list('copy') WHERE \"table\" = 'pupil'";
    let keys: i64 = sqlx::query_scalar(keys).fetch_one(&mut new).await.unwrap();
    assert_eq!(keys, 1);
}

/// Its table is made anew, since SQLite cannot take a NOT NULL away.
#[tokio::test]
async fn gateways_keep_their_passwords_when_certificates_come() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("zhibi.db");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut old: SqliteConnection = options.connect().await.unwrap();
    upgrade::up_to(&MIGRATIONS, 23).run(&mut old).await.unwrap();
    let rows = "INSERT INTO school (id, name_zh, name_en) VALUES ('s', '—', '—');
                INSERT INTO gateway VALUES ('g-1', 's', '—', 'hash', 10, NULL);
                INSERT INTO gateway VALUES ('g-2', 's', '—', 'hash', 10, 20);";
    sqlx::raw_sql(rows).execute(&mut old).await.unwrap();
    old.close().await.unwrap();
    let store = Store::open(&path).await.unwrap();
    let passwords = store.gateway_passwords().await.unwrap();
    assert_eq!(passwords, [("g-1".to_owned(), "hash".to_owned())]);
    let lines = store.gateways().await.unwrap();
    assert_eq!((lines.len(), lines[1].revoked_ms), (2, Some(20)));
    store.close().await.unwrap();
}

/// Everybody's names and marks are in the file, and the last evening's in its log.
#[tokio::test]
async fn a_new_file_is_its_owners_alone_and_an_old_one_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let mode = |name: &str| {
        std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777
    };
    let path = folder.path().join("zhibi.db");
    // It is new where somebody made it empty, too.
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    let store = Store::open(&path).await.unwrap();
    for name in ["zhibi.db", "zhibi.db-wal", "zhibi.db-shm"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    store.close().await.unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let store = Store::open(&path).await.unwrap();
    assert_eq!((mode("zhibi.db"), mode("zhibi.db-wal")), (0o640, 0o640));
    store.close().await.unwrap();
}

/// Failure: a log that lies where its store is missing or empty is removed, by whatever opens a store
/// there, or a store is made beside it.
#[tokio::test]
async fn a_log_without_its_store_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (store, log) = (folder.path().join("z.db"), folder.path().join("z.db-wal"));
    let url = StoreUrl::from(&*store);
    std::fs::write(&log, "commits").unwrap();
    for empty_store in [false, true] {
        if empty_store {
            std::fs::write(&store, "").unwrap();
        }
        let refused = [
            Store::connect(&url).await.map(drop),
            Store::init(&url).await,
            Store::connect_existing(&url).await.map(drop),
            Store::is_there(&url).await.map(drop),
            Store::check_place(&store),
        ];
        for refused in refused {
            let error = refused.unwrap_err();
            assert!(matches!(error, StoreError::LogWithoutStore { .. }), "{error}");
        }
        assert_eq!(std::fs::read(&log).unwrap(), b"commits");
        assert_eq!(store.exists(), empty_store);
    }
}

/// Failure: a database of another program becomes a store, or any byte of it changes.
#[tokio::test]
async fn a_database_of_another_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("foreign.db");
    let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql("CREATE TABLE recipe (name TEXT)").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let before = std::fs::read(&file).unwrap();
    let error = Store::init(&StoreUrl::from(&*file)).await.unwrap_err();
    assert!(matches!(&error, StoreError::Foreign { table } if table == "recipe"), "{error}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing lies beside it");
}
