//! Chooses to which class's assignment of a print run a pupil's ink on that run goes.
//!
//! A run may be given to several classes, and a pupil may have been in several of them. All that
//! they wrote on it is one paper, in **the class that they were in when they began**; if they were
//! in none of these then, in the one that they joined next, or else in the one that they left last.
//! A class that the pupil had left when it was given the run does not count.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use attribution::{Sheet, may_belong};
use school::PupilId;

use super::changes::InkKey;
use super::{Known, known};
use crate::StoreError;
use crate::database::Connection;
use crate::sql::{Small, query};

/// A print run and a pupil.
type Pair = (String, PupilId);

/// The school and id of the assignment to which a pupil's ink on a run goes.
pub(super) type Assignments = BTreeMap<Pair, (String, String)>;

/// The pupils and runs whose ink is looked at.
#[derive(Default)]
pub(super) struct Pairs(BTreeMap<Pair, Looked>);

/// The ink of one pupil on one run that is looked at.
#[derive(Default)]
struct Looked {
    /// Whether all copies of the run share their addresses.
    shared: bool,
    /// What may be the pupil's.
    keys: BTreeSet<InkKey>,
}

impl Pairs {
    /// The ink may be the pupil's.
    pub(super) fn has(&mut self, run: &str, shared: bool, pupil: &PupilId, key: InkKey) {
        self.looked(run, shared, pupil.clone()).keys.insert(key);
    }

    /// Some ink may have been the pupil's when it was last looked at.
    pub(super) fn had(&mut self, run: &str, shared: bool, pupil: PupilId) {
        self.looked(run, shared, pupil);
    }

    fn looked(&mut self, run: &str, shared: bool, pupil: PupilId) -> &mut Looked {
        let looked = self.0.entry((run.to_owned(), pupil)).or_default();
        looked.shared = shared;
        looked
    }
}

/// An assignment of a run to a class of a pupil's.
struct Candidate {
    school: String,
    assignment: String,
    /// When the pupil came to the class, and left it.
    from_ms: i64,
    until_ms: Option<i64>,
}

impl Candidate {
    /// How far from `at_ms` the pupil was in the class: less is nearer.
    fn distance(&self, at_ms: i64) -> (u8, i64) {
        match self.until_ms {
            _ if at_ms < self.from_ms => (1, self.from_ms.saturating_sub(at_ms)),
            Some(until_ms) if until_ms <= at_ms => (2, at_ms.saturating_sub(until_ms)),
            _ => (0, 0),
        }
    }
}

impl Looked {
    /// When the pupil began to write on it, as far as the ink of some of the keys tells.
    fn began_ms<'a>(&self, pupil: &PupilId, ink: impl Iterator<Item = &'a Known>) -> Option<i64> {
        let sheet = if self.shared { Sheet::Shared } else { Sheet::Copy { owner: Some(pupil) } };
        let chunks = ink.flat_map(|(evidence, chunks)| chunks.iter().map(move |at| (evidence, at)));
        chunks
            .filter(|(evidence, chunk)| {
                may_belong(sheet, evidence, [**chunk]).pupils.contains(pupil)
            })
            .map(|(evidence, (start, receipt))| evidence.began_ms(*start, receipt))
            .min()
    }
}

/// The assignment of each pair, if there is one; and the pairs' other ink that went elsewhere and
/// is to be looked at again. `ink` is what is known of all ink that is looked at.
pub(super) async fn assignments(
    tx: &mut Connection,
    pairs: Pairs,
    ink: &HashMap<InkKey, Known>,
) -> Result<(Assignments, BTreeSet<InkKey>), StoreError> {
    let mut found = Assignments::new();
    let mut several = BTreeMap::new();
    for (pair, all) in candidates(tx, &pairs).await? {
        let [first, others @ ..] = &all[..] else { continue };
        if others.iter().all(|other| other.assignment == first.assignment) {
            found.insert(pair, (first.school.clone(), first.assignment.clone()));
        } else {
            several.insert(pair, all);
        }
    }
    let mut moved = BTreeSet::new();
    if several.is_empty() {
        return Ok((found, moved));
    }
    let mut others = not_looked_at(tx, several.keys(), ink).await?;
    let keys: BTreeSet<InkKey> = others.values().flatten().map(|(key, _)| *key).collect();
    let known = known(tx, &Vec::from_iter(keys)).await?;
    for (pair, all) in several {
        let others = others.remove(&pair).unwrap_or_default();
        let Some(looked) = pairs.0.get(&pair) else { continue };
        let all_ink = (looked.keys.iter().filter_map(|key| ink.get(key)))
            .chain(others.iter().filter_map(|(key, _)| known.get(key)));
        let began_ms = looked.began_ms(&pair.1, all_ink).unwrap_or(i64::MIN);
        let nearest = all.into_iter().min_by_key(|candidate| candidate.distance(began_ms));
        let Some(Candidate { school, assignment, .. }) = nearest else { continue };
        let gone = others.into_iter().filter(|(_, went)| *went != assignment);
        moved.extend(gone.map(|(key, _)| key));
        found.insert(pair, (school, assignment));
    }
    Ok((found, moved))
}

/// By pair. Of two enrolments in one class both count.
async fn candidates(
    tx: &mut Connection,
    pairs: &Pairs,
) -> Result<BTreeMap<Pair, Vec<Candidate>>, StoreError> {
    type Columns = (String, String, String, String, i64, Option<i64>);
    let rows: Vec<Columns> = query(
        "SELECT s.print_run, e.pupil, s.school, s.id, e.from_ms, e.until_ms
         FROM json_each($1) CROSS JOIN enrolment e
         JOIN assignment s ON s.print_run = value->>0 AND s.class = e.class
         WHERE e.pupil = value->>1 AND (e.until_ms IS NULL OR e.until_ms > s.assigned_ms)",
    )
    .bind(serde_json::to_string(&Vec::from_iter(pairs.0.keys()))?)
    .fetch_all(tx)
    .await?;
    let mut candidates: BTreeMap<Pair, Vec<Candidate>> = BTreeMap::new();
    for (run, pupil, school, assignment, from_ms, until_ms) in rows {
        let candidate = Candidate { school, assignment, from_ms, until_ms };
        candidates.entry((run, PupilId::new(pupil)?)).or_default().push(candidate);
    }
    Ok(candidates)
}

/// The pairs' ink on papers that is not looked at now, and to which assignment each went.
async fn not_looked_at(
    tx: &mut Connection,
    pairs: impl Iterator<Item = &Pair>,
    looked_at: &HashMap<InkKey, Known>,
) -> Result<BTreeMap<Pair, Vec<(InkKey, String)>>, StoreError> {
    type Columns = (String, String, i64, Small, i64, String);
    let rows: Vec<Columns> = query(
        "SELECT s.print_run, t.pupil, t.folio, t.page, t.pen, t.assignment
         FROM json_each($1) CROSS JOIN assignment s
         JOIN attribution t ON t.school = s.school AND t.assignment = s.id
                           AND t.pupil = value->>1
         WHERE s.print_run = value->>0",
    )
    .bind(serde_json::to_string(&Vec::from_iter(pairs))?)
    .fetch_all(tx)
    .await?;
    let mut others: BTreeMap<Pair, Vec<(InkKey, String)>> = BTreeMap::new();
    for (run, pupil, folio, Small(page), pen, assignment) in rows {
        let key = (folio, page, pen);
        if !looked_at.contains_key(&key) {
            let of_pair = others.entry((run, PupilId::new(pupil)?)).or_default();
            of_pair.push((key, assignment));
        }
    }
    Ok(others)
}
