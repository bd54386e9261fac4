//! `zhibi bench`: figures on this machine, each with its spread, and its floor where there is one.

mod codec;
mod evening;
mod figure;
mod learning;
mod marking;
mod raster;
mod reading;
mod storing;
mod web;

use std::path::{Path, PathBuf};

use anyhow::{bail, ensure};
use serde::{Deserialize, Serialize};

use store::StoreUrl;

use crate::Verdict;
use crate::cli::{BenchArgs, BenchWhat};
use crate::service::BrokerAddress;

pub(crate) use figure::{Better, Figure, short};
pub(crate) use storing::{arrivals, mark_all, store_all};

/// What the form of a file of figures is called; another form gets another number.
const FORMAT: u32 = 1;

/// All figures of one run, as `--json` prints them.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// [`FORMAT`].
    format: u32,
    /// The program's version.
    pub(crate) zhibi: String,
    pub(crate) machine: Machine,
    pub(crate) seed: u64,
    /// About how long each bench measured.
    pub(crate) seconds: f64,
    pub(crate) benches: Vec<Bench>,
}

/// Where figures were measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Machine {
    /// The processor's name, as the system gives it.
    pub(crate) processor: String,
    /// Threads that run at once.
    pub(crate) cores: usize,
}

/// The figures of one kind.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bench {
    pub(crate) bench: String,
    /// What the figures are of, and what of it is made up.
    pub(crate) of: String,
    pub(crate) figures: Vec<Figure>,
}

impl Machine {
    fn this() -> Self {
        let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let name = told.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let processor = name.map_or("unknown", |(_, name)| name).to_owned();
        Self { processor, cores: std::thread::available_parallelism().map_or(1, usize::from) }
    }
}

impl Figures {
    /// Reads what `--json` printed.
    ///
    /// # Errors
    /// Where the text is something else, of another form, or has figures that cannot be.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        // Editors of Windows begin a file with it.
        let value: serde_json::Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))?;
        let format = value.get("format").and_then(serde_json::Value::as_u64);
        let figures: Self = match format {
            Some(1) => serde_json::from_value(value)?,
            Some(other) => bail!("figures of form {other}, and this program knows {FORMAT}"),
            None => bail!("no figures of `zhibi bench --json`: \"format\" is missing"),
        };
        for bench in &figures.benches {
            for figure in &bench.figures {
                ensure!(
                    figure.is_sound(),
                    "{}: {:?}: the median is not between the smallest and the largest round",
                    bench.bench,
                    figure.name
                );
            }
        }
        Ok(figures)
    }
}

/// Runs the command.
pub(crate) fn run(args: &BenchArgs) -> anyhow::Result<Verdict> {
    let data = std::env::var_os("ZHIBI_DATA").map(PathBuf::from);
    let data = data.unwrap_or_else(|| "../shared/data".into());
    let given = args.handwriting.clone();
    if let Some(folder) = given.as_deref().filter(|folder| !has_handwriting(folder)) {
        bail!("--handwriting: {} has no {DIGITS}", folder.display());
    }
    let folder = given.unwrap_or_else(|| data.join("handwriting"));
    let durable = matches!(args.what, BenchWhat::Store | BenchWhat::EndToEnd);
    if let Some(store) = &args.store {
        ensure!(
            durable || matches!(args.what, BenchWhat::Web),
            "--store is for `zhibi bench web`, `store` and `end-to-end`"
        );
        ensure!(
            !durable || store.path().is_none(),
            "--store: of `store` and `end-to-end` a server, postgres://user@host/database; stores in \
             files lie in the folder for temporary files"
        );
    }
    ensure!(
        args.broker.is_none() || matches!(args.what, BenchWhat::EndToEnd),
        "--broker is for `zhibi bench end-to-end`"
    );
    let broker = args.broker.as_deref().map(BrokerAddress::parse).transpose()?;
    let of =
        Of { folder, seed: args.seed, seconds: args.seconds, store: args.store.clone(), broker };
    let mut figures = Figures {
        format: FORMAT,
        zhibi: env!("CARGO_PKG_VERSION").to_owned(),
        machine: Machine::this(),
        seed: args.seed,
        seconds: args.seconds,
        benches: Vec::new(),
    };
    if !args.json {
        let Machine { processor, cores } = &figures.machine;
        put!("zhibi {}, {processor}, {cores} threads, seed {}", figures.zhibi, args.seed)?;
    }
    for what in args.what.each() {
        let bench = match what {
            BenchWhat::Codec => codec::bench(&of),
            BenchWhat::Raster => raster::bench(&of)?,
            BenchWhat::Read => reading::bench(&of)?,
            BenchWhat::Mark => marking::bench(&of)?,
            BenchWhat::Ingest => storing::ingest(&of)?,
            BenchWhat::Store => storing::store(&of)?,
            BenchWhat::Learn => learning::bench(&of)?,
            BenchWhat::Web => web::bench(&of)?,
            BenchWhat::EndToEnd => storing::end_to_end(&of)?,
            BenchWhat::All => continue,
        };
        if !args.json {
            print(&bench)?;
        }
        figures.benches.push(bench);
    }
    if args.json {
        put!("{}", serde_json::to_string(&figures)?)?;
    }
    Ok(Verdict::Clean)
}

/// What all benches are told.
struct Of {
    /// Where handwriting may lie.
    folder: PathBuf,
    /// What is made up follows from it.
    seed: u64,
    /// About how long each bench measures.
    seconds: f64,
    /// Whose pages are asked for, `None`: an evening's; or the server on which stores lie.
    store: Option<StoreUrl>,
    /// Through which ink goes; `None`: an embedded one.
    broker: Option<BrokerAddress>,
}

impl Of {
    /// The folder, where it has handwriting.
    fn handwriting(&self) -> Option<&Path> {
        Some(self.folder.as_path()).filter(|folder| has_handwriting(folder))
    }
}

/// The file by which a folder of handwriting is known.
const DIGITS: &str = "unipen-digits.jsonl";

fn has_handwriting(folder: &Path) -> bool {
    folder.join(DIGITS).is_file()
}

fn print(bench: &Bench) -> std::io::Result<()> {
    put!("\n{}: {}", bench.bench, bench.of)?;
    for figure in &bench.figures {
        put!("  {figure}")?;
    }
    Ok(())
}
