//! Traces to strokes.

use std::borrow::Cow;
use std::rc::Rc;

use firmware_protocol::{Orientation, StrokeEnd};

use super::annotation::Named;
use super::definitions::{Context, Definition};
use super::document::Document;
use super::error::{Error, Fault};
use super::format::{Axis, Force, Format, Plan, Role, Source};
use super::points::Points;
use super::scan::Tag;
use super::view::{Item, Later};
use super::{POINTS_MAX, PassedOver, TIME_MS_MAX, TRACES_MAX};
use crate::order::{PEN_UP_MS, UNIX_TIMES_MS};
use crate::{Sample, Stroke, StrokeKey};

/// The channel of times.
const TIME: &str = "T";

/// A fault, and where in the trace's text it lies.
type FaultAt = (Fault, Option<usize>);

impl From<Fault> for FaultAt {
    fn from(fault: Fault) -> Self {
        (fault, None)
    }
}

/// A trace's samples, not in time yet, and the value of its time channel for each.
#[derive(Default)]
struct Written {
    samples: Vec<Sample>,
    /// One per sample, or none.
    orientation: Vec<Orientation>,
    times_ms: Vec<f64>,
    passed_over: PassedOver,
}

/// When the points of a trace were written.
struct Timing {
    /// Unix milliseconds of the first.
    start_ms: i64,
    /// From `start_ms`, one per point.
    since_ms: Vec<f64>,
    /// From one point to the next, where that has to be assumed.
    period_ms: f64,
    /// Whether the file has times of points.
    told: bool,
    /// Whether `start_ms` is by a clock, and does not only count on.
    clocked: bool,
}

impl<'a> Document<'a> {
    /// Reads a trace; one that cannot be read is reported.
    pub(super) fn trace(
        &mut self,
        tag: &Tag<'a>,
        inherited: Context,
        named: Option<Named>,
    ) -> Result<(), Error> {
        let knows_context = self.knows_context(tag);
        let errors = self.reading.errors.len();
        let context = if knows_context { self.context_of(tag, inherited)? } else { inherited };
        let (text, begins) = self.trace_text(tag)?;
        self.identify(tag, Item::Read)?;
        if self.reading.errors.len() > errors {
            return Ok(());
        }
        if !knows_context && named.is_none() {
            self.later.push(Later::Trace { tag: tag.clone(), inherited, text, begins });
            return Ok(());
        }
        self.put(tag, context, &text, begins, named, (1, usize::MAX))
    }

    /// The text of a trace, and where it begins in the file.
    ///
    /// # Errors
    /// Where there were too many traces.
    pub(super) fn trace_text(&mut self, tag: &Tag<'a>) -> Result<(Cow<'a, str>, usize), Error> {
        self.scanner.take_trace();
        self.traces += 1;
        if self.traces > TRACES_MAX {
            return Err(self.error(tag, Fault::TooManyTraces));
        }
        self.scanner.text()
    }

    /// Makes a stroke of a trace, of its points from the first to the last of `part`; counts from
    /// 1. A trace that cannot be read is reported.
    pub(super) fn put(
        &mut self,
        tag: &Tag<'a>,
        context: Context,
        text: &str,
        begins: usize,
        named: Option<Named>,
        part: (usize, usize),
    ) -> Result<(), Error> {
        let errors = self.reading.errors.len();
        let offset_ms = match named {
            None => self.time(tag, "timeOffset")?,
            // Its annotation says when it began.
            Some(_) => self.number(tag, "timeOffset", "milliseconds", |_| true)?,
        };
        let in_time = |ms: f64| (0.0..=TIME_MS_MAX).contains(&ms);
        let expected = "milliseconds, 0 to 2^53";
        let duration_ms = self.number(tag, "duration", expected, in_time)?;
        if self.reading.errors.len() > errors {
            return Ok(());
        }
        // A point takes a comma at least, but for the last.
        self.points += 1 + text.bytes().filter(|byte| *byte == b',').count();
        if self.points > POINTS_MAX {
            return Err(self.error(tag, Fault::TooManyPoints));
        }
        if tag.get("type") == Some("penUp") {
            self.reading.passed_over.pen_up_traces += 1;
            return Ok(());
        }
        let read = || -> Result<(), FaultAt> {
            let prior = self.prior(tag)?;
            let plan = self.plan(context)?;
            let mut written = Written::read(&plan, text, part)?;
            if named.is_none() {
                written.keep_times_in_order();
            }
            let mut timing = self.timing(&plan, &written, context, offset_ms, duration_ms)?;
            written.passed_over.traces_without_times = usize::from(!timing.told);
            if named.is_none() {
                self.space_out(&mut timing, prior);
            }
            self.keep(tag, written, &timing, prior, named)
        }();
        match read {
            Ok(()) => Ok(()),
            Err((fault, at)) => self.report_at(tag, at.map_or(tag.offset, |at| begins + at), fault),
        }
    }

    /// The stroke that a trace continues.
    fn prior(&mut self, tag: &Tag<'a>) -> Result<Option<usize>, Fault> {
        match tag.get("continuation") {
            None | Some("begin") => Ok(None),
            Some("middle" | "end") => {
                let prior = tag.get("priorRef").ok_or(Fault::MissingAttribute("priorRef"))?;
                let stroke = prior.strip_prefix('#').and_then(|id| self.waiting.remove(id));
                let named = || Fault::NoPriorTrace(prior.chars().take(64).collect());
                stroke.ok_or_else(named).map(Some)
            }
            Some(other) => Err(Fault::BadAttribute {
                name: "continuation",
                value: other.chars().take(64).collect(),
                expected: "begin, middle or end",
            }),
        }
    }

    fn plan(&mut self, context: Context) -> Result<Rc<Plan>, Fault> {
        let of_source = context.source.and_then(|source| self.sources[source].format);
        let format = context.format.or(of_source);
        let (formats, sources, defaults) = (&self.formats, &self.sources, &self.defaults);
        let plan = self.plans.entry((format, context.source)).or_insert_with(|| {
            let (standard, unknown) = (Format::standard(), Source::default());
            let format = format.map_or(&standard, |format| &formats[format]);
            let source = context.source.map_or(&unknown, |source| &sources[source]);
            Plan::new(format, source, defaults.device_unit_nm).map(Rc::new)
        });
        plan.clone()
    }

    fn timing(
        &self,
        plan: &Plan,
        written: &Written,
        context: Context,
        offset_ms: Option<f64>,
        duration_ms: Option<f64>,
    ) -> Result<Timing, Fault> {
        let gaps = written.samples.len().saturating_sub(1).max(1) as f64;
        let by_rate = plan.rate_hz.map(|rate_hz| 1000.0 / rate_hz);
        let by_duration = duration_ms.map(|ms| ms / gaps);
        let told_ms = by_rate.or(by_duration);
        let period_ms = told_ms.unwrap_or(1000.0 / self.defaults.rate_hz);
        let mut base_ms = context.clock_ms.unwrap_or(self.defaults.start_ms);
        let mut clocked = context.clock_ms.is_some() || offset_ms.is_some();
        let by_period =
            || (0..written.samples.len()).map(|index| index as f64 * period_ms).collect();
        let Some(times) = &plan.times else {
            return Ok(Timing {
                start_ms: base_ms.saturating_add(offset_ms.unwrap_or(0.0) as i64),
                since_ms: by_period(),
                period_ms,
                told: told_ms.is_some(),
                clocked,
            });
        };
        let first_ms = written.times_ms.first().copied().unwrap_or(0.0).round();
        if first_ms >= UNIX_TIMES_MS {
            (base_ms, clocked) = (0, true);
        } else if let Some(respect_to) = &times.respect_to {
            let id = respect_to.strip_prefix('#').unwrap_or(respect_to);
            let Some(Definition::Timestamp(clock_ms)) = self.definitions.get(id) else {
                let value = respect_to.chars().take(64).collect();
                return Err(Fault::Reference { name: "respectTo", value });
            };
            (base_ms, clocked) = (*clock_ms, true);
        } else {
            base_ms = base_ms.saturating_add(offset_ms.unwrap_or(0.0) as i64);
        }
        let since_ms: Vec<f64> = written.times_ms.iter().map(|ms| ms - first_ms).collect();
        // One time for all points of a trace is the trace's, not theirs.
        let told = since_ms.len() == 1 || written.times_ms.windows(2).any(|two| two[0] != two[1]);
        Ok(Timing {
            start_ms: base_ms.saturating_add(first_ms as i64),
            since_ms: if told { since_ms } else { by_period() },
            period_ms,
            told: told || told_ms.is_some(),
            clocked,
        })
    }

    /// Moves what has no clock behind what was read before, and the continuation of a stroke behind
    /// what it continues.
    fn space_out(&mut self, timing: &mut Timing, prior: Option<usize>) {
        if let Some(prior) = prior {
            let stroke = &self.reading.strokes[prior];
            let last_ms = stroke.samples.last().map_or(0, |sample| i64::from(sample.t_ms));
            let ended_ms = stroke.start_ms.saturating_add(last_ms);
            if !timing.clocked || timing.start_ms <= ended_ms {
                let after_ms = ended_ms.saturating_add(timing.period_ms as i64);
                timing.start_ms = timing.start_ms.max(after_ms);
            }
        } else if !timing.clocked {
            timing.start_ms = timing.start_ms.max(self.free_ms);
        }
        let lasts_ms = timing.since_ms.last().copied().unwrap_or(0.0) as i64;
        self.free_ms = timing.start_ms.saturating_add(lasts_ms).saturating_add(PEN_UP_MS);
    }

    /// Puts a trace's samples into a stroke, a new one or the one that it continues.
    fn keep(
        &mut self,
        tag: &Tag<'a>,
        written: Written,
        timing: &Timing,
        prior: Option<usize>,
        named: Option<Named>,
    ) -> Result<(), FaultAt> {
        // A named stroke's times count from its own start, which is not its first sample's where
        // the pen's clock went back.
        let started_ms = |index: usize| self.reading.strokes[index].start_ms;
        let (offset_ms, times_ms) = match named {
            Some(_) if !written.times_ms.is_empty() => (0, &written.times_ms),
            Some(_) => (0, &timing.since_ms),
            None => {
                let start_ms = prior.map_or(timing.start_ms, started_ms);
                (timing.start_ms.saturating_sub(start_ms), &timing.since_ms)
            }
        };
        let fits = |(point, since_ms): (usize, &f64)| {
            let t_ms = offset_ms.saturating_add(since_ms.round() as i64).max(0);
            u32::try_from(t_ms).map_err(|_| Fault::TooLate { point })
        };
        let times_ms: Vec<u32> = (1..).zip(times_ms).map(fits).collect::<Result<_, _>>()?;
        let index = match prior {
            Some(index) => index,
            None => self.begin(tag, timing, named)?,
        };
        self.reading.passed_over += written.passed_over;
        let stroke = &mut self.reading.strokes[index];
        let known = stroke.orientation.len() == stroke.samples.len();
        if known && written.orientation.len() == written.samples.len() {
            stroke.orientation.extend(written.orientation);
        } else {
            // Orientations are kept of all samples or of none.
            let lost = stroke.orientation.len() + written.orientation.len();
            self.reading.passed_over.orientation_values += 3 * lost;
            stroke.orientation.clear();
        }
        let samples = written.samples.into_iter().zip(times_ms);
        stroke.samples.extend(samples.map(|(sample, t_ms)| Sample { t_ms, ..sample }));
        if named.is_none() {
            let goes_on = matches!(tag.get("continuation"), Some("begin" | "middle"));
            stroke.complete = !goes_on;
            stroke.end = if goes_on { StrokeEnd::Continued } else { StrokeEnd::Up };
            if let Some(id) = tag.get("xml:id").filter(|_| goes_on) {
                self.waiting.insert(id.to_owned(), index);
            }
        }
        Ok(())
    }

    /// A new stroke without samples; its place.
    fn begin(
        &mut self,
        tag: &Tag<'a>,
        timing: &Timing,
        named: Option<Named>,
    ) -> Result<usize, Fault> {
        let nameless = named.is_none();
        let named = match named {
            Some(named) if self.keys.insert(named.key) => named,
            Some(named) => return Err(Fault::KeyTwice(named.key)),
            None => {
                let goes_on = tag.get("continuation").is_some();
                Named {
                    key: self.next_key(),
                    address: self.defaults.address,
                    start_ms: timing.start_ms,
                    start_ticks: u64::try_from(timing.start_ms).unwrap_or(0),
                    end: if goes_on { StrokeEnd::Continued } else { StrokeEnd::Up },
                    complete: !goes_on,
                }
            }
        };
        if nameless {
            self.nameless.push(self.reading.strokes.len());
        }
        let Named { key, address, start_ms, start_ticks, end, complete } = named;
        let samples = Vec::new();
        let orientation = Vec::new();
        let stroke =
            Stroke { key, address, start_ms, start_ticks, end, complete, samples, orientation };
        self.reading.strokes.push(stroke);
        Ok(self.reading.strokes.len() - 1)
    }

    /// The next name of the default pen that is free.
    fn next_key(&mut self) -> StrokeKey {
        loop {
            let key =
                StrokeKey { pen: self.defaults.pen, boot: self.defaults.boot, number: self.number };
            // There are fewer traces than numbers.
            self.number = self.number.wrapping_add(1);
            if self.keys.insert(key) {
                return key;
            }
        }
    }
}

impl Written {
    /// Reads the points from the first to the last of `part`, which count from 1.
    fn read(plan: &Plan, text: &str, part: (usize, usize)) -> Result<Self, FaultAt> {
        let mut written = Self::default();
        let mut points = Points::new(text, plan);
        let mut values = Vec::with_capacity(plan.roles.len());
        while points.next(&mut values).map_err(|fault| (fault, Some(points.at())))? {
            if !(part.0..=part.1).contains(&points.point()) {
                continue;
            }
            let sample = position(plan, &values, points.point());
            let Some((x_um, y_um)) = sample.map_err(|fault| (fault, Some(points.at())))? else {
                written.passed_over.points_without_position += 1;
                continue;
            };
            let force = plan.force.map_or(0, |force| fraction(force, values[force.channel]));
            written.samples.push(Sample { x_um, y_um, force, t_ms: 0 });
            if let Some(times) = &plan.times {
                let before = written.times_ms.last().copied().unwrap_or(0.0);
                let time_ms = values[times.channel].map_or(before, |value| value * times.ms);
                if time_ms.abs() > TIME_MS_MAX {
                    let fault = Fault::OutOfRange { point: points.point(), channel: TIME };
                    return Err((fault, Some(points.at())));
                }
                written.times_ms.push(time_ms);
            }
            let turned = |role: &&Role| role.is_orientation();
            match orientation(plan, &values) {
                Some(held) => written.orientation.push(held),
                None => {
                    written.passed_over.orientation_values +=
                        plan.roles.iter().filter(turned).count();
                }
            }
            let other = plan.roles.iter().filter(|role| **role == Role::Other).count();
            written.passed_over.other_values += other;
        }
        if written.samples.is_empty() {
            return Err(Fault::NoPoints.into());
        }
        written.passed_over.traces_without_force_scale = usize::from(plan.force_without_scale);
        if written.orientation.len() < written.samples.len() {
            written.passed_over.orientation_values += 3 * written.orientation.len();
            written.orientation.clear();
        }
        Ok(written)
    }

    /// Replaces times that go back by the latest time before them, and counts them.
    fn keep_times_in_order(&mut self) {
        let mut latest_ms = f64::NEG_INFINITY;
        for time_ms in &mut self.times_ms {
            if *time_ms < latest_ms {
                *time_ms = latest_ms;
                self.passed_over.times_going_back += 1;
            }
            latest_ms = *time_ms;
        }
    }
}

/// A point's position in micrometres; `None` where one of its axes has no value.
fn position(
    plan: &Plan,
    values: &[Option<f64>],
    point: usize,
) -> Result<Option<(i32, i32)>, Fault> {
    let um = |axis: Axis| {
        let Some(value) = values[axis.channel] else { return Ok(None) };
        let um = (value * axis.um).round();
        if um < f64::from(i32::MIN) || um > f64::from(i32::MAX) {
            return Err(Fault::OutOfRange { point, channel: axis.name });
        }
        Ok(Some(um as i32))
    };
    Ok(um(plan.x)?.zip(um(plan.y)?))
}

/// Force as a fraction of the full scale; what is beyond it is cut to it.
fn fraction(force: Force, value: Option<f64>) -> u16 {
    let Some(value) = value else { return 0 };
    let fraction = (value - force.none) / (force.full - force.none);
    (fraction.clamp(0.0, 1.0) * f64::from(u16::MAX)).round() as u16
}

/// How the pen was held at a point, where that is told in a pen's counts. Degrees are passed over:
/// only the pen's maker knows what a count is worth.
fn orientation(plan: &Plan, values: &[Option<f64>]) -> Option<Orientation> {
    let count = |channel: usize, max: u16| {
        let whole = values[channel].filter(|value| value.fract() == 0.0);
        // In range, so the cast is exact.
        whole.filter(|value| (0.0..=f64::from(max)).contains(value)).map(|value| value as u16)
    };
    let [tilt_x, tilt_y, twist] = plan.held?;
    Some(Orientation {
        tilt_x: count(tilt_x, u8::MAX.into())? as u8,
        tilt_y: count(tilt_y, u8::MAX.into())? as u8,
        twist: count(twist, u16::MAX)?,
    })
}
