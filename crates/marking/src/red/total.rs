//! The points of all of it, at the head of a page: large figures, underlined perhaps, with 分 behind
//! them perhaps.

use super::{At, Reader, RedMark, Says, Target, is_score, shape};
use crate::bounds::Bounds;
use crate::cross_out::{STRAIGHT, symbols};
use crate::placed::Placed;

/// Figures are at least this tall.
const UM_MIN: i64 = 5_000;
/// Strokes of one number follow each other within this time.
const PAUSE_MS: i64 = 3_000;
/// Digits stand no further apart than this share of their height, tenths.
const GAP: i64 = 8;
/// A line lies under a number no further than this share of its height, tenths.
const UNDER: i64 = 6;
/// More strokes are writing.
const STROKES_MAX: usize = 16;
/// A last symbol of as many strokes is no figure: 分.
const WORD_STROKES: usize = 3;

impl Reader<'_> {
    /// Takes the totals out of `rest`: numbers over every question of the page.
    pub(super) fn totals(
        &mut self,
        rest: &mut Vec<usize>,
        strokes: &[Placed<'_>],
        targets: &[Target],
    ) -> Vec<RedMark> {
        let Some(top) = targets.iter().map(|target| target.bounds.top).min() else {
            return Vec::new();
        };
        let head = rest.iter().copied().filter(|at| strokes[*at].bounds.bottom < top);
        let mut totals = Vec::new();
        for run in runs(head, strokes) {
            if let Some(text) = self.total(&run, strokes) {
                rest.retain(|at| !run.contains(at));
                let says = Says::Total(text);
                let strokes = run;
                totals.push(RedMark {
                    strokes,
                    at: At::Nowhere,
                    says,
                    score_box: None,
                    aside: true,
                });
            }
        }
        totals
    }

    fn total(&mut self, run: &[usize], strokes: &[Placed<'_>]) -> Option<String> {
        if run.len() > STROKES_MAX {
            return None;
        }
        let figures: Vec<&Placed<'_>> = without_lines(run, strokes);
        let all: Vec<usize> = (0..figures.len()).collect();
        let symbols = symbols(&all, &figures);
        let read = |reader: &mut Self, symbols: &[crate::cross_out::Symbol]| {
            let bounds = symbols.iter().map(|s| s.bounds).reduce(Bounds::union)?;
            let mut ink: Vec<usize> = symbols.iter().flat_map(|s| s.strokes.clone()).collect();
            ink.sort_unstable();
            let ink: Vec<&Placed<'_>> = ink.into_iter().map(|at| figures[at]).collect();
            // A tick or a cross alone is no figure.
            if bounds.height() < UM_MIN || shape::find(&ink).0.is_some() {
                return None;
            }
            let text = reader.read_points(&ink)?;
            (is_score(&text) && !matches!(text.as_str(), "0" | "1" | "7")).then_some(text)
        };
        read(self, &symbols).or_else(|| {
            let (last, before) = symbols.split_last()?;
            (last.strokes.len() >= WORD_STROKES).then(|| read(self, before)).flatten()
        })
    }
}

/// Strokes that may be one number, in their order in time.
fn runs(head: impl Iterator<Item = usize>, strokes: &[Placed<'_>]) -> Vec<Vec<usize>> {
    let mut runs: Vec<(Vec<usize>, Bounds)> = Vec::new();
    for at in head {
        let next = strokes[at].bounds;
        let joins = runs.last().is_some_and(|(run, bounds)| {
            let before = run.last().map_or(i64::MIN, |last| strokes[*last].end_ms);
            let tall = bounds.height().max(next.height());
            strokes[at].start_ms.saturating_sub(before) <= PAUSE_MS
                && 10 * next.gap_x(*bounds) <= GAP * tall
                && 10 * next.gap_y(*bounds) <= UNDER * tall
        });
        match runs.last_mut() {
            Some((run, bounds)) if joins => {
                run.push(at);
                *bounds = bounds.union(next);
            }
            _ => runs.push((vec![at], next)),
        }
    }
    runs.into_iter().map(|(run, _)| run).collect()
}

/// A number's strokes without the lines under it.
fn without_lines<'p, 'a>(run: &[usize], strokes: &'p [Placed<'a>]) -> Vec<&'p Placed<'a>> {
    let all = || run.iter().map(|at| &strokes[*at]);
    let is_flat = |stroke: &Placed<'_>| {
        stroke.straightness() >= STRAIGHT && stroke.bounds.width() >= 4 * stroke.bounds.height()
    };
    let figures = all().filter(|s| !is_flat(s)).map(|s| s.bounds).reduce(Bounds::union);
    let is_under = |stroke: &Placed<'_>| {
        is_flat(stroke)
            && figures.is_some_and(|figures| {
                10 * (figures.bottom - stroke.bounds.top) <= figures.height()
                    && 2 * stroke.bounds.width() >= figures.width()
            })
    };
    all().filter(|stroke| !is_under(stroke)).collect()
}
