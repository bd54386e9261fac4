//! A pen whose firmware is the C of `firmware-protocol/c`, through a real broker and the real service:
//! its chunks are stored as it wrote them, and it reads the receipts.
//!
//! Failure: a frame without a receipt that says *stored*, a receipt that the C reads as less, stored
//! bytes that are not what the C wrote, a chunk that the strict reader objects to, or a store that
//! does not agree with its chunks. Not failure: how often the bundle is sent before the service
//! listens, how long it takes, up to the limit, and a machine without a broker or a C compiler, which
//! is said in one line. The bytes are the same in each run; the times are the machine's.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use firmware_protocol::{BUNDLE_BYTES_MAX, Bundle, BundleWriter, Channel, GatewayId, Topic};
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use test_needs::Mosquitto;
use twin::{Twin, hex};
use zhibi_tests::{Serve, Zhibi};

#[path = "../../firmware-protocol/tests/twin/mod.rs"]
mod twin;

/// Nothing in here takes longer; a limit, not a wait.
const WITHIN: Duration = Duration::from_secs(60);
/// A pen sends again what got no answer.
const AGAIN: Duration = Duration::from_secs(2);

/// The key of all that the pen says: pen, boot counter, boot random.
const KEY: &str = "c0ffee 7 2864434397";

/// An evening's writing: a hello, then strokes on two pages, 10 ms a sample, some readings lost.
fn writing() -> String {
    let mut lines = format!(
        "hello {KEY} 1 1 100 23710 852 1000 0 0 0 2 1788258600000 C-1 0.1\npen {KEY} 23710 852 1000 0 0 0 4000 500\n"
    );
    let mut ticks = 5_000_u64;
    for stroke in 0..160_u64 {
        let page = 12 + stroke / 100;
        let unix_ms = |ticks: u64| 1_788_258_600_000 + ticks;
        writeln!(lines, "down 3 27 168 {page} {ticks} {}", unix_ms(ticks)).expect("memory");
        for step in 0..20 + stroke % 30 {
            let (x, y) = (2_000 + 40 * stroke + step * step % 37, 1_000 + 9 * step);
            let force = 300 + (stroke * 7 + step * 11) % 90;
            let unix_ms = unix_ms(ticks);
            writeln!(lines, "sample {ticks} {unix_ms} {x} {y} {force} 0 0 0").expect("memory");
            ticks += if (stroke + step) % 41 == 0 { 30 } else { 10 };
        }
        lines += "up 0\n";
        ticks += 180 + 500 * u64::from(stroke % 25 == 0);
    }
    lines + "flush\n"
}

fn bytes_of_hex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| std::str::from_utf8(pair).expect("ASCII"))
        .map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal"))
        .collect()
}

/// Sends the bundle until the C code has read that every number is stored.
async fn send(broker: SocketAddr, pen: &mut Twin, bundle: &[u8], frames: usize) {
    let gateway = GatewayId::parse("c-pen").expect("an id");
    let topic = |channel| Topic { gateway, channel }.to_string();
    let mut options = MqttOptions::new("c-pen", broker.ip().to_string(), broker.port());
    options.set_max_packet_size(1 << 20, 1 << 20);
    let (client, mut events) = AsyncClient::new(options, 10);
    client.subscribe(topic(Channel::DownReceipt), QoS::AtLeastOnce).await.expect("room");
    let mut again = tokio::time::interval(AGAIN);
    let mut stored = BTreeSet::new();
    while stored.len() < frames {
        tokio::select! {
            _ = again.tick() => {
                let topic = topic(Channel::UpInk);
                client.publish(topic, QoS::AtLeastOnce, false, bundle).await.expect("room");
            }
            event = events.poll() => {
                let Event::Incoming(Packet::Publish(publish)) = event.expect("the broker stays")
                else { continue };
                let receipts = Bundle::parse(&publish.payload).expect("a bundle");
                for receipt in receipts.frames() {
                    stored.extend(numbers_stored(pen, receipt.bytes));
                }
            }
        }
    }
    assert_eq!(stored, (0..frames as u32).collect());
}

/// The numbers that a receipt reports as stored to the C code; it may report nothing else.
fn numbers_stored(pen: &mut Twin, receipt: &[u8]) -> Vec<u32> {
    let said = pen.ask(&format!("receipt {}\n", hex(receipt)));
    let (last, ranges) = said.split_last().expect("an answer");
    assert_eq!(last, "ok");
    let numbers = ranges.iter().flat_map(|range| {
        let words: Vec<_> = range.split(' ').collect();
        let ["range", "0", "0", first, last, "erase"] = words[..] else { panic!("{range}") };
        let number = |word: &str| word.parse::<u32>().expect("a number");
        number(first)..=number(last)
    });
    numbers.collect()
}

async fn stored(database: &str) -> Vec<Vec<u8>> {
    let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect(database)
        .await
        .expect("the database");
    sqlx::query_scalar("SELECT bytes FROM chunk WHERE pen = ?1 ORDER BY number")
        .bind(0x00C0_FFEE)
        .fetch_all(&mut connection)
        .await
        .expect("the pen's chunks")
}

#[tokio::test]
async fn what_the_c_wrote_is_stored_as_it_wrote_it() {
    let (Some(mut pen), Some(broker)) = (Twin::start(), Mosquitto::start()) else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = folder.path().join("c.db");
    let config = folder.path().join("zhibi.toml");
    let text = format!(
        "[store]\npath = {database:?}\n[broker]\nport = {}\n\
         [web]\nlisten = \"127.0.0.1:0\"\nsecure_cookies = false\n",
        broker.address.port()
    );
    std::fs::write(&config, text).expect("a file in a temporary folder");

    let frames: Vec<_> = pen
        .ask(&writing())
        .iter()
        .map(|line| bytes_of_hex(line.strip_prefix("frame ").expect("a frame")))
        .collect();
    assert!(frames.len() > 10, "{} frames", frames.len());
    let mut buffer = vec![0; BUNDLE_BYTES_MAX];
    let mut bundle = BundleWriter::new(&mut buffer).expect("room");
    for frame in &frames {
        bundle.push(frame).expect("room");
    }
    let bundle = bundle.finish();

    let serve = Serve::start(&config);
    let sent = send(broker.address, &mut pen, bundle, frames.len());
    tokio::time::timeout(WITHIN, sent).await.expect("all is stored in time");
    serve.stop();

    let path = database.to_str().expect("a UTF-8 path");
    assert!(stored(path).await == frames, "the store holds other bytes than the pen wrote");
    let checked = Zhibi::run(&["check", path]);
    assert_eq!(checked.status.code(), Some(0), "{}", String::from_utf8_lossy(&checked.stdout));
    let file = folder.path().join("c.bundle");
    std::fs::write(&file, bundle).expect("a file in a temporary folder");
    let strict = Zhibi::run(&["decode", "--strict", file.to_str().expect("a UTF-8 path")]);
    assert_eq!(strict.status.code(), Some(0), "{}", String::from_utf8_lossy(&strict.stdout));
}
