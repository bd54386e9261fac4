//! Ink for offline work: a capture or InkML, with the capture's manifest beside it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use firmware_protocol::{BootId, PenId};
use ink::Stroke;
use ink::inkml::{self, Defaults};
use marking::PageInk;
use pen_sim::{Manifest, ManifestLease};
use worksheet::{Copies, PrintRun, Worksheet};

use crate::cli::PageArgs;
use crate::strokes;

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

/// Every stroke of a capture or of InkML, its start moved from the pen's clock to the gateway's.
fn strokes(path: &Path) -> anyhow::Result<Vec<Stroke>> {
    let shown = strokes::shown(path);
    let bytes = strokes::read_bytes(path)?;
    if strokes::is_json(&bytes) {
        bail!("{shown}: JSON Lines name no page; zhibi import ink --address makes a capture");
    }
    let defaults = Defaults {
        pen: PenId(0),
        boot: BootId { counter: 0, random: 0 },
        address: None,
        start_ms: 0,
        rate_hz: 100.0,
        device_unit_nm: None,
    };
    let ink = strokes::read(&bytes, &shown, &defaults)?;
    if ink.broken_off {
        bail!("{shown} breaks off; zhibi import ink makes a capture of what stands before");
    }
    let pageless = ink.strokes.iter().filter(|stroke| stroke.address.is_none()).count();
    if pageless > 0 && inkml::is_xml(&bytes) {
        eprintln!("{shown}: {pageless} strokes name no page and lie on none");
    }
    Ok(ink.strokes)
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
