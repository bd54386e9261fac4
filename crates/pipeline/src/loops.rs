//! The loops: attribute, mark, settle, register, fold, fit. Each asks the store for work. The store's answer
//! is the truth: asking too often or too late only changes when the work is done.

use std::sync::Arc;
use std::time::Duration;

use store::{Claiming, StaleProfile, StoreError};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

use crate::Config;
use crate::counters::count;
use crate::items::{FitError, fit_items, until_next_fit_ms};
use crate::job::Context;

/// Papers of a batch for each thread of the pool. What a batch costs beside its papers is then little,
/// and its first paper does not wait long for its last.
const BATCH_PER_THREAD: usize = 16;
/// Batches in flight: while one is marked, another is loaded and another saved.
const BATCHES_IN_FLIGHT: usize = 3;
/// Profiles folded at a time; a fold is short, and its save waits for a commit.
const PROFILES_IN_FLIGHT_MAX: usize = 16;
/// Stale profiles asked for at a time.
const PROFILES_MAX: usize = 64;
/// Settling looks at every paper that is not settled, and no teacher waits for it.
const SETTLE_EVERY: Duration = Duration::from_secs(1);
/// How often to check whether the nightly fit is due.
const LOOK_AT_CLOCK_EVERY: Duration = Duration::from_secs(1);
/// The longest pause after trouble.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// What a pass found.
enum Pass {
    /// There may be more at once.
    More,
    /// Nothing more for now.
    Rest,
    /// Something failed that will stand in the way again: ask less often.
    Trouble,
}

type Stop = watch::Receiver<bool>;

pub(crate) async fn attribute(
    context: Arc<Context>,
    config: Config,
    mut stop: Stop,
) -> Result<(), StoreError> {
    let mut pause = Pause::of(config.poll);
    while !stopped(&stop) {
        let pass = context.store.attribute(context.now_ms()).await.map(|rows| {
            count(&context.counting.ink_attributed, rows);
            if rows > 0 { Pass::More } else { Pass::Rest }
        });
        pause.after(&context, pass, &mut stop).await?;
    }
    Ok(())
}

pub(crate) async fn mark(
    context: Arc<Context>,
    config: Config,
    mut stop: Stop,
) -> Result<(), StoreError> {
    let mut in_flight = JoinSet::new();
    let mut pause = Pause::of(config.poll);
    let mut ended = Ok(());
    while ended.is_ok() && !stopped(&stop) {
        let pass = claim(&context, config, &mut in_flight, &stop).await;
        ended = pause.after(&context, pass, &mut stop).await;
    }
    while let Some(done) = in_flight.join_next().await {
        finished(&context, done);
    }
    ended
}

/// Claims a batch, once there is room for one. Whoever has marked it goes on with what is claimed with
/// the commit that saves it, as long as there is anything.
async fn claim(
    context: &Arc<Context>,
    config: Config,
    in_flight: &mut JoinSet<()>,
    stop: &Stop,
) -> Result<Pass, StoreError> {
    while let Some(done) = in_flight.try_join_next() {
        finished(context, done);
    }
    while in_flight.len() >= BATCHES_IN_FLIGHT {
        if let Some(done) = in_flight.join_next().await {
            finished(context, done);
        }
    }
    let batch = BATCH_PER_THREAD * context.pool.current_num_threads();
    let limit = u32::try_from(batch).unwrap_or(u32::MAX);
    let Config { rest_ms, lease_ms, .. } = config;
    let mut jobs = context.store.claim(context.now_ms(), rest_ms, lease_ms, limit).await?;
    if jobs.is_empty() {
        return Ok(Pass::Rest);
    }
    let pass = if jobs.len() == batch { Pass::More } else { Pass::Rest };
    let (context, stop) = (context.clone(), stop.clone());
    in_flight.spawn(async move {
        let next = Claiming { rest_ms, lease_ms, limit };
        while !jobs.is_empty() {
            jobs = context.mark_papers(jobs, || (!stopped(&stop)).then_some(next)).await;
        }
    });
    Ok(pass)
}

/// A batch's task catches the panics of marking; a panic of the task itself is counted too.
fn finished(context: &Context, done: Result<(), JoinError>) {
    if let Err(error) = done {
        count(&context.counting.faults, 1);
        metrics::counter!("zhibi_pipeline_faults_total").increment(1);
        tracing::error!(%error, "a batch of markings died; its claims will end");
    }
}

pub(crate) async fn settle(
    context: Arc<Context>,
    config: Config,
    mut stop: Stop,
) -> Result<(), StoreError> {
    let mut pause = Pause::of(config.poll.max(SETTLE_EVERY));
    while !stopped(&stop) {
        let pass = context.settle().await.map(|()| Pass::Rest);
        pause.after(&context, pass, &mut stop).await?;
    }
    Ok(())
}

/// Learns how print runs lie on their pattern from the ink on their copies.
pub(crate) async fn register(
    context: Arc<Context>,
    config: Config,
    mut stop: Stop,
) -> Result<(), StoreError> {
    let mut pause = Pause::of(config.poll);
    while !stopped(&stop) {
        let pass = context.learn_registrations().await.map(|()| Pass::Rest);
        pause.after(&context, pass, &mut stop).await?;
    }
    Ok(())
}

impl Context {
    pub(crate) async fn settle(&self) -> Result<(), StoreError> {
        let papers = self.store.set_back_future_ink(self.now_ms()).await?;
        if papers > 0 {
            tracing::warn!(papers, "ink was stamped in the future: was this clock set back?");
        }
        count(&self.counting.papers_settled, self.store.settle(self.now_ms()).await?);
        Ok(())
    }
}

pub(crate) async fn profiles(
    context: Arc<Context>,
    config: Config,
    mut stop: Stop,
) -> Result<(), StoreError> {
    let mut pause = Pause::of(config.poll);
    let mut last = None;
    while !stopped(&stop) {
        let pass = fold_profiles(&context, config, &mut last).await;
        pause.after(&context, pass, &mut stop).await?;
    }
    Ok(())
}

/// Fits items every night. A clock that runs fast or jumps is looked at often enough.
pub(crate) async fn items(
    context: Arc<Context>,
    config: Config,
    mut stop: Stop,
) -> Result<(), StoreError> {
    let mut due_ms = context.now_ms() + until_next_fit_ms(context.now_ms(), config.utc_offset_ms);
    while !stopped(&stop) {
        tokio::select! {
            () = tokio::time::sleep(LOOK_AT_CLOCK_EVERY) => {}
            _ = stop.changed() => continue,
        }
        let now_ms = context.now_ms();
        // The next night is never more than a day away, however the clock is set meanwhile.
        due_ms = due_ms.min(now_ms + until_next_fit_ms(now_ms, config.utc_offset_ms));
        if now_ms < due_ms {
            continue;
        }
        due_ms = now_ms + until_next_fit_ms(now_ms, config.utc_offset_ms);
        match fit_items(&context.store, &context.pool, now_ms, config.utc_offset_ms).await {
            Ok(fitted) => tracing::info!(?fitted, "fitted items"),
            Err(FitError::Store(StoreError::Closed)) => return Err(StoreError::Closed),
            Err(error) => tracing::error!(%error, "items not fitted; tried again tomorrow"),
        }
    }
    Ok(())
}

/// Folds the profiles after `last` and moves `last` on; after the end it begins again.
async fn fold_profiles(
    context: &Arc<Context>,
    config: Config,
    last: &mut Option<StaleProfile>,
) -> Result<Pass, StoreError> {
    let stale = context.store.stale_profiles(last.as_ref(), PROFILES_MAX as u32).await?;
    let full = stale.len() == PROFILES_MAX;
    let began = last.is_none();
    *last = stale.last().filter(|_| full).cloned();
    if stale.is_empty() {
        return Ok(if began { Pass::Rest } else { Pass::More });
    }
    // After the stale profiles: a fit that comes later makes them stale again.
    let items = context.items.get(&context.store).await?;
    let mut in_flight = JoinSet::new();
    let mut failed = Failed::default();
    for stale in stale {
        while in_flight.len() >= PROFILES_IN_FLIGHT_MAX {
            failed.note(in_flight.join_next().await);
        }
        let context = context.clone();
        let items = items.clone();
        in_flight
            .spawn(async move { context.fold_profile(stale, items, config.utc_offset_ms).await });
    }
    while let Some(folded) = in_flight.join_next().await {
        failed.note(Some(folded));
    }
    Ok(match (failed.first, full) {
        (Some(error), _) => {
            let profiles = failed.profiles;
            tracing::error!(error, profiles, "profiles not folded; they stay stale");
            Pass::Trouble
        }
        (None, true) => Pass::More,
        (None, false) => Pass::Rest,
    })
}

/// Profiles of a pass that could not be folded: one cause is mostly that of them all.
#[derive(Default)]
struct Failed {
    profiles: usize,
    first: Option<String>,
}

impl Failed {
    fn note(&mut self, folded: Option<Result<Result<(), String>, JoinError>>) {
        let error = match folded {
            None | Some(Ok(Ok(()))) => return,
            Some(Ok(Err(error))) => error,
            Some(Err(panicked)) => panicked.to_string(),
        };
        self.profiles += 1;
        self.first.get_or_insert(error);
    }
}

/// Told to stop, or the pipeline was dropped.
fn stopped(stop: &Stop) -> bool {
    *stop.borrow() || stop.has_changed().is_err()
}

/// How long a loop waits between two passes.
struct Pause {
    usual: Duration,
    next: Duration,
}

impl Pause {
    fn of(usual: Duration) -> Self {
        Self { usual, next: usual }
    }

    /// Waits as long as the pass makes it, or until stop. Only a store that is closed ends a loop.
    async fn after(
        &mut self,
        context: &Context,
        pass: Result<Pass, StoreError>,
        stop: &mut Stop,
    ) -> Result<(), StoreError> {
        match pass {
            Ok(Pass::More) => {
                self.next = self.usual;
                return Ok(());
            }
            Ok(Pass::Rest) => self.next = self.usual,
            Ok(Pass::Trouble) => self.next = (self.next * 2).min(PAUSE_MAX),
            Err(StoreError::Closed) => return Err(StoreError::Closed),
            Err(error) => {
                count(&context.counting.store_errors, 1);
                tracing::error!(%error, "store refused; asking again later");
                self.next = (self.next * 2).min(PAUSE_MAX);
            }
        }
        tokio::select! {
            () = tokio::time::sleep(self.next) => {}
            _ = stop.changed() => {}
        }
        Ok(())
    }
}
