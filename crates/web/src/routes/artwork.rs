//! The printed artwork of a page, as an image.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::failure::Failure;
use crate::session::Teacher;
use crate::state::Web;

/// Artwork is content from outside: as a picture nothing in it runs, and opened by itself nothing
/// in it may run, or load anything but pictures that lie in it.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox";

pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Path((worksheet, version, page)): Path<(String, u32, String)>,
) -> Result<Response, Failure> {
    let page: u32 =
        page.strip_suffix(".svg").and_then(|page| page.parse().ok()).ok_or(Failure::NotFound)?;
    if !web.store.may_see_worksheet(&teacher.scope, &worksheet, version).await? {
        return Err(Failure::NotFound);
    }
    of_page(&web, &worksheet, version, page).await
}

/// The artwork of a page; whoever calls has asked whether it may be seen.
pub(crate) async fn of_page(
    web: &Web,
    worksheet: &str,
    version: u32,
    page: u32,
) -> Result<Response, Failure> {
    let worksheet = web.worksheet(worksheet, version).await?;
    let page = worksheet.pages.iter().find(|other| other.number == page);
    Ok(picture(page.ok_or(Failure::NotFound)?.artwork.clone()))
}

/// Artwork as an answer.
pub(crate) fn picture(artwork: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // A version of a worksheet never changes, and holds nothing of any pupil.
        (header::CACHE_CONTROL, "private, max-age=86400, immutable"),
    ];
    (headers, artwork).into_response()
}

/// Where the artwork of a page lies.
pub(crate) fn href(worksheet: &str, version: u32, page: u32) -> String {
    format!("/artwork/{worksheet}/{version}/{page}.svg")
}
