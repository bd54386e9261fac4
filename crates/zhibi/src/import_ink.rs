//! `zhibi import ink`: other programs' ink as a capture.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};

use anyhow::{Context, bail, ensure};
use firmware_protocol::{
    BUNDLE_BYTES_MAX, BootId, BundleWriter, CAPTURE_HEADER, ChunkKey, ClockSource, Hello,
    Orientation, PenHead, PenId, Reading, SealPolicy, Sealer, ShortText, StrokeEnd, UNIX_MS_MAX,
    VERSION, capture_length, encode_hello,
};
use ink::{Sample, Stroke, inkml};

use crate::cli::ImportInkArgs;
use crate::say::counted;
use crate::{Verdict, strokes, whole_file};

/// Milliseconds are what a stroke's times are in.
const TICK_US: u32 = 1_000;
/// How many numbers without a stroke, of one pen's start, are filled with empty strokes so that the
/// strokes after them keep their numbers.
const GAP_STROKES_MAX: usize = 65_536;

/// Runs the command.
pub(crate) fn run(args: &ImportInkArgs) -> anyhow::Result<Verdict> {
    let shown = strokes::shown(&args.file);
    let bytes = strokes::read_bytes(&args.file)?;
    ensure!(
        inkml::is_xml(&bytes) || strokes::is_json(&bytes) || strokes::to_convert(&bytes).is_some(),
        "{shown} is neither InkML nor JSON Lines; a capture or bundle needs no import"
    );
    if args.out.is_none() && std::io::stdout().is_terminal() {
        bail!("a capture is nothing for a terminal: name a file with --out");
    }
    let ink = strokes::read(&bytes, &shown, &strokes::defaults(&args.defaults, &bytes))?;
    let verdict = ink.verdict();
    let samples: usize = ink.strokes.iter().map(|stroke| stroke.samples.len()).sum();
    let count = ink.strokes.len();
    let frames = seal(ink.strokes, args.unit_nm).with_context(|| format!("cannot seal {shown}"))?;
    let capture = capture(&frames);
    tell!(
        "{shown}: {}, {} in {}",
        counted(count, "stroke", "strokes"),
        counted(samples, "sample", "samples"),
        counted(frames.len(), "frame", "frames")
    );
    match &args.out {
        Some(path) => whole_file::write(path, &capture)?,
        None => {
            let mut stdout = std::io::stdout().lock();
            stdout.write_all(&capture)?;
            stdout.flush()?;
        }
    }
    Ok(verdict)
}

/// Strokes as their pens would have sent them, each in counts of `unit_nm`: of each start a hello,
/// then chunks.
fn seal(strokes: Vec<Stroke>, unit_nm: u32) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut starts: BTreeMap<(PenId, BootId), Vec<Stroke>> = BTreeMap::new();
    for stroke in strokes {
        starts.entry((stroke.key.pen, stroke.key.boot)).or_default().push(stroke);
    }
    let mut frames = Vec::new();
    for ((pen, boot), mut strokes) in starts {
        strokes.sort_by_key(|stroke| stroke.key.number);
        let forces = strokes.iter().flat_map(|stroke| &stroke.samples);
        let force_max = if forces.into_iter().any(|s| s.force > 0) { u16::MAX } else { 0 };
        let held = || strokes.iter().flat_map(|stroke| &stroke.orientation);
        let head = PenHead {
            tilt: held().next().is_some(),
            twist: held().any(|held| held.twist > 0),
            ..PenHead::new(unit_nm, force_max, TICK_US)
        };
        frames.push(hello(pen, boot, head, &strokes)?);
        let sealer = Sealer::new(pen, boot, head, SealPolicy::STANDARD);
        seal_start(sealer, &strokes, unit_nm, &mut frames)?;
    }
    Ok(frames)
}

/// The hello of a start of a pen, which comes before its chunks.
fn hello(pen: PenId, boot: BootId, head: PenHead, strokes: &[Stroke]) -> anyhow::Result<Vec<u8>> {
    let hello = Hello {
        key: ChunkKey { pen, boot, number: 0 },
        model: ShortText::new("imported").context("a model")?,
        firmware: ShortText::new(env!("CARGO_PKG_VERSION")).context("a version")?,
        versions: (VERSION, VERSION),
        sample_rate_hz: sample_rate_hz(strokes),
        head,
        clock: ClockSource::Kept,
        epoch_unix_ms: first_tick_ms(strokes),
    };
    let mut frame = [0; 96];
    let len = encode_hello(&hello, &mut frame).context("a hello")?;
    Ok(frame[..len].to_vec())
}

/// Samples a second while the pen was down.
fn sample_rate_hz(strokes: &[Stroke]) -> u16 {
    let intervals = strokes.iter().map(|stroke| stroke.samples.len().saturating_sub(1) as u64);
    let last_ms = |stroke: &Stroke| stroke.samples.last().map_or(0, |last| last.t_ms);
    let ms: u64 = strokes.iter().map(|stroke| u64::from(last_ms(stroke))).sum();
    let hz = (1_000 * intervals.sum::<u64>() + ms / 2).checked_div(ms).unwrap_or(0);
    u16::try_from(hz).unwrap_or(u16::MAX)
}

/// Seals the strokes of one start of a pen, ordered by number.
fn seal_start(
    mut sealer: Sealer,
    strokes: &[Stroke],
    unit_nm: u32,
    chunks: &mut Vec<Vec<u8>>,
) -> anyhow::Result<()> {
    let mut out = |chunk: &[u8]| chunks.push(chunk.to_vec());
    let first_tick_ms = first_tick_ms(strokes);
    let (mut number, mut gaps) = (0, 0);
    for stroke in strokes {
        let key = stroke.key;
        let ticks = |ms: i64| u64::try_from(ms.saturating_sub(first_tick_ms)).unwrap_or(0);
        let start_ticks = ticks(stroke.start_ms);
        gaps += (key.number - number) as usize;
        ensure!(
            gaps <= GAP_STROKES_MAX,
            "stroke {key}: more than {GAP_STROKES_MAX} numbers before it have no stroke"
        );
        // The sealer numbers strokes itself, from 0.
        for _ in number..key.number {
            sealer.pen_down(stroke.address, start_ticks, stroke.start_ms, &mut out);
            sealer.pen_up(StrokeEnd::Up, &mut out);
        }
        let last_ms = stroke.samples.iter().map(|sample| sample.t_ms).max().unwrap_or(0);
        let last_ms = stroke.start_ms.saturating_add(last_ms.into());
        let beyond = [stroke.start_ms, last_ms]
            .into_iter()
            .find(|ms| ms.unsigned_abs() > UNIX_MS_MAX.unsigned_abs());
        if let Some(ms) = beyond {
            bail!("stroke {key}: its time, {ms} ms, is beyond 2⁶¹ ms from 1970");
        }
        number = key.number.wrapping_add(1);
        sealer.pen_down(stroke.address, start_ticks, stroke.start_ms, &mut out);
        let mut held = stroke.orientation.iter();
        for sample in &stroke.samples {
            let unix_ms = stroke.start_ms.saturating_add(sample.t_ms.into());
            let (x, y) = counts(sample, unit_nm).with_context(|| {
                format!("stroke {key}: a position is beyond 2³¹ counts of {unit_nm} nm")
            })?;
            let orientation = held.next().copied().unwrap_or(Orientation::NONE);
            let reading = Reading::new(ticks(unix_ms), unix_ms, x, y, sample.force);
            sealer.sample(Reading { orientation, ..reading }, &mut out);
        }
        sealer.pen_up(stroke.end, &mut out);
    }
    sealer.flush(&mut out);
    Ok(())
}

/// The Unix milliseconds at which the pen's ticks are 0: as recorded where its ticks were
/// milliseconds, otherwise the earliest start of a stroke.
fn first_tick_ms(strokes: &[Stroke]) -> i64 {
    let zero = |stroke: &Stroke| {
        i64::try_from(stroke.start_ticks).ok().and_then(|ticks| stroke.start_ms.checked_sub(ticks))
    };
    let first = strokes.first().and_then(zero);
    let same = strokes.iter().all(|stroke| zero(stroke) == first);
    let earliest = || strokes.iter().map(|stroke| stroke.start_ms).min().unwrap_or(0);
    first.filter(|_| same).unwrap_or_else(earliest)
}

/// A position in counts, rounded to the nearest; `None` where it does not fit.
fn counts(sample: &Sample, unit_nm: u32) -> Option<(i32, i32)> {
    let count = |um: i32| {
        let (nm, unit_nm) = (i64::from(um) * 1000, i64::from(unit_nm));
        i32::try_from((nm + unit_nm / 2).div_euclid(unit_nm)).ok()
    };
    count(sample.x_um).zip(count(sample.y_um))
}

/// Frames as a capture, in bundles as full as they can be.
fn capture(frames: &[Vec<u8>]) -> Vec<u8> {
    let mut capture = CAPTURE_HEADER.to_vec();
    let mut buffer = vec![0; BUNDLE_BYTES_MAX];
    let mut rest = frames.iter().peekable();
    while rest.peek().is_some() {
        // Unwrap safety: the buffer has room for the header, and for one frame at least.
        #[expect(clippy::expect_used, reason = "see above")]
        let mut writer = BundleWriter::new(&mut buffer).expect("room for a header");
        while rest.next_if(|frame| writer.push(frame).is_ok()).is_some() {}
        let bundle = writer.finish();
        // A bundle is at most 64 KiB.
        capture.extend(capture_length(bundle.len() as u32));
        capture.extend(bundle);
    }
    capture
}

#[cfg(test)]
mod tests;
