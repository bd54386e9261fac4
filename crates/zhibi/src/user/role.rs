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
    let (kind, object) = text.split_once(':').unzip();
    let kind = kind.unwrap_or(text);
    let class = |named: Option<&str>| {
        let named = named.with_context(|| format!("role {text}: it names a class"))?;
        self::class(named, classes)
    };
    let school = SchoolId::new(school)?;
    Ok(match kind {
        "administrator" | "head" if object.is_some() => bail!("role {text}: a part too many"),
        "administrator" => Role::Administrator { school },
        "head" => Role::Head { school },
        "head-of-year" => {
            let grade = object.and_then(|grade| grade.parse().ok());
            let grade = grade.with_context(|| format!("role {text}: it names a grade, 1 to 12"))?;
            Role::HeadOfYear { school, grade: Grade::new(grade)? }
        }
        "class-teacher" => Role::ClassTeacher { class: class(object)? },
        "teacher" => teacher(object, class)?,
        "marker" => Role::Marker { class: class(object)? },
        "district" => {
            let district = object.with_context(|| format!("role {text}: it names a district"))?;
            Role::District { district: DistrictId::new(district)? }
        }
        _ => bail!(
            "role {text}: there are administrator, head, head-of-year:GRADE, class-teacher:CLASS, \
             teacher:CLASS, marker:CLASS, district:DISTRICT"
        ),
    })
}

/// A class, or a class and a subject. A class's name may hold colons, so all of it is taken for one
/// before its last part is taken for a subject.
fn teacher(
    object: Option<&str>,
    class: impl Fn(Option<&str>) -> anyhow::Result<ClassId>,
) -> anyhow::Result<Role> {
    let whole = class(object);
    let Some((named, subject)) = object.and_then(|object| object.rsplit_once(':')) else {
        return Ok(Role::Teacher { class: whole?, subject: None });
    };
    Ok(match whole {
        Ok(class) => Role::Teacher { class, subject: None },
        Err(_) => {
            Role::Teacher { class: class(Some(named))?, subject: Some(SubjectId::new(subject)?) }
        }
    })
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
        crate::user::classes(&[
            ("c-1", "三（1）班"),
            ("c-2", "三（2）班"),
            ("c-3", "三（2）班"),
            ("c-4", "飞鸟:一班"),
            ("c-5", "飞鸟"),
        ])
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
            "class-teacher:飞鸟:一班",
            "teacher:飞鸟:一班",
            "teacher:飞鸟:一班:math",
            "teacher:飞鸟:math",
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
            ("teacher:c-1:math:more", "no class c-1:math"),
            ("marker:c-1:math", "no class c-1:math"),
            ("district", "names a district"),
        ] {
            let error = parse(role, "s", &classes()).unwrap_err().to_string();
            assert!(error.contains(said), "{role}: {error}");
        }
    }
}
