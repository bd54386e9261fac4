//! The configuration file of `zhibi serve`.

use std::net::{Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail, ensure};
use firmware_protocol::{RESERVED_PREFIX, SHARDS};
use ingest::Subscription;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use store::StoreUrl;
use web::Network;

use crate::gateway_login::SERVICE;
use crate::service::{self, BrokerAddress, CLIENT_ID, Role};
use crate::{certificate, excerpt};

use super::tls::Files;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    #[serde(default = "all_roles")]
    pub(super) roles: Vec<Role>,
    pub(super) store: StoreConfig,
    pub(super) broker: BrokerConfig,
    #[serde(default = "pipeline_standard")]
    pub(super) pipeline: PipelineConfig,
    #[serde(default = "web_standard")]
    pub(super) web: WebConfig,
    pub(super) conformance: Option<ConformanceConfig>,
    pub(super) metrics: Option<MetricsConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoreConfig {
    path: Option<PathBuf>,
    #[serde(default, deserialize_with = "store_url")]
    url: Option<StoreUrl>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BrokerConfig {
    #[serde(default)]
    pub(super) embedded: bool,
    /// Loopback unless given.
    host: Option<String>,
    #[serde(default = "mqtt_port")]
    pub(super) port: u16,
    /// The service's client id at the broker: one for each replica.
    #[serde(default = "client_id")]
    pub(super) client_id: String,
    /// Which ink this service takes.
    #[serde(default)]
    pub(super) subscription: SubscriptionConfig,
    username: Option<String>,
    /// A file that holds the password alone, so that no password stands in a configuration.
    password_file: Option<PathBuf>,
    /// The authority that signed the broker's certificate, PEM: the connection is then encrypted.
    ca: Option<PathBuf>,
    /// The service's own certificate, PEM, where the broker wants one.
    certificate: Option<PathBuf>,
    /// Its key, PEM.
    key: Option<PathBuf>,
}

/// Which ink a service takes: a word, or shards.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "it is \"plain\", \"shared\" or shards such as [0, 1, 2]")]
pub(super) enum SubscriptionConfig {
    Word(SubscriptionWord),
    Shards(Vec<u8>),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SubscriptionWord {
    Plain,
    Shared,
}

impl Default for SubscriptionConfig {
    fn default() -> Self {
        Self::Word(SubscriptionWord::Plain)
    }
}

impl From<SubscriptionConfig> for Subscription {
    fn from(config: SubscriptionConfig) -> Self {
        match config {
            SubscriptionConfig::Word(SubscriptionWord::Plain) => Self::Plain,
            SubscriptionConfig::Word(SubscriptionWord::Shared) => Self::Shared,
            SubscriptionConfig::Shards(shards) => Self::Shards(shards),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PipelineConfig {
    pub(super) threads: Option<usize>,
    #[serde(default = "mark_after_rest_ms")]
    pub(super) mark_after_rest_ms: i64,
    /// The name that `mark_after_rest_ms` had; pens have a rest_ms of their own.
    rest_ms: Option<toml::Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WebConfig {
    #[serde(default = "listen")]
    pub(super) listen: SocketAddr,
    /// Names that browsers use beside the listener's own: `zhibi.school.example`.
    #[serde(default)]
    pub(super) hosts: Vec<String>,
    /// Addresses or networks whose `X-Forwarded-For` counts: `127.0.0.1`, `10.2.0.0/16`.
    #[serde(default, deserialize_with = "networks")]
    pub(super) trusted_proxies: Vec<Network>,
    #[serde(default = "secure")]
    pub(super) secure_cookies: bool,
    /// A certificate with its chain, PEM: the listener then speaks https alone.
    certificate: Option<PathBuf>,
    /// Its key, PEM.
    key: Option<PathBuf>,
}

/// For pens on a bench.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConformanceConfig {
    /// The file that what arrives is written to.
    pub(super) report: PathBuf,
}

/// For whoever watches the service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MetricsConfig {
    /// Where Prometheus scrapes; loopback, unless a network of one's own is trusted.
    #[serde(default = "metrics_listen")]
    pub(super) listen: SocketAddr,
}

fn metrics_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 9464))
}

fn all_roles() -> Vec<Role> {
    vec![Role::Ingest, Role::Pipeline, Role::Web]
}

fn pipeline_standard() -> PipelineConfig {
    PipelineConfig { threads: None, mark_after_rest_ms: mark_after_rest_ms(), rest_ms: None }
}

fn web_standard() -> WebConfig {
    WebConfig {
        listen: listen(),
        hosts: Vec::new(),
        trusted_proxies: Vec::new(),
        secure_cookies: secure(),
        certificate: None,
        key: None,
    }
}

fn networks<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Network>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    texts.iter().map(|text| text.parse().map_err(D::Error::custom)).collect()
}

fn store_url<'de, D: Deserializer<'de>>(from: D) -> Result<Option<StoreUrl>, D::Error> {
    String::deserialize(from)?.parse().map(Some).map_err(D::Error::custom)
}

/// The broker's host where none is given.
const LOOPBACK: &str = "127.0.0.1";

fn client_id() -> String {
    CLIENT_ID.to_owned()
}

fn mqtt_port() -> u16 {
    1883
}

fn mark_after_rest_ms() -> i64 {
    2_000
}

fn listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

fn secure() -> bool {
    true
}

/// More threads than cores mark no faster, and no machine has more cores.
const THREADS_MAX: usize = 1_024;

impl Config {
    /// Reads and checks a file; errors name file, line and what would be valid.
    pub(super) fn load(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let mut config = Self::parse(&text)
            .with_context(|| format!("{} is no configuration", path.display()))?;
        if holds_password(&text) {
            certificate::check_private(path, "it holds a password of the database")?;
        }
        // What a file names lies beside it, wherever the service was started.
        let folder = path.parent().unwrap_or(Path::new(""));
        for named in [
            config.store.path.as_mut(),
            config.broker.password_file.as_mut(),
            config.broker.ca.as_mut(),
            config.broker.certificate.as_mut(),
            config.broker.key.as_mut(),
            config.web.certificate.as_mut(),
            config.web.key.as_mut(),
            config.conformance.as_mut().map(|conformance| &mut conformance.report),
        ]
        .into_iter()
        .flatten()
        {
            *named = folder.join(&*named);
        }
        if let Some(url) = &mut config.store.url
            && let Some(file) = url.path()
        {
            *url = folder.join(file).as_path().into();
        }
        Ok(config)
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        // An error shows the line that it is about.
        let config: Self = toml::from_str(text)
            .map_err(|error| anyhow!("{}", excerpt::without_passwords(&error.to_string())))?;
        ensure!(!config.roles.is_empty(), "roles is empty: name ingest, pipeline or web");
        ensure!(
            config.pipeline.rest_ms.is_none(),
            "pipeline.rest_ms is called pipeline.mark_after_rest_ms now"
        );
        ensure!(
            (0..=600_000).contains(&config.pipeline.mark_after_rest_ms),
            "pipeline.mark_after_rest_ms is {}: it is 0 to 600000",
            config.pipeline.mark_after_rest_ms
        );
        ensure!(
            config.pipeline.threads.is_none_or(|threads| (1..=THREADS_MAX).contains(&threads)),
            "pipeline.threads is {}: it is 1 to {THREADS_MAX}",
            config.pipeline.threads.unwrap_or_default()
        );
        ensure!(
            config.web.secure_cookies || config.web.listen.ip().is_loopback(),
            "web.secure_cookies = false is for loopback alone, and web.listen is {}",
            config.web.listen
        );
        ensure!(
            config.web.certificate.is_some() == config.web.key.is_some(),
            "[web] names a certificate and its key, both or neither"
        );
        ensure!(
            config.web.secure_cookies || config.web.certificate.is_none(),
            "web.certificate makes the view speak https: take secure_cookies = false out"
        );
        config.store.url()?;
        config.broker.check()?;
        let id = &config.broker.client_id;
        ensure!(
            // Short enough that any broker takes it with -receipts appended.
            id.starts_with(RESERVED_PREFIX) && id.len() <= 32 && !id.contains(char::is_whitespace),
            "broker.client_id is {id:?}: it begins with {RESERVED_PREFIX}, so that no gateway has \
             it, and has at most 32 characters"
        );
        for host in &config.web.hosts {
            // A path or a scheme would match no request.
            let bare = !host.is_empty() && !host.contains(['/', '@', ' ']);
            ensure!(bare, "web.hosts names {host:?}: it is a name such as zhibi.school.example");
        }
        ensure!(
            config.conformance.is_none() || config.roles.contains(&Role::Ingest),
            "[conformance] reports what ingest takes in, and roles does not name ingest"
        );
        Ok(config)
    }
}

impl WebConfig {
    /// The files of certificate and key, if the listener speaks https itself.
    pub(super) fn certificate(&self) -> Option<Files> {
        let (certificate, key) = self.certificate.clone().zip(self.key.clone())?;
        Some(Files { certificate, key })
    }
}

impl StoreConfig {
    /// Where the store is.
    pub(super) fn url(&self) -> anyhow::Result<StoreUrl> {
        match (&self.path, &self.url) {
            (Some(path), None) => {
                // Shown nowhere: a server's url may hold a password.
                let file = !path.to_string_lossy().contains("://");
                ensure!(file, "[store] path is a file's: a server is named by url");
                Ok(path.as_path().into())
            }
            (None, Some(url)) => Ok(url.clone()),
            _ => bail!("[store] names a path or a url, one of the two"),
        }
    }
}

impl BrokerConfig {
    /// Refuses settings that would have no effect or could never be reached.
    fn check(&self) -> anyhow::Result<()> {
        if self.embedded {
            for (key, said) in [
                ("host", self.host.is_some()),
                ("username", self.username.is_some()),
                ("password_file", self.password_file.is_some()),
                ("ca", self.ca.is_some()),
                ("certificate", self.certificate.is_some()),
                ("key", self.key.is_some()),
            ] {
                ensure!(
                    !said,
                    "broker.{key} has no effect beside embedded = true: that broker listens on \
                     {LOOPBACK} and wants no password; leave one of the two out"
                );
            }
            ensure!(
                !matches!(self.subscription, SubscriptionConfig::Shards(_)),
                "broker.subscription names shards beside embedded = true: that broker has no other \
                 service, so the ink of all other shards would be taken by nobody; leave it out"
            );
            return Ok(());
        }
        let host = self.host.as_deref().unwrap_or(LOOPBACK);
        let odd = |char: char| char.is_whitespace() || char.is_control() || "/@[]".contains(char);
        let named = !host.is_empty() && !host.contains(odd);
        ensure!(
            named && (!host.contains(':') || host.parse::<Ipv6Addr>().is_ok()),
            "broker.host is {host:?}: it is a name or an address alone, such as \
             mqtt.school.example; the port goes into broker.port"
        );
        if let SubscriptionConfig::Shards(shards) = &self.subscription {
            ensure!(
                !shards.is_empty() && shards.iter().all(|shard| *shard < SHARDS),
                "broker.subscription names shards of 0 to {}, and at least one",
                SHARDS - 1
            );
            let mut sorted = shards.clone();
            sorted.sort_unstable();
            if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
                bail!("broker.subscription names shard {} twice", twice[0]);
            }
        }
        ensure!(self.port != 0, "broker.port is 0: it is 1 to 65535, and 1883 for most brokers");
        ensure!(
            self.certificate.is_some() == self.key.is_some(),
            "[broker] names a certificate and its key, both or neither"
        );
        ensure!(
            self.certificate.is_none() || self.username.is_none(),
            "[broker] names a certificate and a username: a broker knows a client by one of them; \
             leave the other out"
        );
        ensure!(
            self.ca.is_some() || self.certificate.is_none(),
            "broker.certificate needs broker.ca: the authority that signed the broker's certificate"
        );
        Ok(())
    }

    /// The address of a broker that runs in its own process.
    pub(super) fn address(&self) -> anyhow::Result<BrokerAddress> {
        let (username, file) = (self.username.as_deref(), self.password_file.as_deref());
        let credentials = service::credentials(username, file).context("[broker]")?;
        let host = self.host.clone().unwrap_or_else(|| LOOPBACK.to_owned());
        Ok(BrokerAddress { host, port: self.port, credentials, tls: self.tls()? })
    }

    /// The files of an encrypted connection. Each is read when it is made; what is wrong with them
    /// now is told now.
    fn tls(&self) -> anyhow::Result<Option<ingest::Tls>> {
        let Some(ca) = self.ca.clone() else { return Ok(None) };
        certificate::check_authority(&ca).context("broker.ca")?;
        let client = self.certificate.clone().zip(self.key.clone());
        if let Some((certificate, key)) = &client {
            certificate::check_own(certificate, key, SERVICE).context("[broker]")?;
        }
        Ok(Some(ingest::Tls { ca, client }))
    }
}

/// Whether a url in a configuration holds a password.
fn holds_password(text: &str) -> bool {
    let lines = text.lines().map(str::trim_start).filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once("://")).any(|(_, url)| {
        let (url, parameters) = url.split_once('?').unwrap_or((url, ""));
        let user = url.rsplit_once('@').map(|(user, _)| user);
        user.is_some_and(|user| user.contains(':')) || parameters.contains("password=")
    })
}

#[cfg(test)]
mod tests;
