//! InkML, the W3C's Ink Markup Language (Recommendation of 20 September 2011), read and written.
//!
//! Reading is one pass over the file, linear in its length and within the limits below. Definitions
//! refer backwards only: what they name stands before them, so that none goes in circles. Traces and
//! views may name what stands behind them. A trace that cannot be read costs one error and nothing
//! else. A DOCTYPE, and with it every entity of a file's own, is refused.
//!
//! What is read: `ink`, `definitions`, `context`, `inkSource` with `sampleRate` and
//! `channelProperties`, `traceFormat` with `channel` and `intermittentChannels`, `timestamp`,
//! `trace` with its continuations, `traceGroup`, `traceView`, and our own `annotation`. Elements are
//! known by their namespace, whatever their prefix. Of the channels X, Y, F and T are taken. A trace
//! in `definitions` is ink where a view shows it; a view of other ink shows it again, and a pen-up
//! trace is no ink: both are counted. A trace that stands anywhere else is reported. Brushes,
//! canvases and everything else are passed over.
//!
//! Times are those of one pen: see [`crate::order`].

use std::ops::AddAssign;

use firmware_protocol::{BootId, PageAddress, PenId};

use crate::Stroke;

mod annotation;
mod definitions;
mod document;
mod error;
mod format;
mod points;
mod scan;
mod trace;
mod units;
mod view;
mod write;

pub use annotation::{AddressError, parse_address};
pub use error::{Error, Fault};
pub use write::{Notation, write};

#[cfg(test)]
mod tests;

/// Longest file that is read.
pub const FILE_BYTES_MAX: usize = 64 << 20;
/// Elements in elements, the outermost counted.
pub const DEPTH_MAX: usize = 64;
/// Longest tag, its attributes included.
pub const TAG_BYTES_MAX: usize = 32 << 10;
/// Attributes of one element.
pub const ATTRIBUTES_MAX: usize = 32;
/// Longest value of an attribute.
pub const ATTRIBUTE_BYTES_MAX: usize = 4 << 10;
/// Channels of one trace format.
pub const CHANNELS_MAX: usize = 64;
/// Contexts, sources, formats and timestamps of one file.
pub const DEFINITIONS_MAX: usize = 10_000;
/// Traces of one file.
pub const TRACES_MAX: usize = 500_000;
/// Points of all traces of one file: 128 MB as samples.
pub const POINTS_MAX: usize = 8_000_000;
/// Milliseconds beyond which no time is taken: 2⁵³, up to which a number in a file is exact.
pub const TIME_MS_MAX: f64 = 9_007_199_254_740_992.0;
/// Errors after which a file is given up.
pub const ERRORS_MAX: usize = 1_000;

/// What to take where a file does not say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Defaults {
    /// The pen of traces that name none.
    pub pen: PenId,
    /// The start of that pen within which such traces are numbered, from 0 in the file's order.
    pub boot: BootId,
    /// The page face of such traces.
    pub address: Option<PageAddress>,
    /// Unix milliseconds at which a file begins that has no clock.
    pub start_ms: i64,
    /// Samples per second of traces without times; above 0.
    pub rate_hz: f64,
    /// Nanometres per unit of positions that have no physical unit; without it they are an error.
    pub device_unit_nm: Option<f64>,
}

/// What was read of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// In the file's order; no two of the same name.
    pub strokes: Vec<Stroke>,
    /// One per trace that could not be read, and last what ended the reading early, if anything.
    pub errors: Vec<Error>,
    /// What stands in the file and not in the strokes.
    pub passed_over: PassedOver,
}

/// Counts of what is not ink to us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PassedOver {
    /// Traces of a pen in the air.
    pub pen_up_traces: usize,
    /// Views of ink that was read already.
    pub trace_views: usize,
    /// Elements of other namespaces, with what stands in them.
    pub foreign_elements: usize,
    /// Mappings of channels and of canvases: positions are taken as they are written.
    pub mappings: usize,
    /// Times of points that were before those of the point before, and are taken to be the same.
    pub times_going_back: usize,
    /// Traces that stand in the file in another order than that of their times, and were sorted.
    pub traces_sorted: usize,
    /// Traces whose times would have let one pen write two strokes at once, and were put behind the
    /// trace before, in the file's order.
    pub traces_delayed: usize,
    /// Points without a position.
    pub points_without_position: usize,
    /// Values of tilt and rotation.
    pub orientation_values: usize,
    /// Values of channels that mean nothing here.
    pub other_values: usize,
    /// Traces whose force has no full scale, and reads as none.
    pub traces_without_force_scale: usize,
    /// Traces without times, spaced by [`Defaults::rate_hz`].
    pub traces_without_times: usize,
}

impl AddAssign for PassedOver {
    fn add_assign(&mut self, other: Self) {
        self.pen_up_traces += other.pen_up_traces;
        self.trace_views += other.trace_views;
        self.foreign_elements += other.foreign_elements;
        self.mappings += other.mappings;
        self.times_going_back += other.times_going_back;
        self.traces_sorted += other.traces_sorted;
        self.traces_delayed += other.traces_delayed;
        self.points_without_position += other.points_without_position;
        self.orientation_values += other.orientation_values;
        self.other_values += other.other_values;
        self.traces_without_force_scale += other.traces_without_force_scale;
        self.traces_without_times += other.traces_without_times;
    }
}

/// Whether bytes can be InkML at all: text that begins with a tag, or such text in UTF-16, which
/// [`read`] reports as not UTF-8.
pub fn is_xml(bytes: &[u8]) -> bool {
    let marks: [&[u8]; 4] = [b"\xff\xfe<\0", b"\xfe\xff\0<", b"<\0", b"\0<"];
    let utf_16 = marks.iter().any(|mark| bytes.starts_with(mark));
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    utf_16 || text.trim_ascii_start().starts_with(b"<")
}

/// Reads a file. It cannot fail: what went wrong is in [`Reading::errors`].
///
/// Positions become micrometres, by the resolution that the source states, or else by the channel's
/// unit, or else by [`Defaults::device_unit_nm`].
///
/// ```
/// use firmware_protocol::{BootId, PenId};
/// use ink::inkml;
///
/// let defaults = inkml::Defaults {
///     pen: PenId(7),
///     boot: BootId { counter: 1, random: 0 },
///     address: None,
///     start_ms: 0,
///     rate_hz: 100.0,
///     device_unit_nm: Some(1_000.0),
/// };
/// // The Recommendation's own way to write differences, and differences of differences.
/// let file = r#"<ink xmlns="http://www.w3.org/2003/InkML">
///     <trace>1125 18432,'23'43,"7"-8,3-5,7 -3</trace></ink>"#;
/// let reading = inkml::read(file.as_bytes(), &defaults);
/// let x_um: Vec<i32> = reading.strokes[0].samples.iter().map(|sample| sample.x_um).collect();
/// assert_eq!(x_um, [1125, 1148, 1178, 1211, 1251]);
///
/// // What a unit is worth must be said.
/// let silent = inkml::Defaults { device_unit_nm: None, ..defaults };
/// let reading = inkml::read(file.as_bytes(), &silent);
/// assert!(reading.errors[0].to_string().starts_with("line 2, byte 47, <trace>: channel X"));
/// ```
pub fn read(bytes: &[u8], defaults: &Defaults) -> Reading {
    document::read(bytes, defaults)
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
