//! Ink for offline work: a capture or InkML, with the capture's manifest beside it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use attribution::{Evidence, Holder, Lease, Nobody, Sheet, Unknown};
use firmware_protocol::{BootId, PageAddress, PenId};
use ink::Stroke;
use ink::inkml::Defaults;
use marking::PageInk;
use school::PupilId;
use worksheet::{Copies, Manifest, ManifestLease, PrintRun, Worksheet};

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
    /// How many there are; on shared sheets, pupils of the class.
    pub(crate) copies: u32,
    /// By copy and page; strokes with corrected times.
    pub(crate) papers: BTreeMap<PaperPage, PageInk>,
    /// How many strokes lie on no paper, or on one where nobody can say whose hand it is.
    pub(crate) unplaced: BTreeMap<Unplaced, usize>,
}

/// Ink of one pen on one page face that is nobody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Unplaced {
    pub(crate) pen: PenId,
    pub(crate) address: Option<PageAddress>,
    /// The copy, where the address has its own.
    pub(crate) copy: Option<u32>,
    /// The worksheet's page, from 1.
    pub(crate) page: Option<u32>,
    pub(crate) reason: Reason,
}

/// Why ink is nobody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// By the rule that the service follows.
    Rule(Nobody),
    /// The pen's holder is no pupil of the class.
    NotInClass,
}

impl Reason {
    /// A code of lower-case letters and underscores.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Rule(why) => why.code(),
            Self::NotInClass => "not_in_class",
        }
    }

    /// What a person reads.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Rule(Nobody::NoPage) => "the ink names no page",
            Self::Rule(Nobody::NotPrinted) => "the address is none of this manifest's print runs",
            Self::Rule(Nobody::Hand(Unknown::NeverLent)) => "nobody ever held the pen",
            Self::Rule(Nobody::Hand(Unknown::NotLentThen)) => "nobody held the pen at that time",
            Self::Rule(Nobody::Hand(Unknown::NoTime)) => {
                "the pen's clock was never set, and several people held the pen"
            }
            Self::Rule(Nobody::RedOnShared) => {
                "red ink on a shared sheet: nothing says whose paper is meant"
            }
            Self::Rule(Nobody::NoPupil) => "the manifest names no pupil for the copy",
            Self::Rule(Nobody::NotAssigned) | Self::NotInClass => {
                "the pen's holder is no pupil of the class"
            }
        }
    }
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
        for assignment in &manifest.assignments {
            assignment.run.check().context("the manifest beside the ink")?;
        }
        let strokes = strokes(&args.ink)?;
        let (papers, unplaced) = lay_out(strokes, &run, &manifest)?;
        let copies = match run.copies {
            Copies::PerCopy(copies) => copies,
            Copies::Shared => u32::try_from(manifest.pupils.len()).unwrap_or(u32::MAX),
        };
        Ok(Self { worksheet, run, copies, papers, unplaced })
    }
}

fn manifest_beside(capture: &Path) -> anyhow::Result<Manifest> {
    let path = capture.with_file_name("manifest.json");
    let text = std::fs::read_to_string(&path).with_context(|| {
        format!("cannot read {}: a capture's manifest lies beside it", path.display())
    })?;
    serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .with_context(|| format!("{} is no manifest", path.display()))
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
    Ok(ink.strokes)
}

/// The ink of papers, and how much is nobody's.
type LaidOut = (BTreeMap<PaperPage, PageInk>, BTreeMap<Unplaced, usize>);

/// Sorts the strokes of one print run onto its papers. Strokes of the manifest's other runs are
/// left out; a stroke of no run is nobody's.
fn lay_out(strokes: Vec<Stroke>, run: &PrintRun, manifest: &Manifest) -> anyhow::Result<LaidOut> {
    let leases: Vec<Lease> = manifest.leases.iter().map(lease).collect::<Result<_, _>>()?;
    // The strokes' clocks are corrected, and no receipt is known.
    let evidence = Evidence::of_leases(leases);
    // A copy is told by its number; who owns it does not matter here.
    let owner = PupilId::new("owner")?;
    let sheet = match run.copies {
        Copies::PerCopy(_) => Sheet::Copy { owner: Some(&owner) },
        Copies::Shared => Sheet::Shared,
    };
    let mut papers: BTreeMap<PaperPage, PageInk> = BTreeMap::new();
    let mut unplaced: BTreeMap<Unplaced, usize> = BTreeMap::new();
    for stroke in strokes {
        let place = stroke.address.and_then(|address| place(run, address));
        let nobodys = |reason| Unplaced {
            pen: stroke.key.pen,
            address: stroke.address,
            copy: place.map(|(copy, _)| copy).filter(|_| run.copies != Copies::Shared),
            page: place.map(|(_, page)| page),
            reason,
        };
        let found = match (stroke.address, place) {
            (None, _) => Err(Reason::Rule(Nobody::NoPage)),
            (Some(_), Some((copy, page))) => match evidence.whose(sheet, &stroke) {
                Ok(belongs) if run.copies == Copies::Shared => {
                    let copy = position(manifest, belongs.pupil).ok_or(Reason::NotInClass);
                    copy.map(|copy| (copy, page, belongs.red))
                }
                Ok(belongs) => Ok((copy, page, belongs.red)),
                Err(why) => Err(Reason::Rule(why)),
            },
            (Some(address), None) => {
                let mut others = manifest.assignments.iter().map(|assignment| &assignment.run);
                if others.any(|other| self::place(other, address).is_some()) {
                    continue;
                }
                Err(Reason::Rule(Nobody::NotPrinted))
            }
        };
        match found {
            Ok((copy, page, red)) => {
                let ink = papers.entry(PaperPage { copy, page }).or_default();
                if red { ink.red.push(stroke) } else { ink.pupil.push(stroke) }
            }
            Err(reason) => *unplaced.entry(nobodys(reason)).or_default() += 1,
        }
    }
    Ok((papers, unplaced))
}

/// The copy and page of a run to which an address belongs.
fn place(run: &PrintRun, address: PageAddress) -> Option<(u32, u32)> {
    let book = (address.section, address.owner, address.book);
    run.locate(address.page).filter(|_| book == (run.section, run.owner, run.book))
}

/// The copy that stands for a pupil on a shared sheet.
fn position(manifest: &Manifest, pupil: &PupilId) -> Option<u32> {
    let position = manifest.pupils.iter().position(|known| known == pupil.as_str())?;
    u32::try_from(position).ok()
}

fn lease(lease: &ManifestLease) -> anyhow::Result<Lease> {
    let ManifestLease { pen, pupil, marker, from_ms, until_ms } = lease;
    let holder = match (pupil, marker) {
        (Some(pupil), None) => Holder::pupil(pupil)?,
        (None, Some(marker)) => Holder::marker(marker)?,
        _ => bail!("the manifest's lease of pen {pen} names not one holder"),
    };
    let pen = u64::from_str_radix(pen, 16)
        .with_context(|| format!("the manifest leases pen {pen}, which is no pen"))?;
    Ok(Lease { pen, from_ms: *from_ms, until_ms: *until_ms, holder })
}

#[cfg(test)]
mod tests;
