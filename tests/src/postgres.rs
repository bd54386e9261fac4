//! A PostgreSQL server of a test's own, which can be killed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use test_needs::missing;

use crate::Disk;
use crate::zhibi::end;

/// Far beyond what recovery takes.
const UP_WITHIN: Duration = Duration::from_secs(60);

/// A server that keeps its promises: fsync is on. It listens on a socket in a folder of its own, and
/// ends with the test.
#[derive(Debug)]
pub struct Postgres {
    // Before the folder that it is mounted in.
    disk: Option<Disk>,
    folder: TempDir,
    programs: PathBuf,
    process: Option<Child>,
}

/// Room for a database cluster and little more.
const DISK_MIB: u32 = 256;

impl Postgres {
    /// Starts one; says so in one line and gives `None` where PostgreSQL is not installed.
    ///
    /// # Panics
    /// Where it does not come up.
    #[must_use]
    pub fn start() -> Option<Self> {
        Self::start_on(false)
    }

    /// Starts one on a small disk of its own, where this user may mount one: see [`Self::disk`].
    ///
    /// # Panics
    /// As [`Self::start`].
    #[must_use]
    pub fn start_on_small_disk() -> Option<Self> {
        Self::start_on(true)
    }

    fn start_on(on_small_disk: bool) -> Option<Self> {
        let Some(programs) = programs() else {
            missing("postgresql", "tests/run");
            return None;
        };
        let folder = tempfile::tempdir().expect("a temporary folder");
        let disk = on_small_disk.then(|| Disk::mount(folder.path(), DISK_MIB)).flatten();
        if is_root() {
            let owned = Command::new("chown").arg("postgres").arg(folder.path()).status();
            assert!(owned.is_ok_and(|status| status.success()), "the server's user is missing");
        }
        let mut server = Self { disk, folder, programs, process: None };
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

    /// The small disk that it lies on.
    #[must_use]
    pub fn disk(&self) -> Option<&Disk> {
        self.disk.as_ref()
    }

    /// Has it work again after its disk was full, on which it may have given up.
    ///
    /// # Panics
    /// Where it does not come up.
    pub fn revive(&mut self) {
        let limit = Instant::now() + UP_WITHIN;
        loop {
            let ended = self
                .process
                .as_mut()
                .is_none_or(|process| process.try_wait().is_ok_and(|ended| ended.is_some()));
            if ended {
                return self.start_again();
            }
            if self.is_ready() {
                return;
            }
            assert!(Instant::now() < limit, "PostgreSQL does not recover");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn is_ready(&self) -> bool {
        let ready = Command::new(self.programs.join("pg_isready"))
            .arg("-q")
            .arg("-h")
            .arg(self.folder.path())
            .status();
        ready.is_ok_and(|status| status.success())
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
            let mut server = self.server();
            let process = server.stdout(Stdio::null()).stderr(log).spawn();
            let process = process.expect("the server starts");
            self.process = Some(process);
            let runs = |process: &mut Child| process.try_wait().is_ok_and(|ended| ended.is_none());
            while self.process.as_mut().is_some_and(runs) {
                if self.is_ready() {
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

    /// The server itself.
    fn server(&self) -> Command {
        let mut server = self.command("postgres");
        server.args(["-D", "data", "-c", "listen_addresses=", "-c", "fsync=on", "-k"]);
        server.arg(self.folder.path());
        // Logs that fit on a small disk.
        server.args(["-c", "min_wal_size=32MB", "-c", "max_wal_size=64MB"]);
        server
    }

    /// Ends it in order and gives the line by which a shell starts it again, in the background, and
    /// waits until it is ready; whoever does so ends it with [`Self::end_of_shell`].
    ///
    /// # Panics
    /// Where it does not end.
    pub fn shell_line(&mut self) -> String {
        let mut process = self.process.take().expect("it runs");
        let told = Command::new("kill").args(["-INT", &process.id().to_string()]).status();
        assert!(told.is_ok_and(|status| status.success()), "it could not be told to stop");
        process.wait().expect("a child can be waited for");
        let server = self.server();
        let words: Vec<String> = std::iter::once(server.get_program())
            .chain(server.get_args())
            .map(|word| format!("'{}'", word.to_str().expect("UTF-8")))
            .collect();
        let (folder, programs) = (self.folder.path().display(), self.programs.display());
        format!(
            "(cd '{folder}' && exec {}) >/dev/null 2>&1 & until '{programs}/pg_isready' -q -h \
             '{folder}'; do sleep 0.05; done",
            words.join(" ")
        )
    }

    /// Ends at once a server that a shell started.
    pub fn end_of_shell(&mut self) {
        let file = self.folder.path().join("data/postmaster.pid");
        let text = std::fs::read_to_string(file).unwrap_or_default();
        if let Some(pid) = text.lines().next() {
            let _gone = Command::new("kill").args(["-QUIT", pid]).status();
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
