//! A real mosquitto on a loopback port of its own.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpSocket;

const MOSQUITTO: &str = "/usr/sbin/mosquitto";

/// A port that nobody else is given while this is held, between two lives of the broker too: bound
/// and not listened on, so that mosquitto, which reuses addresses, can listen there.
pub(crate) struct Port {
    pub(crate) number: u16,
    _held: TcpSocket,
}

impl Port {
    pub(crate) fn take() -> Self {
        let held = TcpSocket::new_v4().expect("a socket");
        held.set_reuseaddr(true).expect("an option");
        held.bind(([127, 0, 0, 1], 0).into()).expect("a port");
        let number = held.local_addr().expect("an address").port();
        Self { number, _held: held }
    }
}

/// Killed when it is dropped.
pub(crate) struct Broker {
    pub(crate) port: u16,
    dir: TempDir,
    process: Child,
    _held: Port,
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Broker {
    /// `None` where mosquitto is not installed, which it says.
    pub(crate) async fn start() -> Option<Self> {
        if !Path::new(MOSQUITTO).exists() {
            eprintln!("{MOSQUITTO} is not installed: this test tests nothing");
            return None;
        }
        let (port, dir) = (Port::take(), tempfile::tempdir().expect("a directory"));
        let number = port.number;
        let config = format!(
            "listener {number} 127.0.0.1\nallow_anonymous true\npersistence false\n\
             max_queued_messages 0\nlog_type none\nuser root\n"
        );
        std::fs::write(dir.path().join("mosquitto.conf"), config).expect("a file");
        let process = spawn(dir.path());
        let mut broker = Self { port: number, dir, process, _held: port };
        assert!(broker.is_up().await);
        Some(broker)
    }

    /// kill -9: what it held in memory is gone.
    pub(crate) fn kill(&mut self) {
        // It may be dead already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    pub(crate) async fn restart(&mut self) {
        self.kill();
        self.process = spawn(self.dir.path());
        assert!(self.is_up().await);
    }

    async fn is_up(&mut self) -> bool {
        let mut tick = tokio::time::interval(Duration::from_millis(10));
        for _ in 0..3_000 {
            tick.tick().await;
            if tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                return true;
            }
            if self.process.try_wait().expect("a child").is_some() {
                return false;
            }
        }
        false
    }
}

fn spawn(dir: &Path) -> Child {
    Command::new(MOSQUITTO)
        .arg("-c")
        .arg(dir.join("mosquitto.conf"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("mosquitto starts")
}
