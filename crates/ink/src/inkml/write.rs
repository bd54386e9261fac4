//! Strokes to InkML.

use std::io;

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

/// The channels: integers, a thousand to the millimetre. That is how Office writes a tablet's counts
/// (a unit of length, and a resolution in it), so that readers which know it know this.
const HEAD: &str = r##"<?xml version="1.0" encoding="UTF-8"?>
<ink xmlns="http://www.w3.org/2003/InkML">
<definitions>
<context xml:id="pen">
<inkSource xml:id="source">
<traceFormat>
<channel name="X" type="integer" units="mm"/>
<channel name="Y" type="integer" units="mm"/>
<channel name="F" type="integer" min="0" max="65535" units="dev"/>
<channel name="T" type="integer" units="ms"/>
</traceFormat>
<channelProperties>
<channelProperty channel="X" name="resolution" value="1000" units="1/mm"/>
<channelProperty channel="Y" name="resolution" value="1000" units="1/mm"/>
<channelProperty channel="T" name="resolution" value="1" units="1/ms"/>
</channelProperties>
</inkSource>
"##;

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
    out.write_all(HEAD.as_bytes())?;
    writeln!(out, r#"<timestamp xml:id="start" time="{begins_ms}"/>"#)?;
    writeln!(out, "</context>\n</definitions>")?;
    for stroke in strokes {
        // None begins earlier but those before 1970, of which 0 is subtracted.
        let offset_ms = stroke.start_ms - begins_ms;
        let named = Named::from(stroke);
        writeln!(out, r#"<traceGroup><annotation type="{TYPE}">{named}</annotation>"#)?;
        write!(out, r##"<trace contextRef="#pen" timeOffset="{offset_ms}">"##)?;
        match notation {
            Notation::Explicit => explicit(&stroke.samples, out)?,
            Notation::Differences => differences(&stroke.samples, out)?,
        }
        writeln!(out, "</trace></traceGroup>")?;
    }
    writeln!(out, "</ink>")
}

/// A sample's channels in the file's order.
fn values(sample: &Sample) -> [i64; 4] {
    let Sample { x_um, y_um, force, t_ms } = *sample;
    [x_um.into(), y_um.into(), force.into(), t_ms.into()]
}

fn explicit(samples: &[Sample], out: &mut impl io::Write) -> io::Result<()> {
    for (index, sample) in samples.iter().enumerate() {
        let [x, y, force, t] = values(sample);
        let comma = if index == 0 { "" } else { "," };
        write!(out, "{comma}{x} {y} {force} {t}")?;
    }
    Ok(())
}

fn differences(samples: &[Sample], out: &mut impl io::Write) -> io::Result<()> {
    explicit(samples.get(..1).unwrap_or_default(), out)?;
    for (index, pair) in samples.windows(2).enumerate() {
        write!(out, ",")?;
        let (before, now) = (values(&pair[0]), values(&pair[1]));
        for (channel, (now, before)) in now.into_iter().zip(before).enumerate() {
            let difference = now - before;
            // A sign separates as well as a space does, and so does the order's mark.
            match (index, channel) {
                (0, _) => write!(out, "'{difference}")?,
                (_, 0) => write!(out, "{difference}")?,
                _ if difference < 0 => write!(out, "{difference}")?,
                _ => write!(out, " {difference}")?,
            }
        }
    }
    Ok(())
}
