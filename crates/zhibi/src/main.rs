//! Zhibi (纸笔 / 智笔): the binary. Command line, configuration, the clocks, the embedded broker,
//! start and stop; the only crate that reads the wall clock, the environment or a configuration
//! file.

#![warn(clippy::print_stdout, clippy::print_stderr)]

#[macro_use]
mod say;

mod assign;
mod authority;
mod backup;
mod bench;
mod broker;
mod certificate;
mod check;
mod class;
mod class_name;
mod cli;
mod clock;
mod compare;
mod decode;
mod demo;
mod encode;
mod erase;
mod evening;
mod excerpt;
mod export_ink;
mod export_parquet;
mod files;
mod gateway_login;
mod gateway_run;
mod housekeeping;
mod import_ink;
mod import_roster;
mod import_worksheet;
mod init;
mod ink_file;
mod learn;
mod local_time;
mod logging;
mod mark;
mod mosquitto;
mod pen;
mod print;
mod progress;
mod quarantine;
mod recognize;
mod remark;
mod render;
mod report;
mod roster;
mod samples;
mod scrape;
mod serve;
mod service;
mod simulate;
mod store_file;
mod strokes;
mod take_away;
mod user;
mod whole_file;
mod worksheets;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command, Export, Import, Learn, Report, StoreCommand, WorksheetCommand};

/// What a command that ran to its end has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// All well: exit code 0.
    Clean,
    /// It ran, and what it looked at is not well: exit code 3.
    Findings,
}

fn main() -> ExitCode {
    let cli = Cli::try_parse().and_then(Cli::checked).unwrap_or_else(|error| refuse(&error));
    logging::start(cli.log_json, cli.command.is_service());
    if let Err(error) = service::outlive_file_limit() {
        tracing::warn!(%error, "a limit of file sizes ends the process");
    }
    let outcome = match cli.command {
        Command::Demo(args) => demo::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Decode(args) => decode::run(&args),
        Command::Encode(args) => encode::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Recognize(args) => recognize::run(&args),
        Command::Report { what: Report::Reading(args) } => report::reading(&args),
        Command::Report { what: Report::Marking(args) } => report::marking(&args),
        Command::Report { what: Report::Speed(args) } => report::speed(&args),
        Command::Mark(args) => mark::run(&args),
        Command::Render(args) => render::run(&args),
        Command::Worksheet { what: WorksheetCommand::Build(args) } => worksheets::build(&args),
        Command::Worksheet { what: WorksheetCommand::New(args) } => worksheets::new(&args),
        Command::Worksheet { what: WorksheetCommand::Check(args) } => worksheets::check(&args),
        Command::Worksheet { what: WorksheetCommand::List(args) } => worksheets::list(&args),
        Command::Print(args) => print::run(&args),
        Command::Remark(args) => remark::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Erase(args) => erase::run(&args),
        Command::Store { what: StoreCommand::Init { database } } => store_file::init(&database),
        Command::Store { what: StoreCommand::Backup { database, file } } => {
            backup::back_up(&database, &file)
        }
        Command::Store { what: StoreCommand::Restore { file, database } } => {
            backup::restore(&file, &database)
        }
        Command::Assign(args) => assign::run(&args),
        Command::Pen { database, school, what } => pen::run(&database, school.as_deref(), &what),
        Command::Gateway(args) => gateway_run::run(&args),
        Command::User { database, what } => user::run(&database, &what),
        Command::Quarantine { database, what } => quarantine::run(&database, &what),
        Command::Learn { what: Learn::Evaluate(args) } => learn::evaluate(&args),
        Command::Learn { what: Learn::Fit { database } } => learn::fit_store(&database),
        Command::Import { what: Import::Ink(args) } => import_ink::run(&args),
        Command::Import { what: Import::Roster(args) } => import_roster::run(&args),
        Command::Import { what: Import::Worksheet(args) } => import_worksheet::run(&args),
        Command::Export { what: Export::Ink(args) } => export_ink::run(&args),
        Command::Export { what: Export::Results(args) } => take_away::results(&args),
        Command::Export { what: Export::Pages(args) } => take_away::pages(&args),
        Command::Export { what: Export::Notebook(args) } => take_away::notebook(&args),
        Command::Export { what: Export::Oneroster(args) } => take_away::oneroster(&args),
        Command::Export { what: Export::Parquet(args) } => export_parquet::run(&args),
    };
    match outcome {
        Ok(Verdict::Clean) => ExitCode::SUCCESS,
        Ok(Verdict::Findings) => ExitCode::from(3),
        // A reader that closed its end, as `head` does, is no failure of ours.
        Err(error) if closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            tell!("zhibi: {}", excerpt::message(&told(&error)));
            ExitCode::from(1)
        }
    }
}

/// Says what is wrong with the command line, without the password that it may quote.
fn refuse(error: &clap::Error) -> ! {
    // Help and version are asked for, and hold nothing that was typed.
    if !error.use_stderr() {
        error.exit();
    }
    let text = error.render().to_string();
    let plain = excerpt::without_passwords(&text);
    if plain == text {
        error.exit();
    }
    tell!("{plain}");
    std::process::exit(2)
}

/// An error with its causes, each once: our errors name their cause, and so do libraries' errors.
pub(crate) fn told(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |told, cause| {
        if told.contains(&cause) {
            told
        } else if told.is_empty() {
            cause
        } else {
            format!("{told}: {cause}")
        }
    })
}

fn closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::told;

    #[derive(Debug, thiserror::Error)]
    #[error("database: {0}")]
    struct Outer(#[from] std::io::Error);

    #[test]
    fn a_cause_is_said_once() {
        let error: anyhow::Error = Outer(std::io::Error::other("no space")).into();
        let error = Err::<(), _>(error).context("cannot open a.db").unwrap_err();
        assert_eq!(format!("{error:#}"), "cannot open a.db: database: no space: no space");
        assert_eq!(told(&error), "cannot open a.db: database: no space");
    }
}
