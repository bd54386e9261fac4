//! The kernel: one capsule after another, blended into the picture by maximum.

use crate::coverage::Coverage;

/// A place in the picture, in pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    pub(crate) x: f32,
    pub(crate) y: f32,
}

/// The points whose distance from the segment is below a radius that changes evenly along it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Capsule {
    a: Point,
    dx: f32,
    dy: f32,
    /// 1 / length², or 0 for a dot, whose every point is nearest to `a`.
    inverse: f32,
    radius_a: f32,
    radius_d: f32,
}

impl Capsule {
    pub(crate) fn new(a: Point, b: Point, radius_a: f32, radius_b: f32) -> Self {
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let length2 = dx * dx + dy * dy;
        let inverse = if length2 > 1e-6 { 1.0 / length2 } else { 0.0 };
        Self { a, dx, dy, inverse, radius_a, radius_d: radius_b - radius_a }
    }

    /// How far from the segment its coverage reaches.
    fn reach(&self) -> f32 {
        larger(self.radius_a, self.radius_a + self.radius_d) + 0.5
    }
}

/// Pixels computed at once: two AVX2 registers, four of SSE2.
const LANES: usize = 16;

/// Blends `capsules` into `picture`, whose data has its size.
pub(crate) fn blend(capsules: &[Capsule], picture: &mut Coverage) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        #[expect(
            unsafe_code,
            reason = "the wider registers are worth 2x, and were just detected"
        )]
        // SAFETY: the only condition is that the processor has AVX2.
        return unsafe { blend_avx2(capsules, picture) };
    }
    blend_plain(capsules, picture);
}

/// The same source as [`blend_plain`], compiled for wider registers.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn blend_avx2(capsules: &[Capsule], picture: &mut Coverage) {
    blend_plain(capsules, picture);
}

#[inline(always)]
fn blend_plain(capsules: &[Capsule], picture: &mut Coverage) {
    for capsule in capsules {
        blend_one(capsule, picture);
    }
}

#[inline(always)]
fn blend_one(capsule: &Capsule, picture: &mut Coverage) {
    let (a, reach) = (capsule.a, capsule.reach());
    let b = Point { x: a.x + capsule.dx, y: a.y + capsule.dy };
    let (left, right) = pixels(smaller(a.x, b.x) - reach, larger(a.x, b.x) + reach, picture.width);
    let (top, bottom) = pixels(smaller(a.y, b.y) - reach, larger(a.y, b.y) + reach, picture.height);
    if left >= right {
        return;
    }
    let narrow = right - left > 2 * LANES && capsule.dy.abs() > 1e-3;
    for y in top..bottom {
        let py = y as f32 + 0.5;
        let (from, to) = if narrow { near(capsule, py, left, right) } else { (left, right) };
        if from >= to {
            continue;
        }
        let start = y * picture.width;
        let row = &mut picture.data[start + from..start + to];
        let mut px = from as f32 + 0.5 - a.x;
        let mut blocks = row.chunks_exact_mut(LANES);
        for block in &mut blocks {
            let values = coverage(capsule, px, py - a.y);
            for (pixel, value) in block.iter_mut().zip(values) {
                *pixel = (*pixel).max(value);
            }
            px += LANES as f32;
        }
        let rest = blocks.into_remainder();
        if !rest.is_empty() {
            let values = coverage(capsule, px, py - a.y);
            for (pixel, value) in rest.iter_mut().zip(values) {
                *pixel = (*pixel).max(value);
            }
        }
    }
}

/// Coverage of `LANES` pixels in a row, the first with its centre at (`px`, `py`) from `a`.
#[inline(always)]
fn coverage(capsule: &Capsule, px: f32, py: f32) -> [u8; LANES] {
    let mut values = [0u8; LANES];
    for (lane, value) in values.iter_mut().enumerate() {
        let px = px + lane as f32;
        let along = (px * capsule.dx + py * capsule.dy) * capsule.inverse;
        let along = smaller(larger(along, 0.0), 1.0);
        let (ex, ey) = (px - along * capsule.dx, py - along * capsule.dy);
        let distance = (ex * ex + ey * ey).sqrt();
        let inside = capsule.radius_a + along * capsule.radius_d - distance + 0.5;
        let shade = smaller(larger(inside, 0.0), 1.0) * 255.0;
        // Adding 2^23 rounds and leaves the whole number in the low bits; a cast would saturate,
        // which does not vectorize.
        *value = (shade + 8_388_608.0).to_bits() as u8;
    }
    values
}

/// The columns of row `py` within reach of the capsule: a long slanting stroke has a large box and
/// few pixels in it.
#[inline(always)]
fn near(capsule: &Capsule, py: f32, left: usize, right: usize) -> (usize, usize) {
    let reach = capsule.reach();
    let at = |y: f32| smaller(larger((y - capsule.a.y) / capsule.dy, 0.0), 1.0) * capsule.dx;
    let (p, q) = (at(py - reach), at(py + reach));
    let (from, to) =
        pixels(capsule.a.x + smaller(p, q) - reach, capsule.a.x + larger(p, q) + reach, right);
    (from.max(left), to)
}

/// The pixels whose centres lie between two coordinates, cut to `0..size`.
#[inline(always)]
fn pixels(from: f32, to: f32, size: usize) -> (usize, usize) {
    // Casts of floats saturate, so that far coordinates end at the picture's edges.
    ((from - 0.5).ceil() as usize, ((to + 0.5).floor() as usize).min(size))
}

/// `f32::max` without its care for NaN, which costs three instructions: here nothing is NaN.
#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

#[inline(always)]
fn smaller(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}
