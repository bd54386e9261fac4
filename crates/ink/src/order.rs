//! Strokes in the order in which one pen can have written them.

use crate::Stroke;

/// The pen is taken to be up for this long between strokes whose times say nothing.
pub const PEN_UP_MS: i64 = 100;

/// Times of points that are at least this, 2000-01-01 in Unix milliseconds, are Unix times.
pub const UNIX_TIMES_MS: f64 = 946_684_800_000.0;

/// What [`put_in_order`] moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Strokes that changed their place, by their times.
    pub sorted: usize,
    /// Strokes that changed their times, by their place.
    pub delayed: usize,
}

/// Puts the strokes at `places`, all of one pen, in an order that one pen can have written: each
/// begins after the one before has ended.
///
/// Where their times allow it, strokes are sorted by time, and their names go with the places. Where
/// they do not, as in a file that gives one time for all, the order of the file is that of writing:
/// a stroke that would begin too early begins [`PEN_UP_MS`] after the one before has ended. Times
/// within a stroke stay.
pub fn put_in_order(strokes: &mut [Stroke], places: &[usize]) -> Moved {
    let span = |place: &usize| {
        let stroke = &strokes[*place];
        (stroke.start_ms, end_ms(stroke))
    };
    let spans: Vec<(i64, i64)> = places.iter().map(span).collect();
    if in_order(&spans) {
        return Moved::default();
    }
    let mut by_time: Vec<usize> = (0..places.len()).collect();
    by_time.sort_by_key(|index| spans[*index]);
    let sorted: Vec<(i64, i64)> = by_time.iter().map(|index| spans[*index]).collect();
    if in_order(&sorted) {
        return sort(strokes, places, &by_time);
    }
    let mut moved = Moved::default();
    let mut ended_ms = i64::MIN;
    for place in places {
        let stroke = &mut strokes[*place];
        if stroke.start_ms <= ended_ms {
            stroke.start_ms = ended_ms.saturating_add(PEN_UP_MS);
            stroke.start_ticks = u64::try_from(stroke.start_ms).unwrap_or(0);
            moved.delayed += 1;
        }
        ended_ms = end_ms(stroke);
    }
    moved
}

/// Unix milliseconds of a stroke's last sample.
fn end_ms(stroke: &Stroke) -> i64 {
    let last_ms = stroke.samples.iter().map(|sample| sample.t_ms).max().unwrap_or(0);
    stroke.start_ms.saturating_add(last_ms.into())
}

fn in_order(spans: &[(i64, i64)]) -> bool {
    spans.windows(2).all(|pair| pair[0].1 < pair[1].0)
}

fn sort(strokes: &mut [Stroke], places: &[usize], by_time: &[usize]) -> Moved {
    let in_time: Vec<Stroke> =
        by_time.iter().map(|index| strokes[places[*index]].clone()).collect();
    let mut moved = Moved::default();
    for ((place, stroke), index) in places.iter().zip(in_time).zip(by_time) {
        moved.sorted += usize::from(places[*index] != *place);
        strokes[*place] = Stroke { key: strokes[*place].key, ..stroke };
    }
    moved
}

#[cfg(test)]
mod tests;
