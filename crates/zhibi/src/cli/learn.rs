//! `zhibi learn`.

use std::path::PathBuf;

use ::store::StoreUrl;
use clap::{Args, Subcommand};

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
