//! What a gateway must be told.

use std::fmt;
use std::time::Duration;

use firmware_protocol::GatewayId;

/// Everything that differs between gateways.
#[derive(Clone, Debug)]
pub struct Config {
    /// The gateway's id, which is its client id too.
    pub id: GatewayId,
    /// Where it sends to.
    pub broker: Broker,
    /// Bytes of chunks that may wait for receipts; when they are reached, pens wait.
    pub spool_bytes_max: usize,
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
}

/// Text that no log shows.
#[derive(Clone)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
