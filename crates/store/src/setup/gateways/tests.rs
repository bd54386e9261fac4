use super::*;
use crate::fixture::{Fixture, school};
use crate::{Delivery, GatewaySeen, GatewaySession, PenSeen};

fn row(id: &str, of: &str, password: &str) -> GatewayRow {
    GatewayRow {
        id: id.into(),
        school: of.into(),
        classroom: "三（1）班".into(),
        login: GatewayLogin::Password(password.into()),
    }
}

fn certificate(serial: &str, holder: &str, until_ms: i64) -> CertificateRow {
    CertificateRow { serial: serial.into(), holder: holder.into(), from_ms: 0, until_ms }
}

fn by_root(at_ms: i64) -> DoneBy<'static> {
    DoneBy { at_ms, user: "root" }
}

async fn of_school(store: &Store, id: &str) -> Vec<GatewayLine> {
    let school = KeptSchool { id: id.into(), name_zh: "—".into(), name_en: "—".into() };
    store.gateways_kept(&school).await.unwrap()
}

#[tokio::test]
async fn a_gateway_is_enrolled_revoked_and_enrolled_again() {
    let Fixture { store, folder: _folder, .. } = Fixture::without_runs().await;
    store.insert_school(school("s-2", None)).await.unwrap();
    assert!(!store.enrol_gateway(row("g-1", "s", "one"), by_root(10)).await.unwrap());
    assert!(store.enrol_gateway(row("g-1", "s", "two"), by_root(20)).await.unwrap());
    let refused = store.enrol_gateway(row("g-1", "s-2", "three"), by_root(30)).await;
    assert!(matches!(refused, Err(StoreError::GatewayElsewhere { .. })), "{refused:?}");
    let two = vec![("g-1".to_owned(), "two".to_owned())];
    assert_eq!(store.gateway_passwords().await.unwrap(), two);
    store.revoke_gateway("g-1", by_root(40)).await.unwrap();
    assert!(store.gateway_passwords().await.unwrap().is_empty());
    assert_eq!(of_school(&store, "s").await[0].revoked_ms, Some(40));
    assert!(of_school(&store, "s-2").await.is_empty(), "another school's");
    assert!(store.revoke_gateway("g-2", by_root(40)).await.is_err());
    store.enrol_gateway(row("g-1", "s", "four"), by_root(50)).await.unwrap();
    assert_eq!(of_school(&store, "s").await[0].revoked_ms, None);
}

/// Failure: a certificate that still counts although its gateway was enrolled anew or revoked; one
/// that was renewed and no longer counts.
#[tokio::test]
async fn certificates_count_until_they_are_revoked() {
    let Fixture { store, folder: _folder, .. } = Fixture::without_runs().await;
    let with = |serial: &str| GatewayRow {
        login: GatewayLogin::Certificate(certificate(serial, "g-1", 1_000)),
        ..row("g-1", "s", "")
    };
    let serials = async |now_ms| -> Vec<String> {
        let rows = store.revoked_certificates(now_ms).await.unwrap();
        rows.into_iter().map(|(serial, _)| serial).collect()
    };
    store.enrol_gateway(row("g-1", "s", "one"), by_root(10)).await.unwrap();
    let renewed = store.renew_gateway(certificate("0a", "g-1", 9), false, by_root(11)).await;
    assert!(matches!(renewed, Err(StoreError::Missing { .. })), "it has a password: {renewed:?}");
    store.enrol_gateway(with("01"), by_root(20)).await.unwrap();
    assert!(store.gateway_passwords().await.unwrap().is_empty());
    assert_eq!(of_school(&store, "s").await[0].certificate_until_ms, Some(1_000));
    store.renew_gateway(certificate("02", "g-1", 2_000), false, by_root(30)).await.unwrap();
    assert_eq!(serials(0).await, [""; 0]);
    assert_eq!(of_school(&store, "s").await[0].certificate_until_ms, Some(2_000));
    store.renew_gateway(certificate("03", "g-1", 3_000), true, by_root(40)).await.unwrap();
    assert_eq!(serials(0).await, ["01", "02"]);
    assert_eq!(serials(1_500).await, ["02"], "the other has ended");
    store.enrol_gateway(with("04"), by_root(50)).await.unwrap();
    assert_eq!(serials(0).await, ["01", "02", "03"]);
    store.revoke_gateway("g-1", by_root(60)).await.unwrap();
    assert_eq!(store.revoked_certificates(0).await.unwrap()[3], ("04".to_owned(), 60));
    assert_eq!(of_school(&store, "s").await[0].certificate_until_ms, None);
    let renewed = store.renew_gateway(certificate("05", "g-1", 9), false, by_root(70)).await;
    assert!(matches!(renewed, Err(StoreError::Missing { .. })), "it is revoked: {renewed:?}");
    store.note_certificate(certificate("06", "zhibi", 5_000), false, by_root(80)).await.unwrap();
    assert_eq!(store.certificate_until_ms("zhibi").await.unwrap(), Some(5_000));
    store.note_certificate(certificate("07", "zhibi", 4_000), true, by_root(90)).await.unwrap();
    assert_eq!(store.certificate_until_ms("zhibi").await.unwrap(), Some(4_000));
    assert_eq!(store.certificate_until_ms("zhibi-broker").await.unwrap(), None);
}

#[tokio::test]
async fn what_is_heard_stands_beside_what_is_enrolled() {
    let Fixture { store, folder: _folder, .. } = Fixture::without_runs().await;
    store.enrol_gateway(row("g-1", "s", "one"), by_root(10)).await.unwrap();
    let session = Some(GatewaySession { online: true, session: 1, began_ms: 90 });
    let seen =
        |gateway: &str, session| GatewaySeen { gateway: gateway.into(), seen_ms: 100, session };
    let pen = |pen, backlog| PenSeen {
        pen,
        gateway: "g-1".into(),
        seen_ms: 100,
        battery_percent: None,
        charging: false,
        backlog,
    };
    let delivery = Delivery {
        gateways_seen: vec![seen("g-1", session), seen("g-1", None), seen("g-9", None)],
        pens_seen: vec![pen(1, 3), pen(2, 4)],
        ..Delivery::default()
    };
    store.take_delivery(delivery).await.unwrap();
    let lines = of_school(&store, "s").await;
    let [known, stranger] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((known.online, known.since_ms, known.ink_ms), (Some(true), Some(100), Some(100)));
    assert_eq!((known.pens, known.backlog), (2, 7));
    assert_eq!((stranger.id.as_str(), stranger.school.as_deref()), ("g-9", None));
    assert_eq!((stranger.online, stranger.ink_ms), (None, Some(100)));
    // The broker began anew, and the gateway has not come back yet.
    store.gateways_gone(700).await.unwrap();
    let gone = of_school(&store, "s").await.remove(0);
    assert_eq!((gone.online, gone.since_ms), (Some(false), Some(700)));
    // With a second school nothing tells whose the other is.
    store.insert_school(school("s-2", None)).await.unwrap();
    assert_eq!(of_school(&store, "s").await.len(), 1);
    assert_eq!(store.gateways().await.unwrap().len(), 2);
}
