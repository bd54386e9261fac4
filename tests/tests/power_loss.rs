//! What a loss of power leaves, of the service: a trace of its system calls.
//!
//! Failure: a receipt on its way to the broker while the chunks that it names are not on the disk, or
//! the name of the log that they lie in is not. Not failure: how many syncs that takes. (Of the
//! gateway the same is shown beside its other tests. kill -9 shows neither: it leaves what the system
//! has in memory.)

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use firmware_protocol::{GatewayId, PageAddress};
use sample_school::{Pen, START_MS};
use store::Store;
use test_needs::Mosquitto;
use zhibi_tests::{Moment, Postgres, Zhibi, moments};

/// Nothing in here takes longer; a limit, not a wait.
const WITHIN: Duration = Duration::from_secs(120);

/// The system calls that write, send and sync.
const CALLS: &str = "trace=openat,unlink,pwrite64,write,writev,sendto,sendmsg,fsync,fdatasync";

/// `down/receipt` as strace writes bytes.
const RECEIPT: &str = r"\x64\x6f\x77\x6e\x2f\x72\x65\x63\x65\x69\x70\x74";

/// The query `COMMIT` in PostgreSQL's protocol, as strace writes bytes: a Q, the length, the text.
const COMMIT: &str = r"\x51\x00\x00\x00\x0b\x43\x4f\x4d\x4d\x49\x54\x00";

/// A service under strace, killed with the test.
struct Traced(Child);

impl Drop for Traced {
    fn drop(&mut self) {
        let pid = self.0.id();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        for child in children.unwrap_or_default().split_whitespace() {
            let _gone = Command::new("kill").args(["-KILL", child]).status();
        }
        // Without its process strace ends by itself, and what it saw is written down.
        let _reaped = self.0.wait();
    }
}

/// A service on a store, with whatever its shell does before, under strace.
fn serve(
    trace: &Path,
    folder: &Path,
    broker: &Mosquitto,
    store: &str,
    before: &str,
) -> Option<Traced> {
    let Some(strace) = test_needs::program("strace") else {
        test_needs::missing("strace", "tests/run");
        return None;
    };
    let config = folder.join("zhibi.toml");
    // Nobody but the ingestion writes: what is not synced is its own.
    let text =
        format!("roles = [\"ingest\"]\n[store]\n{store}\n[broker]\nport = {}\n", broker.port());
    std::fs::write(&config, text).expect("a file in a temporary folder");
    let zhibi = Zhibi::command(&["serve", "--config", config.to_str().expect("UTF-8")]);
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{before}\nexec \"$@\""), "sh"]);
    shell.arg(zhibi.get_program()).args(zhibi.get_args());
    let (strace, trace) = (strace.to_str().expect("UTF-8"), trace.to_str().expect("UTF-8"));
    let under = [strace, "-f", "-y", "-x", "-s", "256", "-e", CALLS, "-o", trace];
    let service = Zhibi::under(&under, shell)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("strace runs");
    Some(Traced(service))
}

/// Hands chunks over one by one, each when the one before has its receipt.
async fn hand_over(folder: &Path, broker: &Mosquitto, chunks: &[Vec<u8>]) {
    let config = gateway::Config {
        id: GatewayId::parse("room-12").expect("an id"),
        broker: gateway::Broker {
            host: broker.address.ip().to_string(),
            port: broker.port(),
            credentials: None,
            tls: None,
        },
        spool: folder.join("spool"),
        spool_bytes_max: 1 << 20,
        bundle_bytes_max: 16 << 10,
        bundle_wait: Duration::from_millis(1),
        in_flight_max: 64,
        resend_after: Duration::from_secs(1),
    };
    let gateway = gateway::start(config, Arc::new(|| START_MS)).expect("the spool opens");
    for chunk in chunks {
        gateway.link().hand_over(chunk).await.expect("the gateway takes it");
        tokio::time::timeout(WITHIN, gateway.drained()).await.expect("it gets its receipt");
    }
    gateway.stop().await;
}

/// Receipts of a trace; each must find everything that was written to the log synced.
fn receipts(trace: &str) -> usize {
    let (mut receipts, mut is_dirty) = (0, false);
    // The log: whether there is one, and whether its name is durable.
    let (mut is_there, mut is_named) = (false, true);
    for moment in moments(trace) {
        match moment {
            Moment::Begins(call) if call.contains("z.db-wal\"") && call.contains("O_CREAT") => {
                // Whoever opens it later opens the one that is there.
                is_named &= is_there;
                is_there = true;
            }
            Moment::Begins(call) if call.starts_with("unlink") && call.contains("z.db-wal") => {
                is_there = false;
            }
            Moment::Begins(call) if call.contains("write") && call.contains("z.db-wal>") => {
                is_dirty = true;
            }
            Moment::Begins(call) if call.contains(RECEIPT) => {
                assert!(!is_dirty, "a receipt before its fsync: {call}");
                assert!(is_named, "a receipt before its log's name is durable: {call}");
                receipts += 1;
            }
            Moment::Ends(call) if call.contains("sync(") && call.contains("= 0") => {
                is_dirty &= !call.contains("z.db-wal>");
                is_named |= call.contains("/data>)");
            }
            _ => {}
        }
    }
    receipts
}

/// The same of a server: each receipt must find the log synced since the last COMMIT was asked for.
fn receipts_of_server(trace: &str) -> usize {
    let (mut receipts, mut is_syncing, mut is_durable) = (0, false, true);
    let of_log = |call: &str| call.contains("sync(") && call.contains("/pg_wal/");
    for moment in moments(trace) {
        match moment {
            Moment::Begins(call) if call.contains(COMMIT) => {
                (is_syncing, is_durable) = (false, false);
            }
            Moment::Begins(call) if call.contains(RECEIPT) => {
                assert!(is_durable, "a receipt before its fsync: {call}");
                receipts += 1;
            }
            Moment::Begins(call) if of_log(&call) => is_syncing = true,
            Moment::Ends(call) if of_log(&call) && call.contains("= 0") => is_durable |= is_syncing,
            _ => {}
        }
    }
    receipts
}

/// Some chunks of one pen.
fn chunks() -> Vec<Vec<u8>> {
    let mut pen = Pen::new(7);
    let of_stroke = |stroke: i64| {
        let at = PageAddress { section: 3, owner: 27, book: 5, page: 1 };
        pen.stroke(at, START_MS + stroke * 1_000, &[(1_000, 1_000), (2_000, 2_000)]);
        pen.arrivals(START_MS).into_iter().map(|arrival| arrival.bytes).collect::<Vec<_>>()
    };
    (0..5).flat_map(of_stroke).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_receipt_comes_before_what_it_promises_is_durable() {
    let Some(broker) = Mosquitto::start() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::create_dir(folder.path().join("data")).expect("a folder for the database");
    let trace = folder.path().join("trace");
    let store = "path = \"data/z.db\"";
    let Some(service) = serve(&trace, folder.path(), &broker, store, "") else { return };
    let chunks = chunks();
    hand_over(folder.path(), &broker, &chunks).await;
    drop(service);
    let text = std::fs::read_to_string(&trace).expect("a trace");
    assert!(receipts(&text) >= chunks.len(), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_receipt_comes_before_a_server_has_synced_its_log() {
    let Some(broker) = Mosquitto::start() else { return };
    let Some(mut server) = Postgres::start() else { return };
    let url = server.url();
    let store = Store::connect(&url.parse().expect("a url")).await.expect("a new store");
    store.close().await.expect("the store closes");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let trace = folder.path().join("trace");
    let (store, before) = (format!("url = {url:?}"), server.shell_line());
    let Some(service) = serve(&trace, folder.path(), &broker, &store, &before) else { return };
    let chunks = chunks();
    hand_over(folder.path(), &broker, &chunks).await;
    server.end_of_shell();
    drop(service);
    let text = std::fs::read_to_string(&trace).expect("a trace");
    assert!(receipts_of_server(&text) >= chunks.len(), "{text}");
}
