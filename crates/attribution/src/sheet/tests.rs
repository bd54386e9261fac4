use school::StaffId;

use super::*;

fn pupil(id: &str) -> PupilId {
    PupilId::new(id).expect("an id")
}

fn shown(result: Result<Belongs<'_>, Nobody>) -> String {
    match result {
        Ok(Belongs { pupil, red, by, foreign }) => {
            let red = if red { ", red" } else { "" };
            let foreign = if foreign { ", foreign" } else { "" };
            format!("{pupil} by {by:?}{red}{foreign}")
        }
        Err(why) => why.code().to_owned(),
    }
}

/// A hand on a copy with a name, one without, and a shared sheet.
#[track_caller]
fn check(hand: Hand<'_>, own: &str, nameless: &str, shared: &str) {
    let a = pupil("a");
    let on = |sheet| shown(whose(sheet, hand, None));
    assert_eq!(on(Sheet::Copy { owner: Some(&a) }), own);
    assert_eq!(on(Sheet::Copy { owner: None }), nameless);
    assert_eq!(on(Sheet::Shared), shared);
}

#[test]
fn the_address_or_the_hand_owns_the_paper() {
    let holder = |holder, told| Hand::Holder(holder, told);
    let (a, b) = (Holder::Pupil(pupil("a")), Holder::Pupil(pupil("b")));
    let teacher = Holder::Marker(StaffId::new("t").expect("an id"));
    check(holder(&a, Told::Lease), "a by Address", "no_pupil", "a by Lease");
    check(holder(&b, Told::Lease), "a by Address, foreign", "no_pupil", "b by Lease");
    check(holder(&b, Told::Word), "a by Address, foreign", "no_pupil", "b by Word");
    let red = "red_on_shared_sheet";
    check(holder(&teacher, Told::Lease), "a by Address, red", "no_pupil", red);
    check(Hand::SomeMarker(Unknown::NoTime), "a by Address, red", "no_pupil", red);
    let b = pupil("b");
    check(
        Hand::Labelled { pupil: &b, marker: None },
        "a by Address, red",
        "no_pupil",
        "b by Label, red",
    );
    check(Hand::SomePupil(Unknown::NeverLent), "a by Address", "no_pupil", "never_lent");
    check(Hand::Anybody(Unknown::NoTime), "no_time", "no_time", "no_time");
}

/// Whatever the address and the pen say, ink that a person moved is on the paper that they named.
#[test]
fn a_persons_word_moves_ink_from_any_sheet() {
    let (a, b) = (pupil("a"), pupil("b"));
    let teacher = Holder::Marker(StaffId::new("t").expect("an id"));
    let held = Holder::Pupil(pupil("c"));
    let hands = [
        (Hand::Holder(&held, Told::Lease), "b by Word"),
        (Hand::Holder(&teacher, Told::Lease), "b by Word, red"),
        (Hand::SomeMarker(Unknown::NoTime), "b by Word, red"),
        (Hand::SomePupil(Unknown::NeverLent), "b by Word"),
        (Hand::Anybody(Unknown::NoTime), "b by Word"),
    ];
    for (hand, expected) in hands {
        for sheet in [Sheet::Copy { owner: Some(&a) }, Sheet::Copy { owner: None }, Sheet::Shared] {
            assert_eq!(shown(whose(sheet, hand, Some(&b))), expected);
        }
    }
}

#[test]
fn a_reason_has_one_code() {
    for why in Nobody::ALL {
        assert_eq!(Nobody::of_code(why.code()), Some(why));
    }
    assert_eq!(Nobody::of_code("fault"), None);
}
