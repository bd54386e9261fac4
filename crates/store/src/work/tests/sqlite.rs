//! Tests about a file of SQLite: content from before the attribution kept its answers.

use ::ink::StrokeKey;
use attribution::{Role, Roles};
use sqlx::{Connection, SqliteConnection};

const BEFORE: &[&str] = &[
    include_str!("../../../migrations/sqlite/0001_first.sql"),
    include_str!("../../../migrations/sqlite/0002_quarantine.sql"),
    include_str!("../../../migrations/sqlite/0003_whose_ink.sql"),
    include_str!("../../../migrations/sqlite/0004_items.sql"),
    include_str!("../../../migrations/sqlite/0005_device.sql"),
    include_str!("../../../migrations/sqlite/0006_states.sql"),
];
const MIGRATION: &str = include_str!("../../../migrations/sqlite/0007_attribution.sql");

const CONTENT: &str = r#"
INSERT INTO school VALUES ('s', '—', '—');
INSERT INTO class VALUES ('c', 's', 3, '—', '—');
INSERT INTO pupil VALUES ('p0', 's', 'c', 0, '—'), ('p1', 's', 'c', 1, '—');
INSERT INTO worksheet VALUES ('w', 1, '');
INSERT INTO print_run VALUES ('own', 's', 'w', 1, 7, 100, 1, 2, 1, 0, 0, 0, 0),
                             ('all', 's', 'w', 1, 7, 900, 1, NULL, 1, 0, 0, 0, 0);
INSERT INTO assignment VALUES ('a-own', 's', 'c', 'w', 1, 'own', 0, 0, 0),
                              ('a-all', 's', 'c', 'w', 1, 'all', 0, 0, 0);
INSERT INTO ink (folio, page, pen, ink_rev, attributed_rev, received_ms, papers)
VALUES (7, 100, 1, 1, 1, 0, 1), (7, 100, 66, 1, 1, 0, 1), (7, 900, 1, 1, 1, 0, 1),
       (7, 900, 2, 1, 1, 0, 1), (7, 900, 3, 1, 1, 0, 0);
INSERT INTO lease VALUES (1, 0, NULL, 'p0', NULL), (2, 0, NULL, 'p1', NULL);
INSERT INTO paper (school, assignment, pupil, page, folio, address_page, ink_rev, marked_rev, ink_ms,
                   loose_strokes)
VALUES ('s', 'a-own', 'p0', 1, 7, 100, 1, 1, 0, '["1-2-ff-10","1-2-ff-2","1-2-ff-1"]'),
       ('s', 'a-all', 'p0', 1, 7, 900, 1, 1, 0, '[]'),
       ('s', 'a-all', 'p1', 1, 7, 900, 1, 1, 0, '[]');
INSERT INTO response (school, assignment, pupil, question, page, position, strokes, changed_rev)
VALUES ('s', 'a-own', 'p0', 'q1', 1, 0, '{"live":[],"superseded":[],"red":[]}', 1),
       ('s', 'a-own', 'p0', 'q2', 1, 1, '{"live":["1-2-ff-5","1-2-ff-3","1-2-ff-4","1-2-ff-9"],
         "superseded":["10-2-ff-1","9-2-ff-1"],"red":["42-1-0-4294967295"]}', 1);
"#;

fn key(name: &str) -> StrokeKey {
    name.parse().unwrap()
}

#[tokio::test]
async fn roles_and_attribution_are_carried_over() {
    let mut old = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    for sql in BEFORE.iter().chain([&CONTENT, &MIGRATION]) {
        sqlx::raw_sql(*sql).execute(&mut old).await.unwrap();
    }
    let roles: Vec<(String,)> = sqlx::query_as("SELECT strokes FROM response ORDER BY question")
        .fetch_all(&mut old)
        .await
        .unwrap();
    let live = ["1-2-ff-3", "1-2-ff-4", "1-2-ff-5", "1-2-ff-9"].map(|name| (key(name), Role::Live));
    let superseded = ["9-2-ff-1", "10-2-ff-1"].map(|name| (key(name), Role::Superseded));
    let red = [(key("42-1-0-4294967295"), Role::Red)];
    let expected = Roles::new(live.into_iter().chain(superseded).chain(red));
    // The very text, so that marking the same strokes again changes no revision.
    assert_eq!(roles, [("1".to_owned(),), (expected.to_string(),)]);
    let loose: Vec<(String,)> =
        sqlx::query_as("SELECT loose FROM paper ORDER BY assignment DESC, pupil")
            .fetch_all(&mut old)
            .await
            .unwrap();
    let names = ["1-2-ff-1", "1-2-ff-2", "1-2-ff-10"];
    let expected = Roles::new(names.map(|name| (key(name), Role::Loose)));
    assert_eq!(loose, [(expected.to_string(),), ("1".to_owned(),), ("1".to_owned(),)]);
    let went: Vec<(i64, i64, String)> =
        sqlx::query_as("SELECT page, pen, pupil FROM attribution ORDER BY 1, 2, 3")
            .fetch_all(&mut old)
            .await
            .unwrap();
    let went: Vec<_> =
        went.iter().map(|(page, pen, pupil)| (*page, *pen, pupil.as_str())).collect();
    assert_eq!(went, [(100, 1, "p0"), (100, 66, "p0"), (900, 1, "p0"), (900, 2, "p1")]);
}
