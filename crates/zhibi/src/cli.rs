//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use firmware_protocol::UNIX_MS_MAX;
use store::StoreUrl;

/// Pupils write on paper, teachers mark on paper; Zhibi stores the ink, reads it, and shows the
/// marked page.
#[derive(Parser, Debug)]
#[command(
    name = "zhibi",
    version,
    after_help = "\
Start here:
  zhibi demo                  a simulated class does its homework; open the printed address
  zhibi serve --config zhibi.toml
                              the service, for real gateways

Exit codes:
  0  done
  1  failed; the message says what, where and what to do
  2  the command line is wrong
  3  ran to its end and found something wrong (check, decode --strict, demo --once,
     import, export, simulate, quarantine release)

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

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Run everything on this machine with a simulated class, from pen to marked page
    Demo(DemoArgs),
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
    /// Read labelled handwriting and say how much of it was read right
    Recognize(RecognizeArgs),
    /// Mark a capture offline
    Mark(MarkArgs),
    /// Draw a page: artwork and ink
    Render(RenderArgs),
    /// Verify a store against its chunks
    Check(CheckArgs),
    /// Make a store, and on PostgreSQL the roles of its services
    Store {
        /// What to do
        #[command(subcommand)]
        what: StoreCommand,
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

#[derive(Subcommand, Debug)]
pub(crate) enum Quarantine {
    /// Rows, the newest first, and how many there are by reason
    List {
        /// Only of this reason
        #[arg(long, value_parser = [
            "damaged", "malformed", "not_a_bundle", "oversized", "bad_topic", "unknown_version",
            "unknown_kind", "misplaced", "conflict",
        ])]
        reason: Option<String>,
        /// Only of this gateway
        #[arg(long)]
        gateway: Option<String>,
        /// Rows at most
        #[arg(long, default_value_t = 50)]
        most: u32,
        /// Print a JSON object a row
        #[arg(long)]
        json: bool,
    },
    /// A row's bytes with what they mean
    Show {
        /// The row's number, from `list`
        id: i64,
    },
    /// Store the ink of rows as if it had come now; what cannot be stays, and is named
    #[command(after_help = "\
A row can be released where its bytes are one sound frame for this version: one of a version or kind
that an older service did not know. Damaged bytes never become sound, and a
conflict is never stored over the bytes that hold its key. Rows released are told apart by number;
a row that stays is named with its reason, and the exit code is 3.")]
    Release {
        /// The rows' numbers, from `list`
        #[arg(required = true)]
        ids: Vec<i64>,
    },
}

/// A simulated class: synthetic unless real handwriting is given.
#[derive(Args, Debug, Clone)]
pub(crate) struct ClassArgs {
    /// Pupils in the class, 1 to 60
    #[arg(long, default_value_t = 45, value_parser = clap::value_parser!(u32).range(1..=60))]
    pub(crate) pupils: u32,
    /// The same seed gives the same evening, byte for byte
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Write with the real handwriting in this folder (JSON Lines) instead of our skeletons
    #[arg(long, value_name = "DIR")]
    pub(crate) handwriting: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
The class is synthetic: what was meant is known, so the run ends with a comparison.
While it runs, other programs may publish to the printed broker address.

Examples:
  zhibi demo                              then open the printed address
  zhibi demo --once --json                run as fast as is useful, print the figures, end
  zhibi demo --once --database demo.db && zhibi check demo.db")]
pub(crate) struct DemoArgs {
    #[command(flatten)]
    pub(crate) class: ClassArgs,
    /// End when all is marked, instead of staying up
    #[arg(long)]
    pub(crate) once: bool,
    /// Print the figures as one JSON object on standard output
    #[arg(long)]
    pub(crate) json: bool,
    /// How much faster than life the evening goes; 20, and 120 with --once
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) speed: Option<u32>,
    /// Keep the store in this file, or in postgres://user@host/database; neither may hold one yet. A
    /// temporary file otherwise
    #[arg(long, value_name = "FILE|URL", value_parser = StoreUrl::from_argument)]
    pub(crate) database: Option<StoreUrl>,
    /// Port of the teacher's view on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Port of the embedded broker on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) broker_port: u16,
}

#[derive(Args, Debug)]
#[command(after_help = "\
The configuration file, with every key (all optional but [store] and [broker]):

  roles = [\"ingest\", \"pipeline\", \"web\"]
                              # what this service does; a store in a file has one service at a time

  [store]
  path = \"zhibi.db\"           # or, instead: url = \"postgres://zhibi@db.example/zhibi\", a PostgreSQL
                              # of 15 or later, which several services may share; the password
                              # comes from ~/.pgpass or PGPASSWORD, or stands in the url

  [broker]
  host = \"127.0.0.1\"          # or, instead: embedded = true, to run one here
  port = 1883
  client_id = \"zhibi-ingest\"  # begins with zhibi-; one of its own for each service on a broker
  subscription = \"plain\"      # all ink; \"shared\": what the broker deals out among the services that
                              # say so; or [0, 1, 2]: the gateways of these shards, of 0 to 63
  username = \"zhibi\"          # with password_file, a file that holds the password alone
  password_file = \"/etc/zhibi/broker-password\"

  [pipeline]
  threads = 2                 # default: all cores
  mark_after_rest_ms = 2000   # a paper is marked once its ink has rested this long

  [web]
  listen = \"127.0.0.1:8080\"
  hosts = [\"zhibi.school.example\"]
                              # names that browsers show, with a port if they show one; a request
                              # for any other name, but for the listening address, gets status 421
  trusted_proxies = [\"127.0.0.1\"]
                              # proxies whose X-Forwarded-For names the client
  secure_cookies = true       # false only for plain http on loopback

  [metrics]                   # off unless it is here
  listen = \"127.0.0.1:9464\"   # /metrics for Prometheus, and nothing else

  [conformance]               # off unless it is here
  report = \"conformance.jsonl\"

Paths are relative to the configuration file. /livez on the view's address answers for as long as
the process does; /readyz says whether store and broker can be worked with, with status 503 while
one cannot. [metrics] opens a listener of its own, without a password: the README has the table of
what is counted. No metric names a pupil, class, pen, gateway or page.

[conformance] is for makers of pens and gateways: each frame that arrives is written to the report as
`zhibi decode` prints it, a faulty one with what `zhibi decode --explain` says of it, and findings of
the rules between frames, a JSON object a line. The report holds ink: only with pens on a bench, never
in a school. The file must not exist yet, or be empty: a report is one run's. It ends with a summary,
and takes at most 1 GiB. The embedded broker listens on 127.0.0.1 alone; devices elsewhere dial a
broker of yours, which host and port name.")]
pub(crate) struct ServeArgs {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  zhibi simulate --broker 127.0.0.1:1883 --pens 45          as fast as receipts come back
  zhibi simulate --broker 127.0.0.1:1883 --speed 1          in real time
  zhibi simulate --capture DIR --pens 3                     no broker: a capture and its manifest

A capture of the same seed is the same byte for byte. Sent to a broker, the same seed gives the same
pupils and answers, and each run is an evening of its own: it begins now, and its pens have started
anew, so that no chunk has the key of an earlier run's.

Exit code 3: a chunk was held or refused, or the server never answered it.")]
pub(crate) struct SimulateArgs {
    /// Send to this broker, HOST:PORT
    #[arg(long, value_name = "HOST:PORT", required_unless_present = "capture")]
    pub(crate) broker: Option<String>,
    /// Write `evening.zcap` and `manifest.json` into this folder instead
    #[arg(long, value_name = "DIR", conflicts_with = "broker")]
    pub(crate) capture: Option<PathBuf>,
    /// Pens, one per pupil, 1 to 60 per class
    #[arg(long, default_value_t = 45, value_parser = clap::value_parser!(u32).range(1..=60))]
    pub(crate) pens: u32,
    /// What is left to chance follows from it
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Write with the real handwriting in this folder (JSON Lines) instead of our skeletons
    #[arg(long, value_name = "DIR")]
    pub(crate) handwriting: Option<PathBuf>,
    /// How much faster than life; as fast as possible unless given
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) speed: Option<u32>,
    /// The gateway's id on the broker, [a-z0-9-]{1,32}
    #[arg(long, default_value = "sim-1")]
    pub(crate) gateway: String,
    /// Print the figures as one JSON object on standard output
    #[arg(long)]
    pub(crate) json: bool,
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
#[derive(ValueEnum, Clone, Copy, Debug)]
pub(crate) enum BenchWhat {
    /// The chunk codec: bytes per sample, samples per second
    Codec,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Real handwriting is looked for in --handwriting, in $ZHIBI_DATA/handwriting, or in
../shared/data/handwriting; without it the figures are of synthetic loops, and say so.
`cargo bench -p zhibi-benches` has peers beside them.")]
pub(crate) struct BenchArgs {
    /// What is measured
    pub(crate) what: BenchWhat,
    /// Print the figures as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// About how long the speeds are measured
    #[arg(long, default_value_t = 6.0, value_parser = seconds)]
    pub(crate) seconds: f64,
    /// What is made up follows from it
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// The folder of the UNIPEN sets (JSON Lines)
    #[arg(long, value_name = "DIR")]
    pub(crate) handwriting: Option<PathBuf>,
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

#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    /// The store: its database file, or postgres://user@host/database
    #[arg(value_parser = StoreUrl::from_argument)]
    pub(crate) database: StoreUrl,
    /// Print JSON Lines, one object a finding
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is done with a store as a whole.
#[derive(Subcommand, Debug)]
pub(crate) enum StoreCommand {
    /// Make a store, or bring one up to date
    #[command(after_help = "\
A file needs no more than a service that opens it. On PostgreSQL it is run once by who may make roles
in the database, and again with each new version:

  zhibi_ingest     stores ink; cannot read people, answers or marks
  zhibi_pipeline   marks it; cannot read logins or write ink
  zhibi_web        the teacher's view; cannot write ink
  zhibi_migrate    owns the tables; only zhibi store init needs it

A service's login is made a member of what its roles need:

  CREATE ROLE zhibi LOGIN PASSWORD '…' IN ROLE zhibi_ingest, zhibi_pipeline, zhibi_web;

Example:
  zhibi store init postgres://postgres@db.example/zhibi")]
    Init {
        /// Its database file, or postgres://user@host/database
        #[arg(value_parser = StoreUrl::from_argument)]
        database: StoreUrl,
    },
}

/// What can be taken in.
#[derive(Subcommand, Debug)]
pub(crate) enum Import {
    /// InkML or handwriting as JSON Lines, into a capture
    Ink(ImportInkArgs),
}

/// What can be written out.
#[derive(Subcommand, Debug)]
pub(crate) enum Export {
    /// A capture, a bundle, InkML or JSON Lines, into InkML or JSON Lines
    Ink(ExportInkArgs),
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
    pub(crate) pen: firmware_protocol::PenId,
    /// Page face of strokes that name none, SECTION.OWNER.BOOK.PAGE; of JSON Lines, the first
    /// item's: each further one has the next page to itself
    #[arg(long, value_name = "ADDRESS", value_parser = page_address)]
    pub(crate) address: Option<firmware_protocol::PageAddress>,
    /// Unix milliseconds at which a file begins that has no clock
    #[arg(long, value_name = "MS", default_value_t = 0, allow_negative_numbers = true,
          value_parser = clap::value_parser!(i64).range(-UNIX_MS_MAX..=UNIX_MS_MAX))]
    pub(crate) start_ms: i64,
    /// Samples a second where a file does not say
    #[arg(long, value_name = "HZ", default_value_t = 100,
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) rate_hz: u32,
}

fn pen_id(text: &str) -> Result<firmware_protocol::PenId, String> {
    let id = u64::from_str_radix(text, 16).map(firmware_protocol::PenId);
    id.map_err(|_| "a pen is 1 to 16 hexadecimal digits".to_owned())
}

fn page_address(text: &str) -> Result<firmware_protocol::PageAddress, String> {
    ink::inkml::parse_address(text).map_err(|error| error.to_string())
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

/// What is done with learning profiles.
#[derive(Subcommand, Debug)]
pub(crate) enum Learn {
    /// Say how well each answer of a log is predicted before it is learnt from
    Evaluate(EvaluateArgs),
    /// Fit items to every settled answer of a store, as the service does each night
    #[command(after_help = "\
Profiles are folded again with the fitted items, by the service that runs on the store or by the
next one. The same answers give the same numbers, and no new version.")]
    Fit {
        /// The store: its database file, or postgres://user@host/database
        #[arg(value_parser = StoreUrl::from_argument)]
        database: StoreUrl,
    },
}

#[derive(Args, Debug)]
#[command(after_help = "\
A log is CSV with the columns student,seq,skills,item,correct[,ts_s] in any order; other columns are
passed over. Skills are separated by `;`, correct is 0 to 1 (a share of the points), seq orders a
student's answers (without it they are in the order of the file), ts_s is Unix time in seconds.
score and max_score may stand for correct, day for ts_s.

Without --train the students are dealt into five parts in the order of their names, and each part is
predicted with items fitted on the other four, so that nobody is predicted from their own answers.

Prints {\"auc\",\"rmse\",\"ece\",\"n\",\"coverage\"}. auc is null where all answers are right or all are
wrong. coverage is the share of 90 % intervals of mastery that held for the next 20 answers on their
knowledge point, null where nobody gave 25. day counts days from any origin.")]
pub(crate) struct EvaluateArgs {
    /// The log to predict
    pub(crate) file: PathBuf,
    /// The log on which items are fitted
    #[arg(long, value_name = "FILE")]
    pub(crate) train: Option<PathBuf>,
    /// Print JSON; without it, a short table
    #[arg(long)]
    pub(crate) json: bool,
}

#[cfg(test)]
mod tests;
