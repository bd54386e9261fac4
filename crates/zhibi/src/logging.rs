//! Logs: to standard error, filtered by `ZHIBI_LOG`.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// What a service logs by default: its own crates at `info`, libraries at `warn`, the embedded
/// broker at `error`.
const SERVICE: &str =
    "warn,mqtt5=error,zhibi=info,store=info,ingest=info,pipeline=info,web=info,gateway=info";

/// What every other command logs by default.
const COMMAND: &str = "warn,mqtt5=error,sqlx=error,zhibi=info";

/// Starts logging, as JSON where wanted; by default a service logs more than a command.
pub(crate) fn start(json: bool, service: bool) {
    let standard = if service { SERVICE } else { COMMAND };
    let filter = EnvFilter::try_from_env("ZHIBI_LOG").unwrap_or_else(|_| EnvFilter::new(standard));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // The log would say with `eprintln!` that it cannot write to standard error, and panic.
        .log_internal_errors(false);
    // Colours are for a person at a terminal; in a file they are noise.
    let builder = builder.with_ansi(std::io::stderr().is_terminal());
    if json { builder.json().init() } else { builder.compact().init() }
}
