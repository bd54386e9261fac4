//! `zhibi serve`: the service, from a configuration file.

mod config;
mod lock;
mod metrics;
mod report;
mod tls;
mod watchdog;

use std::sync::Arc;

use anyhow::Context;
use store::Store;

use crate::Verdict;
use crate::broker::Broker;
use crate::cli::ServeArgs;
use crate::clock;
use crate::files;
use crate::scrape;
use crate::service::{self, Parts, Role, Service};

use config::Config;
use lock::Lock;
use report::Report;

/// A claim holds for a minute: a paper takes milliseconds.
const LEASE_MS: i64 = 60_000;

/// Runs the command until it is told to stop: the first signal drains, the second stops hard. SIGHUP
/// reads the certificate again.
pub(crate) fn run(args: &ServeArgs) -> anyhow::Result<Verdict> {
    let config = Config::load(&args.config)?;
    let pool = service::marking_pool(config.pipeline.threads)?;
    let runtime = service::runtime()?;
    let served = runtime.block_on(serve(config, pool));
    // Stopped hard, whatever still runs is not waited for.
    runtime.shutdown_background();
    served?;
    Ok(Verdict::Clean)
}

async fn serve(config: Config, pool: Arc<rayon::ThreadPool>) -> anyhow::Result<()> {
    let listener = match config.roles.contains(&Role::Web) {
        true => Some(service::listen(config.web.listen).await?),
        false => None,
    };
    let certificate = config.web.certificate();
    let tls = certificate.as_ref().map(tls::Files::load).transpose()?;
    let metrics = match &config.metrics {
        Some(config) => Some((scrape::listen(config.listen).await?, metrics::install()?)),
        None => None,
    };
    // Before the store is touched: what cannot start leaves no log beside it.
    let outside = match config.broker.embedded {
        true => None,
        false => Some(config.broker.address()?),
    };
    let url = config.store.url()?;
    // A server's store may have several services.
    let lock = url.path().map(Lock::take).transpose()?;
    let store =
        Store::connect(&url).await.with_context(|| format!("cannot open the store {url}"))?;
    for role in &config.roles {
        let of_server = role.of_server();
        anyhow::ensure!(
            store.may_serve_as(of_server).await?,
            "the login of {url} may not do what roles names: make it a member of {of_server}, which \
             zhibi store init has made, or take the role out"
        );
    }
    if lock.is_some() && config.roles.contains(&Role::Pipeline) {
        // Whoever holds the lock works alone, so any claims are of a process that was killed.
        let papers = store.release_claims().await?;
        if papers > 0 {
            tracing::info!(papers, "taking up papers whose marking was interrupted");
        }
    }
    let (embedded, broker) = match outside {
        Some(broker) => (None, broker),
        None => {
            let embedded = Broker::start(config.broker.port).await?;
            let broker = embedded.of_service();
            (Some(embedded), broker)
        }
    };
    if let Some(broker) = &embedded {
        tracing::info!(broker = %broker.address, "the embedded broker listens");
    }
    if embedded.is_some() && lock.is_some() {
        // It has only just begun: whoever was connected to the one before is not connected now.
        store.gateways_gone(clock::wall_ms()).await?;
    }
    let (report, observer) = match &config.conformance {
        Some(conformance) => {
            let (report, observer) = Report::start(&conformance.report)?;
            (Some(report), Some(observer))
        }
        None => (None, None),
    };
    let parts = Parts {
        broker,
        client_id: config.broker.client_id,
        subscription: config.broker.subscription.into(),
        roles: config.roles,
        pool,
        rest_ms: config.pipeline.mark_after_rest_ms,
        lease_ms: LEASE_MS,
        listener,
        tls: tls.clone(),
        view: web::Config {
            listen: config.web.listen,
            hosts: config.web.hosts,
            trusted_proxies: config.web.trusted_proxies,
            connections_max: files::connections_max(),
            tls: tls.is_some(),
            secure_cookies: config.web.secure_cookies,
            simulated: false,
        },
        clock: clock::wall(),
        observer,
    };
    // Before anybody is told that it runs: a signal that nobody listens for kills the process.
    let stopped = service::told_to_stop()?;
    let hang_ups = service::hang_ups()?;
    let mut service = Service::start(&store, parts).await?;
    if let Some(address) = service.web_address() {
        tracing::info!(%address, "the teacher's view listens");
    }
    if let Some(link) = service.setup_link() {
        // Not in the log: whoever has the link becomes the administrator.
        put!("nobody can sign in yet; name the school and its administrator, once, at\n  {link}")?;
    }
    let exporter = match metrics {
        Some((listener, handle)) => {
            tracing::info!(metrics = %listener.local_addr()?, "metrics can be scraped");
            Some(metrics::serve(listener, handle, service.states()))
        }
        None => None,
    };
    // It ends with the runtime.
    let _watching = tokio::spawn(tls::watch(certificate.zip(tls), hang_ups));
    let (states, pulse) = (service.states(), service.pulse());
    let watched = async {
        watchdog::ready(&states).await;
        watchdog::watch(pulse).await
    };
    let died = tokio::select! {
        never = watched => match never {},
        () = stopped => false,
        () = service.ended() => true,
    };
    let second = service::told_to_stop()?;
    watchdog::stopping();
    tracing::info!("stopping: what is under way is finished; a second signal stops at once");
    let stop = async {
        service.stop().await?;
        let reported = match report {
            Some(report) => report.finish().await,
            None => Ok(()),
        };
        if let Some(exporter) = exporter {
            exporter.abort();
        }
        if let Some(broker) = embedded {
            broker.stop().await?;
        }
        store.close().await?;
        // Not before: a report that failed is no reason to leave the store open.
        reported
    };
    tokio::select! {
        stopped = stop => stopped?,
        () = second => anyhow::bail!("stopped hard; what had no receipt will be sent again"),
    }
    anyhow::ensure!(!died, "a part of the service ended by itself; the log says why");
    Ok(())
}
