//! The golden vectors through the real binary: bytes to JSON Lines and back.
//!
//! Failure: any difference. Deterministic.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use zhibi_tests::Zhibi;

fn vectors() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../firmware-protocol/vectors");
    let files = std::fs::read_dir(directory).expect("vectors");
    let paths = files.map(|file| file.expect("a file").path());
    paths.filter(|path| path.extension().is_some_and(|ext| ext == "hex")).collect()
}

fn bytes_of_hex(path: &Path) -> Vec<u8> {
    let text = std::fs::read_to_string(path).expect("a vector");
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or(""));
    let bytes = lines.flat_map(str::split_whitespace);
    bytes.map(|byte| u8::from_str_radix(byte, 16).expect("hexadecimal")).collect()
}

fn zhibi(args: &[&str], input: &[u8]) -> (i32, Vec<u8>) {
    let mut child = Zhibi::command(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("zhibi starts");
    child.stdin.take().expect("piped").write_all(input).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    (output.status.code().expect("a code"), output.stdout)
}

#[test]
fn each_vector_means_what_its_json_says_and_comes_back() {
    let vectors = vectors();
    assert!(vectors.len() >= 25);
    for path in vectors {
        let name = path.display().to_string();
        let json = std::fs::read(path.with_extension("jsonl")).expect("its meaning");
        let (code, decoded) = zhibi(&["decode", &name], &[]);
        assert_eq!(code, 0);
        assert_eq!(String::from_utf8(decoded), String::from_utf8(json.clone()), "{name}");
        let (code, explained) = zhibi(&["decode", "--explain", &name], &[]);
        assert_eq!(code, 0);
        let hex = std::fs::read(&path).expect("a vector");
        assert_eq!(String::from_utf8(explained), String::from_utf8(hex), "{name}");
        let (code, encoded) = zhibi(&["encode", "-"], &json);
        assert_eq!(code, 0);
        let bytes = bytes_of_hex(&path);
        assert_eq!(encoded, bytes, "{name}");
    }
}

#[test]
fn strict_names_what_no_conforming_encoder_writes() {
    for (vector, rule) in [
        ("recut-backlog", "one-key"),
        ("counter-jump", "hello-first"),
        ("chunk-extremes", "time-order"),
        ("bit-flip", "crc mismatch at byte 63"),
        ("truncated", "truncated: needs 67 bytes"),
        ("receipt-unknown-outcome", "receipt-ranges"),
    ] {
        let path =
            format!("{}/../firmware-protocol/vectors/{vector}.hex", env!("CARGO_MANIFEST_DIR"));
        let (code, said) = zhibi(&["decode", "--strict", &path], &[]);
        let said = String::from_utf8(said).expect("text");
        assert_eq!(code, 3, "{vector}");
        assert!(said.contains(rule), "{vector}: {said}");
    }
    let bundle = format!("{}/../firmware-protocol/vectors/bundle.hex", env!("CARGO_MANIFEST_DIR"));
    assert_eq!(zhibi(&["decode", "--strict", &bundle], &[]).0, 0);
}

fn said(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_file_that_ends_too_early_is_called_truncated() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("cut");
    let name = path.to_str().expect("a UTF-8 path");
    let mut half_a_bundle = b"ZCAP\x01\0\0\0".to_vec();
    half_a_bundle.extend_from_slice(&[40, 0, 0, 0, 1, 2, 3]);
    let check = |bytes: &[u8], expected: &str| {
        std::fs::write(&path, bytes).expect("it can be written");
        let output = Zhibi::run(&["decode", name]);
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains(expected), "{}", said(&output));
    };
    check(b"ZBND\x01", "truncated: a bundle's header takes 8 bytes, 5 are there");
    check(b"ZBN", "truncated: a bundle's header takes 8 bytes, 3 are there");
    check(b"ZCAP\x01", "truncated: a capture's header takes 8 bytes, 5 are there");
    check(&half_a_bundle, "truncated: the bundle at byte 8 needs 44 bytes with its length, 7 are");
    check(b"ZCAP\x02\0\0\0", "no capture: it does not begin with ZCAP, version 1");
    check(b"ZBND\x02\0\0\0", "version 2 at byte 4 is not known");
}

#[test]
fn an_object_may_take_several_lines() {
    let one = std::fs::read(vector("receipt").with_extension("jsonl")).expect("a vector");
    let value: serde_json::Value = serde_json::from_slice(&one).expect("an object");
    let pretty = serde_json::to_vec_pretty(&value).expect("text");
    assert!(pretty.iter().filter(|byte| **byte == b'\n').count() > 10);
    assert_eq!(zhibi(&["encode", "-"], &pretty), zhibi(&["encode", "-"], &one));
}

fn vector(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../firmware-protocol/vectors");
    directory.join(name).with_extension("hex")
}
