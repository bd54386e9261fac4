//! What the end-to-end tests share: the real binary, a real database server, a
//! real browser, and a network that fails as told.
//!
//! Everything listens on loopback at free ports, and every process that a test starts ends with
//! it, by id.

mod browser;
mod disk;
mod gateway;
mod http;
mod nats;
mod postgres;
mod proxy;
mod strace;
mod zhibi;

pub use browser::Browser;
pub use disk::Disk;
pub use gateway::Gateway;
pub use http::get;
pub use nats::Nats;
pub use postgres::Postgres;
pub use proxy::{Link, Proxy};
pub use strace::{Moment, moments};
pub use zhibi::{Demo, Serve, Zhibi};

use std::path::PathBuf;

/// The folder of things to be looked at after a run; made if it is not there.
///
/// # Panics
/// When it cannot be made.
pub fn seen() -> PathBuf {
    let folder = target().join("seen");
    std::fs::create_dir_all(&folder).expect("a folder for pictures");
    folder
}

/// The build's own folder, in which the binary lies.
///
/// # Panics
/// When the system does not say where this test runs.
pub fn target() -> PathBuf {
    // …/target/release/deps/test-1234 → …/target/release
    let test = std::env::current_exe().expect("a running test has a path");
    test.ancestors().nth(2).expect("a test lies two folders deep").to_owned()
}
