//! The view on a listener.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::{Web, relay, router};

/// How long answers that are on their way may take after the stop.
const DRAIN: Duration = Duration::from_secs(5);

/// Serves the view and tells open pages what happens, until `shutdown` is done; then lets answers
/// that are on their way finish, for at most five seconds. Pages that listen are let go at once.
///
/// # Errors
/// Where the listener fails.
pub async fn serve(
    listener: TcpListener,
    web: Web,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stop, stopped) = tokio::sync::watch::channel(false);
    // Each waits for its own copy; an error means that `stop` is gone, which is a stop too.
    let wait = |mut stopped: tokio::sync::watch::Receiver<bool>| async move {
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    let relay = tokio::spawn(relay(web.clone(), wait(stopped.clone())));
    let service = router(web).into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(wait(stopped.clone()));
    let drained = async {
        wait(stopped).await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::spawn(async move {
        shutdown.await;
        let _ = stop.send(true);
    });
    let served = tokio::select! {
        served = server.into_future() => served,
        () = drained => Ok(()),
    };
    relay.abort();
    served
}
