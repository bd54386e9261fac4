//! Synthetic handwriting as a labelled set, for training and tests.

use std::sync::Arc;

use ink::Handwriting;

use crate::hand::Hand;
use crate::kinematics::perform;
use crate::random::Random;
use crate::skeleton::Skeletons;

/// What every synthetic sample names as its source.
pub const SYNTHETIC: &str = "synthetic: zhibi pen-sim";

/// Writes every text of `labels` once by each of `writers` made-up hands.
///
/// Positions are tens of micrometres, y down, from each sample's top left; times are the pen's at
/// 100 Hz. A label may have more than one symbol: then it is written as a line. `seed` and a
/// writer's number give the same hand whatever else is asked for.
pub fn synthetic_handwriting<'a>(
    labels: &'a [&'a str],
    writers: u32,
    seed: u64,
) -> impl Iterator<Item = Handwriting> + 'a {
    let skeletons = Arc::new(Skeletons::own());
    (0..writers).flat_map(move |number| {
        let name = format!("synthetic-{seed}-{number}");
        let hand = Hand::new(seed, &name, &skeletons, None);
        labels.iter().map(move |label| one(&hand, label, &name, seed))
    })
}

/// Every symbol that has a skeleton.
pub fn skeleton_symbols() -> Vec<char> {
    Skeletons::own().symbols().collect()
}

fn one(hand: &Hand, label: &str, name: &str, seed: u64) -> Handwriting {
    let mut random = Random::stream(seed, &["sample", name, label]);
    let writing = hand.write(label, hand.size_um, &mut random);
    let (left, top) = writing.bounds().map_or((0.0, 0.0), |bounds| (bounds.left, bounds.top));
    let strokes = writing.strokes.iter().map(|path| {
        perform(path, &hand.motion, &mut random)
            .iter()
            .map(|r| {
                let tens = |um: f64| (um / 10.0).round();
                vec![tens(r.at.x - left), tens(r.at.y - top), r.t_ms as f64]
            })
            .collect()
    });
    Handwriting {
        label: label.to_owned(),
        writer: name.to_owned(),
        strokes: strokes.collect(),
        source: SYNTHETIC.to_owned(),
        hz: Some(100.0),
        pts_per_mm: Some(100.0),
    }
}
