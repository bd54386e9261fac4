//! One paper: load, mark on the pool, save.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Instant;

use attribution::PaperStrokes;
use ink::drawn::DrawnStroke;
use ink::{Assembly, Stroke};
use marking::{MarkedPaper, PageInk, Scratch};
use metrics::{counter, histogram};
use rayon::ThreadPool;
use store::{Job, Outcome, PaperChunks, ResponseRow, Saved, Store, StoreError};
use worksheet::{Placement, Registration, Worksheet};

use crate::copies::Copies;
use crate::counters::{Counting, count};
use crate::items::InForce;
use crate::outcome::{Written, outcome};
use crate::pool::Panicked;
use crate::retry::{may_pass, retry};
use crate::sheets::Sheets;
use crate::{Clock, pool};

/// A fault's text is for a person; a panic's may be of any length.
const FAULT_CHARS_MAX: usize = 300;

/// Marks one page: worksheet, page, registration, ink.
pub(crate) type Mark =
    dyn Fn(&Worksheet, u32, &Registration, &PageInk, &mut Scratch) -> MarkedPaper + Send + Sync;

/// What every job needs.
pub(crate) struct Context {
    pub(crate) store: Store,
    pub(crate) pool: Arc<ThreadPool>,
    pub(crate) mark: Arc<Mark>,
    pub(crate) clock: Clock,
    pub(crate) sheets: Sheets,
    pub(crate) items: InForce,
    pub(crate) copies: Copies,
    pub(crate) counting: Arc<Counting>,
}

/// What a page is marked from; goes to a worker whole.
pub(crate) struct Work {
    job: Job,
    chunks: PaperChunks,
    worksheet: Arc<Worksheet>,
    registration: Registration,
}

thread_local! {
    /// A worker's own, taken out while a page is marked: a panic leaves none behind.
    static SCRATCH: Cell<Option<Scratch>> = const { Cell::new(None) };
}

impl Context {
    pub(crate) fn now_ms(&self) -> i64 {
        (self.clock)()
    }

    /// Marks a claimed paper. Where the store goes on refusing, the claim is left to end by itself.
    pub(crate) async fn mark_paper(&self, job: Job) {
        let counting = &self.counting;
        let begun = Instant::now();
        let saved = match retry(counting, || self.load(&job)).await {
            Ok(work) => {
                stage("load", begun);
                self.copies.note(&job.print_run, job.page);
                self.mark_and_save(work).await
            }
            Err(error) if may_pass(&error) => Err(error),
            Err(StoreError::Closed) => Err(StoreError::Closed),
            // A worksheet that is wrong or gone will be so the next time too.
            Err(error) => self.save_fault(&job, job.ink_rev, &error.to_string()).await,
        };
        match saved {
            Ok(Saved::Yes) => {}
            Ok(Saved::LeaseLost) => {
                count(&counting.claims_lost, 1);
                tracing::info!("claim lost: the paper is another's, or marked already");
            }
            Err(error) => tracing::error!(%error, "paper not marked; its claim will end"),
        }
    }

    pub(crate) async fn load(&self, job: &Job) -> Result<Work, StoreError> {
        let worksheet = self.sheets.get(&self.store, &job.worksheet, job.version).await?;
        let chunks = self.store.paper_chunks(job).await?;
        // After the revision: one that is learnt meanwhile makes the paper stale.
        let registration = self.store.registration(&job.print_run, job.page).await?;
        Ok(Work { job: job.clone(), chunks, worksheet, registration })
    }

    async fn mark_and_save(&self, work: Work) -> Result<Saved, StoreError> {
        let (job, ink_rev) = (work.job.clone(), work.chunks.ink_rev);
        match self.outcome(work).await {
            Ok(outcome) => self.save(&job, outcome).await,
            Err(panicked) => self.save_fault(&job, ink_rev, &panicked.to_string()).await,
        }
    }

    /// Marks on the pool.
    pub(crate) async fn outcome(&self, work: Work) -> Result<Outcome, Panicked> {
        let (mark, counting) = (self.mark.clone(), self.counting.clone());
        pool::run(&self.pool, move || work.mark(&*mark, &counting)).await
    }

    pub(crate) async fn save(&self, job: &Job, outcome: Outcome) -> Result<Saved, StoreError> {
        let begun = Instant::now();
        let save = || self.store.save(job, outcome.clone(), self.now_ms());
        let saved = retry(&self.counting, save).await?;
        stage("save", begun);
        if saved == Saved::Yes {
            count(&self.counting.papers_marked, 1);
            let in_review = outcome.responses.iter().any(ResponseRow::waits);
            let word = if in_review { "in_review" } else { "decided" };
            counter!("zhibi_pipeline_papers_marked_total", "outcome" => word).increment(1);
        }
        Ok(saved)
    }

    /// Notes why the paper could not be marked, so that it is not claimed again with the same ink.
    pub(crate) async fn save_fault(
        &self,
        job: &Job,
        ink_rev: i64,
        why: &str,
    ) -> Result<Saved, StoreError> {
        count(&self.counting.faults, 1);
        counter!("zhibi_pipeline_faults_total").increment(1);
        let fault: String = why.chars().take(FAULT_CHARS_MAX).collect();
        tracing::error!(fault, "paper cannot be marked");
        let save = || self.store.save_fault(job, ink_rev, fault.clone(), self.now_ms());
        retry(&self.counting, save).await
    }
}

impl Work {
    /// Runs on a rayon worker.
    fn mark(self, mark: &Mark, counting: &Counting) -> Outcome {
        let begun = Instant::now();
        let assembly = Assembly::of_chunks(self.chunks.bytes());
        let unreadable = assembly.errors.len();
        let PaperStrokes { pupil, red, foreign } = self.chunks.strokes(assembly.strokes);
        let ink = PageInk { pupil, red };
        stage("decode", begun);
        if unreadable > 0 {
            count(&counting.chunks_unreadable, unreadable);
            tracing::error!(unreadable, "stored chunks cannot be read; marking the rest");
        }
        let mut scratch = SCRATCH.take().unwrap_or_default();
        let page = self.job.page;
        let begun = Instant::now();
        let paper = mark(&self.worksheet, page, &self.registration, &ink, &mut scratch);
        stage("mark", begun);
        SCRATCH.set(Some(scratch));
        tracing::debug!(
            strokes = ink.pupil.len(),
            red = ink.red.len(),
            responses = paper.responses.len(),
            "marked"
        );
        let placement = Placement::new(&self.registration);
        let drawn = |stroke: &Stroke, red| {
            DrawnStroke::new(stroke, red, |at| placement.to_page(at.into()).into())
        };
        let pupil = ink.pupil.iter().filter_map(|stroke| drawn(stroke, false));
        let red = ink.red.iter().filter_map(|stroke| drawn(stroke, true));
        let drawn: Vec<_> = pupil.chain(red).collect();
        // What cannot be read may be ink.
        let has_ink = !drawn.is_empty() || unreadable > 0;
        let written = Written { drawn, has_ink, foreign_pen: foreign };
        outcome(&self.worksheet, self.chunks.ink_rev, &paper, written)
    }
}

/// Notes how long a page spent in a stage.
fn stage(stage: &'static str, begun: Instant) {
    histogram!("zhibi_pipeline_stage_seconds", "stage" => stage).record(begun.elapsed());
}
