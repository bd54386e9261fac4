//! `zhibi report`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What a page is written about.
#[derive(Subcommand, Debug)]
pub(crate) enum Report {
    /// The reader, on handwriting of people it was not trained on
    Reading(ReportReadingArgs),
    /// Marking, on simulated evenings and on ink as pupils produce it besides plain answers
    Marking(ReportMarkingArgs),
    /// The figures of `zhibi bench --json`, of one run or of several in their order
    Speed(ReportSpeedArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "\
DATA holds *.jsonl files of JSON Lines: {\"label\",\"writer\",\"strokes\":[[[x,y],…],…]}, y down, any unit.
Only writers on the test side of the reader's split are measured. The page needs no network; it names
model, command, files and time. The terminal shows its first table.")]
pub(crate) struct ReportReadingArgs {
    /// The folder of handwriting
    pub(crate) data: PathBuf,
    /// Where the page goes
    #[arg(long, value_name = "FILE.html")]
    pub(crate) out: PathBuf,
    /// What is made up follows from it: perturbed writing and synthetic numbers
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Each seed is an evening of the sample worksheets. With --handwriting the pupils have real hands of
writers that the reader was not trained on; without it the hands are synthetic, and the page says so.")]
pub(crate) struct ReportMarkingArgs {
    /// A folder of handwriting, as for `zhibi report reading`
    #[arg(long, value_name = "DATA")]
    pub(crate) handwriting: Option<PathBuf>,
    /// How many evenings, with the seeds 1, 2 and so on
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) seeds: u32,
    /// Pupils of the class
    #[arg(long, default_value_t = 45, value_parser = clap::value_parser!(u32).range(1..=45))]
    pub(crate) pupils: u32,
    /// Where the page goes
    #[arg(long, value_name = "FILE.html")]
    pub(crate) out: PathBuf,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Each figure is drawn with its spread and its floor, run beside run. The first run is what the last is
held against: a change is one where all rounds of one lie on one side of all rounds of the other. The
page needs no network. A run a day makes a trend.

Examples:
  zhibi bench all --json > today.json && zhibi report speed today.json --out speed.html
  zhibi report speed runs/*.json --out trend.html")]
pub(crate) struct ReportSpeedArgs {
    /// What `zhibi bench --json` printed
    #[arg(required = true, value_name = "FILE.json")]
    pub(crate) runs: Vec<PathBuf>,
    /// Where the page goes
    #[arg(long, value_name = "FILE.html")]
    pub(crate) out: PathBuf,
}
