//! A PostgreSQL server of a test's own, which can be killed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use test_needs::missing;

use crate::zhibi::end;

/// Far beyond what recovery takes.
const UP_WITHIN: Duration = Duration::from_secs(60);

/// A server that keeps its promises: fsync is on. It listens on a socket in a folder of its own, and
/// ends with the test.
#[derive(Debug)]
pub struct Postgres {
    folder: TempDir,
    programs: PathBuf,
    process: Option<Child>,
}

impl Postgres {
    /// Starts one; says so in one line and gives `None` where PostgreSQL is not installed.
    ///
    /// # Panics
    /// Where it does not come up.
    #[must_use]
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            missing("postgresql", "tests/run");
            return None;
        };
        let folder = tempfile::tempdir().expect("a temporary folder");
        if is_root() {
            let owned = Command::new("chown").arg("postgres").arg(folder.path()).status();
            assert!(owned.is_ok_and(|status| status.success()), "the server's user is missing");
        }
        let mut server = Self { folder, programs, process: None };
        let made = server
            .command("initdb")
            .args(["-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale"])
            // What is made here is written anew by the server.
            .arg("--no-sync")
            .stdout(Stdio::null())
            .status();
        assert!(made.is_ok_and(|status| status.success()), "no database cluster can be made");
        server.start_again();
        Some(server)
    }

    /// Its url, of the database `postgres`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@localhost/postgres?host={}", self.folder.path().display())
    }

    /// kill -9 of the server's first process; the others end when they see it.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            end(&mut process);
        }
    }

    /// Starts it after it was killed, and waits until it has recovered.
    ///
    /// # Panics
    /// Where it does not come up.
    pub fn start_again(&mut self) {
        let limit = Instant::now() + UP_WITHIN;
        loop {
            let log = File::create(self.folder.path().join("server.log")).expect("a log");
            let socket = self.folder.path().to_str().expect("UTF-8").to_owned();
            let process = self
                .command("postgres")
                .args(["-D", "data", "-k", &socket, "-c", "listen_addresses=", "-c", "fsync=on"])
                .stdout(Stdio::null())
                .stderr(log)
                .spawn()
                .expect("the server starts");
            let process = self.process.insert(process);
            while process.try_wait().is_ok_and(|ended| ended.is_none()) {
                let ready = Command::new(self.programs.join("pg_isready"))
                    .args(["-q", "-h", &socket])
                    .status();
                if ready.is_ok_and(|status| status.success()) {
                    return;
                }
                assert!(Instant::now() < limit, "PostgreSQL does not come up");
                std::thread::sleep(Duration::from_millis(10));
            }
            // Processes of the one that was killed are still ending, and hold its memory.
            assert!(Instant::now() < limit, "PostgreSQL does not start");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// One of its programs, as the user that may run it, in its folder.
    fn command(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            // The server refuses to run as root.
            let mut command = Command::new("setpriv");
            command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]);
            command.arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Where the newest server's programs are: Debian keeps them off the path.
fn programs() -> Option<PathBuf> {
    let installed = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let version = |folder: &Path| folder.file_name()?.to_str()?.parse::<u32>().ok();
    installed
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|folder| folder.join("bin/postgres").is_file())
        .max_by_key(|folder| version(folder))
        .map(|folder| folder.join("bin"))
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
