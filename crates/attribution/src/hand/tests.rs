use super::*;

fn pupil(id: &str) -> Holder {
    Holder::Pupil(PupilId::new(id).expect("an id"))
}

fn marker(id: &str) -> Holder {
    Holder::Marker(StaffId::new(id).expect("an id"))
}

const NOW_MS: i64 = 1_795_345_300_000;

/// Leases of pen 1 by holder, and from and until in days from now.
#[track_caller]
fn check(leases: &[(Holder, i64, Option<i64>)], written: Written, expected: &str) {
    let days = |days: i64| NOW_MS + days * 86_400_000;
    let lease = |(holder, from, until): &(Holder, i64, Option<i64>)| Lease {
        pen: 1,
        from_ms: days(*from),
        until_ms: until.map(days),
        holder: holder.clone(),
    };
    let rows: Vec<Lease> = leases.iter().map(lease).collect();
    let found = match Hand::of(&rows, written) {
        Hand::Holder(Holder::Pupil(id), Told::Lease) => id.to_string(),
        Hand::Holder(Holder::Marker(id), Told::Lease) => id.to_string(),
        Hand::Holder(..) | Hand::Labelled { .. } => unreachable!("leases tell of neither"),
        Hand::SomePupil(why) => format!("some pupil, {}", why.code()),
        Hand::SomeMarker(why) => format!("some marker, {}", why.code()),
        Hand::Anybody(why) => format!("anybody, {}", why.code()),
    };
    assert_eq!(found, expected);
}

#[test]
fn a_sound_clock_is_held_against_the_leases() {
    let lent = [(pupil("a"), -9, Some(-3)), (marker("t"), -2, None)];
    let at = |day: i64| Written::At(NOW_MS + day * 86_400_000);
    check(&lent, at(-5), "a");
    check(&lent, at(-1), "t");
    check(&lent, Written::At(NOW_MS - 3 * 86_400_000), "anybody, not_lent_then");
    check(&lent[..1], at(-1), "some pupil, not_lent_then");
    // A sound time outside of the only lease is not that holder's, and no pupil's in silence.
    check(&lent[1..], at(-5), "anybody, not_lent_then");
    check(&[], at(-1), "some pupil, never_lent");
}

#[test]
fn without_a_time_the_only_holder_wrote() {
    let never = Written::Before(NOW_MS);
    check(&[(marker("t"), -1, None)], never, "t");
    check(&[(marker("t"), 5, None)], never, "t");
    check(&[(pupil("a"), -9, Some(-3)), (pupil("a"), -2, None)], never, "a");
    // The second lease had not begun when the ink was received.
    check(&[(pupil("a"), -9, Some(3)), (pupil("b"), 3, None)], never, "a");
    check(&[(pupil("a"), -9, Some(-3)), (pupil("b"), -3, None)], never, "some pupil, no_time");
    check(&[(marker("t"), -9, Some(-3)), (marker("u"), -3, None)], never, "some marker, no_time");
    check(&[(pupil("a"), -9, Some(-3)), (marker("t"), -3, None)], never, "anybody, no_time");
    check(&[], never, "some pupil, never_lent");
}

#[test]
fn the_receipt_bounds_the_clock() {
    let received = |at_ms: i64| Written::received(at_ms, at_ms, at_ms, NOW_MS);
    for at_ms in [NOW_MS - INK_AGE_MS_MAX, NOW_MS, NOW_MS + CLOCK_AHEAD_MS_MAX] {
        assert_eq!(received(at_ms), Written::At(at_ms));
    }
    // 1970, 2000, 2010, tomorrow, and clocks that say anything.
    for at_ms in [0, 946_684_800_000, 1_262_304_000_000, NOW_MS + 86_400_000, i64::MIN, i64::MAX] {
        assert_eq!(received(at_ms), Written::Before(NOW_MS));
    }
    // A clock that jumps within a chunk.
    assert_eq!(Written::received(NOW_MS, 0, NOW_MS, NOW_MS), Written::Before(NOW_MS));
    assert_eq!(Written::alone(NOW_MS), Written::At(NOW_MS));
    for at_ms in [0, -1, 1_262_304_000_000, i64::MAX] {
        assert_eq!(Written::alone(at_ms), Written::Before(i64::MAX));
    }
}
