//! A batch of papers: load, mark on the pool, save. A single statement and a single commit serve the
//! whole batch; a paper that stands in the others' way is tried by itself.

use std::cell::Cell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Instant;

use attribution::PaperStrokes;
use ink::drawn::DrawnStroke;
use ink::{Assembly, Stroke};
use marking::{MarkedPaper, PageInk, Scratch};
use metrics::{counter, histogram};
use rayon::ThreadPool;
use rayon::prelude::*;
use store::{Claiming, Job, Outcome, PaperChunks, ResponseRow, Saved, Store, StoreError};
use tracing::Span;
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

    /// Marks claimed papers, and claims the next with the commit that saves them, where `next` says
    /// which; gives these. Where the store goes on refusing, the claims are left to end by themselves.
    pub(crate) async fn mark_papers(
        &self,
        jobs: Vec<Job>,
        next: impl FnOnce() -> Option<Claiming>,
    ) -> Vec<Job> {
        let begun = Instant::now();
        let loaded = self.load_each(&jobs).await;
        stage("load", begun);
        let (mut works, mut markings) = (Vec::new(), Vec::new());
        for (job, loaded) in jobs.into_iter().zip(loaded) {
            match loaded {
                Ok(work) => {
                    self.copies.note(&job.print_run, job.page);
                    works.push(work);
                }
                // A worksheet that is wrong or gone will be so the next time too.
                Err(error) if !may_pass(&error) && !matches!(error, StoreError::Closed) => {
                    let saved = self.save_fault(&job, job.ink_rev, &error.to_string()).await;
                    self.note(&job, saved);
                }
                Err(error) => self.note(&job, Err(error)),
            }
        }
        for (job, ink_rev, outcome) in self.outcomes(works).await {
            match outcome {
                Ok(outcome) => markings.push((job, outcome)),
                Err(panicked) => {
                    let saved = self.save_fault(&job, ink_rev, &panicked.to_string()).await;
                    self.note(&job, saved);
                }
            }
        }
        let markings: Arc<[(Job, Outcome)]> = markings.into();
        if let Ok((saved, claimed)) = self.save_all(markings.clone(), next()).await {
            markings.iter().zip(saved).for_each(|((job, _), saved)| self.note(job, Ok(saved)));
            return claimed;
        }
        // One of them may be what the store refuses. It has been asked often enough: once for each.
        for (job, outcome) in markings.iter() {
            let saved = self.save_once(Arc::new([(job.clone(), outcome.clone())]), None).await;
            self.note(job, saved.map(|(saved, _)| the_one(&saved)));
        }
        Vec::new()
    }

    /// Notes what became of a claimed paper.
    fn note(&self, job: &Job, saved: Result<Saved, StoreError>) {
        let _in_span = span(job).entered();
        match saved {
            Ok(Saved::Yes) => {}
            Ok(Saved::LeaseLost) => {
                count(&self.counting.claims_lost, 1);
                tracing::info!("claim lost: the paper is another's, or marked already");
            }
            Err(error) => tracing::error!(%error, "paper not marked; its claim will end"),
        }
    }

    /// Loads papers together or, where the store refuses that for good, each by itself.
    async fn load_each(&self, jobs: &[Job]) -> Vec<Result<Work, StoreError>> {
        if let Ok(loaded) = retry(&self.counting, || self.load_all(jobs)).await {
            return loaded;
        }
        let mut each = Vec::with_capacity(jobs.len());
        for job in jobs {
            each.push(self.load(job).await);
        }
        each
    }

    pub(crate) async fn load(&self, job: &Job) -> Result<Work, StoreError> {
        let loaded = self.load_all(std::slice::from_ref(job)).await?.pop();
        loaded.unwrap_or(Err(StoreError::Closed))
    }

    /// Loads papers in one snapshot. An error that may pass is that of all.
    async fn load_all(&self, jobs: &[Job]) -> Result<Vec<Result<Work, StoreError>>, StoreError> {
        let papers = self.store.papers_chunks(jobs).await?;
        let mut registrations = HashMap::new();
        let mut loaded = Vec::with_capacity(jobs.len());
        for (job, chunks) in jobs.iter().zip(papers) {
            match self.work(job, chunks, &mut registrations).await {
                Err(error) if may_pass(&error) => return Err(error),
                work => loaded.push(work),
            }
        }
        Ok(loaded)
    }

    async fn work<'a>(
        &self,
        job: &'a Job,
        chunks: Option<PaperChunks>,
        registrations: &mut HashMap<(&'a str, u32), Registration>,
    ) -> Result<Work, StoreError> {
        let gone = || StoreError::Missing { what: "paper", id: job.assignment.clone() };
        let chunks = chunks.ok_or_else(gone)?;
        let worksheet = self.sheets.get(&self.store, &job.worksheet, job.version).await?;
        // After the revision: one that is learnt meanwhile makes the paper stale.
        let registration = match registrations.entry((&job.print_run, job.page)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(unknown) => {
                *unknown.insert(self.store.registration(&job.print_run, job.page).await?)
            }
        };
        Ok(Work { job: job.clone(), chunks, worksheet, registration })
    }

    /// Marks on the pool: of each paper its job, its revision, and what came of it.
    async fn outcomes(&self, works: Vec<Work>) -> Vec<(Job, i64, Result<Outcome, Panicked>)> {
        if works.is_empty() {
            return Vec::new();
        }
        let of: Vec<(Job, i64)> =
            works.iter().map(|work| (work.job.clone(), work.chunks.ink_rev)).collect();
        let (mark, counting) = (self.mark.clone(), self.counting.clone());
        let marked = pool::run(&self.pool, move || {
            let mark = |work: Work| pool::caught(|| work.mark(&*mark, &counting));
            // One by one: of pieces of several papers the last would be one thread's alone.
            works.into_par_iter().with_max_len(1).map(mark).collect::<Vec<_>>()
        });
        let outcomes = match marked.await {
            Ok(outcomes) => outcomes,
            Err(panicked) => vec![Err(panicked); of.len()],
        };
        of.into_iter().zip(outcomes).map(|((job, rev), outcome)| (job, rev, outcome)).collect()
    }

    /// Marks one paper on the pool.
    pub(crate) async fn outcome(&self, work: Work) -> Result<Outcome, Panicked> {
        let (mark, counting) = (self.mark.clone(), self.counting.clone());
        pool::run(&self.pool, move || work.mark(&*mark, &counting)).await
    }

    pub(crate) async fn save(&self, job: &Job, outcome: Outcome) -> Result<Saved, StoreError> {
        let (saved, _) = self.save_all(Arc::new([(job.clone(), outcome)]), None).await?;
        Ok(the_one(&saved))
    }

    async fn save_all(
        &self,
        markings: Arc<[(Job, Outcome)]>,
        next: Option<Claiming>,
    ) -> Result<(Vec<Saved>, Vec<Job>), StoreError> {
        retry(&self.counting, || self.save_once(markings.clone(), next)).await
    }

    async fn save_once(
        &self,
        markings: Arc<[(Job, Outcome)]>,
        next: Option<Claiming>,
    ) -> Result<(Vec<Saved>, Vec<Job>), StoreError> {
        if markings.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let begun = Instant::now();
        let (store, now_ms) = (&self.store, self.now_ms());
        let (saved, claimed) = match next {
            Some(next) => store.save_and_claim(markings.clone(), next, now_ms).await?,
            None => (store.save_all(markings.clone(), now_ms).await?, Vec::new()),
        };
        stage("save", begun);
        for ((_, outcome), saved) in markings.iter().zip(&saved) {
            if *saved == Saved::Yes {
                count(&self.counting.papers_marked, 1);
                let in_review = outcome.responses.iter().any(ResponseRow::waits);
                let word = if in_review { "in_review" } else { "decided" };
                counter!("zhibi_pipeline_papers_marked_total", "outcome" => word).increment(1);
            }
        }
        Ok((saved, claimed))
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
        let _in_span = span(&self.job).entered();
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

/// What became of the only one.
fn the_one(saved: &[Saved]) -> Saved {
    saved.first().copied().unwrap_or(Saved::LeaseLost)
}

/// What is logged of a paper: nothing of its pupil.
fn span(job: &Job) -> Span {
    tracing::info_span!(
        "mark",
        assignment = job.assignment,
        page = job.page,
        folio = job.folio,
        address_page = job.address_page,
        ink_rev = job.ink_rev,
        fence = job.fence,
    )
}

/// Notes how long a page, or the batch that it was in, spent in a stage.
fn stage(stage: &'static str, begun: Instant) {
    histogram!("zhibi_pipeline_stage_seconds", "stage" => stage).record(begun.elapsed());
}
