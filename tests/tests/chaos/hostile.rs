//! Whoever publishes what no gateway should, and writes to a gateway what no pen should.

use std::net::SocketAddr;
use std::time::Duration;

use firmware_protocol::{BundleWriter, CHUNK_BYTES_MAX, Channel, GatewayId, Topic, crc32c};
use rand::{Rng, RngCore};
use rand_chacha::ChaCha8Rng;
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// Messages of one attack.
const MESSAGES: usize = 12;

/// How long an attack may take: the broker may be dead.
const WITHIN: Duration = Duration::from_secs(2);

/// A bundle of these frames.
fn bundle(frames: &[&[u8]]) -> Vec<u8> {
    let mut buffer = vec![0; 16 + frames.len() * CHUNK_BYTES_MAX];
    let mut writer = BundleWriter::new(&mut buffer).expect("room for a header");
    for frame in frames {
        writer.push(frame).expect("room for the frames");
    }
    writer.finish().to_vec()
}

/// The frame with a byte behind its key changed, and a sound CRC: other bytes under the same key.
fn changed(frame: &[u8], chance: &mut ChaCha8Rng) -> Vec<u8> {
    let mut other = frame.to_vec();
    let crc_at = frame.len() - 4;
    other[chance.random_range(crc_at - 4..crc_at)] ^= 1 << chance.random_range(0..8);
    with_crc(other)
}

fn with_crc(mut frame: Vec<u8>) -> Vec<u8> {
    let crc_at = frame.len() - 4;
    let crc = crc32c(&frame[..crc_at]);
    frame[crc_at..].copy_from_slice(&crc.to_le_bytes());
    frame
}

fn noise(len: usize, chance: &mut ChaCha8Rng) -> Vec<u8> {
    let mut bytes = vec![0; len];
    chance.fill_bytes(&mut bytes);
    bytes
}

/// Topic and payload of one message. `stored` are frames that the store has: what is under their keys
/// already cannot be taken from their pen.
fn message(stored: &[Vec<u8>], chance: &mut ChaCha8Rng) -> (String, Vec<u8>) {
    let gateway = GatewayId::parse("hostile-1").expect("an id");
    let topic = Topic { gateway, channel: Channel::UpInk }.to_string();
    let any = |chance: &mut ChaCha8Rng| stored[chance.random_range(0..stored.len())].clone();
    let kind =
        if stored.is_empty() { chance.random_range(0..4) } else { chance.random_range(0..10) };
    let payload = match kind {
        0 => {
            let len = chance.random_range(0..2_000);
            noise(len, chance)
        }
        1 => [b"ZBND\x01\x00\xFF\xFF".to_vec(), noise(1_500, chance)].concat(),
        2 => noise(70_000, chance),
        3 => return ("zhibi/v1/99/Nobody/up/ink".into(), noise(40, chance)),
        4 => {
            let mut cut = bundle(&[&any(chance), &any(chance)]);
            cut.truncate(chance.random_range(9..cut.len()));
            cut
        }
        5 => {
            let mut damaged = any(chance);
            let at = chance.random_range(0..damaged.len());
            damaged[at] ^= 0x10;
            bundle(&[&damaged, &any(chance)])
        }
        6 => {
            // A version that nobody reads yet.
            let mut later = any(chance);
            later[1] = 0x70 | later[1] & 0x0f;
            bundle(&[&with_crc(later)])
        }
        7 | 8 => bundle(&[&changed(&any(chance), chance)]),
        _ => bundle(&[&any(chance), &any(chance), &any(chance)]),
    };
    (topic, payload)
}

/// Publishes an attack, as far as the broker is there for it.
pub(crate) async fn publish(broker: SocketAddr, stored: &[Vec<u8>], chance: &mut ChaCha8Rng) {
    let mut options = MqttOptions::new("hostile-1", broker.ip().to_string(), broker.port());
    options.set_max_packet_size(1 << 20, 1 << 20);
    let (client, mut events) = AsyncClient::new(options, MESSAGES);
    for _ in 0..MESSAGES {
        let (topic, payload) = message(stored, chance);
        client.publish(topic, QoS::AtLeastOnce, false, payload).await.expect("room for all");
    }
    let acknowledged = async {
        let mut left = MESSAGES;
        while left > 0 {
            match events.poll().await {
                Ok(Event::Incoming(Packet::PubAck(_))) => left -= 1,
                Ok(_) => {}
                Err(_) => return,
            }
        }
    };
    let _late = tokio::time::timeout(WITHIN, acknowledged).await;
}

/// Writes to a gateway what no pen writes, and goes.
pub(crate) async fn write_to_gateway(
    gateway: SocketAddr,
    stored: &[Vec<u8>],
    chance: &mut ChaCha8Rng,
) {
    let Ok(mut stream) = TcpStream::connect(gateway).await else { return };
    let mut bytes = noise(3_000, chance);
    if let Some(frame) = stored.first() {
        bytes.extend_from_slice(&frame[..frame.len() / 2]);
        bytes.extend_from_slice(frame);
    }
    let _gone = stream.write_all(&bytes).await;
}
