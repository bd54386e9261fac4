//! Against a real mosquitto and a real SQLite file.
//!
//! A failure is: a chunk stored twice or not at all, a receipt for a chunk that a second connection
//! to the database does not see, a receipt for what must not be named. How often things are sent
//! again, and in which batches they are committed, is not looked at: it differs from run to run.

mod broker;
mod content;
mod gateway;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Mutex;

use firmware_protocol::{Channel, Outcome, PenId, RefusalCode, Topic};
use tempfile::TempDir;
use test_needs::{Mosquitto, RefusesOnce};
use tokio::time::timeout;

use super::*;
use crate::{Broker, Observer, Subscription, decode_for_check, pen};
use gateway::{Gateway, LONG};

fn config(port: u16) -> Config {
    Config {
        broker: Broker { host: "127.0.0.1".into(), port, credentials: None, tls: None },
        client_id: "ingest-test".into(),
        subscription: Subscription::Plain,
        batch_chunks_max: 500,
        batch_wait: Duration::from_millis(5),
        memory_bytes_max: 8 << 20,
        seed: 1,
        observer: None,
    }
}

fn clock() -> Clock {
    Arc::new(|| 1_700_000_000_000)
}

struct Server {
    dir: TempDir,
    ingest: Ingest,
    /// A second handle on the file, as another process has it.
    reader: Store,
    store: Store,
}

impl Server {
    async fn start(config: Config) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("zhibi.db");
        let store = Store::open(&path).await.unwrap();
        let reader = Store::open(&path).await.unwrap();
        let ingest = start(config, store.clone(), clock());
        let server = Self { dir, ingest, reader, store };
        server.until(|counters| counters.connections >= 2).await;
        server
    }

    /// Waits for a counter; there is no event to wait for.
    async fn until(&self, mut holds: impl FnMut(Counters) -> bool) {
        let mut tick = tokio::time::interval(Duration::from_millis(2));
        let all = async {
            while !holds(self.ingest.counters()) {
                tick.tick().await;
            }
        };
        let in_time = timeout(LONG, all).await;
        assert!(in_time.is_ok(), "{:?}", self.ingest.counters());
    }

    async fn until_subscribed(&self) {
        let mut connected = self.ingest.connected();
        let accepted = timeout(LONG, connected.wait_for(|connected| *connected)).await;
        accepted.expect("the broker answers").expect("the link runs");
    }

    /// Pen and number of every chunk in the database, seen from outside; nothing wrong with it.
    async fn chunks(&self) -> Vec<(u64, u32)> {
        let seen = RefCell::new(Vec::new());
        let findings = self.reader.verify(|bytes| {
            let decoded = decode_for_check(bytes)?;
            seen.borrow_mut().push((decoded.key.pen, decoded.key.number));
            Ok(decoded)
        });
        assert_eq!(findings.await.unwrap(), []);
        let mut seen = seen.into_inner();
        seen.sort_unstable();
        seen
    }

    /// Waits for a row of quarantine: it is counted before it is committed.
    async fn held(&self, reason: &str) -> store::Held {
        let of = store::HeldOf { reason: Some(reason.into()), gateway: None };
        let mut tick = tokio::time::interval(Duration::from_millis(2));
        let first = async {
            loop {
                let rows = self.reader.held(&of, 1).await.unwrap();
                if let Some(row) = rows.into_iter().next() {
                    return row;
                }
                tick.tick().await;
            }
        };
        timeout(LONG, first).await.expect("a row of quarantine")
    }

    async fn stop(self) -> Counters {
        let counters = self.ingest.stop().await;
        let _ = self.store.close().await;
        self.reader.close().await.unwrap();
        drop(self.dir);
        counters
    }
}

fn numbers(pen: u64, count: u32) -> Vec<(u64, u32)> {
    (1..=count).map(|number| (pen, number)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_receipt_finds_its_chunk_in_the_database() {
    let Some(broker) = Mosquitto::start() else { return };
    let server = Server::start(config(broker.port())).await;
    let mut gateway = Gateway::connect(broker.port(), "g-1").await;
    for (sent, chunk) in (1..).zip(pen::chunks(7, 50)) {
        gateway.send(&[chunk]).await;
        gateway.hear(|heard| heard.len() == sent).await;
        let chunks: BTreeSet<_> = server.chunks().await.into_iter().collect();
        for ((pen, number), outcome) in &gateway.heard {
            assert_eq!(*outcome, Outcome::Stored);
            assert!(chunks.contains(&(pen.0, *number)), "chunk {number} is not there");
        }
    }
    let counters = server.stop().await;
    assert_eq!((counters.chunks_stored, counters.duplicates), (50, 0));
    assert_eq!(counters.receipts_dropped, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_receipt_and_no_ack_while_the_store_fails() {
    let Some(broker) = Mosquitto::start() else { return };
    let server = Server::start(config(broker.port())).await;
    let mut gateway = Gateway::connect(broker.port(), "g-1").await;
    server.store.close().await.unwrap();
    gateway.send(&pen::chunks(7, 20)).await;
    // By the third failure, a receipt sent before the commit would have come long ago.
    server.until(|counters| counters.store_errors >= 3).await;
    assert!(gateway.hear_now().is_empty());
    let Server { dir, ingest, reader, .. } = server;
    let counters = ingest.stop().await;
    assert_eq!((counters.commits, counters.receipts_sent), (0, 0));

    // What was not acknowledged is delivered again, to a store that works.
    let store = Store::open(dir.path().join("zhibi.db")).await.unwrap();
    let ingest = start(config(broker.port()), store.clone(), clock());
    let server = Server { dir, ingest, reader, store };
    gateway.hear(|heard| heard.len() == 20).await;
    assert_eq!(server.chunks().await, numbers(7, 20));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn duplicates_are_stored_once_and_receipted_each_time() {
    let Some(broker) = Mosquitto::start() else { return };
    let server = Server::start(config(broker.port())).await;
    let mut first = Gateway::connect(broker.port(), "g-1").await;
    let mut second = Gateway::connect(broker.port(), "g-2").await;
    let chunks = pen::chunks(7, 300);
    first.send(&chunks).await;
    first.hear(|heard| heard.len() == 300).await;
    first.heard.clear();
    first.send(&chunks).await;
    second.send(&chunks).await;
    for gateway in [&mut first, &mut second] {
        gateway.hear(|heard| heard.len() == 300).await;
        assert!(gateway.heard.values().all(|outcome| *outcome == Outcome::Stored));
    }
    assert_eq!(server.chunks().await, numbers(7, 300));
    let counters = server.stop().await;
    assert_eq!((counters.chunks_stored, counters.duplicates), (300, 600));
}

/// A broker gives messages to sessions, also to those without a client.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_dealt_to_a_service_that_is_gone() {
    let Some(broker) = Mosquitto::start() else { return };
    let one = Config { subscription: Subscription::Shared, ..config(broker.port()) };
    let two = Config { client_id: "ingest-two".into(), ..one.clone() };
    Server::start(one).await.stop().await;
    let server = Server::start(two).await;
    server.until_subscribed().await;
    let mut gateway = Gateway::connect(broker.port(), "g-1").await;
    for chunk in pen::chunks(7, 20) {
        gateway.send(&[chunk]).await;
    }
    gateway.hear(|heard| heard.len() == 20).await;
    server.stop().await;
}

/// Failure: a service that stays on a connection on which nothing will ever come.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_subscription_is_asked_for_again() {
    let broker = RefusesOnce::start().await;
    let server = Server::start(config(broker.address.port())).await;
    server.until_subscribed().await;
    assert!(server.ingest.counters().connections >= 3, "the refused one, the next, and receipts'");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_loses_nothing_that_is_not_said() {
    let Some(broker) = Mosquitto::start() else { return };
    let server = Server::start(config(broker.port())).await;
    let mut gateway = Gateway::connect(broker.port(), "g-1").await;
    let chunks = pen::chunks(7, 2_000);
    for part in chunks.chunks(100) {
        gateway.send(part).await;
    }
    let Server { dir, ingest, reader, store } = server;
    let stopped = ingest.stop().await;
    let ingest = start(config(broker.port()), store.clone(), clock());
    let server = Server { dir, ingest, reader, store };
    gateway.hear(|heard| heard.len() == 2_000).await;
    assert_eq!(server.chunks().await, numbers(7, 2_000));
    let counters = server.stop().await;
    assert_eq!(stopped.chunks_stored + counters.chunks_stored, 2_000);
}
