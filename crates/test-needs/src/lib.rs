//! What tests need from the machine: programs, ports, a real broker. A development dependency only.
//!
//! A test that finds a program missing says so in one line and passes, so that the rest can be run
//! anywhere; where `ZHIBI_TESTS_REQUIRE_ALL` is `1`, it fails instead. The shared data are not a
//! program: tests that need them say so and pass in both cases.

mod mosquitto;
mod port;
mod refusing;

pub use mosquitto::Mosquitto;
pub use port::Port;
pub use refusing::RefusesOnce;

use std::path::{Path, PathBuf};

/// Set to `1` where a missing program is to be a failure.
const REQUIRE_ALL: &str = "ZHIBI_TESTS_REQUIRE_ALL";

/// Says in one line that a test is passed over because `what` is missing, and what brings it.
///
/// # Panics
/// Where everything is required.
pub fn missing(what: &str, brought_by: &str) {
    let required = std::env::var_os(REQUIRE_ALL).is_some_and(|value| value == "1");
    assert!(!required, "{what} is missing and {REQUIRE_ALL} is 1: {brought_by} brings it");
    println!("passed over: {what} is missing ({brought_by} brings it)");
}

/// A file or folder of the shared data (`$ZHIBI_DATA`, or `../shared/data` beside the workspace), by
/// its path there; says in one line that it is absent, and gives `None`.
#[must_use]
pub fn data(path: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let file = std::env::var_os("ZHIBI_DATA").map_or_else(beside, PathBuf::from).join(path);
    if file.exists() {
        return Some(file);
    }
    println!("passed over: {path} of the shared data is absent (looked for {})", file.display());
    None
}

/// The url of a PostgreSQL server on which tests may make databases: `ZHIBI_TESTS_POSTGRES`.
#[must_use]
pub fn postgres() -> Option<String> {
    let server = std::env::var("ZHIBI_TESTS_POSTGRES").ok();
    if server.is_none() {
        missing("a PostgreSQL named by ZHIBI_TESTS_POSTGRES", "tests/run");
    }
    server
}

/// Finds a program on the path or among the system's.
#[must_use]
pub fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/bin".into()])
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}
