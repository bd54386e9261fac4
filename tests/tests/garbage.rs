//! Ten megabytes of random bytes on the ink topic while a class writes.
//!
//! Failure: a chunk of the class lost, memory that grows with the garbage, a store that does not
//! agree with its chunks. Not failure: how much of the garbage was kept in quarantine.

use firmware_protocol::{Channel, GatewayId, Topic};
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use serde_json::Value;
use zhibi_tests::{Demo, Zhibi};

const MESSAGE_BYTES: usize = 64 * 1024;
const MESSAGES: usize = 160;

/// Memory that may come and go with allocator and page cache.
const SLACK_MIB: u64 = 96;

/// Random enough: xorshift64*.
fn noise(state: &mut u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(MESSAGE_BYTES);
    while bytes.len() < MESSAGE_BYTES {
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        bytes.extend(state.wrapping_mul(0x2545_F491_4F6C_DD1D).to_le_bytes());
    }
    bytes
}

/// Publishes the garbage and waits until the broker has acknowledged all of it.
async fn publish(broker: std::net::SocketAddr) {
    let gateway = GatewayId::parse("noise").expect("an id");
    let topic = Topic { gateway, channel: Channel::UpInk }.to_string();
    let mut options = MqttOptions::new("noise", broker.ip().to_string(), broker.port());
    options.set_max_packet_size(1 << 20, 1 << 20).set_inflight(8);
    let (client, mut event_loop) = AsyncClient::new(options, 1);
    let sender = tokio::spawn(async move {
        let mut state = 0x9E37_79B9_7F4A_7C15;
        for message in 0..MESSAGES {
            // Some of it begins as a bundle does, so that frames are looked for in it.
            let mut bytes = noise(&mut state);
            if message % 2 == 0 {
                bytes[..8].copy_from_slice(b"ZBND\x01\x00\xFF\xFF");
            }
            client
                .publish(&topic, QoS::AtLeastOnce, false, bytes)
                .await
                .expect("the event loop takes it");
        }
        // Kept until all is acknowledged: a client that is gone ends the connection.
        client
    });
    let mut acknowledged = 0;
    while acknowledged < MESSAGES {
        let event = event_loop.poll().await.expect("the broker stays");
        acknowledged += usize::from(matches!(event, Event::Incoming(Packet::PubAck(_))));
    }
    drop(sender.await.expect("the sender ends"));
}

#[tokio::test]
async fn garbage_harms_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = folder.path().join("demo.db");
    let path = database.to_str().expect("a UTF-8 path");
    let demo = Demo::start(&["--json", "--pupils", "6", "--speed", "120", "--database", path]);
    let before_mib = demo.resident_mib();
    publish(demo.broker).await;
    let after_mib = demo.resident_mib();
    demo.evening_over();
    let figures: Value = serde_json::from_str(&demo.stop()).expect("the figures");
    let count = |name: &str| figures[name].as_u64().expect("a count");
    assert_eq!(count("chunks_stored"), count("chunks_sent") - count("duplicates"));
    assert!(after_mib < before_mib + SLACK_MIB, "{before_mib} MiB grew to {after_mib} MiB");
    let output = Zhibi::run(&["check", path]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}
