use school::{PeriodError, Place};

use super::*;
use crate::fixture::{Fixture, class_teacher};
use crate::{ClassRow, SchoolRow, StaffRow};

fn name() -> String {
    "—".into()
}

/// Two schools of a district and one of none, each with classes of two grades, beside the fixture's.
async fn district() -> (Fixture, Vec<Place>) {
    let fixture = Fixture::without_runs().await;
    let mut places = Vec::new();
    for (school, district) in [("s1", Some("d")), ("s2", Some("d")), ("s3", None)] {
        let row = SchoolRow {
            id: school.into(),
            name_zh: name(),
            name_en: name(),
            district: district.map(Into::into),
        };
        fixture.store.insert_school(row).await.unwrap();
        for (class, grade) in [("a", 3), ("b", 3), ("c", 4)] {
            let id = format!("{school}-{class}");
            let row = ClassRow {
                id: id.clone(),
                school: school.into(),
                grade,
                name_zh: name(),
                name_en: name(),
            };
            fixture.store.insert_class(row).await.unwrap();
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

/// Somebody new who holds these roles from `from_ms` on.
async fn holds(fixture: &Fixture, staff: &str, roles: &[Role]) {
    let row = StaffRow {
        id: staff.into(),
        school: "s".into(),
        login: staff.into(),
        name: name(),
        locale: "zh".into(),
    };
    fixture.store.insert_staff(row).await.unwrap();
    let grant = |role: &Role| Grant {
        staff: StaffId::new(staff).unwrap(),
        role: role.clone(),
        period: Period::from(100),
    };
    fixture.store.insert_grants(roles.iter().map(grant).collect()).await.unwrap();
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
            holds(&fixture, &staff, if first == second { &held[..1] } else { &held }).await;
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
    assert_eq!(compared, 36 * 4 * 9);
}

#[tokio::test]
async fn roles_come_back_as_they_were_stored() {
    let (fixture, places) = district().await;
    holds(&fixture, "u", &roles()).await;
    let grants = roles().into_iter().map(|role| Grant {
        staff: StaffId::new("u").unwrap(),
        role,
        period: Period::from(100),
    });
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
            let scope = fixture.scope("t", at_ms).await;
            fixture.store.class_of(&scope, Right::See, "c").await.unwrap().is_some()
        }
    };
    assert!(may(500).await);
    let mut grant = class_teacher("t", "c");
    for until_ms in [400, 500] {
        grant.period = Period::new(0, Some(until_ms))?;
        fixture.store.insert_grants(vec![grant.clone()]).await.unwrap();
    }
    assert!(may(499).await && !may(500).await);
    assert_eq!(fixture.count("role_grant").await, 1);
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_read_gives_nothing() {
    let fixture = Fixture::without_runs().await;
    fixture.execute("UPDATE role_grant SET subject = 'not a subject', role = 'teacher'").await;
    assert_eq!(fixture.scope("t", 0).await.reach(Right::See).count(), 0);
    let nobody = fixture.store.insert_grants(vec![class_teacher("nobody", "c")]).await;
    assert!(nobody.is_err());
    assert!(fixture.store.insert_grants(vec![class_teacher("t", "no-class")]).await.is_err());
}
