//! `zhibi simulate`: a simulated class as load for a broker, or as a capture.

use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use pen_sim::{Evening, Setup};
use serde_json::json;

use crate::class::SampleClass;
use crate::cli::SimulateArgs;
use crate::evening::{self, Sent};
use crate::service::{self, BrokerAddress};
use crate::{Verdict, clock};

/// The evening of a capture: fixed, so that the same seed gives the same bytes. 2026-09-01, 18:30
/// in Shanghai.
const CAPTURE_START_MS: i64 = 1_788_258_600_000;

/// A broker that does not take a connection in this time is not there.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// Runs the command.
pub(crate) fn run(args: &SimulateArgs) -> anyhow::Result<Verdict> {
    let class = SampleClass::new(args.pens)?;
    if let Some(folder) = &args.capture {
        let handwriting = args.handwriting.as_deref();
        let setup = evening::setup(&class, handwriting, args.seed, CAPTURE_START_MS, 0)?;
        write_capture(folder, &setup)?;
        return Ok(Verdict::Clean);
    }
    let Some(broker) = &args.broker else { bail!("name a broker, or a folder for a capture") };
    let mut broker = address(broker)?;
    broker.credentials =
        service::credentials(args.username.as_deref(), args.password_file.as_deref())?;
    answers(&broker)?;
    let start_ms = clock::wall_ms();
    // The milliseconds modulo some fifty days: no two runs begin in the same millisecond.
    let run = start_ms as u32;
    let setup = evening::setup(&class, args.handwriting.as_deref(), args.seed, start_ms, run)?;
    let evening = pen_sim::simulate(&setup);
    let (sent, counters, took) = service::runtime()?.block_on(send(args, &broker, &evening))?;
    report(args.json, &evening, sent, &counters, took)?;
    let all_stored = counters.held + counters.refused + counters.dead_letters == 0;
    Ok(if all_stored { Verdict::Clean } else { Verdict::Findings })
}

fn address(broker: &str) -> anyhow::Result<BrokerAddress> {
    let bare = broker.strip_prefix("mqtt://").unwrap_or(broker);
    let (host, port) = bare
        .rsplit_once(':')
        .with_context(|| format!("broker {broker}: it is HOST:PORT, for example 127.0.0.1:1883"))?;
    let port = port.parse().with_context(|| format!("broker {broker}: {port} is no port"))?;
    Ok(BrokerAddress { host: host.to_owned(), port, credentials: None })
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
    let gateway = gateway::start(service::gateway_config(&args.gateway, broker)?, clock::wall());
    let started = Instant::now();
    let begins_ms = evening.deliveries.first().map_or(0, |delivery| delivery.at_ms);
    let when = |at_ms: i64| {
        let since = u64::try_from(at_ms - begins_ms).unwrap_or(0);
        args.speed.map(|speed| started + Duration::from_millis(since / u64::from(speed)))
    };
    let sent = tokio::select! {
        sent = evening::hand_over(evening, &gateway, when) => sent?,
        () = gateway.refused() => bail!(
            "the broker at {}:{} refuses gateway {}: --username and --password-file say its login",
            broker.host, broker.port, args.gateway
        ),
        () = stopped => bail!("stopped with {} chunks without a receipt", gateway.spooled()),
    };
    let took = started.elapsed();
    Ok((sent, gateway.stop().await, took))
}

fn report(
    json: bool,
    evening: &Evening,
    sent: Sent,
    counters: &gateway::Counters,
    took: Duration,
) -> std::io::Result<()> {
    let seconds = took.as_secs_f64();
    let samples_per_s = evening.samples as f64 / seconds;
    if json {
        return put!(
            "{}",
            json!({
                "samples_sent": evening.samples,
                "chunks_sent": sent.chunks,
                "duplicates": sent.duplicates,
                "gateway_resends": counters.chunks_resent,
                "receipts_stored": counters.stored,
                "receipts_held": counters.held,
                "receipts_refused": counters.refused,
                "dead_letters": counters.dead_letters,
                "seconds": seconds,
                "samples_per_s": samples_per_s,
            })
        );
    }
    let gateway::Counters { stored, held, refused, dead_letters, .. } = *counters;
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
    tell!("  gateway resends   {}", counters.chunks_resent);
    tell!("  seconds           {seconds:.1} ({samples_per_s:.0} samples/s)");
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
