//! A class as people at a school name it.

use anyhow::{bail, ensure};
use school::roster::class_called;
use store::{ClassRow, Store};

/// Classes that a refusal names.
const NAMED_MAX: usize = 12;

/// The class of an id or a name; a name that says grade and class may be written as schools write
/// it, 三（2）班 for 三年级（2）班.
///
/// # Errors
/// Where there is none, or several.
pub(crate) fn find<'a>(classes: &'a [ClassRow], named: &str) -> anyhow::Result<&'a ClassRow> {
    let exact = |row: &&ClassRow| [&row.id, &row.name_zh, &row.name_en].iter().any(|n| *n == named);
    let mut found: Vec<&ClassRow> = classes.iter().filter(exact).collect();
    if found.is_empty()
        && let Some(wanted) = class_called(named)
    {
        let called = |row: &&ClassRow| class_called(&row.name_zh).as_ref() == Some(&wanted);
        found = classes.iter().filter(called).collect();
    }
    ensure!(found.len() < 2, "there are several classes {named}: name one by its id");
    if let Some(row) = found.pop() {
        return Ok(row);
    }
    let mut there: Vec<&str> = classes.iter().map(|row| &*row.name_zh).take(NAMED_MAX).collect();
    if classes.len() > NAMED_MAX {
        there.push("…");
    }
    bail!("there is no class {named}; there are: {}", there.join(", "))
}

/// The class of an id or a name, of a school that is named, or of any. A refusal names the classes of
/// one school, never those of others.
///
/// # Errors
/// Where there is none, or several, or no such school.
pub(crate) async fn of_store(
    store: &Store,
    school: Option<&str>,
    named: &str,
) -> anyhow::Result<ClassRow> {
    let mut schools = store.schools().await?;
    if let Some(wanted) = school {
        let is_it = |row: &store::SchoolRow| {
            [&row.id, &row.name_zh, &row.name_en].into_iter().any(|name| name == wanted)
        };
        schools.retain(is_it);
        ensure!(!schools.is_empty(), "there is no school {wanted}");
    }
    let mut classes = Vec::new();
    for school in &schools {
        classes.append(&mut store.classes(&school.id).await?);
    }
    match find(&classes, named) {
        Ok(class) => Ok(class.clone()),
        Err(error) if schools.len() < 2 => Err(error),
        Err(_) => bail!(
            "none of the {} schools has a class {named}, or several have one: say which school \
             with --school, or name the class by its id",
            schools.len()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::find;
    use crate::user::classes;

    #[test]
    fn a_class_is_found_by_any_of_its_names() {
        let classes =
            classes(&[("c-1", "三年级（1）班"), ("c-2", "三年级（2）班"), ("c-3", "飞鸟班")]);
        for (named, id) in [
            ("c-2", "c-2"),
            ("三年级（2）班", "c-2"),
            ("三（2）班", "c-2"),
            ("三(2)班", "c-2"),
            ("3.2班", "c-2"),
            ("Class c-1", "c-1"),
            ("飞鸟班", "c-3"),
        ] {
            assert_eq!(find(&classes, named).unwrap().id, id, "{named}");
        }
        let refused = find(&classes, "四（1）班").unwrap_err().to_string();
        assert!(refused.contains("三年级（1）班, 三年级（2）班"), "{refused}");
        let twice = crate::user::classes(&[("c-1", "三（1）班"), ("c-2", "三年级（1）班")]);
        assert_eq!(find(&twice, "三（1）班").unwrap().id, "c-1", "the very name comes first");
        assert!(find(&twice, "三1班").is_err());
    }
}
