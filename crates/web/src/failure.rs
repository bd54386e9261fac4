//! Why a request has no page.

use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// Why there is no page. What the visitor hears never says more than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// There is nothing here, or nothing for this teacher.
    NotFound,
    /// The request makes no sense.
    BadRequest,
    /// Somebody must log in first.
    Login,
    /// It was logged.
    Internal,
    /// A worksheet cannot be read, and the page is about it. It was logged.
    Unreadable,
}

/// Marks the bare answer of [`Failure::Unreadable`].
#[derive(Clone, Copy)]
pub(crate) struct Unreadable;

impl From<store::StoreError> for Failure {
    fn from(error: store::StoreError) -> Self {
        if error.is_text_that_cannot_be() {
            return Self::NotFound;
        }
        tracing::error!(%error, "the store failed a page");
        Self::Internal
    }
}

impl From<school::IdError> for Failure {
    fn from(error: school::IdError) -> Self {
        tracing::error!(%error, "an identity in the store is none");
        Self::Internal
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        tracing::error!(%error, "a page could not be written");
        Self::Internal
    }
}

impl IntoResponse for Failure {
    /// The bare status: the middleware of sessions puts the page around it.
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND.into_response(),
            Self::BadRequest => StatusCode::BAD_REQUEST.into_response(),
            Self::Login => StatusCode::UNAUTHORIZED.into_response(),
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Self::Unreadable => {
                (StatusCode::INTERNAL_SERVER_ERROR, Extension(Unreadable)).into_response()
            }
        }
    }
}
