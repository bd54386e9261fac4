//! Which papers are to be marked, by whom, and when they are settled.

use crate::database::Connection;
use crate::marks::{OutboxKind, announce_all, want_profiles};
use crate::sql::query;
use crate::{Store, StoreError};

/// Papers settled in one transaction, so that ingestion never waits long for the writer.
const SETTLED_MAX: u32 = 256;
/// Stamps further ahead than this come from a clock that was wrong and has been set back. Nearer
/// ones need only be waited for.
const AHEAD_MS_MAX: i64 = 60_000;

/// A claimed paper. The claim holds until its lease ends and somebody else claims the paper.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Job {
    /// The assignment's school.
    pub school: String,
    /// The assignment's class.
    pub class: String,
    /// The assignment.
    pub assignment: String,
    /// Whose paper it is.
    pub pupil: String,
    /// Page of the worksheet, from 1.
    #[sqlx(try_from = "i64")]
    pub page: u32,
    /// Where the paper lies: see [`crate::folio`].
    pub folio: i64,
    /// The page of its address.
    #[sqlx(try_from = "i64")]
    pub address_page: u32,
    /// The revision when it was claimed.
    pub ink_rev: i64,
    /// Rises with each claim; a save with an older one is refused.
    pub fence: i64,
    /// The worksheet's id.
    pub worksheet: String,
    /// The worksheet's version.
    #[sqlx(try_from = "i64")]
    pub version: u32,
    /// What was printed.
    pub print_run: String,
    /// Whether all copies of that run share their addresses.
    pub shared: bool,
}

/// Which papers are claimed, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claiming {
    /// How long their ink must have rested, milliseconds.
    pub rest_ms: i64,
    /// How long a claim holds, milliseconds.
    pub lease_ms: i64,
    /// How many at most.
    pub limit: u32,
}

/// What is still to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct WorkLeft {
    /// Rows of ink that nobody has looked at.
    #[sqlx(try_from = "i64")]
    pub stale_ink: u32,
    /// Rows of ink that were looked at and belong to nobody yet; not work.
    #[sqlx(try_from = "i64")]
    pub unattributed_ink: u32,
    /// Papers with ink newer than their marking.
    #[sqlx(try_from = "i64")]
    pub stale_papers: u32,
    /// Papers not yet settled; not work while they are not due.
    #[sqlx(try_from = "i64")]
    pub unsettled_papers: u32,
    /// Profiles to be folded again.
    #[sqlx(try_from = "i64")]
    pub stale_profiles: u32,
}

impl WorkLeft {
    /// Whether everything that can be attributed, marked and folded has been.
    pub fn is_none(&self) -> bool {
        self.stale_ink == 0 && self.stale_papers == 0 && self.stale_profiles == 0
    }
}

/// What waits for the pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Backlog {
    /// Page faces with ink that was not attributed to its papers yet.
    #[sqlx(try_from = "i64")]
    pub ink: u32,
    /// Papers with ink newer than their marking.
    #[sqlx(try_from = "i64")]
    pub papers: u32,
    /// Profiles to be folded again.
    #[sqlx(try_from = "i64")]
    pub profiles: u32,
    /// Server time of the latest ink of that face or paper that waits longest, Unix milliseconds.
    pub oldest_ms: Option<i64>,
}

impl Store {
    /// Claims stale papers whose ink has rested for `rest_ms`, longest rested first, each for
    /// `lease_ms`. No paper is claimed by two at a time.
    ///
    /// # Errors
    /// On an error nothing is claimed.
    pub async fn claim(
        &self,
        now_ms: i64,
        rest_ms: i64,
        lease_ms: i64,
        limit: u32,
    ) -> Result<Vec<Job>, StoreError> {
        let claiming = Claiming { rest_ms, lease_ms, limit };
        // Asked of a reader first: having nothing to do costs the writer nothing.
        let reader = &mut self.readers().acquire().await?;
        if claimable(reader, now_ms, Claiming { limit: 1, ..claiming }).await?.is_empty() {
            return Ok(Vec::new());
        }
        self.write(move |tx| Box::pin(async move { claim(tx, now_ms, claiming).await })).await
    }

    /// Releases every claim: a process that was killed holds its papers until their leases end.
    /// Only for a caller that knows that nobody else works on the store.
    ///
    /// # Errors
    /// On an error nothing is written.
    pub async fn release_claims(&self) -> Result<u64, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                let released = query(
                    "UPDATE paper SET lease_until_ms = 0
                     WHERE marked_rev < ink_rev AND lease_until_ms > 0",
                )
                .execute(tx)
                .await?;
                Ok(released)
            })
        })
        .await
    }

    /// Restamps ink that is stamped in the future as written now: the stamps of a clock that was
    /// ahead would keep it from ever resting. Returns the number of papers.
    ///
    /// # Errors
    /// On an error nothing is written.
    pub async fn set_back_future_ink(&self, now_ms: i64) -> Result<u64, StoreError> {
        let latest_ms = now_ms.saturating_add(AHEAD_MS_MAX);
        // Two questions, so that each has its index.
        let ahead: bool = query(
            "SELECT EXISTS (SELECT 1 FROM paper WHERE marked_rev < ink_rev AND ink_ms > $1)
                 OR EXISTS (SELECT 1 FROM paper WHERE settled_ms IS NULL AND ink_ms > $1)",
        )
        .bind(latest_ms)
        .scalar(self.readers())
        .await?;
        if !ahead {
            return Ok(0);
        }
        self.write(move |tx| {
            Box::pin(async move {
                let papers = query(
                    "UPDATE paper SET ink_ms = $1
                     WHERE ink_ms > $2 AND (marked_rev < ink_rev OR settled_ms IS NULL)",
                )
                .bind(now_ms)
                .bind(latest_ms)
                .execute(tx)
                .await?;
                Ok(papers)
            })
        })
        .await
    }

    /// Settles papers that are handed in: due, or the teacher says so, or their ink has rested for
    /// the assignment's quiet time. None is settled while it is stale. Returns how many.
    ///
    /// # Errors
    /// On an error, what is settled stays settled; call it again.
    pub async fn settle(&self, now_ms: i64) -> Result<usize, StoreError> {
        let mut total = 0;
        loop {
            // A reader looks for them: the writer must not wait while every open paper is looked
            // at.
            let ripe: Vec<Ripe> = query(
                "SELECT p.school, p.assignment, p.pupil, p.page, p.ink_ms
                 FROM paper p JOIN assignment s ON s.id = p.assignment
                 WHERE p.settled_ms IS NULL AND p.marked_rev >= p.ink_rev
                   AND (p.handed_in_ms IS NOT NULL OR s.due_ms <= $1
                        OR p.ink_ms <= $1 - s.quiet_ms)
                   AND NOT EXISTS (
                       SELECT 1 FROM ink i WHERE i.folio = p.folio AND i.page = p.address_page
                         AND i.attributed_rev < i.ink_rev)
                 LIMIT $2",
            )
            .bind(now_ms)
            .bind(SETTLED_MAX)
            .fetch_all(self.readers())
            .await?;
            if ripe.is_empty() {
                return Ok(total);
            }
            let settled = self
                .write(move |tx| Box::pin(async move { settle(tx, &ripe, now_ms).await }))
                .await?;
            total += settled;
            if settled == 0 {
                return Ok(total);
            }
        }
    }

    /// Counts what waits for the pipeline, for monitoring. Reads only indexes of waiting rows.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn backlog(&self) -> Result<Backlog, StoreError> {
        let backlog = query(
            "SELECT (SELECT count(*) FROM ink WHERE attributed_rev < ink_rev) AS ink,
                    (SELECT count(*) FROM paper WHERE marked_rev < ink_rev) AS papers,
                    (SELECT count(*) FROM profile WHERE applied_rev < wanted_rev) AS profiles,
                    (SELECT min(ms) FROM (
                        SELECT min(received_ms) AS ms FROM ink WHERE attributed_rev < ink_rev
                        UNION ALL
                        SELECT min(ink_ms) AS ms FROM paper WHERE marked_rev < ink_rev
                    ) AS waiting) AS oldest_ms",
        )
        .fetch_one(self.readers())
        .await?;
        Ok(backlog)
    }

    /// Counts what is still to be done, in one snapshot.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn work_left(&self) -> Result<WorkLeft, StoreError> {
        let left = query(
            "SELECT (SELECT count(*) FROM ink WHERE attributed_rev < ink_rev) AS stale_ink,
                    (SELECT count(*) FROM ink WHERE attributed_rev >= ink_rev AND papers = 0)
                        AS unattributed_ink,
                    (SELECT count(*) FROM paper WHERE marked_rev < ink_rev) AS stale_papers,
                    (SELECT count(*) FROM paper WHERE settled_ms IS NULL) AS unsettled_papers,
                    (SELECT count(*) FROM profile WHERE applied_rev < wanted_rev)
                        AS stale_profiles",
        )
        .fetch_one(self.readers())
        .await?;
        Ok(left)
    }
}

/// School, assignment, pupil, page.
type PaperKey = (String, String, String, i64);
/// The same with the time of the latest ink.
type Ripe = (String, String, String, i64, i64);

/// Papers that nobody holds and whose ink has rested, longest rested first, with the fence that
/// their next claim gets. A lease that ends long after one taken now is of a clock that was ahead.
async fn claimable(
    connection: &mut Connection,
    now_ms: i64,
    claiming: Claiming,
) -> Result<Vec<Job>, StoreError> {
    let until_ms = now_ms.saturating_add(claiming.lease_ms);
    let jobs = query(
        "SELECT p.school, s.class, p.assignment, p.pupil, p.page, p.folio, p.address_page,
                p.ink_rev, p.fence + 1 AS fence, s.worksheet, s.version, s.print_run,
                r.copies IS NULL AS shared
         FROM paper p JOIN assignment s ON s.id = p.assignment
         JOIN print_run r ON r.id = s.print_run
         WHERE p.marked_rev < p.ink_rev AND p.ink_ms <= $1
           AND (p.lease_until_ms <= $2 OR p.lease_until_ms > $3)
         ORDER BY p.ink_ms LIMIT $4",
    )
    .bind(now_ms.saturating_sub(claiming.rest_ms))
    .bind(now_ms)
    .bind(until_ms.saturating_add(AHEAD_MS_MAX))
    .bind(claiming.limit)
    .fetch_all(connection)
    .await?;
    Ok(jobs)
}

/// See [`Store::claim`].
pub(super) async fn claim(
    tx: &mut Connection,
    now_ms: i64,
    claiming: Claiming,
) -> Result<Vec<Job>, StoreError> {
    let jobs = claimable(tx, now_ms, claiming).await?;
    if !jobs.is_empty() {
        hold(tx, &jobs, now_ms.saturating_add(claiming.lease_ms)).await?;
    }
    Ok(jobs)
}

/// Settles those of the papers that are still ripe: ink may have come since they were found.
async fn settle(tx: &mut Connection, ripe: &[Ripe], now_ms: i64) -> Result<usize, StoreError> {
    let settled: Vec<PaperKey> = query(
        "UPDATE paper SET settled_ms = $2 FROM json_each($1)
         WHERE school = value->>0 AND assignment = value->>1 AND pupil = value->>2
           AND page = CAST(value->>3 AS BIGINT) AND ink_ms = CAST(value->>4 AS BIGINT)
           AND settled_ms IS NULL
           AND marked_rev >= ink_rev
           AND NOT EXISTS (
               SELECT 1 FROM ink i WHERE i.folio = paper.folio
                 AND i.page = paper.address_page AND i.attributed_rev < i.ink_rev)
         RETURNING school, assignment, pupil, page",
    )
    .bind(serde_json::to_string(ripe)?)
    .bind(now_ms)
    .fetch_all(&mut *tx)
    .await?;
    let lines = serde_json::to_string(&settled)?;
    want_profiles(tx, &lines).await?;
    announce_all(tx, OutboxKind::Settled, &lines, now_ms).await?;
    Ok(settled.len())
}

async fn hold(tx: &mut Connection, jobs: &[Job], until_ms: i64) -> Result<(), StoreError> {
    let keys: Vec<_> =
        jobs.iter().map(|job| (&job.school, &job.assignment, &job.pupil, job.page)).collect();
    query(
        "UPDATE paper SET fence = fence + 1, lease_until_ms = $2 FROM json_each($1)
         WHERE school = value->>0 AND assignment = value->>1 AND pupil = value->>2
           AND page = CAST(value->>3 AS BIGINT)",
    )
    .bind(serde_json::to_string(&keys)?)
    .bind(until_ms)
    .execute(tx)
    .await?;
    Ok(())
}
