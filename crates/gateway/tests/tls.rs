//! The encrypted connection to a broker that asks for the gateway's certificate.
//!
//! Failure: a gateway with a certificate of another authority gets in, or one with the right one does
//! not; a renewed certificate needs a restart; a broker of another authority is believed.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use firmware_protocol::GatewayId;
use gateway::{Config, Gateway, Tls};
use rcgen::{CertificateParams, CertifiedIssuer, DnType, KeyPair};
use test_needs::{Port, missing, program};
use tokio::time::timeout;

/// Far beyond what anything here takes.
const LONG: Duration = Duration::from_secs(30);

struct Broker(Child);

impl Drop for Broker {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    CertifiedIssuer::self_signed(params, key).expect("an authority")
}

/// Writes a certificate and its key as NAME.pem and NAME.key.
fn issue(by: &Authority, folder: &Path, name: &str, host: &str) {
    let mut params = CertificateParams::new(vec![host.to_owned()]).expect("a name");
    params.distinguished_name.push(DnType::CommonName, host);
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, by).expect("a certificate");
    write(folder, &format!("{name}.pem"), &certificate.pem());
    write(folder, &format!("{name}.key"), &key.serialize_pem());
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("a file in a temporary folder");
}

fn start(folder: &Path, port: u16, ca: &str) -> Gateway {
    let config = Config {
        id: GatewayId::parse("room-12").expect("a legal name"),
        broker: gateway::Broker {
            host: "localhost".to_owned(),
            port,
            credentials: None,
            tls: Some(Tls {
                ca: folder.join(ca),
                identity: Some((folder.join("gateway.pem"), folder.join("gateway.key"))),
            }),
        },
        spool: folder.join(format!("spool-{ca}")),
        spool_bytes_max: 1 << 20,
        bundle_bytes_max: 8_192,
        bundle_wait: Duration::from_millis(5),
        in_flight_max: 256,
        resend_after: LONG,
    };
    gateway::start(config, Arc::new(|| 1_788_220_800_000)).expect("the spool opens")
}

/// Waits until the gateway's status is `so`.
async fn until(gateway: &Gateway, so: impl Fn(&gateway::Status) -> bool) {
    let reached = async {
        while !so(&gateway.status().await.expect("it runs")) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(LONG, reached).await.expect("in time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_right_certificate_gets_in_also_one_that_comes_later() {
    let Some(mosquitto) = program("mosquitto") else {
        missing("mosquitto", "tests/run");
        return;
    };
    let (folder, port) = (tempfile::tempdir().expect("a folder"), Port::take());
    let folder = folder.path();
    let (ours, other) = (authority("ours"), authority("other"));
    write(folder, "ca.pem", &ours.pem());
    write(folder, "other.pem", &other.pem());
    issue(&ours, folder, "broker", "localhost");
    issue(&other, folder, "gateway", "room-12");
    let config = format!(
        "listener {} 127.0.0.1\ncafile {1}/ca.pem\ncertfile {1}/broker.pem\nkeyfile {1}/broker.key\n\
         require_certificate true\nuse_identity_as_username true\nlog_type none\nuser root\n",
        port.number,
        folder.display()
    );
    write(folder, "mosquitto.conf", &config);
    let _broker = Broker(
        Command::new(mosquitto)
            .arg("-c")
            .arg(folder.join("mosquitto.conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("mosquitto starts"),
    );
    let gateway = start(folder, port.number, "ca.pem");
    until(&gateway, |status| status.trouble.is_some()).await;
    assert!(!gateway.status().await.expect("it runs").is_connected);
    // Renewed: the next attempt takes it.
    issue(&ours, folder, "gateway", "room-12");
    until(&gateway, |status| status.is_connected).await;
    gateway.stop().await;
    // A broker that another authority vouches for is none.
    let wary = start(folder, port.number, "other.pem");
    until(&wary, |status| status.trouble.as_ref().is_some_and(|t| t.contains("UnknownIssuer")))
        .await;
    assert!(!wary.status().await.expect("it runs").is_connected);
    wary.stop().await;
}
