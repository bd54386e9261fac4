//! How an error looks.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::failure::Failure;
use crate::page::html;
use crate::page::message::MessagePage;
use crate::session::Visitor;
use crate::words::{Words, fill};

/// The answer where there is nothing.
pub(crate) async fn nothing_here() -> Failure {
    Failure::NotFound
}

/// The page of a status that stands for an error.
pub(crate) fn error_page(visitor: &Visitor, status: StatusCode) -> Response {
    let w = visitor.locale.words();
    let (heading, help) = match status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => (w.error_404, w.error_404_help),
        StatusCode::FORBIDDEN => (w.error_403, w.error_403_help),
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            (w.error_413, w.error_413_help)
        }
        StatusCode::REQUEST_TIMEOUT => (w.error_408, w.error_408_help),
        StatusCode::MISDIRECTED_REQUEST => (w.error_421, w.error_421_help),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            (w.error_busy, w.error_busy_help)
        }
        status if status.is_client_error() => (w.error_400, w.error_400_help),
        _ => (w.error_500, w.error_500_help),
    };
    message(visitor, status, (heading, help), (w.home, "/"))
}

/// Says that the page is about a worksheet that cannot be read.
pub(super) fn unreadable_page(visitor: &Visitor, status: StatusCode) -> Response {
    let w = visitor.locale.words();
    let words = (w.worksheet_unreadable, w.worksheet_unreadable_help);
    message(visitor, status, words, (w.home, "/"))
}

/// Says what a form asked for and did not get: on an error nothing of it is stored.
pub(super) fn unstored_page(
    visitor: &Visitor,
    status: StatusCode,
    route: &str,
    form: &str,
) -> Response {
    let w = visitor.locale.words();
    let help = fill(w.unstored_help, &[("what", &unstored(route, w))]);
    message(visitor, status, (w.unstored_title, &help), (w.unstored_back, form))
}

/// What a form of this route leaves undone, in words.
fn unstored(route: &str, w: &'static Words) -> &'static str {
    match route {
        "/a/{assignment}/decide" => w.unstored_mark,
        "/a/{assignment}/{pupil}/{page}/hand-in" | "/a/{assignment}/collect" => w.unstored_hand_in,
        "/a/{assignment}/{pupil}/{page}/give-back" | "/a/{assignment}/give-back" => {
            w.unstored_give_back
        }
        "/a/{assignment}/undo" | "/c/{class}/ink/undo" => w.unstored_undo,
        "/c/{class}/ink" => w.unstored_ink,
        "/password" => w.unstored_password,
        "/login" => w.unstored_login,
        "/link/{token}" => w.unstored_link,
        "/logout" => w.unstored_logout,
        "/locale" => w.unstored_locale,
        _ => w.unstored,
    }
}

/// A page of a few words and a way on: the link's words and where it leads.
fn message(
    visitor: &Visitor,
    status: StatusCode,
    (heading, help): (&str, &str),
    (action, href): (&str, &str),
) -> Response {
    let page = MessagePage {
        layout: visitor.layout(heading, Vec::new()),
        heading: heading.into(),
        help: help.into(),
        action: action.into(),
        href: href.into(),
    };
    match html(&page) {
        Ok(page) => (status, page).into_response(),
        Err(_) => status.into_response(),
    }
}
