//! One stroke as a few polylines of constant width.

/// A sample on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Micrometres from the page's left edge.
    pub x_um: i32,
    /// Micrometres from the page's top edge, downwards.
    pub y_um: i32,
    /// 0 to 65,535.
    pub force: u16,
}

/// Micrometres per unit of a drawing: whole hundredths of a millimetre suffice.
pub const UNIT_UM: i32 = 10;

/// Widths that are told apart, from the lightest to the heaviest.
pub const WIDTHS: u8 = 6;

/// How far the drawn line may lie from the written one, in units: 0.03 mm, a tenth of a pixel on a
/// page 800 pixels wide.
const TOLERANCE: f32 = 3.0;

/// A polyline of one width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Below [`WIDTHS`].
    pub width: u8,
    /// At least one, in units.
    pub points: Vec<(i32, i32)>,
}

/// A stroke, simplified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// At least one; each begins where the one before ended.
    runs: Vec<Run>,
}

impl Line {
    /// Simplifies a stroke; `None` where it has no sample.
    pub fn new(points: &[Point]) -> Option<Self> {
        let at = |p: &Point| (p.x_um / UNIT_UM, p.y_um / UNIT_UM);
        let first = points.first()?;
        let kept = simplify(points);
        let widths = widths(points);
        let mut runs: Vec<Run> = Vec::new();
        if points.len() == 1 {
            runs.push(Run { width: widths[0], points: vec![at(first)] });
        }
        for pair in kept.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let width = widths[usize::midpoint(from, to)];
            match runs.last_mut() {
                Some(run) if run.width == width => run.points.push(at(&points[to])),
                _ => runs.push(Run { width, points: vec![at(&points[from]), at(&points[to])] }),
            }
        }
        Some(Self { runs })
    }

    /// From runs that each begin where the one before ended; `None` where they do not.
    pub fn of_runs(runs: Vec<Run>) -> Option<Self> {
        let sound = |run: &Run| run.width < WIDTHS && !run.points.is_empty();
        let joined = |pair: &[Run]| pair[0].points.last() == pair[1].points.first();
        let sound = !runs.is_empty() && runs.iter().all(sound) && runs.windows(2).all(joined);
        sound.then_some(Self { runs })
    }

    /// At least one; each begins where the one before ended.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }
}

/// The width of each sample, from its force smoothed over five samples.
fn widths(points: &[Point]) -> Vec<u8> {
    (0..points.len())
        .map(|i| {
            let near = &points[i.saturating_sub(2)..points.len().min(i + 3)];
            let sum: u32 = near.iter().map(|p| u32::from(p.force)).sum();
            // A slice around `i` is never empty; 65,535 · 6 fits, and the quotient is below 6.
            let mean = sum / near.len() as u32;
            (mean * u32::from(WIDTHS) / 65_536) as u8
        })
        .collect()
}

/// Longer strokes are simplified piece by piece, with the pieces' ends kept: the work grows with the
/// square of a piece's length, and a pen that is never lifted writes a stroke of hours.
const PIECE_SAMPLES_MAX: usize = 256;

/// Which samples suffice (Douglas and Peucker, 1973): the line through them is nowhere further
/// than [`TOLERANCE`] from the others.
fn simplify(points: &[Point]) -> Vec<usize> {
    let last = points.len() - 1;
    let mut keep = vec![false; points.len()];
    let ends: Vec<usize> =
        (0..last).step_by(PIECE_SAMPLES_MAX).chain(std::iter::once(last)).collect();
    ends.iter().for_each(|&end| keep[end] = true);
    let mut open: Vec<(usize, usize)> = ends.windows(2).map(|pair| (pair[0], pair[1])).collect();
    while let Some((from, to)) = open.pop() {
        let furthest = (from + 1..to)
            .map(|i| (i, distance(&points[i], &points[from], &points[to])))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((middle, distance)) = furthest
            && distance > TOLERANCE
        {
            keep[middle] = true;
            open.push((from, middle));
            open.push((middle, to));
        }
    }
    keep.iter().enumerate().filter(|(_, keep)| **keep).map(|(i, _)| i).collect()
}

/// From a point to a line segment, in units.
fn distance(p: &Point, a: &Point, b: &Point) -> f32 {
    let unit = UNIT_UM as f32;
    // Differences of any two places fit an i64 only.
    let along = |to: i32, from: i32| (i64::from(to) - i64::from(from)) as f32 / unit;
    let (px, py) = (along(p.x_um, a.x_um), along(p.y_um, a.y_um));
    let (dx, dy) = (along(b.x_um, a.x_um), along(b.y_um, a.y_um));
    let length2 = dx * dx + dy * dy;
    let along = if length2 > 0.0 { ((px * dx + py * dy) / length2).clamp(0.0, 1.0) } else { 0.0 };
    (px - along * dx).hypot(py - along * dy)
}
