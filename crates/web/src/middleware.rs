//! What happens to every request on its way to a route, and to the answer on its way back.

pub(crate) mod error;
pub(crate) mod gate;
pub(crate) mod meter;
pub(crate) mod security;
pub(crate) mod session;

use axum::extract::{MatchedPath, Request};

/// The pattern of the route that a request takes. This is what logs may show of an address: the
/// path itself may hold a token.
fn route(request: &Request) -> String {
    let matched = request.extensions().get::<MatchedPath>();
    matched.map_or("none", MatchedPath::as_str).to_owned()
}
