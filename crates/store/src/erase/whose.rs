//! Which chunks hold a pupil's ink.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use attribution::{Hand, Holder, Receipt, Sheet, Start, may_belong};
use school::PupilId;

use crate::StoreError;
use crate::database::Connection;
use crate::sql::{Small, query};
use crate::work::{Known, known};

/// A start of a pen, as its columns.
pub(super) type Boot = (i64, u32, u32);

/// Folio, page and pen.
type Face = (i64, u32, i64);

/// A chunk of a pen that the pupil may have held, or a frame of it in the quarantine.
#[derive(Debug)]
pub(super) struct Chunk {
    /// `None` of a frame in the quarantine, whose pages nobody can read.
    pub(super) id: Option<i64>,
    pub(super) boot: Boot,
    pub(super) number: u32,
    pub(super) faces: BTreeSet<Face>,
    pub(super) is_theirs: bool,
    /// The pupil's hand wrote some of it, on whatever page.
    by_hand: bool,
}

/// A page face with ink that may be the pupil's, and what is printed there.
#[derive(sqlx::FromRow)]
struct Printed {
    folio: i64,
    #[sqlx(try_from = "i64")]
    page: u32,
    pen: i64,
    is_printed: bool,
    is_shared: bool,
    owner: Option<String>,
}

/// What a chunk says of the pupil on its pages.
#[derive(Default)]
struct Says {
    /// The pupil's own hand wrote some of what is theirs.
    by_hand: bool,
    /// The pupil's own hand wrote some of it, on whatever page.
    any_by_hand: bool,
    /// So many of its faces are the pupil's.
    theirs: usize,
}

/// Every chunk of the starts in which the pupil wrote, with those in the quarantine, and how many
/// chunks of other hands hold ink on the pupil's pages and stay.
pub(super) async fn chunks(
    tx: &mut Connection,
    pupil: &str,
) -> Result<(Vec<Chunk>, u64), StoreError> {
    let printed = faces(tx, pupil).await?;
    let pupil = PupilId::new(pupil)?;
    let keys: Vec<Face> = printed.iter().map(|of| (of.folio, of.page, of.pen)).collect();
    let mut known = known(tx, &keys).await?;
    for (evidence, ink) in known.values_mut() {
        for (start, receipt) in ink.iter() {
            evidence.receipts.entry(*start).or_default().push(*receipt);
        }
    }
    let mut says: HashMap<i64, Says> = HashMap::new();
    for of in &printed {
        let key = (of.folio, of.page, of.pen);
        let Some(of_face) = known.get(&key) else { continue };
        for (chunk, start, receipt) in receipts(tx, key).await? {
            let (on_page, by_hand) = is_theirs(of, of_face, start, receipt, &pupil)?;
            let says = says.entry(chunk).or_default();
            says.theirs += usize::from(on_page);
            says.by_hand |= by_hand && on_page;
            says.any_by_hand |= by_hand;
        }
    }
    let pens: BTreeSet<i64> = keys.iter().map(|(.., pen)| *pen).collect();
    let pens: Vec<[i64; 1]> = pens.into_iter().map(|pen| [pen]).collect();
    let pens = serde_json::to_string(&pens)?;
    let rows: Vec<(Option<i64>, i64, Small, Small, Small, i64)> = query(
        "SELECT id, pen, boot_counter, boot_random, number, received_ms FROM (
             SELECT id, pen, boot_counter, boot_random, number, received_ms, 0 AS place FROM chunk
             UNION ALL
             SELECT NULL, pen, boot_counter, boot_random, number, received_ms, 1 FROM quarantine
             WHERE pen IS NOT NULL) k
         WHERE pen IN (SELECT CAST(value->>0 AS BIGINT) FROM json_each($1))
            OR pen IN (SELECT pen FROM lease WHERE pupil = $2)
         ORDER BY pen, boot_counter, boot_random, number, place",
    )
    .bind(&pens)
    .bind(pupil.as_str())
    .fetch_all(&mut *tx)
    .await?;
    let touched = touched(tx, &rows.iter().filter_map(|row| row.0).collect::<Vec<_>>()).await?;
    let held = held(tx, pupil.as_str()).await?;
    let mut others_chunks = 0;
    let mut chunks = Vec::with_capacity(rows.len());
    for (id, pen, Small(counter), Small(random), Small(number), received_ms) in rows {
        let faces = id.and_then(|id| touched.get(&id)).cloned().unwrap_or_default();
        let said = id.and_then(|id| says.remove(&id)).unwrap_or_default();
        let is_theirs = said.by_hand || said.theirs > 0 && said.theirs == faces.len();
        others_chunks += u64::from(said.theirs > 0 && !is_theirs);
        let is_held = held.iter().any(|(of, from_ms, until_ms)| {
            *of == pen && received_ms >= *from_ms && until_ms.is_none_or(|ms| received_ms < ms)
        });
        let boot = (pen, counter, random);
        let by_hand = said.any_by_hand;
        chunks.push((Chunk { id, boot, number, faces, is_theirs, by_hand }, is_held));
    }
    Ok((with_those_of_no_page(chunks), others_chunks))
}

/// A chunk without a page is of who wrote the chunk before it in its start, or else the next one; in
/// a start without any page, of who held the pen when it came. A frame of the quarantine is of whose
/// hand that was, since its page cannot be known.
fn with_those_of_no_page(chunks: Vec<(Chunk, bool)>) -> Vec<Chunk> {
    let mut by_boot: BTreeMap<Boot, Vec<(Chunk, bool)>> = BTreeMap::new();
    for chunk in chunks {
        by_boot.entry(chunk.0.boot).or_default().push(chunk);
    }
    let mut all = Vec::new();
    for (_, mut of_boot) in by_boot {
        let says = |chunk: &Chunk| (chunk.is_theirs, chunk.by_hand);
        let first = of_boot.iter().find(|(chunk, _)| !chunk.faces.is_empty());
        let mut before = first.map(|(chunk, _)| says(chunk));
        for (chunk, is_held) in &mut of_boot {
            if !chunk.faces.is_empty() {
                before = Some(says(chunk));
                continue;
            }
            let (is_theirs, by_hand) = before.unwrap_or((*is_held, *is_held));
            chunk.is_theirs = if chunk.id.is_some() { is_theirs } else { by_hand };
        }
        if of_boot.iter().any(|(chunk, _)| chunk.is_theirs) {
            all.extend(of_boot.into_iter().map(|(chunk, _)| chunk));
        }
    }
    all
}

/// Whether ink of a chunk on a page face is the pupil's, and whether it is by the pupil's hand.
fn is_theirs(
    of: &Printed,
    (evidence, _): &Known,
    start: Start,
    receipt: Receipt,
    pupil: &PupilId,
) -> Result<(bool, bool), StoreError> {
    let is_pupil = |hand: Hand<'_>| match hand {
        Hand::Holder(Holder::Pupil(holder), _) => holder == pupil,
        _ => false,
    };
    let ends = [receipt.first_ms, receipt.last_ms];
    let by_hand = ends.into_iter().any(|at_ms| is_pupil(evidence.hand(start, at_ms)));
    if !of.is_printed {
        return Ok((by_hand, by_hand));
    }
    let owner = of.owner.clone().map(PupilId::new).transpose()?;
    let sheet = match of.is_shared {
        true => Sheet::Shared,
        false => Sheet::Copy { owner: owner.as_ref() },
    };
    let may = may_belong(sheet, evidence, [(start, receipt)]);
    Ok((may.pupils.contains(pupil), by_hand))
}

/// Page faces that may have ink of the pupil: those of pens that the pupil held, of the pupil's
/// copies, and those that went to the pupil's papers or were given to them.
async fn faces(tx: &mut Connection, pupil: &str) -> Result<Vec<Printed>, StoreError> {
    let faces = query(
        "SELECT i.folio, i.page, i.pen, r.id IS NOT NULL AS is_printed,
                r.id IS NOT NULL AND r.copies IS NULL AS is_shared, y.pupil AS owner
         FROM ink i
         LEFT JOIN print_run r ON r.folio = i.folio
               AND r.first_page = (SELECT max(first_page) FROM print_run
                                   WHERE folio = i.folio AND first_page <= i.page)
               AND i.page < r.first_page + r.pages * coalesce(r.copies, 1)
         LEFT JOIN copy y ON y.print_run = r.id AND y.copy = (i.page - r.first_page) / r.pages
         WHERE y.pupil = $1 OR i.pen IN (SELECT pen FROM lease WHERE pupil = $1)
            OR EXISTS (SELECT 1 FROM attribution t WHERE t.folio = i.folio AND t.page = i.page
                         AND t.pen = i.pen AND t.pupil = $1)
            OR EXISTS (SELECT 1 FROM given_ink g WHERE g.folio = i.folio AND g.page = i.page
                         AND g.pen = i.pen AND g.pupil = $1)
            OR EXISTS (SELECT 1 FROM moved_ink m WHERE m.folio = i.folio AND m.page = i.page
                         AND m.pen = i.pen AND m.pupil = $1)",
    );
    Ok(faces.bind(pupil).fetch_all(tx).await?)
}

/// The chunks that touch a page face, with their starts and times.
async fn receipts(
    tx: &mut Connection,
    (folio, page, pen): Face,
) -> Result<Vec<(i64, Start, Receipt)>, StoreError> {
    let rows: Vec<(i64, Small, Small, i64, i64, i64)> = query(
        "SELECT chunk, boot_counter, boot_random, first_ms, last_ms, received_ms
         FROM chunk_address WHERE folio = $1 AND page = $2 AND pen = $3",
    )
    .bind(folio)
    .bind(page)
    .bind(pen)
    .fetch_all(tx)
    .await?;
    let receipt = |(chunk, Small(counter), Small(random), first_ms, last_ms, received_ms)| {
        let start = Start { pen: pen.cast_unsigned(), counter, random };
        (chunk, start, Receipt { first_ms, last_ms, received_ms })
    };
    Ok(rows.into_iter().map(receipt).collect())
}

/// The page faces that each of these chunks touches.
async fn touched(
    tx: &mut Connection,
    chunks: &[i64],
) -> Result<HashMap<i64, BTreeSet<Face>>, StoreError> {
    let ids: Vec<[i64; 1]> = chunks.iter().map(|id| [*id]).collect();
    let rows: Vec<(i64, i64, Small, i64)> = query(
        "SELECT chunk, folio, page, pen FROM chunk_address
         WHERE chunk IN (SELECT CAST(value->>0 AS BIGINT) FROM json_each($1))",
    )
    .bind(serde_json::to_string(&ids)?)
    .fetch_all(tx)
    .await?;
    let mut touched: HashMap<i64, BTreeSet<Face>> = HashMap::new();
    for (chunk, folio, Small(page), pen) in rows {
        touched.entry(chunk).or_default().insert((folio, page, pen));
    }
    Ok(touched)
}

/// Pens that the pupil held, from when until when.
async fn held(
    tx: &mut Connection,
    pupil: &str,
) -> Result<Vec<(i64, i64, Option<i64>)>, StoreError> {
    let held = query("SELECT pen, from_ms, until_ms FROM lease WHERE pupil = $1");
    Ok(held.bind(pupil).fetch_all(tx).await?)
}

/// Those starts of pens after which the pen has started again.
pub(super) async fn later_boots(
    tx: &mut Connection,
    chunks: &[Chunk],
) -> Result<BTreeSet<Boot>, StoreError> {
    let boots: BTreeSet<Boot> = chunks.iter().map(|chunk| chunk.boot).collect();
    let rows: Vec<(i64, Small, Small)> = query(
        "SELECT CAST(value->>0 AS BIGINT), CAST(value->>1 AS BIGINT), CAST(value->>2 AS BIGINT)
         FROM json_each($1) WHERE EXISTS (
             SELECT 1 FROM chunk c WHERE c.pen = CAST(value->>0 AS BIGINT)
               AND c.boot_counter > CAST(value->>1 AS BIGINT))",
    )
    .bind(serde_json::to_string(&boots)?)
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(pen, Small(counter), Small(random))| (pen, counter, random))
        .collect())
}
