//! What a service manager hears of the service and of a gateway on its socket: ready, alive, stopping.
//!
//! Failure: ready said twice or never, a word that the service is alive while its writer cannot
//! answer, silence once it can again, no word when it stops. Not failure: how many words come.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use sqlx::{Connection, SqliteConnection};
use test_needs::Port;
use zhibi_tests::{Serve, Zhibi};

/// No word takes longer; a limit, not a wait.
const WITHIN: Duration = Duration::from_secs(60);
/// What the manager allows; a word comes twice in it.
const WATCHDOG: Duration = Duration::from_millis(400);

struct Manager {
    socket: UnixDatagram,
}

impl Manager {
    fn hears(&self, within: Duration) -> Option<String> {
        let mut buffer = [0; 256];
        self.socket.set_read_timeout(Some(within)).expect("a socket takes a limit");
        let len = self.socket.recv(&mut buffer).ok()?;
        Some(String::from_utf8_lossy(&buffer[..len]).trim().to_owned())
    }

    fn hears_now(&self) -> String {
        self.hears(WITHIN).expect("a word comes")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_manager_hears_ready_alive_and_stopping() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("notify");
    let manager = Manager { socket: UnixDatagram::bind(&path).expect("a socket") };
    let database = folder.path().join("z.db");
    let broker = Port::take();
    let config = folder.path().join("zhibi.toml");
    let text = format!(
        "[store]\npath = {database:?}\n[broker]\nembedded = true\nport = {}\n\
         [web]\nlisten = \"127.0.0.1:0\"\nsecure_cookies = false\n",
        broker.number
    );
    std::fs::write(&config, text).expect("a file in a temporary folder");
    let socket = path.to_str().expect("a UTF-8 path");
    let usec = WATCHDOG.as_micros().to_string();
    let serve = Serve::start_with(&config, &[("NOTIFY_SOCKET", socket), ("WATCHDOG_USEC", &usec)]);

    assert_eq!(manager.hears_now(), "READY=1");
    for _ in 0..3 {
        assert_eq!(manager.hears_now(), "WATCHDOG=1");
    }

    // Somebody else holds the database's write lock: the writer waits for it and cannot answer.
    let url = format!("sqlite:{}", database.display());
    let mut other = SqliteConnection::connect(&url).await.expect("the database");
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.expect("the lock");
    // One word may have been on its way.
    let silent = (0..3).any(|_| manager.hears(2 * WATCHDOG).is_none());
    assert!(silent, "the service says that it is alive while its writer does not answer");
    sqlx::query("ROLLBACK").execute(&mut other).await.expect("the lock is let go");
    assert_eq!(manager.hears_now(), "WATCHDOG=1");
    other.close().await.expect("a database is closed");

    serve.stop();
    let mut last = None;
    while let Some(word) = manager.hears(Duration::from_millis(1)) {
        last = Some(word);
    }
    assert_eq!(last.as_deref(), Some("STOPPING=1"));
}

/// Failure: a gateway that says ready before its spool is open, or not at all, or no word when it
/// stops.
#[test]
fn the_service_manager_hears_of_a_gateway_too() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("notify");
    let manager = Manager { socket: UnixDatagram::bind(&path).expect("a socket") };
    let config = folder.path().join("gateway.toml");
    // Nobody listens at port 1: a gateway takes ink without a broker.
    let text = "id = \"room-12\"\n[broker]\nhost = \"127.0.0.1\"\nport = 1\n[spool]\n\
                folder = \"spool\"\n[pens]\nsockets = [\"pens.sock\"]\n";
    std::fs::write(&config, text).expect("a file in a temporary folder");
    let name = config.to_str().expect("a UTF-8 path");
    let mut gateway = Zhibi::command(&["gateway", "--config", name])
        .env("NOTIFY_SOCKET", &path)
        .spawn()
        .expect("it starts");
    assert_eq!(manager.hears_now(), "READY=1");
    assert!(folder.path().join("spool/lock").exists() && folder.path().join("pens.sock").exists());
    let pid = gateway.id().to_string();
    let told = std::process::Command::new("kill").arg(pid).status();
    assert!(told.is_ok_and(|status| status.success()));
    assert_eq!(manager.hears_now(), "STOPPING=1");
    assert!(gateway.wait().expect("it ends").success());
}
