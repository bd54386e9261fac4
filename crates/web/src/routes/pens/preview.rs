//! What lending a set to a class would do.

use std::collections::BTreeMap;

use attribution::Holder;
use school::{Right, are_in_order, pen_numbers};
use store::{PenLine, PupilName};

use super::{Desk, told};
use crate::failure::Failure;
use crate::page::pens::Preview;
use crate::words::{fill, isolated};

/// Pupils without a pen who are named.
const NAMED_MAX: usize = 12;

/// `None` where the class is not the school's.
pub(super) async fn of(
    desk: &Desk<'_>,
    class: &str,
    set: &[&PenLine],
    from: &str,
) -> Result<Option<Preview>, Failure> {
    if !desk.classes.iter().any(|view| view.id == class) {
        return Ok(None);
    }
    let pupils = desk.web.store.pupils_of(&desk.teacher.scope, Right::Keep, class).await?;
    let numbers: Vec<u32> = pupils.iter().map(|pupil| pupil.number).collect();
    let lent = Lent {
        numbers: pupils.iter().map(|p| p.id.as_str()).zip(pen_numbers(&numbers)).collect(),
        set,
    };
    let mut said = sentences(desk, &desk.class_name(class), &pupils, &lent);
    let wrong = Some(from).filter(|from| !from.is_empty()).and_then(|from| desk.parsed(from).err());
    let sound = wrong.is_none();
    if are_in_order(&numbers) {
        said.push(desk.w.preview_in_order.to_owned());
    }
    if let Some(wrong) = wrong {
        said = vec![wrong];
    }
    let possible = sound && pupils.iter().any(|pupil| lent.pen_of(pupil).is_some());
    Ok(Some(Preview { class: class.to_owned(), from: from.to_owned(), said, possible }))
}

/// A set, and the number of the pen in it that each pupil takes.
struct Lent<'a> {
    numbers: BTreeMap<&'a str, u32>,
    set: &'a [&'a PenLine],
}

impl<'a> Lent<'a> {
    /// The pen of a pupil that can be lent.
    fn pen_of(&self, pupil: &PupilName) -> Option<&'a PenLine> {
        let theirs = self.numbers.get(pupil.id.as_str())?;
        let of = |line: &&&PenLine| {
            line.lost_ms.is_none() && line.place.as_ref().is_some_and(|(_, n)| n == theirs)
        };
        self.set.iter().find(of).copied()
    }
}

fn sentences(desk: &Desk<'_>, class: &str, pupils: &[PupilName], lent: &Lent<'_>) -> Vec<String> {
    let (w, all) = (desk.w, pupils.len());
    if pupils.is_empty() {
        return vec![fill(w.preview_nobody, &[("class", &class)])];
    }
    let without: Vec<&PupilName> =
        pupils.iter().filter(|pupil| lent.pen_of(pupil).is_none()).collect();
    let n = all - without.len();
    let mut said = Vec::new();
    if without.is_empty() {
        said.push(fill(w.preview_all, &[("class", &class), ("n", &all)]));
    } else {
        let name = |pupil: &&PupilName| format!("{} {}", pupil.number, isolated(&pupil.name));
        let mut names: Vec<String> = without.iter().take(NAMED_MAX).map(name).collect();
        if without.len() > NAMED_MAX {
            names.push("…".into());
        }
        let names = names.join(desk.locale().pick("、", ", "));
        let values: [(&str, &dyn std::fmt::Display); 4] =
            [("class", &class), ("all", &all), ("n", &n), ("names", &names)];
        said.push(fill(w.preview_some, &values));
    }
    let moves = |pupil: &&PupilName| {
        let holder = lent.pen_of(pupil).and_then(|line| line.holder.as_ref());
        match holder {
            Some(Holder::Pupil(id)) => id.as_str() != pupil.id,
            Some(Holder::Marker(_)) => true,
            None => false,
        }
    };
    let moved = pupils.iter().filter(moves).count();
    if moved > 0 {
        said.push(fill(w.preview_moves, &[("n", &moved)]));
    }
    let taken = |number: &u32| lent.numbers.values().any(|theirs| theirs == number);
    let place = |line: &&PenLine| line.place.as_ref().map(|(_, number)| *number);
    let spare = lent.set.iter().filter_map(place).filter(|number| !taken(number));
    let spare: Vec<u32> = spare.collect();
    if !spare.is_empty() && n > 0 {
        let numbers = told::ranges(&spare, desk.locale().pick("、", ", "));
        said.push(fill(w.preview_spare, &[("numbers", &numbers)]));
    }
    said
}
