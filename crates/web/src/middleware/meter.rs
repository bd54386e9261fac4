//! Requests counted and measured.

use std::time::Instant;

use axum::extract::Request;
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use metrics::{counter, histogram};

use super::route;

/// Counts requests and measures how long their answers take to begin, for whoever watches the
/// service.
pub(crate) async fn meter(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let (route, method) = (route(&request), method(request.method()));
    let response = next.run(request).await;
    let status = response.status().as_str().to_owned();
    let labels = [("route", route.clone()), ("method", method.to_owned()), ("status", status)];
    counter!("zhibi_web_requests_total", &labels).increment(1);
    histogram!("zhibi_web_request_seconds", "route" => route).record(begun.elapsed());
    response
}

/// Whoever connects can make methods up, and every label is a row that is kept.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    }
}
