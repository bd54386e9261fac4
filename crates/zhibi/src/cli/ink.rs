//! `zhibi import` and `zhibi export`, and what is asked about ink.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use firmware_protocol::{PageAddress, PenId, UNIX_MS_MAX};

use super::export::{
    ExportNotebookArgs, ExportOneRosterArgs, ExportPagesArgs, ExportParquetArgs, ExportResultsArgs,
};
use super::roster::ImportRosterArgs;
use super::worksheet::ImportWorksheetArgs;

/// What can be taken in.
#[derive(Subcommand, Debug)]
pub(crate) enum Import {
    /// InkML or handwriting as JSON Lines, into a capture
    Ink(ImportInkArgs),
    /// A school's classes, pupils and teachers, from OneRoster or from its own list
    Roster(ImportRosterArgs),
    /// A worksheet's folder, for the teachers of a school
    Worksheet(ImportWorksheetArgs),
}

/// What can be written out.
#[derive(Subcommand, Debug)]
pub(crate) enum Export {
    /// A capture, a bundle, InkML or JSON Lines, into InkML or JSON Lines
    Ink(ExportInkArgs),
    /// The results of an assignment or of a class, as xlsx or CSV
    Results(ExportResultsArgs),
    /// Marked pages, as PDF
    Pages(ExportPagesArgs),
    /// Wrong-answer notebooks (错题本), as PDF
    Notebook(ExportNotebookArgs),
    /// Results for other systems, as OneRoster CSV
    Oneroster(ExportOneRosterArgs),
    /// Everything that a data team analyses, without names, as Parquet
    Parquet(ExportParquetArgs),
}

/// What to take where a file of ink does not say.
#[derive(Args, Debug, Clone)]
pub(crate) struct InkDefaults {
    /// Nanometres a unit of positions without a physical unit (InkML in `dev`, `px` or nothing;
    /// JSON Lines)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) device_unit_nm: Option<u32>,
    /// Pen of strokes that name none, in hexadecimal
    #[arg(long, value_name = "ID", default_value = "0", value_parser = pen_id)]
    pub(crate) pen: PenId,
    /// Page face of strokes that name none, SECTION.OWNER.BOOK.PAGE; of JSON Lines, the first
    /// item's: each further one has the next page to itself
    #[arg(long, value_name = "ADDRESS", value_parser = page_address)]
    pub(crate) address: Option<PageAddress>,
    /// Unix milliseconds at which a file begins that has no clock
    #[arg(long, value_name = "MS", default_value_t = 0, allow_negative_numbers = true,
          value_parser = clap::value_parser!(i64).range(-UNIX_MS_MAX..=UNIX_MS_MAX))]
    pub(crate) start_ms: i64,
    /// Samples a second where a file does not say
    #[arg(long, value_name = "HZ", default_value_t = 100,
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) rate_hz: u32,
}

fn pen_id(text: &str) -> Result<PenId, String> {
    let id = u64::from_str_radix(text, 16).map(PenId);
    id.map_err(|_| "a pen is 1 to 16 hexadecimal digits".to_owned())
}

pub(super) fn page_address(text: &str) -> Result<PageAddress, String> {
    ::ink::inkml::parse_address(text).map_err(|error| error.to_string())
}

#[derive(Args, Debug)]
#[command(after_help = "\
FILE is InkML (W3C Recommendation of 2011) or handwriting as JSON Lines, told apart by content. The
capture is what gateways send: zhibi decode, mark and render read it (mark and render want the
manifest.json of its addresses beside it).

InkML that zhibi export ink wrote comes back with its pens, starts, stroke numbers, pages and times.

What is lost:
  - positions are rounded to --unit-nm, which loses nothing of whole micrometres at 1000
  - times are rounded to milliseconds, and a pen's own ticks become milliseconds
  - tilt and rotation but in a pen's own counts (OTx, OTy and OR, all three, units dev)
  - width, colour and brushes; pen-up traces; labels of JSON Lines
  - a stroke without its beginning counts as a whole one

A trace that cannot be read is told with line and byte, the rest is written, and the exit code is 3.
A store that holds the chunks of the first capture already keeps these in quarantine: they have the
same names and other bytes.

Examples:
  zhibi import ink page.inkml --out page.zcap --address 3.27.168.12
  zhibi import ink tablet.inkml --device-unit-nm 10000 --pen 7f3a --out tablet.zcap
  zhibi export ink evening.zcap | zhibi import ink - | zhibi decode -")]
pub(crate) struct ImportInkArgs {
    /// InkML or JSON Lines; `-` is standard input
    pub(crate) file: PathBuf,
    /// The capture to write; standard output without it
    #[arg(long, value_name = "FILE.zcap")]
    pub(crate) out: Option<PathBuf>,
    /// Nanometres a count of the capture
    #[arg(long, value_name = "N", default_value_t = 1_000,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) unit_nm: u32,
    #[command(flatten)]
    pub(crate) defaults: InkDefaults,
}

/// A format of ink to write.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub(crate) enum InkFormat {
    /// W3C InkML; loses nothing
    Inkml,
    /// Handwriting as JSON Lines, an item a pen and page; loses force, names, pages and start times
    Jsonl,
}

#[derive(Args, Debug)]
#[command(after_help = "\
FILE is a capture, a bundle, InkML or handwriting as JSON Lines, told apart by content. Times are
corrected by what the gateway heard of the pens' clocks.

InkML has integers in micrometres, force as a fraction of 65,535 and milliseconds. Beside each trace
stands an annotation of the type zhibi-stroke with its pen, start, number, page, time and end, which
other programs pass over.

Examples:
  zhibi export ink evening.zcap --out evening.inkml
  zhibi export ink evening.zcap --explicit | less
  zhibi export ink page.inkml --to jsonl")]
pub(crate) struct ExportInkArgs {
    /// A capture, a bundle, InkML or JSON Lines; `-` is standard input
    pub(crate) file: PathBuf,
    /// What to write
    #[arg(long, value_enum, default_value_t = InkFormat::Inkml)]
    pub(crate) to: InkFormat,
    /// InkML without differences, for programs that read only whole values
    #[arg(long)]
    pub(crate) explicit: bool,
    /// The file to write; standard output without it
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) defaults: InkDefaults,
}
