//! Rosters of other systems, taken in.

mod lists;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use school::roster::{Roster, Said, Told, read};
use tempfile::TempDir;

use crate::setup::import::{Becomes, ChangeOf, RosterChanges, RosterImport};
use crate::sql::query;
use crate::{Store, StoreError, contract};

const DAY_MS: i64 = 86_400_000;
const SCHOOL: &str = "示例小学";

/// A number that does not come twice.
fn fresh() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

struct Empty {
    store: Store,
    _folder: TempDir,
}

impl Empty {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = contract::place(folder.path()).await;
        Self { store: Store::connect(&url).await.unwrap(), _folder: folder }
    }

    async fn import(&self, roster: Roster, day: i64) -> Result<RosterChanges, StoreError> {
        let import = RosterImport {
            roster,
            from_ms: day * DAY_MS,
            now_ms: day * DAY_MS,
            fresh: Box::new(fresh),
            dry_run: false,
            only: None,
        };
        let outcome = self.store.import_roster(import).await;
        if let Err(StoreError::Roster(problems)) = &outcome {
            problems.iter().for_each(|problem| is_in_chinese(&problem.what));
        }
        outcome
    }

    /// Everything but our own identities, which are made up.
    async fn all(&self) -> Vec<String> {
        let statements = [
            "SELECT s.value || ' ' || u.name || ' ' || c.name_zh || ' ' || e.number || ' '
                    || e.from_ms || ' ' || coalesce(e.until_ms, -1)
             FROM pupil u JOIN enrolment e ON e.pupil = u.id JOIN class c ON c.id = e.class
             LEFT JOIN source_identity s ON s.entity = 'pupil' AND s.id = u.id AND s.source <> 'x'
             ORDER BY 1",
            "SELECT u.name || ' ' || c.name_zh || ' ' || e.number || ' ' || e.from_ms || ' '
                    || coalesce(e.until_ms, -1)
             FROM pupil u JOIN enrolment e ON e.pupil = u.id JOIN class c ON c.id = e.class
             ORDER BY 1",
            "SELECT c.name_zh || ' ' || c.grade || ' ' || s.name_zh
             FROM class c JOIN school s ON s.id = c.school ORDER BY 1",
            "SELECT t.login || ' ' || t.name || ' ' || coalesce(g.role, '-') || ' '
                    || coalesce(c.name_zh, '-') || ' ' || coalesce(g.subject, '-') || ' '
                    || coalesce(g.from_ms, -1) || ' ' || coalesce(g.until_ms, -1)
             FROM staff t LEFT JOIN role_grant g ON g.staff = t.id
             LEFT JOIN class c ON c.id = g.class ORDER BY 1",
        ];
        let mut all = Vec::new();
        for statement in statements {
            let rows: Vec<Option<String>> =
                query(statement).scalars(self.store.readers()).await.unwrap();
            all.extend(rows.into_iter().flatten());
        }
        all
    }
}

fn told() -> Told<'static> {
    Told { school: Some(SCHOOL), from: school::roster::date("2026-09-01").unwrap() }
}

fn list(text: &str) -> Roster {
    read([("a.csv".to_owned(), text.as_bytes().to_vec())].into(), &told()).unwrap()
}

/// A file of an export: its name, header and rows.
type Table = (&'static str, &'static str, Vec<String>);

/// The tables of an export with pupils as `identity, given name, identifier, class`, and teachers
/// as `identity, login, class`.
fn export(pupils: &[(&str, &str, &str, &str)], teachers: &[(&str, &str, &str)]) -> Vec<Table> {
    let class = |id: &str| format!("{id},,三年级（{id}）班,03,homeroom,o-1");
    let user = |(id, name, number, _): &(&str, &str, &str, &str)| {
        format!("{id},,student,{id},{name},王,{number},o-1,true")
    };
    let teacher =
        |(id, login, _): &(&str, &str, &str)| format!("{id},,teacher,{login},明,李,,o-1,true");
    let pupil = |(id, _, _, class): &(&str, &str, &str, &str)| {
        format!("{id}-{class},,{class},{id},student,false")
    };
    let teaches =
        |(id, _, class): &(&str, &str, &str)| format!("{id}-{class},,{class},{id},teacher,true");
    vec![
        ("orgs.csv", "sourcedId,status,name,type", vec![format!("o-1,,{SCHOOL},school")]),
        (
            "classes.csv",
            "sourcedId,status,title,grades,classType,schoolSourcedId",
            ["1", "2"].map(class).to_vec(),
        ),
        (
            "users.csv",
            "sourcedId,status,role,username,givenName,familyName,identifier,orgSourcedIds,enabledUser",
            pupils.iter().map(user).chain(teachers.iter().map(teacher)).collect(),
        ),
        (
            "enrollments.csv",
            "sourcedId,status,classSourcedId,userSourcedId,role,primary",
            pupils.iter().map(pupil).chain(teachers.iter().map(teaches)).collect(),
        ),
    ]
}

fn oneroster(tables: &[Table]) -> Roster {
    let text = |(name, header, rows): &Table| {
        ((*name).to_owned(), format!("{header}\n{}\n", rows.join("\n")).into_bytes())
    };
    read(tables.iter().map(text).collect(), &told()).unwrap()
}

fn delta(mut tables: Vec<Table>) -> Roster {
    let row = "file.users,delta".to_owned();
    tables.push(("manifest.csv", "propertyName,value", vec![row]));
    oneroster(&tables)
}

const PUPILS: [(&str, &str, &str, &str); 4] = [
    ("u1", "小明", "1", "1"),
    ("u2", "\u{20b9f}·阿卜杜拉", "2", "1"),
    ("u3", "雷", "", "2"),
    ("u4", "雷", "", "2"),
];
const TEACHERS: [(&str, &str, &str); 2] = [("t1", "shen", "1"), ("t2", "gu", "2")];

/// A page prints the Chinese half, whatever is wrong.
fn is_in_chinese(Said { en, zh }: &Said) {
    let has_han = zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    assert!(has_han && zh != en && !en.is_empty(), "{zh} / {en}");
}

fn counts(changes: &RosterChanges, of: ChangeOf) -> BTreeMap<Becomes, usize> {
    let of_it = changes.counts.iter().filter(|((this, _), _)| *this == of);
    of_it.map(|((_, becomes), count)| (*becomes, *count)).collect()
}

#[tokio::test]
async fn the_same_export_twice_changes_nothing() {
    let empty = Empty::new().await;
    let roster = oneroster(&export(&PUPILS, &TEACHERS));
    let first = empty.import(roster.clone(), 10).await.unwrap();
    assert_eq!(counts(&first, ChangeOf::Pupil), [(Becomes::New, 4)].into());
    assert_eq!(counts(&first, ChangeOf::Role), [(Becomes::New, 2)].into());
    let stored = empty.all().await;
    assert_eq!(stored.len(), 4 + 4 + 2 + 2, "{stored:#?}");
    assert!(stored.contains(&"u2 王\u{20b9f}·阿卜杜拉 三年级（1）班 2 864000000 -1".to_owned()));
    for day in [10, 11, 9] {
        let again = empty.import(roster.clone(), day).await.unwrap();
        // A role that begins later is a role of its own before.
        let same = again.is_nothing() || day == 9;
        assert!(same, "{again:?}");
        assert_eq!(counts(&again, ChangeOf::Pupil), [(Becomes::Unchanged, 4)].into());
    }
    let identities: Vec<String> =
        query("SELECT id FROM pupil").scalars(empty.store.readers()).await.unwrap();
    assert!(identities.iter().all(|id| id.starts_with("p-") && id.len() == 18), "{identities:?}");
}

#[tokio::test]
async fn rows_may_stand_in_any_order() {
    let tables = export(&PUPILS, &TEACHERS);
    let forward = Empty::new().await;
    forward.import(oneroster(&tables), 10).await.unwrap();
    let backward = Empty::new().await;
    let mut turned = tables;
    turned.iter_mut().for_each(|(_, _, rows)| rows.reverse());
    backward.import(oneroster(&turned), 10).await.unwrap();
    assert_eq!(forward.all().await, backward.all().await);
}

#[tokio::test]
async fn a_delta_after_a_bulk_export_is_the_bulk_export_of_the_sum() {
    let check = async |changed: &[(&str, &str, &str, &str)], teachers: &[(&str, &str, &str)]| {
        let (by_delta, by_bulk) = (Empty::new().await, Empty::new().await);
        for store in [&by_delta, &by_bulk] {
            store.import(oneroster(&export(&PUPILS, &TEACHERS)), 10).await.unwrap();
        }
        by_delta.import(delta(export(changed, teachers)), 20).await.unwrap();
        let stays = |pupil: &&(&str, &str, &str, &str)| changed.iter().all(|c| c.0 != pupil.0);
        let mut sum: Vec<_> = PUPILS.iter().filter(stays).copied().collect();
        sum.extend(changed);
        let stays = |one: &&(&str, &str, &str)| teachers.iter().all(|c| c.0 != one.0);
        let mut all: Vec<_> = TEACHERS.iter().filter(stays).copied().collect();
        all.extend(teachers);
        by_bulk.import(oneroster(&export(&sum, &all)), 20).await.unwrap();
        assert_eq!(by_delta.all().await, by_bulk.all().await);
    };
    check(&[("u5", "新", "9", "1")], &[]).await;
    check(&[("u1", "明", "7", "1")], &[("t3", "zhao", "1")]).await;
    // Two change numbers with each other, one goes to the other class.
    check(&[("u1", "小明", "2", "1"), ("u2", "阿", "1", "1"), ("u3", "雷", "5", "1")], &[]).await;
    check(&[("u4", "雷", "", "1")], &[("t1", "shen-2", "1")]).await;
}

#[tokio::test]
async fn a_delta_ends_what_it_says_is_to_be_deleted() {
    let empty = Empty::new().await;
    empty.import(oneroster(&export(&PUPILS, &TEACHERS)), 10).await.unwrap();
    let enrollments = [
        "a,tobedeleted,1,u1,student,false",
        "b,tobedeleted,1,t1,teacher,true",
        "c,active,maths,u3,student,false",
        "d,tobedeleted,2,u1,student,false",
    ];
    let users =
        ["u4,tobedeleted,student,,雷,王,,o-1,true", "t2,active,teacher,gu,明,李,,o-1,false"];
    let mut tables = export(&[], &[]);
    tables[2].2 = users.map(str::to_owned).to_vec();
    tables[3].2 = enrollments.map(str::to_owned).to_vec();
    let changes = empty.import(delta(tables.clone()), 20).await.unwrap();
    assert_eq!(
        counts(&changes, ChangeOf::Pupil),
        [(Becomes::Ended, 2), (Becomes::Unchanged, 1)].into()
    );
    assert_eq!(counts(&changes, ChangeOf::Role), [(Becomes::Ended, 2)].into());
    assert_eq!(changes.elsewhere, 1);
    let open = |line: &&String| line.ends_with("-1") && line.contains('班');
    let all = empty.all().await;
    let open: Vec<&String> = all.iter().filter(open).filter(|line| line.starts_with('u')).collect();
    assert_eq!(open.len(), 2, "{all:#?}");
    let again = empty.import(delta(tables), 20).await.unwrap();
    assert!(again.is_nothing(), "{again:?}");
    // A number that is free again is somebody else's, and who left may come back.
    let back = [("u1", "小明", "7", "2"), ("u9", "新", "1", "1")];
    let changes = empty.import(delta(export(&back, &[])), 30).await.unwrap();
    assert_eq!(counts(&changes, ChangeOf::Pupil), [(Becomes::New, 1), (Becomes::Moved, 1)].into());
}

#[tokio::test]
async fn who_is_missing_is_listed_and_stays_and_roles_end() {
    let empty = Empty::new().await;
    empty.import(oneroster(&export(&PUPILS, &TEACHERS)), 10).await.unwrap();
    let before = empty.all().await;
    let fewer = || oneroster(&export(&PUPILS[..3], &TEACHERS[..1]));
    let changes = empty.import(fewer(), 20).await.unwrap();
    for of in [ChangeOf::Pupil, ChangeOf::Staff] {
        assert_eq!(changes.count(of, Becomes::Missing), 1, "{of:?}: {changes:?}");
    }
    assert_eq!(
        counts(&changes, ChangeOf::Role),
        [(Becomes::Ended, 1), (Becomes::Unchanged, 1)].into()
    );
    let ended = |line: &String| match line.starts_with("gu ") {
        true => line.replace(" 864000000 -1", " 864000000 1728000000"),
        false => line.clone(),
    };
    assert_eq!(empty.all().await, before.iter().map(ended).collect::<Vec<_>>());
    assert!(empty.import(fewer(), 20).await.unwrap().is_nothing());
    assert!(!format!("{changes:?}").contains('雷'), "a name reaches a log");
}

/// Failure: what a pupil wrote this morning leaves their former class with them.
#[tokio::test]
async fn who_moves_today_moves_now_and_can_move_back() {
    const NOON_MS: i64 = 10 * DAY_MS + DAY_MS / 2;
    let empty = Empty::new().await;
    let import = async |class: &str, now_ms: i64| {
        let import = RosterImport {
            roster: list(&format!("姓名,班级,学号\n王,{class},20240301\n李,三1班,20240302\n")),
            from_ms: 10 * DAY_MS,
            now_ms,
            fresh: Box::new(fresh),
            dry_run: false,
            only: None,
        };
        empty.store.import_roster(import).await.unwrap()
    };
    let spans = async || {
        let all = empty.all().await;
        let of_wang = |line: &&String| line.starts_with("王 ");
        all.iter().filter(of_wang).cloned().collect::<Vec<_>>()
    };
    let day = 10 * DAY_MS;
    import("三1班", day + 1).await;
    assert_eq!(spans().await, [format!("王 三年级（1）班 20240301 {day} -1")]);
    for now_ms in [NOON_MS, NOON_MS + 1] {
        import("三2班", now_ms).await;
        let moved = [
            format!("王 三年级（1）班 20240301 {day} {NOON_MS}"),
            format!("王 三年级（2）班 20240301 {NOON_MS} -1"),
        ];
        assert_eq!(spans().await, moved);
    }
    import("三1班", NOON_MS + 2).await;
    assert_eq!(spans().await.len(), 3);
}

#[tokio::test]
async fn a_trial_says_the_same_and_changes_nothing() {
    let empty = Empty::new().await;
    let roster = oneroster(&export(&PUPILS, &TEACHERS));
    let import = || RosterImport {
        roster: roster.clone(),
        from_ms: 10 * DAY_MS,
        now_ms: 10 * DAY_MS,
        fresh: Box::new(fresh),
        dry_run: true,
        only: None,
    };
    let tried = empty.store.import_roster(import()).await.unwrap();
    assert_eq!(empty.all().await, Vec::<String>::new());
    assert_eq!(empty.import(roster.clone(), 10).await.unwrap(), tried);
}

#[tokio::test]
async fn what_the_store_contradicts_is_told_and_nothing_is_written() {
    let empty = Empty::new().await;
    empty.import(oneroster(&export(&PUPILS, &TEACHERS)), 10).await.unwrap();
    let before = empty.all().await;
    let check = async |roster: Roster, day: i64, expected: &[&str]| {
        let refused = empty.import(roster, day).await;
        let Err(StoreError::Roster(problems)) = refused else { panic!("{refused:?}") };
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), expected.len(), "{told:#?}");
        for (problem, expected) in told.iter().zip(expected) {
            assert!(problem.starts_with(expected), "{problem}, not {expected}");
        }
        assert_eq!(empty.all().await, before);
    };
    let taken = "users.csv, line 3, column 登录名 / username: the store has the login \"gu\"";
    let alike = "users.csv, line 2, column 登录名 / username: the store has the login \"ＧＵ\", or one that";
    check(delta(export(&[], &[("t9", "ＧＵ", "1")])), 20, &[alike]).await;
    let later = "users.csv, line 2: the pupil came to 三年级（1）班 on that day or later";
    check(delta(export(&[("u1", "小明", "1", "2")], &[("t9", "gu", "1")])), 10, &[later, taken])
        .await;
    // A number of somebody whom the delta does not name.
    let clash = "users.csv, line 2: number 1 of the class is another pupil's";
    check(delta(export(&[("u8", "新", "1", "1")], &[])), 20, &[clash]).await;
    let mut stranger = export(&[], &[]);
    stranger[3].2.push("x,active,1,u77,student,false".into());
    let unknown = "enrollments.csv, line 2, column userSourcedId: the store does not know the user";
    check(delta(stranger), 20, &[unknown]).await;
}

/// Failure: a pupil is in two schools, or in none; papers of the one are seen in the other.
#[tokio::test]
async fn a_pupil_who_changes_school_ends_there_and_begins_here() {
    let empty = Empty::new().await;
    empty.import(oneroster(&export(&PUPILS, &TEACHERS)), 10).await.unwrap();
    let mut elsewhere = export(&[("u1", "小明", "1", "9")], &[]);
    elsewhere[0].2 = vec!["o-2,,外国语小学,school".into()];
    elsewhere[1].2 = vec!["9,,三年级（9）班,03,homeroom,o-2".into()];
    elsewhere[2].2[0] = elsewhere[2].2[0].replace("o-1", "o-2");
    let check = async |roster: Roster| {
        let changes = empty.import(roster, 20).await.unwrap();
        assert_eq!(counts(&changes, ChangeOf::Pupil), [(Becomes::Moved, 1)].into());
        let moved = changes.list.iter().find(|change| change.of == ChangeOf::Pupil).unwrap();
        assert_eq!(moved.class.as_deref(), Some("三年级（9）班"));
        assert_eq!(moved.before.as_deref(), Some(SCHOOL), "the dry run says where from");
        let all = empty.all().await;
        let enrolments: Vec<&String> = all.iter().filter(|line| line.starts_with("u1 ")).collect();
        let expected = [
            "u1 王小明 三年级（1）班 1 864000000 1728000000",
            "u1 王小明 三年级（9）班 1 1728000000 -1",
        ];
        assert_eq!(enrolments, expected);
    };
    check(oneroster(&elsewhere)).await;
    assert!(empty.import(oneroster(&elsewhere), 20).await.unwrap().is_nothing());
    // The first school hears later that they left: they stay where they are.
    let mut left = export(&[], &[]);
    left[2].2 = vec!["u1,tobedeleted,student,,小明,王,,o-1,true".into()];
    assert!(empty.import(delta(left), 25).await.unwrap().is_nothing());
    // Who comes to no class of the new school is in none.
    let mut classless = export(&[], &[]);
    classless[0].2.push("o-2,,外国语小学,school".into());
    classless[2].2 = vec!["u2,active,student,,阿,王,,o-2,true".into()];
    let changes = empty.import(delta(classless), 30).await.unwrap();
    assert_eq!(counts(&changes, ChangeOf::Pupil), [(Becomes::Moved, 1)].into());
    let of_u2 = |line: &&String| line.starts_with("u2 ");
    assert_eq!(
        empty.all().await.iter().filter(of_u2).collect::<Vec<_>>(),
        ["u2 王阿 三年级（1）班 2 864000000 2592000000"]
    );
}

/// Failure: who keeps one school changes another by a file.
#[tokio::test]
async fn what_is_brought_for_one_school_leaves_the_others_alone() {
    let empty = Empty::new().await;
    empty.import(oneroster(&export(&PUPILS, &TEACHERS)), 10).await.unwrap();
    let schools = empty.store.schools().await.unwrap();
    let own = schools.first().unwrap().id.clone();
    empty
        .store
        .insert_school(crate::SchoolRow {
            id: "other".into(),
            district: None,
            name_zh: "别校".into(),
            name_en: "Other".into(),
        })
        .await
        .unwrap();
    let before = empty.all().await;
    for (only, taken) in [("other", false), (own.as_str(), true)] {
        let import = RosterImport {
            roster: oneroster(&export(&PUPILS, &TEACHERS)),
            from_ms: 10 * DAY_MS,
            now_ms: 10 * DAY_MS,
            fresh: Box::new(fresh),
            dry_run: false,
            only: Some(only.to_owned()),
        };
        let outcome = empty.store.import_roster(import).await;
        assert_eq!(outcome.is_ok(), taken, "{only}: {outcome:?}");
        if let Err(StoreError::Roster(problems)) = outcome {
            let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
            // Not once more for each pupil and class of it.
            assert!(told.len() == 1 && told[0].contains("this school is another one"), "{told:?}");
        }
        assert_eq!(empty.all().await, before);
    }
}
