//! Contexts, sources, formats and timestamps.

use super::document::Document;
use super::error::{Error, Fault};
use super::format::{Channel, Format, Source};
use super::scan::Tag;
use super::units::{Resolution, date_time_ms};
use super::{CHANNELS_MAX, DEFINITIONS_MAX, TIME_MS_MAX};

/// What holds for a trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Context {
    /// Its place among the formats.
    pub(super) format: Option<usize>,
    /// Its place among the sources.
    pub(super) source: Option<usize>,
    /// Unix milliseconds of its timestamp.
    pub(super) clock_ms: Option<i64>,
}

impl Context {
    /// This context where it says something, `below` where it does not.
    pub(super) fn over(self, below: Self) -> Self {
        Self {
            format: self.format.or(below.format),
            source: self.source.or(below.source),
            clock_ms: self.clock_ms.or(below.clock_ms),
        }
    }
}

/// What an id names.
#[derive(Clone, Copy, Debug)]
pub(super) enum Definition {
    Context(Context),
    Format(usize),
    Source(usize),
    Timestamp(i64),
}

impl<'a> Document<'a> {
    /// What stands in `definitions`: it holds where it is referred to.
    pub(super) fn definitions(&mut self) -> Result<(), Error> {
        while let Some(tag) = self.child()? {
            match tag.name {
                "context" => drop(self.context(&tag)?),
                "inkSource" => drop(self.source(&tag)?),
                "traceFormat" => drop(self.format(&tag)?),
                "timestamp" => drop(self.timestamp(&tag)?),
                "trace" | "traceGroup" | "traceView" => {
                    self.define_item(&tag, Context::default())?;
                }
                _ => self.pass_over(&tag)?,
            }
        }
        Ok(())
    }

    pub(super) fn context(&mut self, tag: &Tag<'a>) -> Result<Context, Error> {
        let mut context = self.context_of(tag, Context::default())?;
        if let Some(Definition::Format(format)) = self.refer(tag, "traceFormatRef")? {
            context.format = Some(format);
        }
        if let Some(Definition::Source(source)) = self.refer(tag, "inkSourceRef")? {
            context.source = Some(source);
        }
        if let Some(Definition::Timestamp(clock_ms)) = self.refer(tag, "timestampRef")? {
            context.clock_ms = Some(clock_ms);
        }
        while let Some(child) = self.child()? {
            match child.name {
                "inkSource" => context.source = Some(self.source(&child)?),
                "traceFormat" => context.format = Some(self.format(&child)?),
                "timestamp" => context.clock_ms = self.timestamp(&child)?.or(context.clock_ms),
                _ => self.pass_over(&child)?,
            }
        }
        self.define(tag, Definition::Context(context))?;
        Ok(context)
    }

    /// What an element's `contextRef` says, over what it inherits.
    pub(super) fn context_of(
        &mut self,
        tag: &Tag<'a>,
        inherited: Context,
    ) -> Result<Context, Error> {
        Ok(match self.refer(tag, "contextRef")? {
            Some(Definition::Context(context)) => context.over(inherited),
            _ => inherited,
        })
    }

    pub(super) fn source(&mut self, tag: &Tag<'a>) -> Result<usize, Error> {
        let mut source = Source::default();
        while let Some(child) = self.child()? {
            match child.name {
                "sampleRate" => {
                    source.rate_hz =
                        self.number(&child, "value", "a rate in hertz above 0", |rate| rate > 0.0)?;
                    self.scanner.skip()?;
                }
                "traceFormat" => source.format = Some(self.format(&child)?),
                "channelProperties" => {
                    while let Some(property) = self.child()? {
                        if source.resolutions.len() < CHANNELS_MAX
                            && property.name == "channelProperty"
                            && property.get("name") == Some("resolution")
                        {
                            source.resolutions.extend(self.resolution(&property)?);
                        }
                        self.scanner.skip()?;
                    }
                }
                _ => self.scanner.skip()?,
            }
        }
        self.sources.push(source);
        let place = self.sources.len() - 1;
        self.define(tag, Definition::Source(place))?;
        Ok(place)
    }

    fn resolution(&mut self, tag: &Tag<'a>) -> Result<Option<(String, Resolution)>, Error> {
        let Some(channel) = tag.get("channel") else {
            self.report(tag, Fault::MissingAttribute("channel"))?;
            return Ok(None);
        };
        let value = self.number(tag, "value", "a number", |_| true)?;
        let units = tag.get("units").map(str::to_owned);
        Ok(value.map(|value| (channel.to_owned(), Resolution { value, units })))
    }

    pub(super) fn format(&mut self, tag: &Tag<'a>) -> Result<usize, Error> {
        let (mut regular, mut intermittent) = (Vec::new(), Vec::new());
        while let Some(child) = self.child()? {
            match child.name {
                "channel" => {
                    regular.push(self.channel(&child)?);
                    self.channel_content()?;
                }
                "intermittentChannels" => {
                    while let Some(channel) = self.child()? {
                        if channel.name == "channel" {
                            intermittent.push(self.channel(&channel)?);
                        }
                        self.channel_content()?;
                    }
                }
                _ => self.scanner.skip()?,
            }
            if regular.len() + intermittent.len() > CHANNELS_MAX {
                self.report(tag, Fault::TooManyChannels)?;
                self.scanner.skip()?;
                (regular, intermittent) = (Vec::new(), Vec::new());
                break;
            }
        }
        let format = Format { regular: regular.len(), channels: regular };
        let format = if format.regular == 0 && intermittent.is_empty() {
            // A format may say nothing, and means the default one.
            Format::standard()
        } else {
            Format { channels: [format.channels, intermittent].concat(), ..format }
        };
        self.formats.push(format);
        let place = self.formats.len() - 1;
        self.define(tag, Definition::Format(place))?;
        Ok(place)
    }

    /// What stands in a channel: a mapping, which is not followed.
    fn channel_content(&mut self) -> Result<(), Error> {
        while let Some(tag) = self.child()? {
            self.pass_over(&tag)?;
        }
        Ok(())
    }

    fn channel(&mut self, tag: &Tag<'a>) -> Result<Channel, Error> {
        if tag.get("name").is_none() {
            self.report(tag, Fault::MissingAttribute("name"))?;
        }
        let default = match tag.get("default") {
            Some("T" | "true") => Some(1.0),
            Some("F" | "false") => Some(0.0),
            _ => self.number(tag, "default", "a number, T or F", |_| true)?,
        };
        Ok(Channel {
            name: tag.get("name").unwrap_or_default().to_owned(),
            units: tag.get("units").map(str::to_owned),
            min: self.number(tag, "min", "a number", |_| true)?,
            max: self.number(tag, "max", "a number", |_| true)?,
            default: default.unwrap_or(0.0),
            negative: tag.get("orientation") == Some("-ve"),
            respect_to: tag.get("respectTo").map(str::to_owned),
        })
    }

    /// Unix milliseconds; `None` where the timestamp says none.
    pub(super) fn timestamp(&mut self, tag: &Tag<'a>) -> Result<Option<i64>, Error> {
        self.scanner.skip()?;
        let clock_ms = if let Some(time) = tag.get("time") {
            self.parsed(tag, "time", "Unix milliseconds", unix_ms(time.trim()))?
        } else if let Some(text) = tag.get("timeString") {
            self.parsed(tag, "timeString", "a date and time", date_time_ms(text.trim()))?
        } else {
            match self.refer(tag, "timestampRef")? {
                Some(Definition::Timestamp(clock_ms)) => Some(clock_ms),
                _ => None,
            }
        };
        let offset_ms = self.time(tag, "timeOffset")?.unwrap_or(0.0);
        let clock_ms = clock_ms.map(|clock_ms: i64| clock_ms.saturating_add(offset_ms as i64));
        if let Some(clock_ms) = clock_ms {
            self.define(tag, Definition::Timestamp(clock_ms))?;
        }
        Ok(clock_ms)
    }

    /// Whether what an element's `contextRef` names stands before it.
    pub(super) fn knows_context(&self, tag: &Tag<'a>) -> bool {
        tag.get("contextRef")
            .and_then(|value| value.strip_prefix('#'))
            .is_none_or(|id| id == "DefaultContext" || self.definitions.contains_key(id))
    }

    /// What an attribute refers to, where it stands before and is of the attribute's kind.
    pub(super) fn refer(
        &mut self,
        tag: &Tag<'a>,
        name: &'static str,
    ) -> Result<Option<Definition>, Error> {
        let Some(value) = tag.get(name) else { return Ok(None) };
        let found = match value.strip_prefix('#') {
            Some("DefaultContext") => Some(Definition::Context(Context::default())),
            Some(id) => self.definitions.get(id).copied(),
            None => None,
        };
        let fitting = found.filter(|found| {
            matches!(
                (name, found),
                ("contextRef", Definition::Context(_))
                    | ("traceFormatRef", Definition::Format(_))
                    | ("inkSourceRef", Definition::Source(_))
                    | ("timestampRef", Definition::Timestamp(_))
            )
        });
        if fitting.is_none() {
            let value = value.chars().take(64).collect();
            self.report(tag, Fault::Reference { name, value })?;
        }
        Ok(fitting)
    }

    fn define(&mut self, tag: &Tag<'a>, definition: Definition) -> Result<(), Error> {
        self.defined += 1;
        if self.defined > DEFINITIONS_MAX {
            return Err(self.error(tag, Fault::TooManyDefinitions));
        }
        let Some(id) = tag.get("xml:id") else { return Ok(()) };
        if self.definitions.contains_key(id) {
            return self.report(tag, Fault::IdTwice(id.chars().take(64).collect()));
        }
        self.definitions.insert(id.to_owned(), definition);
        Ok(())
    }

    /// An attribute that is a number, where it is there and sound.
    pub(super) fn number(
        &mut self,
        tag: &Tag<'a>,
        name: &'static str,
        expected: &'static str,
        fits: impl Fn(f64) -> bool,
    ) -> Result<Option<f64>, Error> {
        let Some(value) = tag.get(name) else { return Ok(None) };
        let number: Option<f64> = value.trim().parse().ok();
        self.parsed(tag, name, expected, number.filter(|found| found.is_finite() && fits(*found)))
    }

    /// An attribute that is a time or a difference of times.
    pub(super) fn time(&mut self, tag: &Tag<'a>, name: &'static str) -> Result<Option<f64>, Error> {
        let in_time = |ms: f64| ms.abs() <= TIME_MS_MAX;
        self.number(tag, name, "milliseconds, at most 2^53", in_time)
    }

    pub(super) fn parsed<T>(
        &mut self,
        tag: &Tag<'a>,
        name: &'static str,
        expected: &'static str,
        value: Option<T>,
    ) -> Result<Option<T>, Error> {
        if value.is_none() {
            let value = tag.get(name).unwrap_or_default().chars().take(64).collect();
            self.report(tag, Fault::BadAttribute { name, value, expected })?;
        }
        Ok(value)
    }
}

/// Unix milliseconds, whole or in floating-point notation.
fn unix_ms(text: &str) -> Option<i64> {
    let rounded = || text.parse::<f64>().ok().filter(|ms| ms.abs() < i64::MAX as f64);
    text.parse().ok().or_else(|| rounded().map(|ms| ms.round() as i64))
}
