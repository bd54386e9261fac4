//! The teacher's view: pages in Chinese and English, live, with decisions by one key.
//!
//! This crate owns routes, sessions and templates. It must never hold SQL (that is the store's),
//! nor decide what was written or what it is worth: it shows the store's rows, and writes down
//! what a teacher decides.
//!
//! Nothing is open by default: every route but the login, a one-time link, the first start, the
//! choice of language, the state of the service and the style sheet needs a session, and every
//! question to the store names who asks.

mod assets;
mod auth;
mod client;
mod config;
mod connections;
mod dates;
mod failure;
mod fonts;
mod live;
mod middleware;
mod page;
mod qr;
mod router;
mod routes;
mod serve;
mod session;
mod sign;
mod site;
mod state;
mod words;

pub use auth::link::{issue_link, link_token};
pub use client::{Network, NetworkError};
pub use config::{Clock, Config, PartStates, Random, Sources};
pub use router::router;
pub use serve::{Tls, TlsError, serve};
pub use state::Web;

#[cfg(test)]
mod school;
