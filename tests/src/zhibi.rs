//! The real binary.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::target;

/// No line of a running server takes longer to come than this; a limit, not a wait.
const LINE_WITHIN: Duration = Duration::from_secs(120);

/// The binary under test.
#[derive(Debug)]
pub struct Zhibi;

impl Zhibi {
    /// Runs a command to its end.
    ///
    /// # Panics
    /// When the binary is not built: run `cargo build --release` first.
    pub fn run(args: &[&str]) -> Output {
        Self::command(args).output().expect("zhibi is built and runs")
    }

    /// The binary with these arguments, not started yet.
    ///
    /// # Panics
    /// When it was not built.
    pub fn command(args: &[&str]) -> Command {
        let binary = target().join("zhibi");
        assert!(binary.is_file(), "{} is missing: cargo build --release", binary.display());
        let mut command = Command::new(binary);
        command.args(args).stdin(Stdio::null());
        command
    }

    /// A command under another program, where one is named with its arguments.
    #[must_use]
    pub fn under(program: &[&str], command: Command) -> Command {
        let [program, options @ ..] = program else { return command };
        let mut under = Command::new(program);
        under.args(options).arg(command.get_program()).args(command.get_args());
        under
    }

    fn spawn(args: &[&str], env: &[(&str, &str)]) -> (Child, Lines) {
        let mut child = Self::command(args)
            .envs(env.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("zhibi starts");
        let lines = Lines::of(child.stderr.take().expect("stderr is piped"));
        (child, lines)
    }
}

/// What a process says on standard error, line by line.
#[derive(Debug)]
struct Lines {
    lines: mpsc::Receiver<String>,
}

impl Lines {
    fn of(stderr: ChildStderr) -> Self {
        let (send, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                // The test may have heard enough; the pipe is still drained.
                let _heard = send.send(line);
            }
        });
        Self { lines }
    }

    /// The rest of the first line that holds `marker`, after it.
    fn after(&self, marker: &str) -> String {
        let mut before = Vec::new();
        loop {
            match self.lines.recv_timeout(LINE_WITHIN) {
                Ok(line) => match line.split_once(marker) {
                    Some((_, rest)) => return rest.trim().to_owned(),
                    None => before.push(line),
                },
                Err(_) => panic!("no line with {marker:?} came; what came:\n{}", before.join("\n")),
            }
        }
    }
}

/// A demo that stays up.
#[derive(Debug)]
pub struct Demo {
    child: Child,
    lines: Lines,
    /// The embedded broker.
    pub broker: SocketAddr,
    /// The one-time link.
    pub link: String,
}

impl Demo {
    /// Starts `zhibi demo` with these further arguments and waits until it has said where it is.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start(args: &[&str]) -> Self {
        let (child, lines) = Zhibi::spawn(&[&["demo"], args].concat(), &[]);
        let broker = lines.after("mqtt://").parse().expect("the broker's address");
        let link = lines.after("teacher's view");
        Self { child, lines, broker, link }
    }

    /// Waits until the evening is over and all is marked; the view stays up.
    ///
    /// # Panics
    /// When the demo ends or falls silent before.
    pub fn evening_over(&self) {
        self.lines.after("The evening is over");
    }

    /// Resident memory in MiB.
    ///
    /// # Panics
    /// Where the system does not tell.
    pub fn resident_mib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .expect("a running process has a status");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("VmRSS");
        let kib: u64 = line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("KiB");
        kib / 1024
    }

    /// Ends it as Ctrl-C does and gives what it printed on standard output.
    ///
    /// # Panics
    /// When it does not end well.
    pub fn stop(mut self) -> String {
        interrupt(&self.child);
        let status = self.child.wait().expect("a child can be waited for");
        assert!(status.success(), "the demo ended with {status}");
        let mut printed = String::new();
        let stdout = self.child.stdout.as_mut().expect("stdout is piped");
        stdout.read_to_string(&mut printed).expect("UTF-8");
        printed
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// A running service.
#[derive(Debug)]
pub struct Serve {
    child: Child,
    /// Where the teacher's view listens.
    pub web: SocketAddr,
}

impl Serve {
    /// Starts `zhibi serve` and waits until its view listens.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start(config: &Path) -> Self {
        Self::start_with(config, &[])
    }

    /// The same with these variables in its environment.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start_with(config: &Path, env: &[(&str, &str)]) -> Self {
        let config = config.to_str().expect("a UTF-8 path");
        let (child, lines) = Zhibi::spawn(&["--log-json", "serve", "--config", config], env);
        let rest = lines.after("\"address\":\"");
        let web = rest.split('"').next().and_then(|a| a.parse().ok()).expect("an address");
        // Standard error is drained for as long as the process lives.
        std::mem::forget(lines);
        Self { child, web }
    }

    /// Its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has ended by itself.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child can be waited for")
    }

    /// The address that it prints on standard output where nobody can sign in yet.
    ///
    /// # Panics
    /// When standard output ends without one.
    pub fn printed_link(&mut self) -> String {
        let stdout = self.child.stdout.as_mut().expect("stdout is piped");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let link = lines.find(|line| line.contains("http://")).expect("a link");
        link.trim().to_owned()
    }

    /// Ends it as Ctrl-C does.
    ///
    /// # Panics
    /// When it does not end well.
    pub fn stop(self) {
        self.stop_and_read();
    }

    /// Ends it as Ctrl-C does and gives what it printed on standard output.
    ///
    /// # Panics
    /// When it does not end well.
    pub fn stop_and_read(mut self) -> String {
        interrupt(&self.child);
        let status = self.child.wait().expect("a child can be waited for");
        assert!(status.success(), "serve ended with {status}");
        let mut printed = String::new();
        let stdout = self.child.stdout.as_mut().expect("stdout is piped");
        stdout.read_to_string(&mut printed).expect("UTF-8");
        printed
    }

    /// Ends it with SIGKILL: nothing is drained.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn kill(mut self) {
        self.child.kill().expect("a child can be killed");
        self.child.wait().expect("a child can be waited for");
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn interrupt(child: &Child) {
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(status.is_ok_and(|status| status.success()), "the process could not be told to stop");
}

/// Ends a child that is still there; one that has ended already is fine.
pub(crate) fn end(child: &mut Child) {
    if let Ok(None) = child.try_wait() {
        let _gone = child.kill();
        let _reaped = child.wait();
    }
}
