//! Stored papers marked again, or looked at as if they were.

use std::sync::Arc;

use marking::{Marker, Versions};
use rayon::ThreadPool;
use store::{Job, MarkRow, Marked, MarkedAnswer, Outcome, ResponseRow, Saved, Source, Store};

use crate::Clock;
use crate::copies::Copies;
use crate::items::InForce;
use crate::job::Context;
use crate::sheets::Sheets;

/// Marks stored papers again, beside a running pipeline or without one.
pub struct Remarker {
    context: Context,
    marker: Arc<Marker>,
}

/// What marking a paper again came to, or would come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Again {
    /// The paper.
    pub job: Job,
    /// How many parts it has.
    pub answers: usize,
    /// How many of them would count otherwise had no person decided them.
    pub kept: usize,
    /// The parts that count otherwise, in printed order.
    pub changes: Vec<AnswerChange>,
}

/// A part that counts otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct AnswerChange {
    /// The part.
    pub part: String,
    /// What counted.
    pub before: Counted,
    /// What counts.
    pub after: Counted,
}

/// What counts for a part: a verdict, or that a person must decide.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counted {
    /// What was read.
    pub reading: Option<String>,
    /// The verdict.
    pub mark: Option<MarkRow>,
    /// Why a person must decide.
    pub review: Option<String>,
}

/// Why a paper was not marked again.
#[derive(Debug, thiserror::Error)]
pub enum RemarkError {
    /// The store refused, or the worksheet cannot be read.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// Marking broke off.
    #[error("{0}")]
    Fault(String),
    /// Somebody else has it, or more ink came: it is marked by whoever has it.
    #[error("another marks it")]
    Lost,
}

impl Remarker {
    /// Marks with `marker` on `pool`.
    pub fn new(store: Store, marker: Marker, pool: Arc<ThreadPool>, clock: Clock) -> Self {
        let marker = Arc::new(marker);
        let marking = marker.clone();
        let context = Context {
            store,
            pool,
            mark: Arc::new(move |worksheet, page, registration, ink, scratch| {
                marking.mark(worksheet, page, registration, ink, scratch)
            }),
            clock,
            sheets: Sheets::default(),
            items: InForce::default(),
            copies: Copies::default(),
            counting: Arc::default(),
        };
        Self { context, marker }
    }

    /// Whether a paper was marked with another model or other thresholds than this program's.
    pub fn is_old(&self, paper: &Marked) -> bool {
        let versions: Option<Versions> = serde_json::from_str(&paper.versions).ok();
        versions.is_none_or(|versions| !self.marker.made(&versions))
    }

    /// What marking a paper again would change; nothing is written.
    ///
    /// # Errors
    /// Where it cannot be marked.
    pub async fn look(&self, job: &Job) -> Result<Again, RemarkError> {
        Ok(self.marked(job).await?.0)
    }

    /// Marks a paper again that [`Store::claim_again`] claimed, and says what that changed. A person's
    /// decisions stay.
    ///
    /// # Errors
    /// Where it cannot be marked, which is noted on it, or the claim was lost.
    pub async fn mark(&self, job: &Job) -> Result<Again, RemarkError> {
        let (again, outcome) = match self.marked(job).await {
            Err(RemarkError::Fault(fault)) => {
                self.context.save_fault(job, job.ink_rev, &fault).await?;
                return Err(RemarkError::Fault(fault));
            }
            marked => marked?,
        };
        match self.context.save(job, outcome).await? {
            Saved::Yes => Ok(again),
            Saved::LeaseLost => Err(RemarkError::Lost),
        }
    }

    pub(crate) async fn marked(&self, job: &Job) -> Result<(Again, Outcome), RemarkError> {
        let before = self.context.store.marked_answers(job).await?;
        let work = self.context.load(job).await?;
        let outcome = self.context.outcome(work).await;
        let outcome = outcome.map_err(|panicked| RemarkError::Fault(panicked.to_string()))?;
        Ok((again(job, &before, &outcome), outcome))
    }
}

/// What an outcome changes in what counts.
fn again(job: &Job, before: &[MarkedAnswer], outcome: &Outcome) -> Again {
    let mut again =
        Again { job: job.clone(), answers: outcome.responses.len(), kept: 0, changes: Vec::new() };
    // Points for criteria are given by people alone.
    for response in outcome.responses.iter().filter(|response| response.criteria == 0) {
        let was = before.iter().find(|answer| answer.part == response.part);
        let before = was.map(Counted::before).unwrap_or_default();
        let after = Counted::after(response);
        if before.mark == after.mark && before.review.is_some() == after.review.is_some() {
            continue;
        }
        if was.is_some_and(|was| was.source == Some(Source::Screen)) {
            again.kept += usize::from(before.mark != after.mark);
        } else {
            again.changes.push(AnswerChange { part: response.part.clone(), before, after });
        }
    }
    again
}

impl Counted {
    fn before(answer: &MarkedAnswer) -> Self {
        let mark = answer.mark();
        let waits = |review: &String| mark.is_none() && !review.is_empty();
        let review = answer.review.clone().filter(waits);
        Self { reading: answer.reading.clone(), mark, review }
    }

    fn after(response: &ResponseRow) -> Self {
        let mark = response.red.or(response.machine);
        let review = response.review.clone().filter(|_| mark.is_none());
        Self { reading: response.reading.clone(), mark, review }
    }
}
