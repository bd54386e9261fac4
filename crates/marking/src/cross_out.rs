//! What a pupil took back: scribbles, strikes, slashes, crosses and brackets over what was written
//! before.

use worksheet::PagePoint;

use crate::bounds::Bounds;
use crate::brackets::bracketed;
use crate::foot::{is_at_foot, is_foot_of_one};
use crate::overwritten::overwrites;
use crate::placed::{Placed, distance_um};

mod slash;
#[cfg(test)]
mod tests;

use slash::{Slash, slash};

/// The ink of one answer, parted into what counts and what was taken back. Numbers are positions
/// in the answer's strokes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sorted {
    /// What stands, in written order.
    pub(crate) live: Vec<usize>,
    /// What was crossed out, and what it was crossed out with.
    pub(crate) superseded: Vec<usize>,
    /// How often something was crossed out.
    pub(crate) rewrites: u32,
    /// Something was written over something else, and neither is clearly a cross-out.
    pub(crate) overwritten: bool,
}

/// The share of a symbol's box that ink must cover to take it back.
const COVER: f64 = 0.6;
/// A scribble turns back at least this often and is this much longer than its box's diagonal; an
/// `8` or the bows of a `B` turn three times and come to 2.85: an `8` of two circles of diameter d
/// is 2πd long, in a box of d × 2d.
const SCRIBBLE_TURNS: usize = 3;
const SCRIBBLE_LENGTH: f64 = 3.2;
/// Over two symbols or more, a stroke takes back from these on: no symbol goes over two others.
const ZIGZAG_TURNS: usize = 2;
const ZIGZAG_LENGTH: f64 = 1.7;
/// A line through two symbols may wave this much.
const WAVE: f64 = 0.45;
/// Straight enough for a strike: a hand's line is not a ruler's.
pub(crate) const STRAIGHT: f64 = 0.9;
/// Lines shorter than this strike nothing, by themselves or with others.
const STRIKE_UM_MIN: i64 = 2_500;
const LINE_UM_MIN: f64 = 1_000.0;
/// Strokes as near as this may be one symbol, as the legs of an `A` are.
const TOUCH_UM: i64 = 300;
/// A cross-out goes on while the pen stays there and rests no longer than this.
const GOES_ON_MS: i64 = 1_500;
/// More of a cross-out lies on it: this share of a line, and of a scribble.
const LINE_INSIDE: f64 = 0.5;
const SCRIBBLE_INSIDE: f64 = 0.8;
/// Symbols narrower than this are as wide as this: no pen covers a `1` of no width.
const WIDTH_UM_MIN: i64 = 1_000;
/// More strokes than any answer has: such ink is not sorted out but left to a person.
pub(crate) const STROKES_MAX: usize = 120;

/// Sorts the strokes of one answer, ordered by time. In a number, lines and shapes that belong to
/// no digit tell more than among letters and signs.
pub(crate) fn sort_out(strokes: &[&Placed<'_>], number: bool) -> Sorted {
    let mut sorted = Sorted::default();
    let mut last: Option<CrossOut> = None;
    // Strokes over others of which nobody can tell what they are; harmless if crossed out later.
    let mut doubtful: Vec<usize> = Vec::new();
    // Single lines and shapes that took something back.
    let mut by_lines: Vec<usize> = Vec::new();
    // What a line over several symbols left of those written before it.
    let mut partly: Vec<usize> = Vec::new();
    for (index, stroke) in strokes.iter().enumerate() {
        let more = last.as_mut().is_some_and(|cross_out| cross_out.goes_on(stroke));
        let symbols = symbols(&sorted.live, strokes);
        let follows =
            index.checked_sub(1).is_some_and(|before| sorted.superseded.contains(&before));
        let in_run = follows && last.as_ref().is_some_and(|last| last.just_before(stroke))
            || slash::is_doubted_before(index, strokes, &doubtful);
        let (hit, doubt) = taken_back(index, strokes, &symbols, number, in_run);
        if hit.is_empty() {
            if more {
                sorted.superseded.push(index);
                continue;
            }
            if doubt || overwrites(stroke, &symbols, strokes, number) {
                doubtful.push(index);
            }
            sorted.live.push(index);
            continue;
        }
        // Unwrap safety: not empty, so there is an area.
        let area = hit.iter().map(|s| s.bounds).reduce(Bounds::union).unwrap_or(stroke.bounds);
        let mut taken: Vec<usize> = hit.iter().flat_map(|s| s.strokes.iter().copied()).collect();
        taken.extend(slash::doubted_before(index, strokes, &symbols, &doubtful));
        if !is_clear(stroke, hit.len())
            && !run_of_lines(index, strokes).any(|line| line != index && taken.contains(&line))
        {
            by_lines.push(index);
        }
        let leaves = |live: &usize| *live < index && !taken.contains(live);
        if number && hit.len() >= 2 && !is_clear(stroke, hit.len()) {
            partly.extend(sorted.live.iter().copied().filter(leaves));
        }
        take_back(&mut sorted, &taken);
        sorted.superseded.push(index);
        last = Some(CrossOut { area: area.union(stroke.bounds), end_ms: stroke.end_ms });
    }
    if let Some(taken) = bracketed(&sorted.live, strokes) {
        take_back(&mut sorted, &taken);
    }
    sorted.superseded.sort_unstable();
    sorted.superseded.dedup();
    sorted.overwritten = doubtful.iter().chain(&partly).any(|index| sorted.live.contains(index))
        || number && by_lines.iter().any(|line| are_left(&sorted.live, *line));
    sorted
}

/// Whether a stroke is a scribble over one symbol, or a zig-zag over several, that no digit drawn
/// again comes to.
fn is_clear(stroke: &Placed<'_>, symbols: usize) -> bool {
    let (turns, length) = (stroke.reversals(), length_to_diagonal(stroke));
    turns > SCRIBBLE_TURNS && length >= SCRIBBLE_LENGTH
        || symbols >= 2 && turns > ZIGZAG_TURNS && length >= ZIGZAG_LENGTH
}

/// Whether only what was written before a line or shape stands: it took a part of a number away, and
/// nothing came instead.
fn are_left(live: &[usize], line: usize) -> bool {
    live.last().is_some_and(|last| *last < line)
}

fn take_back(sorted: &mut Sorted, taken: &[usize]) {
    sorted.live.retain(|live| !taken.contains(live));
    sorted.superseded.extend(taken);
    sorted.rewrites += 1;
}

/// The symbols that a stroke takes back, and whether it may take back something all the same.
fn taken_back<'s>(
    index: usize,
    strokes: &[&Placed<'_>],
    symbols: &'s [Symbol],
    number: bool,
    in_run: bool,
) -> (Vec<&'s Symbol>, bool) {
    let stroke = strokes[index];
    let (level, mut doubt) = struck(stroke, symbols, number);
    let surely = [scribbled(stroke, symbols), level, run_through(stroke, symbols, number)];
    if let Some(hit) = surely.into_iter().find(|hit| !hit.is_empty()) {
        return (hit, false);
    }
    match slash(stroke, symbols, strokes, number, in_run) {
        Slash::Through(symbol) => return (vec![symbol], false),
        Slash::Perhaps => doubt = true,
        Slash::None => {}
    }
    let mut hit = crossed(index, strokes, symbols);
    if number && !hit.is_empty() {
        // What these lines go through besides is crossed out with it.
        let lines = run_of_lines(index, strokes);
        hit = symbols
            .iter()
            .filter(|symbol| {
                hit.iter().any(|s| s.strokes == symbol.strokes)
                    || lines.clone().any(|i| {
                        !symbol.strokes.contains(&i)
                            && slash::enters(strokes[i], symbol, strokes, true)
                    })
            })
            .collect();
    }
    (hit, doubt)
}

/// A cross-out that the pen may not have finished.
struct CrossOut {
    area: Bounds,
    end_ms: i64,
}

impl CrossOut {
    /// Whether `stroke` follows at once.
    fn just_before(&self, stroke: &Placed<'_>) -> bool {
        stroke.start_ms.saturating_sub(self.end_ms) <= GOES_ON_MS
    }

    /// Whether `stroke` is more of the same: at once, in the same place, and a line or a scribble.
    fn goes_on(&mut self, stroke: &Placed<'_>) -> bool {
        let (line, area) = (stroke.bounds, self.area);
        let inside = stroke.share_inside(area.grown(500));
        let long = 2 * line.extent() >= area.width() || 5 * line.height() >= 3 * area.height();
        let more = self.just_before(stroke)
            && (stroke.straightness() >= STRAIGHT && long && inside >= LINE_INSIDE
                || stroke.reversals() + 1 >= SCRIBBLE_TURNS && inside >= SCRIBBLE_INSIDE);
        if more {
            self.end_ms = stroke.end_ms;
        }
        more
    }
}

/// Strokes that stand over each other: a symbol, or touching symbols.
#[derive(Clone, Debug)]
pub(crate) struct Symbol {
    pub(crate) strokes: Vec<usize>,
    pub(crate) bounds: Bounds,
}

/// Groups `live` strokes into symbols from left to right.
pub(crate) fn symbols(live: &[usize], strokes: &[&Placed<'_>]) -> Vec<Symbol> {
    let mut by_x: Vec<usize> = live.to_vec();
    by_x.sort_by_key(|i| (strokes[*i].bounds.left, *i));
    let mut symbols: Vec<Symbol> = Vec::new();
    for index in by_x {
        let bounds = strokes[index].bounds;
        match symbols.last_mut() {
            Some(last) if overlap(last.bounds, bounds) => {
                last.strokes.push(index);
                last.bounds = last.bounds.union(bounds);
            }
            _ => symbols.push(Symbol { strokes: vec![index], bounds }),
        }
    }
    symbols
}

/// Whether two boxes share three tenths of the narrower one's width.
pub(crate) fn overlap(a: Bounds, b: Bounds) -> bool {
    let narrower = a.width().min(b.width()).max(300);
    -a.gap_x(b) * 10 >= narrower * 3 || (a.gap_x(b) <= 0 && narrower == 300)
}

/// The share of `symbol`'s box that `ink`'s box covers.
pub(crate) fn covered(symbol: Bounds, ink: Bounds) -> f64 {
    let (short_x, short_y) =
        ((WIDTH_UM_MIN - symbol.width()).max(0), (WIDTH_UM_MIN - symbol.height()).max(0));
    let symbol = Bounds {
        left: symbol.left - short_x / 2,
        right: symbol.right + short_x / 2,
        top: symbol.top - short_y / 2,
        bottom: symbol.bottom + short_y / 2,
    };
    let area = |b: Bounds| b.width() as f64 * b.height() as f64;
    symbol.intersection(ink).map_or(0.0, |common| area(common) / area(symbol).max(1.0))
}

pub(crate) fn length_to_diagonal(stroke: &Placed<'_>) -> f64 {
    stroke.length_um / stroke.bounds.diagonal().max(1.0)
}

/// The symbols that a dense stroke covers, or a zig-zag over two or more.
fn scribbled<'s>(stroke: &Placed<'_>, symbols: &'s [Symbol]) -> Vec<&'s Symbol> {
    let (turns, length) = (stroke.reversals(), length_to_diagonal(stroke));
    let over = |s: &&Symbol| covered(s.bounds, stroke.bounds.grown(200)) >= COVER;
    let hit: Vec<&Symbol> = symbols.iter().filter(over).collect();
    let scribble = length >= SCRIBBLE_LENGTH && turns >= SCRIBBLE_TURNS;
    let zigzag = hit.len() >= 2 && length >= ZIGZAG_LENGTH && turns >= ZIGZAG_TURNS;
    if scribble || zigzag { hit } else { Vec::new() }
}

/// The symbols that a line from side to side goes through: two or more; or one, if the line is
/// much too long to belong to it (the bar of a 7 or an A is not). And whether the line may yet
/// strike one out.
fn struck<'s>(stroke: &Placed<'_>, symbols: &'s [Symbol], number: bool) -> (Vec<&'s Symbol>, bool) {
    let none = (Vec::new(), false);
    let line = stroke.bounds;
    let level = line.height() * 2 <= line.width();
    if !level || line.width() < STRIKE_UM_MIN || stroke.straightness() < STRAIGHT {
        return none;
    }
    let met = |s: &&Symbol| {
        line.gap_x(s.bounds) < 0 || s.bounds.width() == 0 && line.gap_x(s.bounds) <= 0
    };
    let through = |s: &&Symbol| {
        let symbol = s.bounds;
        let y = line.middle_y();
        let inner = symbol.height() * 3 / 20;
        let common = symbol.right.min(line.right) - symbol.left.max(line.left);
        symbol.height() >= 1_500
            && (symbol.top + inner..=symbol.bottom - inner).contains(&y)
            && common * 5 >= symbol.width() * 4
    };
    let hit: Vec<&Symbol> = symbols.iter().filter(met).collect();
    if !hit.iter().all(through) {
        return none;
    }
    let Some(area) = hit.iter().map(|s| s.bounds).reduce(Bounds::union) else { return none };
    let gap = |pair: &[&Symbol]| pair[0].bounds.gap_x(pair[1].bounds) > TOUCH_UM;
    if hit.windows(2).any(gap) || area.width() * 10 > area.height() * 12 {
        return (hit, false);
    }
    let over = (area.height() / 4).max(800);
    let beyond = area.left - line.left >= over && line.right - area.right >= over;
    // A stem with a line through it is a plus, or anything; not an answer struck out.
    let stem = area.width() * 4 < area.height();
    // The foot of a 1 may be as wide.
    if beyond && !stem && !(number && is_at_foot(line, area)) {
        return (hit, false);
    }
    // No bar of a digit leaves it at both sides, but for the foot of a 1.
    let leaves = line.left <= area.left && line.right >= area.right;
    (Vec::new(), number && leaves && !is_foot_of_one(line, area))
}

/// The symbols, two or more, that a line goes through from one side to the other, be it slanting
/// or waving.
fn run_through<'s>(stroke: &Placed<'_>, symbols: &'s [Symbol], number: bool) -> Vec<&'s Symbol> {
    let line = stroke.bounds;
    let across = (i64::from(stroke.first().x_um) - i64::from(stroke.last().x_um)).abs();
    if line.width() < STRIKE_UM_MIN || across * 5 < line.width() * 4 || stroke.straightness() < WAVE
    {
        return Vec::new();
    }
    let through = |s: &&Symbol| {
        let common = s.bounds.right.min(line.right) - s.bounds.left.max(line.left);
        s.bounds.height() >= 1_500
            && common * 5 >= s.bounds.width() * 3
            && stroke.points.iter().any(|p| slash::middle(s.bounds).contains(*p))
    };
    let mut hit: Vec<&Symbol> = symbols.iter().filter(through).collect();
    if number && !hit.is_empty() && stroke.straightness() >= STRAIGHT {
        // Near its ends a slash passes over or under the middle of a symbol.
        hit = symbols.iter().filter(|s| through(s) || slash::passes(line, s.bounds)).collect();
    }
    let gap = |pair: &[&Symbol]| pair[0].bounds.gap_x(pair[1].bounds) > TOUCH_UM;
    let several = hit.len() >= 2 && (number || hit.windows(2).any(gap));
    if several { hit } else { Vec::new() }
}

/// The symbols that this stroke goes through together with those before it: two lines that both
/// cross the middle of a symbol, or three level ones from side to side, belong to no symbol of any
/// alphabet here. Positions of `strokes` up to `index` are known.
fn crossed<'s>(index: usize, strokes: &[&Placed<'_>], symbols: &'s [Symbol]) -> Vec<&'s Symbol> {
    let run = run_of_lines(index, strokes);
    if run.len() < 2 {
        return Vec::new();
    }
    let lines = &strokes[run.clone()];
    let Some(all) = lines.iter().map(|s| s.bounds).reduce(Bounds::union) else { return Vec::new() };
    let crossed = symbols.iter().filter(|symbol| {
        // Measured without the lines, which stand over it and are live so far.
        let under = symbol.strokes.iter().filter(|i| **i < run.start).map(|i| strokes[*i].bounds);
        under.reduce(Bounds::union).is_some_and(|under| {
            let level = lines.len() >= 3 && lines.iter().all(|line| spans(line, under));
            let pair = &lines[lines.len() - 2..];
            covered(under, all.grown(200)) >= COVER
                && (level
                    || pair
                        .iter()
                        .all(|line| goes_through(line, under) && !is_at_foot(line.bounds, under)))
        })
    });
    crossed.collect()
}

/// The straight strokes drawn one after the other without a pause, this one being the last.
fn run_of_lines(index: usize, strokes: &[&Placed<'_>]) -> std::ops::Range<usize> {
    let is_line =
        |stroke: &Placed<'_>| stroke.straightness() >= STRAIGHT && stroke.length_um >= LINE_UM_MIN;
    let mut first = index + 1;
    while first > 0 && is_line(strokes[first - 1]) {
        let pause_ms = strokes
            .get(first)
            .filter(|_| first <= index)
            .map_or(0, |next| next.start_ms.saturating_sub(strokes[first - 1].end_ms));
        if pause_ms > GOES_ON_MS {
            break;
        }
        first -= 1;
    }
    first..index + 1
}

/// Whether a level line covers `symbol` from side to side and reaches about as far beyond it on
/// the left as on the right; the bars of an `E` begin at its stem.
fn spans(line: &Placed<'_>, symbol: Bounds) -> bool {
    let (ink, middle) = (line.bounds, (symbol.left + symbol.right) / 2);
    let common = symbol.right.min(ink.right) - symbol.left.max(ink.left);
    let off = ((ink.left + ink.right) / 2 - middle).abs();
    ink.height() * 2 <= ink.width() && common * 10 >= symbol.width() * 7 && off * 4 <= ink.width()
}

/// Whether a straight stroke passes the middle of `symbol` and ends outside of its middle part on
/// both sides.
fn goes_through(stroke: &Placed<'_>, symbol: Bounds) -> bool {
    let centre = symbol.grown(-symbol.width().min(symbol.height()) / 4).grown(200);
    let (a, b) = (stroke.first(), stroke.last());
    let middle = PagePoint {
        // Between two i32 lies an i32.
        x_um: ((symbol.left + symbol.right) / 2) as i32,
        y_um: symbol.middle_y() as i32,
    };
    let reach = 0.35 * symbol.extent() as f64;
    stroke.points.iter().any(|p| centre.contains(*p))
        && distance_um(a, middle) >= reach
        && distance_um(b, middle) >= reach
        && distance_um(a, b) >= distance_um(a, middle).max(distance_um(b, middle))
}
