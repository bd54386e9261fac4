//! The gateway against a real mosquitto.
//!
//! Failure is: a chunk handed over that no subscriber ever gets, a chunk freed without a receipt,
//! a receipt that does not free, a counter that is not exact, a broker or a byte that stops the
//! gateway. Copies that come twice are none: receipts are the truth, and the store takes each once.
//! How often the gateway connects and sends again while a broker is away depends on time, so there
//! only bounds are asserted.

#[path = "uplink/server.rs"]
mod server;

use std::sync::Arc;
use std::time::Duration;

use firmware_protocol::{
    BootId, Channel, ChunkKey, Frame, GatewayId, Outcome, PenHead, PenId, PenState, Reading,
    ReceiptRange, SealPolicy, Sealer, StrokeEnd, Topic, decode_frame, encode_pen_state,
};
use gateway::{Config, Gateway, NotTaken, PenLink, Taken};
use rumqttc::QoS;
use server::{Answers, LONG, Server, receipts};
use tempfile::TempDir;
use test_needs::{Mosquitto, Port, RefusesOnce};
use tokio::time::timeout;

const BOOT: BootId = BootId { counter: 1, random: 2 };
const SOON: Duration = Duration::from_millis(200);

fn id() -> GatewayId {
    GatewayId::parse("g-7").expect("a legal name")
}

fn config(port: u16, spool: &TempDir) -> Config {
    Config {
        id: id(),
        broker: gateway::Broker {
            host: "127.0.0.1".to_owned(),
            port,
            credentials: None,
            tls: None,
        },
        spool: spool.path().join("spool"),
        spool_bytes_max: 1 << 20,
        bundle_bytes_max: 8_192,
        bundle_wait: Duration::from_millis(5),
        in_flight_max: 256,
        resend_after: SOON,
    }
}

fn start(config: Config) -> Gateway {
    gateway::start(config, Arc::new(|| 1_788_220_800_000)).expect("the spool opens")
}

/// Numbered chunks of one stroke each.
fn chunks(pen: u64, count: usize) -> Vec<Vec<u8>> {
    let head = PenHead::new(23_710, 852, 1_000);
    let mut sealer = Sealer::new(PenId(pen), BOOT, head, SealPolicy::STANDARD);
    let mut chunks = Vec::new();
    for stroke in 0..count {
        let mut out = |chunk: &[u8]| chunks.push(chunk.to_vec());
        for sample in 0..20 {
            let ms = 1_000 * stroke as u64 + 10 * sample;
            sealer.sample(Reading::new(ms, ms as i64, 5 * sample as i32, 7, 300), &mut out);
        }
        sealer.pen_up(StrokeEnd::Up, &mut out);
        sealer.flush(&mut out);
    }
    chunks
}

fn key(pen: u64, number: u32) -> ChunkKey {
    ChunkKey { pen: PenId(pen), boot: BOOT, number }
}

async fn hand_over(link: &PenLink, chunks: &[Vec<u8>]) {
    for chunk in chunks {
        assert_eq!(link.hand_over(chunk).await, Ok(Taken::Fresh));
    }
}

async fn drained(gateway: &Gateway) {
    timeout(LONG, gateway.drained()).await.expect("every chunk has its receipt in time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chunks_reach_a_subscriber_and_receipts_free_the_spool() {
    let spool = tempfile::tempdir().expect("a folder");
    let Some(broker) = Mosquitto::start() else { return };
    let server = Server::connect(broker.port(), Answers::Once).await;
    // Nothing is sent twice where the answer comes long before the resend.
    let gateway = start(Config { resend_after: LONG, ..config(broker.port(), &spool) });
    let link = gateway.link();
    let mut heard = link.receipts();
    hand_over(&link, &chunks(1, 100)).await;
    hand_over(&link, &chunks(2, 100)).await;
    drained(&gateway).await;
    let mut told = Vec::new();
    while told.len() < 200 {
        let receipt = timeout(LONG, heard.recv()).await.expect("in time").expect("no lag");
        assert_eq!((receipt.boot, receipt.range.outcome), (BOOT, Outcome::Stored));
        told.push(key(receipt.pen.0, receipt.range.first));
    }
    told.sort();
    let came = server.until(|_| true).await;
    assert_eq!(told, came.copies.keys().copied().collect::<Vec<_>>());
    assert!(came.copies.values().all(|copies| *copies == 1));
    let counters = gateway.stop().await;
    assert_eq!((counters.chunks_taken, counters.chunks_sent, counters.stored), (200, 200, 200));
    assert_eq!((counters.chunks_resent, counters.duplicates, counters.reconnects), (0, 0, 0));
    assert!(counters.bundles_sent <= 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_killed_and_restarted_loses_nothing() {
    let spool = tempfile::tempdir().expect("a folder");
    let Some(mut broker) = Mosquitto::start() else { return };
    let server = Server::connect(broker.port(), Answers::Once).await;
    let gateway = start(config(broker.port(), &spool));
    let link = gateway.link();
    let chunks = chunks(1, 600);
    let writing = tokio::spawn({
        let (link, chunks) = (link.clone(), chunks.clone());
        async move { hand_over(&link, &chunks).await }
    });
    for enough in [50, 250] {
        server.until(|came| came.copies.len() >= enough).await;
        broker.restart();
    }
    writing.await.expect("every chunk is taken");
    drained(&gateway).await;
    let came = server.until(|_| true).await;
    assert_eq!(came.copies.len(), 600);
    let counters = gateway.stop().await;
    assert_eq!((counters.chunks_taken, counters.chunks_sent, counters.stored), (600, 600, 600));
    assert!(counters.reconnects >= 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_while_the_broker_was_away_goes_when_it_is_back() {
    let spool = tempfile::tempdir().expect("a folder");
    let Some(mut broker) = Mosquitto::start() else { return };
    broker.kill();
    let gateway = start(config(broker.port(), &spool));
    hand_over(&gateway.link(), &chunks(1, 50)).await;
    assert_eq!(gateway.spooled(), 50);
    broker.restart();
    let server = Server::connect(broker.port(), Answers::Once).await;
    drained(&gateway).await;
    assert_eq!(server.until(|_| true).await.copies.len(), 50);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_receipt_chunks_are_kept_and_sent_again() {
    let spool = tempfile::tempdir().expect("a folder");
    let Some(broker) = Mosquitto::start() else { return };
    let server = Server::connect(broker.port(), Answers::Never).await;
    let gateway = start(config(broker.port(), &spool));
    let link = gateway.link();
    hand_over(&link, &chunks(1, 10)).await;
    server.until(|came| came.copies.len() == 10 && came.copies.values().all(|n| *n >= 3)).await;
    assert_eq!(gateway.spooled(), 10);
    assert_eq!(gateway.counters().stored, 0);
    // A copy from the pen is not a second chunk.
    assert_eq!(link.hand_over(&chunks(1, 1)[0]).await, Ok(Taken::Duplicate));
    server.answer(Answers::Once);
    drained(&gateway).await;
    let counters = gateway.stop().await;
    assert_eq!((counters.chunks_taken, counters.chunks_sent, counters.stored), (10, 10, 10));
    assert_eq!(counters.duplicates, 1);
    assert!(counters.chunks_resent >= 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn duplicate_receipts_and_garbage_are_counted_and_harmless() {
    let spool = tempfile::tempdir().expect("a folder");
    let Some(broker) = Mosquitto::start() else { return };
    let server = Server::connect(broker.port(), Answers::Never).await;
    let gateway = start(config(broker.port(), &spool));
    let link = gateway.link();
    let mut heard = link.receipts();
    hand_over(&link, &chunks(1, 20)).await;
    server.until(|came| came.copies.len() == 20).await;
    let topic = Topic { gateway: id(), channel: Channel::DownReceipt }.to_string();
    let everything = ReceiptRange { outcome: Outcome::Stored, first: 0, last: u32::MAX };
    let garbage = [
        Vec::new(),
        b"no bundle".to_vec(),
        vec![0xff; 100_000],
        // A bundle of bytes that are no frame, and one of a frame that is no receipt.
        [b"ZBND\x01\0\x01\0".as_slice(), b"no frame"].concat(),
        [b"ZBND\x01\0\x01\0".as_slice(), &chunks(1, 1)[0]].concat(),
    ];
    let others = receipts(&key(9, 0), &[everything]);
    for payload in garbage.iter().chain([&others]) {
        let sent = server.client.publish(&topic, QoS::AtLeastOnce, false, payload.clone());
        sent.await.expect("the server lives");
    }
    // Another pen's receipt, behind the garbage, comes through and frees nothing here.
    let other = timeout(LONG, heard.recv()).await.expect("in time").expect("no lag");
    assert_eq!((other.pen, gateway.spooled()), (PenId(9), 20));
    server.answer(Answers::Twice);
    drained(&gateway).await;
    // The gateway lives on, and the second receipts freed nothing twice.
    hand_over(&link, &chunks(2, 20)).await;
    drained(&gateway).await;
    let counters = gateway.stop().await;
    assert_eq!((counters.chunks_taken, counters.stored), (40, 40));
    assert_eq!(counters.garbage, garbage.len() as u64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_spool_refuses_pens_and_loses_nothing() {
    let spool = tempfile::tempdir().expect("a folder");
    let Some(broker) = Mosquitto::start() else { return };
    let server = Server::connect(broker.port(), Answers::Never).await;
    let chunks = chunks(1, 40);
    let gateway = start(Config { spool_bytes_max: 1_000, ..config(broker.port(), &spool) });
    let link = gateway.link();
    let writing = tokio::spawn(async move {
        for chunk in &chunks {
            // As a pen does, if sooner: refused, it keeps its chunk and tries again.
            while link.hand_over(chunk).await == Err(NotTaken::Full) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    });
    server.until(|came| came.copies.values().any(|copies| *copies >= 3)).await;
    assert!(gateway.spooled() < 40 && !writing.is_finished());
    server.answer(Answers::Once);
    writing.await.expect("every chunk is taken");
    drained(&gateway).await;
    assert_eq!(server.until(|_| true).await.copies.len(), 40);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_broker_knows_whether_the_gateway_is_there() {
    let spool = tempfile::tempdir().expect("a folder");
    let Some(broker) = Mosquitto::start() else { return };
    let gateway = start(config(broker.port(), &spool));
    // A server that comes later reads the retained birth.
    let server = Server::connect(broker.port(), Answers::Once).await;
    let came = server.until(|came| !came.gateway.is_empty()).await;
    let state = |ticks| PenState {
        pen: PenId(1),
        boot: BOOT,
        ticks,
        seen_unix_ms: 5,
        pen_unix_ms: 6,
        charging: false,
        memory_percent: 1,
        battery_percent: 70,
        backlog: 2,
    };
    gateway.link().heard(state(44)).await;
    let pens = server.until(|came| !came.pens.is_empty()).await.pens;
    assert_eq!(pens, [state(44)]);
    gateway.stop().await;
    let after = server.until(|came| came.gateway.iter().any(|state| !state.online)).await;
    assert!(came.gateway[0].online);
    let last = after.gateway.last().expect("two states");
    assert_eq!((last.online, last.session), (false, came.gateway[0].session));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_without_a_broker_takes_refuses_and_stops() {
    let spool = tempfile::tempdir().expect("a folder");
    // Nothing listens there, and no other test's broker can come to.
    let port = Port::take();
    let gateway = start(config(port.number, &spool));
    let link = gateway.link();
    let mut damaged = chunks(1, 1).remove(0);
    damaged[40] ^= 1;
    assert!(matches!(link.hand_over(&damaged).await, Err(NotTaken::Damaged(_))));
    hand_over(&link, &chunks(1, 3)).await;
    // By radio, cut anywhere, and once damaged on the way.
    let by_radio = chunks(2, 3);
    let mut connection = link.connect();
    let mut became = Vec::new();
    for piece in [&by_radio[0][..], &damaged, &by_radio[1], &by_radio[2]].concat().chunks(20) {
        became.extend(connection.notified(piece).await);
    }
    let (taken, noise) = (Ok(Taken::Fresh), Err(NotTaken::Noise(damaged.len())));
    assert_eq!(became, [taken, noise, taken, taken]);
    let counters = timeout(LONG, gateway.stop()).await.expect("it stops without a broker");
    assert_eq!((counters.chunks_taken, counters.chunks_sent), (6, 0));
    assert_eq!(link.hand_over(&chunks(1, 1)[0]).await, Err(NotTaken::Stopped));
}

/// Waits until a gateway's status is `so`.
async fn until(gateway: &Gateway, so: impl Fn(&gateway::Status) -> bool) {
    let reached = async {
        while !so(&gateway.status().await.expect("it runs")) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(LONG, reached).await.expect("in time");
}

/// Failure: two gateways with one id are told as a broker that is away, or a broker that is away as two
/// gateways.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_gateways_with_one_id_are_told_from_a_broker_that_is_away() {
    let Some(mut broker) = Mosquitto::start() else { return };
    let (spool, other_spool) =
        (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("two"));
    let gateway = start(config(broker.port(), &spool));
    until(&gateway, |status| status.is_connected && !status.is_contested).await;
    let other = start(config(broker.port(), &other_spool));
    until(&gateway, |status| status.is_contested).await;
    until(&other, |status| status.is_contested).await;
    other.stop().await;
    gateway.stop().await;
    // It came and went once, and is away.
    let gateway = start(config(broker.port(), &spool));
    until(&gateway, |status| status.is_connected).await;
    broker.kill();
    until(&gateway, |status| status.trouble.as_ref().is_some_and(|why| why.contains("refused")))
        .await;
    assert!(!gateway.status().await.expect("it runs").is_contested);
    gateway.stop().await;
}

/// Failure: a gateway that stays on a connection on which no receipt will ever come, or does not say
/// what is wrong.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_subscription_is_told_and_asked_for_again() {
    let spool = tempfile::tempdir().expect("a folder");
    let broker = RefusesOnce::start().await;
    let gateway = start(config(broker.address.port(), &spool));
    until(&gateway, |status| status.counters.reconnects == 1 && status.is_connected).await;
    assert!(!gateway.status().await.expect("it runs").is_contested);
    gateway.stop().await;
}

#[tokio::test]
async fn a_pen_says_its_state_and_is_told_the_time() {
    let spool = tempfile::tempdir().expect("a folder");
    let gateway = start(config(1, &spool));
    let state = PenState {
        pen: PenId(1),
        boot: BOOT,
        ticks: 9,
        seen_unix_ms: 0,
        pen_unix_ms: 77,
        battery_percent: 50,
        charging: false,
        memory_percent: 3,
        backlog: 2,
    };
    let mut frame = [0; 64];
    let len = encode_pen_state(&state, &mut frame).expect("room");
    let mut connection = gateway.link().connect();
    assert_eq!(connection.notified(&frame[..len]).await, [Ok(Taken::State)]);
    assert_eq!(gateway.spooled(), 0, "a state is no ink");

    let greeting = gateway.link().greeting();
    let (Frame::GatewayState(said), _) = decode_frame(&greeting).expect("a frame") else {
        panic!("a gateway's state")
    };
    assert_eq!((said.online, said.unix_ms), (true, 1_788_220_800_000));

    // What no receipt would ever name is not taken: a hello with a chunk's number.
    let mut odd = chunks(1, 1).remove(0);
    odd[1] = 0x11;
    let end = odd.len() - 4;
    let crc = firmware_protocol::crc32c(&odd[..end]);
    odd[end..].copy_from_slice(&crc.to_le_bytes());
    assert_eq!(gateway.link().hand_over(&odd).await, Err(NotTaken::Kind(1, 1)));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_is_there_after_a_restart_and_has_another_session() {
    let Some(broker) = Mosquitto::start() else { return };
    let spool = tempfile::tempdir().expect("a folder");
    let server = Server::connect(broker.port(), Answers::Never).await;
    let first = start(config(broker.port(), &spool));
    hand_over(&first.link(), &chunks(1, 30)).await;
    server.until(|came| came.copies.len() == 30).await;
    first.stop().await;
    server.answer(Answers::Once);
    let second = start(config(broker.port(), &spool));
    drained(&second).await;
    let counters = second.stop().await;
    assert_eq!((counters.chunks_taken, counters.stored), (0, 30));
    // Nothing is left: a third start has nothing to send.
    let third = start(config(broker.port(), &spool));
    assert_eq!(third.spooled(), 0);
    third.stop().await;
    // That it is away, a gateway says itself, and its will may say it again.
    let said = |came: &server::Came| {
        let mut said: Vec<(bool, u64)> =
            came.gateway.iter().map(|state| (state.online, state.session)).collect();
        said.dedup();
        said
    };
    let said = said(&server.until(|came| said(came).len() >= 4).await);
    let first = said[0].1;
    assert_eq!(said[..4], [(true, first), (false, first), (true, first + 1), (false, first + 1)]);
}
