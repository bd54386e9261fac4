//! Pens at a gateway by TCP, by a Unix socket, on a serial line and out of a capture.
//!
//! Failure: a pen that is not told the time first, a chunk without `taken`, a receipt that does not
//! reach the pen it names, also one that was away; a frame lost behind noise; a policy that does not
//! reach a pen, or one that is none and does. Not failure: how often
//! a `taken` is said, and in how many frames.

#[path = "uplink/server.rs"]
#[expect(dead_code, reason = "the tests of the uplink use the rest")]
mod server;

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use firmware_protocol::{
    BootId, BundleWriter, CAPTURE_HEADER, Channel, Found, Frame, FrameStream, GatewayId, Outcome,
    PenHead, PenId, Policy, Reading, SealPolicy, Sealer, StrokeEnd, Topic, capture_length,
    decode_frame, encode_policy,
};
use gateway::{Config, Gateway, pens};
use rumqttc::QoS;
use server::{Answers, LONG, Server};
use tempfile::TempDir;
use test_needs::{Mosquitto, Port};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

const BOOT: BootId = BootId { counter: 1, random: 2 };

fn start(port: u16, spool: &TempDir) -> Gateway {
    let config = Config {
        id: GatewayId::parse("g-8").expect("a legal name"),
        broker: gateway::Broker {
            host: "127.0.0.1".to_owned(),
            port,
            credentials: None,
            tls: None,
        },
        spool: spool.path().to_owned(),
        spool_bytes_max: 1 << 20,
        bundle_bytes_max: 8_192,
        bundle_wait: Duration::from_millis(5),
        in_flight_max: 256,
        resend_after: Duration::from_secs(5),
    };
    gateway::start(config, Arc::new(|| 1_788_220_800_000)).expect("the spool opens")
}

fn chunks(pen: u64, count: usize) -> Vec<Vec<u8>> {
    let mut sealer =
        Sealer::new(PenId(pen), BOOT, PenHead::new(23_710, 852, 1_000), SealPolicy::STANDARD);
    let mut chunks = Vec::new();
    for stroke in 0..count {
        let mut out = |chunk: &[u8]| chunks.push(chunk.to_vec());
        let ms = 1_000 * stroke as u64;
        sealer.sample(Reading::new(ms, ms as i64, 5, 7, 300), &mut out);
        sealer.pen_up(StrokeEnd::Up, &mut out);
        sealer.flush(&mut out);
    }
    chunks
}

/// What a pen hears until `enough`: the numbers taken, and those stored.
struct Heard {
    stream: FrameStream,
    greeted: bool,
    taken: Vec<u32>,
    stored: Vec<u32>,
    policies: Vec<Policy>,
}

impl Heard {
    fn new() -> Self {
        let (taken, stored) = (Vec::new(), Vec::new());
        let (stream, policies) = (FrameStream::new(), Vec::new());
        Self { stream, greeted: false, taken, stored, policies }
    }

    async fn until(
        &mut self,
        reader: &mut (impl AsyncRead + Unpin),
        enough: impl Fn(&Self) -> bool,
    ) {
        let mut buffer = [0; 512];
        while !enough(self) {
            let read = timeout(LONG, reader.read(&mut buffer)).await.expect("in time");
            let len = read.expect("a link");
            assert!(len > 0, "the gateway hung up");
            let mut found = Vec::new();
            self.stream.push(&buffer[..len], |what| match what {
                Found::Frame(frame) => found.push(frame.to_vec()),
                Found::Damage(bytes) => panic!("{bytes} bytes of no frame"),
            });
            for frame in found {
                self.hear(&frame);
            }
        }
    }

    fn hear(&mut self, frame: &[u8]) {
        match decode_frame(frame).expect("a frame").0 {
            Frame::GatewayState(state) => {
                assert!(!self.greeted && state.online && state.session == 0);
                self.greeted = true;
            }
            Frame::Receipt(receipt) => {
                assert!(self.greeted, "the time comes first");
                for range in receipt.ranges().map(|range| range.expect("a range")) {
                    let numbers = match range.outcome {
                        Outcome::Taken => &mut self.taken,
                        Outcome::Stored => &mut self.stored,
                        other => panic!("{other:?}"),
                    };
                    numbers.extend(range.first..=range.last);
                }
            }
            Frame::Policy(policy) => {
                assert!(self.greeted, "the time comes first");
                self.policies.push(policy);
            }
            other => panic!("{other:?}"),
        }
    }
}

/// A pen's whole life on a link: chunks, noise, `taken`, receipts.
async fn write_and_hear(
    mut reader: impl AsyncRead + Unpin,
    mut writer: impl AsyncWrite + Unpin,
    pen: u64,
) {
    let mut heard = Heard::new();
    let all = chunks(pen, 20);
    // Cut anywhere, with noise in the middle.
    let sent = [all[..10].concat(), b"noise Z\x5a\x12".to_vec(), all[10..].concat()].concat();
    for piece in sent.chunks(23) {
        writer.write_all(piece).await.expect("a link");
    }
    writer.flush().await.expect("a link");
    heard.until(&mut reader, |heard| heard.taken.len() >= 20 && heard.stored.len() >= 20).await;
    for numbers in [&mut heard.taken, &mut heard.stored] {
        numbers.sort_unstable();
        assert_eq!(*numbers, (1..=20).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pens_by_tcp_and_by_socket_hear_taken_and_receipts() {
    let Some(broker) = Mosquitto::start() else { return };
    let spool = tempfile::tempdir().expect("a folder");
    let _server = Server::connect(broker.port(), Answers::Once).await;
    let gateway = start(broker.port(), &spool);
    let room = Arc::new(Semaphore::new(8));
    let tcp = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = tcp.local_addr().expect("bound");
    let socket = spool.path().join("pens.sock");
    let unix = UnixListener::bind(&socket).expect("a socket");
    tokio::spawn(pens::accept_tcp(tcp, gateway.link(), room.clone()));
    tokio::spawn(pens::accept_unix(unix, gateway.link(), room));
    let (reader, writer) = TcpStream::connect(address).await.expect("it listens").into_split();
    write_and_hear(reader, writer, 1).await;
    let (reader, writer) = UnixStream::connect(&socket).await.expect("it listens").into_split();
    write_and_hear(reader, writer, 2).await;
    let status = gateway.status().await.expect("it runs");
    assert_eq!((status.counters.stored, status.chunks), (40, 0));
    assert!(status.counters.noise_bytes > 0 && status.is_connected);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pen_that_was_away_hears_its_receipts_when_it_is_back() {
    let Some(broker) = Mosquitto::start() else { return };
    let spool = tempfile::tempdir().expect("a folder");
    let server = Server::connect(broker.port(), Answers::Never).await;
    let gateway = start(broker.port(), &spool);
    let tcp = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = tcp.local_addr().expect("bound");
    tokio::spawn(pens::accept_tcp(tcp, gateway.link(), Arc::new(Semaphore::new(1))));
    let chunks = chunks(3, 5);
    let mut pen = TcpStream::connect(address).await.expect("it listens");
    pen.write_all(&chunks.concat()).await.expect("a link");
    let mut heard = Heard::new();
    heard.until(&mut pen, |heard| heard.taken.len() >= 5).await;
    drop(pen);
    server.answer(Answers::Once);
    // Sent again after five seconds without a receipt.
    timeout(LONG, gateway.drained()).await.expect("every chunk has its receipt in time");
    // There is room for one connection: the first one's place is free again.
    let mut pen = TcpStream::connect(address).await.expect("it listens");
    pen.write_all(&chunks[0]).await.expect("a link");
    let mut heard = Heard::new();
    heard.until(&mut pen, |heard| heard.stored.len() >= 5).await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_reaches_pens_and_what_is_none_changes_nothing() {
    let Some(broker) = Mosquitto::start() else { return };
    let spool = tempfile::tempdir().expect("a folder");
    let server = Server::connect(broker.port(), Answers::Once).await;
    let gateway = start(broker.port(), &spool);
    let tcp = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = tcp.local_addr().expect("bound");
    tokio::spawn(pens::accept_tcp(tcp, gateway.link(), Arc::new(Semaphore::new(2))));
    let topic = Topic {
        gateway: GatewayId::parse("g-8").expect("a legal name"),
        channel: Channel::DownPolicy,
    }
    .to_string();
    let policy =
        |ink_ms_max| Policy { seal: SealPolicy { ink_ms_max, rest_ms_max: 700 }, versions: (1, 1) };
    let frame = |policy: Policy| {
        let mut frame = [0; 64];
        let len = encode_policy(&policy, &mut frame).expect("room");
        frame[..len].to_vec()
    };
    let publish = async |payload: Vec<u8>| {
        let sent = server.client.publish(&topic, QoS::AtLeastOnce, true, payload).await;
        sent.expect("the broker is there");
    };
    let mut pen = TcpStream::connect(address).await.expect("it listens");
    pen.write_all(&chunks(6, 1).concat()).await.expect("a link");
    let mut heard = Heard::new();
    heard.until(&mut pen, |heard| !heard.stored.is_empty()).await;
    assert_eq!(heard.policies, []);
    publish(frame(policy(8_000))).await;
    heard.until(&mut pen, |heard| !heard.policies.is_empty()).await;
    // Out of its range, and garbage: the next that is said is the next sound one.
    publish(frame(policy(1))).await;
    publish(b"garbage".to_vec()).await;
    // With a field that a later version appended, in a bundle: it is passed on whole.
    let mut later = frame(policy(9_000));
    later.truncate(later.len() - 4);
    later.extend([7, 7]);
    later[2] += 2;
    later.extend(firmware_protocol::crc32c(&later).to_le_bytes());
    let mut buffer = [0; 128];
    let mut bundle = BundleWriter::new(&mut buffer).expect("room");
    bundle.push(&later).expect("room");
    publish(bundle.finish().to_vec()).await;
    heard.until(&mut pen, |heard| heard.policies.len() >= 2).await;
    assert_eq!(heard.policies, [policy(8_000), policy(9_000)]);
    // A pen that connects later hears it too.
    let mut other = TcpStream::connect(address).await.expect("it listens");
    other.write_all(&chunks(7, 1).concat()).await.expect("a link");
    let mut heard = Heard::new();
    heard.until(&mut other, |heard| !heard.stored.is_empty()).await;
    assert_eq!(heard.policies, [policy(9_000)]);
    assert_eq!(gateway.stop().await.garbage, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pens_on_a_serial_line() {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let Some(broker) = Mosquitto::start() else { return };
    let spool = tempfile::tempdir().expect("a folder");
    let _server = Server::connect(broker.port(), Answers::Once).await;
    let gateway = start(broker.port(), &spool);
    let pty: OwnedFd = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&pty).expect("a terminal");
    unlockpt(&pty).expect("a terminal");
    let name = ptsname(&pty, Vec::new()).expect("a terminal").into_string().expect("a name");
    tokio::spawn(pens::serial(name.into(), 115_200, gateway.link()));
    let (near, other) = (std::fs::File::from(pty.try_clone().expect("a copy")), pty);
    // The adapter's side may block: it has threads of tokio's own.
    let reader = tokio::fs::File::from_std(near);
    let mut writer = tokio::fs::File::from_std(other.into());
    let mut reader = reader;
    let mut heard = Heard::new();
    // The line is raw from the greeting on.
    heard.until(&mut reader, |heard| heard.greeted).await;
    writer.write_all(&chunks(4, 20).concat()).await.expect("a line");
    writer.flush().await.expect("a line");
    heard.until(&mut reader, |heard| heard.taken.len() >= 20 && heard.stored.len() >= 20).await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_capture_is_replayed() {
    let port = Port::take();
    let spool = tempfile::tempdir().expect("a folder");
    let gateway = start(port.number, &spool);
    let mut capture = CAPTURE_HEADER.to_vec();
    for chunks in chunks(5, 30).chunks(7) {
        let mut buffer = vec![0; 8_192];
        let mut bundle = BundleWriter::new(&mut buffer).expect("room");
        chunks.iter().for_each(|chunk| bundle.push(chunk).expect("room"));
        let bundle = bundle.finish();
        capture.extend(capture_length(bundle.len() as u32));
        capture.extend(bundle);
    }
    let file = spool.path().join("evening.zcap");
    std::fs::write(&file, &capture).expect("a file");
    assert_eq!(pens::replay(&file, &gateway.link()).await.expect("a capture"), 30);
    assert_eq!(gateway.spooled(), 30);
    std::fs::write(&file, b"no capture").expect("a file");
    assert!(pens::replay(&file, &gateway.link()).await.is_err());
    gateway.stop().await;
}
