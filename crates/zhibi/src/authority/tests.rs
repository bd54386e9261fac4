//! What OpenSSL makes of these certificates is seen in the end-to-end tests, at a real broker.

use std::os::unix::fs::PermissionsExt;

use super::*;

const NOW_MS: i64 = 1_790_000_000_000;

fn mode(file: &Path) -> u32 {
    std::fs::metadata(file).unwrap().mode() & 0o777
}

#[test]
fn it_is_made_once_and_opened_after() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("authority");
    let made = Authority::open_or_make(&folder, NOW_MS).unwrap();
    assert_eq!((mode(&folder), mode(&folder.join(CA_KEY))), (0o700, 0o600));
    let opened = Authority::open_or_make(&folder, NOW_MS).unwrap();
    assert_eq!(made.certificate, opened.certificate);
    // Both sign under the same name.
    let issuer = |authority: &Authority| format!("{:?}", authority.issuer);
    assert_eq!(issuer(&made), issuer(&opened));
}

#[test]
fn a_key_that_others_can_read_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    Authority::open_or_make(folder.path(), NOW_MS).unwrap();
    let key = folder.path().join(CA_KEY);
    std::fs::set_permissions(&key, PermissionsExt::from_mode(0o640)).unwrap();
    let refused = Authority::open_or_make(folder.path(), NOW_MS).err().unwrap().to_string();
    assert!(refused.contains("ca-key.pem") && refused.contains("640"), "{refused}");
}

#[test]
fn half_an_authority_is_not_made_whole_by_a_new_one() {
    for lost in [CA, CA_KEY] {
        let folder = tempfile::tempdir().unwrap();
        Authority::open_or_make(folder.path(), NOW_MS).unwrap();
        std::fs::remove_file(folder.path().join(lost)).unwrap();
        let refused = Authority::open_or_make(folder.path(), NOW_MS).err().unwrap().to_string();
        assert!(refused.contains("only one"), "{lost}: {refused}");
    }
}

#[test]
fn nothing_that_is_carried_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::open_or_make(&folder.path().join("ca"), NOW_MS).unwrap();
    let issued = authority.issue(&Holder::Client("room-12"), NOW_MS).unwrap();
    let out = folder.path().join("room-12");
    make_ready(&out).unwrap();
    carry(&out, &authority, &issued).unwrap();
    assert_eq!(mode(&out.join("key.pem")), 0o600);
    assert!(make_ready(&out).unwrap_err().to_string().contains("ca.pem"));
    assert!(carry(&out, &authority, &issued).is_err());
    assert_eq!(issued.row.holder, "room-12");
    assert_eq!(issued.row.serial.len(), 32);
}

#[test]
fn what_is_no_host_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::open_or_make(folder.path(), NOW_MS).unwrap();
    let issue = |host: &str| authority.issue(&Holder::Broker(&[host.to_owned()]), NOW_MS);
    for host in ["mqtt.school.example", "10.2.0.5", "fd00::5"] {
        assert!(issue(host).is_ok(), "{host}");
    }
    for host in ["", "mqtt://a", "a:8883", "学校", "a b"] {
        assert!(issue(host).is_err(), "{host:?}");
    }
}
