use school::Right;

use super::*;
use crate::SessionLimits;
use crate::fixture::Fixture;

const LIMITS: SessionLimits = SessionLimits { idle_ms: 1_000, absolute_ms: 5_000 };
const LINK: TokenHash = [1; 32];
const AGAIN: TokenHash = [2; 32];
const SESSION: TokenHash = [3; 32];

/// What the list says of 王丽华.
async fn wang(store: &Store, at_ms: i64) -> StaffLine {
    let mut lines = store.staff_list(at_ms).await.unwrap();
    lines.retain(|line| line.login == "wang");
    lines.remove(0)
}

#[tokio::test]
async fn who_is_shut_out_has_no_way_in_until_invited() {
    let Fixture { store, folder: _folder, .. } = Fixture::without_runs().await;
    store.insert_link(LINK, "t-wang", 100).await.unwrap();
    store.begin_session(SESSION, "t-wang", LIMITS, 0).await.unwrap();
    store.disable_staff("wang", 10).await.unwrap();
    assert!(store.session(SESSION, LIMITS, 11).await.unwrap().is_none());
    assert!(store.staff_of_link(LINK, 11).await.unwrap().is_none());
    assert!(store.use_link(LINK, AGAIN, None, 11).await.unwrap().is_none());
    assert!(store.staff_of_login("wang").await.unwrap().is_none());
    // Whatever is made while they are shut out does not open either.
    store.insert_link(LINK, "t-wang", 100).await.unwrap();
    store.begin_session(SESSION, "t-wang", LIMITS, 12).await.unwrap();
    assert!(store.staff_of_link(LINK, 13).await.unwrap().is_none());
    assert!(store.session(SESSION, LIMITS, 13).await.unwrap().is_none());
    store.disable_staff("wang", 20).await.unwrap();
    let line = wang(&store, 20).await;
    assert_eq!((&*line.login, line.disabled_ms), ("wang", Some(10)), "since the first time");

    store.invite_staff("wang", AGAIN, 100).await.unwrap();
    assert!(store.use_link(AGAIN, SESSION, None, 21).await.unwrap().is_some());
    assert!(store.session(SESSION, LIMITS, 22).await.unwrap().is_some());
    assert_eq!(wang(&store, 22).await.disabled_ms, None);
}

#[tokio::test]
async fn a_reset_leaves_the_new_link_alone() {
    let Fixture { store, folder: _folder, .. } = Fixture::without_runs().await;
    store.insert_link(LINK, "t-wang", 100).await.unwrap();
    store.begin_session(SESSION, "t-wang", LIMITS, 0).await.unwrap();
    store.set_password("t-wang", "hash".into(), SESSION).await.unwrap();
    assert!(wang(&store, 0).await.has_password);
    store.reset_staff("wang", AGAIN, 100).await.unwrap();
    assert!(!wang(&store, 0).await.has_password);
    assert!(store.session(SESSION, LIMITS, 1).await.unwrap().is_none());
    assert!(store.staff_of_link(LINK, 1).await.unwrap().is_none());
    assert_eq!(store.staff_of_link(AGAIN, 1).await.unwrap().unwrap().id, "t-wang");
    for refused in [
        store.reset_staff("nobody", LINK, 100).await,
        store.invite_staff("nobody", LINK, 100).await,
        store.disable_staff("nobody", 1).await,
    ] {
        assert!(matches!(refused, Err(StoreError::Missing { what: "login", .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn the_list_says_what_each_is() {
    let fixture = Fixture::without_runs().await;
    let line = wang(&fixture.store, 0).await;
    let roles: Vec<_> = line.grants.iter().map(|grant| grant.role.clone()).collect();
    assert_eq!(roles.len(), 1, "{roles:?}");
    assert!(roles[0].rights().contains(&Right::Decide), "{roles:?}");
}

/// 王丽华 keeps the school too.
async fn keeps(store: &Store, staff: &str) {
    let role = Role::Administrator { school: SchoolId::new("s").unwrap() };
    let held = sample_school::holds(staff, role, school::Period::from(0));
    store.insert_grants(vec![held]).await.unwrap();
}

/// Failure: a school that nobody can keep in order any more, or a refusal where somebody can.
#[tokio::test]
async fn the_last_administrator_stays() {
    let Fixture { store, folder: _folder, .. } = Fixture::without_runs().await;
    let administrator = Role::Administrator { school: SchoolId::new("s").unwrap() };
    let id = |id: &str| StaffId::new(id).unwrap();
    let last = |refused: Result<(), StoreError>| {
        assert!(matches!(refused, Err(StoreError::LastAdministrator { .. })), "{refused:?}");
    };
    keeps(&store, "t-wang").await;
    store.set_password("t-wang", "hash".into(), SESSION).await.unwrap();
    last(store.disable_staff("wang", 10).await);
    last(store.end_role(id("t-wang"), administrator.clone(), 10).await.map(drop));
    assert_eq!(wang(&store, 10).await.disabled_ms, None, "nothing was written");
    assert_eq!(wang(&store, 10).await.grants.len(), 2);
    // Another who cannot sign in does not count, however many there are.
    keeps(&store, "t-li").await;
    last(store.disable_staff("wang", 11).await);
    // Nor who was invited and never came.
    store.insert_link(LINK, "t-li", 1_000).await.unwrap();
    last(store.disable_staff("wang", 12).await);
    last(store.end_role(id("t-wang"), administrator.clone(), 12).await.map(drop));
    store.use_link(LINK, AGAIN, Some("hash".into()), 13).await.unwrap();
    store.disable_staff("wang", 101).await.unwrap();
    last(store.end_role(id("t-li"), administrator.clone(), 102).await.map(drop));
    store.enable_staff("wang").await.unwrap();
    assert!(store.end_role(id("t-li"), administrator.clone(), 103).await.unwrap());
    assert!(!store.end_role(id("t-li"), administrator, 104).await.unwrap(), "ended already");
    // A teacher is nobody's last administrator.
    store.disable_staff("li", 105).await.unwrap();
}

#[tokio::test]
async fn a_role_ends_alone_and_at_once() {
    let Fixture { store, folder: _folder, .. } = Fixture::without_runs().await;
    let class = |id: &str| school::ClassId::new(id).unwrap();
    let teaches = |id: &str| Role::Teacher { class: class(id), subject: None };
    let math = Role::Teacher {
        class: class("c-2"),
        subject: Some(school::SubjectId::new("math").unwrap()),
    };
    let staff = StaffId::new("t-wang").unwrap();
    for role in [math.clone(), Role::ClassTeacher { class: class("c-1") }] {
        let held = sample_school::holds("t-wang", role, school::Period::from(5));
        store.insert_grants(vec![held]).await.unwrap();
    }
    assert!(store.end_role(staff.clone(), teaches("c-1"), 10).await.unwrap());
    assert!(!store.end_role(staff.clone(), teaches("c-2"), 10).await.unwrap(), "math alone");
    let roles: Vec<Role> =
        wang(&store, 10).await.grants.into_iter().map(|grant| grant.role).collect();
    assert_eq!(roles, [math, Role::ClassTeacher { class: class("c-1") }]);
    let before = store.scope_of("t-wang", 9).await.unwrap();
    assert_eq!(store.classes_of(&before).await.unwrap().len(), 2, "what was, was");
}

#[tokio::test]
async fn somebody_is_added_wholly_or_not() {
    let Fixture { store, folder: _folder, .. } = Fixture::without_runs().await;
    let row = |id: &str, login: &str| StaffRow {
        id: id.into(),
        school: "s".into(),
        login: login.into(),
        name: "周敏".into(),
        locale: "zh".into(),
    };
    let grant = |id: &str, class: &str| sample_school::teaches(id, class);
    let taken = store.add_staff(row("t-1", "wang"), vec![grant("t-1", "c-1")], LINK, 100).await;
    assert!(matches!(taken, Err(StoreError::LoginTaken { .. })), "{taken:?}");
    for alike in ["Wang", "ＷＡＮＧ"] {
        let taken = store.add_staff(row("t-1", alike), Vec::new(), LINK, 100).await;
        let held = matches!(&taken, Err(StoreError::LoginTaken { login }) if login == "wang");
        assert!(held, "{alike}: {taken:?}");
    }
    let no_class = store.add_staff(row("t-1", "zhou"), vec![grant("t-1", "c-9")], LINK, 100).await;
    assert!(no_class.is_err());
    assert!(store.staff_of_login("zhou").await.unwrap().is_none(), "nothing was written");
    store.add_staff(row("t-1", "zhou"), vec![grant("t-1", "c-1")], LINK, 100).await.unwrap();
    let mut lines = store.staff_list(50).await.unwrap();
    lines.retain(|line| line.login == "zhou");
    assert_eq!((lines[0].invited_until_ms, lines[0].login_ms), (Some(100), None));
    assert_eq!(lines[0].grants.len(), 1);
    store.use_link(LINK, SESSION, None, 60).await.unwrap();
    let mut lines = store.staff_list(70).await.unwrap();
    lines.retain(|line| line.login == "zhou");
    assert_eq!((lines[0].invited_until_ms, lines[0].login_ms), (None, Some(60)));
}
