//! What the end-to-end tests share: the real binary, a real broker, a real browser.
//!
//! Everything listens on loopback at free ports, and every process that a test starts ends with
//! it, by id.

mod broker;
mod browser;
mod zhibi;

pub use broker::Mosquitto;
pub use browser::Browser;
pub use zhibi::{Demo, Serve, Zhibi};

use std::path::PathBuf;

use tokio::net::TcpSocket;

/// The folder of things to be looked at after a run; made if it is not there.
///
/// # Panics
/// When it cannot be made.
pub fn seen() -> PathBuf {
    let folder = target().join("seen");
    std::fs::create_dir_all(&folder).expect("a folder for pictures");
    folder
}

/// The build's own folder, from where this test runs.
pub(crate) fn target() -> PathBuf {
    // …/target/release/deps/test-1234 → …/target/release
    let test = std::env::current_exe().expect("a running test has a path");
    test.ancestors().nth(2).expect("a test lies two folders deep").to_owned()
}

/// Finds a program on the path or among the system's.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/bin".into()])
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// A port of loopback that nobody else is given while this is held.
///
/// It is bound and not listened on, so that a server that reuses addresses, as mosquitto and
/// ChromeDriver do, can listen there, and only the one that was told the number.
#[derive(Debug)]
pub struct Port {
    /// Its number.
    pub number: u16,
    _held: TcpSocket,
}

impl Port {
    /// Takes one.
    ///
    /// # Panics
    /// When loopback has none.
    #[must_use]
    pub fn take() -> Self {
        let held = TcpSocket::new_v4().expect("a socket");
        held.set_reuseaddr(true).expect("an address can be reused");
        held.bind(([127, 0, 0, 1], 0).into()).expect("a free port");
        let number = held.local_addr().expect("a bound address").port();
        Self { number, _held: held }
    }
}
