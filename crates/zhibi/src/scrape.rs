//! The listener of what a monitor scrapes.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections at the same time; whoever comes beyond that waits.
const CONNECTIONS_MAX: usize = 64;
/// How long the head of a request may take, which a scraper sends at once: who connects and says
/// nothing keeps no scraper out.
const HEAD_WITHIN: Duration = Duration::from_secs(1);
/// How long one scrape may take, from its connection to its end.
const SCRAPE_WITHIN: Duration = Duration::from_secs(10);

/// Takes the address to listen on, before anything else is touched.
///
/// # Errors
/// Where it is taken, or none of this machine's.
pub(crate) async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("the metrics cannot be served on {address}"))
}

/// Answers requests for these paths, and for no others, for as long as it is polled.
pub(crate) async fn serve<A, F>(listener: TcpListener, paths: &'static [&'static str], answer: A)
where
    A: Fn(String) -> F + Send + Sync + 'static,
    F: Future<Output = (StatusCode, String)> + Send,
{
    let answer = Arc::new(answer);
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let (stream, place) = accept(&listener, &room).await;
        let answer = answer.clone();
        tokio::spawn(async move {
            connection(stream, paths, &*answer).await;
            drop(place);
        });
    }
}

/// The next connection that there is a place for.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    // An error would say that the semaphore is closed, which it never is.
    let place = room.clone().acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, place),
            Err(error) => {
                tracing::debug!(%error, "no connection to the metrics was accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn connection<A, F>(stream: TcpStream, paths: &[&str], answer: &A)
where
    A: Fn(String) -> F,
    F: Future<Output = (StatusCode, String)>,
{
    let respond = service_fn(|request: Request<Incoming>| async move {
        let (status, body) = match (request.uri().path(), request.method()) {
            (path, &Method::GET | &Method::HEAD) if paths.contains(&path) => {
                answer(path.to_owned()).await
            }
            (path, _) if paths.contains(&path) => (StatusCode::METHOD_NOT_ALLOWED, String::new()),
            _ => (StatusCode::NOT_FOUND, String::new()),
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, text);
        Ok::<_, Infallible>(response)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), respond);
    if let Ok(Err(error)) = tokio::time::timeout(SCRAPE_WITHIN, served).await {
        tracing::debug!(%error, "a scrape broke off");
    }
}
