//! `zhibi assign`.

use ::store::StoreUrl;
use clap::Args;

#[derive(Args, Debug)]
#[command(after_help = "\
A paper is handed in when it is due, when the teacher collects it, or when its ink has rested for
--quiet-min. Saying it again with another time extends or shortens; what is settled stays so.

--withdraw takes it back from the class: what the machine made of it goes, and the ink stays, which
finds its papers again once the run is given again. What a person has marked is not taken back.

Examples:
  zhibi assign zhibi.db fractions-v1-c-12 三(2)班 --due 2026-12-01T20:00
  zhibi assign zhibi.db fractions-v1-c-12 三(2)班 --withdraw")]
pub(crate) struct AssignArgs {
    /// The store: its database file, or postgres://user@host/database
    #[arg(value_parser = StoreUrl::from_argument)]
    pub(crate) database: StoreUrl,
    /// What was printed, by the name that `zhibi print` says
    pub(crate) run: String,
    /// To whom it is given: the name or id of a class
    pub(crate) class: String,
    /// When it is due, in Shanghai: 2026-12-01, which is its midnight, or 2026-12-01T20:00
    #[arg(long, value_name = "TIME", value_parser = crate::local_time::parse_near,
          required_unless_present = "withdraw")]
    pub(crate) due: Option<i64>,
    /// Take it back from the class
    #[arg(long, conflicts_with = "due")]
    pub(crate) withdraw: bool,
    /// The school of the class, if several have one of that name
    #[arg(long, value_name = "NAME")]
    pub(crate) school: Option<String>,
    /// Minutes after which a paper counts as handed in once its ink rests
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=1440))]
    pub(crate) quiet_min: u32,
}
