//! The network: three convolutions over the map, one layer over the points, two that join them.
//!
//! A forward pass of five kinds of layers of known size is less than two hundred lines over one
//! matrix product, allocates nothing and needs no model format; a general runtime would be larger
//! than the product it serves.

use crate::alphabet::SYMBOLS;
use crate::features::{self, GLOBALS, MAP_LEN, PLANES, POINT_PARTS, POINTS, SIDE};
use crate::kernel::{Matrix, multiply_add};

#[cfg(test)]
mod tests;

/// A convolution of 3 × 3 with a border of zeros.
#[derive(Clone, Copy, Debug)]
pub struct Convolution {
    /// Side of the square it reads, pixels.
    pub side: usize,
    /// Planes it reads.
    pub planes: usize,
    /// Pixels it moves on.
    pub stride: usize,
    /// Its weights.
    pub dense: Dense,
}

/// Weights `inputs` × `outputs`, row after row, then as many biases as outputs.
#[derive(Clone, Copy, Debug)]
pub struct Dense {
    /// Where it begins among the parameters.
    pub at: usize,
    /// Rows.
    pub inputs: usize,
    /// Columns.
    pub outputs: usize,
}

impl Dense {
    const fn new(at: usize, inputs: usize, outputs: usize) -> Self {
        Self { at, inputs, outputs }
    }

    const fn end(&self) -> usize {
        self.at + (self.inputs + 1) * self.outputs
    }

    /// Its weights among all parameters.
    pub fn weights<'a>(&self, parameters: &'a [f32]) -> &'a [f32] {
        &parameters[self.at..self.at + self.inputs * self.outputs]
    }

    /// Its biases among all parameters.
    pub fn biases<'a>(&self, parameters: &'a [f32]) -> &'a [f32] {
        &parameters[self.at + self.inputs * self.outputs..self.end()]
    }

    /// `out` (`rows` × outputs) = `input` (`rows` × inputs) × weights + biases.
    pub fn forward(&self, parameters: &[f32], input: &[f32], rows: usize, out: &mut [f32]) {
        let biases = self.biases(parameters);
        out[..rows * self.outputs]
            .chunks_exact_mut(self.outputs)
            .for_each(|o| o.copy_from_slice(biases));
        let input = Matrix { data: input, row_step: self.inputs, column_step: 1 };
        multiply_add(input, self.weights(parameters), out, [rows, self.inputs, self.outputs]);
    }
}

impl Convolution {
    const fn new(at: usize, side: usize, planes: usize, stride: usize, outputs: usize) -> Self {
        Self { side, planes, stride, dense: Dense::new(at, 9 * planes, outputs) }
    }

    /// Side of the square it writes, pixels.
    pub const fn side_out(&self) -> usize {
        self.side / self.stride
    }

    /// Pixels it writes.
    pub const fn pixels_out(&self) -> usize {
        self.side_out() * self.side_out()
    }

    /// Floats that it reads per item.
    pub const fn len_in(&self) -> usize {
        self.side * self.side * self.planes
    }

    /// Floats that it writes per item.
    pub const fn len_out(&self) -> usize {
        self.pixels_out() * self.dense.outputs
    }

    /// Floats of an item's neighbourhoods.
    pub const fn len_patches(&self) -> usize {
        self.pixels_out() * self.dense.inputs
    }

    /// Calls `copy(patch start, image start, floats)` for each run of floats that neighbourhoods
    /// have in common with the image: up to three pixels of a row.
    pub fn each_run(&self, mut copy: impl FnMut(usize, usize, usize)) {
        let (out, planes) = (self.side_out(), self.planes);
        for pixel in 0..out * out {
            let (y, x) = (pixel / out * self.stride, pixel % out * self.stride);
            // The border of zeros is one pixel wide and cuts the run at the left or the right.
            let (left, right) = (usize::from(x == 0), usize::from(x + 2 > self.side));
            for tap in 0..3 {
                let Some(y) = (y + tap).checked_sub(1).filter(|y| *y < self.side) else { continue };
                let patch = (pixel * 9 + tap * 3 + left) * planes;
                let image = (y * self.side + x + left - 1) * planes;
                copy(patch, image, (3 - left - right) * planes);
            }
        }
    }

    /// Lays an image's neighbourhoods side by side, one row per output pixel.
    pub fn patches(&self, image: &[f32], out: &mut [f32]) {
        out.fill(0.0);
        self.each_run(|to, from, count| {
            out[to..to + count].copy_from_slice(&image[from..from + count]);
        });
    }
}

/// Outputs: the symbols, then "no symbol", then what pads them to whole registers.
pub const OUTPUTS: usize = 32;
/// The output that says: a part of a symbol, several symbols, or none of ours.
pub const REJECT: usize = SYMBOLS.len();

/// The convolutions, in their order.
pub const CONVOLUTIONS: [Convolution; 3] = [
    Convolution::new(0, SIDE, PLANES, 2, 24),
    Convolution::new(CONVOLUTION_1_END, SIDE / 2, 24, 2, 48),
    Convolution::new(CONVOLUTION_2_END, SIDE / 4, 48, 1, 64),
];
const CONVOLUTION_1_END: usize = (9 * PLANES + 1) * 24;
const CONVOLUTION_2_END: usize = CONVOLUTION_1_END + (9 * 24 + 1) * 48;
/// The layer over the points.
pub const PATH: Dense = Dense::new(CONVOLUTIONS[2].dense.end(), POINTS * POINT_PARTS, 64);
/// What the last convolution leaves after the largest of each 2 × 2 pixels is taken.
pub const POOLED: usize = CONVOLUTIONS[2].len_out() / 4;
/// Joins map, path and globals.
pub const JOIN: Dense = Dense::new(PATH.end(), POOLED + PATH.outputs + GLOBALS, 80);
/// The last layer.
pub const LAST: Dense = Dense::new(JOIN.end(), JOIN.outputs, OUTPUTS);
/// How many parameters there are.
pub const PARAMETERS: usize = LAST.end();

/// Where the largest of a 2 × 2 block may lie, relative to its first float.
pub fn pool_offsets() -> [usize; 4] {
    let Convolution { side, dense: Dense { outputs, .. }, .. } = CONVOLUTIONS[2];
    [0, outputs, side * outputs, (side + 1) * outputs]
}

/// Calls `pool(out, first)` for each float that pooling writes and the first of its block.
pub fn each_pooled(mut pool: impl FnMut(usize, usize)) {
    let Convolution { side, dense: Dense { outputs, .. }, .. } = CONVOLUTIONS[2];
    for y in 0..side / 2 {
        for x in 0..side / 2 {
            for plane in 0..outputs {
                let first = (2 * y * side + 2 * x) * outputs + plane;
                pool((y * (side / 2) + x) * outputs + plane, first);
            }
        }
    }
}

/// Memory of a forward pass, kept from call to call.
#[derive(Debug, Default)]
pub struct Workspace {
    patches: Vec<f32>,
    planes: [Vec<f32>; 3],
    joined: Vec<f32>,
    hidden: Vec<f32>,
    outputs: Vec<f32>,
}

impl Workspace {
    /// What the layer before the last made of the symbols of the last pass: a row of
    /// [`JOIN`]'s outputs per symbol.
    pub fn hidden(&self) -> &[f32] {
        &self.hidden
    }
}

/// A trained network.
#[derive(Clone, Debug)]
pub struct Network {
    parameters: Vec<f32>,
}

impl Network {
    /// Takes the parameters.
    ///
    /// # Panics
    /// If they are not [`PARAMETERS`].
    pub fn new(parameters: Vec<f32>) -> Self {
        assert_eq!(parameters.len(), PARAMETERS, "the network has another size");
        Self { parameters }
    }

    /// The parameters, layer after layer.
    pub fn parameters(&self) -> &[f32] {
        &self.parameters
    }

    /// Works out the outputs of any number of symbols, each [`features::LEN`] floats: one row of
    /// [`OUTPUTS`] per symbol, not yet probabilities.
    pub fn forward<'w>(&self, symbols: &[f32], work: &'w mut Workspace) -> &'w [f32] {
        let count = symbols.len() / features::LEN;
        work.joined.resize(count * JOIN.inputs, 0.0);
        work.hidden.resize(count * JOIN.outputs, 0.0);
        work.outputs.resize(count * OUTPUTS, 0.0);
        for (i, symbol) in symbols.chunks_exact(features::LEN).enumerate() {
            self.look(symbol, work, i);
        }
        JOIN.forward(&self.parameters, &work.joined, count, &mut work.hidden);
        rectify(&mut work.hidden);
        LAST.forward(&self.parameters, &work.hidden, count, &mut work.outputs);
        &work.outputs[..count * OUTPUTS]
    }

    /// Fills one row of `joined`.
    fn look(&self, symbol: &[f32], work: &mut Workspace, row: usize) {
        for (i, convolution) in CONVOLUTIONS.iter().enumerate() {
            let (done, next) = work.planes.split_at_mut(i);
            let image = done.last().map_or(&symbol[..MAP_LEN], |image| image);
            work.patches.resize(convolution.len_patches(), 0.0);
            convolution.patches(image, &mut work.patches);
            next[0].resize(convolution.len_out(), 0.0);
            let pixels = convolution.pixels_out();
            convolution.dense.forward(&self.parameters, &work.patches, pixels, &mut next[0]);
            rectify(&mut next[0]);
        }
        let joined = &mut work.joined[row * JOIN.inputs..(row + 1) * JOIN.inputs];
        let (last, offsets) = (&work.planes[2], pool_offsets());
        each_pooled(|out, first| {
            joined[out] = offsets.iter().fold(0.0, |most, o| last[first + o].max(most));
        });
        let (points, globals) = symbol[MAP_LEN..].split_at(PATH.inputs);
        let path = &mut joined[POOLED..POOLED + PATH.outputs];
        PATH.forward(&self.parameters, points, 1, path);
        rectify(path);
        joined[POOLED + PATH.outputs..].copy_from_slice(globals);
    }
}

/// Sets what is below zero to zero.
pub fn rectify(values: &mut [f32]) {
    values.iter_mut().for_each(|v| *v = if *v > 0.0 { *v } else { 0.0 });
}
