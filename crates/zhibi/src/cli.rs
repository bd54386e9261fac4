//! The command line: its commands, with their arguments in a file for each group.

mod assign;
mod export;
mod gateway;
mod ink;
mod learn;
mod pen;
mod print;
mod remark;
mod report;
mod roster;
mod service;
mod store;
mod user;
mod worksheet;

use std::path::PathBuf;

use ::store::StoreUrl;
use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use assign::AssignArgs;
pub(crate) use export::{
    ExportNotebookArgs, ExportOneRosterArgs, ExportPagesArgs, ExportParquetArgs, ExportResultsArgs,
};
pub(crate) use gateway::{AuthorityArgs, Gateway, GatewayArgs};
pub(crate) use ink::{Export, ExportInkArgs, Import, ImportInkArgs, InkDefaults, InkFormat};
pub(crate) use learn::{EvaluateArgs, Learn};
pub(crate) use pen::Pen;
pub(crate) use print::PrintArgs;
pub(crate) use remark::RemarkArgs;
pub(crate) use report::{Report, ReportMarkingArgs, ReportReadingArgs, ReportSpeedArgs};
pub(crate) use roster::ImportRosterArgs;
pub(crate) use service::{CONFIGURATION, DemoArgs, InitArgs, ServeArgs, SimulateArgs};
pub(crate) use store::{CheckArgs, EraseArgs, Quarantine, StoreCommand};
pub(crate) use user::{LinkArgs, User};
pub(crate) use worksheet::{
    BuildArgs, CheckWorksheetArgs, FrameworkArgs, ImportWorksheetArgs, ListWorksheetArgs, NewArgs,
    WorksheetCommand,
};

/// Pupils write on paper, teachers mark on paper; Zhibi stores the ink, reads it, and shows the
/// marked page.
#[derive(Parser, Debug)]
#[command(
    name = "zhibi",
    version,
    after_help = "\
Start here:
  zhibi demo                  a simulated class does its homework; open the printed address
  zhibi init && zhibi serve --config zhibi.toml
                              the service, for real gateways

Exit codes:
  0  done
  1  failed; the message says what, where and what to do
  2  the command line is wrong
  3  ran to its end and found something wrong (check, worksheet check, mark, decode --strict,
     demo --once, import, export, simulate, remark, quarantine release)

Logs go to standard error; ZHIBI_LOG sets what is logged, for example
ZHIBI_LOG=info,ingest=debug. No pupil's name or ink is ever logged."
)]
pub(crate) struct Cli {
    /// Log as JSON, one object a line.
    #[arg(long, global = true)]
    pub(crate) log_json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// Refuses what single arguments cannot say is wrong.
    pub(crate) fn checked(self) -> Result<Self, clap::Error> {
        if let Command::Gateway(args) = &self.command {
            args.check()?;
        }
        Ok(self)
    }
}

impl Command {
    /// Whether it runs until it is told to stop: such a command logs more.
    pub(crate) fn is_service(&self) -> bool {
        match self {
            Self::Serve(_) => true,
            Self::Gateway(args) => args.what.is_none(),
            _ => false,
        }
    }
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Run everything on this machine with a simulated class, from pen to marked page
    Demo(DemoArgs),
    /// Write a configuration file with a comment on every key
    Init(InitArgs),
    /// Run the service: ingest, pipeline and web
    Serve(ServeArgs),
    /// Send a simulated class's ink to a broker, or write it as a capture
    Simulate(SimulateArgs),
    /// Print a bundle or a capture as JSON Lines, one object a frame
    Decode(DecodeArgs),
    /// Turn JSON Lines back into a bundle or a capture
    Encode(EncodeArgs),
    /// Measure, with floors beside the figures
    Bench(BenchArgs),
    /// Hold two files of figures against each other
    Compare(CompareArgs),
    /// Read labelled handwriting and say how much of it was read right
    Recognize(RecognizeArgs),
    /// Write a page that shows how far reading or marking can be trusted
    Report {
        /// Of what
        #[command(subcommand)]
        what: Report,
    },
    /// Mark a capture offline
    Mark(MarkArgs),
    /// Draw a page: artwork and ink
    Render(RenderArgs),
    /// Make worksheets from text, and look at what is wrong with them
    Worksheet {
        /// What to do
        #[command(subcommand)]
        what: WorksheetCommand,
    },
    /// Print a worksheet for a class on coded paper, as PDF
    Print(PrintArgs),
    /// Mark stored papers again: for a new model, or because a key was corrected
    Remark(RemarkArgs),
    /// Verify a store against its chunks
    Check(CheckArgs),
    /// Erase a pupil: everything that the store holds of them
    Erase(EraseArgs),
    /// Make a store, back it up and restore it
    Store {
        /// What to do
        #[command(subcommand)]
        what: StoreCommand,
    },
    /// Give a printed worksheet to a class
    Assign(AssignArgs),
    /// Keep pens in sets, lend them, exchange them, and see whose they are
    Pen {
        /// The store: its database file, or postgres://user@host/database
        #[arg(value_parser = StoreUrl::from_argument)]
        database: StoreUrl,
        /// The school whose pens they are: its name or id. Needed where the store holds several
        #[arg(long, global = true, value_name = "NAME")]
        school: Option<String>,
        /// What to do
        #[command(subcommand)]
        what: Pen,
    },
    /// Run a classroom's gateway; enrol gateways for classrooms, and see which are online
    Gateway(GatewayArgs),
    /// Let members of staff in, or shut them out
    User {
        /// The store: its database file, or postgres://user@host/database
        #[arg(value_parser = StoreUrl::from_argument)]
        database: StoreUrl,
        /// What to do
        #[command(subcommand)]
        what: User,
    },
    /// Look at what arrived and could not be stored as ink, and release what can be
    Quarantine {
        /// The store: its database file, or postgres://user@host/database
        #[arg(value_parser = StoreUrl::from_argument)]
        database: StoreUrl,
        /// What to do
        #[command(subcommand)]
        what: Quarantine,
    },
    /// Look at how well learning profiles predict
    Learn {
        /// What to do
        #[command(subcommand)]
        what: Learn,
    },
    /// Take something in from other programs' files
    Import {
        /// What it is
        #[command(subcommand)]
        what: Import,
    },
    /// Write something out for other programs
    Export {
        /// What it is
        #[command(subcommand)]
        what: Export,
    },
}

#[derive(Args, Debug)]
#[command(after_help = "\
A frame that cannot be read becomes an object with \"error\": offset, field and reason.
With --strict such a frame, or a breach of the rules between frames, ends in exit code 3.")]
pub(crate) struct DecodeArgs {
    /// A bundle, a capture, bare frames, or these in hexadecimal; `-` is standard input
    pub(crate) file: PathBuf,
    /// Fail (exit code 3) on anything that a conforming encoder would not write
    #[arg(long)]
    pub(crate) strict: bool,
    /// Print bytes in hexadecimal with what each bit means, instead of JSON
    #[arg(long)]
    pub(crate) explain: bool,
}

/// What is measured.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BenchWhat {
    /// The chunk codec: bytes per sample, samples per second
    Codec,
    /// Drawing a page of ink
    Raster,
    /// Reading symbols and numbers
    Read,
    /// Marking an evening's papers, in memory
    Mark,
    /// Verifying chunks and reading their addresses
    Ingest,
    /// Storing chunks, and marking papers from a store: durable
    Store,
    /// Folding profiles, fitting items
    Learn,
    /// Pages of the teacher's view, over HTTP
    Web,
    /// From pen through gateway, broker and service to receipts and marks: durable
    EndToEnd,
    /// All of these
    All,
}

impl BenchWhat {
    /// What is to be run.
    pub(crate) fn each(self) -> Vec<Self> {
        let all = Self::value_variants().iter().copied().filter(|what| *what != Self::All);
        if self == Self::All { all.collect() } else { vec![self] }
    }
}

#[derive(Args, Debug)]
#[command(after_help = "\
A speed is the median of seven rounds, with the smallest and the largest; floors take turns with what \
is held against them. `store` and `end-to-end` run whole evenings, one a round at least, and lie in \
the folder for temporary files: set TMPDIR to the disk that is meant.

`web` asks for each kind of page 100 times a second, whether answers come or not, and counts from the
moment at which each was due to its first byte.

Real handwriting is looked for in --handwriting, in $ZHIBI_DATA/handwriting, or in
../shared/data/handwriting; without it the figures are of synthetic ink, and say so.
`cargo bench -p zhibi-benches` and benches/peers/run have peers beside them.

Examples:
  zhibi bench all --json > before.json
  zhibi bench all --json > after.json && zhibi compare before.json after.json
  zhibi simulate --fill term.db && zhibi bench web --store term.db
  zhibi bench end-to-end --store postgres://zhibi@localhost/zhibi --broker 127.0.0.1:1883")]
pub(crate) struct BenchArgs {
    /// What is measured
    pub(crate) what: BenchWhat,
    /// Print the figures as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// About how long the speeds of each are measured
    #[arg(long, default_value_t = 6.0, value_parser = seconds)]
    pub(crate) seconds: f64,
    /// What is made up follows from it
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Of `web`: the store whose pages are asked for, made by `zhibi simulate --fill`. Of `store` and
    /// `end-to-end`: a server, postgres://user@host/database, where each round makes a database of its
    /// own and drops it
    #[arg(long, value_name = "FILE|URL", value_parser = StoreUrl::from_argument)]
    pub(crate) store: Option<StoreUrl>,
    /// Of `end-to-end`: this broker instead of an embedded one
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) broker: Option<String>,
    /// The folder of real handwriting (JSON Lines)
    #[arg(long, value_name = "DIR")]
    pub(crate) handwriting: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
A figure changed where all rounds of one run lie on one side of all rounds of the other; else it is \
the same. If nothing differs, that happens by chance once in 1,716 figures. Figures of other inputs \
are left out, and named. Exit code 3: something became worse.")]
pub(crate) struct CompareArgs {
    /// What `zhibi bench --json` printed before
    pub(crate) before: PathBuf,
    /// And after
    pub(crate) after: PathBuf,
    /// Print one JSON object a figure
    #[arg(long)]
    pub(crate) json: bool,
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=3_600.0).contains(&seconds) {
        Ok(seconds)
    } else {
        Err("not within 0 to 3600".into())
    }
}

#[derive(Args, Debug)]
#[command(after_help = "\
What `zhibi decode` prints comes back as the same bytes: damage, what a later version appended and
values that a reader cuts included (\"bytes\" has them). Only a bundle's header is written anew: as
many frames as there are objects, and nothing of a bundle without any.

Objects whose first says \"offset\":0 become bare frames; objects that name bundles, a capture; others,
one bundle. Leave offset out where a bundle is wanted. An object may take several lines.

Examples:
  zhibi decode evening.zcap | zhibi encode - --out again.zcap && cmp evening.zcap again.zcap")]
pub(crate) struct EncodeArgs {
    /// JSON Lines as `zhibi decode` prints them; `-` is standard input
    pub(crate) file: PathBuf,
    /// Where the bundle goes, or the capture where lines name bundles; standard output otherwise
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// What may stand in a field.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub(crate) enum AlphabetArg {
    /// 0–9
    Digits,
    /// A–G
    Letters,
    /// √ × and their like
    Truefalse,
    /// + - = / < > . × ÷ %
    Operators,
    /// < > =
    Comparison,
    /// Whole numbers as written
    Number,
}

#[derive(Args, Debug)]
#[command(after_help = "\
FILE holds JSON Lines: {\"label\",\"writer\",\"strokes\":[[[x,y],…],…]}, y down, any unit.
Prints a line a sample: {\"label\",\"read\",\"confidence\"}; the last line is
{\"n\",\"accuracy\",\"coverage_at_0.1%_error\",\"us_per_sample\"}. Samples whose label is not of the
alphabet are passed over and not counted.")]
pub(crate) struct RecognizeArgs {
    /// What may be written
    #[arg(long, value_enum)]
    pub(crate) alphabet: AlphabetArg,
    /// Handwriting as JSON Lines
    pub(crate) file: PathBuf,
    /// Print JSON Lines; without it, a short table
    #[arg(long)]
    pub(crate) json: bool,
}

/// A worksheet, a capture, and where on the coded paper the worksheet was printed.
#[derive(Args, Debug, Clone)]
pub(crate) struct PageArgs {
    /// The worksheet's folder: worksheet.toml and its artwork
    #[arg(long, value_name = "DIR")]
    pub(crate) worksheet: PathBuf,
    /// A capture or InkML; the manifest.json beside it says which addresses were printed
    #[arg(long, value_name = "FILE")]
    pub(crate) ink: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct MarkArgs {
    #[command(flatten)]
    pub(crate) page: PageArgs,
    /// Print JSON Lines, one object a response; without it, a table
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct RenderArgs {
    #[command(flatten)]
    pub(crate) page: PageArgs,
    /// Which copy, from 0
    #[arg(long, default_value_t = 0)]
    pub(crate) copy: u32,
    /// Which page of the worksheet, from 1
    #[arg(long, default_value_t = 1)]
    pub(crate) page_number: u32,
    /// Where to write: .svg, or .png at 150 dpi
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[cfg(test)]
mod tests;
