//! How print runs lie on their pattern, learnt in the background from the ink on all copies.

use ink::Assembly;
use marking::{Learned, PageInk, learn_registration};
use store::{PaperChunks, StoreError};

use crate::copies::COPIES_MIN;
use crate::counters::count;
use crate::job::Context;
use crate::pool;
use crate::retry::may_pass;

/// More copies are not looked at.
const COPIES_MAX: u32 = 64;
/// A page of a run that is found elsewhere again and again is no printer's fault.
const VERSIONS_MAX: u32 = 8;

impl Context {
    /// Looks at every page with enough new ink.
    ///
    /// # Errors
    /// Where the store refuses; what was not looked at stays due.
    pub(crate) async fn learn_registrations(&self) -> Result<(), StoreError> {
        for (page, since) in self.copies.due() {
            let copies = match self.learn_registration(&page.0, page.1).await {
                Ok(copies) => copies,
                Err(error) if may_pass(&error) => return Err(error),
                Err(StoreError::Closed) => return Err(StoreError::Closed),
                Err(error) => {
                    tracing::error!(%error, "a page's registration cannot be learnt");
                    0
                }
            };
            self.copies.looked_at(&page, since, copies);
        }
        Ok(())
    }

    /// Holds the ink on a page of a print run against its fields; where it lies elsewhere, stores
    /// where, which has the page's papers marked again. Returns how many copies were looked at.
    ///
    /// It does not flap: nothing is stored while the registration in force puts nearly all ink into
    /// fields, or while another one is hardly better.
    async fn learn_registration(&self, print_run: &str, page: u32) -> Result<u32, StoreError> {
        let papers = self.store.papers_of_run(print_run, page, COPIES_MAX).await?;
        let copies = papers.len() as u32;
        let Some(first) = papers.first().filter(|_| copies >= COPIES_MIN) else {
            return Ok(copies);
        };
        let worksheet = self.sheets.get(&self.store, &first.worksheet, first.version).await?;
        let given = self.store.registration(print_run, page).await?;
        let own = self.store.load_print_run(print_run).await?.registration;
        let chunks = self.store.papers_chunks(&papers).await?;
        let learned = pool::run(&self.pool, move || {
            // A paper that is gone says nothing.
            let ink: Vec<PageInk> = chunks.iter().flatten().map(ink_of).collect();
            learn_registration(&worksheet, page, &given, &ink.iter().collect::<Vec<_>>())
        });
        match learned.await {
            Ok(Learned::AsGiven) => {}
            Ok(Learned::Found(found)) if found.version <= own.version + VERSIONS_MAX => {
                if self.store.insert_registration(print_run, page, found, self.now_ms()).await? {
                    tracing::info!(print_run, page, ?found, "learnt where the page was printed");
                }
            }
            Ok(Learned::Found(_) | Learned::Ambiguous) => {
                tracing::warn!(print_run, page, "ink lies beside the fields; unclear where to");
            }
            Err(panicked) => {
                count(&self.counting.faults, 1);
                tracing::error!(print_run, page, %panicked, "no registration was learnt");
            }
        }
        Ok(copies)
    }
}

fn ink_of(chunks: &PaperChunks) -> PageInk {
    let strokes = chunks.strokes(Assembly::of_chunks(chunks.bytes()).strokes);
    PageInk { pupil: strokes.pupil, red: Vec::new() }
}
