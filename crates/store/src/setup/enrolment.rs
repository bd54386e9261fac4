//! Which class a pupil is in, from when to when.
//!
//! Enrolments are read together, changed in memory by the rules of [`school::Enrolments`], and the
//! difference is written in a few statements, however many pupils there are. So the rows of one
//! import may stand in any order: two pupils may change their numbers with each other.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use school::{Change, ClassId, Enrolment, EnrolmentError, Enrolments, Period};
use serde::Serialize;

use crate::StoreError;
use crate::database::Connection;
use crate::sql::{Small, query};

/// Rows of one statement, which bounds what it binds to a few hundred kilobytes.
const BATCH: usize = 2_000;

/// Pupil, class, number, start, end.
type Columns = (String, String, Small, i64, Option<i64>);

/// Rows as JSON arrays for `json_each`, so many at a time.
pub(super) fn batches<T: Serialize>(
    rows: &[T],
) -> impl Iterator<Item = Result<String, StoreError>> {
    rows.chunks(BATCH).map(|rows| Ok(serde_json::to_string(rows)?))
}

/// Enrolments of pupils, with changes that are not written yet.
#[derive(Debug, Default)]
pub(super) struct Register {
    stored: HashMap<String, Enrolments>,
    /// Those of pupils whose enrolments change.
    changed: BTreeMap<String, Enrolments>,
    moves: Vec<Move>,
}

/// A pupil who leaves a class, joins one, or both; or gets another number.
#[derive(Debug)]
struct Move {
    pupil: String,
    left: Option<ClassId>,
    joined: Option<ClassId>,
    from_ms: i64,
}

/// A number that another pupil of the class has at that time.
#[derive(Debug)]
pub(super) struct Clash {
    pub(super) pupil: String,
    pub(super) class: ClassId,
    pub(super) number: u32,
}

impl From<Clash> for StoreError {
    fn from(Clash { pupil, class, number }: Clash) -> Self {
        Self::Enrolment { pupil, why: EnrolmentError::NumberTaken { class, number } }
    }
}

impl Register {
    /// The enrolments of pupils, and those of everybody in classes that they are to join.
    pub(super) async fn of(
        tx: &mut Connection,
        pupils: &BTreeSet<&str>,
        classes: &BTreeSet<&str>,
    ) -> Result<Self, StoreError> {
        let mut rows: Vec<Columns> = Vec::new();
        for (wanted, sql) in [
            (
                pupils,
                "SELECT e.pupil, e.class, e.number, e.from_ms, e.until_ms
                 FROM json_each($1) CROSS JOIN enrolment e WHERE e.pupil = value->>0",
            ),
            (
                classes,
                "SELECT e.pupil, e.class, e.number, e.from_ms, e.until_ms
                 FROM json_each($1) CROSS JOIN enrolment e WHERE e.class = value->>0",
            ),
        ] {
            let ids: Vec<[&str; 1]> = wanted.iter().map(|id| [*id]).collect();
            for ids in batches(&ids) {
                rows.extend(query(sql).bind(ids?).fetch_all::<Columns>(&mut *tx).await?);
            }
        }
        Self::from_rows(rows)
    }

    /// The enrolments of everybody in schools.
    pub(super) async fn of_schools(
        tx: &mut Connection,
        schools: &BTreeSet<&str>,
    ) -> Result<Self, StoreError> {
        let mut rows: Vec<Columns> = Vec::new();
        for school in schools {
            let of_school = query(
                "SELECT e.pupil, e.class, e.number, e.from_ms, e.until_ms
                 FROM pupil u JOIN enrolment e ON e.pupil = u.id WHERE u.school = $1",
            );
            rows.extend(of_school.bind(school).fetch_all::<Columns>(&mut *tx).await?);
        }
        Self::from_rows(rows)
    }

    /// A row that cannot be read is an error: what is left out would be another class at that time.
    fn from_rows(rows: Vec<Columns>) -> Result<Self, StoreError> {
        let mut of: HashMap<String, Vec<Enrolment>> = HashMap::new();
        for (pupil, class, Small(number), from_ms, until_ms) in rows {
            let period = Period::new(from_ms, until_ms)?;
            let enrolment = Enrolment { class: ClassId::new(class)?, number, period };
            let all = of.entry(pupil).or_default();
            // It is found by its pupil and by its class.
            if !all.contains(&enrolment) {
                all.push(enrolment);
            }
        }
        let mut stored = HashMap::with_capacity(of.len());
        for (pupil, all) in of {
            let all = Enrolments::new(all).map_err(refused(&pupil))?;
            stored.insert(pupil, all);
        }
        Ok(Self { stored, ..Self::default() })
    }

    /// All enrolments of a pupil, changes included.
    pub(super) fn of_pupil(&self, pupil: &str) -> Option<&Enrolments> {
        self.changed.get(pupil).or_else(|| self.stored.get(pupil))
    }

    /// Everybody's enrolments at a moment, changes included.
    pub(super) fn at(&self, at_ms: i64) -> impl Iterator<Item = (&str, &Enrolment)> {
        let unchanged = self.stored.iter().filter(|(id, _)| !self.changed.contains_key(*id));
        let all = unchanged.chain(&self.changed);
        all.filter_map(move |(pupil, all)| Some((pupil.as_str(), all.at(at_ms)?)))
    }

    /// The pupil is in the class from that moment on, and no longer in the one before.
    ///
    /// # Errors
    /// As [`Enrolments::enrol`].
    pub(super) fn enrol(
        &mut self,
        pupil: &str,
        class: &ClassId,
        number: u32,
        from_ms: i64,
    ) -> Result<Change, EnrolmentError> {
        let none = Enrolments::default();
        let known = self.of_pupil(pupil).unwrap_or(&none);
        let (all, change) = known.with(class, number, from_ms)?;
        let left = known.at(from_ms).map(|now| now.class.clone());
        let (left, joined) = match change {
            Change::Nothing => return Ok(change),
            Change::Renumber { .. } => (None, None),
            Change::Begin { .. } => (left, Some(class.clone())),
        };
        self.moves.push(Move { pupil: pupil.to_owned(), left, joined, from_ms });
        self.changed.insert(pupil.to_owned(), all);
        Ok(change)
    }

    /// The pupil is in no class from that moment on. Returns whether that changes anything.
    ///
    /// # Errors
    /// As [`Enrolments::leave`].
    pub(super) fn leave(&mut self, pupil: &str, from_ms: i64) -> Result<bool, EnrolmentError> {
        let Some(known) = self.of_pupil(pupil) else { return Ok(false) };
        let Some(all) = known.without(from_ms)? else { return Ok(false) };
        let left = known.at(from_ms).map(|now| now.class.clone());
        self.moves.push(Move { pupil: pupil.to_owned(), left, joined: None, from_ms });
        self.changed.insert(pupil.to_owned(), all);
        Ok(true)
    }

    /// Numbers that two pupils of a class would have at one time from the change on.
    pub(super) fn clashes(&self) -> Vec<Clash> {
        let mut places: HashMap<(&ClassId, u32), Vec<(&str, &Period)>> = HashMap::new();
        let unchanged = self.stored.iter().filter(|(id, _)| !self.changed.contains_key(*id));
        for (pupil, all) in unchanged.chain(&self.changed) {
            for row in all.iter() {
                places.entry((&row.class, row.number)).or_default().push((pupil, &row.period));
            }
        }
        let mut clashes: BTreeMap<&str, Clash> = BTreeMap::new();
        for Move { pupil, from_ms, .. } in &self.moves {
            let Some(now) = self.changed.get(pupil).and_then(|all| all.at(*from_ms)) else {
                continue;
            };
            let other = places[&(&now.class, now.number)].iter().any(|(other, period)| {
                other != pupil && period.until_ms().is_none_or(|until_ms| until_ms > *from_ms)
            });
            if other {
                let (class, number) = (now.class.clone(), now.number);
                clashes.insert(pupil, Clash { pupil: pupil.clone(), class, number });
            }
        }
        clashes.into_values().collect()
    }

    /// Writes what changed. Papers stay where they are; ink to which a move gives another paper is
    /// attributed again, which pupils who are `new` in the store have none of.
    ///
    /// # Errors
    /// Where a class is not of the pupil's school.
    pub(super) async fn write(
        &self,
        tx: &mut Connection,
        new: &HashSet<String>,
    ) -> Result<(), StoreError> {
        let (mut ended, mut renumbered, mut begun) = (Vec::new(), Vec::new(), Vec::new());
        for (pupil, all) in &self.changed {
            let before = self.stored.get(pupil);
            for row in all.iter() {
                let from_ms = row.period.from_ms();
                let was =
                    before.and_then(|all| all.iter().find(|was| was.period.from_ms() == from_ms));
                let until_ms = row.period.until_ms();
                match was {
                    None => begun.push((pupil, row.class.as_str(), row.number, from_ms, until_ms)),
                    Some(was) => {
                        if was.period != row.period {
                            ended.push((pupil, from_ms, until_ms));
                        }
                        if was.number != row.number {
                            renumbered.push((pupil, from_ms, i64::from(row.number)));
                        }
                    }
                }
            }
        }
        for rows in batches(&ended) {
            query(
                "UPDATE enrolment SET until_ms = CAST(value->>2 AS BIGINT) FROM json_each($1)
                 WHERE pupil = value->>0 AND from_ms = CAST(value->>1 AS BIGINT)",
            )
            .bind(rows?)
            .execute(&mut *tx)
            .await?;
        }
        renumber(tx, renumbered).await?;
        for rows in batches(&begun) {
            begin(tx, &rows?).await?;
        }
        for Move { pupil, left, joined, from_ms } in &self.moves {
            if !new.contains(pupil) && (left.is_some() || joined.is_some()) {
                attribute_again(tx, pupil, left.as_ref(), joined.as_ref(), *from_ms).await?;
            }
        }
        Ok(())
    }
}

/// Gives enrolments other numbers. A number is unique at every moment, so that those which change
/// places leave theirs first, for numbers that nobody has.
async fn renumber(
    tx: &mut Connection,
    mut rows: Vec<(&String, i64, i64)>,
) -> Result<(), StoreError> {
    let aside: Vec<(&String, i64, i64)> =
        rows.iter().map(|(pupil, from_ms, number)| (*pupil, *from_ms, -1 - number)).collect();
    for rows in batches(&aside).chain(batches(&std::mem::take(&mut rows))) {
        query(
            "UPDATE enrolment SET number = CAST(value->>2 AS BIGINT) FROM json_each($1)
             WHERE pupil = value->>0 AND from_ms = CAST(value->>1 AS BIGINT)",
        )
        .bind(rows?)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Begins enrolments. A pupil of another school is none of the class's.
async fn begin(tx: &mut Connection, rows: &str) -> Result<(), StoreError> {
    let elsewhere: Option<String> = query(
        "SELECT value->>1 FROM json_each($1) WHERE NOT EXISTS (
             SELECT 1 FROM pupil u JOIN class c ON c.school = u.school
             WHERE u.id = value->>0 AND c.id = value->>1) LIMIT 1",
    )
    .bind(rows)
    .scalar_optional(&mut *tx)
    .await?;
    if let Some(id) = elsewhere {
        return Err(StoreError::Missing { what: "class of the pupil's school", id });
    }
    query(
        "INSERT INTO enrolment (pupil, class, number, from_ms, until_ms)
         SELECT value->>0, value->>1, CAST(value->>2 AS BIGINT), CAST(value->>3 AS BIGINT),
                CAST(value->>4 AS BIGINT)
         FROM json_each($1)",
    )
    .bind(rows)
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) fn refused(pupil: &str) -> impl Fn(EnrolmentError) -> StoreError {
    move |why| StoreError::Enrolment { pupil: pupil.to_owned(), why }
}

/// Looks again at ink that may get another paper now that the pupil has left a class at `from_ms`
/// and joined one: ink on their papers of runs that `left` is given later or `joined` is given too,
/// and nobody's ink that may be theirs on runs that `joined` is given.
async fn attribute_again(
    tx: &mut Connection,
    pupil: &str,
    left: Option<&ClassId>,
    joined: Option<&ClassId>,
    from_ms: i64,
) -> Result<(), StoreError> {
    query(
        "UPDATE ink SET attributed_rev = 0 FROM (
             SELECT t.folio, t.page, t.pen
             FROM paper p JOIN assignment s ON s.id = p.assignment
             JOIN attribution t ON t.folio = p.folio AND t.page = p.address_page
                               AND t.pupil = p.pupil
             WHERE p.pupil = $1
               AND (s.class = $2 AND s.assigned_ms >= $3
                    OR EXISTS (SELECT 1 FROM assignment o
                               WHERE o.print_run = s.print_run AND o.class = $4))
             UNION
             SELECT i.folio, i.page, i.pen
             FROM ink i JOIN print_run r ON r.folio = i.folio AND i.page >= r.first_page
                   AND i.page < r.first_page + r.pages * coalesce(r.copies, 1)
             JOIN assignment s ON s.print_run = r.id AND s.class = $4
             WHERE i.nobody IS NOT NULL AND r.copies IS NULL
               AND i.pen IN (SELECT pen FROM lease WHERE pupil = $1
                             UNION SELECT pen FROM given_ink WHERE pupil = $1)
             UNION
             SELECT i.folio, i.page, i.pen
             FROM assignment s JOIN print_run r ON r.id = s.print_run
             JOIN copy y ON y.print_run = r.id AND y.pupil = $1
             JOIN ink i ON i.folio = r.folio AND i.page >= r.first_page + y.copy * r.pages
                       AND i.page < r.first_page + (y.copy + 1) * r.pages
             WHERE s.class = $4 AND i.nobody IS NOT NULL) AS w
         WHERE ink.folio = w.folio AND ink.page = w.page AND ink.pen = w.pen",
    )
    .bind(pupil)
    .bind(left.map(ClassId::to_string))
    .bind(from_ms)
    .bind(joined.map(ClassId::to_string))
    .execute(tx)
    .await?;
    Ok(())
}
