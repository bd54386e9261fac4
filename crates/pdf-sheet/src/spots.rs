//! Where on a page an answer might be written: boxes, lines to write on, and room between brackets.
//!
//! All of it is guessed from what the page draws, and a person chooses among it.

mod cells;

use std::collections::BTreeMap;

use hayro_interpret::kurbo::{BezPath, PathEl, Point, Rect, Shape as _};

use crate::path::upright_rect;
use cells::cells;

/// What makes a spot one to write on.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// A closed box or circle, or a cell of a table.
    Box,
    /// A line, written on above it.
    Line,
    /// Room between two brackets.
    Bracket,
}

/// A place where an answer might be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Spot {
    /// What makes it one.
    pub shape: Shape,
    /// Where it is, page micrometres.
    pub rect: worksheet::Rect,
}

/// The most spots of a page, and the most straight lines among which they are sought.
const SPOTS_MAX: usize = 600;
const LINES_MAX: usize = 3_000;
/// Lines that are so near, in millimetres, meet.
const NEAR: f64 = 0.6;
/// A filled shape that is not thicker is a line.
const THICK: f64 = 0.9;
/// The smallest box, and how much of a page the largest may take.
const BOX_MIN: (f64, f64) = (4.0, 3.5);
const BOX_SHARE_MAX: f64 = 0.7;
/// How long a line to write on is at least and at most.
const LINE_MM: std::ops::RangeInclusive<f64> = 8.0..=185.0;
/// How high the room above such a line is at most, and at least.
const ABOVE_MAX: f64 = 10.0;
const ABOVE_MIN: f64 = 5.0;
/// Room between brackets: how wide at least, and how high.
const BRACKET_MIN: f64 = 4.5;
const BRACKET_HIGH: f64 = 8.5;

/// A straight line along one of the page's edges, millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Line {
    /// Its place across: y of a level line, x of an upright one.
    at: f64,
    from: f64,
    to: f64,
}

/// A printed character.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Letter {
    pub(crate) letter: char,
    /// Around its ink; its place without an area where it has none.
    pub(crate) bounds: Rect,
}

/// What spots are found among, in millimetres.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    level: Vec<Line>,
    upright: Vec<Line>,
    boxes: Vec<Rect>,
    letters: Vec<Letter>,
}

impl Marks {
    pub(crate) fn letter(&mut self, letter: Letter) {
        let Rect { x0, x1, y1, .. } = letter.bounds;
        // Lines are often written as a row of such letters.
        if matches!(letter.letter, '_' | '＿') {
            self.level.push(Line { at: y1, from: x0, to: x1 });
        } else if self.letters.len() < 50_000 {
            self.letters.push(letter);
        }
    }

    /// A drawn outline: a closed one with round corners is a box, and the straight pieces of others are
    /// lines.
    pub(crate) fn stroked(&mut self, path: &BezPath) {
        for piece in pieces(path) {
            if piece.is_curved && piece.is_closed && is_full(&piece.path) {
                self.boxes.push(piece.path.bounding_box());
                continue;
            }
            for two in piece.corners.windows(2) {
                self.straight(two[0], two[1]);
            }
        }
    }

    /// A filled shape: a thin one is a line, and two around each other are a frame.
    pub(crate) fn filled(&mut self, path: &BezPath) {
        let pieces = pieces(path);
        let is_frame = pieces.len() == 2;
        for piece in pieces {
            let bounds = piece.path.bounding_box();
            let is_upright = upright_rect(&piece.path).is_some() || piece.is_trapezium();
            if is_upright && bounds.height() <= THICK && bounds.width() > bounds.height() {
                let at = bounds.center().y;
                self.level.push(Line { at, from: bounds.x0, to: bounds.x1 });
            } else if is_upright && bounds.width() <= THICK {
                let at = bounds.center().x;
                self.upright.push(Line { at, from: bounds.y0, to: bounds.y1 });
            } else if is_frame && is_full(&piece.path) {
                self.boxes.push(bounds);
            }
        }
    }

    fn straight(&mut self, one: Point, other: Point) {
        let (dx, dy) = ((one.x - other.x).abs(), (one.y - other.y).abs());
        if dy < 0.15 && dx > 1.0 {
            let at = (one.y + other.y) / 2.0;
            self.level.push(Line { at, from: one.x.min(other.x), to: one.x.max(other.x) });
        } else if dx < 0.15 && dy > 1.0 {
            let at = (one.x + other.x) / 2.0;
            self.upright.push(Line { at, from: one.y.min(other.y), to: one.y.max(other.y) });
        }
    }
}

/// One stretch of a path that is drawn without lifting.
struct PathPiece {
    path: BezPath,
    /// The ends of its straight lines and curves.
    corners: Vec<Point>,
    is_curved: bool,
    is_closed: bool,
}

impl PathPiece {
    /// Whether it has four corners and two level or two upright sides, as edges of frames that meet
    /// at a slant have.
    fn is_trapezium(&self) -> bool {
        !self.is_curved && matches!(self.corners.len(), 4 | 5) && {
            let level = |two: &[Point]| (two[0].y - two[1].y).abs() < 0.02;
            let upright = |two: &[Point]| (two[0].x - two[1].x).abs() < 0.02;
            let sides = || self.corners.windows(2);
            sides().filter(|two| level(two)).count() >= 2
                || sides().filter(|two| upright(two)).count() >= 2
        }
    }
}

fn pieces(path: &BezPath) -> Vec<PathPiece> {
    let mut pieces: Vec<PathPiece> = Vec::new();
    for element in path.elements() {
        if let PathEl::MoveTo(to) = *element {
            let (path, corners) = (BezPath::from_vec(vec![*element]), vec![to]);
            pieces.push(PathPiece { path, corners, is_curved: false, is_closed: false });
            continue;
        }
        let Some(piece) = pieces.last_mut() else { continue };
        piece.path.push(*element);
        match *element {
            PathEl::LineTo(to) => piece.corners.push(to),
            PathEl::QuadTo(_, to) | PathEl::CurveTo(_, _, to) => {
                piece.is_curved = true;
                piece.corners.push(to);
            }
            PathEl::ClosePath => {
                piece.is_closed = true;
                piece.corners.push(piece.corners[0]);
            }
            PathEl::MoveTo(_) => {}
        }
    }
    for piece in &mut pieces {
        let [first, .., last] = *piece.corners.as_slice() else { continue };
        piece.is_closed |= first.distance(last) < 0.05;
    }
    pieces
}

/// Whether a shape fills the upright box around it, as boxes with round corners and circles do.
fn is_full(path: &BezPath) -> bool {
    let bounds = path.bounding_box();
    bounds.area() > 0.0 && path.area().abs() / bounds.area() >= 0.75
}

/// The spots of a page of that size, micrometres, whose marks are made smaller by `scale`.
pub(crate) fn spots(marks: &Marks, scale: f64, (width_um, height_um): (i32, i32)) -> Vec<Spot> {
    let page = (f64::from(width_um) / 1e3 / scale, f64::from(height_um) / 1e3 / scale);
    let (level, upright) = (joined(&marks.level), joined(&marks.upright));
    let mut found: Vec<(Shape, Rect)> = Vec::new();
    let mut boxes: Vec<Rect> = Vec::new();
    for rect in cells(&level, &upright).into_iter().chain(marks.boxes.iter().copied()) {
        let is_sized = rect.width() >= BOX_MIN.0
            && rect.height() >= BOX_MIN.1
            && rect.area() <= page.0 * page.1 * BOX_SHARE_MAX;
        if is_sized && !boxes.iter().any(|other| is_same(other, &rect)) {
            boxes.push(rect);
        }
    }
    found.extend(boxes.iter().filter(|rect| has_room(rect, marks)).map(|rect| (Shape::Box, *rect)));
    let lines = level.iter().filter(|line| !touches(line, &upright));
    found.extend(lines.filter_map(|line| Some((Shape::Line, above(line, &level, marks)?))));
    found.extend(brackets(&marks.letters).into_iter().map(|rect| (Shape::Bracket, rect)));
    let mut spots: Vec<Spot> = found
        .into_iter()
        .filter_map(|(shape, rect)| {
            let rect = rect.intersect(Rect::new(0.0, 0.0, page.0, page.1));
            let um = |mm: f64| (mm * scale * 1e3).round() as i32;
            let (x_um, y_um) = (um(rect.x0), um(rect.y0));
            let (right_um, low_um) = (um(rect.x1).min(width_um), um(rect.y1).min(height_um));
            let (width_um, height_um) = (right_um - x_um, low_um - y_um);
            let rect = worksheet::Rect { x_um, y_um, width_um, height_um };
            (width_um > 0 && height_um > 0).then_some(Spot { shape, rect })
        })
        .collect();
    // As one reads: rows from the top, each from the left.
    spots.sort_by_key(|spot| (spot.rect.y_um / 4_000, spot.rect.x_um, spot.rect.y_um));
    spots.truncate(SPOTS_MAX);
    spots
}

fn is_same(one: &Rect, other: &Rect) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() < 1.2;
    near(one.x0, other.x0)
        && near(one.y0, other.y0)
        && near(one.x1, other.x1)
        && near(one.y1, other.y1)
}

/// Lines that go on from one another as one, sorted by their place.
fn joined(lines: &[Line]) -> Vec<Line> {
    // By tenths of a millimetre, so that what a program drew in pieces lies together.
    let mut rows: BTreeMap<i64, Vec<Line>> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.at.is_finite() && line.to.is_finite()) {
        let row = (line.at * 2.5).round() as i64;
        // A row is as wide as two lines that meet may differ.
        let row = [row, row - 1, row + 1]
            .into_iter()
            .find(|row| rows.get(row).is_some_and(|there| (there[0].at - line.at).abs() < 0.35));
        let row = row.unwrap_or((line.at * 2.5).round() as i64);
        rows.entry(row).or_default().push(*line);
    }
    let mut out: Vec<Line> = Vec::new();
    for mut row in rows.into_values() {
        row.sort_by(|a, b| a.from.total_cmp(&b.from));
        let mut whole: Option<Line> = None;
        for line in row {
            whole = Some(match whole {
                Some(before) if line.from <= before.to + NEAR => {
                    Line { to: before.to.max(line.to), ..before }
                }
                Some(before) => {
                    out.push(before);
                    line
                }
                None => line,
            });
        }
        out.extend(whole);
    }
    out.retain(|line| line.to - line.from >= 2.0);
    out.truncate(LINES_MAX);
    out.sort_by(|a, b| a.at.total_cmp(&b.at));
    out
}

/// Whether an upright line meets a level one: then it is the edge of something.
fn touches(level: &Line, upright: &[Line]) -> bool {
    upright.iter().any(|line| {
        (level.from - NEAR..=level.to + NEAR).contains(&line.at)
            && (line.from - NEAR..=line.to + NEAR).contains(&level.at)
    })
}

/// Whether print leaves a box room for an answer: less than half of its width is printed on.
fn has_room(rect: &Rect, marks: &Marks) -> bool {
    let within = marks.letters.iter().filter(|letter| rect.contains(letter.bounds.center()));
    let printed: f64 = within.map(|letter| letter.bounds.width()).sum();
    printed < rect.width() * 0.5
}

/// The room above a line, if it is one to write on.
fn above(line: &Line, level: &[Line], marks: &Marks) -> Option<Rect> {
    let length = line.to - line.from;
    if !LINE_MM.contains(&length) {
        return None;
    }
    let over = |from: f64, to: f64| (to.min(line.to) - from.max(line.from)).max(0.0);
    let mut top = line.at - ABOVE_MAX;
    for other in level.iter().filter(|other| other.at < line.at - NEAR) {
        if over(other.from, other.to) > 1.0 {
            top = top.max(other.at + 0.3);
        }
    }
    let mut printed = 0.0;
    for letter in &marks.letters {
        let Rect { x0, x1, y0, y1 } = letter.bounds;
        let width = over(x0, x1);
        if width <= 0.0 || y0 > line.at {
            continue;
        }
        if y1 > line.at - ABOVE_MIN {
            printed += width;
        } else {
            top = top.max(y1 + 0.3);
        }
    }
    // Print on a line makes it an underline of that print.
    let room = line.at - top;
    (printed < length * 0.2 && room >= ABOVE_MIN)
        .then(|| Rect::new(line.from, top, line.to, line.at))
}

/// Room between an opening bracket and the closing one on its line, with nothing printed between.
fn brackets(letters: &[Letter]) -> Vec<Rect> {
    let is_ink = |letter: &&Letter| !letter.letter.is_whitespace() && letter.bounds.width() > 0.0;
    let opening = letters.iter().filter(|letter| matches!(letter.letter, '(' | '（'));
    let mut out = Vec::new();
    for open in opening.take(1_000) {
        let middle = open.bounds.center().y;
        let on_line = |letter: &&Letter| {
            (letter.bounds.y0..=letter.bounds.y1).contains(&middle)
                && letter.bounds.x0 >= open.bounds.x1 - 0.1
        };
        let next = letters.iter().filter(is_ink).filter(on_line);
        let next = next.min_by(|a, b| a.bounds.x0.total_cmp(&b.bounds.x0));
        let Some(close) = next.filter(|letter| matches!(letter.letter, ')' | '）')) else {
            continue;
        };
        let (from, to) = (open.bounds.x1, close.bounds.x0);
        if to - from >= BRACKET_MIN {
            let half = BRACKET_HIGH / 2.0;
            out.push(Rect::new(from, middle - half, to, middle + half));
        }
    }
    out
}

#[cfg(test)]
mod tests;
