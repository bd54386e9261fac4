//! The metrics and their listener. Counting is off unless the configuration names a place to listen.
//!
//! Ingest, the pipeline and the view count what happens through the `metrics` facade; what is a
//! state rather than an event is asked for when somebody scrapes, so that no hot path pays for it.
//! No label holds a name, an id or an address of a pupil, class, pen, gateway or page.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use hyper::StatusCode;
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::scrape;
use crate::service::States;

/// From half a millisecond to a minute: a page is marked in milliseconds, and ink waits for seconds.
const BUCKETS_S: [f64; 13] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0];
/// How often single measurements are put into their buckets, so that they take no memory where
/// nobody scrapes.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);
/// How a metric behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
    /// In seconds.
    Histogram,
}

/// Every metric that there is: name, kind and help.
const METRICS: &[(&str, Kind, &str)] = &[
    (
        "zhibi_ingest_messages_total",
        Kind::Counter,
        "Messages taken from the broker, whatever they held.",
    ),
    ("zhibi_ingest_received_bytes_total", Kind::Counter, "Bytes of those messages."),
    (
        "zhibi_ingest_chunks_total",
        Kind::Counter,
        "Chunks and hellos whose fate is durable, by outcome: stored, duplicate, held because other \
         bytes stand under their key, or erased by right.",
    ),
    (
        "zhibi_ingest_chunk_bytes_total",
        Kind::Counter,
        "Bytes of those chunks and hellos, by outcome.",
    ),
    (
        "zhibi_ingest_refused_total",
        Kind::Counter,
        "Chunks and hellos refused, by the receipt's code.",
    ),
    (
        "zhibi_ingest_quarantined_total",
        Kind::Counter,
        "Messages and frames kept in the quarantine, by reason.",
    ),
    (
        "zhibi_ingest_quarantine_dropped_total",
        Kind::Counter,
        "Messages and frames not kept, because their gateway had used up its quota for the minute.",
    ),
    (
        "zhibi_ingest_receipts_total",
        Kind::Counter,
        "Bundles of receipts, by outcome: sent, or dropped because the broker took none.",
    ),
    (
        "zhibi_ingest_commit_seconds",
        Kind::Histogram,
        "From a message's arrival at this service to the commit that made it durable.",
    ),
    (
        "zhibi_ingest_store_errors_total",
        Kind::Counter,
        "Commits of a batch that failed; the batch is tried again.",
    ),
    ("zhibi_ingest_waiting_messages", Kind::Gauge, "Messages that wait to be put into a batch."),
    ("zhibi_broker_connected", Kind::Gauge, "1 while the broker delivers ink to this service."),
    (
        "zhibi_store_writable",
        Kind::Gauge,
        "1 while the latest write to the database was committed.",
    ),
    (
        "zhibi_pipeline_papers_marked_total",
        Kind::Counter,
        "Pages marked and saved, by outcome: decided, or in_review where a person must decide; a \
         page with later ink counts again.",
    ),
    ("zhibi_pipeline_faults_total", Kind::Counter, "Pages that could not be marked."),
    (
        "zhibi_pipeline_stage_seconds",
        Kind::Histogram,
        "Time in a stage: a page in decode and mark, a batch of pages in load and save.",
    ),
    ("zhibi_pipeline_waiting_ink", Kind::Gauge, "Page faces with ink not yet led to a paper."),
    ("zhibi_pipeline_waiting_papers", Kind::Gauge, "Pages with ink newer than their marking."),
    ("zhibi_pipeline_waiting_profiles", Kind::Gauge, "Learning profiles older than their answers."),
    (
        "zhibi_pipeline_oldest_ink_seconds",
        Kind::Gauge,
        "How long the page that waits longest has waited, since its latest ink; 0 where none waits.",
    ),
    (
        "zhibi_pipeline_papers_in_review",
        Kind::Gauge,
        "Pages of which a person must decide or score something; not told by a service of ingest \
         alone.",
    ),
    (
        "zhibi_web_requests_total",
        Kind::Counter,
        "Requests to the teacher's view, by route pattern, method and status.",
    ),
    (
        "zhibi_web_request_seconds",
        Kind::Histogram,
        "Time until the head of the answer, by route pattern.",
    ),
];

/// Begins to count: what happened before is in no metric.
pub(super) fn install() -> anyhow::Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new()
        .set_buckets(&BUCKETS_S)
        .context("the histograms have no buckets")?
        .install_recorder()
        .context("the metrics cannot be counted")?;
    for (name, kind, help) in METRICS {
        match kind {
            Kind::Counter => describe_counter!(*name, *help),
            Kind::Gauge => describe_gauge!(*name, *help),
            Kind::Histogram => describe_histogram!(*name, Unit::Seconds, *help),
        }
    }
    Ok(handle)
}

/// Serves `/metrics`, and `/livez` and `/readyz` for a service without the view, for as long as the
/// service runs.
pub(super) fn serve(
    listener: TcpListener,
    handle: PrometheusHandle,
    states: States,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let exporter = Arc::new(Exporter { handle, states });
        let mut upkeep = tokio::time::interval(UPKEEP_EVERY);
        let asked = exporter.clone();
        let answer = move |path: String| {
            let exporter = asked.clone();
            async move { exporter.answer(&path).await }
        };
        let scraped = scrape::serve(listener, &["/metrics", "/livez", "/readyz"], answer);
        tokio::pin!(scraped);
        loop {
            tokio::select! {
                _ = upkeep.tick() => exporter.handle.run_upkeep(),
                () = &mut scraped => return,
            }
        }
    })
}

struct Exporter {
    handle: PrometheusHandle,
    states: States,
}

impl Exporter {
    async fn answer(&self, path: &str) -> (StatusCode, String) {
        match path {
            "/livez" => (StatusCode::OK, "ok\n".to_owned()),
            "/readyz" => match self.states.ready() {
                (true, lines) => (StatusCode::OK, lines),
                (false, lines) => (StatusCode::SERVICE_UNAVAILABLE, lines),
            },
            _ => {
                self.sample().await;
                (StatusCode::OK, self.handle.render())
            }
        }
    }

    /// Asks for what is a state. Where the store does not answer, its last figures stand, and
    /// `zhibi_store_writable` says why they may be old.
    async fn sample(&self) {
        let States { store, clock, connected, queued, reads_answers } = &self.states;
        gauge!("zhibi_store_writable").set(flag(store.writable().borrow().is_yes()));
        if let Some(connected) = connected {
            gauge!("zhibi_broker_connected").set(flag(*connected.borrow()));
        }
        if let Some(queued) = queued {
            gauge!("zhibi_ingest_waiting_messages").set(queued() as f64);
        }
        match store.backlog().await {
            Ok(backlog) => {
                gauge!("zhibi_pipeline_waiting_ink").set(f64::from(backlog.ink));
                gauge!("zhibi_pipeline_waiting_papers").set(f64::from(backlog.papers));
                gauge!("zhibi_pipeline_waiting_profiles").set(f64::from(backlog.profiles));
                let now_ms = clock();
                let age_ms = backlog.oldest_ms.map_or(0, |oldest| now_ms.saturating_sub(oldest));
                gauge!("zhibi_pipeline_oldest_ink_seconds").set(age_ms.max(0) as f64 / 1_000.0);
            }
            Err(error) => tracing::debug!(%error, "the backlog was not counted"),
        }
        if *reads_answers {
            match store.papers_in_review().await {
                Ok(papers) => gauge!("zhibi_pipeline_papers_in_review").set(f64::from(papers)),
                Err(error) => tracing::debug!(%error, "the papers in review were not counted"),
            }
        }
    }
}

fn flag(state: bool) -> f64 {
    if state { 1.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names are what Prometheus expects: lower case, the unit or `_total` last.
    #[test]
    fn names_follow_the_conventions_and_are_in_the_guide() {
        let guides = [include_str!("../../guide/it.en.md"), include_str!("../../guide/it.zh.md")];
        for (name, kind, help) in METRICS {
            let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            assert!(plain && name.starts_with("zhibi_"), "{name}");
            assert_eq!(name.ends_with("_total"), *kind == Kind::Counter, "{name}");
            assert!(*kind != Kind::Histogram || name.ends_with("_seconds"), "{name}");
            assert!(help.ends_with('.'), "{name}");
            for guide in guides {
                assert!(guide.contains(&format!("| `{name}` |")), "{name} is not in the guide");
            }
        }
        for guide in guides {
            let told = guide.matches("| `zhibi_").count();
            assert_eq!(told, METRICS.len(), "the guide's table has other rows");
        }
    }
}
