//! The sets of a school's pens, and a row for each pen of one.

use std::collections::BTreeMap;

use store::PenLine;

use super::{Asked, Desk, at, encoded, ids, preview};
use crate::dates;
use crate::failure::Failure;
use crate::page::pens::{PenItem, SetItem, SetView};
use crate::words::pens::PensWords;
use crate::words::{Locale, fill, isolated};

/// A battery that may not last an evening, percent.
const LOW_PERCENT: u8 = 15;

/// Every set, and the pens in none.
pub(super) fn sets(desk: &Desk<'_>, shown: Option<&SetView>) -> Vec<SetItem> {
    let mut counts: BTreeMap<Option<&str>, usize> = BTreeMap::new();
    for line in &desk.pens {
        *counts.entry(set_of(line)).or_default() += 1;
    }
    // Those in no set come last.
    let rest = counts.remove(&None).map(|pens| (None, pens));
    let here = shown.map(|view| view.set.as_deref());
    let item = |(set, pens): (Option<&str>, usize)| SetItem {
        label: set_label(desk.w, set),
        pens,
        href: format!("{}?set={}", at(&desk.school), encoded(set.unwrap_or_default())),
        here: here == Some(set),
    };
    counts.into_iter().chain(rest).map(item).collect()
}

pub(super) fn set_of(line: &PenLine) -> Option<&str> {
    line.place.as_ref().map(|(set, _)| set.as_str())
}

pub(super) fn set_label(w: &PensWords, set: Option<&str>) -> String {
    set.map_or_else(|| w.rest.to_owned(), |set| fill(w.set_named, &[("set", &set)]))
}

/// The set that was asked for, that of the pen that was, or the first; empty names no set.
pub(super) async fn shown(desk: &Desk<'_>, asked: &Asked) -> Result<Option<SetView>, Failure> {
    let pen = asked.pen.as_deref().and_then(|pen| desk.pen(pen));
    let first = desk.pens.first().map(set_of);
    let wanted = match asked.set.as_deref() {
        Some("") => Some(None),
        Some(set) if desk.pens.iter().any(|line| set_of(line) == Some(set)) => Some(Some(set)),
        _ => pen.map(set_of).or(first),
    };
    let Some(set) = wanted else { return Ok(None) };
    let lines: Vec<&PenLine> = desk.pens.iter().filter(|line| set_of(line) == set).collect();
    if lines.is_empty() {
        return Ok(None);
    }
    let preview = match (set, asked.lend.as_deref()) {
        (Some(_), Some(class)) => {
            preview::of(desk, class, &lines, Asked::text(&asked.from)).await?
        }
        _ => None,
    };
    let here = pen.map(|line| line.pen);
    Ok(Some(SetView {
        set: set.map(Into::into),
        label: set_label(desk.w, set),
        pens: lines.into_iter().map(|line| item(desk, line, here)).collect(),
        preview,
    }))
}

pub(super) fn item(desk: &Desk<'_>, line: &PenLine, here: Option<u64>) -> PenItem {
    let (w, locale) = (desk.w, desk.locale());
    let set = set_of(line).unwrap_or_default();
    PenItem {
        label: line.place.as_ref().map_or_else(|| ids::text(line.pen), |(_, n)| n.to_string()),
        href: format!("{}?set={}&pen={}#pen", at(&desk.school), encoded(set), ids::text(line.pen)),
        here: here == Some(line.pen),
        holder: holder(line, w, locale),
        held: line.holder.is_some() && line.lost_ms.is_none(),
        lost: line.lost_ms.is_some(),
        battery: battery(line, w),
        low: line.battery_percent.is_some_and(|percent| percent <= LOW_PERCENT) && !line.charging,
        seen: seen(line, w, locale),
        model: line.model.clone().unwrap_or_default(),
        loose: (line.nobodys > 0).then(|| fill(w.loose_pages, &[("n", &line.nobodys)])),
    }
}

/// Who holds a pen, in words.
pub(super) fn holder(line: &PenLine, w: &PensWords, locale: Locale) -> String {
    if let Some(lost_ms) = line.lost_ms {
        return fill(w.lost_since, &[("date", &dates::minute(lost_ms, locale))]);
    }
    match (&line.name, &line.class) {
        (Some(name), Some((class, number))) => format!("{class} {number} {}", isolated(name)),
        (Some(name), None) if matches!(line.holder, Some(attribution::Holder::Marker(_))) => {
            format!("{} · {}", isolated(name), w.red)
        }
        (Some(name), None) => isolated(name),
        (None, _) => w.nobody.to_owned(),
    }
}

pub(super) fn battery(line: &PenLine, w: &PensWords) -> String {
    let Some(percent) = line.battery_percent else { return String::new() };
    let told = fill(w.percent, &[("n", &percent)]);
    if line.charging { format!("{told} · {}", w.charging) } else { told }
}

pub(super) fn seen(line: &PenLine, w: &PensWords, locale: Locale) -> String {
    line.seen_ms.map_or_else(|| w.never_seen.to_owned(), |ms| dates::minute(ms, locale))
}
