//! Strokes from a file of any kind: a capture, a bundle, InkML or handwriting as JSON Lines, told
//! apart by content.

mod handwriting;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use firmware_protocol::{BootId, Bundle, Capture, Frame, PenId, crc32c};
use ink::inkml::{self, Defaults, PassedOver};
use ink::{Assembly, Stroke};

use handwriting::read_handwriting;

use crate::cli::InkDefaults;
use crate::{Verdict, excerpt};

/// Errors of one file that are printed; the rest is counted.
const ERRORS_SHOWN_MAX: usize = 10;
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The ink of a file.
pub(crate) struct Ink {
    /// With corrected times.
    pub(crate) strokes: Vec<Stroke>,
    /// Chunks, traces and lines that could not be read; each was told on standard error.
    pub(crate) faults: usize,
    /// Whether the file broke off, so that there is no knowing what is missing.
    pub(crate) broken_off: bool,
}

impl Ink {
    /// The verdict of a command that went on with this ink.
    pub(crate) fn verdict(&self) -> Verdict {
        if self.faults == 0 { Verdict::Clean } else { Verdict::Findings }
    }
}

/// What messages call a file.
pub(crate) fn shown(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

/// A whole file, or standard input for `-`; of XML no more than the reader takes.
pub(crate) fn read_bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut input: Box<dyn Read> = if path == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        let file = std::fs::File::open(path);
        Box::new(file.with_context(|| format!("cannot read {}", shown(path)))?)
    };
    let mut bytes = Vec::new();
    let first_max = inkml::FILE_BYTES_MAX as u64 + 1;
    let read = input.by_ref().take(first_max).read_to_end(&mut bytes);
    let read = match read {
        Ok(_) if !inkml::is_xml(&bytes) => input.read_to_end(&mut bytes),
        read => read,
    };
    read.with_context(|| format!("cannot read {}", shown(path)))?;
    Ok(bytes)
}

/// The defaults of strokes that name no pen. The start is made from the file and from what is said
/// of it, so that the same file gives the same names, and another file, or the same on another
/// page, gives others.
pub(crate) fn defaults(args: &InkDefaults, bytes: &[u8]) -> Defaults {
    let InkDefaults { device_unit_nm, pen, address, start_ms, rate_hz } = args;
    let said = format!("{device_unit_nm:?} {pen:?} {address:?} {start_ms} {rate_hz}");
    let of_all = [crc32c(bytes).to_le_bytes(), crc32c(said.as_bytes()).to_le_bytes()].concat();
    Defaults {
        pen: args.pen,
        boot: BootId { counter: 1, random: crc32c(&of_all) },
        address: args.address,
        start_ms: args.start_ms,
        rate_hz: f64::from(args.rate_hz),
        device_unit_nm: args.device_unit_nm.map(f64::from),
    }
}

/// Whether bytes can be handwriting as JSON Lines.
pub(crate) fn is_json(bytes: &[u8]) -> bool {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes).trim_ascii_start().starts_with(b"{")
}

/// Refuses a JSON value that is spread over several lines, with one error instead of one per line.
pub(crate) fn ensure_lines(bytes: &[u8], shown: &str) -> anyhow::Result<()> {
    let lines = bytes.trim_ascii().contains(&b'\n');
    if lines && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok() {
        bail!(
            "{shown} is one JSON value over several lines, and JSON Lines have each item on a line \
             of its own: `jq -c .` writes it so"
        );
    }
    Ok(())
}

/// What to do first with text that holds ink in another form, if it is such text.
pub(crate) fn to_convert(bytes: &[u8]) -> Option<&'static str> {
    let utf_16: [&[u8]; 6] = [b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{", b"[\0", b"\0["];
    if utf_16.iter().any(|first| bytes.starts_with(first)) {
        return Some("text in UTF-16: convert it to UTF-8 first");
    }
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes).trim_ascii_start();
    text.starts_with(b"[").then_some(
        "a JSON array, and JSON Lines have each item on a line of its own: `jq -c '.[]'` writes it so",
    )
}

/// Reads ink of any kind; `shown` is what messages call the file.
pub(crate) fn read(bytes: &[u8], shown: &str, defaults: &Defaults) -> anyhow::Result<Ink> {
    if inkml::is_xml(bytes) {
        return read_inkml(bytes, shown, defaults);
    }
    if let Some(what) = to_convert(bytes) {
        bail!("{shown} is {what}");
    }
    if is_json(bytes) {
        ensure_lines(bytes, shown)?;
        return read_handwriting(bytes, shown, defaults);
    }
    let mut wire = Wire::default();
    if let Ok(capture) = Capture::parse(bytes) {
        for (number, bundle) in capture.bundles().enumerate() {
            let name = format!("{shown}: bundle {number}");
            let bundle = bundle.map_err(|error| anyhow::anyhow!("{name}: {error}"))?;
            wire.take(bundle, &name)?;
        }
    } else if Bundle::parse(bytes).is_ok() {
        wire.take(bytes, shown)?;
    } else {
        bail!("{shown} is neither a capture nor a bundle, neither InkML nor JSON Lines");
    }
    Ok(wire.assemble(shown))
}

/// What came over the wire.
#[derive(Default)]
struct Wire<'a> {
    chunks: Vec<&'a [u8]>,
    /// From a pen's clock to its gateway's.
    offsets_ms: BTreeMap<(PenId, BootId), i64>,
    faults: usize,
}

impl<'a> Wire<'a> {
    fn take(&mut self, bundle: &'a [u8], name: &str) -> anyhow::Result<()> {
        let bundle = Bundle::parse(bundle).map_err(|error| anyhow::anyhow!("{name}: {error}"))?;
        for raw in bundle.frames() {
            match raw.frame {
                Ok(Frame::Chunk(_)) => self.chunks.push(raw.bytes),
                Ok(Frame::PenState(state)) => {
                    // Clocks may say anything.
                    let offset_ms = state.seen_unix_ms.saturating_sub(state.pen_unix_ms);
                    self.offsets_ms.insert((state.pen, state.boot), offset_ms);
                }
                Ok(_) => {}
                Err(error) => {
                    self.faults += 1;
                    tell!("{name}, byte {}: {error}", raw.offset);
                }
            }
        }
        Ok(())
    }

    fn assemble(self, shown: &str) -> Ink {
        let Assembly { mut strokes, errors } = Assembly::of_chunks(self.chunks);
        for error in &errors {
            tell!("{shown}: {error}");
        }
        for stroke in &mut strokes {
            let clock = (stroke.key.pen, stroke.key.boot);
            let offset_ms = self.offsets_ms.get(&clock).copied().unwrap_or(0);
            stroke.start_ms = stroke.start_ms.saturating_add(offset_ms);
        }
        Ink { strokes, faults: self.faults + errors.len(), broken_off: false }
    }
}

fn read_inkml(bytes: &[u8], shown: &str, defaults: &Defaults) -> anyhow::Result<Ink> {
    let reading = inkml::read(bytes, defaults);
    let told: Vec<String> = reading.errors.iter().map(ToString::to_string).collect();
    tell_errors(shown, &told);
    if reading.errors.iter().any(|error| matches!(error.fault, inkml::Fault::UnitUnknown { .. })) {
        tell!("{shown}: --device-unit-nm says how many nanometres such a unit is");
    }
    tell_passed_over(shown, &reading.passed_over);
    let broken_off = reading.errors.iter().any(inkml::Error::ends_reading);
    if reading.strokes.is_empty() && !reading.errors.is_empty() {
        bail!("{shown}: no stroke in it could be read");
    }
    Ok(Ink { strokes: reading.strokes, faults: reading.errors.len(), broken_off })
}

fn tell_errors(shown: &str, errors: &[String]) {
    for error in errors.iter().take(ERRORS_SHOWN_MAX) {
        tell!("{shown}: {}", excerpt::message(error));
    }
    if errors.len() > ERRORS_SHOWN_MAX {
        tell!("{shown}: and {} errors more", errors.len() - ERRORS_SHOWN_MAX);
    }
}

fn tell_passed_over(shown: &str, passed_over: &PassedOver) {
    let told = [
        (passed_over.pen_up_traces, "pen-up traces: no ink"),
        (passed_over.trace_views, "trace views show again what was read already"),
        (passed_over.foreign_elements, "elements of other namespaces passed over"),
        (passed_over.mappings, "mappings not followed: positions are taken as written"),
        (passed_over.times_going_back, "times of points that go back: taken as the time before"),
        (passed_over.traces_sorted, "traces stand out of the order of their times: sorted by time"),
        (
            passed_over.traces_delayed,
            "traces begin before the one before has ended: put one after another as the file has \
             them, 100 ms apart",
        ),
        (passed_over.points_without_position, "points without a position passed over"),
        (passed_over.orientation_values, "values of tilt and rotation passed over"),
        (passed_over.other_values, "values of other channels passed over"),
        (
            passed_over.traces_without_force_scale,
            "traces whose force has no maximum: taken as none",
        ),
        (passed_over.traces_without_times, "traces without times: spaced by --rate-hz"),
    ];
    for (count, what) in told.iter().filter(|(count, _)| *count > 0) {
        tell!("{shown}: {count} {what}");
    }
}

#[cfg(test)]
mod tests;
