//! The order in which things are printed whose order, or whose partners, are asked for.

use std::collections::BTreeSet;

/// What stands in the two columns of things that are matched: in the left one in the order of the
/// pairs, in the right one in an order of their own.
pub(crate) fn columns(pairs: &[(String, String)]) -> (Vec<&str>, Vec<&str>) {
    let from = each(pairs.iter().map(|(from, _)| from.as_str()));
    let to = mixed(each(pairs.iter().map(|(_, to)| to.as_str())));
    (from, to)
}

/// Each text once, in the order of the first.
fn each<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    let mut seen = BTreeSet::new();
    texts.filter(|text| seen.insert(*text)).collect()
}

/// The texts in an order of their own, which is never the given one.
pub(crate) fn mixed(mut texts: Vec<&str>) -> Vec<&str> {
    let given = texts.clone();
    // FNV-1a: an order that tells nothing and is the same everywhere.
    let hash = |text: &&str| {
        text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    };
    texts.sort_by_key(hash);
    if texts == given && !texts.is_empty() {
        texts.rotate_left(1);
    }
    texts
}
