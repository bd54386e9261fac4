//! Handwriting as JSON Lines, whose items may have no unit, no clock and no page.

use anyhow::{Context, bail};
use firmware_protocol::{PageAddress, StrokeEnd};
use ink::inkml::{Defaults, TIME_MS_MAX};
use ink::order::{PEN_UP_MS, UNIX_TIMES_MS};
use ink::{Handwriting, Stroke, StrokeKey};

use super::{Ink, tell_errors};

/// Between items of handwriting that have no clock.
const ITEM_GAP_MS: i64 = 1_000;

/// Handwriting as JSON Lines: items follow one another in time, each on a page of its own.
pub(super) fn read_handwriting(
    bytes: &[u8],
    shown: &str,
    defaults: &Defaults,
) -> anyhow::Result<Ink> {
    let (mut strokes, mut errors) = (Vec::new(), Vec::new());
    let (mut free_ms, mut ended_ms, mut delayed) = (defaults.start_ms, i64::MIN, 0);
    for (page, item) in Handwriting::read(bytes).enumerate() {
        let item = match item {
            Ok(item) => item,
            Err(error) => {
                errors.push(error.to_string());
                continue;
            }
        };
        let Some(unit_um) = unit_um(&item, defaults) else {
            bail!("{shown}: item {page} has no pts_per_mm: name a size with --device-unit-nm");
        };
        let address = match defaults.address {
            Some(first) => Some(page_behind(first, page).with_context(|| {
                format!(
                    "{shown}: item {page} would lie behind page {}, the last of a book: begin \
                     --address with a lower page",
                    u32::MAX
                )
            })?),
            None => None,
        };
        let written: Result<Vec<_>, String> = (item.strokes.iter().enumerate())
            .filter(|(_, points)| !points.is_empty())
            .map(|(stroke, points)| {
                samples(points, unit_um, rate_hz(&item, defaults)).map_err(|(point, why)| {
                    format!("item {page}, strokes[{stroke}][{point}] {why}")
                })
            })
            .collect();
        let written = match written {
            Ok(written) => written,
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        let first_ms = item.strokes.iter().flatten().find_map(|point| point.get(2)).copied();
        let item_ms = free_ms;
        for (samples, begins_ms) in written {
            let number = u32::try_from(strokes.len()).context("more than 2³² strokes")?;
            let wanted_ms = match (begins_ms, first_ms) {
                (Some(ms), _) if ms >= UNIX_TIMES_MS => ms.round() as i64,
                (Some(ms), Some(first)) => item_ms.saturating_add((ms - first).round() as i64),
                _ => free_ms,
            };
            // One pen writes one stroke at a time: times that say otherwise do not count.
            let in_order = wanted_ms >= free_ms || wanted_ms > ended_ms;
            delayed += usize::from(!in_order);
            let start_ms = if in_order { wanted_ms } else { free_ms };
            let lasts_ms = samples.last().map_or(0, |sample| sample.t_ms);
            strokes.push(Stroke {
                key: StrokeKey { pen: defaults.pen, boot: defaults.boot, number },
                address,
                start_ms,
                start_ticks: u64::try_from(start_ms).unwrap_or(0),
                end: StrokeEnd::Up,
                complete: true,
                samples,
                orientation: Vec::new(),
            });
            ended_ms = start_ms.saturating_add(lasts_ms.into());
            free_ms = ended_ms.saturating_add(PEN_UP_MS);
        }
        free_ms = free_ms.saturating_add(ITEM_GAP_MS);
    }
    if delayed > 0 {
        tell!(
            "{shown}: {delayed} strokes begin before the one before has ended: put one after \
             another as the file has them, {PEN_UP_MS} ms apart"
        );
    }
    tell_errors(shown, &errors);
    if strokes.is_empty() && !errors.is_empty() {
        bail!("{shown}: no line of it is handwriting");
    }
    Ok(Ink { strokes, faults: errors.len(), broken_off: false })
}

/// The page so many behind another, if the book has it.
fn page_behind(mut address: PageAddress, pages: usize) -> Option<PageAddress> {
    address.page = address.page.checked_add(u32::try_from(pages).ok()?)?;
    Some(address)
}

fn unit_um(item: &Handwriting, defaults: &Defaults) -> Option<f32> {
    let given = defaults.device_unit_nm.map(|nm| nm as f32 / 1000.0);
    given.or(item.pts_per_mm.filter(|points| *points > 0.0).map(|points| 1000.0 / points))
}

/// The item's rate where it is a possible one: some sets state a line's baud rate.
fn rate_hz(item: &Handwriting, defaults: &Defaults) -> f32 {
    item.hz.filter(|hz| (10.0..=1_000.0).contains(hz)).unwrap_or(defaults.rate_hz as f32)
}

/// The samples of a stroke, and the time of its first point, if it has one.
type Timed = (Vec<ink::Sample>, Option<f64>);

/// The samples of a stroke. A point without a time has that of the point before; where all times
/// are equal, the rate says more.
///
/// # Errors
/// The point that no sample can hold, from 0, and why.
fn samples(
    points: &[Vec<f64>],
    unit_um: f32,
    rate_hz: f32,
) -> Result<Timed, (usize, &'static str)> {
    let timeless = |point: &Vec<f64>| point.get(2).is_some_and(|ms| ms.abs() > TIME_MS_MAX);
    if let Some(point) = points.iter().position(timeless) {
        return Err((point, "has a time beyond 2⁵³ ms"));
    }
    let begins_ms = points.iter().find_map(|point| point.get(2)).copied();
    let mut latest_ms = 0.0_f64;
    let since = |point: &Vec<f64>| {
        let since_ms = point.get(2).zip(begins_ms).map_or(0.0, |(ms, begins_ms)| ms - begins_ms);
        latest_ms = latest_ms.max(since_ms);
        latest_ms
    };
    let mut since_ms: Vec<f64> = points.iter().map(since).collect();
    if since_ms.iter().all(|ms| *ms == 0.0) {
        since_ms =
            (0..points.len()).map(|index| index as f64 * 1000.0 / f64::from(rate_hz)).collect();
    }
    let sample = |(index, (point, since_ms)): (usize, (&Vec<f64>, f64))| {
        let um = |axis: usize| {
            let um = (point.get(axis).copied().unwrap_or(0.0) * f64::from(unit_um)).round();
            let fits = (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&um);
            // In range, so the cast is exact.
            if fits { Ok(um as i32) } else { Err((index, "lies beyond 2³¹ µm")) }
        };
        let t_ms = since_ms.round();
        if t_ms > f64::from(u32::MAX) {
            return Err((index, "comes more than 2³² ms after the first of its stroke"));
        }
        // Never negative.
        Ok(ink::Sample { x_um: um(0)?, y_um: um(1)?, force: 0, t_ms: t_ms as u32 })
    };
    let samples = points.iter().zip(since_ms).enumerate().map(sample);
    Ok((samples.collect::<Result<_, _>>()?, begins_ms))
}
