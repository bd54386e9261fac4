//! `zhibi gateway`: the reference gateway as a program of its own.

mod config;
mod metrics;
mod status;

use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use gateway::{PenLink, pens};
use sd_notify::NotifyState;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::cli::{Gateway, GatewayArgs};
use crate::{Verdict, clock, gateway_login, init, scrape, service};

use config::Config;

/// Runs the command.
pub(crate) fn run(args: &GatewayArgs) -> anyhow::Result<Verdict> {
    match (&args.what, &args.config, &args.database) {
        (None, Some(config), _) => {
            let config = Config::load(config)?;
            service::runtime()?.block_on(serve(&config))?;
            Ok(Verdict::Clean)
        }
        (Some(Gateway::Init { file }), ..) => {
            init::write(file, include_str!("gateway_run/gateway.toml"))?;
            tell!("{0} is written; next: zhibi gateway --config {0}", file.display());
            Ok(Verdict::Clean)
        }
        (Some(Gateway::Status { config, json }), ..) => {
            status::ask(Config::load(config)?.spool(), *json)
        }
        (Some(what), _, Some(database)) => gateway_login::run(database, what),
        // Refused before: see `GatewayArgs::check`.
        _ => bail!("name a configuration with --config, or a store"),
    }
}

/// The gateway until it is told to stop. Whatever ends it, what pens handed over is on disk.
async fn serve(config: &Config) -> anyhow::Result<()> {
    // What cannot start leaves nothing behind.
    let told = config.gateway()?;
    let mut listeners = Vec::new();
    for address in &config.pens.listen {
        let bound = TcpListener::bind(address).await;
        listeners.push(bound.with_context(|| format!("pens cannot be heard on {address}"))?);
    }
    let metrics = match &config.metrics {
        Some(config) => Some(scrape::listen(config.listen).await?),
        None => None,
    };
    let stopped = service::told_to_stop()?;
    // A terminal that goes ends nothing: there is ink to be taken.
    let _hang_ups = service::hang_ups()?;
    let gateway = tokio::task::block_in_place(|| gateway::start(told, clock::wall()))?;
    let waiting = gateway.spooled();
    tracing::info!(waiting, spool = %config.spool().display(), "the spool is open");

    // From here on nobody else has the folder, and a socket that lies there is of one that is gone.
    let mut tasks = JoinSet::new();
    let answers = socket(&status::socket(config.spool()))?;
    tasks.spawn(status::serve(answers, config.name().to_owned(), gateway.link()));
    if let Some(listener) = metrics {
        tracing::info!(metrics = %listener.local_addr()?, "metrics can be scraped");
        tasks.spawn(metrics::serve(listener, gateway.link()));
    }
    // Each listener holds a place while it waits.
    let places = config.pens.connections_max + config.pens.listen.len() + config.pens.sockets.len();
    let room = Arc::new(Semaphore::new(places));
    for listener in listeners {
        tracing::info!(address = %listener.local_addr()?, "pens are heard");
        tasks.spawn(pens::accept_tcp(listener, gateway.link(), room.clone()));
    }
    for path in &config.pens.sockets {
        let listener = socket(path)?;
        tracing::info!(socket = %path.display(), "pens are heard");
        tasks.spawn(pens::accept_unix(listener, gateway.link(), room.clone()));
    }
    for path in &config.pens.serial {
        tasks.spawn(pens::serial(path.clone(), config.pens.baud, gateway.link()));
    }
    if let Some(capture) = &config.pens.replay {
        tasks.spawn(replay(capture.clone(), gateway.link()));
    }
    tell_manager(NotifyState::Ready);
    let died = tokio::select! {
        () = stopped => false,
        () = gateway.ended() => true,
    };
    tell_manager(NotifyState::Stopping);
    let second = service::told_to_stop()?;
    tracing::info!("stopping: what waits stays in the spool");
    tasks.abort_all();
    tokio::select! {
        counters = gateway.stop() => tracing::debug!(?counters, "the gateway has stopped"),
        () = second => bail!("stopped hard; nothing that was taken is lost"),
    }
    let _gone = std::fs::remove_file(status::socket(config.spool()));
    ensure!(!died, "the spool's task ended by itself; the log says why");
    Ok(())
}

async fn replay(capture: PathBuf, link: PenLink) {
    match pens::replay(&capture, &link).await {
        Ok(chunks) => tracing::info!(chunks, capture = %capture.display(), "a capture is taken"),
        Err(error) => {
            tracing::error!(%error, capture = %capture.display(), "a capture cannot be replayed");
        }
    }
}

/// Listens on a socket for this user alone, in place of one that nobody listens on any more.
fn socket(path: &Path) -> anyhow::Result<UnixListener> {
    let whom = || format!("cannot listen on the socket {}", path.display());
    // Connecting to a file of another kind is refused too.
    let is_other =
        std::fs::symlink_metadata(path).is_ok_and(|there| !there.file_type().is_socket());
    ensure!(!is_other, "{} is there and is no socket: name another place", path.display());
    match std::os::unix::net::UnixStream::connect(path) {
        Ok(_) => bail!("another process listens on the socket {}", path.display()),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
            std::fs::remove_file(path).with_context(whom)?;
        }
        Err(_) => {}
    }
    let listener = UnixListener::bind(path).with_context(whom)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).with_context(whom)?;
    Ok(listener)
}

/// Says to a service manager how it is; without one nothing is said.
fn tell_manager(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "the service manager was not told");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_in_a_sockets_place_stays() {
        let folder = tempfile::tempdir().expect("folder");
        let place = folder.path().join("pens");
        std::fs::write(&place, "precious").expect("written");
        let error = socket(&place).expect_err("a file").to_string();
        assert!(error.contains("no socket"), "{error}");
        assert_eq!(std::fs::read(&place).expect("there"), b"precious");
        std::fs::remove_file(&place).expect("removed");
        drop(socket(&place).expect("a free place"));
        drop(socket(&place).expect("a socket that nobody listens on"));
    }
}
