use firmware_protocol::{BootId, PenId};
use proptest::prelude::*;

use super::*;

fn key(pen: u64, counter: u32, number: u32) -> StrokeKey {
    StrokeKey { pen: PenId(pen), boot: BootId { counter, random: 0xff }, number }
}

fn roles() -> impl Strategy<Value = Roles> {
    let role = proptest::sample::select(Role::ALL.to_vec());
    let key = (prop_oneof![Just(2_u64), Just(0x10)], 0_u32..2, 0_u32..40)
        .prop_map(|(pen, counter, number)| key(pen, counter, number));
    proptest::collection::vec((key, role), 0..60).prop_map(Roles::new)
}

proptest! {
    #[test]
    fn the_text_is_the_roles(roles in roles()) {
        prop_assert_eq!(roles.to_string().parse::<Roles>(), Ok(roles));
    }

    /// Whatever is damaged is either said or happens to be the text of other roles.
    #[test]
    fn a_damaged_text_is_never_read_as_something_else(
        roles in roles(),
        at in any::<prop::sample::Index>(),
        letter in "[0-9a-fLSRO:, -]",
    ) {
        let mut text = roles.to_string();
        let at = at.index(text.len());
        text.replace_range(at..=at, &letter);
        if let Ok(read) = text.parse::<Roles>() {
            prop_assert_eq!(read.to_string(), text);
        }
    }
}

/// Golden: what is stored must be read for ever. Do not change the text; make a new version.
#[test]
fn version_1() {
    let live = [3, 4, 5, 9].map(|number| (key(0x7f3a, 2, number), Role::Live));
    let others = [
        (key(0x10, 2, 1), Role::Superseded),
        (key(0x9, 2, 1), Role::Superseded),
        (key(0x10, 2, u32::MAX), Role::Red),
        (key(0x10, 2, 8), Role::Loose),
    ];
    let roles = Roles::new(live.into_iter().chain(others));
    let text = "1 L7f3a-2-ff:3-5,9 S10-2-ff:1 S9-2-ff:1 R10-2-ff:4294967295 O10-2-ff:8";
    assert_eq!(roles.to_string(), text);
    assert_eq!(text.parse(), Ok(roles));
    assert_eq!("1".parse(), Ok(Roles::default()));
}

#[test]
fn what_is_damaged_or_of_another_version_is_said() {
    let version = |text: &str| Err(RolesError::Version(text.into()));
    assert_eq!("".parse::<Roles>(), version(""));
    assert_eq!("[]".parse::<Roles>(), version("[]"));
    assert_eq!(r#"{"live":[]}"#.parse::<Roles>(), version(r#"{"live":[]}"#));
    assert_eq!("2 L1-2-3:4".parse::<Roles>(), version("2"));
    for damaged in [
        "1 ",
        "1 X1-2-3:4",
        "1 L1-2-3",
        "1 L1-2-3:",
        "1 L1-2:4",
        "1 L1-2-3:5-4",
        "1 L1-2-3:4,5",
        "1 L1-2-3:04",
        "1 L1-2-3:+4",
        "1 L1-2-3:0-4294967295",
        "1 L1-2-3:4 L1-2-3:6",
        "1 S1-2-3:4 L1-2-3:6",
    ] {
        assert!(matches!(damaged.parse::<Roles>(), Err(RolesError::Damaged(_))), "{damaged}");
    }
}
