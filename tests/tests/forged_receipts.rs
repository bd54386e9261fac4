//! Receipts that somebody forges while a class writes.
//!
//! Failure: a gateway hears a receipt that the service did not send, or somebody takes the
//! service's place at the embedded broker. Not failure: how the broker refuses.

use std::net::SocketAddr;
use std::time::Duration;

use firmware_protocol::{Channel, GatewayId, Topic};
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS};
use zhibi_tests::Demo;

const FORGED: &[u8] = b"forged";

/// A class of six writes all the time: a receipt that does not come within this is a failure.
const PATIENCE: Duration = Duration::from_secs(60);

fn client(id: &str, broker: SocketAddr) -> (AsyncClient, EventLoop) {
    let mut options = MqttOptions::new(id, broker.ip().to_string(), broker.port());
    options.set_max_packet_size(1 << 20, 1 << 20);
    AsyncClient::new(options, 8)
}

/// Polls until an event is `wanted`, and gives what that made of it.
async fn until<T>(events: &mut EventLoop, wanted: impl Fn(Packet) -> Option<T>) -> T {
    let found = async {
        loop {
            if let Event::Incoming(packet) = events.poll().await.expect("the broker stays")
                && let Some(found) = wanted(packet)
            {
                return found;
            }
        }
    };
    tokio::time::timeout(PATIENCE, found).await.expect("the packet comes in time")
}

#[tokio::test]
async fn nobody_but_the_service_sends_receipts() {
    let demo = Demo::start(&["--pupils", "6", "--speed", "20"]);
    let gateway = GatewayId::parse("class-1").expect("an id");
    let receipts = Topic { gateway, channel: Channel::DownReceipt }.to_string();

    let (listener, mut heard) = client("listener", demo.broker);
    listener.subscribe(&receipts, QoS::AtLeastOnce).await.expect("the event loop takes it");
    until(&mut heard, |packet| matches!(packet, Packet::SubAck(_)).then_some(())).await;

    let (forger, mut answers) = client("class-1b", demo.broker);
    let forged = forger.publish(&receipts, QoS::AtLeastOnce, true, FORGED);
    forged.await.expect("the event loop takes it");
    until(&mut answers, |packet| matches!(packet, Packet::PubAck(_)).then_some(())).await;
    // Two true ones, so that one was sent after the forger was answered.
    for _ in 0..2 {
        let payload = until(&mut heard, |packet| match packet {
            Packet::Publish(publish) => Some(publish.payload),
            _ => None,
        });
        assert_ne!(payload.await, FORGED);
    }

    for id in ["zhibi-ingest", "zhibi-ingest-receipts"] {
        let (_impostor, mut answer) = client(id, demo.broker);
        assert!(answer.poll().await.is_err(), "{id} is the service's");
    }
}
