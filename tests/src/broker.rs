//! A real broker: mosquitto.

use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{Port, program, zhibi};

/// A mosquitto on a loopback port.
#[derive(Debug)]
pub struct Mosquitto {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    _port: Port,
    _folder: TempDir,
}

impl Mosquitto {
    /// Starts one; says so in one line and gives `None` where it is not installed.
    ///
    /// # Panics
    /// When it is installed and does not come up within ten seconds.
    pub fn start() -> Option<Self> {
        let Some(binary) = program("mosquitto") else {
            println!("passed over: mosquitto is not installed (tests/run installs it)");
            return None;
        };
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = Port::take();
        let address = SocketAddr::from(([127, 0, 0, 1], port.number));
        let config = folder.path().join("mosquitto.conf");
        let text = format!(
            "listener {} 127.0.0.1\nallow_anonymous true\npersistence false\n\
             max_inflight_messages 100\nmax_queued_messages 100000\nlog_type error\n",
            address.port()
        );
        std::fs::write(&config, text).expect("a file in a temporary folder");
        let child = Command::new(binary)
            .arg("-c")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("mosquitto starts");
        let mut broker = Self { child, address, _port: port, _folder: folder };
        broker.wait_until_it_listens();
        Some(broker)
    }

    fn wait_until_it_listens(&mut self) {
        let limit = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(self.address).is_err() {
            assert!(Instant::now() < limit, "mosquitto does not listen on {}", self.address);
            assert!(self.child.try_wait().is_ok_and(|s| s.is_none()), "mosquitto ended");
            std::thread::yield_now();
        }
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        zhibi::end(&mut self.child);
    }
}
