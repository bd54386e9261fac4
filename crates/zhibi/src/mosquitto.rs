//! What mosquitto reads: its hardened configuration with everything that it names, and lines of its
//! password file: PBKDF2 of SHA-512, as `mosquitto_passwd` writes it.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, anyhow, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pbkdf2::sha2::Sha512;
use store::{DoneBy, Store};

use crate::authority::{Authority, Holder};
use crate::{local_time, whole_file};

/// Lines of mosquitto's access list: what PROTOCOL.md asks for, for all gateways at once.
pub(crate) const ACCESS: &str = "\
user zhibi
topic read zhibi/v1/+/+/up/#
topic write zhibi/v1/+/+/down/#
pattern write zhibi/v1/+/%u/up/#
pattern read zhibi/v1/+/%u/down/#";

/// The configuration, with names in braces for what differs between installations.
const CONFIGURATION: &str = include_str!("mosquitto/mosquitto.conf");

/// At which addresses the broker is always dialled.
const LOOPBACK: [&str; 2] = ["localhost", "127.0.0.1"];

/// Where a hardened mosquitto reads its files, and where it listens.
pub(crate) struct Place<'a> {
    out: &'a Path,
    listen: SocketAddr,
    service: SocketAddr,
    /// The names under which its certificate was made before.
    hosts_before: Vec<String>,
}

/// Where it listens unless something else is said, for gateways and for the service.
const LISTEN: [&str; 2] = ["0.0.0.0:8883", "127.0.0.1:8884"];

/// The line of the configuration that holds what it was made with.
const MADE_WITH: &str = "# Made with: ";

impl<'a> Place<'a> {
    /// The place of a folder; what is not said is as it was before.
    ///
    /// # Errors
    /// Where the line of the configuration that tells what was before was changed.
    pub(crate) fn of(
        out: &'a Path,
        listen: Option<SocketAddr>,
        service: Option<SocketAddr>,
    ) -> anyhow::Result<Self> {
        let file = out.join("mosquitto.conf");
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let before = text.lines().find_map(|line| line.strip_prefix(MADE_WITH)).unwrap_or("");
        let (mut listeners, mut hosts_before) = (LISTEN.map(str::to_owned), Vec::new());
        for word in before.split(' ').filter(|word| !word.is_empty()) {
            match word.split_once('=') {
                Some(("listen", address)) => listeners[0] = address.to_owned(),
                Some(("service", address)) => listeners[1] = address.to_owned(),
                Some(("host", host)) => hosts_before.push(host.to_owned()),
                _ => {}
            }
        }
        let of = |said: Option<SocketAddr>, at: usize| match said {
            Some(address) => Ok(address),
            None => listeners[at].parse().map_err(|_| {
                anyhow!(
                    "{}: its line {MADE_WITH:?} names no address in {:?}: mend it, or say --listen \
                     and --service",
                    file.display(),
                    listeners[at]
                )
            }),
        };
        Ok(Self { out, listen: of(listen, 0)?, service: of(service, 1)?, hosts_before })
    }

    /// Writes everything under `hosts`; where there are none, the revocation list alone.
    pub(crate) async fn write(
        &self,
        store: &Store,
        authority: &Authority,
        hosts: &[String],
        done: DoneBy<'_>,
    ) -> anyhow::Result<()> {
        let list = self.out.join("crl.pem");
        self.check_authority(authority)?;
        if !hosts.is_empty() {
            whole_file::make_folder(self.out)?;
            self.write_all(store, authority, hosts, done).await?;
        }
        let revoked = store.revoked_certificates(done.at_ms).await?;
        whole_file::replace(&list, &authority.revocations(&revoked, done.at_ms)?, 0o644)?;
        let count = crate::say::counted(revoked.len(), "certificate", "certificates");
        tell!("{} names {count}; restart mosquitto, which reads it then", list.display());
        Ok(())
    }

    /// Refuses to write a list alone into a folder that is not set up: nobody would read it there.
    pub(crate) fn check(&self, hosts: &[String]) -> anyhow::Result<()> {
        ensure!(
            self.listen != self.service,
            "--listen and --service are both {}: gateways and the service have a listener each",
            self.listen
        );
        ensure!(
            !hosts.is_empty() || self.out.join("crl.pem").exists(),
            "{} is not set up yet: --host says at which name or address clients dial the broker",
            self.out.display()
        );
        Ok(())
    }

    /// Refuses a folder that another authority set up: with this one's list the broker would let
    /// nobody in.
    fn check_authority(&self, authority: &Authority) -> anyhow::Result<()> {
        let known = std::fs::read_to_string(self.out.join("ca.pem"));
        ensure!(
            known.is_err() || known.is_ok_and(|known| known == authority.certificate),
            "{} was set up by another authority: name that one with --authority, or another --out",
            self.out.display()
        );
        Ok(())
    }

    async fn write_all(
        &self,
        store: &Store,
        authority: &Authority,
        hosts: &[String],
        done: DoneBy<'_>,
    ) -> anyhow::Result<()> {
        let folder = self.out.canonicalize();
        let folder = folder.with_context(|| format!("cannot find {}", self.out.display()))?;
        let mut hosts: Vec<String> = self.hosts_before.iter().chain(hosts).cloned().collect();
        let mut seen = std::collections::BTreeSet::from(LOOPBACK.map(str::to_owned));
        hosts.retain(|host| seen.insert(host.clone()));
        let mut names: Vec<String> = LOOPBACK.map(str::to_owned).into();
        names.extend(hosts.iter().cloned());
        let issued = authority.issue(&Holder::Broker(&names), done.at_ms)?;
        store.note_certificate(issued.row.clone(), false, done).await?;
        for (name, text, mode) in [
            ("broker-key.pem", &*issued.key, 0o640),
            ("broker.pem", &*issued.certificate, 0o644),
            ("ca.pem", &*authority.certificate, 0o644),
            ("acl", &*format!("{ACCESS}\n"), 0o644),
            ("mosquitto.conf", &*self.configuration(&folder, &hosts), 0o644),
        ] {
            whole_file::replace(&folder.join(name), text, mode)?;
        }
        tell!(
            "{} is written; the broker's certificate is good until {}",
            folder.join("mosquitto.conf").display(),
            local_time::text(issued.row.until_ms)
        );
        tell!(
            "it names {}; gateways dial {}, the service {}",
            names.join(", "),
            self.listen,
            self.service
        );
        tell!("mosquitto's user must be able to read {}, and nobody else", folder.display());
        Ok(())
    }

    fn configuration(&self, folder: &Path, hosts: &[String]) -> String {
        let hosts: String = hosts.iter().map(|host| format!(" host={host}")).collect();
        let made_with =
            format!("{MADE_WITH}listen={} service={}{hosts}", self.listen, self.service);
        CONFIGURATION
            .replace("{made with}", &made_with)
            .replace("{folder}", &folder.display().to_string())
            .replace("{gateways}", &listener(self.listen))
            .replace("{service}", &listener(self.service))
    }
}

/// What stands behind `listener`. Without an address mosquitto listens on all, of both families.
fn listener(address: SocketAddr) -> String {
    match address.ip().is_unspecified() {
        true => address.port().to_string(),
        false => format!("{} {}", address.port(), address.ip()),
    }
}

/// Bytes of salt, as `mosquitto_passwd` takes.
pub(crate) const SALT_BYTES: usize = 12;
/// What mosquitto 2 does by default. Our passwords are random bits, which no guessing finds.
const ROUNDS: u32 = 101;

/// A password of five random bits a letter that can be read out: no letters or figures that look alike.
pub(crate) fn password(secret: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let letters: Vec<char> =
        secret.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    letters.chunks(5).map(String::from_iter).collect::<Vec<_>>().join("-")
}

/// What stands behind a user name and a colon.
pub(crate) fn hash(password: &str, salt: &[u8]) -> String {
    let mut hash = [0; 64];
    pbkdf2::pbkdf2_hmac::<Sha512>(password.as_bytes(), salt, ROUNDS, &mut hash);
    format!("$7${ROUNDS}${}${}", STANDARD.encode(salt), STANDARD.encode(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Failure: a hash that differs from the one that `mosquitto_passwd` 2.0.11 wrote for the same
    /// password with that salt.
    #[test]
    fn it_is_what_mosquitto_writes() {
        let salt = STANDARD.decode("K2ozhnkQkw2ObQgW").unwrap();
        assert_eq!(
            hash("abcde-fghij-23456-kmnpq", &salt),
            "$7$101$K2ozhnkQkw2ObQgW$TlKbmblOSDd4Q8Yeyt/oVccIImNJVHzzWl0ymBLm0jR2VzjhCqbuEnpxtGoT5nvC9emtRH/0AePqJLjbDoKprg=="
        );
    }

    #[test]
    fn a_password_can_be_read_out() {
        let told = password(&(0..20).map(|n| n * 13).collect::<Vec<u8>>());
        assert_eq!(told.len(), 23, "{told}");
        assert!(!told.contains(['l', 'o', '0', '1']), "{told}");
    }
}
