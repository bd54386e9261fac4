//! `zhibi simulate`: a simulated class as load for a broker, or as a capture; or the classes of a
//! store, on their own worksheets.

mod agreement;
mod by_gateway;
mod fill;
mod of_store;

use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use pen_sim::{Evening, Setup};
use serde_json::{Value, json};

use crate::class::SampleClass;
use crate::cli::SimulateArgs;
use crate::evening::{self, Sent};
use crate::service::{self, BrokerAddress};
use crate::{Verdict, certificate, clock};
use agreement::Agreement;
use of_store::Planned;

/// The evening of a capture: fixed, so that the same seed gives the same bytes. 2026-09-01, 18:30
/// in Shanghai.
const CAPTURE_START_MS: i64 = 1_788_258_600_000;

/// A broker that does not take a connection in this time is not there.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// How long chunks may wait before it is taken that nobody will ever acknowledge them.
const STUCK_AFTER: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Where the ink goes.
enum By {
    /// To a gateway within this process, which sends to this broker.
    Broker(BrokerAddress),
    /// To a gateway that runs.
    Gateway(SocketAddr),
}

/// What is simulated.
struct Plan {
    /// One per class.
    setups: Vec<Setup>,
    /// Who of a store writes nothing, and why.
    of_store: Option<Planned>,
}

/// Runs the command.
pub(crate) fn run(args: &SimulateArgs) -> anyhow::Result<Verdict> {
    if let Some(database) = &args.fill {
        return fill::run(args, database);
    }
    if let Some(folder) = &args.capture {
        let plan = plan(args, CAPTURE_START_MS, 0)?;
        let [setup] = &plan.setups[..] else {
            bail!("a capture is of one class: name it with --class")
        };
        write_capture(folder, setup)?;
        return Ok(Verdict::Clean);
    }
    let runtime = service::runtime()?;
    let by = match (&args.broker, &args.gateway_address) {
        (Some(broker), _) => {
            let mut broker = BrokerAddress::parse(broker)?;
            broker.credentials =
                service::credentials(args.username.as_deref(), args.password_file.as_deref())?;
            broker.tls = tls(args)?;
            answers(&broker)?;
            By::Broker(broker)
        }
        (None, Some(gateway)) => By::Gateway(runtime.block_on(by_gateway::address(gateway))?),
        (None, None) => bail!("name a broker, a gateway, or a folder for a capture"),
    };
    let start_ms = clock::wall_ms();
    // The milliseconds modulo some fifty days: no two runs begin in the same millisecond.
    let plan = plan(args, start_ms, start_ms as u32)?;
    let evening = joined(plan.setups.iter().map(pen_sim::simulate));
    let (sent, counters, took) = runtime.block_on(async {
        match &by {
            By::Broker(broker) => send(args, broker, &evening).await,
            By::Gateway(gateway) => send_by_gateway(args, *gateway, &evening).await,
        }
    })?;
    let agreement = match (&args.store, args.wait) {
        (Some(store), true) => Some(agreement::wait(store, &evening.truth)?),
        _ => None,
    };
    let by_gateway = matches!(by, By::Gateway(_));
    let done = Done { evening: &evening, sent, counters: &counters, took, agreement, by_gateway };
    report(args.json, &done, plan.of_store.as_ref())?;
    let all_stored = counters.held + counters.refused + counters.dead_letters == 0;
    let all_marked = done.agreement.as_ref().is_none_or(|agreement| agreement.is_marked);
    Ok(if all_stored && all_marked { Verdict::Clean } else { Verdict::Findings })
}

/// What is written: the sample class's sheets, or those of a store.
fn plan(args: &SimulateArgs, start_ms: i64, run: u32) -> anyhow::Result<Plan> {
    let handwriting = args.handwriting.as_deref();
    let Some(store) = &args.store else {
        let class = SampleClass::new(args.pens)?;
        let mut setup = evening::setup(&class, handwriting, args.seed, start_ms, run)?;
        if args.capture.is_none() {
            setup.evening_start_ms = begins_ms(&setup, start_ms, args.speed);
        }
        return Ok(Plan { setups: vec![setup], of_store: None });
    };
    let pool = evening::pool(handwriting)?;
    let wanted = of_store::Wanted {
        class: args.class.as_deref(),
        assignment: args.assignment.as_deref(),
        seed: args.seed,
        run,
        now_ms: clock::wall_ms(),
        speed: args.speed,
        again: args.again,
    };
    let (setups, planned) = of_store::setups(store, &wanted, pool)?;
    planned.tell();
    Ok(Plan { setups, of_store: Some(planned) })
}

/// When an evening begins that is sent from now on, so that no ink is later than the moment at which
/// it is sent: as fast as possible, all of it is before now; in real time, it begins now.
fn begins_ms(setup: &Setup, now_ms: i64, speed: Option<u32>) -> i64 {
    let last = pen_sim::simulate(setup).deliveries.last().map(|last| last.at_ms);
    let lasts_ms = last.map_or(0, |last_ms| last_ms - setup.evening_start_ms);
    // At N times life, the last stroke is sent after an Nth of the evening.
    let sending_ms = speed.map_or(0, |speed| lasts_ms / i64::from(speed));
    now_ms - (lasts_ms - sending_ms)
}

/// The evenings of several classes as one.
fn joined(evenings: impl Iterator<Item = Evening>) -> Evening {
    let all = evenings.reduce(|mut all, next| {
        all.deliveries.extend(next.deliveries);
        all.leases.extend(next.leases);
        all.truth.pupils.extend(next.truth.pupils);
        all.truth.responses.extend(next.truth.responses);
        all.truth.events.extend(next.truth.events);
        all.samples += next.samples;
        all
    });
    // Unwrap safety: a plan has a class.
    #[expect(clippy::expect_used, reason = "see above")]
    let mut all = all.expect("a class is simulated");
    all.deliveries.sort_by_key(|delivery| (delivery.at_ms, delivery.pen));
    all
}

/// How the connection is encrypted, if it is; what is wrong with the files is told before anything is
/// dialled.
fn tls(args: &SimulateArgs) -> anyhow::Result<Option<ingest::Tls>> {
    let Some(ca) = args.ca.clone() else { return Ok(None) };
    certificate::check_authority(&ca).context("--ca")?;
    let client = args.certificate.clone().zip(args.key.clone());
    if let Some((certificate, key)) = &client {
        certificate::check_own(certificate, key, &args.gateway)
            .with_context(|| format!("--certificate and --key of --gateway {}", args.gateway))?;
    }
    Ok(Some(ingest::Tls { ca, client }))
}

/// A gateway waits for its broker however long that takes; whoever wants load wants to know at once
/// that nobody takes it.
fn answers(broker: &BrokerAddress) -> anyhow::Result<()> {
    let BrokerAddress { host, port, .. } = broker;
    let whom = || format!("no broker answers at {host}:{port}: start one, or name another");
    let found = (host.as_str(), *port).to_socket_addrs().with_context(whom)?;
    let mut refused = None;
    for place in found {
        match TcpStream::connect_timeout(&place, CONNECT_MAX) {
            Ok(_) => return Ok(()),
            Err(error) => refused = Some(error),
        }
    }
    Err(refused.map_or_else(|| anyhow!("{host} has no address"), Into::into)).with_context(whom)
}

async fn send(
    args: &SimulateArgs,
    broker: &BrokerAddress,
    evening: &Evening,
) -> anyhow::Result<(Sent, gateway::Counters, Duration)> {
    let stopped = service::stopped_by_signal()?;
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let config = service::gateway_config(&args.gateway, broker, &folder.path().join("spool"))?;
    let gateway = gateway::start(config, clock::wall())?;
    let started = Instant::now();
    let begins_ms = evening.deliveries.first().map_or(0, |delivery| delivery.at_ms);
    let when = |at_ms| when(args.speed, started, begins_ms, at_ms);
    let sent = tokio::select! {
        sent = evening::hand_over(evening, &gateway, when) => sent?,
        () = gateway.refused() => bail!(
            "the broker at {}:{} refuses gateway {}: --username and --password-file say its login, or \
             --certificate and --key",
            broker.host, broker.port, args.gateway
        ),
        () = stuck(|| (receipts(gateway.counters()), gateway.spooled())) => bail!(
            "no receipt for {} s, with {} chunks without one: is the broker still at {}:{}, and does a \
             service take what comes there?",
            STUCK_AFTER.as_secs(), gateway.spooled(), broker.host, broker.port
        ),
        () = stopped => bail!("stopped with {} chunks without a receipt", gateway.spooled()),
    };
    let took = started.elapsed();
    Ok((sent, gateway.stop().await, took))
}

/// At what moment something of the evening is sent; at once where no speed is given.
fn when(speed: Option<u32>, started: Instant, begins_ms: i64, at_ms: i64) -> Option<Instant> {
    let since = u64::try_from(at_ms - begins_ms).unwrap_or(0);
    speed.map(|speed| started + Duration::from_millis(since / u64::from(speed)))
}

/// The same through a gateway that runs. What it resends is its own matter: the pens' copies are
/// counted.
async fn send_by_gateway(
    args: &SimulateArgs,
    gateway: SocketAddr,
    evening: &Evening,
) -> anyhow::Result<(Sent, gateway::Counters, Duration)> {
    let stopped = service::stopped_by_signal()?;
    let started = Instant::now();
    let begins_ms = evening.deliveries.first().map_or(0, |delivery| delivery.at_ms);
    let when = |at_ms| when(args.speed, started, begins_ms, at_ms);
    let (sent, heard) = tokio::select! {
        handed = by_gateway::hand_over(evening, gateway, args.speed, when) => handed?,
        () = stopped => bail!("stopped before every chunk had its receipt"),
    };
    let by_gateway::Heard { resent, stored, held, refused, .. } = heard;
    let counters =
        gateway::Counters { chunks_resent: resent, stored, held, refused, ..Default::default() };
    Ok((sent, counters, started.elapsed()))
}

fn receipts(counters: gateway::Counters) -> u64 {
    counters.stored + counters.held + counters.refused + counters.erased + counters.dead_letters
}

/// Waits until chunks have waited for [`STUCK_AFTER`] while not one of them got its receipt; `look`
/// says how many have one, and how many wait.
async fn stuck(look: impl Fn() -> (u64, usize)) {
    let (mut last, mut since) = (look().0, tokio::time::Instant::now());
    while since.elapsed() < STUCK_AFTER {
        tokio::time::sleep(LOOK_EVERY).await;
        let (now, waiting) = look();
        if now != last || waiting == 0 {
            (last, since) = (now, tokio::time::Instant::now());
        }
    }
}

/// What came of it.
struct Done<'a> {
    evening: &'a Evening,
    sent: Sent,
    counters: &'a gateway::Counters,
    took: Duration,
    agreement: Option<Agreement>,
    /// The pens handed it to a gateway that runs; the counters are the pens'.
    by_gateway: bool,
}

/// Whose resends are counted.
fn resends(done: &Done<'_>) -> &'static str {
    if done.by_gateway { "pen_resends" } else { "gateway_resends" }
}

fn report(json: bool, done: &Done<'_>, of_store: Option<&Planned>) -> std::io::Result<()> {
    let Done { evening, sent, counters, .. } = done;
    let seconds = done.took.as_secs_f64();
    let samples_per_s = evening.samples as f64 / seconds;
    if json {
        let mut object = json!({
            "samples_sent": evening.samples,
            "chunks_sent": sent.chunks,
            "duplicates": sent.duplicates,
            resends(done): counters.chunks_resent,
            "receipts_stored": counters.stored,
            "receipts_held": counters.held,
            "receipts_refused": counters.refused,
            "dead_letters": counters.dead_letters,
            "seconds": seconds,
            "samples_per_s": samples_per_s,
        });
        if let Some(planned) = of_store {
            object["generator"] = json!(evening.truth.generator);
            object["handwriting"] = json!(evening.truth.handwriting);
            object["classes"] = planned.json();
            object["responses"] = json!(evening.truth.responses);
        }
        if let Some(agreement) = &done.agreement {
            object["agreement"] = agreement.json();
        }
        return put!("{}", Value::to_string(&object));
    }
    let gateway::Counters { stored, held, refused, dead_letters, .. } = **counters;
    if held + refused + dead_letters == 0 {
        tell!("synthetic evening, every chunk stored");
    } else {
        tell!(
            "synthetic evening, NOT all stored: {held} held (their keys were there with other bytes), \
             {refused} refused, {dead_letters} without an answer"
        );
    }
    tell!("  stored            {stored}");
    tell!("  samples           {}", evening.samples);
    tell!("  chunks            {}, {} of them copies", sent.chunks, sent.duplicates);
    let whose = if done.by_gateway { "pens'" } else { "gateway" };
    tell!("  {whose} resends   {}", counters.chunks_resent);
    tell!("  seconds           {seconds:.1} ({samples_per_s:.0} samples/s)");
    if let Some(agreement) = &done.agreement {
        agreement.tell();
    }
    Ok(())
}

/// Writes the evening's bundles, and beside them what was meant.
fn write_capture(folder: &Path, setup: &Setup) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let evening = pen_sim::simulate(setup);
    let (capture, manifest) = pen_sim::write_capture(setup, &evening);
    for (name, bytes) in [("evening.zcap", capture), ("manifest.json", manifest.into_bytes())] {
        let path = folder.join(name);
        std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        tell!("{}", path.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Failure: a broker that goes in the middle is waited for without end, or a long pause of the
    /// pens ends the run.
    #[tokio::test(start_paused = true)]
    async fn only_chunks_that_wait_in_vain_end_a_run() {
        let begun = tokio::time::Instant::now();
        let look = || match begun.elapsed().as_secs() {
            // Nothing to send for ten minutes, then receipts each fifty seconds, then none.
            0..600 => (0, 0),
            second @ 600..1_000 => (second / 50, 4),
            _ => (20, 4),
        };
        stuck(look).await;
        let after = begun.elapsed().as_secs();
        assert!((1_060..1_065).contains(&after), "{after}");
    }
}
