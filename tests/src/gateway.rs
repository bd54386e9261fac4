//! The reference gateway, as a process.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use crate::Zhibi;

/// A gateway that runs, killed with the test.
#[derive(Debug)]
pub struct Gateway {
    child: Child,
}

impl Gateway {
    /// Starts it and waits until it hears pens.
    ///
    /// # Panics
    /// Where it does not come up.
    #[must_use]
    pub fn start(config: &Path) -> Self {
        Self::start_under(&[], config, &[])
    }

    /// The same under another program, where one is named with its arguments, and with these
    /// variables in its environment.
    ///
    /// # Panics
    /// Where it does not come up.
    #[must_use]
    pub fn start_under(under: &[&str], config: &Path, env: &[(&str, &str)]) -> Self {
        let zhibi = Zhibi::command(&["gateway", "--config", config.to_str().expect("UTF-8")]);
        let mut child = Zhibi::under(under, zhibi)
            .env("ZHIBI_LOG", "info")
            .envs(env.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let stderr = child.stderr.take().expect("it is piped");
        let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
        let gateway = Self { child };
        assert!(lines.any(|line| line.contains("pens are heard")), "the gateway does not come up");
        // Standard error is drained for as long as the process lives.
        std::thread::spawn(move || lines.for_each(drop));
        gateway
    }

    /// The process, or the program under which it runs.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has ended by itself.
    ///
    /// # Panics
    /// When the system does not tell.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child can be waited for")
    }

    /// Ends it with SIGKILL: nothing is drained.
    pub fn kill(self) {
        drop(self);
    }

    /// Ends it with SIGTERM and waits for its end.
    ///
    /// # Panics
    /// Where it does not end well.
    pub fn stop(mut self) {
        let pid = self.pid().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
        assert!(self.child.wait().expect("it ends").success());
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // Under strace the gateway is a child of the tracer, and would outlive it; without it the tracer
        // writes what it has seen, and ends.
        let pid = self.pid();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        let traced = children.unwrap_or_default();
        for child in traced.split_whitespace() {
            let _gone = Command::new("kill").args(["-KILL", child]).status();
        }
        if traced.trim().is_empty() {
            let _gone = self.child.kill();
        }
        let _reaped = self.child.wait();
    }
}
