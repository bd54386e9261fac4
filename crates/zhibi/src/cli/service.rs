//! `zhibi demo`, `zhibi serve` and `zhibi simulate`.

use std::path::PathBuf;

use ::store::StoreUrl;
use clap::Args;

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

/// What `zhibi init` writes; `zhibi serve --help` shows the same text.
pub(crate) const CONFIGURATION: &str = include_str!("../serve/zhibi.toml");

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  zhibi init && zhibi serve --config zhibi.toml

The first start prints an address at which the school and its administrator are named, once.")]
pub(crate) struct InitArgs {
    /// Where the configuration goes; nothing may be there yet
    #[arg(default_value = "zhibi.toml")]
    pub(crate) file: PathBuf,
}

#[derive(Args, Debug)]
#[command(after_help = concat!("\
The configuration file, as `zhibi init` writes it, with every key (all optional but [store] and
[broker]):

", include_str!("../serve/zhibi.toml"), "
/livez on the view's address answers for as long as the process does; /readyz says whether store and
broker can be worked with, with status 503 while one cannot. [metrics] opens a listener of its own,
without a password, which answers /livez and /readyz too, for a service without the view:
crates/zhibi/guide/it.en.md has the table of what is counted. No metric names a pupil, class, pen,
gateway or page.

With [conformance] each frame that arrives is written to the report as `zhibi decode` prints it, a
faulty one with what `zhibi decode --explain` says of it, and findings of the rules between frames, a
JSON object a line. The report holds ink: only with pens on a bench, never in a school. The file must
not exist yet, or be empty: a report is one run's. It ends with a summary, and takes at most 1 GiB. The
embedded broker listens on 127.0.0.1 alone; devices elsewhere dial a broker of yours, which host and
port name."))]
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
  zhibi simulate --gateway-address 127.0.0.1:7171           pens of a running `zhibi gateway`
  zhibi simulate --capture DIR --pens 3                     no broker: a capture and its manifest
  zhibi simulate --broker 127.0.0.1:1883 --store zhibi.db --class 三(2)班 --wait --json
  zhibi simulate --fill district.db --pages 2000000         a term of a district, to measure pages with

With --store, pupils of the store's classes write on the sheets that their classes were given, each
with the pen that is lent to them and on the copy that bears their name, or on the class's shared
sheet; a pen that is lent to a member of staff marks some papers in red. What they answer is made up
from each part's kind and key, some of it wrong, blank or crossed out, and the handwriting is
synthetic. The store is only read. Who has no pen or no copy writes nothing, and is told. The ink
ends now, and begins when its pens were lent at the earliest. --json says what everybody meant;
--wait compares that with the marked papers.

A capture of the same seed is the same byte for byte. Sent to a broker, the same seed gives the same
pupils and answers, and each run is an evening of its own: it begins now, and its pens have started
anew, so that no chunk has the key of an earlier run's.

With --gateway-address pens do as the protocol says: a chunk is sent again until the gateway has taken
it, and kept until its receipt. Their states, which tell what their clocks say, go only at --speed 1.

With --fill no broker is needed: one evening of the sample class is written and marked, and
its papers are copied to as many classes as are asked for, on every school day of a term
before it. Copies have responses, marks and drawn ink, and no chunks: `zhibi check` has
nothing to hold them against. Heads and class teachers log in by links: `zhibi user FILE reset
fill-1-head`.

Exit code 3: a chunk was held or refused, the server never answered it, or with --wait its papers
were not marked.")]
pub(crate) struct SimulateArgs {
    /// Send to this broker, HOST:PORT
    #[arg(long, value_name = "HOST:PORT", required_unless_present_any = ["capture", "gateway_address", "fill"])]
    pub(crate) broker: Option<String>,
    /// Hand everything to a gateway that runs, each pen by a TCP connection of its own, instead of
    /// sending to a broker
    #[arg(long, value_name = "HOST:PORT", conflicts_with_all = ["broker", "capture", "username"])]
    pub(crate) gateway_address: Option<String>,
    /// The login at the broker
    #[arg(long, requires = "password_file")]
    pub(crate) username: Option<String>,
    /// A file that holds its password alone
    #[arg(long, value_name = "FILE", requires = "username")]
    pub(crate) password_file: Option<PathBuf>,
    /// The authority that signed the broker's certificate, PEM: the connection is then encrypted
    #[arg(long, value_name = "FILE", requires = "broker")]
    pub(crate) ca: Option<PathBuf>,
    /// The gateway's own certificate, PEM, where the broker wants one; it is in the name of --gateway
    #[arg(long, value_name = "FILE", requires_all = ["ca", "key"], conflicts_with = "username")]
    pub(crate) certificate: Option<PathBuf>,
    /// Its key, PEM
    #[arg(long, value_name = "FILE", requires = "certificate")]
    pub(crate) key: Option<PathBuf>,
    /// Write `evening.zcap` and `manifest.json` into this folder instead
    #[arg(long, value_name = "DIR", conflicts_with = "broker")]
    pub(crate) capture: Option<PathBuf>,
    /// Fill a new store with a term's marked pages instead: a database file that is not there yet, or a
    /// database without a store
    #[arg(long, value_name = "FILE|URL", value_parser = StoreUrl::from_argument,
          conflicts_with_all = ["broker", "gateway_address", "capture", "store", "json", "speed"])]
    pub(crate) fill: Option<StoreUrl>,
    /// About how many pages; a class has some 5,400 in a term, and one class is the least
    #[arg(long = "pages", value_name = "N", default_value_t = 100_000, requires = "fill",
          value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub(crate) fill_pages: u64,
    /// Write on what this store holds: its database file, or postgres://user@host/database
    #[arg(long, value_name = "FILE|URL", value_parser = StoreUrl::from_argument)]
    pub(crate) store: Option<StoreUrl>,
    /// Only this class of the store, by name or id
    #[arg(long, requires = "store")]
    pub(crate) class: Option<String>,
    /// Only this worksheet given, by the name that `zhibi assign` printed
    #[arg(long, value_name = "ID", requires = "store")]
    pub(crate) assignment: Option<String>,
    /// Write over ink that is on the copies already; left out unless asked for
    #[arg(long, requires = "store")]
    pub(crate) again: bool,
    /// Wait until the store's papers are marked, and say how many answers were read as they were meant
    #[arg(long, requires = "store", conflicts_with = "capture")]
    pub(crate) wait: bool,
    /// Pens, one per pupil, 1 to 60 per class
    #[arg(long, default_value_t = 45, value_parser = clap::value_parser!(u32).range(1..=60), conflicts_with = "store")]
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
