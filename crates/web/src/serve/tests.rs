//! Hostile connections against the real listener.
//!
//! Failure: another client's request that is not answered within [`PATIENCE`], a secret in a log.
//! Not failure: which of the hostile connections are ended, and when.

mod log;
mod tls;

use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;

use super::*;
use crate::Config;
use crate::school::{School, config};

/// An answer takes milliseconds; longer than this is a failure. Less than any limit after which a
/// hostile connection is ended anyway: what is shown is that others need not wait for that.
const PATIENCE: Duration = Duration::from_secs(10);
/// A machine that is busy with something else may stand still for longer than [`PATIENCE`] once. A
/// site that is stopped is stopped each time.
const ROUNDS: usize = 3;

/// A school whose view listens on a real port.
struct Served {
    school: School,
    address: SocketAddr,
    _stop: oneshot::Sender<()>,
}

impl Served {
    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::over(None, change).await
    }

    async fn over(tls: Option<Tls>, change: impl FnOnce(&mut Config)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut config = Config { listen: address, ..config() };
        change(&mut config);
        let school = School::with(config).await;
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move { drop(stopped.await) };
        tokio::spawn(serve(listener, school.web.clone(), tls, shutdown));
        Self { school, address, _stop: stop }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// A connection that has sent this and goes on as it likes.
    async fn send(&self, bytes: &str) -> TcpStream {
        let mut stream = self.connect().await;
        let bytes = bytes.replace("{host}", &self.address.to_string());
        // It may have been ended already, which is no failure.
        let _ = stream.write_all(bytes.as_bytes()).await;
        stream
    }

    /// What a request of its own connection is answered with, to the connection's end.
    async fn ask(&self, request: &str) -> String {
        self.asked(request).await.expect("an answer in time")
    }

    /// The same; `None` where the answer takes longer than [`PATIENCE`].
    async fn asked(&self, request: &str) -> Option<String> {
        let answered = async {
            let mut stream = self.send(request).await;
            let mut answer = Vec::new();
            // Ended early is answered as far as it came.
            let _ = stream.read_to_end(&mut answer).await;
            String::from_utf8_lossy(&answer).into_owned()
        };
        tokio::time::timeout(PATIENCE, answered).await.ok()
    }

    /// Whether a page is answered in time; it must be the right answer.
    async fn answers(&self) -> bool {
        let request = "GET /login HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n";
        let answer = self.asked(request).await;
        answer.is_some_and(|answer| {
            assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
            true
        })
    }
}

/// Whether the site answers in one of a few rounds, each with a site and hostile clients of its own.
async fn answers_in_some_round(round: impl AsyncFn() -> bool) -> bool {
    for _ in 0..ROUNDS {
        if round().await {
            return true;
        }
    }
    false
}

/// What hostile clients send before they fall silent.
const OPENINGS: &[&str] = &[
    "",
    "GET /login HTTP/1.1\r\nhost: {host}\r\nx-a: b",
    "POST /login HTTP/1.1\r\nhost: {host}\r\nsec-fetch-site: same-origin\r\n\
     content-type: application/x-www-form-urlencoded\r\ncontent-length: 60\r\n\r\nlogin=",
    "GET /login HTTP/1.1\r\nhost: {host}\r\n\r\n",
];

#[tokio::test(flavor = "multi_thread")]
async fn half_open_connections_do_not_stop_the_site() {
    for opening in OPENINGS {
        let answers = answers_in_some_round(async || {
            let served = Served::with(|config| config.connections_max = 64).await;
            let mut held = Vec::new();
            for _ in 0..220 {
                held.push(served.send(opening).await);
            }
            served.answers().await
        });
        assert!(answers.await, "{opening:?}");
    }
}

/// Requests upon requests whose answers nobody takes.
#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_read_yields() {
    let answers = answers_in_some_round(async || {
        let served = Served::with(|config| config.connections_max = 16).await;
        let asset = format!("{}/zhibi.css", crate::assets::base());
        let request = format!("GET {asset} HTTP/1.1\r\nhost: {}\r\n\r\n", served.address);
        let flood = request.repeat(400);
        let mut held = Vec::new();
        for _ in 0..40 {
            let mut stream = served.connect().await;
            // The site stops reading when nobody reads its answers.
            let write = stream.write_all(flood.as_bytes());
            let _ = tokio::time::timeout(Duration::from_millis(50), write).await;
            held.push(stream);
        }
        served.answers().await
    });
    assert!(answers.await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_falls_silent_is_ended() {
    let served = Served::with(|_| ()).await;
    let begun = Instant::now();
    let mut silent = served.send(OPENINGS[1]).await;
    let mut slow = served.send(OPENINGS[2]).await;
    let (mut head, mut body) = (Vec::new(), String::new());
    let limit = HEAD_WITHIN * 2;
    let ended = tokio::time::timeout(limit, silent.read_to_end(&mut head)).await;
    assert!(ended.is_ok(), "half a head is waited for no longer than {HEAD_WITHIN:?}");
    let ended = tokio::time::timeout(limit, slow.read_to_string(&mut body)).await;
    assert!(ended.is_ok() && body.starts_with("HTTP/1.1 408"), "{body}");
    assert!(body.contains("请求来得太慢"), "{body}");
    assert!(begun.elapsed() < limit);
}

/// A request for a page by somebody who signs in first.
async fn page_of(served: &Served, staff: &str) -> String {
    let token = served.school.link(staff).await;
    let request = format!(
        "POST /link/{token} HTTP/1.1\r\nhost: {{host}}\r\nsec-fetch-site: same-origin\r\n\
         content-type: application/x-www-form-urlencoded\r\nconnection: close\r\n\
         content-length: 9\r\n\r\npassword="
    );
    let answer = served.ask(&request).await;
    let cookie = answer.split("set-cookie: ").nth(1).and_then(|cookie| cookie.split(';').next());
    format!("GET / HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\n\r\n", served.address, cookie.unwrap())
}

/// Reads one answer of a connection that is kept.
async fn answer_of(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut bytes = [0; 4096];
    let read = async {
        while !answer.ends_with(b"</html>") {
            match stream.read(&mut bytes).await {
                Ok(0) | Err(_) => break,
                Ok(n) => answer.extend_from_slice(&bytes[..n]),
            }
        }
    };
    tokio::time::timeout(PATIENCE, read).await.expect("an answer in time");
    String::from_utf8_lossy(&answer).into_owned()
}

/// A school behind one address, with somebody hostile in it.
#[tokio::test(flavor = "multi_thread")]
async fn strangers_do_not_take_the_place_of_who_is_signed_in() {
    let served = Served::with(|config| config.connections_max = 16).await;
    let page = page_of(&served, "t-wang").await;
    let mut kept = served.send(&page).await;
    assert!(answer_of(&mut kept).await.starts_with("HTTP/1.1 200 OK"));
    for opening in OPENINGS {
        let mut held = Vec::new();
        for _ in 0..40 {
            held.push(served.send(opening).await);
        }
        assert!(served.answers().await);
        // One that had to yield would end within this.
        let ended = tokio::time::timeout(LAST_REQUEST_WITHIN * 4, kept.read(&mut [0])).await;
        assert!(ended.is_err(), "{opening:?}: {ended:?}");
        kept.write_all(page.as_bytes()).await.unwrap();
        let answer = answer_of(&mut kept).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{opening:?}: {answer:?}");
    }
}

/// Failure: a connection of a session that has few ends, or a page is not answered.
#[tokio::test(flavor = "multi_thread")]
async fn one_session_does_not_take_all_places() {
    let served = Served::with(|config| config.connections_max = 64).await;
    let (flood, page) = (page_of(&served, "t-wang").await, page_of(&served, "t-li").await);
    let mut kept = served.send(&page).await;
    assert!(answer_of(&mut kept).await.starts_with("HTTP/1.1 200 OK"));
    let mut held = Vec::new();
    for _ in 0..100 {
        let mut one = served.send(&flood).await;
        assert!(answer_of(&mut one).await.starts_with("HTTP/1.1 200 OK"));
        held.push(one);
    }
    assert!(served.answers().await);
    kept.write_all(page.as_bytes()).await.unwrap();
    assert!(answer_of(&mut kept).await.starts_with("HTTP/1.1 200 OK"));
    let mut ended = 0;
    for mut one in held {
        let read = tokio::time::timeout(Duration::from_millis(10), one.read(&mut [0])).await;
        ended += usize::from(read.is_ok());
    }
    assert!(ended >= 100 - 16 - 1, "{ended} of the session's connections have ended");
}

/// A monitor that knows the service by its address alone, or by no name at all.
#[tokio::test]
async fn probes_are_answered_whatever_the_host() {
    let served = Served::with(|_| ()).await;
    for (path, body) in [("/livez", "ok\n"), ("/readyz", "store ok\nbroker ok\n")] {
        for host in ["host: 192.0.2.7:8080\r\n", "host: monitor.example\r\n", ""] {
            let request = format!("GET {path} HTTP/1.1\r\n{host}connection: close\r\n\r\n");
            let answer = served.ask(&request).await;
            assert!(answer.starts_with("HTTP/1.1 200 OK"), "{path} {host:?}: {answer}");
            assert!(answer.ends_with(body), "{path} {host:?}: {answer}");
        }
    }
    let other = "GET /login HTTP/1.1\r\nhost: 192.0.2.7:8080\r\nconnection: close\r\n\r\n";
    assert!(served.ask(other).await.starts_with("HTTP/1.1 421"), "pages are for this site alone");
}

/// Failure: a request that had come in whole before its connection yielded has no answer.
#[tokio::test]
async fn a_request_that_is_there_is_answered_before_its_connection_yields() {
    let served = Served::with(|_| ()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let connections = Arc::new(Connections::new(16, 16));
    let body = "login=wang&password=wrong+horse";
    let requests = [
        "GET /login HTTP/1.1\r\nhost: {host}\r\n\r\n".to_owned(),
        format!(
            "POST /login HTTP/1.1\r\nhost: {{host}}\r\nsec-fetch-site: same-origin\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ),
    ];
    // Twenty times, since the scheduler may choose.
    for request in requests.iter().cycle().take(20) {
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let request = request.replace("{host}", &served.address.to_string());
        client.write_all(request.as_bytes()).await.unwrap();
        let (stream, peer) = listener.accept().await.unwrap();
        stream.readable().await.unwrap();
        let place = connections.admit(ClientKey::of(peer.ip()), false).unwrap();
        place.connection.must_yield.notify_one();
        let (_stop, stopped) = watch::channel(false);
        let router = router(served.school.web.clone());
        let talk = Talk { peer, router, tls: None, stopped };
        tokio::spawn(talk.begin(stream, place));
        let mut answer = String::new();
        let read = client.read_to_string(&mut answer);
        let _ = tokio::time::timeout(PATIENCE, read).await.expect("the connection ends");
        assert!(answer.starts_with("HTTP/1.1 "), "{request}: {answer:?}");
    }
}
