//! For whoever watches the service: is it alive, and can it work?

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;

use crate::state::Web;

/// Answers for as long as the process does, and touches nothing.
pub(crate) async fn live() -> &'static str {
    "ok\n"
}

/// A line per part: its name, and `ok` or one word for what is wrong. 503 where anything is.
pub(crate) async fn ready(State(web): State<Web>) -> impl IntoResponse {
    let store = web.store.writable().borrow().word();
    let read = web.store.outbox_last().await.map_or("not-readable", |_| "ok");
    let mut parts = vec![("store", if store == "ok" { read } else { store })];
    parts.extend((web.sources.parts)());
    let ready = parts.iter().all(|(_, state)| *state == "ok");
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let lines: String = parts.iter().map(|(name, state)| format!("{name} {state}\n")).collect();
    (status, lines)
}
