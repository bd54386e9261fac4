//! Style sheet, modules and signs, built into the binary.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

/// The address prefix of this build's assets. Each build has its own, so browsers may keep the
/// files for ever.
static BASE: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = Assets::iter().collect();
    names.sort_unstable();
    let mut digest = Sha256::new();
    for name in names {
        digest.update(name.as_bytes());
        if let Some(file) = Assets::get(&name) {
            digest.update(file.metadata.sha256_hash());
        }
    }
    let build: String = digest.finalize().iter().take(6).map(|b| format!("{b:02x}")).collect();
    format!("/assets/{build}")
});

pub(crate) fn base() -> &'static str {
    &BASE
}

pub(crate) async fn show(Path((build, file)): Path<(String, String)>) -> Response {
    let Some(asset) = Assets::get(&file) else { return StatusCode::NOT_FOUND.into_response() };
    let kind = match file.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    // A page of another build may still be open: it gets this build's file, but not to keep.
    let keep =
        if base().ends_with(&build) { "public, max-age=31536000, immutable" } else { "no-store" };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(keep)),
    ];
    (headers, asset.data).into_response()
}

#[cfg(test)]
mod tests;
