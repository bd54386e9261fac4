//! What was done with pens and what they wrote, in words.

use std::fmt::Display;

use store::{PenChange, PenDone, PenLine, StoreError, WaitingInk};

use super::Desk;
use crate::dates;
use crate::page::pens::ChangeItem;
use crate::words::{fill, isolated};

/// Pens that a sentence names.
const NAMED_MAX: usize = 6;

/// A change in words. `fresh`: it was made or undone just now.
pub(super) fn item(desk: &Desk<'_>, change: &PenChange, fresh: bool) -> ChangeItem {
    let (w, locale) = (desk.w, desk.locale());
    let name = match &change.staff {
        None => w.by_command.to_owned(),
        Some(id) => {
            let staff = desk.staff.iter().find(|line| line.id == *id);
            staff.map_or_else(|| w.by_nobody.to_owned(), |line| isolated(&line.name))
        }
    };
    let date = dates::minute(change.at_ms, locale);
    let undone = change.undone_ms.is_some();
    let mut said = sentence(desk, change);
    if undone && (fresh || !said.is_empty()) {
        said = fill(w.undone, &[("what", &said)]);
    }
    let by = fill(w.by, &[("date", &date), ("name", &name)]);
    ChangeItem { id: change.id, said, by, undone }
}

fn sentence(desk: &Desk<'_>, change: &PenChange) -> String {
    let (w, locale) = (desk.w, desk.locale());
    let pens = pens(desk, &change.pens);
    let (n, date) = (change.pens.len(), dates::minute(change.from_ms, locale));
    let until = change.until_ms.map(|ms| dates::minute(ms, locale)).unwrap_or_default();
    let set = change.set.as_deref().unwrap_or_default();
    let class = change.class.as_deref().map(|id| desk.class_name(id)).unwrap_or_default();
    let name = change.name.as_ref().map(isolated).unwrap_or_default();
    let text = match (change.what, change.set.is_some()) {
        (PenDone::Added, _) => w.done_added,
        (PenDone::Lent, true) => w.done_lent_set,
        (PenDone::Lent, false) => w.done_lent,
        (PenDone::Returned, true) => w.done_returned_set,
        (PenDone::Returned, false) => w.done_returned,
        (PenDone::Swapped, _) if change.until_ms.is_some() => w.done_swapped_until,
        (PenDone::Swapped, _) => w.done_swapped,
        (PenDone::Lost, _) => w.done_lost,
        (PenDone::Found, _) => w.done_found,
    };
    let values: [(&str, &dyn Display); 7] = [
        ("pens", &pens),
        ("n", &n),
        ("date", &date),
        ("until", &until),
        ("set", &set),
        ("class", &class),
        ("name", &name),
    ];
    let mut said = fill(text, &values);
    if !change.without.is_empty() {
        let numbers = ranges(&change.without, locale.pick("、", ", "));
        said += locale.pick("；", "; ");
        said += &fill(w.done_without, &[("numbers", &numbers)]);
    }
    said
}

/// Numbers in their order, those that follow each other as `6–45`.
pub(super) fn ranges(numbers: &[u32], between: &str) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*number) => *last = *number,
            _ => runs.push((*number, *number)),
        }
    }
    let run = |(first, last): (u32, u32)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}{between}{last}"),
        _ => format!("{first}–{last}"),
    };
    runs.into_iter().map(run).collect::<Vec<_>>().join(between)
}

/// Pens by place or id; of many, the first.
fn pens(desk: &Desk<'_>, pens: &[u64]) -> String {
    let mut names: Vec<String> = pens.iter().take(NAMED_MAX).map(|pen| desk.label(*pen)).collect();
    if pens.len() > NAMED_MAX {
        names.push("…".into());
    }
    names.join(desk.locale().pick("、", ", "))
}

/// How much a pen wrote since when, and where.
pub(super) async fn wrote(desk: &Desk<'_>, line: &PenLine, rows: &[WaitingInk]) -> Vec<String> {
    let (w, locale) = (desk.w, desk.locale());
    let Some(since_ms) = rows.iter().map(|row| row.since_ms).min() else {
        return vec![w.stranger_no_ink.to_owned()];
    };
    let faces: u32 = rows.iter().map(|row| row.faces).sum();
    let date = dates::minute(since_ms, locale);
    let mut told = vec![fill(w.stranger_ink, &[("n", &faces), ("date", &date)])];
    if line.nobodys > 0 {
        told.push(fill(w.stranger_waits, &[("n", &line.nobodys)]));
    }
    for row in rows {
        let Some((id, version)) = row.worksheet.as_deref().zip(row.version) else {
            told.push(fill(w.stranger_on_none, &[("n", &row.faces)]));
            continue;
        };
        let worksheet = desk.web.worksheet(id, version).await.ok();
        let title = crate::routes::title(worksheet.as_deref(), id, locale);
        let class = row.class.as_deref().map(|id| desk.class_name(id)).unwrap_or_default();
        let values: [(&str, &dyn Display); 3] =
            [("class", &class), ("title", &title), ("n", &row.faces)];
        told.push(fill(w.stranger_on, &values));
    }
    told
}

/// Why the store did not do it, in words; `None` where it failed.
pub(super) fn refusal(desk: &Desk<'_>, error: &StoreError) -> Option<String> {
    let w = desk.w;
    match error {
        StoreError::PenPlace { set, number, pen } => {
            let pen = format!("{pen:012x}");
            Some(fill(w.place_taken, &[("set", set), ("number", number), ("pen", &pen)]))
        }
        StoreError::PenElsewhere { pen } => {
            Some(fill(w.elsewhere, &[("pen", &format!("{pen:012x}"))]))
        }
        StoreError::PenChanged { pen } => {
            Some(fill(w.changed_since, &[("pen", &desk.label(*pen))]))
        }
        StoreError::Missing { what: "holder of pen", id } => {
            let pen = super::ids::pen(id).map_or_else(|| id.clone(), |pen| desk.label(pen));
            Some(fill(w.nobody_holds, &[("pen", &pen)]))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn numbers_that_follow_each_other_are_one_range() {
        assert_eq!(ranges(&[], "、"), "");
        assert_eq!(ranges(&[3], "、"), "3");
        assert_eq!(ranges(&[3, 4, 6, 7, 8, 45], "、"), "3、4、6–8、45");
    }
}
