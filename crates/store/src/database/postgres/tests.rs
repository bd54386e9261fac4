//! What holds of a server alone. Without one, these tests have nothing to do: see `contract`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sample_school::{MIXED, artwork, holder, holds, lease};
use school::roster::{Told, date, read};
use school::{ClassId, Period, Right, Role, StaffId};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _, PgConnection};
use worksheet::Copies;

use super::{GRANTS, MIGRATIONS, check_version};
use crate::database::upgrade;
use crate::fixture::{DUE_MS, Fixture, RIGHT, WRONG, assignment, chunk, outcome, school, staff};
use crate::sql::query;
use crate::url::Kind;
use crate::{
    Decision, Delivery, First, GatewaySeen, Keeper, KeptSchool, NewWorksheet, PenRow, PenSeen,
    Proof, ResponseName, RosterImport, Seen, SessionLimits, StaffRow, Store, StoreError, StoreUrl,
    Writable, contract,
};

/// A fixture on a server, and a second store on the same database, as another service has it.
async fn two() -> Option<(Fixture, Store)> {
    let fixture = Fixture::new().await;
    if fixture.url.path().is_some() {
        return None;
    }
    let other = Store::connect(&fixture.url).await.unwrap();
    Some((fixture, other))
}

/// Ends every other connection to the database, as a server does that is started again.
async fn end_connections(store: &Store) {
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let _: i64 = query(end).scalar(store.readers()).await.unwrap();
}

#[test]
fn an_old_server_is_refused_by_its_version() {
    let old = check_version(Some(140_012)).unwrap_err().to_string();
    assert_eq!(old, "its server is PostgreSQL 14: 15 or later is needed");
    assert!(check_version(Some(150_000)).is_ok());
    // A server that only speaks PostgreSQL's protocol reports no number.
    assert!(check_version(None).is_ok());
}

#[tokio::test]
async fn a_database_whose_texts_are_not_unicode_is_refused() {
    for encoding in ["SQL_ASCII", "LATIN1"] {
        let options =
            format!("ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
        let Some(url) = contract::database_with(&options).await else { return };
        let refused = Store::connect(&url).await.unwrap_err().to_string();
        assert!(refused.contains(encoding) && refused.contains("ENCODING 'UTF8'"), "{refused}");
    }
}

#[tokio::test]
async fn writing_goes_on_after_the_server_ended_every_connection() {
    let Some((fixture, other)) = two().await else { return };
    let mut writable = fixture.store.writable();
    end_connections(&other).await;
    let lost = fixture.store.store_chunks(vec![chunk(1, 1, 100, 0)]).await;
    assert!(matches!(lost, Err(StoreError::Commit(_))), "{lost:?}");
    assert!(!writable.borrow_and_update().is_yes());
    // The writer finds out without any write that the cause is gone.
    writable.wait_for(|writable| writable.is_yes()).await.unwrap();
    fixture.write(1, 2, 100, 0).await;
    assert_eq!(fixture.count("chunk").await, 1);
}

/// As an administrator or a provider sets it where the disk is nearly full.
#[tokio::test]
async fn a_server_that_takes_no_writes_is_told_apart() {
    let Some((fixture, other)) = two().await else { return };
    let mut writable = fixture.store.writable();
    let set: String =
        query("SELECT current_database()::text").scalar(other.readers()).await.unwrap();
    let set = format!("ALTER DATABASE {set} SET default_transaction_read_only = on");
    let set = other.write(move |tx| Box::pin(async move { Ok(tx.run(AssertSqlSafe(set)).await?) }));
    set.await.unwrap();
    end_connections(&other).await;
    let _lost = fixture.store.store_chunks(vec![chunk(1, 1, 100, 0)]).await;
    let refused = fixture.store.store_chunks(vec![chunk(1, 1, 100, 0)]).await;
    assert!(refused.is_err(), "{refused:?}");
    writable.wait_for(|writable| *writable == Writable::ReadOnly).await.unwrap();
}

#[tokio::test]
async fn a_quiet_service_sees_that_the_server_is_gone() {
    let Some((fixture, other)) = two().await else { return };
    let mut writable = fixture.store.writable();
    end_connections(&other).await;
    writable.wait_for(|writable| !writable.is_yes()).await.unwrap();
    writable.wait_for(|writable| writable.is_yes()).await.unwrap();
}

#[tokio::test]
async fn two_services_store_a_chunk_once() {
    let Some((fixture, other)) = two().await else { return };
    let batch = || (1..=50).map(|number| chunk(7, number, 100, 0)).collect();
    let (one, two) = tokio::join!(fixture.store.store_chunks(batch()), other.store_chunks(batch()));
    let fresh = |stored: &[crate::Stored]| {
        stored.iter().filter(|stored| **stored == crate::Stored::Fresh).count()
    };
    assert_eq!(fresh(&one.unwrap()) + fresh(&two.unwrap()), 50);
    assert_eq!(fixture.count("chunk").await, 50);
}

#[tokio::test]
async fn two_services_claim_no_paper_twice() {
    let Some((fixture, other)) = two().await else { return };
    for page in [100, 102, 104] {
        fixture.write(1, page, page, 0).await;
    }
    fixture.attribute().await;
    let claim = |store: Store| async move { store.claim(DUE_MS, 0, 60_000, 2).await.unwrap() };
    let (one, two, three) = tokio::join!(
        claim(fixture.store.clone()),
        claim(other.clone()),
        claim(fixture.store.clone())
    );
    let papers: Vec<_> =
        one.into_iter().chain(two).chain(three).map(|job| (job.pupil, job.page)).collect();
    assert_eq!(papers.len(), 3);
    assert_eq!(papers.iter().collect::<BTreeSet<_>>().len(), 3, "{papers:?}");
}

/// A line gets its number when it is written, and is seen when it is committed: a reader that goes
/// on from the last number it saw must not miss a line.
#[tokio::test]
async fn a_reader_of_the_outbox_misses_no_line_of_either_service() {
    let Some((fixture, other)) = two().await else { return };
    let leases = (1..=3).map(|pen| lease(pen, holder(pen as u32), 0, None)).collect();
    fixture.store.insert_leases(leases).await.unwrap();
    let write = |store: Store, pen: u64| async move {
        for number in 1..=40 {
            let page = 100 + 2 * (pen as u32 - 1);
            store.store_chunks(vec![chunk(pen, number, page, 0)]).await.unwrap();
            store.attribute(0).await.unwrap();
        }
    };
    let done = AtomicBool::new(false);
    let reading = async {
        let (mut seen, mut after) = (0, 0);
        loop {
            let last = done.load(Ordering::SeqCst);
            let rows = fixture.store.outbox_after(after, None, 7).await.unwrap();
            seen += rows.len();
            after = rows.last().map_or(after, |row| row.id);
            if last && rows.is_empty() {
                return seen;
            }
        }
    };
    let writing = async {
        tokio::join!(
            write(fixture.store.clone(), 1),
            write(other.clone(), 2),
            write(other.clone(), 3)
        );
        done.store(true, Ordering::SeqCst);
    };
    let (seen, ()) = tokio::join!(reading, writing);
    assert_eq!(i64::try_from(seen).unwrap(), fixture.count("outbox").await);
    assert_eq!(seen, 120);
}

/// The same in the order that is wrong: the first line has its number and is not committed yet while
/// another service writes the second.
#[tokio::test]
async fn a_line_that_was_numbered_first_is_seen_first() {
    const LINE: &str = "INSERT INTO outbox (at_ms, kind, school, class, pupil)
                        VALUES (0, 'ink', 's', 'c-1', 'p-1')";
    let Some((fixture, other)) = two().await else { return };
    let (numbered, is_numbered) = tokio::sync::oneshot::channel();
    let (go_on, may_go_on) = tokio::sync::oneshot::channel();
    let first = fixture.store.write(|tx| {
        Box::pin(async move {
            query(LINE).execute(&mut *tx).await?;
            numbered.send(()).expect("somebody waits for it");
            may_go_on.await.expect("somebody says so");
            Ok(())
        })
    });
    let second = async {
        is_numbered.await.expect("the first line is written");
        let second = other.write(|tx| {
            Box::pin(async move {
                query(LINE).execute(&mut *tx).await?;
                Ok(())
            })
        });
        second.await
    };
    let reading = async {
        let waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        let seen = loop {
            let seen = fixture.store.outbox_after(0, None, 7).await.unwrap();
            let waiting: i64 = query(waits).scalar(fixture.store.readers()).await.unwrap();
            if waiting > 0 || !seen.is_empty() {
                break seen;
            }
        };
        go_on.send(()).expect("the first line waits for it");
        seen
    };
    let (seen, first, second) = tokio::join!(reading, first, second);
    first.unwrap();
    second.unwrap();
    let after = seen.last().map_or(0, |row| row.id);
    let rest = fixture.store.outbox_after(after, None, 7).await.unwrap();
    assert_eq!(seen.len() + rest.len(), 2, "a reader missed a line");
}

#[tokio::test]
async fn a_group_that_is_begun_keeps_no_other_service_waiting_for_ever() {
    let Some((fixture, other)) = two().await else { return };
    let stalled = fixture.store.write(|tx| {
        Box::pin(async move {
            query("UPDATE school SET name_en = 'x'").execute(&mut *tx).await?;
            // The server ends a connection of which it hears nothing.
            query("SET idle_in_transaction_session_timeout = 1").execute(&mut *tx).await?;
            std::future::pending::<()>().await;
            Ok(())
        })
    });
    let went_on = async {
        loop {
            if other.store_chunks(vec![chunk(1, 1, 100, 0)]).await.is_ok() {
                break;
            }
        }
    };
    tokio::select! {
        _ = stalled => unreachable!("it never ends"),
        () = went_on => {}
    }
    assert_eq!(fixture.count("school WHERE name_en = 'x'").await, 0);
}

#[tokio::test]
async fn a_commit_is_durable_whatever_the_database_is_set_to() {
    let Some((fixture, _)) = two().await else { return };
    let database = query("SELECT current_database()::text").scalar(fixture.store.readers());
    let database: String = database.await.unwrap();
    fixture.run(format!("ALTER DATABASE {database} SET synchronous_commit = off")).await;
    let store = Store::connect(&fixture.url).await.unwrap();
    let shown = store.write(|tx| {
        let show = query("SHOW synchronous_commit");
        Box::pin(async move { Ok(show.scalar::<String>(tx).await?) })
    });
    assert_eq!(shown.await.unwrap(), "on");
}

#[tokio::test]
async fn a_reader_cannot_write() {
    let Some(url) = contract::database().await else { return };
    let store = Store::connect(&url).await.unwrap();
    assert!(query("DELETE FROM school").execute(store.readers()).await.is_err());
}

#[tokio::test]
async fn marking_on_one_service_is_seen_by_the_other() {
    let Some((fixture, other)) = two().await else { return };
    fixture.store.insert_leases(vec![lease(1, holder(1), 0, None)]).await.unwrap();
    fixture.write(1, 1, 100, 1_000).await;
    fixture.mark_all(Some(RIGHT), 10_000).await;
    assert_eq!(other.totals().await.unwrap(), fixture.store.totals().await.unwrap());
    assert!(other.work_left().await.unwrap().is_none());
}

/// A store as seen by a login that is a member of one role.
async fn as_member(url: &StoreUrl, role: &str) -> Store {
    let Kind::Server(options) = &url.0 else { unreachable!("only for a server") };
    let login = format!("{}_{role}", options.get_database().unwrap());
    let make = AssertSqlSafe(format!("CREATE ROLE {login} LOGIN IN ROLE {role}"));
    let mut owner = options.connect().await.unwrap();
    sqlx::raw_sql(make).execute(&mut owner).await.unwrap();
    Store::connect(&StoreUrl::of_server(options.as_ref().clone().username(&login))).await.unwrap()
}

#[tokio::test]
async fn each_role_does_its_work_and_no_other() {
    let Some((fixture, _)) = two().await else { return };
    fixture.store.insert_leases(vec![lease(1, holder(1), 0, None)]).await.unwrap();
    Store::init(&fixture.url).await.unwrap();
    let ingest = as_member(&fixture.url, "zhibi_ingest").await;
    let pipeline = as_member(&fixture.url, "zhibi_pipeline").await;
    let web = as_member(&fixture.url, "zhibi_web").await;

    for (store, own) in
        [(&ingest, "zhibi_ingest"), (&pipeline, "zhibi_pipeline"), (&web, "zhibi_web")]
    {
        for role in ["zhibi_ingest", "zhibi_pipeline", "zhibi_web"] {
            assert_eq!(store.may_serve_as(role).await.unwrap(), role == own, "{own} as {role}");
        }
    }
    ingest.store_chunks(vec![chunk(1, 1, 100, 1_000)]).await.unwrap();
    ingest.backlog().await.unwrap();
    for store in [&pipeline, &web] {
        assert!(store.store_chunks(vec![chunk(1, 2, 100, 1_000)]).await.is_err());
    }
    assert!(ingest.results().await.is_err());
    assert!(ingest.papers_in_review().await.is_err());
    for store in [&pipeline, &web] {
        assert_eq!(store.papers_in_review().await.unwrap(), 0);
    }
    assert!(ingest.staff_of_login("wang").await.is_err());
    assert!(pipeline.staff_of_login("wang").await.is_err());

    assert_eq!(pipeline.attribute(0).await.unwrap(), 1);
    let job = pipeline.claim(DUE_MS, 0, 60_000, 9).await.unwrap().remove(0);
    let ink_rev = pipeline.paper_chunks(&job).await.unwrap().ink_rev;
    pipeline.save(&job, outcome(ink_rev, Some(RIGHT), None), 2_000).await.unwrap();
    pipeline.settle(DUE_MS).await.unwrap();

    let scope = web.scope_of("t-wang", 0).await.unwrap();
    let head = web.assignment_of(&scope, Right::Decide, "a-own").await.unwrap().unwrap();
    let response = ResponseName { pupil: "p-1".into(), part: "q1".into(), criterion: None };
    let decision = Decision { response, staff: "t-wang".into(), mark: WRONG };
    let seen = Seen { changed_rev: 1, mark: None };
    web.decide(&head, decision, seen, 3_000).await.unwrap().unwrap();
    web.hand_in(&head, None, 4_000).await.unwrap();
    let new = NewWorksheet {
        school: "s".into(),
        toml: MIXED.replacen("version = 1", "version = 2", 1),
        artwork: artwork(),
        sources: vec![("worksheet.txt".into(), b"text".to_vec())],
        staff: Some("t-wang".into()),
        at_ms: 4_000,
    };
    web.put_worksheet(new).await.unwrap();
    let run = sample_school::run("web", 500, Copies::PerCopy(1));
    web.insert_print_run("s", run, vec!["p-1".into()]).await.unwrap();
    web.insert_assignment(assignment("a-web", "web")).await.unwrap();
    let all = web.assignment_of(&scope, Right::Assign, "a-all").await.unwrap().unwrap();
    web.withdraw(&all).await.unwrap();
    let limits = SessionLimits { idle_ms: 1, absolute_ms: 1 };
    web.begin_session([7; 32], "t-wang", limits, 5_000).await.unwrap();
    for store in [&ingest, &pipeline] {
        assert!(store.insert_school(school("x", None)).await.is_err());
    }
    keeps_pens(&ingest, &web).await;
    keep_people(&web).await;
    assert!(pipeline.totp("t-zhou").await.is_err(), "no secret is the pipeline's to read");
    assert!(ingest.totp("t-zhou").await.is_err());
}

/// Ingest notes what pens say, and the view keeps pens and sees gateways, but not their passwords.
async fn keeps_pens(ingest: &Store, web: &Store) {
    let gateway = "g-1".to_owned();
    let pens_seen = vec![PenSeen {
        pen: 9,
        gateway: gateway.clone(),
        seen_ms: 1,
        battery_percent: Some(80),
        charging: false,
        backlog: 0,
    }];
    let gateways_seen = vec![GatewaySeen { gateway, seen_ms: 1, session: None }];
    let delivery = Delivery { pens_seen, gateways_seen, ..Delivery::default() };
    ingest.take_delivery(delivery).await.unwrap();
    let school = KeptSchool { id: "s".into(), name_zh: "—".into(), name_en: "—".into() };
    let keeper = || Keeper { school: "s".into(), staff: Some("t-wang".into()), now_ms: 1 };
    let pen = PenRow { pen: 9, set: "A".into(), number: 1 };
    web.insert_pens(keeper(), vec![pen]).await.unwrap();
    let lent = web.lend_set(keeper(), "A", "c-1", 1).await.unwrap();
    web.return_pens(keeper(), None, vec![9], 2, true).await.unwrap();
    web.find_pen(keeper(), 9).await.unwrap();
    assert!(web.undo_pen_change(keeper(), lent.id).await.is_err(), "it was changed since");
    for change in web.pen_changes(&school, 3).await.unwrap() {
        web.undo_pen_change(keeper(), change.id).await.unwrap();
    }
    web.waiting_ink(&school, &[9]).await.unwrap();
    let lines = web.pens_kept(&school, 2).await.unwrap();
    assert!(lines.iter().any(|line| line.pen == 9 && line.battery_percent == Some(80)));
    assert_eq!(web.gateways_kept(&school).await.unwrap().len(), 1);
    assert!(web.gateway_passwords().await.is_err());
}

/// What the view does when an administrator keeps a school's people, and when they sign in.
async fn keep_people(web: &Store) {
    let limits = SessionLimits { idle_ms: 1_000, absolute_ms: 1_000 };
    let row = StaffRow { login: "zhou".into(), ..staff("t-zhou") };
    let id = StaffId::new("t-zhou").unwrap();
    let role = Role::ClassTeacher { class: ClassId::new("c-1").unwrap() };
    let held = holds("t-zhou", role.clone(), Period::from(0));
    web.add_staff(row, vec![held.clone()], [1; 32], 100).await.unwrap();
    web.use_link([1; 32], [2; 32], Some("hash".into()), 10).await.unwrap();
    web.end_role(id, role, 20).await.unwrap();
    web.insert_grants(vec![held]).await.unwrap();
    web.demand_totp("zhou", true, 20).await.unwrap();
    web.begin_totp("t-zhou", [7; 20]).await.unwrap();
    assert!(web.confirm_totp("t-zhou", 1, vec![[3; 32]], [2; 32], 20).await.unwrap());
    web.begin_half_login([4; 32], "t-zhou", 20).await.unwrap();
    let proof = Proof::Recovery([3; 32]);
    assert!(web.end_half_login([4; 32], proof, [5; 32], limits, 20).await.unwrap());
    web.reset_totp("zhou").await.unwrap();
    web.reset_staff("zhou", [6; 32], 100).await.unwrap();
    web.disable_staff("zhou", 30).await.unwrap();
    web.enable_staff("zhou").await.unwrap();
}

/// The login of the view begins the first school, and brings its lists in: people who are new, get
/// another name or number, move, and end.
#[tokio::test]
async fn an_administrator_brings_people_in_by_the_view() {
    let Some(url) = contract::database().await else { return };
    Store::init(&url).await.unwrap();
    let web = as_member(&url, "zhibi_web").await;
    assert!(web.can_begin().await.unwrap());
    let first = First {
        school: school("s", None),
        administrator: staff("t-zhou"),
        password_hash: "hash".into(),
    };
    assert!(web.begin(first, [1; 32], 0).await.unwrap());
    let pupils = [
        "姓名,班级,学籍号,学号\n王小明,三1班,G1,1\n李雷,三1班,G2,2\n赵云,三1班,G3,3\n",
        "姓名,班级,学籍号,学号,状态\n王晓明,三2班,G1,1,\n李雷,三1班,G2,3,\n赵云,三1班,G3,2,离校\n",
    ];
    let teachers = [
        "工号,姓名,登录名,任教班级,学科,是否班主任\nT1,李明,li,三1班,数学,是\n",
        "工号,姓名,登录名,任教班级,学科,是否班主任\nT1,李铭,liming,三2班,数学,是\n",
    ];
    let next = Arc::new(AtomicU64::new(1));
    for (day, list) in (1..).zip(pupils.into_iter().chain(teachers)) {
        let from_ms = day * 86_400_000;
        let next = Arc::clone(&next);
        let told = Told { school: Some("x"), from: date("2026-09-01").unwrap() };
        let files = [("a.csv".to_owned(), list.as_bytes().to_vec())].into();
        let import = RosterImport {
            roster: read(files, &told).unwrap(),
            from_ms,
            now_ms: from_ms,
            fresh: Box::new(move || next.fetch_add(1, Ordering::Relaxed)),
            dry_run: false,
            only: Some("s".into()),
        };
        assert!(!web.import_roster(import).await.unwrap().is_nothing());
    }
}

/// A lock that lasts too long says nothing of the ink that waited for it.
#[tokio::test]
async fn ink_that_a_lock_kept_from_its_paper_finds_it_later() {
    let Some((fixture, _)) = two().await else { return };
    fixture.store.insert_leases(vec![lease(1, holder(1), 0, None)]).await.unwrap();
    fixture.write(1, 1, 100, 1_000).await;
    let refuse = "CREATE FUNCTION busy() RETURNS trigger LANGUAGE plpgsql AS
                  'BEGIN RAISE ''lock timeout'' USING ERRCODE = ''55P03''; END';
                  CREATE TRIGGER busy BEFORE INSERT ON paper
                  FOR EACH ROW EXECUTE FUNCTION busy()";
    fixture.run(refuse.to_owned()).await;
    assert!(fixture.store.attribute(0).await.is_err());
    assert_eq!(fixture.count("ink WHERE nobody IS NOT NULL").await, 0);
    fixture.run("DROP TRIGGER busy ON paper".to_owned()).await;
    fixture.attribute().await;
    assert_eq!(fixture.count("paper").await, 1);
}

/// Roles that are there already need nobody who may make roles.
#[tokio::test]
async fn a_member_of_migrate_brings_a_store_up_to_date() {
    let Some((fixture, _)) = two().await else { return };
    Store::init(&fixture.url).await.unwrap();
    let Kind::Server(options) = &fixture.url.0 else { unreachable!("only for a server") };
    let login = format!("{}_owner", options.get_database().unwrap());
    fixture.run(format!("CREATE ROLE {login} LOGIN IN ROLE zhibi_migrate")).await;
    let url = StoreUrl::of_server(options.as_ref().clone().username(&login));
    Store::init(&url).await.unwrap();
}

/// Whatever isolation a database is set to, a group of writes sees what was committed before it.
#[tokio::test]
async fn writes_are_read_committed_whatever_the_database_is_set_to() {
    let Some((fixture, _)) = two().await else { return };
    let database = query("SELECT current_database()::text").scalar(fixture.store.readers());
    let database: String = database.await.unwrap();
    let set = "SET default_transaction_isolation = 'repeatable read'";
    fixture.run(format!("ALTER DATABASE {database} {set}")).await;
    let store = Store::connect(&fixture.url).await.unwrap();
    let shown = store.write(|tx| {
        let show = query("SHOW transaction_isolation");
        Box::pin(async move { Ok(show.scalar::<String>(tx).await?) })
    });
    assert_eq!(shown.await.unwrap(), "read committed");
}

/// A table that nobody thought of here would be one that its service cannot write.
#[tokio::test]
async fn the_grants_name_every_table() {
    let Some((fixture, _)) = two().await else { return };
    let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
    let tables: Vec<String> = query(tables).scalars(fixture.store.readers()).await.unwrap();
    let words: BTreeSet<&str> =
        GRANTS.split(|char: char| !char.is_alphanumeric() && char != '_').collect();
    let missing: Vec<_> = tables.iter().filter(|table| !words.contains(table.as_str())).collect();
    assert!(missing.is_empty(), "say in grants.sql who writes {missing:?}");
}

#[tokio::test]
async fn an_older_schema_keeps_its_content() {
    let Some(url) = contract::database().await else { return };
    let Kind::Server(options) = &url.0 else { unreachable!("only for a server") };
    let mut old: PgConnection = options.connect().await.unwrap();
    upgrade::first(&MIGRATIONS).run(&mut old).await.unwrap();
    let content = AssertSqlSafe(upgrade::content("'\\x696e6b'"));
    sqlx::raw_sql(content).execute(&mut old).await.unwrap();
    old.close().await.unwrap();
    upgrade::check(&url).await;
}
