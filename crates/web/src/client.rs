//! Who is at the other end: an address that limits are kept by.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};

/// Whom a limit counts as one: an IPv4 address, or the /64 that an IPv6 address lies in, which is
/// the least that one subscriber gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ClientKey(IpAddr);

impl ClientKey {
    pub(crate) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
            }
            v4 => v4,
        })
    }
}

impl fmt::Display for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An address, or all that share its first bits: `127.0.0.1`, `10.2.0.0/16`, `fd00::/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// A text that is no [`Network`].
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address or a network such as 127.0.0.1 or 10.2.0.0/16: {0:?}")]
pub struct NetworkError(String);

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let error = || NetworkError(text.to_owned());
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse().map_err(|_| error())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| error())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        if bits > most { Err(error()) } else { Ok(Self { address, bits }) }
    }
}

impl Network {
    /// Whether the address lies in it. An IPv4 address in IPv6 form is the IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (ours, theirs, most) = match (self.address, address.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits().into(), b.to_bits().into(), 32),
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128),
            _ => return false,
        };
        // No bits: everything; a shift by all of them would overflow.
        u128::checked_shr(ours ^ theirs, most - u32::from(self.bits)).unwrap_or(0) == 0
    }
}

/// Whether an address is one of the proxies.
pub(crate) fn is_proxy(proxies: &[Network], address: IpAddr) -> bool {
    proxies.iter().any(|network| network.contains(address))
}

/// Who asks: the other end of the connection or, if that is a trusted proxy, the last address in
/// `X-Forwarded-For` that is not a trusted proxy. What a client writes there itself stands before
/// what the proxies add, and so counts for nothing; without trusted proxies the header is ignored.
pub(crate) fn client(parts: &Parts, proxies: &[Network]) -> Option<ClientKey> {
    let peer = peer(&parts.extensions)?;
    let mut client = peer;
    let forwarded = forwarded(&parts.headers);
    let mut before = forwarded.iter().rev();
    while is_proxy(proxies, client) {
        // Text that is not an address was not added by a proxy that we trust.
        let Some(address) = before.next().and_then(|text| address(text)) else { break };
        client = address;
    }
    Some(ClientKey::of(client))
}

/// The address at the other end of the connection.
fn peer(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip())
}

/// Every element of every `X-Forwarded-For`, in order.
fn forwarded(headers: &HeaderMap) -> Vec<&str> {
    let values = headers.get_all("x-forwarded-for").iter();
    values.flat_map(|value| value.to_str().unwrap_or("?").split(',')).map(str::trim).collect()
}

/// An address, with a port or without.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()))
}

#[cfg(test)]
mod tests;
