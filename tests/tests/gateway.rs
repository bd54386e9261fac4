//! The reference gateway as a process of its own, between simulated pens and a real service.
//!
//! Failure: a chunk that a pen handed over and the store does not hold, or holds twice, whenever the
//! gateway was killed; a `taken` before the fsync of what it promises, or before its file's name is
//! durable; a gateway that does not say how it is. Not failure: what is sent again, and how long it
//! takes. When the kills fall is not deterministic: some ink has come by then, and more is to come.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use firmware_protocol::{
    BootId, Frame, Outcome, PenHead, PenId, Reading, SealPolicy, Sealer, StrokeEnd, decode_frame,
};
use serde_json::Value;
use store::{Store, StoreUrl};
use test_needs::{Mosquitto, Port};
use zhibi_tests::{Gateway, Moment, Serve, Zhibi, moments};

/// Nothing in here takes longer; a limit, not a wait.
const WITHIN: Duration = Duration::from_secs(240);

/// How often the gateway is killed at most while a class writes.
const KILLS: usize = 4;

fn configured(folder: &Path, broker: u16, pens: u16) -> PathBuf {
    let config = folder.join("gateway.toml");
    let text = format!(
        "id = \"room-12\"\n[broker]\nhost = \"127.0.0.1\"\nport = {broker}\nresend_after_s = 5\n\
         [spool]\nfolder = \"state/spool\"\n[pens]\nlisten = [\"127.0.0.1:{pens}\"]\n"
    );
    std::fs::write(&config, text).expect("a file in a temporary folder");
    config
}

fn status(config: &Path) -> Value {
    let config = config.to_str().expect("UTF-8");
    let asked = Zhibi::run(&["gateway", "status", "--config", config, "--json"]);
    serde_json::from_slice(&asked.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&asked.stderr)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_killed_again_and_again_loses_nothing() {
    let Some(broker) = Mosquitto::start() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = folder.path().join("zhibi.db");
    let service = folder.path().join("zhibi.toml");
    let text = format!(
        "[store]\npath = {database:?}\n[broker]\nport = {}\n[web]\nlisten = \"127.0.0.1:0\"\n\
         secure_cookies = false\n",
        broker.port()
    );
    std::fs::write(&service, text).expect("a file in a temporary folder");
    let serve = Serve::start(&service);
    let store = Store::connect(&StoreUrl::from(database.as_path())).await.expect("the store");
    let port = Port::take();
    let config = configured(folder.path(), broker.port(), port.number);
    let mut gateway = Gateway::start(&config);
    let address = format!("127.0.0.1:{}", port.number);
    let limit = Instant::now() + WITHIN;
    let (mut kills, mut chunks) = (0, 0);
    for seed in ["1", "2", "3", "4", "5"] {
        let pens = ["simulate", "--gateway-address", &address, "--pens", "45", "--json", "--seed"];
        let mut sending = Zhibi::command(&[&pens[..], &[seed]].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("zhibi starts");
        let before = kills;
        while sending.try_wait().expect("a child").is_none() {
            assert!(Instant::now() < limit, "{}", status(&config));
            if kills - before < KILLS && status(&config)["since_start"]["taken"] != 0 {
                // SIGKILL.
                drop(gateway);
                gateway = Gateway::start(&config);
                kills += 1;
            }
        }
        let sent = sending.wait_with_output().expect("a child can be waited for");
        assert!(sent.status.success(), "a chunk has no receipt");
        let figures: Value = serde_json::from_slice(&sent.stdout).expect("JSON");
        let number = |key: &str| figures[key].as_i64().expect("a number");
        chunks += number("chunks_sent") - number("duplicates");
        assert_eq!(store.totals().await.expect("totals").chunks, chunks, "{figures}");
    }
    // A class may be done before a kill falls; not all of them.
    assert!(kills > 0, "the gateway was never killed");

    while status(&config)["chunks"] != 0 {
        assert!(Instant::now() < limit, "{}", status(&config));
    }
    let status = status(&config);
    assert_eq!((&status["connected"], &status["full"]), (&true.into(), &false.into()), "{status}");
    let pid = gateway.pid();
    // Files: four of the spool, a connection to the broker, two listeners, those of the runtime.
    let files = std::fs::read_dir(format!("/proc/{pid}/fd")).expect("a running process").count();
    assert!(files <= 32, "{files} open files");
    gateway.stop();
    serve.stop();
    store.close().await.expect("the store closes");
    let check = Zhibi::run(&["check", database.to_str().expect("UTF-8")]);
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
}

/// One chunk of one pen.
fn chunk(pen: u64) -> Vec<u8> {
    let head = PenHead::new(23_710, 852, 1_000);
    let boot = BootId { counter: 1, random: 2 };
    let mut sealer = Sealer::new(PenId(pen), boot, head, SealPolicy::STANDARD);
    let mut chunk = Vec::new();
    let mut out = |sealed: &[u8]| chunk.extend_from_slice(sealed);
    sealer.sample(Reading::new(5, 5, 7, 7, 300), &mut out);
    sealer.pen_up(StrokeEnd::Up, &mut out);
    sealer.flush(&mut out);
    chunk
}

/// Waits for the `taken` of a pen's chunk.
fn taken(pen: &mut TcpStream) {
    let mut bytes = Vec::new();
    loop {
        let mut piece = [0; 256];
        let len = pen.read(&mut piece).expect("an answer in time");
        assert!(len > 0, "the gateway hung up");
        bytes.extend_from_slice(&piece[..len]);
        while let Ok((frame, len)) = decode_frame(&bytes) {
            if let Frame::Receipt(receipt) = frame {
                let range = receipt.ranges().next().expect("a range").expect("a sound one");
                assert_eq!(range.outcome, Outcome::Taken);
                return;
            }
            bytes.drain(..len);
        }
    }
}

/// What the system calls of a gateway say, in order. A write counts from its beginning, an fsync from
/// its end.
#[derive(Default)]
struct Calls {
    is_folder_named: bool,
    is_file_named: bool,
    is_dirty: bool,
    taken: usize,
}

impl Calls {
    fn begins(&mut self, call: &str) {
        if call.contains("mkdir") && call.contains("spool") {
            self.is_folder_named = false;
        } else if call.contains("openat(") && call.contains(".spool\"") && call.contains("O_CREAT")
        {
            self.is_file_named = false;
        } else if call.contains("write(") && call.contains(".spool>") {
            self.is_dirty = true;
        } else if call.contains("\\x5a\\x15") {
            assert!(!self.is_dirty, "taken before its fsync: {call}");
            assert!(self.is_file_named, "taken before its file's name is durable: {call}");
            assert!(self.is_folder_named, "taken before its folder's name is durable: {call}");
            self.taken += 1;
        }
    }

    fn ends(&mut self, call: &str) {
        if !call.contains("sync(") || !call.contains("= 0") {
            return;
        }
        self.is_dirty &= !call.contains(".spool>");
        self.is_file_named |= call.contains("/spool>)");
        self.is_folder_named |= call.contains("/state>)");
    }
}

#[test]
fn no_taken_comes_before_what_it_promises_is_durable() {
    let Some(strace) = test_needs::program("strace") else {
        test_needs::missing("strace", "tests/run");
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (broker, port) = (Port::take(), Port::take());
    let config = configured(folder.path(), broker.number, port.number);
    let trace = folder.path().join("trace");
    let calls = "trace=mkdir,mkdirat,openat,write,writev,sendto,sendmsg,fsync,fdatasync";
    // A `taken` may be sent behind the gateway's state, in one call.
    let under = [strace.to_str().expect("UTF-8"), "-f", "-y", "-x", "-s", "256", "-e", calls, "-o"];
    let under = [&under[..], &[trace.to_str().expect("UTF-8")]].concat();
    let gateway = Gateway::start_under(&under, &config, &[]);
    for number in 1..=5 {
        let mut pen = TcpStream::connect(("127.0.0.1", port.number)).expect("it listens");
        pen.set_read_timeout(Some(WITHIN)).expect("a limit");
        pen.write_all(&chunk(number)).expect("a link");
        taken(&mut pen);
    }
    drop(gateway);
    let text = std::fs::read_to_string(&trace).expect("a trace");
    let mut seen = Calls::default();
    for moment in moments(&text) {
        match moment {
            Moment::Begins(call) => seen.begins(&call),
            Moment::Ends(call) => seen.ends(&call),
        }
    }
    assert_eq!(seen.taken, 5, "{text}");
}
