//! Gateways with certificates at a hardened mosquitto, from being enrolled to being revoked.
//!
//! Failure: a gateway with a good certificate whose chunk gets no receipt; anybody else who is let
//! in; a gateway that writes as another, reads another's receipts or forges one; a message of any
//! length that ends the service. Not failure: how the broker refuses, and how long anything takes.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use firmware_protocol::{BundleWriter, Channel, GatewayId, PageAddress, Topic};
use rumqttc::{
    AsyncClient, ConnectionError, Event, EventLoop, MqttOptions, Packet, QoS, Transport,
};
use sample_school::{Pen, START_MS, SampleSchool};
use store::{HeldOf, Store, StoreUrl};
use test_needs::{Mosquitto, Port};
use zhibi_tests::{Serve, Zhibi, get};

/// Nothing in here takes longer; a limit, not a wait.
const WITHIN: Duration = Duration::from_secs(60);

/// A school with a broker of its own, and the commands that set it up.
struct School {
    folder: tempfile::TempDir,
    gateways: u16,
    service: Port,
}

impl School {
    /// A store with the sample school.
    async fn new(gateways: &Port) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let school = Self { folder, gateways: gateways.number, service: Port::take() };
        let store = school.store().await;
        SampleSchool::of(3).put(&store).await;
        store.close().await.expect("closed");
        school
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn store(&self) -> Store {
        let url = StoreUrl::from(self.at("z.db").as_path());
        Store::connect(&url).await.expect("the store")
    }

    /// Runs `zhibi gateway`, in the school's folder, and gives what it printed.
    fn gateway(&self, args: &[&str]) -> String {
        let mut command = Zhibi::command(&["gateway", "z.db"]);
        let output = command.args(args).current_dir(self.folder.path()).output().expect("it runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {told}");
        assert!(!told.contains("PRIVATE"), "no key is told");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// The broker's files, and mosquitto's configuration with what a test needs besides.
    fn set_up_broker(&self) -> PathBuf {
        let listen = format!("127.0.0.1:{}", self.gateways);
        let service = format!("127.0.0.1:{}", self.service.number);
        self.gateway(&[
            "mosquitto",
            "--out",
            "mq",
            "--host",
            "mqtt.school.example",
            "--listen",
            &listen,
            "--service",
            &service,
        ]);
        let shipped = std::fs::read_to_string(self.at("mq/mosquitto.conf")).expect("it is there");
        let config = self.at("mosquitto.conf");
        // Whoever runs the tests may be root, whose files mosquitto's user cannot read.
        std::fs::write(&config, format!("{shipped}user root\nlog_type none\n")).expect("a file");
        config
    }

    fn serve(&self) -> Serve {
        let config = self.at("zhibi.toml");
        let text = format!(
            "[store]\npath = \"z.db\"\n[broker]\nport = {}\nca = \"login/ca.pem\"\n\
             certificate = \"login/cert.pem\"\nkey = \"login/key.pem\"\n[web]\n\
             listen = \"127.0.0.1:0\"\nsecure_cookies = false\n",
            self.service.number
        );
        std::fs::write(&config, text).expect("a file in a temporary folder");
        Serve::start(&config)
    }

    fn options(&self, ca: &Path, login: Option<&Path>) -> MqttOptions {
        // Whatever id a gateway says: its certificate's name counts, and the service stays.
        let mut options = MqttOptions::new("zhibi-ingest", "127.0.0.1", self.gateways);
        let read = |file: PathBuf| std::fs::read(file).expect("a file that was carried");
        let client =
            login.map(|folder| (read(folder.join("cert.pem")), read(folder.join("key.pem"))));
        options
            .set_transport(Transport::tls(read(ca.join("ca.pem")), client, None))
            .set_max_packet_size(2 << 20, 2 << 20);
        options
    }

    /// A gateway with what was carried to it, connected and waiting for its receipts.
    async fn connect(&self, id: &str, folder: &str) -> Gateway {
        let login = self.at(folder);
        let (client, events) = AsyncClient::new(self.options(&login, Some(&login)), 8);
        let id = GatewayId::parse(id).expect("an id");
        let mut gateway = Gateway { id, client, events };
        gateway.listen(id).await;
        gateway
    }

    /// Why nobody is let in with these files.
    async fn refusal(&self, ca: &str, login: Option<&str>) -> ConnectionError {
        let login = login.map(|folder| self.at(folder));
        let (_client, mut events) =
            AsyncClient::new(self.options(&self.at(ca), login.as_deref()), 8);
        let refused = async {
            loop {
                match events.poll().await {
                    Ok(Event::Incoming(Packet::ConnAck(_))) => panic!("somebody was let in"),
                    Ok(_) => {}
                    Err(error) => return error,
                }
            }
        };
        tokio::time::timeout(WITHIN, refused).await.expect("an answer in time")
    }
}

struct Gateway {
    id: GatewayId,
    client: AsyncClient,
    events: EventLoop,
}

impl Gateway {
    fn topic(gateway: GatewayId, channel: Channel) -> String {
        Topic { gateway, channel }.to_string()
    }

    /// Polls until an event is `wanted`, and gives what that made of it.
    async fn until<T>(&mut self, wanted: impl Fn(Packet) -> Option<T>) -> T {
        let found = async {
            loop {
                if let Event::Incoming(packet) =
                    self.events.poll().await.expect("it stays connected")
                    && let Some(found) = wanted(packet)
                {
                    return found;
                }
            }
        };
        tokio::time::timeout(WITHIN, found).await.expect("the packet comes in time")
    }

    /// Subscribes to a gateway's receipts.
    async fn listen(&mut self, to: GatewayId) {
        let topic = Self::topic(to, Channel::DownReceipt);
        self.client.subscribe(topic, QoS::AtLeastOnce).await.expect("there is room");
        self.until(|packet| matches!(packet, Packet::SubAck(_)).then_some(())).await;
    }

    async fn publish(&self, gateway: GatewayId, channel: Channel, payload: Vec<u8>) {
        let topic = Self::topic(gateway, channel);
        let published = self.client.publish(topic, QoS::AtLeastOnce, false, payload);
        published.await.expect("there is room");
    }

    /// Publishes a chunk as `gateway`, under this connection's certificate.
    async fn write_as(&self, gateway: GatewayId, pen: u64) {
        self.publish(gateway, Channel::UpInk, bundle(pen)).await;
    }

    /// The next message that comes, and its topic.
    async fn next(&mut self) -> (String, Vec<u8>) {
        self.until(|packet| match packet {
            Packet::Publish(publish) => Some((publish.topic, publish.payload.to_vec())),
            _ => None,
        })
        .await
    }

    /// Publishes a chunk and hears its receipt, as the first thing that it hears.
    async fn write(&mut self, pen: u64) {
        self.write_as(self.id, pen).await;
        let (topic, receipt) = self.next().await;
        assert_eq!(topic, Self::topic(self.id, Channel::DownReceipt));
        // Every frame of a receipt names its pen.
        let named = pen.to_be_bytes()[2..].to_vec();
        let named_le = pen.to_le_bytes()[..6].to_vec();
        let names = |bytes: &[u8]| receipt.windows(6).any(|part| part == bytes);
        assert!(names(&named) || names(&named_le), "pen {pen:x}: {receipt:02x?}");
    }
}

/// A bundle of one chunk.
fn bundle(pen: u64) -> Vec<u8> {
    let address = PageAddress { section: 3, owner: 27, book: 5, page: 100 };
    let mut writing = Pen::new(pen);
    writing.stroke(address, START_MS, &[(30_000, 40_000), (34_000, 45_000)]);
    let chunks = writing.arrivals(START_MS);
    let mut buffer = vec![0; 4_096];
    let mut writer = BundleWriter::new(&mut buffer).expect("there is room");
    writer.push(&chunks[0].bytes).expect("there is room");
    writer.finish().to_vec()
}

async fn until(serve: &Serve, status: u16) {
    let limit = Instant::now() + WITHIN;
    while get(serve.web, "/readyz").0 != status {
        assert!(Instant::now() < limit, "{:?}", get(serve.web, "/readyz"));
        tokio::task::yield_now().await;
    }
}

/// Starts the broker again, and waits until the service has noticed both.
async fn restart(broker: &mut Mosquitto, serve: &Serve) {
    broker.kill();
    until(serve, 503).await;
    broker.restart();
    until(serve, 200).await;
}

/// The first bytes that the broker answers to a greeting of a TLS version: 3.2 is TLS 1.1.
fn greeted(port: u16, version: [u8; 2]) -> [u8; 7] {
    let suites = [0xc0, 0x2b, 0xc0, 0x09, 0x00, 0x2f];
    let extensions = [
        // Group P-256, points as they are, ECDSA with SHA-256.
        &[0x00, 0x0a, 0, 4, 0, 2, 0x00, 0x17][..],
        &[0x00, 0x0b, 0, 2, 1, 0],
        &[0x00, 0x0d, 0, 4, 0, 2, 0x04, 0x03],
    ]
    .concat();
    let mut hello = version.to_vec();
    hello.extend([7; 32]);
    hello.push(0);
    hello.extend((suites.len() as u16).to_be_bytes());
    hello.extend(suites);
    hello.extend([1, 0]);
    hello.extend((extensions.len() as u16).to_be_bytes());
    hello.extend(extensions);
    let length = u32::try_from(hello.len()).expect("it is short").to_be_bytes();
    let handshake = [&[1][..], &length[1..], &hello].concat();
    let record = [&[0x16, 3, 1][..], &(handshake.len() as u16).to_be_bytes(), &handshake].concat();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    stream.set_read_timeout(Some(WITHIN)).expect("a socket takes a limit");
    stream.write_all(&record).expect("it reads");
    let mut answer = [0; 7];
    stream.read_exact(&mut answer).expect("it answers");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_is_who_its_certificate_says_until_that_is_revoked() {
    let port = Port::take();
    let school = School::new(&port).await;
    let config = school.set_up_broker();
    school.gateway(&["service", "--out", "login"]);
    for (id, out) in [("room-1", "room-1"), ("room-2", "room-2")] {
        school.gateway(&["enrol", id, "三（1）班教室", "--out", out]);
    }
    assert_eq!(school.gateway(&["passwords"]), "", "certificates are in their place");
    // The service is there before its broker.
    let serve = school.serve();
    assert_eq!(get(serve.web, "/readyz"), (503, "store ok\nbroker away\n".to_owned()));
    let Some(mut broker) = Mosquitto::start_with(config, port) else { return };
    until(&serve, 200).await;

    let mut one = school.connect("room-1", "room-1").await;
    let mut two = school.connect("room-2", "room-2").await;
    one.write(0x11).await;
    two.write(0x12).await;

    each_keeps_to_its_own(&mut one, &mut two).await;
    let store = school.store().await;
    assert_eq!(store.totals().await.expect("totals").chunks, 4, "none came under another's name");
    store.close().await.expect("closed");

    simulated_pens_write_encrypted(&school);
    strangers_are_refused(&school).await;
    long_messages_end_nothing(&school, &mut one).await;
    revoked_ones_are_refused(&school, &mut broker, &serve).await;
    serve.stop();
    let check = Zhibi::run(&["check", school.at("z.db").to_str().expect("UTF-8")]);
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
}

async fn each_keeps_to_its_own(one: &mut Gateway, two: &mut Gateway) {
    // What the second reads after this is its own: the first's receipts do not reach it.
    two.listen(one.id).await;
    one.write(0x13).await;
    // Neither ink under another's name nor a receipt of one's own making goes through.
    two.write_as(one.id, 0x66).await;
    for to in [one.id, two.id] {
        two.publish(to, Channel::DownReceipt, b"forged".to_vec()).await;
    }
    two.write(0x14).await;
    one.write(0x13).await;
}

fn simulated_pens_write_encrypted(school: &School) {
    school.gateway(&["enrol", "sim-1", "三（1）班教室", "--out", "sim-1"]);
    let broker = format!("127.0.0.1:{}", school.gateways);
    let sent = Zhibi::command(&["simulate", "--broker", &broker, "--pens", "1"])
        .args(["--ca", "sim-1/ca.pem", "--certificate", "sim-1/cert.pem", "--key", "sim-1/key.pem"])
        .current_dir(school.folder.path())
        .output()
        .expect("it runs");
    let told = String::from_utf8_lossy(&sent.stderr);
    assert!(sent.status.success() && told.contains("every chunk stored"), "{told}");
}

async fn strangers_are_refused(school: &School) {
    school.refusal("room-1", None).await;
    // Of another authority, which this store does not take for its own.
    let place = |name: &str| school.at(name).to_str().expect("UTF-8").to_owned();
    let typo = ["--authority", &place("typo"), "--out", &place("never")];
    let refused =
        Zhibi::run(&[&["gateway", &place("z.db"), "renew", "room-1"], &typo[..]].concat());
    assert!(!refused.status.success());
    assert!(!school.at("typo").exists(), "{}", String::from_utf8_lossy(&refused.stderr));
    let other = place("other.db");
    let made = Zhibi::run(&["store", "init", &other]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let (out, authority) = (place("stranger"), place("other"));
    let issue = ["gateway", &other, "service", "--out", &out, "--authority", &authority];
    let made = Zhibi::run(&issue);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    school.refusal("room-1", Some("stranger")).await;
    let (alert, protocol_version) = (0x15, 70);
    let answer = greeted(school.gateways, [3, 2]);
    assert_eq!((answer[0], answer[6]), (alert, protocol_version), "TLS 1.1: {answer:?}");
    let answer = greeted(school.gateways, [3, 3]);
    assert_eq!(answer[0], 0x16, "TLS 1.2 goes on with the handshake: {answer:?}");
}

async fn long_messages_end_nothing(school: &School, one: &mut Gateway) {
    one.publish(one.id, Channel::UpInk, vec![0x5a; 100_000]).await;
    one.write(0x15).await;
    let store = school.store().await;
    let wanted = HeldOf { reason: Some("oversized".into()), gateway: None };
    let reasons = store.held(&wanted, 9).await.expect("the quarantine");
    assert_eq!(reasons.len(), 1, "what is a little too long is told");
    store.close().await.expect("closed");
    let mut flooding = school.connect("room-2", "room-2").await;
    flooding.publish(flooding.id, Channel::UpInk, vec![0x5a; 1 << 20]).await;
    let ended = async { while flooding.events.poll().await.is_ok() {} };
    tokio::time::timeout(WITHIN, ended).await.expect("the broker ends it");
    one.write(0x16).await;
}

async fn revoked_ones_are_refused(school: &School, broker: &mut Mosquitto, serve: &Serve) {
    school.gateway(&["renew", "room-1", "--out", "room-1-new"]);
    school.gateway(&["revoke", "room-2"]);
    school.gateway(&["mosquitto", "--out", "mq"]);
    restart(broker, serve).await;
    school.refusal("room-1", Some("room-2")).await;
    school.connect("room-1", "room-1").await.write(0x17).await;
    school.connect("room-1", "room-1-new").await.write(0x18).await;
    let listed = school.gateway(&["list"]);
    assert!(listed.contains("(revoked)") && listed.contains("certificate until"), "{listed}");

    school.gateway(&["renew", "room-1", "--out", "room-1-last", "--revoke-old"]);
    school.gateway(&["mosquitto", "--out", "mq"]);
    restart(broker, serve).await;
    for former in ["room-1", "room-1-new"] {
        school.refusal("room-1", Some(former)).await;
    }
    school.connect("room-1", "room-1-last").await.write(0x19).await;
}

/// Failure: a command or a start that goes on with files by which the broker would let nobody in, or
/// would take one for another; a refusal that does not say what is wrong where; a log beside the store
/// that a refused command leaves.
#[tokio::test(flavor = "multi_thread")]
async fn what_would_shut_somebody_out_is_refused_with_a_way_out() {
    let port = Port::take();
    let school = School::new(&port).await;
    school.set_up_broker();
    school.gateway(&["enrol", "room-1", "三（1）班教室", "--out", "room-1"]);
    school.gateway(&["enrol", "room-3", "三（3）班教室"]);
    let refused = |args: &[&str], said: &str| {
        let mut command = Zhibi::command(args);
        let output = command.current_dir(school.folder.path()).output().expect("it runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{args:?}");
        assert!(told.contains(said), "{args:?}: {told}");
        assert!(!school.at("z.db-wal").exists() && !school.at("z.db-shm").exists(), "{args:?}");
    };

    // What the broker was set up with holds when another name joins.
    school.gateway(&["mosquitto", "--out", "mq", "--host", "10.2.0.5"]);
    let conf = std::fs::read_to_string(school.at("mq/mosquitto.conf")).expect("it is there");
    let made_with = format!(
        "# Made with: listen=127.0.0.1:{} service=127.0.0.1:{} host=mqtt.school.example host=10.2.0.5",
        school.gateways, school.service.number
    );
    assert!(conf.contains(&made_with), "{conf}");
    assert!(conf.contains(&format!("\nlistener {} 127.0.0.1\n", school.gateways)), "{conf}");

    // Another authority, made for another store.
    let other = Zhibi::command(&["store", "init", "other.db"])
        .current_dir(school.folder.path())
        .status()
        .expect("it runs");
    assert!(other.success());
    let issued = Zhibi::command(&["gateway", "other.db", "service", "--out", "elsewhere"])
        .args(["--authority", "other"])
        .current_dir(school.folder.path())
        .status()
        .expect("it runs");
    assert!(issued.success());
    let renew = ["gateway", "z.db", "renew", "room-1", "--out", "new"];
    refused(&[&renew[..], &["--authority", "other"]].concat(), "another authority than the one");
    refused(&["gateway", "z.db", "renew", "room-3", "--out", "new"], "room-3 has a password");
    refused(
        &["gateway", "z.db", "renew", "room-4", "--out", "new"],
        "no gateway room-4 is enrolled",
    );
    refused(&["gateway", "z.db", "enrol", "zhibi-x", "x"], "zhibi-");
    refused(&["gateway", "z.db", "enrol", "room-3", "x"], "room-3 is enrolled for 三（3）班教室");
    refused(&["gateway", "z.db"], "say what is to be done with the gateways of this store");

    // A gateway's and the service's own files.
    let config = |id: &str, files: &str| {
        let text = format!(
            "id = {id:?}\n[broker]\nhost = \"127.0.0.1\"\nport = 1\n{files}\n[spool]\n\
             folder = \"spool\"\n[pens]\nsockets = [\"pens.sock\"]\n"
        );
        std::fs::write(school.at("gateway.toml"), text).expect("a file");
    };
    let files =
        "ca = \"room-1/ca.pem\"\ncertificate = \"room-1/cert.pem\"\nkey = \"room-1/key.pem\"";
    let start = ["gateway", "--config", "gateway.toml"];
    config("room-2", files);
    refused(&start, "cert.pem is \"room-1\"'s, and this is \"room-2\"");
    config("room-1", &files.replace("room-1/key.pem", "no/key.pem"));
    refused(&start, "cannot read no/key.pem");
    config("room-1", &files.replace("room-1/key.pem", "room-1/cert.pem"));
    refused(&start, "can be read by everybody");
    let text = format!("[store]\npath = \"z.db\"\n[broker]\nport = 1\n{files}\n");
    std::fs::write(school.at("zhibi.toml"), text).expect("a file");
    refused(&["serve", "--config", "zhibi.toml"], "this is \"zhibi\"");
    assert!(!school.at("spool").exists(), "nothing was begun");
}
