//! A simulated evening: made, and handed over to a gateway.

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use firmware_protocol::{PenId, peek_envelope};
use gateway::{Connection, Gateway, NotTaken, Offer, Taken};
use pen_sim::{AssignmentPlan, Evening, Handed, HandwritingPool, Setup};

use crate::class::SampleClass;
use crate::progress::Progress;

/// The share of per-copy papers that the teacher marks in red.
const MARKED_BY_TEACHER: f32 = 0.4;

/// What a notification carries where both sides of a BLE link agreed on packets of 247 bytes.
const NOTIFICATION_BYTES: usize = 244;

/// Chunks that are handed over before the first of them must be durable: those that come close
/// together take one fsync.
const OFFERED_MAX: usize = 256;

/// How soon a pen tries again that was refused: this one has no other memory.
const TRY_AGAIN: Duration = Duration::from_millis(20);

/// What pens handed over.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sent {
    /// Copies of chunks, hellos included.
    pub(crate) chunks: u64,
    /// Copies among them of chunks already handed over.
    pub(crate) duplicates: u64,
}

/// The sample class's evening, beginning at `start_ms`: what the simulator is given. `run` tells it
/// apart from other runs against one store.
pub(crate) fn setup(
    class: &SampleClass,
    handwriting: Option<&Path>,
    seed: u64,
    start_ms: i64,
    run: u32,
) -> anyhow::Result<Setup> {
    let handwriting = pool(handwriting)?;
    let assignments = class.given.iter().map(|given| AssignmentPlan {
        id: given.id.clone(),
        worksheet: given.worksheet.clone(),
        run: given.run.clone(),
    });
    Ok(Setup {
        class: class.simulated(),
        assignments: assignments.collect(),
        evening_start_ms: start_ms,
        handwriting,
        seed,
        run,
        marked_by_teacher: MARKED_BY_TEACHER,
        known: None,
    })
}

/// The handwriting of a folder, if one is named.
pub(crate) fn pool(folder: Option<&Path>) -> anyhow::Result<Option<HandwritingPool>> {
    let Some(folder) = folder else { return Ok(None) };
    let pool = HandwritingPool::load(folder)
        .with_context(|| format!("cannot use the handwriting in {}", folder.display()))?;
    Ok(Some(pool))
}

/// Hands over everything, each at the moment that `when` gives for its time (Unix milliseconds),
/// or at once where it gives none; then waits until every chunk has its receipt.
pub(crate) async fn hand_over(
    evening: &Evening,
    gateway: &Gateway,
    when: impl Fn(i64) -> Option<Instant>,
) -> anyhow::Result<Sent> {
    let link = gateway.link();
    let mut connections: HashMap<PenId, Connection> = HashMap::new();
    let mut sent = Sent::default();
    let mut offered: VecDeque<(&[u8], Offer)> = VecDeque::new();
    let mut progress = Progress::new("pens", evening.deliveries.len() as u64);
    for (index, delivery) in evening.deliveries.iter().enumerate() {
        if let Some(moment) = when(delivery.at_ms) {
            tokio::time::sleep_until(moment.into()).await;
        }
        match &delivery.what {
            Handed::Chunk(chunk) => {
                let pen = peek_envelope(chunk)?.key.pen;
                let connection = connections.entry(pen).or_insert_with(|| link.connect());
                for piece in chunk.chunks(NOTIFICATION_BYTES) {
                    let offers = connection.offer(piece).await;
                    offered.extend(offers.into_iter().map(|offer| (chunk.as_slice(), offer)));
                }
                if offered.len() >= OFFERED_MAX {
                    all_taken(gateway, &mut offered).await?;
                }
                sent.chunks += 1;
                sent.duplicates += u64::from(delivery.copy);
            }
            Handed::State(state) => link.heard(*state).await,
        }
        progress.set(index as u64 + 1, &format!("{} wait for receipts", gateway.spooled()));
    }
    all_taken(gateway, &mut offered).await?;
    progress.finish();
    gateway.drained().await;
    Ok(sent)
}

/// Waits until all that was offered is durable; what the spool had no room for is offered again.
async fn all_taken(
    gateway: &Gateway,
    offered: &mut VecDeque<(&[u8], Offer)>,
) -> Result<(), NotTaken> {
    while let Some((chunk, offer)) = offered.pop_front() {
        let mut became: Result<Taken, NotTaken> = offer.became().await;
        while matches!(became, Err(NotTaken::Full | NotTaken::Disk)) {
            tokio::time::sleep(TRY_AGAIN).await;
            became = gateway.link().hand_over(chunk).await;
        }
        became?;
    }
    Ok(())
}
