//! Who holds a pen at each moment, and what a correction makes of it. Pure.

use std::collections::BTreeSet;

use attribution::{Holder, Lease};

/// A time. Unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) from_ms: i64,
    /// Exclusive; `None`: without an end.
    pub(super) until_ms: Option<i64>,
}

impl Window {
    fn holds(&self, at_ms: i64) -> bool {
        self.from_ms <= at_ms && self.until_ms.is_none_or(|until_ms| at_ms < until_ms)
    }
}

/// Who holds the pen of some leases at a moment: of those that overlap, the later start holds it.
pub(super) fn holder_at(leases: &[Lease], at_ms: i64) -> Option<&Holder> {
    let held = leases.iter().filter(|lease| {
        lease.from_ms <= at_ms && lease.until_ms.is_none_or(|until_ms| at_ms < until_ms)
    });
    held.max().map(|lease| &lease.holder)
}

/// Leases of a pen that do not overlap, such that `holder` holds it at each moment; it changes at
/// the cuts alone.
fn leases_of(pen: u64, cuts: BTreeSet<i64>, holder: impl Fn(i64) -> Option<Holder>) -> Vec<Lease> {
    let mut leases: Vec<Lease> = Vec::new();
    let mut cuts = cuts.into_iter().peekable();
    while let Some(from_ms) = cuts.next() {
        let until_ms = cuts.peek().copied();
        let Some(holder) = holder(from_ms) else { continue };
        match leases.last_mut() {
            Some(last) if last.until_ms == Some(from_ms) && last.holder == holder => {
                last.until_ms = until_ms;
            }
            _ => leases.push(Lease { pen, from_ms, until_ms, holder }),
        }
    }
    leases
}

fn cuts<'a>(leases: impl IntoIterator<Item = &'a Lease>, window: Window) -> BTreeSet<i64> {
    let of_lease = |lease: &'a Lease| std::iter::once(lease.from_ms).chain(lease.until_ms);
    let ends = std::iter::once(window.from_ms).chain(window.until_ms);
    leases.into_iter().flat_map(of_lease).chain(ends).collect()
}

/// The leases of a pen with other holders in a window; outside of it each moment keeps its holder.
pub(super) fn changed(
    pen: u64,
    leases: &[Lease],
    window: Window,
    change: impl Fn(Option<&Holder>) -> Option<Holder>,
) -> Vec<Lease> {
    leases_of(pen, cuts(leases, window), |at_ms| {
        let holder = holder_at(leases, at_ms);
        if window.holds(at_ms) { change(holder) } else { holder.cloned() }
    })
}

/// The leases of a pen with the holders of other leases in a window.
pub(super) fn restored(pen: u64, leases: &[Lease], before: &[Lease], window: Window) -> Vec<Lease> {
    leases_of(pen, cuts(leases.iter().chain(before), window), |at_ms| {
        holder_at(if window.holds(at_ms) { before } else { leases }, at_ms).cloned()
    })
}

/// Whether the pen is held by the same people in a window.
pub(super) fn same(a: &[Lease], b: &[Lease], window: Window) -> bool {
    let mut inside = cuts(a.iter().chain(b), window).into_iter().filter(|ms| window.holds(*ms));
    inside.all(|at_ms| holder_at(a, at_ms) == holder_at(b, at_ms))
}

/// Whether somebody holds the pen at some moment of a window.
pub(super) fn held_by(leases: &[Lease], window: Window, holder: &Holder) -> bool {
    let mut inside = cuts(leases, window).into_iter().filter(|ms| window.holds(*ms));
    inside.any(|at_ms| holder_at(leases, at_ms) == Some(holder))
}

#[cfg(test)]
mod tests {
    use sample_school::{holder, lease, marker};

    use super::*;

    const EVENING: Window = Window { from_ms: 20, until_ms: Some(30) };
    const ON: Window = Window { from_ms: 20, until_ms: None };

    fn written_by(leases: &[Lease], window: Window, from: u32, to: u32) -> Vec<Lease> {
        let of = holder(from);
        changed(
            1,
            leases,
            window,
            |held| {
                if held == Some(&of) { Some(holder(to)) } else { held.cloned() }
            },
        )
    }

    #[test]
    fn an_evening_is_cut_out_and_ends() {
        let lent = [lease(1, holder(1), 0, None)];
        let expected = [
            lease(1, holder(1), 0, Some(20)),
            lease(1, holder(2), 20, Some(30)),
            lease(1, holder(1), 30, None),
        ];
        assert_eq!(written_by(&lent, EVENING, 1, 2), expected);
        assert_eq!(
            written_by(&lent, ON, 1, 2),
            [expected[0].clone(), lease(1, holder(2), 20, None)]
        );
        // A lease that begins or ends within, or with it, keeps what is outside.
        let lent = [lease(1, holder(1), 20, Some(40))];
        let expected = [lease(1, holder(2), 20, Some(30)), lease(1, holder(1), 30, Some(40))];
        assert_eq!(written_by(&lent, EVENING, 1, 2), expected);
    }

    #[test]
    fn what_others_held_stays_theirs() {
        let lent = [
            lease(1, holder(1), 0, None),
            lease(1, holder(3), 22, Some(25)),
            lease(1, marker(), 50, None),
        ];
        let expected = [
            lease(1, holder(1), 0, Some(20)),
            lease(1, holder(2), 20, Some(22)),
            lease(1, holder(3), 22, Some(25)),
            lease(1, holder(2), 25, Some(50)),
            lease(1, marker(), 50, None),
        ];
        assert_eq!(written_by(&lent, ON, 1, 2), expected);
    }

    #[test]
    fn what_was_before_comes_back() {
        let lent = [lease(1, holder(1), 0, None), lease(1, holder(3), 22, Some(25))];
        for window in [EVENING, ON] {
            let after = written_by(&lent, window, 1, 2);
            assert!(!same(&lent, &after, window));
            let back = restored(1, &after, &lent, window);
            assert!(same(&lent, &back, Window { from_ms: i64::MIN, until_ms: None }), "{back:?}");
        }
        // A pen that nobody held can be somebody's for an evening.
        let none = changed(1, &[], EVENING, |_| Some(holder(1)));
        assert_eq!(none, [lease(1, holder(1), 20, Some(30))]);
        assert_eq!(restored(1, &none, &[], EVENING), []);
        assert!(held_by(&none, ON, &holder(1)) && !held_by(&none, ON, &holder(2)));
    }
}
