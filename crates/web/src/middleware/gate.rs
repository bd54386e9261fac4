//! What is refused before anybody asks who it comes from: a request for another site, one that is
//! malformed, one too large, and one that does not come in whole in time.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::error::error_page;
use crate::client::client;
use crate::connections::Connection;
use crate::routes::{drawings, people};
use crate::session::Visitor;
use crate::state::Web;

/// Bytes of all header fields; browsers send one or two thousand.
const HEADERS_BYTES_MAX: usize = 16 * 1024;
/// No form of these pages is longer, but for those that [`taken`] names.
const BODY_BYTES_MAX: usize = 16 * 1024;
/// A worksheet's text of 256 KB, each byte of which takes three in a form.
const TEXT_BYTES_MAX: usize = 800 * 1024;
/// How long a request's body may take to come in. Forms are one packet.
const BODY_WITHIN: Duration = Duration::from_secs(15);

/// Lets a request through that is for this site and well formed, with its body read and with its
/// [`ClientKey`](crate::client::ClientKey) among its extensions. What is refused is logged with its
/// client and status, never with its path: a path may hold the token of a one-time link.
pub(crate) async fn gate(State(web): State<Web>, request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    match admit(&web, request).await {
        Ok(request) => next.run(request).await,
        Err((client, status)) => {
            let reason = status.canonical_reason().unwrap_or_default();
            tracing::warn!(client, status = status.as_u16(), reason, "refused a request");
            error_page(&Visitor::stranger(&headers), status)
        }
    }
}

type Refused = (Option<String>, StatusCode);

async fn admit(web: &Web, request: Request) -> Result<Request, Refused> {
    let (mut parts, body) = request.into_parts();
    let client = client(&parts, &web.config.trusted_proxies);
    let refuse = |status| (client.map(|client| client.to_string()), status);
    if headers_bytes(&parts.headers) > HEADERS_BYTES_MAX {
        return Err(refuse(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
    }
    if !is_text(parts.uri.path()) {
        return Err(refuse(StatusCode::BAD_REQUEST));
    }
    // A monitor names the service as it likes, and hears nothing that a stranger may not know.
    if !matches!(parts.uri.path(), "/livez" | "/readyz") {
        web.site.check(&parts.headers, &parts.uri).map_err(refuse)?;
    }
    let body = match taken(parts.uri.path()) {
        Taken::Whole(bytes_max) => whole(&parts.headers, body, bytes_max).await.map_err(refuse)?,
        Taken::Later(bytes_max) if is_longer(&parts.headers, bytes_max) => {
            return Err(refuse(StatusCode::PAYLOAD_TOO_LARGE));
        }
        Taken::Later(_) => body,
    };
    if let Some(connection) = parts.extensions.get::<Arc<Connection>>() {
        connection.work();
    }
    if let Some(client) = client {
        parts.extensions.insert(client);
    }
    Ok(Request::from_parts(parts, body))
}

fn headers_bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}

/// How the body of a request is taken in, and how long it may be.
enum Taken {
    /// Here, before anybody asks who it comes from.
    Whole(usize),
    /// By its route, once that knows who asks: strangers may not fill the memory with files.
    Later(usize),
}

fn taken(path: &str) -> Taken {
    match path.split('/').skip(1).collect::<Vec<_>>()[..] {
        ["school", _, "worksheets", "new"] => Taken::Whole(TEXT_BYTES_MAX),
        // Four hundred fields with all their words.
        ["school", _, "worksheets", "pdf", _] => Taken::Whole(TEXT_BYTES_MAX),
        ["school", _, "people", "roster"] => Taken::Later(people::roster::REQUEST_MAX),
        ["school", _, "worksheets", "pdf"] => Taken::Later(drawings::upload::REQUEST_MAX),
        _ => Taken::Whole(BODY_BYTES_MAX),
    }
}

/// Whether a body says that it is longer.
fn is_longer(headers: &HeaderMap, bytes_max: usize) -> bool {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let length: Option<usize> = length.and_then(|value| value.parse().ok());
    length.is_some_and(|length| length > bytes_max)
}

/// Reads the whole body.
async fn whole(headers: &HeaderMap, body: Body, bytes_max: usize) -> Result<Body, StatusCode> {
    if is_longer(headers, bytes_max) {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let read = axum::body::to_bytes(body, bytes_max);
    match tokio::time::timeout(BODY_WITHIN, read).await {
        Ok(Ok(bytes)) => Ok(bytes.into()),
        // Too long, or the connection is gone and nobody hears the answer.
        Ok(Err(_)) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

/// Whether a path is text: every escape is complete, and all stand for UTF-8 without control
/// characters, which have no place in a database's key or in a header of the answer.
fn is_text(path: &str) -> bool {
    let mut bytes = path.bytes();
    let mut plain = Vec::with_capacity(path.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            plain.push(byte);
            continue;
        }
        let mut digit = || bytes.next().and_then(|digit| char::from(digit).to_digit(16));
        let Some((high, low)) = digit().zip(digit()) else { return false };
        // Two hexadecimal digits make a byte.
        plain.push((high * 16 + low) as u8);
    }
    std::str::from_utf8(&plain).is_ok_and(|text| !text.chars().any(char::is_control))
}

#[cfg(test)]
mod tests {
    use super::is_text;

    #[test]
    fn paths_are_text() {
        for path in ["/", "/a/a-1/p-1/1", "/c/%E4%B8%89", "/c/三", "/x%20y", "/%2F"] {
            assert!(is_text(path), "{path}");
        }
        for path in ["/c/%", "/c/%4", "/c/%zz", "/c/%FF", "/a/%0a", "/%00", "/%7f", "/%C2%85"] {
            assert!(!is_text(path), "{path}");
        }
    }
}
