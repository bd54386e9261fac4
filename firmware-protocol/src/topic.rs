//! Topics: `zhibi/v1/{shard}/{gateway}/{channel}`.

use core::fmt;

use crate::crc32c;

/// Every gateway's ink.
pub const SUBSCRIBE_INK: &str = "zhibi/v1/+/+/up/ink";

/// Gateways are dealt into so many shards.
pub const SHARDS: u8 = 64;

/// Every gateway's birth and will.
pub const SUBSCRIBE_STATE: &str = "zhibi/v1/+/+/up/state";

/// What the service's own client ids begin with, and no gateway's. A broker lets one connection
/// have an id: a gateway with the service's would take ingest's place.
pub const RESERVED_PREFIX: &str = "zhibi-";

/// A gateway's id, which is its client id too: 1 to 32 of `[a-z0-9-]`, not beginning with
/// [`RESERVED_PREFIX`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GatewayId {
    bytes: [u8; 32],
    len: u8,
}

impl GatewayId {
    /// # Errors
    /// [`TopicError::Gateway`] unless `id` is 1 to 32 of `[a-z0-9-]`, [`TopicError::Reserved`] where
    /// it is the service's.
    pub fn parse(id: &str) -> Result<Self, TopicError> {
        if id.starts_with(RESERVED_PREFIX) {
            return Err(TopicError::Reserved);
        }
        let legal = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let mut bytes = [0; 32];
        match bytes.get_mut(..id.len()) {
            Some(room) if !id.is_empty() && id.bytes().all(legal) => {
                room.copy_from_slice(id.as_bytes());
            }
            _ => return Err(TopicError::Gateway),
        }
        // At most 32.
        Ok(Self { bytes, len: id.len() as u8 })
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or("")
    }

    /// The shard its topics lie in: CRC-32C of the id, modulo [`SHARDS`].
    pub fn shard(&self) -> u8 {
        (crc32c(self.as_str().as_bytes()) % u32::from(SHARDS)) as u8
    }
}

impl fmt::Debug for GatewayId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for GatewayId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is said on a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Bundles of a gateway's pens.
    UpInk,
    /// A gateway's retained birth, and its will.
    UpState,
    /// Bundles of receipts.
    DownReceipt,
    /// A retained policy.
    DownPolicy,
}

impl Channel {
    const ALL: [Self; 4] = [Self::UpInk, Self::UpState, Self::DownReceipt, Self::DownPolicy];

    fn as_str(self) -> &'static str {
        match self {
            Self::UpInk => "up/ink",
            Self::UpState => "up/state",
            Self::DownReceipt => "down/receipt",
            Self::DownPolicy => "down/policy",
        }
    }
}

/// Why a topic is none of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopicError {
    /// It is not `zhibi/v1/{shard}/{gateway}/{channel}`.
    Form,
    /// The gateway's id is not 1 to 32 of `[a-z0-9-]`.
    Gateway,
    /// The gateway's id is one of the service's own.
    Reserved,
    /// The shard is not the gateway's.
    Shard,
}

impl fmt::Display for TopicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "the topic is not zhibi/v1/{shard}/{gateway}/{channel}",
            Self::Gateway => "the gateway's id is not 1 to 32 of [a-z0-9-]",
            Self::Reserved => "the gateway's id begins with zhibi-, which is the service's",
            Self::Shard => "the shard is not the gateway's: CRC-32C of its id, modulo 64",
        })
    }
}

impl core::error::Error for TopicError {}

/// A topic of one gateway; its `Display` is the topic itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Whose it is.
    pub gateway: GatewayId,
    /// What is said on it.
    pub channel: Channel,
}

impl Topic {
    /// # Errors
    /// See [`TopicError`].
    pub fn parse(topic: &str) -> Result<Self, TopicError> {
        let rest = topic.strip_prefix("zhibi/v1/").ok_or(TopicError::Form)?;
        let (shard, rest) = rest.split_once('/').ok_or(TopicError::Form)?;
        let (gateway, channel) = rest.split_once('/').ok_or(TopicError::Form)?;
        let channel = Channel::ALL
            .into_iter()
            .find(|known| known.as_str() == channel)
            .ok_or(TopicError::Form)?;
        let gateway = GatewayId::parse(gateway)?;
        if shard.len() != 2 || shard.parse() != Ok(gateway.shard()) {
            return Err(TopicError::Shard);
        }
        Ok(Self { gateway, channel })
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { gateway, channel } = self;
        write!(f, "zhibi/v1/{:02}/{gateway}/{}", gateway.shard(), channel.as_str())
    }
}
