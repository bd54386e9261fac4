//! The network's gradient, worked out by hand, layer by layer.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use recognition::features::{LEN, MAP_LEN};
use recognition::kernel::{Matrix, multiply_add};
use recognition::network::{
    CONVOLUTIONS, Convolution, Dense, JOIN, LAST, OUTPUTS, PARAMETERS, PATH, POOLED, REJECT,
    each_pooled, pool_offsets, rectify,
};
use recognition::{Alphabet, SymbolSet};

#[cfg(test)]
mod tests;

/// What the network should say of one symbol.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    /// The output that is right.
    pub(crate) output: usize,
    /// The outputs that compete where the product asks.
    pub(crate) open: Open,
}

/// Which outputs compete: some of the symbols, and "none of them".
pub(crate) type Open = [bool; OUTPUTS];

/// What competes where an alphabet is asked for.
pub(crate) fn open(alphabet: Alphabet) -> Open {
    let set = SymbolSet::new(alphabet, None);
    std::array::from_fn(|output| set.has(output) || output == REJECT)
}

/// Weight of the loss over all outputs, beside that over the competing ones.
const FULL: f32 = 0.5;
/// Part of the joined values that is left out at random, so that no one value is relied upon.
const DROPPED: f32 = 0.15;

/// Gradient of the summed loss of some symbols.
pub(crate) struct Gradient {
    pub(crate) parameters: Vec<f32>,
    pub(crate) loss: f32,
    pub(crate) right: usize,
}

/// The transposed weights, which the way back needs.
pub(crate) struct Transposed(Vec<f32>);

impl Transposed {
    pub(crate) fn new(parameters: &[f32]) -> Self {
        let mut all = vec![0.0; PARAMETERS];
        let dense = CONVOLUTIONS.iter().map(|c| c.dense).chain([PATH, JOIN, LAST]);
        for layer in dense {
            let weights = layer.weights(parameters);
            for i in 0..layer.inputs {
                for o in 0..layer.outputs {
                    all[layer.at + o * layer.inputs + i] = weights[i * layer.outputs + o];
                }
            }
        }
        Self(all)
    }

    /// Adds to `d_input` what `d_output` asks of it.
    fn back(&self, layer: &Dense, d_output: &[f32], rows: usize, d_input: &mut [f32]) {
        let out = Matrix { data: d_output, row_step: layer.outputs, column_step: 1 };
        multiply_add(out, layer.weights(&self.0), d_input, [rows, layer.outputs, layer.inputs]);
    }
}

/// Adds a layer's own gradient.
fn collect(layer: &Dense, input: &[f32], d_output: &[f32], rows: usize, gradient: &mut [f32]) {
    let weights = layer.inputs * layer.outputs;
    let (d_weights, d_biases) = gradient[layer.at..].split_at_mut(weights);
    let transposed = Matrix { data: input, row_step: 1, column_step: layer.inputs };
    multiply_add(transposed, d_output, d_weights, [layer.inputs, rows, layer.outputs]);
    for row in d_output[..rows * layer.outputs].chunks_exact(layer.outputs) {
        for (bias, d) in d_biases.iter_mut().zip(row) {
            *bias += d;
        }
    }
}

/// Works out the gradient of `symbols` ([`LEN`] floats each) against `targets`.
pub(crate) fn gradient(
    parameters: &[f32],
    transposed: &Transposed,
    symbols: &[f32],
    targets: &[Target],
    rng: Option<&mut ChaCha8Rng>,
) -> Gradient {
    let count = targets.len();
    let mut result = Gradient { parameters: vec![0.0; PARAMETERS], loss: 0.0, right: 0 };
    let mut planes: [Vec<f32>; 3] = CONVOLUTIONS.map(|c| vec![0.0; count * c.len_out()]);
    let mut patches =
        vec![0.0; CONVOLUTIONS.iter().map(Convolution::len_patches).max().unwrap_or(0)];
    let mut joined = vec![0.0; count * JOIN.inputs];
    for (i, symbol) in symbols.chunks_exact(LEN).enumerate() {
        see(parameters, symbol, i, &mut planes, &mut patches);
        let row = &mut joined[i * JOIN.inputs..(i + 1) * JOIN.inputs];
        join(parameters, symbol, &planes[2][i * CONVOLUTIONS[2].len_out()..], row);
    }
    let kept = keep(rng, count * JOIN.inputs);
    multiply(&mut joined, &kept);
    let mut hidden = vec![0.0; count * JOIN.outputs];
    JOIN.forward(parameters, &joined, count, &mut hidden);
    rectify(&mut hidden);
    let mut d_outputs = vec![0.0; count * OUTPUTS];
    LAST.forward(parameters, &hidden, count, &mut d_outputs);
    for (row, target) in d_outputs.chunks_exact_mut(OUTPUTS).zip(targets) {
        result.right += usize::from(best(row, &target.open) == target.output);
        result.loss += loss(row, target);
    }

    let g = &mut result.parameters;
    collect(&LAST, &hidden, &d_outputs, count, g);
    let mut d_hidden = vec![0.0; hidden.len()];
    transposed.back(&LAST, &d_outputs, count, &mut d_hidden);
    silence(&mut d_hidden, &hidden);
    collect(&JOIN, &joined, &d_hidden, count, g);
    let mut d_joined = vec![0.0; joined.len()];
    transposed.back(&JOIN, &d_hidden, count, &mut d_joined);
    silence_joined(&mut d_joined, &joined);
    multiply(&mut d_joined, &kept);
    let mut d_planes = CONVOLUTIONS.map(|c| vec![0.0; c.len_out()]);
    let mut d_patches = patches.clone();
    for (i, symbol) in symbols.chunks_exact(LEN).enumerate() {
        let d_row = &d_joined[i * JOIN.inputs..(i + 1) * JOIN.inputs];
        let d_path = &d_row[POOLED..POOLED + PATH.outputs];
        collect(&PATH, &symbol[MAP_LEN..MAP_LEN + PATH.inputs], d_path, 1, g);
        unpool(&planes[2][i * CONVOLUTIONS[2].len_out()..], d_row, &mut d_planes[2]);
        for k in (0..3).rev() {
            let convolution = &CONVOLUTIONS[k];
            let pixels = convolution.pixels_out();
            let before = if k == 0 { symbol } else { &planes[k - 1][i * convolution.len_in()..] };
            let patches = &mut patches[..convolution.len_patches()];
            convolution.patches(before, patches);
            let (below, above) = d_planes.split_at_mut(k);
            collect(&convolution.dense, patches, &above[0], pixels, g);
            let Some(below) = below.last_mut() else { continue };
            let d_patches = &mut d_patches[..convolution.len_patches()];
            d_patches.fill(0.0);
            transposed.back(&convolution.dense, &above[0], pixels, d_patches);
            below.fill(0.0);
            convolution.each_run(|from, to, count| {
                let d_patches = &d_patches[from..from + count];
                below[to..to + count].iter_mut().zip(d_patches).for_each(|(b, d)| *b += d);
            });
            silence(below, &before[..convolution.len_in()]);
        }
    }
    result
}

/// Runs the convolutions over one symbol and keeps what each gives.
fn see(
    parameters: &[f32],
    symbol: &[f32],
    i: usize,
    planes: &mut [Vec<f32>; 3],
    patches: &mut [f32],
) {
    for (k, convolution) in CONVOLUTIONS.iter().enumerate() {
        let (done, next) = planes.split_at_mut(k);
        let image = done.last().map_or(symbol, |image| &image[i * convolution.len_in()..]);
        let patches = &mut patches[..convolution.len_patches()];
        convolution.patches(image, patches);
        let out = &mut next[0][i * convolution.len_out()..(i + 1) * convolution.len_out()];
        convolution.dense.forward(parameters, patches, convolution.pixels_out(), out);
        rectify(out);
    }
}

/// Joins the pooled planes, the path and the globals of one symbol.
fn join(parameters: &[f32], symbol: &[f32], planes: &[f32], row: &mut [f32]) {
    let offsets = pool_offsets();
    each_pooled(|out, first| {
        row[out] = offsets.iter().fold(0.0, |most, o| planes[first + o].max(most));
    });
    let (points, globals) = symbol[MAP_LEN..].split_at(PATH.inputs);
    let path = &mut row[POOLED..POOLED + PATH.outputs];
    PATH.forward(parameters, points, 1, path);
    rectify(path);
    row[POOLED + PATH.outputs..].copy_from_slice(globals);
}

/// Gives each block's gradient to the pixel that was the largest.
fn unpool(planes: &[f32], d_row: &[f32], d_planes: &mut [f32]) {
    d_planes.fill(0.0);
    let offsets = pool_offsets();
    each_pooled(|out, first| {
        let largest = offsets
            .iter()
            .map(|o| first + o)
            .reduce(|a, b| if planes[b] > planes[a] { b } else { a });
        if let Some(at) = largest.filter(|at| planes[*at] > 0.0) {
            d_planes[at] = d_row[out];
        }
    });
}

/// What each joined value is multiplied by; all ones without randomness.
fn keep(rng: Option<&mut ChaCha8Rng>, count: usize) -> Vec<f32> {
    let Some(rng) = rng else { return vec![1.0; count] };
    let mut value = || if rng.random::<f32>() < DROPPED { 0.0 } else { 1.0 / (1.0 - DROPPED) };
    (0..count).map(|_| value()).collect()
}

fn multiply(values: &mut [f32], factors: &[f32]) {
    values.iter_mut().zip(factors).for_each(|(v, f)| *v *= f);
}

/// No gradient passes where the rectifier gave zero.
fn silence(gradient: &mut [f32], values: &[f32]) {
    for (g, v) in gradient.iter_mut().zip(values) {
        *g = if *v > 0.0 { *g } else { 0.0 };
    }
}

/// The same for joined rows, whose globals are no rectifier's.
fn silence_joined(gradient: &mut [f32], values: &[f32]) {
    let rows = gradient.chunks_exact_mut(JOIN.inputs).zip(values.chunks_exact(JOIN.inputs));
    for (g, v) in rows {
        silence(&mut g[..POOLED + PATH.outputs], v);
    }
}

fn best(outputs: &[f32], open: &Open) -> usize {
    let open = (0..OUTPUTS).filter(|i| open[*i]);
    open.max_by(|a, b| outputs[*a].total_cmp(&outputs[*b])).unwrap_or(0)
}

/// Cross entropy; turns `outputs` into its gradient.
fn loss(outputs: &mut [f32], target: &Target) -> f32 {
    let mut d = [0.0; OUTPUTS];
    let mut loss = 0.0;
    let all: Open = std::array::from_fn(|output| output <= REJECT);
    for (open, weight) in [(&target.open, 1.0), (&all, FULL)] {
        let p = softmax(outputs, open);
        loss -= weight * p[target.output].max(1e-9).ln();
        for (i, d) in d.iter_mut().enumerate() {
            *d += weight * (p[i] - f32::from(u8::from(i == target.output)));
        }
    }
    outputs.copy_from_slice(&d);
    loss
}

/// Probabilities over the outputs that are `open`.
pub(crate) fn softmax(outputs: &[f32], open: &Open) -> [f32; OUTPUTS] {
    let open = |i: usize| open[i];
    let most = (0..OUTPUTS).filter(|i| open(*i)).map(|i| outputs[i]).fold(f32::MIN, f32::max);
    let mut p = [0.0; OUTPUTS];
    (0..OUTPUTS).filter(|i| open(*i)).for_each(|i| p[i] = (outputs[i] - most).exp());
    let sum: f32 = p.iter().sum();
    p.map(|v| v / sum)
}
