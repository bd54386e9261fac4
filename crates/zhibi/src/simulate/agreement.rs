//! What the service made of simulated answers, held against what was meant.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use pen_sim::Truth;
use serde_json::{Value, json};
use store::{ResultRow, Store, StoreUrl, WorkLeft};

use crate::demo::compare::same;
use crate::progress::Progress;
use crate::store_file;

/// How often it is looked whether all is marked.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How long nothing may move before it is taken that nobody marks.
const STUCK_AFTER: Duration = Duration::from_secs(60);

/// The figures, counted as `zhibi demo` counts them.
pub(super) struct Agreement {
    /// All papers that hold the ink were marked in time.
    pub(super) is_marked: bool,
    /// What waits still.
    left: WorkLeft,
    /// Papers, pupil by pupil and page by page, that hold simulated ink and were marked.
    papers: usize,
    /// Responses in parts that have a key.
    responses: u64,
    /// Those that the machine decided, and those of these that are as they were meant.
    decided: u64,
    agreed: u64,
    /// Those that a person must decide.
    review: u64,
}

/// Waits until the store has nothing left to mark, and compares.
pub(super) fn wait(database: &StoreUrl, truth: &Truth) -> anyhow::Result<Agreement> {
    store_file::reading(database, async |store| {
        let left = until_marked(store).await?;
        count(store, truth, left).await
    })
}

async fn until_marked(store: &Store) -> anyhow::Result<WorkLeft> {
    let mut last = store.work_left().await?;
    let whole = last.stale_papers.max(1);
    let mut progress = Progress::new("marking", whole.into());
    let mut moved = tokio::time::Instant::now();
    while !last.is_none() && moved.elapsed() < STUCK_AFTER {
        tokio::time::sleep(LOOK_EVERY).await;
        let now = store.work_left().await?;
        if now != last {
            moved = tokio::time::Instant::now();
        }
        last = now;
        let done = whole.saturating_sub(last.stale_papers);
        progress.set(done.into(), &format!("{} papers left", last.stale_papers));
    }
    progress.finish();
    Ok(last)
}

async fn count(store: &Store, truth: &Truth, left: WorkLeft) -> anyhow::Result<Agreement> {
    let results: BTreeMap<(String, String, String), ResultRow> = store
        .results()
        .await?
        .into_iter()
        .map(|row| ((row.assignment.clone(), row.pupil.clone(), row.part.clone()), row))
        .collect();
    let mut counted = Agreement {
        is_marked: left.is_none(),
        left,
        papers: 0,
        responses: 0,
        decided: 0,
        agreed: 0,
        review: 0,
    };
    let mut papers = BTreeSet::new();
    for expected in &truth.responses {
        let key = (expected.assignment.clone(), expected.pupil.clone(), expected.part.clone());
        let Some(result) = results.get(&key) else {
            // Nobody touched the page, or its ink went nowhere.
            counted.responses += u64::from(expected.key.is_some());
            counted.review += u64::from(expected.key.is_some());
            continue;
        };
        papers.insert((&expected.assignment, &expected.pupil, expected.page));
        if expected.key.is_none() {
            continue;
        }
        counted.responses += 1;
        if result.decided {
            counted.decided += 1;
            let agrees = same(result.reading.as_deref(), expected.meant.as_deref());
            counted.agreed += u64::from(agrees);
        } else {
            counted.review += 1;
        }
    }
    counted.papers = papers.len();
    Ok(counted)
}

impl Agreement {
    fn share(&self) -> f64 {
        self.agreed as f64 / self.decided.max(1) as f64
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "marked": self.is_marked,
            "papers": self.papers,
            "responses": self.responses,
            "decided": self.decided,
            "agree_with_expected": self.share(),
            "review": self.review,
        })
    }

    pub(super) fn tell(&self) {
        if !self.is_marked {
            tell!(
                "  NOT all marked    {} papers wait, and nothing moves: does a service with the \
                 pipeline run on this store?",
                self.left.stale_papers
            );
        }
        tell!("  papers marked     {}", self.papers);
        tell!(
            "  responses         {}: {} decided by machine, {} to decide",
            self.responses,
            self.decided,
            self.review
        );
        tell!("  as meant          {:.2} % of the decided", 100.0 * self.share());
    }
}
