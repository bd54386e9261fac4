//! What a log holds of hostile requests.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

use super::*;

/// Everything that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// Form fields, each with a secret of its own.
const FORM: &str = "login=wang&password=SecretOne99&current=SecretTwo99&locale=SecretThree";

#[tokio::test]
async fn no_secret_stands_in_a_log() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    // This test's runtime has one thread, so that all that it serves is logged here.
    let _logging = tracing::subscriber::set_default(subscriber);
    let served = Served::with(|_| ()).await;
    let token = served.school.link("t-wang").await;
    let used = served.school.link("t-wang").await;
    let mut secrets = vec![token.clone(), used.clone()];
    secrets.extend(["SecretOne99", "SecretTwo99", "SecretThree"].map(String::from));
    let heads = ["", "sec-fetch-site: same-origin\r\n", "sec-fetch-site: cross-site\r\n"];
    let hosts = ["{host}", "evil.example"];
    let cookie = format!("cookie: zhibi={token}; zhibi-device={used}; zhibi-locale=en\r\n");
    let paths = [
        format!("/link/{token}%0a"),
        format!("/link/{token}/more"),
        format!("/nothing?{token}"),
        format!("/login?next=/link/{token}"),
        "/login".into(),
        "/password".into(),
        "/locale".into(),
        // Last, with what uses it up after all the refused.
        format!("/link/{used}"),
    ];
    let mut statuses = std::collections::BTreeSet::new();
    for path in &paths {
        for (method, body) in [("GET", ""), ("PUT", FORM), ("POST", "x".repeat(20_000).as_str())]
            .into_iter()
            .chain([("POST", "password=short"), ("POST", FORM), ("POST", FORM)])
        {
            for (host, head) in hosts.iter().flat_map(|host| heads.map(|head| (host, head))) {
                let request = format!(
                    "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{head}\
                     {cookie}content-type: application/x-www-form-urlencoded\r\n\
                     content-length: {}\r\n\r\n{body}",
                    body.len()
                );
                let answer = served.ask(&request).await;
                statuses.extend(answer.get(9..12).map(str::to_owned));
                for line in answer.lines().filter(|line| line.starts_with("set-cookie: ")) {
                    let value = line.split(['=', ';']).nth(1).unwrap_or("");
                    secrets.extend((value.len() == 64).then(|| value.to_owned()));
                }
            }
        }
    }
    for status in ["200", "303", "400", "403", "405", "410", "413", "421", "422"] {
        assert!(statuses.contains(status), "{status} was not reached: {statuses:?}");
    }
    assert!(secrets.len() > 5, "somebody logged in");
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("refused a request from another site"), "{log}");
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} stands in the log");
    }
}
