//! Long lists: the latest as they are, what is earlier folded by months.

use crate::dates;
use crate::page::Todo;
use crate::page::classes::AssignmentItem;
use crate::words::Locale;

/// How many of the latest are shown.
pub(crate) const LATEST: usize = 10;
/// So few more are not worth folding.
const FEW: usize = 4;

/// A list, latest first.
pub(crate) struct ByMonths<T> {
    pub(crate) latest: Vec<T>,
    pub(crate) months: Vec<Month<T>>,
}

/// What is of one month and not among the latest.
pub(crate) struct Month<T> {
    /// As an address names it: `2026-10`.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) items: Vec<T>,
}

impl<T> ByMonths<T> {
    /// Folds items with their times, Unix milliseconds, latest first.
    pub(crate) fn new(mut items: Vec<(i64, T)>, locale: Locale) -> Self {
        let shown = if items.len() > LATEST + FEW { LATEST } else { items.len() };
        let earlier = items.split_off(shown);
        let mut months: Vec<Month<T>> = Vec::new();
        for (at_ms, item) in earlier {
            let id = dates::month_field(at_ms);
            match months.last_mut().filter(|month| month.id == id) {
                Some(month) => month.items.push(item),
                None => {
                    let name = dates::month(at_ms, locale);
                    months.push(Month { id, name, items: vec![item] });
                }
            }
        }
        Self { latest: items.into_iter().map(|(_, item)| item).collect(), months }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.latest.is_empty()
    }
}

impl Month<AssignmentItem> {
    /// What waits in all of them.
    pub(crate) fn todo(&self) -> Todo {
        let add = |all: Todo, item: &AssignmentItem| Todo {
            decide: all.decide + item.todo.decide,
            score: all.score + item.todo.score,
        };
        self.items.iter().fold(Todo::default(), add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = dates::DAY_MS;
    /// 1 November 2026, 00:30 in Shanghai: still October in London.
    const NOVEMBER_MS: i64 = 1_793_464_200_000;

    fn folded(count: i64) -> ByMonths<i64> {
        let items = (0..count).map(|day| (NOVEMBER_MS + (8 - day) * DAY_MS, day)).collect();
        ByMonths::new(items, Locale::Zh)
    }

    #[test]
    fn a_short_list_is_not_folded() {
        let list = folded(14);
        assert_eq!((list.latest.len(), list.months.len()), (14, 0));
    }

    #[test]
    fn what_is_earlier_is_folded_by_months_of_shanghai() {
        let list = folded(43);
        assert_eq!(list.latest, (0..10).collect::<Vec<_>>());
        let months: Vec<_> = list.months.iter().map(|month| (&*month.name, &month.items)).collect();
        // The last of the ten is the first of the month before.
        assert_eq!(months[0], ("2026 年 10 月", &(10..40).collect::<Vec<_>>()));
        assert_eq!(months[1], ("2026 年 9 月", &(40..43).collect::<Vec<_>>()));
        assert_eq!(list.months[0].id, "2026-10");
    }
}
