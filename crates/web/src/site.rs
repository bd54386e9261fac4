//! Under which names the view is reached. A request for another name was led here by somebody
//! else's DNS, and a form from another origin by somebody else's page.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, StatusCode, Uri, header};

use crate::config::Config;

/// The names of the view.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// Configured names with their port where it is not the scheme's, lower case; reached by
    /// `scheme`, at a proxy or here.
    public: Vec<String>,
    /// `https` where cookies are bound to it.
    scheme: &'static str,
    /// Names of the listener itself, reached by `local_scheme`.
    local: Vec<String>,
    /// `https` where the listener itself speaks TLS.
    local_scheme: &'static str,
    /// Listening on every address, it is reached by any of them, on this port. An address as a
    /// name is safe: only names can be pointed elsewhere.
    any_address: Option<u16>,
}

impl Site {
    pub(crate) fn new(config: &Config) -> Self {
        let scheme = if config.secure_cookies { "https" } else { "http" };
        let public = config.hosts.iter().map(|host| without_port(&host.to_lowercase(), scheme));
        let local_scheme = if config.tls { "https" } else { "http" };
        let (ip, port) = (config.listen.ip(), config.listen.port());
        let mut local = vec![config.listen.to_string()];
        if ip.is_loopback() || ip.is_unspecified() {
            for name in ["localhost", "127.0.0.1", "[::1]"] {
                local.push(format!("{name}:{port}"));
            }
        }
        Self {
            public: public.collect(),
            scheme,
            local: local.iter().map(|host| without_port(host, local_scheme)).collect(),
            local_scheme,
            any_address: ip.is_unspecified().then_some(port),
        }
    }

    /// Refuses a request that is not for this site: the status to answer with.
    pub(crate) fn check(&self, headers: &HeaderMap, uri: &Uri) -> Result<(), StatusCode> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return Err(StatusCode::BAD_REQUEST);
        };
        let host = host.to_str().map_err(|_| StatusCode::BAD_REQUEST)?;
        let target = uri.authority().map_or(host, |authority| authority.as_str());
        let known = self.is_own(host) && self.is_own(target);
        if known { Ok(()) } else { Err(StatusCode::MISDIRECTED_REQUEST) }
    }

    /// The address of this site under a name by which it was reached: what a printed link begins
    /// with.
    pub(crate) fn address(&self, host: &str) -> String {
        format!("{}://{}", self.scheme_of(host), host.to_lowercase())
    }

    fn is_own(&self, host: &str) -> bool {
        let host = host.to_lowercase();
        self.public.contains(&without_port(&host, self.scheme)) || self.is_local(&host)
    }

    /// By which scheme a host that is this site's is reached.
    fn scheme_of(&self, host: &str) -> &'static str {
        if self.is_local(&host.to_lowercase()) { self.local_scheme } else { self.scheme }
    }

    fn is_local(&self, host: &str) -> bool {
        let address = || Some((host.parse::<SocketAddr>().ok()?, self.any_address?));
        let standard = if self.local_scheme == "https" { 443 } else { 80 };
        self.local.contains(&without_port(host, self.local_scheme))
            || address().is_some_and(|(address, port)| address.port() == port)
            || (self.any_address == Some(standard) && host.parse::<IpAddr>().is_ok())
    }

    /// Whether an `Origin` is this site: scheme, name and port.
    pub(crate) fn is_origin(&self, origin: &str) -> bool {
        let origin = origin.to_lowercase();
        let Some((scheme, host)) = origin.split_once("://") else { return false };
        let public = scheme == self.scheme && self.public.contains(&without_port(host, scheme));
        public || (scheme == self.local_scheme && self.is_local(host))
    }
}

/// A host without the port that its scheme means anyway.
fn without_port(host: &str, scheme: &str) -> String {
    let port = if scheme == "https" { ":443" } else { ":80" };
    host.strip_suffix(port).unwrap_or(host).to_owned()
}

/// One byte of a query's value.
pub(crate) fn percent(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    }
}

/// Where a form may send the visitor afterwards: a page of this site, or home. Of an address that
/// only takes forms, the page to which they belong.
pub(crate) fn local_path(next: &str) -> &str {
    let plain = next.starts_with('/')
        && !next.starts_with("//")
        && next.bytes().all(|b| (0x21..0x7f).contains(&b) && b != b'\\');
    if plain { page_of(next) } else { "/" }
}

/// The page of an address that only takes forms; any other address itself.
fn page_of(path: &str) -> &str {
    let bare = path.split('?').next().unwrap_or(path);
    let parts: Vec<&str> = bare.split('/').skip(1).collect();
    let (page, _) = bare.rsplit_once('/').unwrap_or((bare, ""));
    match parts[..] {
        ["logout" | "locale"] | ["school", _, "run", _, "give"] => "/",
        ["a", _, "collect" | "give-back" | "due" | "withdraw" | "undo"]
        | ["c", _, "ink", "undo"] => page,
        ["school", _, "sheet", _, _, "print"] => page,
        ["school", _, "people", _] | ["account", "codes", _] => page,
        ["a", _, "parents", "revoke"] => page,
        ["a", _, _, _, "pens", ..] => bare.rsplit_once("/pens").map_or(bare, |(page, _)| page),
        ["a", _, _, _, "hand-in" | "give-back"] => page,
        _ => path,
    }
}

#[cfg(test)]
mod tests;
