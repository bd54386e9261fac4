use super::{Network, OUTPUTS, PARAMETERS, Workspace};
use crate::features;

/// Numbers that look random and are the same everywhere.
fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

#[test]
fn many_at_once_are_read_as_one_by_one() {
    let network = Network::new(numbers(PARAMETERS, 1).iter().map(|p| p * 0.1).collect());
    let symbols = numbers(5 * features::LEN, 2);
    let mut work = Workspace::default();
    let together = network.forward(&symbols, &mut work).to_vec();
    assert_eq!(together.len(), 5 * OUTPUTS);
    for (symbol, row) in symbols.chunks(features::LEN).zip(together.chunks(OUTPUTS)) {
        assert_eq!(network.forward(symbol, &mut work), row);
    }
    assert!(together.iter().any(|v| v.abs() > 0.01));
}
