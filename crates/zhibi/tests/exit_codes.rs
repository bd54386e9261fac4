//! The exit codes that `zhibi --help` promises, from the real binary.
//!
//! Failure: another code, or a failure without a word. Code 3 is seen by the end-to-end tests,
//! which have stores to find fault with. That a test of this package asks for the binary also makes
//! `cargo test` build it, so that the end-to-end tests never meet an old one.

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
