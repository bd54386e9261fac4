//! Ink for offline work: a capture, with its manifest beside it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use firmware_protocol::{BootId, Bundle, Capture, Frame, PenId};
use ink::{Assembly, Stroke};
use marking::PageInk;
use pen_sim::{Manifest, ManifestLease};
use worksheet::{Copies, PrintRun, Worksheet};

use crate::cli::PageArgs;

/// One page of one paper.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PaperPage {
    /// The copy, from 0; on shared sheets the pupil's position in the class.
    pub(crate) copy: u32,
    /// The page, from 1.
    pub(crate) page: u32,
}

/// A worksheet and what was written on its print run.
pub(crate) struct WrittenSheet {
    pub(crate) worksheet: Worksheet,
    pub(crate) run: PrintRun,
    /// By copy and page; strokes with corrected times.
    pub(crate) papers: BTreeMap<PaperPage, PageInk>,
}

impl WrittenSheet {
    /// Loads a worksheet, a capture and the capture's manifest.
    pub(crate) fn load(args: &PageArgs) -> anyhow::Result<Self> {
        let folder = args.worksheet.display();
        let worksheet = Worksheet::load(&args.worksheet)
            .with_context(|| format!("cannot load the worksheet in {folder}"))?;
        let manifest = manifest_beside(&args.ink)?;
        let run = manifest
            .assignments
            .iter()
            .map(|assignment| assignment.run.clone())
            .find(|run| run.worksheet == worksheet.id)
            .with_context(|| {
                let id = &worksheet.id;
                format!("the manifest knows no print run of {} version {}", id.id, id.version)
            })?;
        let strokes = strokes(&args.ink)?;
        let papers = lay_out(strokes, &run, &manifest);
        Ok(Self { worksheet, run, papers })
    }
}

fn manifest_beside(capture: &Path) -> anyhow::Result<Manifest> {
    let path = capture.with_file_name("manifest.json");
    let text = std::fs::read_to_string(&path).with_context(|| {
        format!("cannot read {}: a capture's manifest lies beside it", path.display())
    })?;
    serde_json::from_str(&text).with_context(|| format!("{} is no manifest", path.display()))
}

/// Every stroke of a capture, its start moved from the pen's clock to the gateway's.
fn strokes(path: &Path) -> anyhow::Result<Vec<Stroke>> {
    let shown = path.display();
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {shown}"))?;
    let capture = match Capture::parse(&bytes) {
        Ok(capture) => capture,
        Err(error) if bytes.starts_with(b"<") || bytes.starts_with(b"{") => {
            bail!("{shown}: InkML and JSON Lines cannot be marked yet ({error})")
        }
        Err(error) => bail!("{shown}: {error}"),
    };
    let mut chunks = Vec::new();
    let mut offsets_ms: BTreeMap<(PenId, BootId), i64> = BTreeMap::new();
    for (number, bundle) in capture.bundles().enumerate() {
        let bundle = bundle
            .map_err(|error| error.to_string())
            .and_then(|bundle| Bundle::parse(bundle).map_err(|error| error.to_string()))
            .map_err(|error| anyhow::anyhow!("{shown}: bundle {number}: {error}"))?;
        for raw in bundle.frames() {
            match raw.frame {
                Ok(Frame::Chunk(_)) => chunks.push(raw.bytes),
                Ok(Frame::PenState(state)) => {
                    let offset_ms = state.seen_unix_ms - state.pen_unix_ms;
                    offsets_ms.insert((state.pen, state.boot), offset_ms);
                }
                Ok(_) => {}
                Err(error) => {
                    eprintln!("{shown}: bundle {number}, byte {}: {error}", raw.offset);
                }
            }
        }
    }
    let mut assembly = Assembly::of_chunks(chunks);
    for error in &assembly.errors {
        eprintln!("{shown}: {error}");
    }
    for stroke in &mut assembly.strokes {
        let clock = (stroke.key.pen, stroke.key.boot);
        stroke.start_ms += offsets_ms.get(&clock).copied().unwrap_or(0);
    }
    Ok(assembly.strokes)
}

/// Sorts the strokes of one print run onto its papers.
fn lay_out(
    strokes: Vec<Stroke>,
    run: &PrintRun,
    manifest: &Manifest,
) -> BTreeMap<PaperPage, PageInk> {
    let mut papers: BTreeMap<PaperPage, PageInk> = BTreeMap::new();
    for stroke in strokes {
        let Some(address) = stroke.address else { continue };
        let book = (address.section, address.owner, address.book);
        let place = run.locate(address.page).filter(|_| book == (run.section, run.owner, run.book));
        let Some((copy, page)) = place else { continue };
        let lease = holder(&stroke, &manifest.leases);
        let copy = match (run.copies, lease.and_then(|lease| lease.pupil.as_deref())) {
            (Copies::PerCopy(_), _) => copy,
            (Copies::Shared, Some(pupil)) => {
                let position = manifest.pupils.iter().position(|known| known == pupil);
                position.and_then(|position| u32::try_from(position).ok()).unwrap_or(0)
            }
            // Red ink on a shared sheet belongs to nobody without a name label.
            (Copies::Shared, None) => continue,
        };
        let ink = papers.entry(PaperPage { copy, page }).or_default();
        match lease {
            Some(ManifestLease { marker: Some(_), .. }) => ink.red.push(stroke),
            _ => ink.pupil.push(stroke),
        }
    }
    papers
}

/// Who held the stroke's pen when it was written: the latest lease that had begun.
fn holder<'a>(stroke: &Stroke, leases: &'a [ManifestLease]) -> Option<&'a ManifestLease> {
    let pen = format!("{:012x}", stroke.key.pen.0);
    leases
        .iter()
        .filter(|lease| lease.pen == pen && lease.from_ms <= stroke.start_ms)
        .filter(|lease| lease.until_ms.is_none_or(|until_ms| stroke.start_ms < until_ms))
        .max_by_key(|lease| lease.from_ms)
}
