//! Strokes to InkML.

use std::io;

use firmware_protocol::Orientation;

use super::annotation::{Named, TYPE};
use crate::{Sample, Stroke};

/// How values are written. Both are of the Recommendation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// Every value whole: for readers that know nothing else.
    Explicit,
    /// From a stroke's second sample on, differences: about half as long.
    Differences,
}

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ink xmlns="http://www.w3.org/2003/InkML">
<definitions>"#;

/// Writes the context of strokes that say how the pen was held, or of others.
///
/// Its channels are integers, a thousand to the millimetre. That is how Office writes a tablet's
/// counts (a unit of length, and a resolution in it), so that readers which know it know this.
fn context(held: bool, begins_ms: i64, out: &mut impl io::Write) -> io::Result<()> {
    let id = context_id(held);
    let turned = if held {
        "<channel name=\"OTx\" type=\"integer\" min=\"0\" max=\"255\" units=\"dev\"/>\n\
         <channel name=\"OTy\" type=\"integer\" min=\"0\" max=\"255\" units=\"dev\"/>\n\
         <channel name=\"OR\" type=\"integer\" min=\"0\" max=\"65535\" units=\"dev\"/>\n"
    } else {
        ""
    };
    writeln!(
        out,
        r#"<context xml:id="{id}">
<inkSource xml:id="{id}-source">
<traceFormat>
<channel name="X" type="integer" units="mm"/>
<channel name="Y" type="integer" units="mm"/>
<channel name="F" type="integer" min="0" max="65535" units="dev"/>
<channel name="T" type="integer" units="ms"/>
{turned}</traceFormat>
<channelProperties>
<channelProperty channel="X" name="resolution" value="1000" units="1/mm"/>
<channelProperty channel="Y" name="resolution" value="1000" units="1/mm"/>
<channelProperty channel="T" name="resolution" value="1" units="1/ms"/>
</channelProperties>
</inkSource>
<timestamp xml:id="{id}-start" time="{begins_ms}"/>
</context>"#
    )
}

fn context_id(held: bool) -> &'static str {
    if held { "turned-pen" } else { "pen" }
}

/// Writes a file whose [`super::read`] gives the same strokes again, whatever the defaults.
///
/// Each trace stands in a group of its own, for a trace has no annotation, beside an annotation of
/// the type `zhibi-stroke` with all that InkML has no place for. Its `timeOffset` counts from the
/// file's timestamp, its times from its own start. Nothing written needs escaping: it is numbers.
///
/// # Errors
/// What `out` says.
pub fn write(strokes: &[Stroke], notation: Notation, out: &mut impl io::Write) -> io::Result<()> {
    // A timestamp is at least 0.
    let begins_ms = strokes.iter().map(|stroke| stroke.start_ms).min().unwrap_or(0).max(0);
    writeln!(out, "{HEAD}")?;
    context(false, begins_ms, out)?;
    if strokes.iter().any(|stroke| !stroke.orientation.is_empty()) {
        context(true, begins_ms, out)?;
    }
    writeln!(out, "</definitions>")?;
    for stroke in strokes {
        // Only strokes before 1970 begin earlier; from those 0 is subtracted.
        let offset_ms = stroke.start_ms - begins_ms;
        let named = Named::from(stroke);
        writeln!(out, r#"<traceGroup><annotation type="{TYPE}">{named}</annotation>"#)?;
        let id = context_id(!stroke.orientation.is_empty());
        write!(out, r##"<trace contextRef="#{id}" timeOffset="{offset_ms}">"##)?;
        let mut turns = stroke.orientation.iter();
        let points = stroke.samples.iter().map(|sample| values(sample, turns.next()));
        match notation {
            Notation::Explicit => explicit(points, out)?,
            Notation::Differences => differences(points, out)?,
        }
        writeln!(out, "</trace></traceGroup>")?;
    }
    writeln!(out, "</ink>")
}

/// A sample's channels in the file's order.
fn values(sample: &Sample, orientation: Option<&Orientation>) -> Vec<i64> {
    let Sample { x_um, y_um, force, t_ms } = *sample;
    let mut values = vec![x_um.into(), y_um.into(), force.into(), t_ms.into()];
    if let Some(&Orientation { tilt_x, tilt_y, twist }) = orientation {
        values.extend([i64::from(tilt_x), tilt_y.into(), twist.into()]);
    }
    values
}

fn explicit(points: impl Iterator<Item = Vec<i64>>, out: &mut impl io::Write) -> io::Result<()> {
    for (index, point) in points.enumerate() {
        let comma = if index == 0 { "" } else { "," };
        write!(out, "{comma}")?;
        for (channel, value) in point.into_iter().enumerate() {
            let space = if channel == 0 { "" } else { " " };
            write!(out, "{space}{value}")?;
        }
    }
    Ok(())
}

fn differences(
    mut points: impl Iterator<Item = Vec<i64>>,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let Some(mut before) = points.next() else { return Ok(()) };
    explicit(std::iter::once(before.clone()), out)?;
    for (index, now) in points.enumerate() {
        write!(out, ",")?;
        for (channel, (now, before)) in now.iter().zip(&before).enumerate() {
            let difference = now - before;
            // A sign separates as well as a space does, and so does the order's mark.
            match (index, channel) {
                (0, _) => write!(out, "'{difference}")?,
                (_, 0) => write!(out, "{difference}")?,
                _ if difference < 0 => write!(out, "{difference}")?,
                _ => write!(out, " {difference}")?,
            }
        }
        before = now;
    }
    Ok(())
}
