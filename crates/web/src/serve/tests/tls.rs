//! TLS on the listener.
//!
//! Failure: a request over TLS that is not answered, whatever others do on the port; plain http that
//! hangs; a certificate that is served with a key that is not its own.

use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use super::*;

/// A certificate for `localhost`, and its key, both PEM.
struct Pair {
    certificate: String,
    key: String,
}

fn made() -> Pair {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    Pair { certificate: made.cert.pem(), key: made.signing_key.serialize_pem() }
}

impl Pair {
    fn tls(&self) -> Tls {
        Tls::new(self.certificate.as_bytes(), self.key.as_bytes()).unwrap()
    }
}

async fn served(pair: &Pair, change: impl FnOnce(&mut Config)) -> (Served, Tls) {
    let tls = pair.tls();
    let secured = |config: &mut Config| {
        (config.tls, config.secure_cookies) = (true, true);
        change(config);
    };
    (Served::over(Some(tls.clone()), secured).await, tls)
}

/// A connection of a client that trusts this certificate alone.
async fn connect(served: &Served, trusted: &Pair) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_slice(trusted.certificate.as_bytes()).unwrap();
    roots.add(certificate).unwrap();
    let config = ClientConfig::builder_with_provider(crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, served.connect().await).await
}

/// What a request gets over TLS, to the connection's end; `None` where that takes longer than
/// [`PATIENCE`].
async fn asked(served: &Served, trusted: &Pair) -> Option<String> {
    let asked = async {
        let mut stream = connect(served, trusted).await.unwrap();
        let port = served.address.port();
        let request =
            format!("GET /login HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    tokio::time::timeout(PATIENCE, asked).await.ok()
}

async fn ask(served: &Served, trusted: &Pair) -> String {
    asked(served, trusted).await.expect("an answer in time")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_view_answers_over_tls_and_says_to_stay_there() {
    let pair = made();
    let (served, _tls) = served(&pair, |_| ()).await;
    let answer = ask(&served, &pair).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age="), "{answer}");
    let stranger = connect(&served, &made()).await;
    assert!(stranger.is_err(), "who does not trust the certificate sees nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_is_told_what_the_port_speaks() {
    let pair = made();
    let (served, _tls) = served(&pair, |_| ()).await;
    let answer = served.ask("GET /login HTTP/1.1\r\nhost: {host}\r\n\r\n").await;
    let (head, body) = answer.split_once("\r\n\r\n").expect("a whole answer");
    assert!(head.starts_with("HTTP/1.1 400"), "{head}");
    assert!(head.contains(&format!("content-length: {}", body.len())), "{answer:?}");
    assert!(body.contains("https"), "{body}");
    ask(&served, &pair).await;
}

/// Handshakes that never go on, and some that never were.
#[tokio::test(flavor = "multi_thread")]
async fn handshakes_that_hang_do_not_stop_the_site() {
    let pair = made();
    // A record's head that promises 512 bytes.
    for opening in ["", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", "\u{16}", "GET"] {
        let answers = answers_in_some_round(async || {
            let (served, _tls) = served(&pair, |config| config.connections_max = 64).await;
            let mut held = Vec::new();
            for _ in 0..220 {
                held.push(served.send(opening).await);
            }
            let answer = asked(&served, &pair).await;
            answer.is_some_and(|answer| {
                assert!(answer.starts_with("HTTP/1.1 200 OK"), "{opening:?}: {answer}");
                true
            })
        });
        assert!(answers.await, "{opening:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_handshake_is_ended() {
    let (served, _tls) = served(&made(), |_| ()).await;
    let mut silent = served.send("\u{16}").await;
    let mut heard = Vec::new();
    let limit = super::super::tls::HANDSHAKE_WITHIN * 2;
    let ended = tokio::time::timeout(limit, silent.read_to_end(&mut heard)).await;
    assert!(ended.is_ok(), "a handshake is waited for no longer than it may take");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_served_from_then_on() {
    let (old, new) = (made(), made());
    let (served, tls) = served(&old, |_| ()).await;
    let refused = tls.replace(new.certificate.as_bytes(), old.key.as_bytes());
    assert!(matches!(refused, Err(TlsError::Pair(_))), "{refused:?}");
    assert!(connect(&served, &old).await.is_ok(), "what was there stays");
    tls.replace(new.certificate.as_bytes(), new.key.as_bytes()).unwrap();
    assert!(connect(&served, &new).await.is_ok());
    assert!(connect(&served, &old).await.is_err());
}

#[test]
fn what_is_no_certificate_or_no_key_is_told_apart() {
    let pair = made();
    let said = |certificate: &str, key: &str| {
        Tls::new(certificate.as_bytes(), key.as_bytes()).unwrap_err().to_string()
    };
    assert!(said("", &pair.key).starts_with("the certificate: "));
    assert!(said(&pair.key, &pair.key).starts_with("the certificate: "));
    assert!(said(&pair.certificate, "").starts_with("the key: "));
    assert!(said(&pair.certificate, &pair.certificate).starts_with("the key: "));
    let other = made();
    assert!(said(&pair.certificate, &other.key).starts_with("certificate and key: "));
    assert_eq!(format!("{:?}", pair.tls()), "Tls { .. }", "no key reaches a log");
}
