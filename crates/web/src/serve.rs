//! The view on a listener: connections, their limits and their end.
//!
//! Nobody who connects can hold more than their share: a connection that sends slowly, does not
//! read, or only waits yields its place to the next one. The limits are on connections before
//! anybody is known; what a request may be is `gate`'s.

mod stall;
mod tls;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tower::ServiceExt;

use stall::Stall;
pub use tls::{Tls, TlsError};

use crate::client::{ClientKey, is_proxy};
use crate::connections::{Admitted, Connection, Connections};
use crate::live::relay;
use crate::router::router;
use crate::state::Web;

/// How long answers that are on their way may still take after the stop, and on a connection that
/// must yield.
const DRAIN: Duration = Duration::from_secs(5);
/// How long the head of a request may take, from the connection's start or the answer before: this
/// ends idle connections too.
const HEAD_WITHIN: Duration = Duration::from_secs(15);
/// How long the other end may take nothing of what is written to it.
const STALL_MAX: Duration = Duration::from_secs(20);
/// Connections of one client on which nobody is signed in. A school may be one client.
const CLIENT_MAX: usize = 256;
/// Bytes read before a request's head must be whole. More than `gate` lets through, so that most of
/// what is too large is answered in words.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// Fields of a head.
const FIELDS_MAX: usize = 100;
/// How long a connection that must yield may take to send a request that is on its way.
const LAST_REQUEST_WITHIN: Duration = Duration::from_millis(50);
/// How long no connection is accepted where the system has no room for one.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves the view and tells open pages what happens, until `shutdown` is done; then lets answers
/// that are on their way finish, for at most five seconds. Pages that listen are let go at once. With
/// `tls`, nothing else is spoken on the listener, and [`Config::tls`](crate::Config::tls) must say so.
///
/// # Errors
/// None today: what fails on the listener is logged and waited out.
pub async fn serve(
    listener: TcpListener,
    web: Web,
    tls: Option<Tls>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stop, stopped) = watch::channel(false);
    let relay = tokio::spawn(relay(web.store.clone(), web.live.clone(), told(stopped.clone())));
    let connections = Arc::new(Connections::new(web.config.connections_max, CLIENT_MAX));
    // Each holds a file beside those of the connections.
    let waiting = Arc::new(Semaphore::new(web.config.connections_max.div_ceil(8)));
    let router = router(web.clone());
    let mut open = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    let mut has_room = true;
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            Some(_) = open.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                has_room = true;
                let proxy = is_proxy(&web.config.trusted_proxies, peer.ip());
                let client = ClientKey::of(peer.ip());
                let talk = Talk {
                    peer,
                    router: router.clone(),
                    tls: tls.clone(),
                    stopped: stopped.clone(),
                };
                if let Some(place) = connections.admit(client, proxy) {
                    open.spawn(talk.begin(stream, place));
                } else if let Ok(waits) = waiting.clone().try_acquire_owned() {
                    let connections = connections.clone();
                    open.spawn(async move {
                        let place = connections.admit_later(client, proxy).await;
                        drop(waits);
                        if let Some(place) = place {
                            talk.begin(stream, place).await;
                        }
                    });
                }
            }
            // The other end was gone before we came to it.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                if std::mem::replace(&mut has_room, false) {
                    tracing::warn!(%error, "the view cannot accept connections");
                }
                connections.relieve();
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    stop.send_replace(true);
    let drained = async { while open.join_next().await.is_some() {} };
    // What takes longer is cut short when `open` is dropped.
    let _ = tokio::time::timeout(DRAIN, drained).await;
    relay.abort();
    Ok(())
}

/// Waits for the stop; an error means that its sender is gone, which is a stop too.
async fn told(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// What a connection is served with.
struct Talk {
    peer: SocketAddr,
    router: Router,
    tls: Option<Tls>,
    stopped: watch::Receiver<bool>,
}

impl Talk {
    /// Serves a connection to its end, encrypted where the listener is. It has its place already: a
    /// handshake that hangs counts, and yields, as a request that hangs does.
    async fn begin(self, stream: TcpStream, place: Admitted) {
        // An error means that the connection is gone, which the first read finds too.
        let _ = stream.set_nodelay(true);
        let Some(tls) = &self.tls else {
            return converse(Stall::new(stream, STALL_MAX), self, place).await;
        };
        let encrypted = tokio::select! {
            encrypted = tls.accept(stream, STALL_MAX) => encrypted,
            () = place.connection.must_yield.notified() => None,
            () = told(self.stopped.clone()) => None,
        };
        if let Some(stream) = encrypted {
            converse(stream, self, place).await;
        }
    }
}

/// Answers one connection's requests until it ends, must yield, or has answered what it was
/// answering when the stop came.
async fn converse(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    Talk { peer, router, stopped, .. }: Talk,
    place: Admitted,
) {
    let connection = place.connection.clone();
    let service = service_fn(|request: hyper::Request<Incoming>| {
        answer(router.clone(), connection.clone(), peer, request)
    });
    let mut talk = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_WITHIN)
            .max_buf_size(HEAD_BYTES_MAX)
            .max_headers(FIELDS_MAX)
            .serve_connection(TokioIo::new(stream), service)
    );
    let connection = &place.connection;
    let stop = told(stopped);
    tokio::select! {
        // First of all, what has come in is read. An error is the other end's: it fell silent, sent
        // no HTTP, or went away.
        biased;
        _ = &mut talk => {}
        () = connection.must_yield.notified() => {
            // A request that came in whole meanwhile is answered, and so is one that is just coming.
            let coming = tokio::time::timeout(LAST_REQUEST_WITHIN, &mut talk).await;
            if coming.is_err() && connection.is_worked_for() {
                talk.as_mut().graceful_shutdown();
                let _ = tokio::time::timeout(DRAIN, talk).await;
            }
        }
        () = stop => {
            talk.as_mut().graceful_shutdown();
            let _ = talk.await;
        }
    }
}

async fn answer(
    router: Router,
    connection: Arc<Connection>,
    peer: SocketAddr,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Sending>, Infallible> {
    let mut request: Request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    request.extensions_mut().insert(connection.clone());
    let response = router.oneshot(request).await?;
    connection.answer();
    Ok(response.map(|body| Sending { body, connection }))
}

/// An answer's body, which notes its end.
struct Sending {
    body: Body,
    connection: Arc<Connection>,
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.connection.wait();
    }
}

impl hyper::body::Body for Sending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests;
