//! To whom a pen can be given.

use school::Right;

use super::Desk;
use crate::failure::Failure;
use crate::page::pens::{Choice, Group};

/// The pupils of some classes by number, and the school's staff; `chosen` is the value that was
/// chosen before.
pub(super) async fn people(
    desk: &Desk<'_>,
    classes: impl Iterator<Item = &str>,
    chosen: Option<String>,
) -> Result<Vec<Group>, Failure> {
    let choice = |value: String, label: String| Choice {
        chosen: chosen.as_ref() == Some(&value),
        value,
        label,
    };
    let (mut groups, mut named) = (Vec::new(), Vec::new());
    for class in classes {
        if named.contains(&class) {
            continue;
        }
        named.push(class);
        let pupils = desk.web.store.pupils_of(&desk.teacher.scope, Right::Keep, class).await?;
        let pupil = |pupil: store::PupilName| {
            choice(format!("pupil:{}", pupil.id), format!("{} {}", pupil.number, pupil.name))
        };
        groups.push(Group {
            label: desk.class_name(class),
            choices: pupils.into_iter().map(pupil).collect(),
        });
    }
    let staff = desk.staff.iter();
    let staff = staff.map(|line| choice(format!("staff:{}", line.id), line.name.clone()));
    groups.push(Group { label: desk.w.staff_group.to_owned(), choices: staff.collect() });
    groups.retain(|group| !group.choices.is_empty());
    Ok(groups)
}
