//! Who keeps which school, and what it has.

use sample_school::{holder, holds, lease};
use school::{DistrictId, Grade, Period, Role, SchoolId};

use super::*;
use crate::fixture;

#[tokio::test]
async fn a_school_is_kept_by_its_administrator_alone() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    store.insert_school(fixture::school("s-2", Some("d"))).await.unwrap();
    let school = |id: &str| SchoolId::new(id).unwrap();
    for (staff, role, kept) in [
        ("keeps", Role::Administrator { school: school("s") }, &["s"][..]),
        ("keeps-2", Role::Administrator { school: school("s-2") }, &["s-2"]),
        ("head", Role::Head { school: school("s") }, &[]),
        ("year", Role::HeadOfYear { school: school("s"), grade: Grade::new(3).unwrap() }, &[]),
        ("district", Role::District { district: DistrictId::new("d").unwrap() }, &[]),
    ] {
        store.insert_staff(fixture::staff(staff)).await.unwrap();
        store.insert_grants(vec![holds(staff, role, Period::from(100))]).await.unwrap();
        let scope = fixture.scope(staff, 100).await;
        let found = store.kept_schools(&scope).await.unwrap();
        let ids: Vec<&str> = found.iter().map(|school| &*school.id).collect();
        assert_eq!(ids, kept, "{staff}");
        for id in ["s", "s-2"] {
            let one = store.kept_school(&scope, id).await.unwrap();
            assert_eq!(one.is_some(), kept.contains(&id), "{staff}: {id}");
        }
        let before = fixture.scope(staff, 99).await;
        assert_eq!(store.kept_schools(&before).await.unwrap(), [], "{staff}: not yet");
    }
}

#[tokio::test]
async fn a_school_is_counted_as_it_is_now() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    store.insert_school(fixture::school("s-2", None)).await.unwrap();
    for (staff, of) in [("keeps", "s"), ("keeps-2", "s-2")] {
        store.insert_staff(fixture::staff(staff)).await.unwrap();
        let role = Role::Administrator { school: SchoolId::new(of).unwrap() };
        store.insert_grants(vec![holds(staff, role, Period::from(0))]).await.unwrap();
    }
    store.insert_leases(vec![lease(1, holder(1), 10, Some(20))]).await.unwrap();
    let counts = async |staff: &str, of: &str, at_ms: i64| {
        let scope = fixture.scope(staff, at_ms).await;
        let school = store.kept_school(&scope, of).await.unwrap().unwrap();
        store.school_counts(&scope, &school).await.unwrap()
    };
    let now = counts("keeps", "s", 15).await;
    assert_eq!((now.classes, now.pupils, now.pens), (2, 4, 1));
    assert_eq!((now.teachers, now.assignments), (2, 2));
    assert_eq!(counts("keeps", "s", 20).await.pens, 0, "it was given back");
    let empty = counts("keeps-2", "s-2", 15).await;
    assert_eq!((empty.classes, empty.pupils, empty.pens, empty.assignments), (0, 0, 0, 0));
}
