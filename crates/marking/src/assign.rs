//! Which question a pupil's stroke belongs to.

use crate::bounds::Bounds;
use crate::placed::Placed;

#[cfg(test)]
mod tests;

/// Where a stroke belongs. Numbers are positions in the list of regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    /// To that region.
    Region(usize),
    /// To the first or the second, the first being likelier; a person must say.
    Between(usize, usize),
    /// To none.
    Nowhere,
}

/// What beginning in a field adds to the share of ink that lies there.
const FIRST_POINT: f64 = 0.25;
/// A stroke with at least this much evidence needs no company.
const CLEAR: f64 = 0.6;
/// Less evidence than this is none.
const SLIGHT: f64 = 0.35;
/// The winner must be this much ahead: the second has less than this share of its evidence.
const SECOND_SHARE_MAX: f64 = 0.6;
/// A long stroke through two fields has this much in both, and may be meant for either.
const THROUGH_BOTH: f64 = 0.2;
/// What writing next to a region's ink is worth as evidence, and writing on without a pause.
const NEXT_TO: f64 = 0.45;
const WITHOUT_PAUSE: f64 = 0.4;
const PAUSE_MS_MAX: i64 = 5_000;
/// How far the next symbol of an answer may stand from the one before it.
const GAP_UM: (i64, i64) = (2_500, 5_000);
/// A mark as small as this (a point, a comma) needs no common line with its neighbour.
const SMALL_UM: i64 = 1_500;

/// Assigns `strokes`, ordered by time, to `regions`, the fields as printed.
///
/// First, each by itself: the share of its ink inside the field and inside the field grown by
/// `margin_um`, and where it begins. What that leaves open goes by its company: an answer that
/// overflows its field continues the ink that began there.
pub(crate) fn assign(strokes: &[Placed<'_>], regions: &[Bounds], margin_um: i64) -> Vec<Home> {
    let evidence: Vec<Vec<(usize, f64)>> =
        strokes.iter().map(|s| by_itself(s, regions, margin_um)).collect();
    let mut homes: Vec<Home> = evidence.iter().map(|e| decide(e, CLEAR)).collect();
    for home in &mut homes {
        if !matches!(home, Home::Region(_)) {
            *home = Home::Nowhere;
        }
    }
    // Forwards for answers that run out of their field, then backwards for those that run into it.
    for index in 0..strokes.len() {
        settle(index, strokes, &evidence, &mut homes);
    }
    for index in (0..strokes.len()).rev() {
        settle(index, strokes, &evidence, &mut homes);
    }
    homes
}

/// Evidence of one stroke for every field it touches.
fn by_itself(stroke: &Placed<'_>, regions: &[Bounds], margin_um: i64) -> Vec<(usize, f64)> {
    let touched = regions.iter().enumerate().filter_map(|(index, region)| {
        let grown = region.grown(margin_um);
        let share = (stroke.share_inside(*region) + stroke.share_inside(grown)) / 2.0;
        let begins = if grown.contains(stroke.first()) { FIRST_POINT } else { 0.0 };
        (share + begins > 0.0).then_some((index, share + begins))
    });
    touched.collect()
}

/// The region that leads, if it has `enough` and leads clearly.
fn decide(evidence: &[(usize, f64)], enough: f64) -> Home {
    // On equal evidence the question printed first comes first.
    let mut best: Option<(usize, f64)> = None;
    let mut second: Option<(usize, f64)> = None;
    for &(region, amount) in evidence {
        if best.is_none_or(|(_, most)| amount > most) {
            second = best;
            best = Some((region, amount));
        } else if second.is_none_or(|(_, most)| amount > most) {
            second = Some((region, amount));
        }
    }
    match (best, second) {
        (Some((best, most)), Some((second, next)))
            if next > SECOND_SHARE_MAX * most && next >= THROUGH_BOTH =>
        {
            Home::Between(best, second)
        }
        (Some((best, most)), _) if most >= enough => Home::Region(best),
        _ => Home::Nowhere,
    }
}

/// Decides a stroke that has no region yet, with the help of those that have.
fn settle(
    index: usize,
    strokes: &[Placed<'_>],
    evidence: &[Vec<(usize, f64)>],
    homes: &mut [Home],
) {
    if matches!(homes[index], Home::Region(_)) {
        return;
    }
    let mut joined = evidence[index].clone();
    let mut add = |region: usize, amount: f64| match joined.iter_mut().find(|(r, _)| *r == region) {
        Some((_, sum)) => *sum += amount,
        None => joined.push((region, amount)),
    };
    let stroke = &strokes[index];
    let without_pause: Vec<usize> = written_without_pause(index, strokes, homes).collect();
    let mut neighbours: Vec<usize> = Vec::new();
    for (other, home) in strokes.iter().zip(homes.iter()) {
        let Home::Region(region) = *home else { continue };
        let at_once = without_pause.contains(&region);
        let next_to = stands_next_to(stroke, other, at_once)
            || at_once && stands_over_or_under(stroke, other);
        if next_to && !neighbours.contains(&region) {
            neighbours.push(region);
            add(region, if at_once { NEXT_TO + WITHOUT_PAUSE } else { NEXT_TO });
        }
    }
    joined.sort_by_key(|(region, _)| *region);
    homes[index] = decide(&joined, SLIGHT);
}

/// Whether two strokes could be neighbours in one line of writing. Of what is written at once, one
/// may be the upper or lower half of a symbol.
fn stands_next_to(stroke: &Placed<'_>, other: &Placed<'_>, at_once: bool) -> bool {
    let (a, b) = (stroke.bounds, other.bounds);
    let height = a.height().max(b.height());
    if a.gap_x(b) > (height * 3 / 5).clamp(GAP_UM.0, GAP_UM.1) {
        return false;
    }
    if a.extent() <= SMALL_UM || b.extent() <= SMALL_UM {
        return a.gap_y(b) <= SMALL_UM;
    }
    let least = if at_once { 1 } else { 3 };
    -a.gap_y(b) * 10 >= a.height().min(b.height()) * least
}

/// Whether one stands close over the other, as an answer over one that was crossed out.
fn stands_over_or_under(stroke: &Placed<'_>, other: &Placed<'_>) -> bool {
    let (a, b) = (stroke.bounds, other.bounds);
    a.gap_y(b) <= GAP_UM.0 && -a.gap_x(b) * 10 >= a.width().min(b.width()) * 3
}

/// The regions of the strokes written just before and just after.
fn written_without_pause(
    index: usize,
    strokes: &[Placed<'_>],
    homes: &[Home],
) -> impl Iterator<Item = usize> {
    let near = |other: Option<usize>| {
        let other = other?;
        let (earlier, later) = (index.min(other), index.max(other));
        let pause_ms = strokes.get(later)?.start_ms.saturating_sub(strokes.get(earlier)?.end_ms);
        match homes.get(other)? {
            Home::Region(region) if pause_ms <= PAUSE_MS_MAX => Some(*region),
            _ => None,
        }
    };
    let (before, after) = (near(index.checked_sub(1)), near(index.checked_add(1)));
    before.into_iter().chain(after.filter(|a| before != Some(*a)))
}
