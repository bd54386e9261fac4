//! A hand: how one person writes symbols and lines of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::handwriting::Writers;
use crate::kinematics::Motion;
use crate::path::{Bounds, Point, curve, resample, rounded};
use crate::random::Random;
use crate::skeleton::{Form, Skeletons};

/// How far apart the points lie when corners are rounded.
const ROUNDING_STEP_UM: f64 = 100.0;

/// One person's way of writing.
#[derive(Clone, Debug)]
pub(crate) struct Hand {
    /// Names the streams from which the person's own forms come.
    name: String,
    seed: u64,
    skeletons: Arc<Skeletons>,
    /// Height of a digit.
    pub(crate) size_um: f64,
    /// Width against the skeleton's.
    aspect: f64,
    /// Shear: to the right at the top.
    slant: f64,
    /// Rise of a line of writing, radians.
    rise: f64,
    /// Up and down of symbols against the line, in heights.
    wander: f64,
    /// White between two symbols, in heights.
    spacing: f64,
    /// Reach of the rounding of corners.
    rounding_um: f64,
    /// How much the same symbol changes from time to time, in heights.
    unsteadiness: f64,
    /// How it moves.
    pub(crate) motion: Motion,
    /// Whose real handwriting it borrows.
    pub(crate) writers: Option<Writers>,
}

/// A symbol as strokes in units of a digit's height; baseline at y = 1, left edge at x = 0.
struct Symbol {
    strokes: Vec<Vec<Point>>,
    writer: Option<String>,
}

/// Writing that has not been put on paper yet, in micrometres, y down.
#[derive(Clone, Debug, Default)]
pub(crate) struct Writing {
    /// Paths in written order.
    pub(crate) strokes: Vec<Vec<Point>>,
    /// Whose handwriting is in it.
    pub(crate) writers: BTreeSet<String>,
}

impl Writing {
    pub(crate) fn bounds(&self) -> Option<Bounds> {
        Bounds::of(self.strokes.iter().flatten())
    }

    /// The same writing, moved.
    pub(crate) fn moved(mut self, dx: f64, dy: f64) -> Self {
        for point in self.strokes.iter_mut().flatten() {
            *point = Point::new(point.x + dx, point.y + dy);
        }
        self
    }

    /// The same writing with the middle of its bounds at `centre`.
    pub(crate) fn centred(self, centre: Point) -> Self {
        let middle = self.bounds().map_or(centre, |bounds| bounds.centre());
        self.moved(centre.x - middle.x, centre.y - middle.y)
    }
}

impl Hand {
    /// The hand of the person `name`.
    pub(crate) fn new(
        seed: u64,
        name: &str,
        skeletons: &Arc<Skeletons>,
        writers: Option<Writers>,
    ) -> Self {
        let mut random = Random::stream(seed, &["hand", name]);
        // Most are neat, a few are not.
        let untidy = random.unit() * random.unit();
        Self {
            name: name.to_owned(),
            seed,
            skeletons: Arc::clone(skeletons),
            size_um: random.around(5300.0, 550.0),
            aspect: random.around(1.05, 0.12),
            slant: random.around(0.06, 0.10),
            rise: random.around(-0.006, 0.018),
            wander: 0.01 + 0.07 * untidy,
            spacing: random.between(0.14, 0.36),
            rounding_um: random.between(100.0, 450.0),
            unsteadiness: 0.008 + 0.028 * untidy,
            motion: Motion {
                speed_mm_s: random.around(34.0, 5.0),
                force: random.around(0.56, 0.09),
                tremor_um: random.between(12.0, 38.0),
            },
            writers,
        }
    }

    /// Writes `text` with digits of this height. The first symbol's left edge lies at x = 0, the
    /// baseline at y = 0. Symbols that nobody drew are left out.
    pub(crate) fn write(&self, text: &str, size_um: f64, random: &mut Random) -> Writing {
        let mut writing = Writing::default();
        let mut x = 0.0;
        let tilt = self.rise + random.around(0.0, 0.006);
        let size_um = size_um * random.around(1.0, 0.03);
        for symbol in text.chars() {
            if symbol == ' ' {
                x += size_um * 0.45;
                continue;
            }
            let Some(shape) = self.symbol(symbol, random) else { continue };
            writing.writers.extend(shape.writer);
            let scale = size_um * random.around(1.0, 0.03);
            let lift = random.around(0.0, self.wander) * size_um;
            let white = (self.spacing + random.around(0.0, 0.05)).max(0.04) * size_um;
            let mut right = x;
            for stroke in shape.strokes {
                let path: Vec<Point> = stroke
                    .iter()
                    .map(|p| {
                        let (px, py) = (x + p.x * scale, (p.y - 1.0) * scale + lift);
                        Point::new(px, py + px * tilt)
                    })
                    .collect();
                right = path.iter().fold(right, |right, p| right.max(p.x));
                writing.strokes.push(self.round(&path));
            }
            // A point needs room, or it is lost under its neighbour.
            x = right + if symbol == '.' { white.max(0.18 * size_um) } else { white };
        }
        writing
    }

    /// Corners as this hand rounds them; real handwriting has its own.
    fn round(&self, path: &[Point]) -> Vec<Point> {
        if self.writers.is_some() {
            return path.to_vec();
        }
        let reach = (self.rounding_um / ROUNDING_STEP_UM).round() as usize;
        rounded(&resample(path, ROUNDING_STEP_UM), reach)
    }

    /// One symbol, real where this hand borrows it, else drawn.
    fn symbol(&self, symbol: char, random: &mut Random) -> Option<Symbol> {
        if let Some((strokes, writer)) =
            self.writers.as_ref().and_then(|writers| writers.draw(symbol, random))
        {
            return Some(Symbol { strokes, writer: Some(writer) });
        }
        let strokes = self.drawn(symbol, random)?;
        Some(Symbol { strokes, writer: None })
    }

    /// A symbol from the skeletons: the person's own form of it, a little different every time.
    fn drawn(&self, symbol: char, random: &mut Random) -> Option<Vec<Vec<Point>>> {
        let mut own =
            Random::stream(self.seed, &["form", &self.name, symbol.encode_utf8(&mut [0; 4])]);
        let forms = self.skeletons.forms(symbol);
        let habit = own.weighted(forms, |form: &Form| form.share)?;
        let form = if random.chance(0.05) { random.below(forms.len()) } else { habit };
        let turn = random.around(0.0, 0.02);
        let strokes = forms[form].strokes.iter().map(|knots| {
            let mut knots = knots.clone();
            // Neighbouring knots err together, or curves would turn into polygons.
            let mut off = Point::default();
            for knot in &mut knots {
                let mut err = |before: f64| {
                    0.7 * before + own.around(0.0, 0.018) + random.around(0.0, self.unsteadiness)
                };
                off = Point::new(err(off.x), err(off.y));
                let (x, y) = (knot.at.x * self.aspect + off.x, knot.at.y + off.y);
                knot.at = Point::new(x + (self.slant - turn) * (1.0 - y), y + turn * x);
            }
            curve(&knots)
        });
        let mut strokes: Vec<Vec<Point>> = strokes.collect();
        let left = Bounds::of(strokes.iter().flatten())?.left;
        strokes.iter_mut().flatten().for_each(|p| p.x -= left);
        Some(strokes)
    }
}
