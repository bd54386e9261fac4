//! From MQTT into the store, and receipts back.
//!
//! This crate owns the server's side of the wire: subscribing, verifying frames, batching, and the
//! rule that a receipt is sent only after the commit that makes its chunks durable. It must never
//! know what ink means: no worksheet, no pupil, no SQL.
//!
//! ```text
//! broker ─▶ link ─▶ batcher ─▶ committer ─▶ store
//!             ▲  memory-bounded     │ after the commit, and only then
//!             └───────── acks ──────┤
//! broker ◀── receipts ◀─────────────┘
//! ```
//! Four tasks; one owns each connection. A PUBACK means nothing but that the broker may forget a
//! message; what a gateway may forget stands in receipts alone. So whatever is lost on the way
//! (an overflow, a reconnect, a receipt) is healed by gateways that send again.

mod backoff;
mod batch;
mod commit;
mod config;
mod counters;
mod ingest;
mod key;
mod link;
mod notices;
mod quarantine;
mod receipts;
mod seen;
mod sort;

pub use config::{Broker, Clock, Config, Observer, Secret, Subscription, Tls};
pub use counters::Counters;
pub use ingest::{Ingest, start};
pub use sort::{arrival, decode_for_check};

#[cfg(test)]
mod pen;
