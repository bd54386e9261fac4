//! What Prometheus scrapes of a gateway: one address, no labels, no password.

use std::fmt::Write;

use gateway::{PenLink, Status};
use hyper::StatusCode;
use tokio::net::TcpListener;

use crate::{clock, scrape};

/// Name, help, and the figure.
type Metric = (&'static str, &'static str, fn(&Status, i64) -> u64);

/// Every metric that there is. Those that end in `_total` count since the start.
const METRICS: &[Metric] = &[
    ("zhibi_gateway_connected", "1 while there is a connection to the broker.", |s, _| {
        s.is_connected.into()
    }),
    (
        "zhibi_gateway_not_accepted",
        "1 while chunks have been sent for half a minute and no receipt came for any.",
        |s, _| s.is_unanswered.into(),
    ),
    ("zhibi_gateway_pens", "Pens that are connected.", |s, _| s.pens as u64),
    ("zhibi_gateway_waiting_chunks", "Chunks without a receipt.", |s, _| s.chunks as u64),
    ("zhibi_gateway_waiting_bytes", "Bytes of those chunks.", |s, _| s.bytes),
    (
        "zhibi_gateway_oldest_chunk_seconds",
        "How long the oldest chunk without a receipt has been here; 0 where none is.",
        |s, now_ms| {
            let age_ms = s.oldest_ms.map_or(0, |oldest_ms| now_ms.saturating_sub(oldest_ms));
            age_ms.max(0).unsigned_abs() / 1_000
        },
    ),
    ("zhibi_gateway_spool_bytes", "Bytes that the spool's files take.", |s, _| s.disk_bytes),
    ("zhibi_gateway_spool_bytes_max", "Bytes that they may take.", |s, _| s.disk_bytes_max),
    ("zhibi_gateway_spool_full", "1 while pens are refused for want of space.", |s, _| {
        s.is_full.into()
    }),
    ("zhibi_gateway_disk_failing", "1 while the spool's disk takes nothing.", |s, _| {
        s.disk_fails.into()
    }),
    (
        "zhibi_gateway_dead_letters",
        "Chunks that the server never answers, kept and sent once a day.",
        |s, _| s.dead_letters as u64,
    ),
    (
        "zhibi_gateway_put_away",
        "Chunks in dead-letters.zcap, for a person: refused, or not answered for a week.",
        |s, _| s.put_away as u64,
    ),
    ("zhibi_gateway_taken_total", "Chunks taken from pens.", |s, _| s.counters.chunks_taken),
    ("zhibi_gateway_turned_away_total", "Chunks refused because of the spool.", |s, _| {
        s.counters.turned_away
    }),
    ("zhibi_gateway_sent_total", "Chunks sent for the first time.", |s, _| s.counters.chunks_sent),
    ("zhibi_gateway_resent_total", "Chunks sent again.", |s, _| s.counters.chunks_resent),
    ("zhibi_gateway_stored_total", "Chunks that the server stored.", |s, _| s.counters.stored),
    ("zhibi_gateway_held_total", "Chunks that the server holds in quarantine.", |s, _| {
        s.counters.held
    }),
    ("zhibi_gateway_refused_total", "Chunks that the server refused.", |s, _| s.counters.refused),
    ("zhibi_gateway_erased_total", "Chunks whose ink was erased by right.", |s, _| {
        s.counters.erased
    }),
    (
        "zhibi_gateway_given_up_total",
        "Dead letters for which dead-letters.zcap had no room.",
        |s, _| s.counters.given_up,
    ),
    ("zhibi_gateway_reconnects_total", "Connections lost.", |s, _| s.counters.reconnects),
    ("zhibi_gateway_damaged_total", "Places of the spool that could not be read.", |s, _| {
        s.counters.damaged
    }),
    ("zhibi_gateway_disk_errors_total", "Writes of the spool that failed.", |s, _| {
        s.counters.disk_errors
    }),
];

/// Serves `/metrics` for as long as the gateway runs.
pub(super) async fn serve(listener: TcpListener, link: PenLink) {
    let answer = move |_: String| {
        let link = link.clone();
        async move {
            match link.status().await {
                Some(status) => (StatusCode::OK, text(&status, clock::wall_ms())),
                None => (StatusCode::SERVICE_UNAVAILABLE, String::new()),
            }
        }
    };
    scrape::serve(listener, &["/metrics"], answer).await;
}

fn text(status: &Status, now_ms: i64) -> String {
    METRICS.iter().fold(String::new(), |mut text, (name, help, figure)| {
        let kind = if name.ends_with("_total") { "counter" } else { "gauge" };
        let figure = figure(status, now_ms);
        // Writing to a string cannot fail.
        let _written =
            writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {figure}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_what_prometheus_expects() {
        let status = Status { pens: 7, oldest_ms: Some(1_000), ..Status::default() };
        let text = text(&status, 62_500);
        assert!(text.contains("# TYPE zhibi_gateway_pens gauge\nzhibi_gateway_pens 7\n"));
        assert!(text.contains("\nzhibi_gateway_oldest_chunk_seconds 61\n"));
        assert!(text.contains("# TYPE zhibi_gateway_taken_total counter\n"));
        assert_eq!(text.lines().count(), 3 * METRICS.len());
        let guide = include_str!("../../guide/gateway.en.md");
        for (name, ..) in METRICS {
            assert!(guide.contains(&format!("`{name}`")), "{name} is not in the guide");
        }
    }
}
