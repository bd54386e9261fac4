//! Page addresses handed out by the store.

use worksheet::PrintRun;

use super::{insert_print_run, print_run};
use crate::database::Connection;
use crate::ink::folio;
use crate::sql::query;
use crate::{Store, StoreError};

/// The first page that is handed out. Where a pen reads page 0 there is more often no page.
const FIRST_PAGE: u32 = 1;

impl Store {
    /// Stores a print run as [`Store::insert_print_run`] does, on the first free pages of its book
    /// that hold it, whatever page it names. Returns the run with its pages, which nobody else is
    /// given. A run that is stored already keeps the pages that it has.
    ///
    /// # Errors
    /// Where no such pages are left in the book, the run is stored already with other pages or
    /// copies, or the worksheet or a pupil does not exist.
    pub async fn allocate_print_run(
        &self,
        school: &str,
        run: PrintRun,
        pupils: Vec<String>,
    ) -> Result<PrintRun, StoreError> {
        let school = school.to_owned();
        self.write(move |tx| Box::pin(allocate(tx, school, run, pupils))).await
    }
}

/// Pages of coded paper that a maker sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange {
    /// 8 bits.
    pub section: u8,
    /// 24 bits.
    pub owner: u32,
    /// The book.
    pub book: u32,
    /// Its first page.
    pub first_page: u32,
    /// How many pages there are, at least one.
    pub pages: u32,
}

/// A run on the first pages of these ranges, in their order, that no run has and that hold it in a
/// row, whatever address it names.
pub(super) async fn in_ranges(
    tx: &mut Connection,
    run: PrintRun,
    ranges: &[AddressRange],
) -> Result<PrintRun, StoreError> {
    let wanted = run.addresses();
    for range in ranges {
        let AddressRange { section, owner, book, first_page, pages } = *range;
        let end = u64::from(first_page) + u64::from(pages);
        let taken: Vec<(i64, i64)> = query(
            "SELECT first_page, first_page + pages * coalesce(copies, 1) FROM print_run
             WHERE folio = $1 ORDER BY first_page",
        )
        .bind(folio(section, owner, book))
        .fetch_all(&mut *tx)
        .await?;
        let mut free = u64::from(first_page);
        for (first, behind) in taken {
            if first.cast_unsigned() >= free + wanted {
                break;
            }
            free = free.max(behind.cast_unsigned());
        }
        if free + wanted <= end {
            // Below the end of a book.
            let first_page = u32::try_from(free).unwrap_or(u32::MAX);
            return Ok(PrintRun { section, owner, book, first_page, ..run });
        }
    }
    let reason =
        format!("no range has {wanted} pages in a row left: buy more paper, or print less");
    Err(StoreError::PrintRun { id: run.id, reason })
}

async fn allocate(
    tx: &mut Connection,
    school: String,
    mut run: PrintRun,
    pupils: Vec<String>,
) -> Result<PrintRun, StoreError> {
    let id = run.id.clone();
    let refused = |reason: &str| Err(StoreError::PrintRun { id, reason: reason.into() });
    let known = print_run(&mut *tx, &run.id).await?;
    let first_page = match &known {
        Some(known) => known.first_page,
        None => match free_page(tx, &run, 0).await? {
            Some(free) => free,
            None => return refused("its book has no such pages left: print it in another"),
        },
    };
    run = PrintRun { first_page, ..run };
    if known.is_some_and(|known| known != run) {
        return refused("it is stored already with other pages, copies or registration");
    }
    run.check()?;
    insert_print_run(tx, school, run.clone(), pupils).await?;
    Ok(run)
}

/// The lowest page of a run's book behind which enough pages are free, and, behind
/// another run, `room` more before it: a gap lies between all runs that begin before it and the next.
pub(super) async fn free_page(
    tx: &mut Connection,
    run: &PrintRun,
    room: u32,
) -> Result<Option<u32>, StoreError> {
    let Ok(pages) = u32::try_from(run.addresses() + u64::from(room)) else { return Ok(None) };
    let free: Option<i64> = query(
        "SELECT min(g.behind)
         FROM (SELECT max(first_page + pages * coalesce(copies, 1)) OVER (ORDER BY first_page)
                          AS behind,
                      lead(first_page) OVER (ORDER BY first_page) AS next
               FROM print_run WHERE folio = $1
               UNION ALL
               SELECT $3, min(first_page) FROM print_run WHERE folio = $1) g
         WHERE coalesce(g.next, 4294967296) - g.behind >= $2",
    )
    .bind(folio(run.section, run.owner, run.book))
    .bind(pages)
    .bind(FIRST_PAGE)
    .scalar(tx)
    .await?;
    // Before the first page of a book there is nobody to leave room for.
    let behind = |page: u32| if page == FIRST_PAGE { Some(page) } else { page.checked_add(room) };
    Ok(free.and_then(|page| behind(u32::try_from(page).ok()?)))
}
