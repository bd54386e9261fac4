//! The signals that end the service, and the one that does not, from the real binary.
//!
//! Failure: the process dies of a signal without draining, or of SIGHUP at all. Not
//! failure: how long it takes.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

fn config() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a folder");
    let config = dir.path().join("zhibi.toml");
    let text = "[store]\npath = \"zhibi.db\"\n[broker]\nembedded = true\nport = 0\n\
                [web]\nlisten = \"127.0.0.1:0\"\n";
    std::fs::write(&config, text).expect("it is written");
    (dir, config)
}

/// A service that runs, and what it goes on to say.
fn serve(binary: &mut Command, config: &Path) -> (Child, impl Iterator<Item = String> + use<>) {
    let mut serve = binary
        .args(["serve", "--config"])
        .arg(config)
        .env("ZHIBI_LOG", "info")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let stderr = serve.stderr.take().expect("it is piped");
    let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("the teacher's view listens")));
    (serve, lines)
}

fn send(serve: &Child, signal: &str) {
    let pid = serve.id().to_string();
    let sent = Command::new("kill").args(["-s", signal, &pid]).status().expect("kill runs");
    assert!(sent.success());
}

#[test]
fn each_signal_to_end_drains_the_service() {
    for signal in ["TERM", "INT"] {
        let (_dir, config) = config();
        // Whoever runs the tests may have been told to outlive a terminal: children inherit that.
        let mut binary = Command::new("env");
        let binary = binary.arg("--default-signal=HUP").arg(env!("CARGO_BIN_EXE_zhibi"));
        let (mut serve, mut lines) = serve(binary, &config);
        send(&serve, signal);
        assert!(lines.any(|line| line.contains("stopping")), "{signal}: it drains");
        lines.for_each(drop);
        assert_eq!(serve.wait().expect("it ends").code(), Some(0), "{signal}");
    }
}

/// A SIGHUP in between has the certificate read again; here there is none.
#[test]
fn a_hang_up_does_not_end_the_service() {
    let (_dir, config) = config();
    let mut binary = Command::new("env");
    let binary = binary.arg("--default-signal=HUP").arg(env!("CARGO_BIN_EXE_zhibi"));
    let (mut serve, mut lines) = serve(binary, &config);
    send(&serve, "HUP");
    let said = lines.find(|line| line.contains("SIGHUP") || line.contains("stopping"));
    assert!(said.as_ref().is_some_and(|said| said.contains("SIGHUP")), "{said:?}");
    send(&serve, "TERM");
    lines.for_each(drop);
    assert_eq!(serve.wait().expect("it ends").code(), Some(0));
}

#[test]
fn what_was_told_to_outlive_its_terminal_does() {
    let (_dir, config) = config();
    let binary = &mut Command::new("nohup");
    let (mut serve, lines) = serve(binary.arg(env!("CARGO_BIN_EXE_zhibi")), &config);
    // The second of two words to stop would stop it hard.
    send(&serve, "HUP");
    send(&serve, "TERM");
    lines.for_each(drop);
    assert_eq!(serve.wait().expect("it ends").code(), Some(0));
}
