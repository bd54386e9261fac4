//! Ports of loopback.

use tokio::net::TcpSocket;

/// A port of loopback that nobody else is given while this is held.
///
/// It is bound but not listened on. A server that reuses addresses, as mosquitto and ChromeDriver
/// do, can therefore listen there, also after a restart, but only the one that was told the number.
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
