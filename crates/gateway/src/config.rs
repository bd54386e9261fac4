//! What a gateway must be told.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use firmware_protocol::GatewayId;

/// Everything that differs between gateways.
#[derive(Clone, Debug)]
pub struct Config {
    /// The gateway's id, which is its client id too.
    pub id: GatewayId,
    /// Where it sends to.
    pub broker: Broker,
    /// The folder of its spool, made where there is none. One process has it at a time.
    pub spool: PathBuf,
    /// Bytes on disk that chunks may take while they wait for receipts, notes of receipts included;
    /// when they are reached, pens are refused and keep what they have. At least three quarters of it
    /// hold chunks then. While garbage is collected, as much of a file (3 MiB at most) may lie there
    /// beyond it for a moment.
    pub spool_bytes_max: u64,
    /// Bytes of one bundle at most. Clamped between what one chunk needs and
    /// [`firmware_protocol::BUNDLE_BYTES_MAX`].
    pub bundle_bytes_max: usize,
    /// How long a chunk waits for others before its bundle is sent.
    pub bundle_wait: Duration,
    /// Chunks that may be under way without a receipt.
    pub in_flight_max: usize,
    /// How long without a receipt before a chunk is sent again.
    pub resend_after: Duration,
}

/// An MQTT 3.1.1 broker.
#[derive(Clone, Debug)]
pub struct Broker {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// User name and password, where the broker wants them.
    pub credentials: Option<(String, Secret)>,
    /// How the connection is encrypted; `None`: not at all.
    pub tls: Option<Tls>,
}

/// PEM files for an encrypted connection. They are read at each connection, so that a renewed
/// certificate is used from the next one on.
#[derive(Clone, Debug)]
pub struct Tls {
    /// The authorities, of which one must have signed the broker's certificate.
    pub ca: PathBuf,
    /// The gateway's own certificate with its chain, and its key.
    pub identity: Option<(PathBuf, PathBuf)>,
}

/// Text that no log shows.
#[derive(Clone)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
