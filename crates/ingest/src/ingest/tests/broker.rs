//! What a broker may do to us: packets beyond reading, its death, more than there is room for.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_packet_beyond_reading_does_not_block_the_queue() {
    let Some(broker) = Mosquitto::start() else { return };
    let server = Server::start(config(broker.port())).await;
    let vandal = Gateway::connect(broker.port(), "g-666").await;
    let mut gateway = Gateway::connect(broker.port(), "g-1").await;
    vandal.publish(vec![0x5a; 5 << 20]).await;
    gateway.send_until_heard(7, &pen::chunks(7, 20)).await;
    server.until(|counters| counters.oversized == 1).await;
    assert_eq!(server.chunks().await, numbers(7, 20));
    server.stop().await;
}

/// The broker sends it again with each subscription, for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retained_packet_beyond_reading_stops_nobody() {
    let Some(broker) = Mosquitto::start() else { return };
    let vandal = Gateway::connect(broker.port(), "g-666").await;
    vandal.retain(vec![0x5a; 5 << 20]).await;
    let server = Server::start(config(broker.port())).await;
    let mut gateway = Gateway::connect(broker.port(), "g-1").await;
    gateway.send_until_heard(7, &pen::chunks(7, 20)).await;
    // It comes again with each subscription.
    server.until(|counters| counters.oversized >= 1).await;
    assert_eq!(server.chunks().await, numbers(7, 20));
    // Subscribing once in vain, once with room for it, and the connection that sends receipts.
    assert_eq!(server.stop().await.connections, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_killed_again_and_again_loses_nothing() {
    let Some(mut broker) = Mosquitto::start() else { return };
    let server = Server::start(config(broker.port())).await;
    let mut gateway = Gateway::connect(broker.port(), "g-1").await;
    let chunks = pen::chunks(7, 3_000);
    for part in [0..1_000, 1_000..2_000, 2_000..3_000] {
        // It dies with messages on their way in and receipts on their way out.
        gateway.send(&chunks[part]).await;
        broker.restart();
    }
    gateway.send_until_heard(7, &chunks).await;
    assert_eq!(server.chunks().await, numbers(7, 3_000));
    let counters = server.stop().await;
    assert_eq!(counters.chunks_stored, 3_000);
    assert_eq!(counters.conflicts + counters.damaged_frames + counters.not_bundles, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_is_bounded_and_what_finds_no_room_comes_again() {
    let Some(broker) = Mosquitto::start() else { return };
    let small = Config { memory_bytes_max: 160_000, ..config(broker.port()) };
    let server = Server::start(small.clone()).await;
    let mut gateway = Gateway::connect(broker.port(), "g-1").await;
    server.store.close().await.unwrap();
    let chunks = pen::chunks(7, 3_000);
    // Bundles of 500, so that many more wait than there is memory for.
    for part in chunks.chunks(500) {
        gateway.send(part).await;
    }
    server.until(|counters| counters.overflows >= 1).await;
    assert!(server.ingest.counters().pauses >= 1);
    assert!(gateway.hear_now().is_empty());
    let Server { dir, ingest, reader, .. } = server;
    ingest.stop().await;
    let store = Store::open(dir.path().join("zhibi.db")).await.unwrap();
    let ingest = start(small, store.clone(), clock());
    let server = Server { dir, ingest, reader, store };
    gateway.send_until_heard(7, &chunks).await;
    assert_eq!(server.chunks().await, numbers(7, 3_000));
    server.stop().await;
}
