use super::*;
use crate::{Period, Role, SubjectId};

const NOW_MS: i64 = 1_000;

fn staff(id: &str) -> StaffId {
    StaffId::new(id).unwrap()
}

fn school(id: &str) -> SchoolId {
    SchoolId::new(id).unwrap()
}

fn grade(grade: u8) -> Grade {
    Grade::new(grade).unwrap()
}

fn district(id: &str) -> DistrictId {
    DistrictId::new(id).unwrap()
}

fn place(class: &str, number: u8, of: &str, in_district: Option<&str>) -> Place {
    Place {
        class: ClassId::new(class).unwrap(),
        grade: grade(number),
        school: school(of),
        district: in_district.map(district),
    }
}

/// 3.1, 3.2 and 4.1 of one school, 3.1 of another in the same district, and of one in none.
fn places() -> [Place; 5] {
    [
        place("c-31", 3, "s", Some("d")),
        place("c-32", 3, "s", Some("d")),
        place("c-41", 4, "s", Some("d")),
        place("other-31", 3, "other", Some("d")),
        place("far-31", 3, "far", None),
    ]
}

fn scope(role: Role, period: Period) -> Scope {
    let grant = Grant { staff: staff("t"), role, period };
    Scope::of(staff("t"), [&grant], NOW_MS)
}

/// For each of [`places`]: the rights there, as letters of see, decide, know, give, assign,
/// and o for keep.
fn rights(scope: &Scope) -> [String; 5] {
    places().map(|place| {
        let held = Right::ALL.iter().zip("sdkgao".chars());
        held.filter(|(right, _)| scope.allows(**right, &place)).map(|(_, letter)| letter).collect()
    })
}

#[test]
fn each_role_gives_what_the_table_says_and_nothing_else() {
    let class = || ClassId::new("c-31").unwrap();
    let subject = Some(SubjectId::new("math").unwrap());
    let table = [
        (Role::Teacher { class: class(), subject }, ["sdkga", "", "", "", ""]),
        (Role::ClassTeacher { class: class() }, ["sdkga", "", "", "", ""]),
        (Role::Marker { class: class() }, ["sd", "", "", "", ""]),
        (Role::HeadOfYear { school: school("s"), grade: grade(3) }, ["sk", "sk", "", "", ""]),
        (Role::Head { school: school("s") }, ["sk", "sk", "sk", "", ""]),
        (Role::District { district: district("d") }, ["s", "s", "s", "s", ""]),
        (Role::Administrator { school: school("s") }, ["o", "o", "o", "", ""]),
    ];
    for (role, expected) in table {
        assert_eq!(rights(&scope(role.clone(), Period::from(0))), expected, "{role:?}");
    }
    assert_eq!(rights(&Scope::of(staff("t"), [], NOW_MS)), [""; 5], "without a role, nothing");
}

#[test]
fn a_role_gives_something_only_while_it_is_held() {
    let role = || Role::ClassTeacher { class: ClassId::new("c-31").unwrap() };
    let sees = |from_ms, until_ms| {
        let scope = scope(role(), Period::new(from_ms, until_ms).unwrap());
        scope.allows(Right::See, &places()[0])
    };
    assert!(sees(0, None) && sees(NOW_MS, None) && sees(0, Some(NOW_MS + 1)));
    assert!(!sees(0, Some(NOW_MS)), "ended just now");
    assert!(!sees(NOW_MS + 1, None), "begins later");
}

#[test]
fn nobody_has_what_another_was_given() {
    let role = Role::Head { school: school("s") };
    let grant = Grant { staff: staff("t"), role, period: Period::from(0) };
    assert_eq!(rights(&Scope::of(staff("u"), [&grant], NOW_MS)), [""; 5]);
}

#[test]
fn roles_add_up() {
    let grants = [
        Role::Teacher { class: ClassId::new("c-31").unwrap(), subject: None },
        Role::HeadOfYear { school: school("s"), grade: grade(4) },
    ]
    .map(|role| Grant { staff: staff("t"), role, period: Period::from(0) });
    assert_eq!(rights(&Scope::of(staff("t"), &grants, NOW_MS)), ["sdkga", "", "sk", "", ""]);
}

#[test]
fn there_are_twelve_grades() {
    assert!(Grade::new(0).is_err() && Grade::new(13).is_err());
    assert_eq!(Grade::new(12).unwrap().number(), 12);
}
