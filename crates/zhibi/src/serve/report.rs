//! The conformance report: what arrived, and what is wrong with it, as it comes.
//!
//! The observer that ingest calls only hands a copy over; a thread of its own reads frames and
//! writes, so that neither the broker's connection nor the runtime waits for either. Where it
//! cannot keep up, payloads are missing in the report, and it says so.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use firmware_protocol::{BUNDLE_BYTES_MAX, Bundle, BundleError, RawFrame, Topic};
use ingest::Observer;
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};
use wire_tools::conformance::{COUNT_OFFSET, Conformance, Finding, Place};
use wire_tools::explain;
use wire_tools::frame_json::{self, ErrorJson, FrameJson, to_json};

#[cfg(test)]
mod tests;

/// Payloads that may wait to be written: 16 MiB, when all are as long as a bundle may be.
const WAITING_MAX: usize = 256;
/// Chunks that rules between frames look back to, at some 200 bytes each.
const CHUNKS_MAX: usize = 100_000;
/// Where the report ends, so that it cannot fill the disk on which the store lies.
const REPORT_BYTES_MAX: u64 = 1 << 30;
/// Bytes that are kept of a payload that is too long to be a bundle.
const OVERSIZED_BYTES_KEPT: usize = 1024;
/// How long the waiting payloads may take to be written when the service stops.
const FINISH_MAX: Duration = Duration::from_secs(30);

/// A report that is being written.
pub(super) struct Report {
    /// What the thread has to say when it ends.
    done: oneshot::Receiver<io::Result<Summary>>,
}

/// What the observer counts.
#[derive(Debug, Default)]
struct Arrivals {
    payloads: AtomicUsize,
    dropped: AtomicUsize,
}

/// One payload on its way to the report.
#[derive(Debug)]
struct Payload {
    /// Counts what arrived, from 0.
    number: usize,
    /// The gateway's id, or the topic where it names none.
    from: String,
    /// Cut where it is too long to be a bundle.
    bytes: Vec<u8>,
    len: usize,
}

impl Report {
    /// Opens the file and starts the thread; it ends when the observer is dropped.
    ///
    /// The file must not exist yet or be empty: rules between frames hold within one run, and
    /// nothing is written over. It holds ink, so only its owner may read it.
    pub(super) fn start(path: &Path) -> anyhow::Result<(Self, Observer)> {
        let file = open(path)
            .with_context(|| format!("cannot begin the conformance report {}", path.display()))?;
        tracing::warn!(
            report = %path.display(),
            "all ink that arrives goes into the conformance report: for pens on a bench alone"
        );
        let arrivals = Arc::new(Arrivals::default());
        let (send, waiting) = mpsc::channel(WAITING_MAX);
        let (say, done) = oneshot::channel();
        let counted = Arc::clone(&arrivals);
        std::thread::Builder::new()
            .name("conformance".to_owned())
            .spawn(move || {
                let written = write(file, waiting, &counted);
                if let Err(error) = &written {
                    tracing::error!(%error, "the conformance report ends: it cannot be written");
                }
                // Nobody may be left to hear it.
                let _heard = say.send(written);
            })
            .context("cannot start the conformance report's thread")?;
        Ok((Self { done }, observer(send, arrivals)))
    }

    /// Waits until everything that was seen is written, and logs the summary.
    ///
    /// # Errors
    /// Where the report is not whole.
    pub(super) async fn finish(self) -> anyhow::Result<()> {
        let done = tokio::time::timeout(FINISH_MAX, self.done).await;
        let summary = done
            .context("the conformance report took too long to end")?
            .context("the conformance report ended by itself")?
            .context("the conformance report is not whole")?;
        let Summary { payloads, frames, chunks, samples, faults, findings, dropped } = summary;
        tracing::info!(
            payloads,
            frames,
            chunks,
            samples,
            faults,
            findings,
            dropped,
            "the conformance report is written"
        );
        Ok(())
    }
}

fn open(path: &Path) -> anyhow::Result<File> {
    // Before it is opened: a FIFO would wait for a reader.
    let plain = std::fs::metadata(path).map_or(true, |known| known.is_file());
    ensure!(plain, "it is no regular file");
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    ensure!(file.metadata()?.len() == 0, "it is there already; a report is one run's");
    Ok(file)
}

/// Hands each payload over where there is room, and counts it where there is none.
fn observer(send: mpsc::Sender<Payload>, arrivals: Arc<Arrivals>) -> Observer {
    Observer(Arc::new(move |from: &str, bytes: &[u8]| {
        let number = arrivals.payloads.fetch_add(1, Ordering::Relaxed);
        let Ok(room) = send.try_reserve() else {
            arrivals.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let len = bytes.len();
        let kept = if len > BUNDLE_BYTES_MAX { OVERSIZED_BYTES_KEPT } else { len };
        room.send(Payload { number, from: from.to_owned(), bytes: bytes[..kept].to_vec(), len });
    }))
}

fn write(
    file: File,
    mut waiting: mpsc::Receiver<Payload>,
    arrivals: &Arrivals,
) -> io::Result<Summary> {
    let mut writer = Writer::new(BufWriter::new(file), REPORT_BYTES_MAX, CHUNKS_MAX);
    while let Some(payload) = waiting.blocking_recv() {
        writer.payload(&payload)?;
    }
    let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
    // Left empty, the file can be used again: perhaps the service could not start.
    if count(&arrivals.payloads) == 0 {
        return Ok(Summary::default());
    }
    writer.finish(count(&arrivals.payloads), count(&arrivals.dropped))
}

/// What there was in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
struct Summary {
    /// All that arrived.
    payloads: usize,
    frames: usize,
    /// Chunks that can be read, each copy.
    chunks: usize,
    /// Samples of these.
    samples: usize,
    /// Objects of errors.
    faults: usize,
    findings: usize,
    /// Payloads among all that came too fast and are not in the report.
    dropped: usize,
}

/// One object of the report.
#[derive(Serialize)]
struct Line<'a> {
    gateway: &'a str,
    payload: usize,
    /// Bytes from the payload's beginning.
    offset: usize,
    /// As `zhibi decode` prints it; none where the findings are the bundle's.
    #[serde(flatten)]
    frame: Option<FrameJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<FindingJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    explain: Vec<String>,
}

/// A breach of a rule that this frame completes.
#[derive(Serialize)]
struct FindingJson {
    rule: &'static str,
    finding: String,
    /// The earlier frame that it conflicts with.
    #[serde(skip_serializing_if = "Option::is_none")]
    other: Option<OtherJson>,
}

#[derive(Serialize)]
struct OtherJson {
    payload: usize,
    offset: usize,
}

impl FindingJson {
    /// A finding of the frame that came last, whichever of the two frames the finding names.
    fn at(here: Place, finding: Finding) -> Self {
        let Finding { rule, bundle, offset, finding, other } = finding;
        let named = bundle.zip(offset);
        let other = if named == Some(here) { other } else { named };
        let other = other.map(|(payload, offset)| OtherJson { payload, offset });
        Self { rule, finding, other }
    }
}

/// Writes the report's lines.
struct Writer<W> {
    out: W,
    bytes_left: u64,
    full: bool,
    conformance: Conformance,
    /// Whether the report has said that chunks were forgotten.
    said_forgot: bool,
    /// The payload that is expected next.
    next: usize,
    summary: Summary,
}

impl<W: Write> Writer<W> {
    fn new(out: W, bytes_max: u64, chunks_max: usize) -> Self {
        Self {
            out,
            bytes_left: bytes_max,
            full: false,
            conformance: Conformance::remembering(chunks_max),
            said_forgot: false,
            next: 0,
            summary: Summary::default(),
        }
    }

    /// Everything that is to be said of a payload, flushed.
    fn payload(&mut self, payload: &Payload) -> io::Result<()> {
        if payload.number > self.next {
            let (first, last) = (self.next, payload.number - 1);
            self.note(&format!(
                "payloads {first} to {last} came too fast and are not here; rules between frames \
                 do not know them"
            ))?;
        }
        self.next = payload.number + 1;
        // A gateway's id has no slash.
        let stray = payload.from.contains('/').then(|| Topic::parse(&payload.from).err());
        if let Some(error) = stray.flatten() {
            let error = format!("{error}; what is sent there is not stored and not answered");
            self.fault(payload, "topic", None, &error, &[])?;
        }
        match payload.bundle() {
            Ok(bundle) => {
                for raw in bundle.frames() {
                    self.frame(payload, &raw)?;
                }
                self.conformance.bundle_end(payload.number, &bundle);
                self.bundle_findings(payload)?;
            }
            Err(error) => {
                let (field, at) = match error {
                    BundleError::BadMagic => ("magic", 0),
                    BundleError::Truncated(len) => ("header", len),
                    BundleError::UnknownVersion(_) => ("version", 4),
                    BundleError::TooLong(_) => ("length", BUNDLE_BYTES_MAX),
                };
                self.fault(payload, field, Some(at), &error.to_string(), &payload.bytes)?;
            }
        }
        if self.conformance.forgot() && !self.said_forgot {
            self.said_forgot = true;
            self.note(
                "so many chunks came that the oldest are forgotten; rules between frames do not \
                 know them any more",
            )?;
        }
        self.out.flush()
    }

    fn frame(&mut self, payload: &Payload, raw: &RawFrame<'_>) -> io::Result<()> {
        self.conformance.frame(payload.number, raw);
        let frame = to_json(raw);
        self.summary.frames += 1;
        let faulty = match &frame {
            FrameJson::Error(_) => {
                self.summary.faults += 1;
                true
            }
            FrameJson::Chunk(chunk) => {
                self.summary.chunks += 1;
                self.summary.samples += chunk.samples();
                false
            }
            _ => false,
        };
        let findings = self.findings((payload.number, raw.offset));
        let wrong = faulty || !findings.is_empty();
        let explain = if wrong { explain::frame(raw, &frame) } else { Vec::new() };
        let bytes = frame_json::untold(raw, &frame);
        let line = payload.line(raw.offset, Some(frame), findings, explain);
        self.line(&Line { bytes, ..line })
    }

    /// What the rules say of the bundle itself.
    fn bundle_findings(&mut self, payload: &Payload) -> io::Result<()> {
        let findings = self.findings((payload.number, COUNT_OFFSET));
        if findings.is_empty() {
            return Ok(());
        }
        let explain = explain::bundle_header(&payload.bytes).to_vec();
        self.line(&payload.line(COUNT_OFFSET, None, findings, explain))
    }

    /// What the rules have found since they were asked last, of the frame at `here`.
    fn findings(&mut self, here: Place) -> Vec<FindingJson> {
        let found = self.conformance.take_findings();
        self.summary.findings += found.len();
        found.into_iter().map(|finding| FindingJson::at(here, finding)).collect()
    }

    /// What is wrong with a payload as a whole.
    fn fault(
        &mut self,
        payload: &Payload,
        field: &str,
        at: Option<usize>,
        error: &str,
        bytes: &[u8],
    ) -> io::Result<()> {
        self.summary.faults += 1;
        let mut explain: Vec<_> = explain::dump(bytes).collect();
        if bytes.len() < payload.len && !bytes.is_empty() {
            explain.push(format!("# and {} bytes more", payload.len - bytes.len()));
        }
        explain.push(format!("# {error}"));
        let frame = FrameJson::Error(ErrorJson {
            at,
            field: Some(field.to_owned()),
            error: error.to_owned(),
            hex: frame_json::hex(bytes),
        });
        self.line(&payload.line(0, Some(frame), Vec::new(), explain))
    }

    fn note(&mut self, note: &str) -> io::Result<()> {
        self.line(&serde_json::json!({ "note": note }))
    }

    /// Writes an object while there is room.
    fn line(&mut self, object: &impl Serialize) -> io::Result<()> {
        if self.full {
            return Ok(());
        }
        let mut line = serde_json::to_string(object)?;
        line.push('\n');
        let left = self.bytes_left.checked_sub(line.len() as u64);
        if let Some(left) = left {
            self.bytes_left = left;
            return self.out.write_all(line.as_bytes());
        }
        self.full = true;
        writeln!(self.out, r#"{{"note":"the report is full; what follows is only counted"}}"#)
    }

    /// The last line.
    fn finish(mut self, payloads: usize, dropped: usize) -> io::Result<Summary> {
        let summary = Summary { payloads, dropped, ..self.summary };
        let last = serde_json::json!({ "summary": summary });
        writeln!(self.out, "{last}")?;
        self.out.flush()?;
        Ok(summary)
    }
}

impl Payload {
    fn bundle(&self) -> Result<Bundle<'_>, BundleError> {
        if self.len > BUNDLE_BYTES_MAX {
            return Err(BundleError::TooLong(self.len));
        }
        Bundle::parse(&self.bytes)
    }

    fn line(
        &self,
        offset: usize,
        frame: Option<FrameJson>,
        findings: Vec<FindingJson>,
        explain: Vec<String>,
    ) -> Line<'_> {
        let (gateway, payload) = (self.from.as_str(), self.number);
        Line { gateway, payload, offset, frame, bytes: None, findings, explain }
    }
}
