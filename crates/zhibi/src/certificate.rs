//! Files by which a client of the broker is known: looked at before anything is dialled, so that what
//! is wrong with them is said at the start, and not taken for a broker that is away.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use web::Tls;
use yasna::Tag;
use yasna::models::ObjectIdentifier;

/// Looks at a client's own certificate and key: both can be read and belong together, nobody else
/// reads the key, and the certificate is in the name by which the broker is to know the client.
///
/// # Errors
/// What is wrong with which file, and what to do.
pub(crate) fn check_own(certificate: &Path, key: &Path, name: &str) -> anyhow::Result<()> {
    check_private(key, "whoever has it can take this place at the broker")?;
    let read = |file: &Path| {
        std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
    };
    let pem = read(certificate)?;
    Tls::new(&pem, &read(key)?).with_context(|| {
        let (certificate, key) = (certificate.display(), key.display());
        format!("certificate {certificate} and key {key} are of no use")
    })?;
    match common_name(&pem) {
        Some(holder) if holder == name => Ok(()),
        Some(holder) => bail!(
            "certificate {} is {holder:?}'s, and this is {name:?}: the broker would take it for \
             {holder:?}. Name the files that were made for {name:?}",
            certificate.display()
        ),
        None => bail!(
            "certificate {} has no common name, by which the broker is to know {name:?}",
            certificate.display()
        ),
    }
}

/// Looks at the file of the authority that signed the broker's certificate.
///
/// # Errors
/// Where it cannot be read, or holds no certificate.
pub(crate) fn check_authority(ca: &Path) -> anyhow::Result<()> {
    let pem = std::fs::read(ca).with_context(|| format!("cannot read {}", ca.display()))?;
    let begins = b"-----BEGIN CERTIFICATE-----";
    ensure!(
        pem.windows(begins.len()).any(|part| part == begins),
        "{} holds no certificate (PEM)",
        ca.display()
    );
    Ok(())
}

/// Refuses a file with a secret that everybody on the machine can read. Its group may: a service has
/// one of its own.
///
/// # Errors
/// Where others can read it, or it cannot be looked at.
pub(crate) fn check_private(file: &Path, why: &str) -> anyhow::Result<()> {
    let looked = std::fs::metadata(file);
    let mode = looked.with_context(|| format!("cannot read {}", file.display()))?.mode() & 0o777;
    ensure!(
        mode & 0o007 == 0,
        "{0} can be read by everybody on this machine (mode {mode:o}), and {why}: chmod 640 {0}, and \
         make it anew if somebody did read it",
        file.display()
    );
    Ok(())
}

/// The common name of the first certificate in PEM text.
fn common_name(pem: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(pem).ok()?;
    let (_, body) = text.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = body.split_once("-----END CERTIFICATE-----")?;
    let body: String = body.split_whitespace().collect();
    let der = STANDARD.decode(body).ok()?;
    let mut subject = None;
    // RFC 5280, section 4.1. What stands behind the subject is not read, which is an error here.
    let _unread = yasna::parse_der(&der, |reader| {
        reader.read_sequence(|reader| {
            reader.next().read_sequence(|reader| {
                reader.read_optional(|version| {
                    version.read_tagged(Tag::context(0), |version| version.read_der())
                })?;
                // Serial number, algorithm, issuer, validity.
                for _ in 0..4 {
                    reader.next().read_der()?;
                }
                subject = Some(reader.next().collect_sequence_of(|names| {
                    names.collect_set_of(|name| {
                        name.read_sequence(|name| {
                            let what = name.next().read_oid()?;
                            Ok((what, name.next().read_tagged_der()?.value().to_vec()))
                        })
                    })
                })?);
                Ok(())
            })
        })
    });
    // id-at-commonName.
    let is_name = |what: &ObjectIdentifier| what.components().as_slice() == [2, 5, 4, 3];
    let (_, name) = subject?.into_iter().flatten().find(|(what, _)| is_name(what))?;
    String::from_utf8(name).ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use rcgen::{CertificateParams, DnType, KeyPair};

    use super::*;

    /// A certificate and a key in a folder.
    fn files(folder: &Path, name: &str) -> (std::path::PathBuf, std::path::PathBuf) {
        let pair = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::OrganizationName, "示例小学");
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.self_signed(&pair).expect("a certificate");
        let (at, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        std::fs::write(&at, certificate.pem()).expect("written");
        std::fs::write(&key, pair.serialize_pem()).expect("written");
        mode(&key, 0o600);
        (at, key)
    }

    fn mode(file: &Path, mode: u32) {
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(file, mode).expect("its owner may");
    }

    #[test]
    fn what_is_wrong_with_ones_own_files_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let (certificate, key) = files(folder.path(), "room-12");
        let told = |name: &str| {
            let error = check_own(&certificate, &key, name).err()?;
            Some(crate::told(&error))
        };
        assert_eq!(told("room-12"), None);
        let other = told("room-13").expect("another's");
        assert!(other.contains("cert.pem is \"room-12\"'s, and this is \"room-13\""), "{other}");
        mode(&key, 0o644);
        let open = told("room-12").expect("readable");
        assert!(
            open.contains("key.pem can be read by everybody") && open.contains("644"),
            "{open}"
        );
        mode(&key, 0o640);
        assert_eq!(told("room-12"), None);
        std::fs::write(&key, "no key").expect("written");
        let bad = told("room-12").expect("no key");
        assert!(bad.contains("key.pem are of no use"), "{bad}");
        std::fs::remove_file(&key).expect("removed");
        let missing = told("room-12").expect("no file");
        assert!(missing.contains("cannot read") && missing.contains("key.pem"), "{missing}");
        let pair = KeyPair::generate().expect("a key");
        std::fs::write(&key, pair.serialize_pem()).expect("written");
        mode(&key, 0o600);
        let foreign = told("room-12").expect("another's key");
        assert!(foreign.contains("of no use"), "{foreign}");
    }
}
