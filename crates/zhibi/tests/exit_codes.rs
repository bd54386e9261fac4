//! The exit codes that `zhibi --help` promises, from the real binary.
//!
//! Failure: another code, or a failure without a word. Code 3 is seen by the end-to-end tests,
//! which have stores to find fault with. That a test of this package asks for the binary also makes
//! `cargo test` build it, so that the end-to-end tests never meet an old one.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};

fn zhibi(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhibi"));
    command.args(args).stdin(Stdio::null()).output().expect("the binary runs")
}

#[test]
fn help_is_done() {
    let output = zhibi(&["--help"]);
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(said.contains("Exit codes"), "{said}");
}

#[test]
fn what_cannot_be_done_fails_with_a_word() {
    let output = zhibi(&["check", "/nowhere/zhibi.db"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.contains("/nowhere/zhibi.db"), "{said}");
}

#[test]
fn a_wrong_command_line_is_told_from_a_failure() {
    for args in [&["bogus"][..], &["check"], &["demo", "--pupils", "0"]] {
        let output = zhibi(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(!output.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn a_file_that_may_not_grow_is_a_failure_with_a_word() {
    let dir = tempfile::tempdir().expect("a folder");
    let output = Command::new("sh")
        .args(["-c", "ulimit -f 0; exec \"$0\" init", env!("CARGO_BIN_EXE_zhibi")])
        .current_dir(dir.path())
        .output()
        .expect("the shell runs");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.contains("zhibi.toml"), "{said}");
}

/// `/dev/full` is a full disk: what a service logs is lost there, and what it does is not.
#[test]
fn a_service_outlives_a_log_that_cannot_be_written() {
    let dir = tempfile::tempdir().expect("a folder");
    let web = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port");
    let config = dir.path().join("zhibi.toml");
    let text = format!(
        "[store]\npath = \"a.db\"\n[broker]\nembedded = true\nport = 0\n\
         [web]\nlisten = \"{web}\"\nsecure_cookies = false\n"
    );
    std::fs::write(&config, text).expect("a configuration");
    let full = std::fs::File::create("/dev/full").expect("a full device");
    let mut service = Command::new(env!("CARGO_BIN_EXE_zhibi"))
        .args(["serve", "--config"])
        .arg(&config)
        .stderr(full)
        .spawn()
        .expect("the binary runs");
    // Each refused request is a line that cannot be written.
    let answer = (0..600).find_map(|_| {
        let answer = request(web, "GET /login HTTP/1.1\r\nHost: elsewhere\r\nConnection: close");
        answer.or_else(|| {
            assert_eq!(service.try_wait().expect("a child"), None, "it runs");
            std::thread::sleep(std::time::Duration::from_millis(100));
            None
        })
    });
    assert!(answer.expect("an answer").starts_with("HTTP/1.1 421"));
    service.kill().expect("a child");
    service.wait().expect("a child");
}

fn request(to: SocketAddr, head: &str) -> Option<String> {
    let mut stream = TcpStream::connect(to).ok()?;
    stream.write_all(format!("{head}\r\n\r\n").as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

#[test]
fn a_result_that_cannot_be_written_is_a_failure_with_a_word() {
    let full = std::fs::File::create("/dev/full").expect("a full device");
    let output = Command::new(env!("CARGO_BIN_EXE_zhibi"))
        .args(["bench", "codec", "--json", "--seconds", "1"])
        .stdout(full)
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.contains("No space left"), "{said}");
}
