//! A role as the command line writes it.

use anyhow::{Context, bail};
use school::{ClassId, DistrictId, Grade, Role, SchoolId, SubjectId};
use store::ClassRow;

use crate::class_name;

/// Reads a role at a school.
///
/// # Errors
/// Where it is none, or the school has no such class, or several of that name.
pub(super) fn parse(text: &str, school: &str, classes: &[ClassRow]) -> anyhow::Result<Role> {
    let mut parts = text.split(':');
    let kind = parts.next().unwrap_or_default();
    let (object, subject) = (parts.next(), parts.next());
    let class =
        || class(object.with_context(|| format!("role {text}: it names a class"))?, classes);
    let school = SchoolId::new(school)?;
    let role = match kind {
        "administrator" => Role::Administrator { school },
        "head" => Role::Head { school },
        "head-of-year" => {
            let grade = object.and_then(|grade| grade.parse().ok());
            let grade = grade.with_context(|| format!("role {text}: it names a grade, 1 to 12"))?;
            Role::HeadOfYear { school, grade: Grade::new(grade)? }
        }
        "class-teacher" => Role::ClassTeacher { class: class()? },
        "teacher" => {
            Role::Teacher { class: class()?, subject: subject.map(SubjectId::new).transpose()? }
        }
        "marker" => Role::Marker { class: class()? },
        "district" => {
            let district = object.with_context(|| format!("role {text}: it names a district"))?;
            Role::District { district: DistrictId::new(district)? }
        }
        _ => bail!(
            "role {text}: there are administrator, head, head-of-year:GRADE, class-teacher:CLASS, \
             teacher:CLASS, marker:CLASS, district:DISTRICT"
        ),
    };
    let said = match &role {
        Role::Administrator { .. } | Role::Head { .. } => 1,
        Role::Teacher { subject: Some(_), .. } => 3,
        _ => 2,
    };
    if text.split(':').count() != said {
        bail!("role {text}: a part too many");
    }
    Ok(role)
}

fn class(named: &str, classes: &[ClassRow]) -> anyhow::Result<ClassId> {
    Ok(ClassId::new(&*class_name::find(classes, named)?.id)?)
}

/// Writes a role as [`parse`] reads it.
pub(super) fn text(role: &Role, classes: &[ClassRow]) -> String {
    let named = |class: &ClassId| {
        let row = classes.iter().find(|row| row.id == class.as_str());
        row.map_or_else(|| class.to_string(), |row| row.name_zh.clone())
    };
    match role {
        Role::Administrator { .. } => "administrator".into(),
        Role::Head { .. } => "head".into(),
        Role::HeadOfYear { grade, .. } => format!("head-of-year:{}", grade.number()),
        Role::ClassTeacher { class } => format!("class-teacher:{}", named(class)),
        Role::Teacher { class, subject: None } => format!("teacher:{}", named(class)),
        Role::Teacher { class, subject: Some(subject) } => {
            format!("teacher:{}:{subject}", named(class))
        }
        Role::Marker { class } => format!("marker:{}", named(class)),
        Role::District { district } => format!("district:{district}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes() -> Vec<ClassRow> {
        crate::user::classes(&[("c-1", "三（1）班"), ("c-2", "三（2）班"), ("c-3", "三（2）班")])
    }

    #[test]
    fn a_role_is_read_as_it_is_written() {
        for role in [
            "administrator",
            "head",
            "head-of-year:3",
            "class-teacher:三（1）班",
            "teacher:三（1）班",
            "teacher:三（1）班:math",
            "marker:三（1）班",
            "district:minhang",
        ] {
            let read = parse(role, "s", &classes()).unwrap();
            assert_eq!(text(&read, &classes()), role);
        }
        let by_id = parse("marker:c-1", "s", &classes()).unwrap();
        assert_eq!(text(&by_id, &classes()), "marker:三（1）班");
    }

    #[test]
    fn what_is_no_role_is_refused_by_what_is_wrong() {
        for (role, said) in [
            ("", "there are administrator"),
            ("Head", "there are administrator"),
            ("head:3", "a part too many"),
            ("head-of-year", "names a grade"),
            ("head-of-year:13", "1 to 12"),
            ("teacher", "names a class"),
            ("teacher:四（1）班", "no class 四（1）班"),
            ("teacher:三（2）班", "several classes 三（2）班"),
            ("teacher:c-1:math:more", "a part too many"),
            ("marker:c-1:math", "a part too many"),
            ("district", "names a district"),
        ] {
            let error = parse(role, "s", &classes()).unwrap_err().to_string();
            assert!(error.contains(said), "{role}: {error}");
        }
    }
}
