use super::{DIMENSIONS, Hands, Own, Place};

/// Sevens lie at 4 of the first dimension, ones at 0, and hands move either by 2 or so.
fn hands() -> Hands {
    let mut hands = Hands { spread: [4.0; DIMENSIONS], trust: 1.0, ..Hands::none() };
    hands.centres[7] = at(4.0);
    hands
}

fn at(first: f32) -> Place {
    let mut place = Place::default();
    place[0] = first;
    place
}

#[test]
fn own_sevens_tell_a_one_with_a_flag_from_a_seven() {
    let mut own = Own::default();
    (0..4).for_each(|_| own.add(7, &at(6.0)));
    let says = |own: &Own, first| hands().says(own, &at(first))[7];
    // Nearer to other hands' sevens than to this one's.
    assert!(says(&own, 0.5) < -1.0, "{}", says(&own, 0.5));
    // With nothing to compare, nothing is said.
    assert_eq!(hands().says(&Own::default(), &at(0.5)), [0.0; 10]);
    assert_eq!(hands().says(&own, &at(0.5))[1], 0.0);
}

#[test]
fn digits_that_look_alike_confirm_each_other_only_against_classes_that_are_known() {
    let mut own = Own::default();
    (0..4).for_each(|_| own.add(7, &at(6.0)));
    let says = hands().says(&own, &at(6.0));
    assert!(says[7] > 1.0 && says[1] == says[7], "{says:?}");
    (0..4).for_each(|_| own.add(1, &at(-2.0)));
    let says = hands().says(&own, &at(6.0));
    assert!(says[7] > 1.0 && says[1] < -1.0, "{says:?}");
}

#[test]
fn a_digit_that_is_taken_out_again_says_nothing() {
    let (mut own, before) = (Own::default(), Own::default());
    own.add(3, &at(1.5));
    assert!(!own.is_empty());
    own.remove(3, &at(1.5));
    assert_eq!(own, before);
    assert!(own.is_empty());
}

#[test]
fn hands_survive_a_model_file() {
    let hands = Hands { spread: [0.25; DIMENSIONS], ..hands() };
    let bytes: Vec<u8> = hands.to_bytes().collect();
    assert_eq!(bytes.len(), Hands::BYTES);
    assert_eq!(Hands::from_bytes(&bytes), hands);
}
