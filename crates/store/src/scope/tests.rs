use sample_school::{holds, teaches};
use school::{PeriodError, Place};

use super::*;
use crate::fixture::{self, Fixture};

/// Two schools of a district and one of none, each with classes of two grades, beside the fixture's.
async fn district() -> (Fixture, Vec<Place>) {
    let fixture = Fixture::without_runs().await;
    let mut places = Vec::new();
    for (school, district) in [("s1", Some("d")), ("s2", Some("d")), ("s3", None)] {
        fixture.store.insert_school(fixture::school(school, district)).await.unwrap();
        for (class, grade) in [("a", 3), ("b", 3), ("c", 4)] {
            let id = format!("{school}-{class}");
            fixture.store.insert_class(fixture::class(&id, school, grade)).await.unwrap();
            places.push(Place {
                class: ClassId::new(id).unwrap(),
                grade: Grade::new(grade).unwrap(),
                school: SchoolId::new(school).unwrap(),
                district: district.map(|d| DistrictId::new(d).unwrap()),
            });
        }
    }
    (fixture, places)
}

/// Somebody new who holds these roles from 100 on.
async fn enter(fixture: &Fixture, staff: &str, roles: &[Role]) {
    fixture.store.insert_staff(fixture::staff(staff)).await.unwrap();
    let grants = roles.iter().map(|role| holds(staff, role.clone(), Period::from(100)));
    fixture.store.insert_grants(grants.collect()).await.unwrap();
}

fn roles() -> Vec<Role> {
    let class = |id: &str| ClassId::new(id).unwrap();
    let school = |id: &str| SchoolId::new(id).unwrap();
    vec![
        Role::Teacher { class: class("s1-a"), subject: Some(SubjectId::new("math").unwrap()) },
        Role::ClassTeacher { class: class("s3-b") },
        Role::Marker { class: class("s2-c") },
        Role::HeadOfYear { school: school("s1"), grade: Grade::new(3).unwrap() },
        Role::HeadOfYear { school: school("s2"), grade: Grade::new(4).unwrap() },
        Role::Head { school: school("s3") },
        Role::Administrator { school: school("s1") },
        Role::District { district: DistrictId::new("d").unwrap() },
    ]
}

/// What the database finds within a scope is what the scope allows, for each role alone and for
/// every two of them.
#[tokio::test]
async fn the_condition_is_the_law() {
    let (fixture, places) = district().await;
    let roles = roles();
    let mut compared = 0;
    for first in 0..roles.len() {
        for second in first..roles.len() {
            let held = [roles[first].clone(), roles[second].clone()];
            let staff = format!("u{first}-{second}");
            enter(&fixture, &staff, if first == second { &held[..1] } else { &held }).await;
            let scope = fixture.scope(&staff, 100).await;
            for right in Right::ALL {
                for place in &places {
                    let id = place.class.as_str();
                    let found = fixture.store.class_of(&scope, right, id).await.unwrap();
                    let allowed = scope.allows(right, place);
                    assert_eq!(found.is_some(), allowed, "{held:?} {right:?} {id}");
                    compared += 1;
                }
            }
            let seen = fixture.store.classes_of(&scope).await.unwrap();
            let seen: std::collections::BTreeSet<String> =
                seen.into_iter().map(|class| class.id).collect();
            let allowed = places.iter().filter(|place| scope.allows(Right::See, place));
            assert_eq!(seen, allowed.map(|place| place.class.to_string()).collect());
        }
    }
    assert_eq!(compared, 36 * 6 * 9);
}

#[tokio::test]
async fn roles_come_back_as_they_were_stored() {
    let (fixture, places) = district().await;
    enter(&fixture, "u", &roles()).await;
    let grants = roles().into_iter().map(|role| holds("u", role, Period::from(100)));
    let grants: Vec<Grant> = grants.collect();
    let expected = Scope::of(StaffId::new("u").unwrap(), &grants, 100);
    assert_eq!(fixture.scope("u", 100).await, expected);
    assert!(expected.allows(Right::See, &places[0]));
    assert_eq!(fixture.scope("u", 99).await.reach(Right::See).count(), 0, "not yet");
}

#[tokio::test]
async fn storing_a_role_again_corrects_its_end() -> Result<(), PeriodError> {
    let fixture = Fixture::without_runs().await;
    let may = |at_ms| {
        let fixture = &fixture;
        async move {
            let scope = fixture.scope("t-wang", at_ms).await;
            fixture.store.class_of(&scope, Right::See, "c-1").await.unwrap().is_some()
        }
    };
    assert!(may(500).await);
    let mut grant = teaches("t-wang", "c-1");
    for until_ms in [400, 500] {
        grant.period = Period::new(0, Some(until_ms))?;
        fixture.store.insert_grants(vec![grant.clone()]).await.unwrap();
    }
    assert!(may(499).await && !may(500).await);
    assert_eq!(fixture.count("role_grant WHERE staff = 't-wang'").await, 1);
    Ok(())
}

/// However a role was stored, the end that was said last ends it; what was before it stays.
#[tokio::test]
async fn an_end_ends_a_role_whenever_it_was_said_to_begin() -> Result<(), PeriodError> {
    let class = || ClassId::new("c-1").unwrap();
    let math = || Some(SubjectId::new("math").unwrap());
    for (first, subject) in [(0, None), (100, None), (200, None), (0, math())] {
        let fixture = Fixture::without_runs().await;
        let may = async |at_ms| {
            let scope = fixture.scope("u", at_ms).await;
            fixture.store.class_of(&scope, Right::See, "c-1").await.unwrap().is_some()
        };
        enter(&fixture, "u", &[]).await;
        let grant = |subject, from_ms, until_ms| -> Result<_, PeriodError> {
            let period = Period::new(from_ms, until_ms)?;
            let role = Role::Teacher { class: class(), subject };
            Ok(vec![holds("u", role, period)])
        };
        fixture.store.insert_grants(grant(None, first, None)?).await.unwrap();
        fixture.store.insert_grants(grant(subject.clone(), 100, None)?).await.unwrap();
        assert!(may(100).await && may(600).await);
        assert_eq!(may(99).await, first < 100, "from {first}");
        fixture.store.insert_grants(grant(subject.clone(), 100, Some(500))?).await.unwrap();
        assert!(may(499).await && !may(500).await, "from {first}");
        assert_eq!(may(99).await, first < 100, "from {first}");
        // Another time is another time.
        fixture.store.insert_grants(grant(subject.clone(), 700, None)?).await.unwrap();
        fixture.store.insert_grants(grant(subject.clone(), 150, Some(400))?).await.unwrap();
        assert!(may(399).await && !may(400).await && !may(699).await && may(700).await);
        // And another subject is another.
        if subject.is_some() {
            let english = Some(SubjectId::new("english").unwrap());
            fixture.store.insert_grants(grant(english, 0, Some(50))?).await.unwrap();
            assert!(may(700).await);
        }
    }
    Ok(())
}

/// An older version stored whatever identities it was given. They grant nothing, end nothing, and
/// make no page fail.
#[tokio::test]
async fn identities_that_are_none_open_nothing_and_are_stored_no_more() {
    let fixture = Fixture::without_runs().await;
    let store = &fixture.store;
    fixture
        .execute(
            "INSERT INTO staff (id, school, login, name) SELECT '王', school, '王', name FROM staff
             WHERE id = 't-wang'",
        )
        .await;
    fixture
        .execute(
            "INSERT INTO role_grant (staff, role, class, from_ms) VALUES ('王', 'marker', 'c-1', 0)",
        )
        .await;
    assert_eq!(fixture.scope("王", 0).await, Scope::nothing(0));
    const BAD: &str = "三 (1)";
    assert!(store.insert_school(fixture::school(BAD, None)).await.is_err());
    assert!(store.insert_school(fixture::school("s", Some(BAD))).await.is_err());
    assert!(store.insert_class(fixture::class(BAD, "s", 3)).await.is_err());
    assert!(store.insert_staff(fixture::staff(BAD)).await.is_err());
}

/// Not every list of schools names their districts.
#[tokio::test]
async fn a_school_named_without_its_district_stays_in_it() {
    let (fixture, _) = district().await;
    enter(&fixture, "u", &[Role::District { district: DistrictId::new("d").unwrap() }]).await;
    fixture.store.insert_school(fixture::school("s1", None)).await.unwrap();
    let scope = fixture.scope("u", 100).await;
    let may = async || fixture.store.class_of(&scope, Right::See, "s1-a").await.unwrap().is_some();
    assert!(may().await);
    fixture.store.insert_school(fixture::school("s1", Some("e"))).await.unwrap();
    assert!(!may().await, "another district is another");
}

#[tokio::test]
async fn what_cannot_be_read_gives_nothing() {
    let fixture = Fixture::without_runs().await;
    fixture.execute("UPDATE role_grant SET subject = 'not a subject', role = 'teacher'").await;
    assert_eq!(fixture.scope("t-wang", 0).await.reach(Right::See).count(), 0);
    let nobody = fixture.store.insert_grants(vec![teaches("nobody", "c-1")]).await;
    assert!(nobody.is_err());
    assert!(fixture.store.insert_grants(vec![teaches("t-wang", "no-class")]).await.is_err());
}
