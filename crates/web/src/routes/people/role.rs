//! Roles as forms send them and as pages say them.

use school::{ClassId, Grade, Role, SchoolId, SubjectId};
use store::{ClassView, KeptSchool};

use crate::page::people::RoleEntry;
use crate::words::people::PeopleWords;
use crate::words::{Locale, fill};

/// The roles that an administrator gives. A district's are no school's to give.
pub(super) fn kinds(w: &'static PeopleWords) -> Vec<(&'static str, &'static str)> {
    vec![
        ("class_teacher", w.role_class_teacher),
        ("teacher", w.role_teacher),
        ("marker", w.role_marker),
        ("head_of_year", w.role_head_of_year),
        ("head", w.role_head),
        ("administrator", w.role_administrator),
    ]
}

/// The subjects that worksheets name.
pub(super) fn subjects(w: &'static PeopleWords) -> Vec<(&'static str, &'static str)> {
    vec![
        ("", w.subject_all),
        ("math", w.subject_math),
        ("chinese", w.subject_chinese),
        ("english", w.subject_english),
        ("science", w.subject_science),
    ]
}

/// The role that a form asks for, or why it is none.
pub(super) fn read(
    entry: &RoleEntry,
    school: &KeptSchool,
    classes: &[ClassView],
    w: &'static PeopleWords,
) -> Result<Role, &'static str> {
    let class = || {
        let known = classes.iter().find(|class| class.id == entry.class).ok_or(w.refused_class)?;
        ClassId::new(&*known.id).map_err(|_| w.refused_class)
    };
    let school = || SchoolId::new(&*school.id).map_err(|_| w.refused_role);
    Ok(match entry.role.as_str() {
        "class_teacher" => Role::ClassTeacher { class: class()? },
        "teacher" => {
            let subject = Some(&*entry.subject).filter(|subject| !subject.is_empty());
            let subject = subject.map(SubjectId::new).transpose().map_err(|_| w.refused_role)?;
            Role::Teacher { class: class()?, subject }
        }
        "marker" => Role::Marker { class: class()? },
        "head_of_year" => {
            let grade = entry.grade.parse().ok().and_then(|grade| Grade::new(grade).ok());
            Role::HeadOfYear { school: school()?, grade: grade.ok_or(w.refused_grade)? }
        }
        "head" => Role::Head { school: school()? },
        "administrator" => Role::Administrator { school: school()? },
        _ => return Err(w.refused_role),
    })
}

/// Names a role in a form; see [`of_key`].
pub(super) fn key(role: &Role) -> String {
    match role {
        Role::ClassTeacher { class } => format!("class_teacher {class}"),
        Role::Teacher { class, subject: None } => format!("teacher {class}"),
        Role::Teacher { class, subject: Some(subject) } => format!("teacher {class} {subject}"),
        Role::Marker { class } => format!("marker {class}"),
        Role::HeadOfYear { school, grade } => format!("head_of_year {school} {}", grade.number()),
        Role::Head { school } => format!("head {school}"),
        Role::Administrator { school } => format!("administrator {school}"),
        Role::District { district } => format!("district {district}"),
    }
}

/// The role among those held that a key names.
pub(super) fn of_key<'a>(wanted: &str, held: impl Iterator<Item = &'a Role>) -> Option<&'a Role> {
    let mut held = held;
    held.find(|role| key(role) == wanted)
}

/// A role in words, with its class.
pub(super) fn text(role: &Role, classes: &[ClassView], locale: Locale) -> String {
    let w = PeopleWords::of(locale);
    let named = |class: &ClassId| {
        let row = classes.iter().find(|row| row.id == class.as_str());
        row.map_or(class.as_str(), |row| locale.pick(&row.name_zh, &row.name_en)).to_owned()
    };
    match role {
        Role::ClassTeacher { class } => format!("{} {}", w.role_class_teacher, named(class)),
        Role::Teacher { class, subject: None } => format!("{} {}", w.role_teacher, named(class)),
        Role::Teacher { class, subject: Some(subject) } => {
            let known = subjects(w).into_iter().find(|(value, _)| *value == subject.as_str());
            let subject = known.map_or(subject.as_str(), |(_, text)| text);
            format!("{} {} {subject}", w.role_teacher, named(class))
        }
        Role::Marker { class } => format!("{} {}", w.role_marker, named(class)),
        Role::HeadOfYear { grade, .. } => {
            let grade = fill(w.grade_n, &[("n", &grade.number())]);
            format!("{} {grade}", w.role_head_of_year)
        }
        Role::Head { .. } => w.role_head.to_owned(),
        Role::Administrator { .. } => w.role_administrator.to_owned(),
        Role::District { district } => format!("{} {district}", w.role_district),
    }
}
