//! `zhibi remark`.

use ::store::StoreUrl;
use clap::{ArgGroup, Args};

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("papers").args(["all", "assignment", "class", "old"])
    .required(true).multiple(true))]
#[command(after_help = "\
Marks from the ink that is stored, by each assignment's key as it is now, with this program's model and
thresholds. What teachers decided on the screen stays, and so do red marks. It works beside a running
service or without one; a paper that somebody else is marking is left to them. What was broken off is
taken up by the next run after a minute, or by a service.

Prints a line for each answer that counts otherwise: assignment, pupil, page, part, what was read and
its verdict before, and after. Ends in exit code 3 where a paper could not be marked.

Examples:
  zhibi remark zhibi.db --old --dry-run
  zhibi remark zhibi.db --assignment a-fractions-v1-c-12
  zhibi remark zhibi.db --class 三(2)班 --old")]
pub(crate) struct RemarkArgs {
    /// The store: its database file, or postgres://user@host/database
    #[arg(value_parser = StoreUrl::from_argument)]
    pub(crate) database: StoreUrl,
    /// Every paper
    #[arg(long, conflicts_with_all = ["assignment", "class", "old", "school"])]
    pub(crate) all: bool,
    /// Only papers of this assignment, by its id
    #[arg(long, value_name = "ID")]
    pub(crate) assignment: Option<String>,
    /// Only papers of this class: its name or id
    #[arg(long, value_name = "NAME")]
    pub(crate) class: Option<String>,
    /// The school of the class, if several have one of that name
    #[arg(long, value_name = "NAME", requires = "class")]
    pub(crate) school: Option<String>,
    /// Only papers that were marked with another model or other thresholds
    #[arg(long)]
    pub(crate) old: bool,
    /// Say what would change, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print JSON Lines, one object a changed answer; the last line has the counts
    #[arg(long)]
    pub(crate) json: bool,
}
