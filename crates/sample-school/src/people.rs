//! Who learns and teaches here.

use attribution::{Holder, Lease};
use school::{ClassId, Grant, Period, Role, StaffId};
use store::{ClassRow, PupilRow, SchoolRow, StaffRow, Store};

use crate::ELSEWHERE;

/// Names that pages and files have to bear: of several parts, with marks of HTML, with a character
/// beyond the first plane, and a namesake. Larger classes begin again with the first.
const NAMES: [&str; 6] =
    ["陈一诺", "阿卜杜拉·买买提", "<b>王</b>", "李𬱖", "陈一诺", "古丽努尔·阿不都热合曼"];

/// A school of a district, or of none.
#[must_use]
pub fn school(id: &str, district: Option<&str>) -> SchoolRow {
    SchoolRow {
        id: id.into(),
        name_zh: "示例小学".into(),
        name_en: "Sample School".into(),
        district: district.map(Into::into),
    }
}

/// A class of a school; its name is its id, unless it is one of the sample school's.
#[must_use]
pub fn class(id: &str, school: &str, grade: u8) -> ClassRow {
    let (name_zh, name_en) = match id {
        "c-1" => ("三（1）班", "Class 3.1"),
        "c-2" => ("三（2）班", "Class 3.2"),
        other => (other, other),
    };
    ClassRow {
        id: id.into(),
        school: school.into(),
        grade,
        name_zh: name_zh.into(),
        name_en: name_en.into(),
    }
}

/// The pupil `p-NUMBER` of the sample school, in a class since ever.
#[must_use]
pub fn pupil(class: &str, number: u32) -> PupilRow {
    let name = if number == ELSEWHERE {
        "欧阳思源"
    } else {
        NAMES[number.saturating_sub(1) as usize % NAMES.len()]
    };
    PupilRow {
        id: format!("p-{number}"),
        school: "s".into(),
        class: class.into(),
        number,
        from_ms: 0,
        name: name.into(),
    }
}

/// A member of the sample school's staff, who logs in with their id without `t-`.
#[must_use]
pub fn staff(id: &str) -> StaffRow {
    let login = id.strip_prefix("t-").unwrap_or(id);
    let name = match login {
        "wang" => "王丽华",
        "li" => "李明",
        "zhao" => "赵敏",
        _ => "—",
    };
    StaffRow {
        id: id.into(),
        school: "s".into(),
        login: login.into(),
        name: name.into(),
        locale: "zh".into(),
    }
}

/// Somebody holds a role for a time.
///
/// # Panics
/// Where `staff` is no identity.
#[must_use]
pub fn holds(staff: &str, role: Role, period: Period) -> Grant {
    Grant { staff: StaffId::new(staff).expect("an identity of a member of staff"), role, period }
}

/// Somebody teaches a class, always and every subject.
///
/// # Panics
/// Where one of them is no identity.
#[must_use]
pub fn teaches(staff: &str, class: &str) -> Grant {
    let class = ClassId::new(class).expect("an identity of a class");
    holds(staff, Role::Teacher { class, subject: None }, Period::from(0))
}

/// The pupil `p-NUMBER`, as who holds a pen.
///
/// # Panics
/// Never.
#[must_use]
pub fn holder(number: u32) -> Holder {
    Holder::pupil(format!("p-{number}")).expect("an identity of a pupil")
}

/// 王丽华, as who holds a red pen.
///
/// # Panics
/// Never.
#[must_use]
pub fn marker() -> Holder {
    Holder::marker("t-wang").expect("an identity of a member of staff")
}

/// Who holds a pen from when to when, Unix milliseconds.
#[must_use]
pub fn lease(pen: u64, holder: Holder, from_ms: i64, until_ms: Option<i64>) -> Lease {
    Lease { pen, holder, from_ms, until_ms }
}

pub(crate) async fn put(store: &Store, pupils: u32) {
    store.insert_school(school("s", None)).await.expect("the school is stored");
    for id in ["c-1", "c-2"] {
        store.insert_class(class(id, "s", 3)).await.expect("the class is stored");
    }
    let mut rows: Vec<PupilRow> = (1..=pupils).map(|number| pupil("c-1", number)).collect();
    rows.push(pupil("c-2", ELSEWHERE));
    store.insert_pupils(rows).await.expect("the pupils are stored");
    for id in ["t-wang", "t-li"] {
        store.insert_staff(staff(id)).await.expect("the staff are stored");
    }
    let grants = vec![teaches("t-wang", "c-1"), teaches("t-li", "c-2")];
    store.insert_grants(grants).await.expect("the roles are stored");
}
