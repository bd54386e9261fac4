use proptest::prelude::*;

use super::*;

fn class(name: &str) -> ClassId {
    ClassId::new(name).unwrap()
}

/// The same with what the rules refuse to hold of them.
fn apply(
    all: &Enrolments,
    to: &ClassId,
    number: u32,
    from_ms: i64,
) -> Result<Enrolments, EnrolmentError> {
    let (moved, _) = all.with(to, number, from_ms)?;
    Enrolments::new(moved.0)
}

#[test]
fn a_move_ends_the_former_class_and_keeps_it() {
    let first = apply(&Enrolments::default(), &class("a"), 7, 100).unwrap();
    let moved = apply(&first, &class("b"), 3, 200).unwrap();
    let at = |ms| moved.at(ms).map(|enrolment| (enrolment.class.as_str(), enrolment.number));
    assert_eq!(at(99), None);
    assert_eq!(at(100), Some(("a", 7)));
    assert_eq!(at(199), Some(("a", 7)));
    assert_eq!(at(200), Some(("b", 3)));
    let back = apply(&moved, &class("a"), 8, 300).unwrap();
    assert_eq!(back.iter().count(), 3, "a pupil may come back");
}

#[test]
fn saying_again_what_holds_changes_nothing() {
    let first = apply(&Enrolments::default(), &class("a"), 7, 100).unwrap();
    assert_eq!(first.enrol(&class("a"), 7, 100), Ok(Change::Nothing));
    assert_eq!(first.enrol(&class("a"), 7, 500), Ok(Change::Nothing));
    assert_eq!(first.enrol(&class("a"), 8, 500), Ok(Change::Renumber { from_ms: 100 }));
    let moved = apply(&first, &class("b"), 3, 200).unwrap();
    assert_eq!(moved.enrol(&class("a"), 7, 100), Ok(Change::Nothing), "a move is not undone");
}

#[test]
fn who_leaves_is_in_no_class_from_then_on() {
    let first = apply(&Enrolments::default(), &class("a"), 7, 100).unwrap();
    assert_eq!(first.leave(200), Ok(Some(100)));
    assert_eq!(Enrolments::default().leave(200), Ok(None));
    let since = |class: &str, since_ms| {
        Err(EnrolmentError::Later { class: ClassId::new(class).unwrap(), since_ms })
    };
    assert_eq!(first.leave(100), since("a", 100), "no time is empty");
    let moved = apply(&first, &class("b"), 3, 200).unwrap();
    assert_eq!(moved.leave(150), since("b", 200));
    assert_eq!(moved.leave(250), Ok(Some(200)));
    let left = moved.without(250).unwrap().unwrap();
    assert_eq!((left.at(249).map(|at| at.number), left.at(250)), (Some(3), None));
    assert_eq!(left.without(300), Ok(None), "twice is once");
}

#[test]
fn what_came_later_is_not_rewritten() {
    let first = apply(&Enrolments::default(), &class("a"), 7, 100).unwrap();
    let later = |class: &str, since_ms| {
        Err(EnrolmentError::Later { class: ClassId::new(class).unwrap(), since_ms })
    };
    assert_eq!(first.enrol(&class("b"), 1, 100), later("a", 100));
    assert_eq!(first.enrol(&class("b"), 1, 50), later("a", 100));
    let moved = apply(&first, &class("b"), 3, 200).unwrap();
    assert_eq!(moved.enrol(&class("c"), 1, 150), later("b", 200));
}

#[test]
fn two_classes_at_one_moment_are_refused() {
    let row = |name, from_ms, until_ms| Enrolment {
        class: class(name),
        number: 1,
        period: Period::new(from_ms, until_ms).unwrap(),
    };
    let refused = Enrolments::new(vec![row("b", 150, None), row("a", 100, Some(151))]);
    let (first, second) = (class("a"), class("b"));
    assert_eq!(refused, Err(EnrolmentError::TwoClasses { first, second, from_ms: 150 }));
    assert!(Enrolments::new(vec![row("b", 150, None), row("a", 100, Some(150))]).is_ok());
    assert!(Period::new(5, Some(5)).is_err(), "no time is empty");
}

proptest! {
    /// Whatever is asked, a pupil is in one class at most, and where a move was accepted they are
    /// in it from its moment on and where they were before it.
    #[test]
    fn moves_keep_one_class_at_a_time(moves in prop::collection::vec((0..3_usize, 0..4_u32, 0..50_i64), 1..12)) {
        let classes = ["a", "b", "c"].map(class);
        let mut all = Enrolments::default();
        for (to, number, from_ms) in moves {
            let before = all.clone();
            let Ok(after) = apply(&all, &classes[to], number, from_ms) else { continue };
            let now = after.at(from_ms).unwrap();
            prop_assert_eq!((&now.class, now.number), (&classes[to], number));
            for ms in 0..from_ms {
                let was = |all: &Enrolments| all.at(ms).map(|at| at.class.clone());
                prop_assert_eq!(was(&before), was(&after));
            }
            all = after;
        }
    }
}
