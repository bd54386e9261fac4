//! A maker's bench: what a gateway sends to the real service, read back from its report.
//!
//! Failure: a frame that the report does not tell, a fault without its place, a finding without
//! the bits it is about, a summary that does not add up, or a report that changes what is stored.
//! Deterministic but for time.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use firmware_protocol::{BundleWriter, Channel, GatewayId, Topic};
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use serde_json::{Value, json};
use test_needs::Mosquitto;
use zhibi_tests::{Serve, Zhibi};

/// Nothing in here takes longer; a limit, not a wait.
const WITHIN: Duration = Duration::from_secs(60);
/// How long a probe may take before another is sent.
const PROBE_EVERY: Duration = Duration::from_millis(500);
const BUNDLE_HEADER_BYTES: u64 = 8;

fn vector(name: &str, extension: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../firmware-protocol/vectors");
    std::fs::read_to_string(folder.join(name).with_extension(extension)).expect("a vector")
}

fn bytes_of(name: &str) -> Vec<u8> {
    let text = vector(name, "hex");
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or(""));
    let bytes = lines.flat_map(str::split_whitespace);
    bytes.map(|byte| u8::from_str_radix(byte, 16).expect("hexadecimal")).collect()
}

/// A vector's frames behind a bundle's header that counts them.
fn bundle(name: &str) -> Vec<u8> {
    let mut header = [0; BUNDLE_HEADER_BYTES as usize];
    let mut payload = BundleWriter::new(&mut header).expect("room for a header").finish().to_vec();
    let frames = u16::try_from(vector(name, "jsonl").lines().count()).expect("a few");
    payload[6..8].copy_from_slice(&frames.to_le_bytes());
    payload.extend(bytes_of(name));
    payload
}

/// What the vector's own JSON says, at its place in the bundle.
fn meant(name: &str) -> Vec<Value> {
    let text = vector(name, "jsonl");
    let objects = text.lines().map(|line| {
        let mut object: Value = serde_json::from_str(line).expect("an object");
        object["offset"] = json!(object["offset"].as_u64().expect("it") + BUNDLE_HEADER_BYTES);
        object
    });
    objects.collect()
}

/// Publishes payloads in order and waits until the broker has them.
async fn publish(broker: SocketAddr, id: &str, payloads: &[Vec<u8>]) {
    let gateway = GatewayId::parse(id).expect("an id");
    let topic = Topic { gateway, channel: Channel::UpInk }.to_string();
    let mut options = MqttOptions::new(id, broker.ip().to_string(), broker.port());
    options.set_max_packet_size(1 << 20, 1 << 20);
    let (client, mut event_loop) = AsyncClient::new(options, payloads.len());
    for payload in payloads {
        client
            .publish(&topic, QoS::AtLeastOnce, false, payload.clone())
            .await
            .expect("there is room for all of them");
    }
    let mut acknowledged = 0;
    while acknowledged < payloads.len() {
        let event = event_loop.poll().await.expect("the broker stays");
        acknowledged += usize::from(matches!(event, Event::Incoming(Packet::PubAck(_))));
    }
}

/// Sends payloads of no meaning until one is told: then the service has subscribed.
async fn subscribed(broker: SocketAddr, report: &Path) {
    loop {
        publish(broker, "probe-1", &[b"probe".to_vec()]).await;
        if tokio::time::timeout(PROBE_EVERY, told(report, "probe-1", 1)).await.is_ok() {
            return;
        }
    }
}

/// Waits until the report has this many objects of a gateway.
async fn told(report: &Path, gateway: &str, objects: usize) {
    let marker = format!("{{\"gateway\":\"{gateway}\",");
    loop {
        let text = std::fs::read_to_string(report).unwrap_or_default();
        let told = text.matches(&marker).count();
        if told >= objects {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Without what the report adds, a frame's object is the one that `zhibi decode` prints.
fn decoded(line: &Value) -> Value {
    let mut object = line.as_object().expect("an object").clone();
    for added in ["gateway", "payload", "findings", "explain"] {
        object.remove(added);
    }
    Value::Object(object)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_tells_what_arrived_and_what_is_wrong_with_it() {
    let Some(broker) = Mosquitto::start() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (database, report) = (folder.path().join("z.db"), folder.path().join("report.jsonl"));
    let config = folder.path().join("zhibi.toml");
    let text = format!(
        "[store]\npath = {database:?}\n[broker]\nport = {}\n[web]\nlisten = \"127.0.0.1:0\"\n\
         secure_cookies = false\n[conformance]\nreport = {report:?}\n",
        broker.address.port()
    );
    std::fs::write(&config, text).expect("a file in a temporary folder");

    let sent = ["hello", "recut-backlog", "bit-flip", "unknown-version", "chunk-all-channels"];
    let mut payloads: Vec<_> = sent.iter().map(|name| bundle(name)).collect();
    let noise: Vec<u8> = (0..300_u32).map(|at| (at * at * 31 + at) as u8 | 1).collect();
    payloads.extend([noise.clone(), vec![0x5a; 70_000]]);
    let serve = Serve::start(&config);
    let begun = subscribed(broker.address, &report);
    tokio::time::timeout(WITHIN, begun).await.expect("the service subscribes");
    publish(broker.address, "bench-1", &payloads).await;
    let objects = sent.iter().map(|name| meant(name).len()).sum::<usize>() + 2;
    let all = told(&report, "bench-1", objects);
    tokio::time::timeout(WITHIN, all).await.expect("all is told");
    serve.stop();

    let text = std::fs::read_to_string(&report).expect("the report");
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    // A probe may have been late: count once all is told.
    let probes = lines.iter().filter(|line| line["gateway"] == "probe-1").count();
    let of = |payload: usize| -> Vec<&Value> {
        lines.iter().filter(|line| line["payload"] == json!(probes + payload)).collect()
    };
    for (payload, name) in sent.iter().enumerate() {
        let told: Vec<_> = of(payload).into_iter().map(decoded).collect();
        assert_eq!(told, meant(name), "{name}");
        assert!(of(payload).iter().all(|line| line["gateway"] == "bench-1"));
    }

    // Sound frames are told alone; faulty ones as `zhibi decode --explain` tells them.
    let last = |line: &Value| line["explain"].as_array().and_then(|lines| lines.last().cloned());
    assert_eq!(of(0)[0].get("explain"), None);
    assert_eq!(
        (last(of(2)[0]), of(2)[0]["offset"].as_u64()),
        (Some(json!("# crc mismatch at byte 63")), Some(8))
    );
    assert_eq!(last(of(3)[0]), Some(json!("# version at byte 1: 9 is not known")));
    assert_eq!(of(3)[0]["explain"], explained("unknown-version", 0));

    // The recut chunks have the keys of those before them.
    let rules = |line: &Value| -> Vec<String> {
        let findings = line["findings"].as_array().into_iter().flatten();
        findings.map(|finding| finding["rule"].as_str().expect("a rule").to_owned()).collect()
    };
    let recut: Vec<_> = of(1).into_iter().map(rules).collect();
    assert_eq!(recut, [vec![], vec![], vec!["one-key"], vec!["one-key"]]);
    assert_eq!(of(1)[2]["findings"][0]["other"], json!({ "payload": probes + 1, "offset": 8 }));
    assert_eq!(of(1)[2]["explain"], explained("recut-backlog", 107));

    let [none] = of(5)[..] else { panic!("noise is one object") };
    assert_eq!(
        (&none["error"], &none["at"]),
        (&json!("no bundle: bad magic at byte 0"), &json!(0))
    );
    assert_eq!(none["hex"].as_str().map(str::len), Some(2 * noise.len()));
    let [long] = of(6)[..] else { panic!("what is too long is one object") };
    assert_eq!(long["error"], "no bundle: 70000 bytes, more than 65536");

    let frames = lines.iter().filter(|line| line["frame"] == "chunk");
    let samples = frames.clone().flat_map(|chunk| chunk["fragments"].as_array().expect("them"));
    let samples: usize =
        samples.map(|fragment| fragment["samples"].as_array().expect("them").len()).sum();
    // One key with other bytes: twice in the recut backlog, and the two chunks 1 that came after it.
    let summary = json!({ "summary": {
        "payloads": probes + payloads.len(), "frames": objects - 2, "chunks": frames.count(), "samples": samples,
        "faults": probes + 4, "findings": 4, "dropped": 0,
    }});
    assert_eq!(lines.last(), Some(&summary));
    let database = database.to_str().expect("a UTF-8 path");
    assert_eq!(Zhibi::run(&["check", database]).status.code(), Some(0));

    // The file is one run's.
    let config = config.to_str().expect("a UTF-8 path");
    let again = Zhibi::run(&["serve", "--config", config]);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("one run's"));
    assert_eq!(std::fs::read_to_string(&report).expect("the report"), text);
}

/// The lines that `zhibi decode --explain` prints of a vector's frame, at its place in a bundle.
fn explained(name: &str, offset: u64) -> Value {
    let text = vector(name, "hex");
    let begins = format!("# frame at byte {offset},");
    let mut lines = text.lines().skip_while(|line| !line.starts_with(&begins));
    let first = lines
        .next()
        .expect("the frame")
        .replace(&begins, &format!("# frame at byte {},", offset + BUNDLE_HEADER_BYTES));
    let rest = lines.take_while(|line| !line.starts_with("# frame at byte "));
    std::iter::once(first).chain(rest.map(str::to_owned)).map(Value::String).collect()
}
