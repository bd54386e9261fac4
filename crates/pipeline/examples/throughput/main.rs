//! Papers per second through the pipeline, store included, on 1 and on 2 threads of the pool.
//!
//! The ink of simulated classes (synthetic handwriting, three worksheets of four pages) stands in a
//! SQLite store before the clock starts; the figure covers attribution, claims, reading chunks,
//! marking and saving, with an fsync per commit. Each run marks its own store with the same ink.
//!
//! ```text
//! cargo run --release -p pipeline --example throughput -- [CLASSES]
//! ```

mod school;

use std::sync::Arc;
use std::time::{Duration, Instant};

use marking::{Marker, Thresholds};
use pipeline::Config;
use store::Store;

use school::{PUPILS, fill};

/// Everything was written and has rested.
const NOW_MS: i64 = sample_school::START_MS + 24 * 3_600_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let classes = std::env::args().nth(1).map_or(Ok(4), |text| text.parse())?;
    for threads in [1, 2] {
        let dir = tempfile::tempdir()?;
        let store = Store::open(dir.path().join("zhibi.db")).await?;
        let samples = fill(&store, classes).await?;
        let pool = Arc::new(pipeline::pool(threads)?);
        let config = Config {
            rest_ms: 2_000,
            lease_ms: 600_000,
            poll: Duration::from_millis(20),
            utc_offset_ms: 8 * 3_600_000,
        };
        let marker = Marker::new(Thresholds::STANDARD);
        let begin = Instant::now();
        let pipeline = pipeline::start(config, store.clone(), marker, pool, Arc::new(|| NOW_MS));
        pipeline.idle().await?;
        let seconds = begin.elapsed().as_secs_f64();
        let counters = pipeline.stop().await;
        store.close().await?;
        println!(
            "{threads} thread(s): {} papers of {} pupils, {:.1} M samples, {:.2} s: {:.0} papers/s; \
             {counters:?}",
            counters.papers_marked,
            classes * PUPILS,
            samples as f64 / 1e6,
            seconds,
            counters.papers_marked as f64 / seconds
        );
    }
    Ok(())
}
