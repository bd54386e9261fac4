use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use recognition::features::LEN;
use recognition::network::{CONVOLUTIONS, JOIN, LAST, Network, PARAMETERS, PATH, Workspace};

use super::{Open, Target, Transposed, gradient, softmax};

fn loss(parameters: &[f32], symbols: &[f32], targets: &[Target]) -> f64 {
    let mut work = Workspace::default();
    let outputs = Network::new(parameters.to_vec()).forward(symbols, &mut work).to_vec();
    let all: Open = std::array::from_fn(|output| output < 29);
    let one = |(row, t): (&[f32], &Target)| {
        let part = |open| f64::from(softmax(row, open)[t.output].ln());
        -part(&t.open) - 0.5 * part(&all)
    };
    outputs.chunks(32).zip(targets).map(one).sum()
}

/// The slope that a small step along each layer's gradient shows is the gradient's length; the
/// forward pass that training uses is the product's.
#[test]
fn the_gradient_is_the_slope_of_the_loss() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let parameters = crate::optimizer::start(&mut rng);
    let symbols: Vec<f32> = (0..4 * LEN).map(|_| rng.random::<f32>() * 0.5).collect();
    let open = |right: usize| std::array::from_fn(|at| at == right || 0xff0f >> at & 1 == 1);
    let targets: Vec<Target> =
        [3, 11, 17, 28].map(|right| Target { output: right, open: open(right) }).to_vec();
    let found = gradient(&parameters, &Transposed::new(&parameters), &symbols, &targets, None);
    let direct = loss(&parameters, &symbols, &targets);
    assert!((f64::from(found.loss) - direct).abs() < 1e-3, "{} {direct}", found.loss);
    for layer in CONVOLUTIONS.map(|c| c.dense).into_iter().chain([PATH, JOIN, LAST]) {
        let range = layer.at..layer.at + (layer.inputs + 1) * layer.outputs;
        let length = found.parameters[range.clone()].iter().map(|g| g * g).sum::<f32>().sqrt();
        let step = 5e-4 / length;
        let moved = |sign: f32| {
            let mut moved = parameters.clone();
            range.clone().for_each(|i| moved[i] += sign * step * found.parameters[i]);
            loss(&moved, &symbols, &targets)
        };
        let slope = (moved(1.0) - moved(-1.0)) / (2.0 * 5e-4);
        assert!((slope / f64::from(length) - 1.0).abs() < 0.03, "{layer:?}: {slope} {length}");
    }
    assert_eq!(found.parameters.len(), PARAMETERS);
}
