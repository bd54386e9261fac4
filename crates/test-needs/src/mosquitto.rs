//! A real broker.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{Port, missing, program};

/// Far beyond what it takes to come up.
const UP_WITHIN: Duration = Duration::from_secs(30);

/// A mosquitto on a loopback port of its own, killed when it is dropped.
///
/// Unless it is given a configuration, it keeps nothing on disk, queues without a limit, and has a
/// hundred messages under way to each client at most.
#[derive(Debug)]
pub struct Mosquitto {
    /// Where it listens.
    pub address: SocketAddr,
    process: Child,
    config: PathBuf,
    folder: Option<TempDir>,
    _port: Port,
}

impl Mosquitto {
    /// Starts one; `None` where it is not installed.
    ///
    /// # Panics
    /// Where it does not come up, and where it is not installed but required.
    #[must_use]
    pub fn start() -> Option<Self> {
        let (port, folder) = (Port::take(), tempfile::tempdir().expect("a temporary folder"));
        let config = format!(
            "listener {} 127.0.0.1\nallow_anonymous true\npersistence false\n\
             max_queued_messages 0\nmax_inflight_messages 100\nlog_type none\nuser root\n",
            port.number
        );
        let file = folder.path().join("mosquitto.conf");
        std::fs::write(&file, config).expect("a file in a temporary folder");
        let mut broker = Self::start_with(file, port)?;
        broker.folder = Some(folder);
        Some(broker)
    }

    /// Starts one with a configuration that has it listen on `port`; `None` where it is not
    /// installed.
    ///
    /// # Panics
    /// As [`Self::start`].
    #[must_use]
    pub fn start_with(config: PathBuf, port: Port) -> Option<Self> {
        if program("mosquitto").is_none() {
            missing("mosquitto", "tests/run");
            return None;
        }
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.number));
        let process = spawn(&config);
        let mut broker = Self { address, process, config, folder: None, _port: port };
        broker.wait_until_it_listens();
        Some(broker)
    }

    /// The number of its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// kill -9: what it held in memory is gone.
    pub fn kill(&mut self) {
        // It may be dead already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Kills it and starts it again at the same port.
    ///
    /// # Panics
    /// Where it does not come up.
    pub fn restart(&mut self) {
        self.kill();
        self.process = spawn(&self.config);
        self.wait_until_it_listens();
    }

    fn wait_until_it_listens(&mut self) {
        let limit = Instant::now() + UP_WITHIN;
        while TcpStream::connect(self.address).is_err() {
            assert!(Instant::now() < limit, "mosquitto does not listen on {}", self.address);
            assert!(self.process.try_wait().is_ok_and(|s| s.is_none()), "mosquitto ended");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(config: &Path) -> Child {
    Command::new(program("mosquitto").expect("it was there a moment ago"))
        .arg("-c")
        .arg(config)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("mosquitto starts")
}
