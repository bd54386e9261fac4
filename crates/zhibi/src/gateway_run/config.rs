//! The configuration file of `zhibi gateway`.

use std::net::{Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, anyhow, ensure};
use firmware_protocol::{GatewayId, RESERVED_PREFIX};
use serde::Deserialize;

use super::status;
use crate::{certificate, excerpt, service};

/// Bytes of a bundle, and how long a chunk waits for others to fill one: far below what anybody
/// notices, far above what a class's chunks take to come together.
const BUNDLE_BYTES: usize = 16 << 10;
const BUNDLE_WAIT: Duration = Duration::from_millis(50);

/// Chunks under way without a receipt (PROTOCOL.md, section 10).
const IN_FLIGHT_MAX: usize = 4_096;

/// What `sun_path` of unix(7) holds, without the zero at its end.
const SOCKET_PATH_BYTES_MAX: usize = 107;

/// A tebibyte: no gateway's disk has more.
const MIB_MAX: u64 = 1 << 20;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    id: String,
    broker: BrokerConfig,
    spool: SpoolConfig,
    #[serde(default = "pens_standard")]
    pub(super) pens: PensConfig,
    pub(super) metrics: Option<MetricsConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BrokerConfig {
    host: String,
    port: Option<u16>,
    ca: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    username: Option<String>,
    /// A file that holds the password alone, so that no password stands in a configuration.
    password_file: Option<PathBuf>,
    #[serde(default = "resend_after_s")]
    resend_after_s: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SpoolConfig {
    folder: PathBuf,
    #[serde(default = "mib_max")]
    mib_max: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PensConfig {
    #[serde(default)]
    pub(super) listen: Vec<SocketAddr>,
    #[serde(default)]
    pub(super) sockets: Vec<PathBuf>,
    #[serde(default)]
    pub(super) serial: Vec<PathBuf>,
    #[serde(default = "baud")]
    pub(super) baud: u32,
    pub(super) replay: Option<PathBuf>,
    #[serde(default = "connections_max")]
    pub(super) connections_max: usize,
}

/// For whoever watches the gateway.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MetricsConfig {
    /// Where Prometheus scrapes; loopback, unless a network of one's own is trusted.
    #[serde(default = "metrics_listen")]
    pub(super) listen: SocketAddr,
}

fn pens_standard() -> PensConfig {
    PensConfig {
        listen: vec![SocketAddr::from(([127, 0, 0, 1], 7171))],
        sockets: Vec::new(),
        serial: Vec::new(),
        baud: baud(),
        replay: None,
        connections_max: connections_max(),
    }
}

fn resend_after_s() -> u64 {
    60
}

fn mib_max() -> u64 {
    1_024
}

fn baud() -> u32 {
    115_200
}

fn connections_max() -> usize {
    128
}

fn metrics_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 9465))
}

impl Config {
    /// Reads and checks a file; errors name file, line and what would be valid.
    pub(super) fn load(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let mut config = Self::parse(&text)
            .with_context(|| format!("{} is no configuration of a gateway", path.display()))?;
        // What a file names lies beside it, wherever the gateway was started.
        let folder = path.parent().unwrap_or(Path::new(""));
        let Self { broker, spool, pens, .. } = &mut config;
        let files = [
            &mut broker.ca,
            &mut broker.certificate,
            &mut broker.key,
            &mut broker.password_file,
            &mut pens.replay,
        ];
        let named = files.into_iter().flatten().chain([&mut spool.folder]);
        for named in named.chain(&mut pens.sockets).chain(&mut pens.serial) {
            *named = folder.join(&*named);
        }
        config.check_sockets().with_context(|| format!("{}", path.display()))?;
        Ok(config)
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        // An error shows the line that it is about.
        let config: Self = toml::from_str(text)
            .map_err(|error| anyhow!("{}", excerpt::without_passwords(&error.to_string())))?;
        config.id()?;
        config.broker.check()?;
        ensure!(
            !config.spool.folder.as_os_str().is_empty(),
            "spool.folder is empty: name a folder that is this gateway's own, such as \"spool\""
        );
        ensure!(
            (1..=MIB_MAX).contains(&config.spool.mib_max),
            "spool.mib_max is {}: it is 1 to {MIB_MAX}",
            config.spool.mib_max
        );
        let pens = &config.pens;
        ensure!(
            !pens.listen.is_empty()
                || !pens.sockets.is_empty()
                || !pens.serial.is_empty()
                || pens.replay.is_some(),
            "[pens] names no way for pens to come: listen, sockets, serial or replay"
        );
        ensure!(
            (1..=4_096).contains(&pens.connections_max),
            "pens.connections_max is {}: it is 1 to 4096",
            pens.connections_max
        );
        Ok(config)
    }

    fn id(&self) -> anyhow::Result<GatewayId> {
        let id = &self.id;
        ensure!(
            !id.starts_with(RESERVED_PREFIX),
            "id is {id:?}: ids that begin with {RESERVED_PREFIX} are the service's own"
        );
        GatewayId::parse(id).map_err(|error| anyhow!("id is {id:?}: {error}"))
    }

    /// Refuses sockets whose paths are longer than the system takes.
    fn check_sockets(&self) -> anyhow::Result<()> {
        let status = status::socket(self.spool());
        let sockets = self.pens.sockets.iter().map(|path| ("pens.sockets", path));
        for (key, socket) in sockets.chain([("spool.folder: its socket", &status)]) {
            let len = socket.as_os_str().len();
            ensure!(
                len <= SOCKET_PATH_BYTES_MAX,
                "{key} {} is {len} bytes long, and a socket's path has at most \
                 {SOCKET_PATH_BYTES_MAX}: name a shorter place",
                socket.display()
            );
        }
        Ok(())
    }

    /// The folder of the spool.
    pub(super) fn spool(&self) -> &Path {
        &self.spool.folder
    }

    /// The gateway's id.
    pub(super) fn name(&self) -> &str {
        &self.id
    }

    /// What the gateway itself is told. Files that must be there are looked at, so that what is
    /// missing is said at once and not at the first connection.
    pub(super) fn gateway(&self) -> anyhow::Result<gateway::Config> {
        let broker = &self.broker;
        let (username, file) = (broker.username.as_deref(), broker.password_file.as_deref());
        let credentials = service::credentials(username, file).context("[broker]")?;
        let tls = broker.ca.clone().map(|ca| gateway::Tls {
            ca,
            identity: broker.certificate.clone().zip(broker.key.clone()),
        });
        if let Some(gateway::Tls { ca, identity }) = &tls {
            certificate::check_authority(ca).context("broker.ca")?;
            if let Some((certificate, key)) = identity {
                certificate::check_own(certificate, key, &self.id).context("[broker]")?;
            }
        }
        let folder = self.spool();
        ensure!(
            !folder.exists() || folder.is_dir(),
            "spool.folder: {} is a file: name a folder, or move it away",
            folder.display()
        );
        if let Some(capture) = &self.pens.replay {
            ensure!(
                capture.is_file(),
                "pens.replay: there is no file {}: name a capture, or take the line out",
                capture.display()
            );
        }
        Ok(gateway::Config {
            id: self.id()?,
            broker: gateway::Broker {
                host: broker.host.clone(),
                port: broker.port(),
                credentials: credentials.map(|(name, password)| (name, gateway::Secret(password))),
                tls,
            },
            spool: self.spool.folder.clone(),
            spool_bytes_max: self.spool.mib_max << 20,
            bundle_bytes_max: BUNDLE_BYTES,
            bundle_wait: BUNDLE_WAIT,
            in_flight_max: IN_FLIGHT_MAX,
            resend_after: Duration::from_secs(broker.resend_after_s),
        })
    }
}

impl BrokerConfig {
    fn port(&self) -> u16 {
        self.port.unwrap_or(if self.ca.is_some() { 8_883 } else { 1_883 })
    }

    /// Refuses settings that would have no effect or could never be reached.
    fn check(&self) -> anyhow::Result<()> {
        let host = self.host.as_str();
        let odd = |char: char| char.is_whitespace() || char.is_control() || "/@[]".contains(char);
        let named = !host.is_empty() && !host.contains(odd);
        ensure!(
            named && (!host.contains(':') || host.parse::<Ipv6Addr>().is_ok()),
            "broker.host is {host:?}: it is a name or an address alone, such as \
             mqtt.school.example; the port goes into broker.port"
        );
        ensure!(self.port != Some(0), "broker.port is 0: it is 1 to 65535");
        ensure!(
            self.certificate.is_some() == self.key.is_some(),
            "[broker] names a certificate and its key, both or neither"
        );
        ensure!(
            self.certificate.is_none() || self.ca.is_some(),
            "[broker] names a certificate, but no ca that has signed the broker's: without it \
             nothing is encrypted"
        );
        ensure!(
            self.certificate.is_none() || self.username.is_none(),
            "[broker] names a certificate and a username: a broker knows a client by one of them; \
             leave the other out"
        );
        ensure!(
            self.username.is_some() == self.password_file.is_some(),
            "[broker] names a username and its password_file, both or neither"
        );
        ensure!(
            (1..=86_400).contains(&self.resend_after_s),
            "broker.resend_after_s is {}: it is 1 to 86400",
            self.resend_after_s
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "id = \"room-12\"\n[broker]\nhost = \"b\"\n[spool]\nfolder = \"s\"\n";

    #[test]
    fn the_template_is_a_configuration_and_names_every_key() {
        let template = include_str!("gateway.toml");
        Config::parse(template).unwrap();
        // With every example in force but the login, which the certificate excludes.
        let all: String = template
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(key) if key.starts_with("username") || key.starts_with("password") => {
                    String::new()
                }
                Some(key) if key.contains(" = ") || key.starts_with('[') => format!("{key}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let all = Config::parse(&all).unwrap();
        assert!(all.broker.ca.is_some() && all.broker.key.is_some() && all.metrics.is_some());
        let least = Config::parse(LEAST).unwrap();
        assert_eq!((least.broker.port(), all.broker.port()), (1_883, 1_883));
        assert_eq!((least.spool.mib_max, all.spool.mib_max), (1_024, 1_024));
        assert_eq!(least.broker.resend_after_s, all.broker.resend_after_s);
        assert_eq!(least.pens.listen, all.pens.listen);
        assert_eq!(least.pens.connections_max, all.pens.connections_max);
        assert_eq!((least.pens.baud, all.pens.baud), (115_200, 115_200));
        assert_eq!(all.metrics.unwrap().listen, metrics_listen());
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (from, to, said) in [
            ("room-12", "Room 12", "id is \"Room 12\""),
            ("room-12", "zhibi-x", "the service's own"),
            ("\"b\"", "\"mqtt://b:1883\"", "broker.host is"),
            ("\"b\"", "\"b\"\nport = 0", "broker.port is 0"),
            ("\"b\"", "\"b\"\nca = \"c\"\nkey = \"k\"", "both or neither"),
            ("\"b\"", "\"b\"\ncertificate = \"c\"\nkey = \"k\"", "nothing is encrypted"),
            ("\"b\"", "\"b\"\nusername = \"u\"", "password_file"),
            (
                "\"b\"",
                "\"b\"\nca = \"a\"\ncertificate = \"c\"\nkey = \"k\"\nusername = \"u\"\n\
                 password_file = \"p\"",
                "one of them; leave the other out",
            ),
            ("\"s\"", "\"\"", "spool.folder is empty"),
            ("\"b\"", "\"b\"\nhots = 1", "unknown field `hots`"),
            ("\"b\"", "\"b\"\nresend_after_s = 0", "1 to 86400"),
            ("\"s\"", "\"s\"\nmib_max = 0", "spool.mib_max is 0"),
            ("\"s\"", "\"s\"\n[pens]\nlisten = []", "no way for pens"),
            ("\"s\"", "\"s\"\n[pens]\nlisten = [\"x\"]", "invalid socket address"),
            (
                "\"s\"",
                "\"s\"\n[pens]\nlisten = [\"127.0.0.1:1\"]\nconnections_max = 0",
                "1 to 4096",
            ),
            ("[spool]", "[spol]", "spol"),
        ] {
            let error = Config::parse(&LEAST.replace(from, to)).unwrap_err();
            let error = format!("{error:#}");
            assert!(error.contains(said), "{to}: {error}");
        }
    }

    #[test]
    fn a_place_that_cannot_be_used_is_told_before_anything_is_dialled() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("gateway.toml");
        std::fs::write(folder.path().join("s"), "a file").unwrap();
        let told = |text: &str| {
            std::fs::write(&file, text).unwrap();
            let config = Config::load(&file).and_then(|config| config.gateway().map(drop));
            crate::told(&config.unwrap_err())
        };
        assert!(told(LEAST).contains("s is a file: name a folder"));
        let far = "f".repeat(SOCKET_PATH_BYTES_MAX);
        let said = told(&LEAST.replace("\"s\"", &format!("{far:?}")));
        assert!(
            said.contains("spool.folder: its socket") && said.contains("at most 107"),
            "{said}"
        );
        let said = told(&format!("{LEAST}[pens]\nsockets = [{far:?}]\n"));
        assert!(said.contains("pens.sockets") && said.contains("at most 107"), "{said}");
        let replay = LEAST.replace("\"s\"", "\"t\"") + "[pens]\nreplay = \"evening.zcap\"\n";
        let said = told(&replay);
        assert!(said.contains("pens.replay: there is no file") && said.contains("evening.zcap"));
        let encrypted = LEAST.replace("\"b\"", "\"b\"\nca = \"gateway.toml\"");
        assert!(told(&encrypted).contains("holds no certificate"));
    }
}
