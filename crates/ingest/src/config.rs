//! What the ingestion must be told.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rumqttc::Transport;

/// Server time, Unix milliseconds. It may run faster than real time.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Everything that is configured.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the broker is.
    pub broker: Broker,
    /// The client id of the connection that subscribes; the one that sends receipts appends
    /// `-receipts`. Unique at the broker.
    pub client_id: String,
    /// Which topics are subscribed.
    pub subscription: Subscription,
    /// Chunks that make a batch full; at least 1.
    pub batch_chunks_max: usize,
    /// How long a batch that is not full waits for more.
    pub batch_wait: Duration,
    /// Bytes of messages that may wait for the store. When it is full, reading pauses; where that
    /// does not help, the connection is dropped until half of it is free: the backlog waits in
    /// broker and gateways. At least twice
    /// [`firmware_protocol::BUNDLE_BYTES_MAX`].
    pub memory_bytes_max: usize,
    /// Random bits that spread the waits of several replicas.
    pub seed: u64,
    /// Sees every message on the ink topic that is taken in, whatever it holds.
    pub observer: Option<Observer>,
}

/// Where a broker is and how it knows us.
#[derive(Clone, Debug)]
pub struct Broker {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// User name and password, where the broker wants them.
    pub credentials: Option<(String, Secret)>,
    /// How the connection is encrypted; `None`: it is not.
    pub tls: Option<Tls>,
}

/// Files of certificates, PEM. They are read for each connection, so that renewed ones are taken up
/// at the next; while one cannot be read, there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The authority that signed the broker's certificate.
    pub ca: PathBuf,
    /// Our certificate and its key, where the broker wants one.
    pub client: Option<(PathBuf, PathBuf)>,
}

impl Tls {
    /// The transport with the files as they are now.
    pub(crate) fn transport(&self) -> std::io::Result<Transport> {
        let ca = std::fs::read(&self.ca)?;
        let client = self.client.as_ref().map(|(certificate, key)| {
            Ok::<_, std::io::Error>((std::fs::read(certificate)?, std::fs::read(key)?))
        });
        Ok(Transport::tls(ca, client.transpose()?, None))
    }
}

/// A word that no log shows.
#[derive(Clone)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Somebody who looks on: called with the gateway's id, or the topic where it names no gateway, and
/// the whole payload, also of a message that is no bundle or too long to be one. A message that is
/// too long to be read ends the connection and is not seen.
///
/// It is called by the task that polls the broker, before the message is stored or answered, so it
/// must return at once; nothing that it does changes what is stored or answered. A message that is
/// delivered again is seen again.
#[derive(Clone)]
pub struct Observer(pub Arc<Look>);

/// Sees where a payload came from, and the payload.
type Look = dyn Fn(&str, &[u8]) + Send + Sync;

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// Which ink is ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subscription {
    /// All of it.
    Plain,
    /// A share of it: the broker divides it among the group `ingest`. The session ends with its
    /// connection, since a broker also gives messages to the session of a member that is gone, and
    /// gateways would send the same chunk there again and again.
    Shared,
    /// That of the gateways of these shards, for brokers that cannot divide it.
    Shards(Vec<u8>),
}

impl Subscription {
    /// The filters for ink; states are subscribed plainly by everyone.
    pub(crate) fn ink_filters(&self) -> Vec<String> {
        match self {
            Self::Plain => vec![firmware_protocol::SUBSCRIBE_INK.to_owned()],
            Self::Shared => vec![format!("$share/ingest/{}", firmware_protocol::SUBSCRIBE_INK)],
            Self::Shards(shards) => {
                // The first wildcard level is the shard.
                let of = |shard: &u8| {
                    firmware_protocol::SUBSCRIBE_INK.replacen('+', &format!("{shard:02}"), 1)
                };
                shards.iter().map(of).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests;
