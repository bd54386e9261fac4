//! What the network sees of a symbol: where ink runs in which direction, the path as points, and a
//! few measures that keep the absolute size, which tells a point from a minus from a one.
//!
//! Never the number of samples nor their times: those tell tablets apart, not symbols.

#[cfg(test)]
mod tests;

/// Side of the square map, in pixels.
pub const SIDE: usize = 24;
/// Planes of the map: eight directions, ink of any direction, and the pen's way in the air.
pub const PLANES: usize = 10;
/// Points along the path.
pub const POINTS: usize = 48;
/// Numbers per point: x, y, cosine and sine of its direction, and whether the pen is up.
pub const POINT_PARTS: usize = 5;
/// Measures of the whole symbol.
pub const GLOBALS: usize = 12;
/// Floats of the map: row after row, the planes of a pixel side by side.
pub const MAP_LEN: usize = SIDE * SIDE * PLANES;
/// All floats of a symbol: map, points, globals.
pub const LEN: usize = MAP_LEN + POINTS * POINT_PARTS + GLOBALS;

const INK: usize = 8;
const AIR: usize = 9;
/// Pixels kept free at each edge of the map.
const MARGIN: f32 = 2.0;
/// A symbol smaller than this part of the writer's size is not blown up to fill the map.
const SMALLEST: f32 = 0.2;
/// Distance of the path's points in the map, pixels.
const STEP: f32 = 0.7;

/// Strokes of one symbol, in any unit, and the writer's usual symbol height in the same unit.
#[derive(Clone, Debug, Default)]
pub struct Glyph {
    /// The points of all strokes.
    pub points: Vec<[f32; 2]>,
    /// Where each stroke ends in `points`.
    pub ends: Vec<usize>,
    /// How tall this writer's symbols usually are; above zero.
    pub size: f32,
}

impl Glyph {
    /// No strokes yet.
    pub fn new(size: f32) -> Self {
        Self { points: Vec::new(), ends: Vec::new(), size }
    }

    /// Takes all strokes out and sets the size.
    pub fn clear(&mut self, size: f32) {
        self.points.clear();
        self.ends.clear();
        self.size = size;
    }

    /// Adds a stroke; one without points is passed over.
    pub fn push(&mut self, points: impl IntoIterator<Item = [f32; 2]>) {
        let before = self.points.len();
        self.points.extend(points);
        if self.points.len() > before {
            self.ends.push(self.points.len());
        }
    }

    /// Adds points to the last stroke.
    pub fn extend_last(&mut self, points: impl IntoIterator<Item = [f32; 2]>) {
        self.ends.pop();
        self.points.extend(points);
        if !self.points.is_empty() {
            self.ends.push(self.points.len());
        }
    }

    /// The strokes in their order.
    pub fn strokes(&self) -> impl Iterator<Item = &[[f32; 2]]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.points[start..*end])
    }

    /// Smallest and largest coordinates; `None` without points.
    pub fn bounds(&self) -> Option<([f32; 2], [f32; 2])> {
        let first = *self.points.first()?;
        Some(self.points.iter().fold((first, first), |(low, high), p| {
            ([low[0].min(p[0]), low[1].min(p[1])], [high[0].max(p[0]), high[1].max(p[1])])
        }))
    }
}

/// Works out the features of `glyph` into `out`, which has [`LEN`] floats; `path` is memory to
/// work in. A glyph without points gives zeros.
pub fn extract(glyph: &Glyph, path: &mut Vec<[f32; 2]>, out: &mut [f32]) {
    out.fill(0.0);
    let Some((low, high)) = glyph.bounds() else { return };
    let (map, rest) = out.split_at_mut(MAP_LEN);
    let (points, globals) = rest.split_at_mut(POINTS * POINT_PARTS);
    let frame = Frame::new(low, high, glyph.size);
    let turning = draw_map(glyph, &frame, path, map);
    let [ink, air] = sample_points(glyph, &frame, points);
    measure(glyph, &frame, [ink, air], turning, globals);
}

/// How the symbol is laid into the map.
struct Frame {
    width: f32,
    height: f32,
    centre: [f32; 2],
    /// The longer side, or the smallest size that is blown up.
    extent: f32,
    /// Pixels per unit, x and y: a narrow symbol is widened somewhat.
    scale: [f32; 2],
}

impl Frame {
    fn new(low: [f32; 2], high: [f32; 2], size: f32) -> Self {
        let (width, height) = (high[0] - low[0], high[1] - low[1]);
        let extent = width.max(height).max(SMALLEST * size).max(f32::MIN_POSITIVE);
        let pixels = (SIDE as f32 - 2.0 * MARGIN) / extent;
        let widened = |side: f32| pixels * (side / extent).max(0.05).powf(-0.3);
        Self {
            width,
            height,
            centre: [(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0],
            extent,
            scale: match width.max(height) < extent {
                true => [pixels; 2],
                false => [widened(width), widened(height)],
            },
        }
    }

    fn pixel(&self, p: [f32; 2]) -> [f32; 2] {
        let half = SIDE as f32 / 2.0;
        [0, 1].map(|axis| (p[axis] - self.centre[axis]) * self.scale[axis] + half)
    }
}

pub(crate) fn length(a: [f32; 2], b: [f32; 2]) -> f32 {
    let (x, y) = (b[0] - a[0], b[1] - a[1]);
    (x * x + y * y).sqrt()
}

/// Draws strokes and the pen's way between them; returns the turning, signed and absolute, in
/// radians.
fn draw_map(glyph: &Glyph, frame: &Frame, path: &mut Vec<[f32; 2]>, map: &mut [f32]) -> [f32; 2] {
    let mut turning = [0.0; 2];
    let mut last: Option<[f32; 2]> = None;
    for stroke in glyph.strokes() {
        walk(stroke.iter().map(|p| frame.pixel(*p)), path);
        if let Some(last) = last {
            draw_air(last, path[0], map);
        }
        let mut before: Option<[f32; 2]> = None;
        let count = path.len();
        for i in 1..count {
            let (a, b) = (path[i - 1], path[i]);
            // The direction is that of a longer chord, so that a coarse grid shows less.
            let (from, to) = (path[i.saturating_sub(2)], path[(i + 1).min(count - 1)]);
            let chord = [to[0] - from[0], to[1] - from[1]];
            let middle = [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0];
            let weight = length(a, b);
            splat_direction(map, middle, chord, weight);
            splat(map, middle, INK, weight);
            if let Some(before) = before {
                let cross = before[0] * chord[1] - before[1] * chord[0];
                let angle = cross.atan2(before[0] * chord[0] + before[1] * chord[1]);
                turning[0] += angle;
                turning[1] += angle.abs();
            }
            before = Some(chord);
        }
        if count == 1 {
            splat(map, path[0], INK, 1.0);
        }
        last = path.last().copied();
    }
    for value in map.iter_mut() {
        *value = value.min(2.0);
    }
    turning
}

/// Points about [`STEP`] apart along a stroke, its ends included.
fn walk(points: impl Iterator<Item = [f32; 2]> + Clone, path: &mut Vec<[f32; 2]>) {
    path.clear();
    let pairs = points.clone().zip(points.clone().skip(1));
    let total: f32 = pairs.clone().map(|(a, b)| length(a, b)).sum();
    path.extend(points.clone().take(1));
    if total <= 1e-6 {
        return;
    }
    let count = (total / STEP).ceil().clamp(1.0, 4_096.0);
    let step = total / count;
    let (mut walked, mut next) = (0.0, step);
    for (a, b) in pairs {
        let part = length(a, b);
        while walked + part >= next && path.len() < count as usize {
            let along = (next - walked) / part;
            path.push([a[0] + (b[0] - a[0]) * along, a[1] + (b[1] - a[1]) * along]);
            next += step;
        }
        walked += part;
    }
    path.extend(points.last());
}

fn draw_air(a: [f32; 2], b: [f32; 2], map: &mut [f32]) {
    let total = length(a, b);
    let count = total.ceil().clamp(1.0, 64.0);
    for i in 0..count as usize {
        let along = (i as f32 + 0.5) / count;
        let p = [a[0] + (b[0] - a[0]) * along, a[1] + (b[1] - a[1]) * along];
        splat(map, p, AIR, total / count);
    }
}

/// Splits a direction between the two planes next to it.
fn splat_direction(map: &mut [f32], p: [f32; 2], chord: [f32; 2], weight: f32) {
    let eighths = chord[1].atan2(chord[0]) / std::f32::consts::FRAC_PI_4 + 8.0;
    let below = eighths.floor();
    let part = eighths - below;
    let plane = below as usize;
    splat(map, p, plane % 8, weight * (1.0 - part));
    splat(map, p, (plane + 1) % 8, weight * part);
}

/// Splits a weight between the four pixels next to a place.
fn splat(map: &mut [f32], p: [f32; 2], plane: usize, weight: f32) {
    let most = SIDE as f32 - 1.001;
    let (x, y) = ((p[0] - 0.5).clamp(0.0, most), (p[1] - 0.5).clamp(0.0, most));
    let (column, row) = (x as usize, y as usize);
    let (right, down) = (x - column as f32, y - row as f32);
    let at = (row * SIDE + column) * PLANES + plane;
    map[at] += weight * (1.0 - right) * (1.0 - down);
    map[at + PLANES] += weight * right * (1.0 - down);
    map[at + SIDE * PLANES] += weight * (1.0 - right) * down;
    map[at + SIDE * PLANES + PLANES] += weight * right * down;
}

/// Points at equal distances along the whole way, in the air too; returns the lengths of ink and
/// of air.
fn sample_points(glyph: &Glyph, frame: &Frame, out: &mut [f32]) -> [f32; 2] {
    let all = &glyph.points;
    let up = |i: usize| glyph.ends.binary_search(&i).is_ok();
    let (mut ink, mut air) = (0.0, 0.0);
    for i in 1..all.len() {
        let part = length(all[i - 1], all[i]);
        if up(i) { air += part } else { ink += part }
    }
    let total: f32 = ink + air;
    let place = |p: [f32; 2]| [0, 1].map(|k| (p[k] - frame.centre[k]) * 2.0 / frame.extent);
    let mut placed = [(place(all[0]), false); POINTS];
    let (mut next, mut walked) = (1, 0.0);
    let step = total / (POINTS - 1) as f32;
    for i in 1..all.len() {
        let (a, b) = (all[i - 1], all[i]);
        let part = length(a, b);
        while next < POINTS && part > 0.0 && walked + part >= step * next as f32 {
            let along = (step * next as f32 - walked) / part;
            let p = [a[0] + (b[0] - a[0]) * along, a[1] + (b[1] - a[1]) * along];
            placed[next] = (place(p), up(i));
            next += 1;
        }
        walked += part;
    }
    let end = (place(all[all.len() - 1]), false);
    placed[next..].fill(end);
    for (i, out) in out.chunks_exact_mut(POINT_PARTS).enumerate() {
        let (from, to) = (placed[i.saturating_sub(1)].0, placed[(i + 1).min(POINTS - 1)].0);
        let chord = length(from, to).max(1e-6);
        let (p, up) = placed[i];
        let direction = [(to[0] - from[0]) / chord, (to[1] - from[1]) / chord];
        out.copy_from_slice(&[p[0], p[1], direction[0], direction[1], f32::from(u8::from(up))]);
    }
    [ink, air]
}

fn measure(glyph: &Glyph, frame: &Frame, [ink, air]: [f32; 2], turning: [f32; 2], out: &mut [f32]) {
    let size = glyph.size.max(f32::MIN_POSITIVE);
    let relative = |side: f32| (side / size).max(1e-3).ln().clamp(-3.5, 1.5);
    let (first, last) = (glyph.points[0], glyph.points[glyph.points.len() - 1]);
    let count = glyph.ends.len();
    let flag = |yes: bool| f32::from(u8::from(yes));
    let sum = (frame.width + frame.height).max(f32::MIN_POSITIVE);
    out.copy_from_slice(&[
        relative(frame.height),
        relative(frame.width),
        relative(frame.width.max(frame.height)),
        (frame.height - frame.width) / sum,
        (ink / frame.extent).min(12.0) * 0.25,
        (air / frame.extent).min(12.0) * 0.25,
        flag(count == 1),
        flag(count == 2),
        flag(count >= 3),
        length(first, last) / frame.extent,
        (turning[0] / std::f32::consts::TAU).clamp(-3.0, 3.0),
        (turning[1] / std::f32::consts::TAU).min(6.0) * 0.5,
    ]);
}
