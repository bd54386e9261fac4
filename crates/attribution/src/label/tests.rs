use super::*;

fn tap(number: u32, at_ms: i64, pupil: &str) -> Tap {
    Tap { number, at_ms, pupil: PupilId::new(pupil).expect("an id") }
}

/// The stretches of some touches, where these chunks are stored, chunk `n` until `100 n`.
#[track_caller]
fn check(taps: &[Tap], stored: &[u32], expected: &[(i64, i64, &str)]) {
    let chunks = stored.iter().map(|n| (*n, Some(i64::from(*n) * 100))).collect();
    let stretches = labelled(taps.to_vec(), &chunks);
    let shown: Vec<_> =
        stretches.iter().map(|s| (s.from_ms, s.until_ms, s.pupil.as_str())).collect();
    assert_eq!(shown, expected);
}

#[test]
fn a_label_holds_until_the_next_one() {
    let taps = [tap(2, 150, "a"), tap(4, 350, "b")];
    check(&taps, &[1, 2, 3, 4, 5], &[(150, 350, "a"), (350, i64::MAX, "b")]);
    let turned = [taps[1].clone(), taps[0].clone()];
    check(&turned, &[1, 2, 3, 4, 5], &[(150, 350, "a"), (350, i64::MAX, "b")]);
    check(&[], &[1], &[]);
}

#[test]
fn what_follows_a_gap_is_nobodys() {
    let taps = [tap(2, 150, "a"), tap(6, 550, "b")];
    check(&taps, &[2, 3, 5, 6, 7], &[(150, 301, "a"), (550, i64::MAX, "b")]);
    // Once the missing chunk comes, it is known again.
    check(&taps, &[2, 3, 4, 5, 6, 7], &[(150, 550, "a"), (550, i64::MAX, "b")]);
    // The touch's own chunk is all that there is.
    check(&taps[..1], &[2, 4], &[(150, 201, "a")]);
    // What is missing before the touch says nothing of what comes after it.
    check(&taps[1..], &[2, 6, 7], &[(550, i64::MAX, "b")]);
}
