//! Two services on one PostgreSQL, each with shards of its own, at a cluster of three NATS nodes: a
//! broker without shared subscriptions. The node that leads is killed while ink comes.
//!
//! Failure: a chunk without a receipt, one that the store lacks or has twice, a service that takes
//! ink of the other's shards, anything that `zhibi check` finds. Not failure: how much is sent again,
//! how long the cluster takes to choose another leader (it is printed). When the kill falls is not
//! deterministic.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use firmware_protocol::{GatewayId, PageAddress};
use gateway::Gateway;
use sample_school::{Pen, START_MS};
use store::{Store, StoreUrl};
use test_needs::Port;
use zhibi_tests::{Nats, Proxy, Serve, Zhibi, get};

use crate::metrics::value;
use crate::two_services::database;

/// Nothing in here takes longer; a limit, not a wait.
const WITHIN: Duration = Duration::from_secs(240);

const GATEWAYS: usize = 6;
const CHUNKS_OF_EACH: usize = 60;

/// A service that takes the ink of these shards, and where its metrics are.
fn serve(folder: &Path, url: &str, broker: SocketAddr, shards: &[u8]) -> (Serve, SocketAddr, Port) {
    let metrics = Port::take();
    let name = shards[0];
    let config = folder.join(format!("{name}.toml"));
    let text = format!(
        "[store]\nurl = {url:?}\n[broker]\nport = {}\nclient_id = \"zhibi-{name}\"\n\
         subscription = {shards:?}\n[web]\nlisten = \"127.0.0.1:0\"\nsecure_cookies = false\n\
         [metrics]\nlisten = \"127.0.0.1:{}\"\n",
        broker.port(),
        metrics.number
    );
    std::fs::write(&config, text).expect("a file in a temporary folder");
    (Serve::start(&config), SocketAddr::from(([127, 0, 0, 1], metrics.number)), metrics)
}

fn gateway(folder: &Path, id: GatewayId, broker: SocketAddr) -> Gateway {
    let config = gateway::Config {
        id,
        broker: gateway::Broker {
            host: broker.ip().to_string(),
            port: broker.port(),
            credentials: None,
            tls: None,
        },
        spool: folder.join(id.as_str()),
        spool_bytes_max: 1 << 20,
        bundle_bytes_max: 16 << 10,
        bundle_wait: Duration::from_millis(5),
        in_flight_max: 256,
        // As a gateway does that is not told otherwise.
        resend_after: Duration::from_secs(60),
    };
    gateway::start(config, Arc::new(|| START_MS)).expect("the spool opens")
}

/// Numbered chunks of one pen.
fn chunks(pen: u64) -> Vec<Vec<u8>> {
    let mut pen = Pen::new(pen);
    let at = PageAddress { section: 3, owner: 27, book: 5, page: 1 };
    let mut chunks = Vec::new();
    while chunks.len() < CHUNKS_OF_EACH {
        pen.stroke(at, START_MS + chunks.len() as i64 * 1_000, &[(1_000, 1_000), (2_000, 2_000)]);
        chunks.extend(pen.arrivals(START_MS).into_iter().map(|arrival| arrival.bytes));
    }
    chunks
}

async fn hand_over(gateways: &[Gateway], chunks: &[&[Vec<u8>]]) {
    for (gateway, chunks) in gateways.iter().zip(chunks) {
        for chunk in *chunks {
            gateway.link().hand_over(chunk).await.expect("the gateway takes it");
        }
    }
}

/// Waits until every chunk has its receipt; gives how long that took.
async fn drained(gateways: &[Gateway]) -> Duration {
    let begun = Instant::now();
    for gateway in gateways {
        let left = || format!("{} chunks left: {:?}", gateway.spooled(), gateway.counters());
        let drained = tokio::time::timeout(WITHIN, gateway.drained()).await;
        assert!(drained.is_ok(), "{}", left());
    }
    begun.elapsed()
}

/// Ids of which the first half are in even shards and the others in odd ones.
fn ids() -> Vec<GatewayId> {
    let all = (0..).map(|n| GatewayId::parse(&format!("room-{n}")).expect("an id"));
    let (mut even, mut odd) = (Vec::new(), Vec::new());
    for id in all {
        let half = if id.shard() % 2 == 0 { &mut even } else { &mut odd };
        if half.len() < GATEWAYS / 2 {
            half.push(id);
        }
        if even.len() + odd.len() == GATEWAYS {
            break;
        }
    }
    even.extend(odd);
    even
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_the_leader_of_a_broker_cluster_is_killed() {
    let Some(server) = test_needs::postgres() else { return };
    let Some(mut cluster) = Nats::start() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = database(&server, "broker_cluster").await;
    let store: StoreUrl = url.parse().expect("a url");
    let store = Store::connect(&store).await.expect("a new store");
    // As a name with three addresses: each has another node first.
    let mut ways = Vec::new();
    for first in 0..3 {
        let mut nodes = cluster.addresses();
        nodes.rotate_left(first);
        ways.push(Proxy::start_before(nodes).await);
    }
    let half = |odd| (0..64).filter(|shard| shard % 2 == odd).collect::<Vec<u8>>();
    let (even, even_metrics, _even_port) = serve(folder.path(), &url, ways[0].address, &half(0));
    let (odd, odd_metrics, _odd_port) = serve(folder.path(), &url, ways[1].address, &half(1));
    // What is published before anybody has subscribed goes to nobody, and again after a minute.
    for service in [&even, &odd] {
        let limit = Instant::now() + WITHIN;
        while get(service.web, "/readyz").0 != 200 {
            assert!(Instant::now() < limit, "{:?}", get(service.web, "/readyz"));
            tokio::task::yield_now().await;
        }
    }
    let gateways: Vec<Gateway> = ids()
        .into_iter()
        .enumerate()
        .map(|(n, id)| gateway(folder.path(), id, ways[n % ways.len()].address))
        .collect();
    let all: Vec<_> = (0..GATEWAYS as u64).map(|pen| chunks(pen + 1)).collect();
    let third = |n: usize| -> Vec<&[Vec<u8>]> {
        all.iter().map(|of| &of[n * of.len() / 3..(n + 1) * of.len() / 3]).collect()
    };

    hand_over(&gateways, &third(0)).await;
    let at_first = drained(&gateways).await;
    let leader = cluster.leader().expect("messages have a leader");
    hand_over(&gateways, &third(1)).await;
    cluster.kill(leader);
    let killed = Instant::now();
    hand_over(&gateways, &third(2)).await;
    drained(&gateways).await;
    println!(
        "the first receipts took {at_first:?}; after the kill of node {leader} everything had its \
         receipt within {:?}",
        killed.elapsed()
    );

    let handed_over: usize = all.iter().map(Vec::len).sum();
    let totals = store.totals().await.expect("totals");
    assert_eq!(totals.chunks as usize, handed_over);
    // What a service stored is of its own shards: half of the gateways each.
    for metrics in [even_metrics, odd_metrics] {
        let page = get(metrics, "/metrics").1;
        let stored = value(&page, "zhibi_ingest_chunks_total{outcome=\"stored\"}");
        assert_eq!(stored as usize, handed_over / 2, "{page}");
    }
    for gateway in gateways {
        gateway.stop().await;
    }
    even.stop();
    odd.stop();
    store.close().await.expect("the store closes");
    let check = Zhibi::run(&["check", &url]);
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
}
