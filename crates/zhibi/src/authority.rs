//! The authority of an installation: it signs the certificates by which gateways, the service and
//! the broker know each other, and says which of them no longer count.
//!
//! Its folder holds `ca.pem`, which everybody may see, and `ca-key.pem`, by which anybody could let
//! themselves in at the broker. A key that it makes for somebody else goes into a folder to be
//! carried there and is kept nowhere.

use std::net::IpAddr;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::{Context, anyhow, bail, ensure};
use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevokedCertParams, SanType, SerialNumber,
};
use store::CertificateRow;
use time::OffsetDateTime;

use crate::service::random_bits;
use crate::whole_file::{make_folder, sync_folder, write_new};

const DAY_MS: i64 = 24 * 3_600_000;
/// How long the authority's own certificate is good: longer than the building's gateways.
const AUTHORITY_MS: i64 = 20 * 365 * DAY_MS;
/// How long the others are: a gateway is visited in the holidays of every second year.
const VALID_MS: i64 = 800 * DAY_MS;
/// From when before its end a certificate is to be renewed.
pub(crate) const RENEW_MS: i64 = 60 * DAY_MS;
/// Everything is dated back by this: the clock of who checks it may be slow.
const CLOCK_SLACK_MS: i64 = DAY_MS;

/// Its certificate.
const CA: &str = "ca.pem";
const CA_KEY: &str = "ca-key.pem";
/// The files of a folder that is carried to somebody.
pub(crate) const CARRIED: [&str; 3] = ["ca.pem", "cert.pem", "key.pem"];

/// Who signs.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// PEM.
    pub(crate) certificate: String,
    /// Tells it from every other authority: the identifier of its key, in hexadecimal.
    pub(crate) id: String,
}

/// What a certificate says of its holder.
pub(crate) enum Holder<'a> {
    /// A client of the broker: its user name there.
    Client(&'a str),
    /// The broker: the names and addresses at which clients dial it.
    Broker(&'a [String]),
}

/// The name under which the authority itself is noted, so that no other one signs in its place.
pub(crate) const AUTHORITY: &str = "zhibi-authority";

/// The name under which the broker's own certificates are noted.
pub(crate) const BROKER: &str = "zhibi-broker";

/// A certificate with its key, which nobody else has.
pub(crate) struct Issued {
    pub(crate) row: CertificateRow,
    /// PEM.
    pub(crate) certificate: String,
    /// PEM.
    pub(crate) key: String,
}

impl Authority {
    /// Whether a folder holds anything of an authority.
    pub(crate) fn is_in(folder: &Path) -> bool {
        folder.join(CA).exists() || folder.join(CA_KEY).exists()
    }

    /// Opens the authority of a folder; one that is not there yet is made, and told.
    pub(crate) fn open_or_make(folder: &Path, now_ms: i64) -> anyhow::Result<Self> {
        let (certificate, key) = (folder.join(CA), folder.join(CA_KEY));
        match (certificate.exists(), key.exists()) {
            (true, true) => Self::open(&certificate, &key),
            (false, false) => Self::make(folder, now_ms),
            _ => bail!(
                "{} holds only one of {CA} and {CA_KEY}: put the other back from a copy",
                folder.display()
            ),
        }
    }

    fn open(certificate: &Path, key: &Path) -> anyhow::Result<Self> {
        let mode = std::fs::metadata(key).map(|file| file.mode() & 0o777);
        let mode = mode.with_context(|| format!("cannot look at {}", key.display()))?;
        ensure!(
            mode & 0o077 == 0,
            "{} can be read by others (mode {mode:o}): whoever has it can let themselves in at the \
             broker. chmod 600 it if nobody did read it",
            key.display()
        );
        let read = |path: &Path| {
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
        };
        let pair = KeyPair::from_pem(&read(key)?)
            .map_err(|error| anyhow!("{} holds no key: {error}", key.display()))?;
        Ok(Self::of(pair, read(certificate)?))
    }

    fn make(folder: &Path, now_ms: i64) -> anyhow::Result<Self> {
        let key = KeyPair::generate().map_err(wrong)?;
        let pem = key.serialize_pem();
        let mut params = params(&key);
        (params.not_before, params.not_after) =
            (moment(now_ms - CLOCK_SLACK_MS)?, moment(now_ms + AUTHORITY_MS)?);
        let certificate = params.self_signed(&key).map_err(wrong)?.pem();
        make_folder(folder)?;
        write_new(&folder.join(CA_KEY), &pem, 0o600)?;
        write_new(&folder.join(CA), &certificate, 0o644)?;
        sync_folder(folder)?;
        tell!(
            "{} is the new authority of this installation: keep a copy of it where nobody else \
             comes, since certificates can be neither renewed nor revoked without it",
            folder.display()
        );
        Ok(Self::of(key, certificate))
    }

    fn of(key: KeyPair, certificate: String) -> Self {
        let params = params(&key);
        let id = params.key_identifier(&key).iter().map(|byte| format!("{byte:02x}")).collect();
        Self { issuer: Issuer::new(params, key), certificate, id }
    }

    /// What is noted of the authority itself, under its id in place of a serial number.
    pub(crate) fn row(&self, now_ms: i64) -> CertificateRow {
        let (from_ms, until_ms) = (now_ms, now_ms + AUTHORITY_MS);
        let holder = AUTHORITY.to_owned();
        CertificateRow { serial: self.id.clone(), holder, from_ms, until_ms }
    }

    /// Makes a key and a certificate for it.
    pub(crate) fn issue(&self, holder: &Holder<'_>, now_ms: i64) -> anyhow::Result<Issued> {
        let key = KeyPair::generate().map_err(wrong)?;
        let (from_ms, until_ms) = (now_ms - CLOCK_SLACK_MS, now_ms + VALID_MS);
        let mut serial = [0; 16];
        serial.copy_from_slice(&random_bits()[..16]);
        // A positive number of this very length.
        serial[0] = serial[0] & 0x3f | 0x40;
        let mut params = CertificateParams::default();
        (params.not_before, params.not_after) = (moment(from_ms)?, moment(until_ms)?);
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let (name, purpose) = match holder {
            Holder::Client(name) => (*name, ExtendedKeyUsagePurpose::ClientAuth),
            Holder::Broker(hosts) => {
                params.subject_alt_names =
                    hosts.iter().map(|host| alt_name(host)).collect::<Result<_, _>>()?;
                (BROKER, ExtendedKeyUsagePurpose::ServerAuth)
            }
        };
        params.distinguished_name = named(name);
        params.extended_key_usages = vec![purpose];
        let certificate = params.signed_by(&key, &self.issuer).map_err(wrong)?.pem();
        let serial = serial.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Issued {
            row: CertificateRow { serial, holder: name.to_owned(), from_ms, until_ms },
            certificate,
            key: key.serialize_pem(),
        })
    }

    /// The list of certificates that were revoked, by serial number and moment: PEM.
    ///
    /// OpenSSL refuses everybody once a list has ended, so it is good for as long as the authority.
    /// Of two lists it believes the one that was made later.
    pub(crate) fn revocations(
        &self,
        revoked: &[(String, i64)],
        now_ms: i64,
    ) -> anyhow::Result<String> {
        let revoked_certs = revoked.iter().map(|(serial, at_ms)| {
            anyhow::Ok(RevokedCertParams {
                serial_number: SerialNumber::from_slice(&bytes_of(serial)?),
                revocation_time: moment(*at_ms)?,
                reason_code: None,
                invalidity_date: None,
            })
        });
        let list = CertificateRevocationListParams {
            this_update: moment(now_ms - CLOCK_SLACK_MS)?,
            next_update: moment(now_ms + AUTHORITY_MS)?,
            crl_number: SerialNumber::from(now_ms.max(1).cast_unsigned()),
            issuing_distribution_point: None,
            revoked_certs: revoked_certs.collect::<anyhow::Result<_>>()?,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer).and_then(|list| list.pem()).map_err(wrong)
    }
}

/// What the authority's certificate says. All of it follows from the key, so that the certificate
/// need not be read again; the name differs between installations.
fn params(key: &KeyPair) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let of_key: String =
        params.key_identifier(key).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    params.distinguished_name = named(&format!("Zhibi {of_key}"));
    params
}

fn named(name: &str) -> DistinguishedName {
    let mut named = DistinguishedName::new();
    named.push(DnType::CommonName, name);
    named
}

fn alt_name(host: &str) -> anyhow::Result<SanType> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(SanType::IpAddress(address));
    }
    let legal = |char: char| char.is_ascii_alphanumeric() || "-.".contains(char);
    ensure!(
        !host.is_empty() && host.chars().all(legal),
        "{host:?} is no host's name or address, such as mqtt.school.example or 10.2.0.5"
    );
    Ok(SanType::DnsName(Ia5String::try_from(host).map_err(wrong)?))
}

fn moment(ms: i64) -> anyhow::Result<OffsetDateTime> {
    let whole = OffsetDateTime::from_unix_timestamp(ms.div_euclid(1_000));
    whole.with_context(|| format!("{ms} is no moment"))
}

fn bytes_of(serial: &str) -> anyhow::Result<Vec<u8>> {
    let byte = |at| serial.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = (0..serial.len()).step_by(2).map(byte).collect();
    bytes.with_context(|| format!("{serial:?} is no serial number"))
}

fn wrong(error: rcgen::Error) -> anyhow::Error {
    anyhow!("cannot make a certificate: {error}")
}

/// Makes sure that a folder can take what is carried to somebody, before anything is noted.
pub(crate) fn make_ready(folder: &Path) -> anyhow::Result<()> {
    make_folder(folder)?;
    for name in CARRIED {
        let file = folder.join(name);
        ensure!(
            !file.exists(),
            "{} is there already and stays as it is: name another folder",
            file.display()
        );
    }
    Ok(())
}

/// Writes what is carried to somebody: the authority's certificate, theirs, and their key.
pub(crate) fn carry(folder: &Path, authority: &Authority, issued: &Issued) -> anyhow::Result<()> {
    let [ca, certificate, key] = CARRIED.map(|name| folder.join(name));
    write_new(&key, &issued.key, 0o600)?;
    write_new(&certificate, &issued.certificate, 0o644)?;
    write_new(&ca, &authority.certificate, 0o644)?;
    sync_folder(folder)
}

#[cfg(test)]
mod tests;
