//! What is printed for a class, and whom copies are printed for.
//!
//! A run is planned, printed and then recorded, so that what could not be printed leaves nothing.

use school::AssignmentId;
use worksheet::{Copies, PrintRun, Registration, WorksheetId};

use super::allocate::{AddressRange, free_page, in_ranges};
use super::{
    AssignmentRow, ClassRow, attribute_run_again, check_overlap, check_owners, insert_print_run,
    print_run,
};
use crate::database::Connection;
use crate::moments::in_force;
use crate::sql::{Small, query};
use crate::{PrintRefused, Store, StoreError};

/// Who gets which copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrintKind {
    /// Each pupil of the class has a copy with their name and addresses of its own.
    Named,
    /// So many copies without names, each with addresses of its own.
    Nameless(u32),
    /// One copy, whose addresses all share.
    Shared,
}

/// What is to be printed for a class.
#[derive(Clone, Debug)]
pub struct PrintOrder {
    /// The worksheet, which is stored.
    pub worksheet: WorksheetId,
    /// How many pages a copy has.
    pub pages: u32,
    /// For whom.
    pub class: ClassRow,
    /// Which copies.
    pub kind: PrintKind,
    /// The run's name; `None`: named after worksheet, version, class and kind.
    pub run: Option<String>,
    /// Section of every address.
    pub section: u8,
    /// Owner of every address.
    pub owner: u32,
    /// Book of every address.
    pub book: u32,
    /// The first page; `None`: the first that is free.
    pub first_page: Option<u32>,
    /// Pages of a maker's paper, of which the first free ones are taken in place of that address;
    /// none where the address counts.
    pub ranges: Vec<AddressRange>,
    /// Where the pattern lies on the page.
    pub registration: Registration,
}

/// A run before it is printed.
#[derive(Clone, Debug)]
pub struct PlannedPrint {
    /// Its addresses.
    pub run: PrintRun,
    /// The names on its copies, by copy; none on copies without names.
    pub bearers: Vec<BearerRow>,
    /// Whether it is yet to be recorded: it was never printed.
    pub is_new: bool,
    /// How many pupils of the class have no copy in it, where copies bear names.
    pub without: usize,
    class: Option<ClassRow>,
    /// The run as it is recorded, where copies are added to it.
    before: Option<PrintRun>,
}

impl PlannedPrint {
    /// The first copy that is to be printed: all of them, or those alone that are added to a run.
    #[must_use]
    pub fn first_copy(&self) -> u32 {
        match self.before.as_ref().map(|before| before.copies) {
            Some(Copies::PerCopy(copies)) => copies,
            Some(Copies::Shared) | None => 0,
        }
    }

    /// A run that is recorded, with the names on its copies, to be printed again.
    #[must_use]
    pub fn recorded(run: PrintRun, bearers: Vec<BearerRow>) -> Self {
        Self { run, bearers, is_new: false, without: 0, class: None, before: None }
    }
}

/// A copy of a print run and the pupil whose name it bears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BearerRow {
    /// Which copy, from 0.
    pub copy: u32,
    /// The pupil.
    pub pupil: String,
    /// The pupil's name.
    pub name: String,
    /// The pupil's number in their class; `None` for who is in no class now.
    pub number: Option<u32>,
}

impl Store {
    /// The pupils of a class at a moment, by number.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn pupils_of_class(
        &self,
        class: &str,
        at_ms: i64,
    ) -> Result<Vec<String>, StoreError> {
        let pupils = query(concat!(
            "SELECT e.pupil FROM enrolment e WHERE e.class = $1 AND ",
            in_force!("$2"),
            " ORDER BY e.number"
        ));
        Ok(pupils.bind(class).bind(at_ms).scalars(self.readers()).await?)
    }

    /// The copies of a print run that bear a name, in order, with the pupils' numbers at a moment.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn bearers(&self, run: &str, at_ms: i64) -> Result<Vec<BearerRow>, StoreError> {
        type Row = (Small, String, String, Option<i64>);
        let rows: Vec<Row> = query(concat!(
            "SELECT y.copy, u.id, u.name, e.number FROM copy y JOIN pupil u ON u.id = y.pupil
             LEFT JOIN enrolment e ON e.pupil = u.id AND ",
            in_force!("$2"),
            " WHERE y.print_run = $1 ORDER BY y.copy"
        ))
        .bind(run)
        .bind(at_ms)
        .fetch_all(self.readers())
        .await?;
        let row = |(Small(copy), pupil, name, number): Row| BearerRow {
            copy,
            pupil,
            name,
            // The column holds positive numbers of 32 bits.
            number: number.and_then(|number| u32::try_from(number).ok()),
        };
        Ok(rows.into_iter().map(row).collect())
    }
}

impl Store {
    /// Says what printing this order means: the run of its name as it was printed first, or a new
    /// one on free addresses. Writes nothing; [`Store::record_print`] does, once it is printed.
    ///
    /// # Errors
    /// [`StoreError::PrintRefused`], or where its book has no such pages left.
    pub async fn plan_print(
        &self,
        order: &PrintOrder,
        now_ms: i64,
    ) -> Result<PlannedPrint, StoreError> {
        let id = order.run.clone().unwrap_or_else(|| order.name());
        let class = &order.class;
        // The assignment that it is given as has the run's name in its own.
        if AssignmentId::new(AssignmentRow::id_of(&id, &class.id)).is_err() {
            return Err(PrintRefused::Name { run: id }.into());
        }
        if let Some(run) = print_run(self.readers(), &id).await? {
            if run.worksheet != order.worksheet {
                let WorksheetId { id: worksheet, version } = run.worksheet;
                return Err(PrintRefused::OtherSheet { run: id, worksheet, version }.into());
            }
            let without = self.without_copy(&run, class, now_ms).await?;
            let bearers = self.bearers(&id, now_ms).await?;
            let before = None;
            return Ok(PlannedPrint { run, bearers, is_new: false, without, class: None, before });
        }
        let bearers = match order.kind {
            PrintKind::Named => self.copies_for(&class.id, now_ms).await?,
            PrintKind::Nameless(_) | PrintKind::Shared => Vec::new(),
        };
        let copies = match order.kind {
            PrintKind::Shared => Copies::Shared,
            PrintKind::Nameless(copies) => Copies::PerCopy(copies),
            PrintKind::Named if bearers.is_empty() => {
                return Err(PrintRefused::NoPupils { class: class.name_zh.clone() }.into());
            }
            // A class has fewer pupils than this.
            PrintKind::Named => Copies::PerCopy(u32::try_from(bearers.len()).unwrap_or(u32::MAX)),
        };
        let PrintOrder { section, owner, book, pages, registration, .. } = *order;
        let worksheet = order.worksheet.clone();
        let first_page = order.first_page.unwrap_or(0);
        let mut run = PrintRun {
            id,
            worksheet,
            section,
            owner,
            book,
            first_page,
            pages,
            copies,
            registration,
        };
        if !order.ranges.is_empty() {
            let mut tx = self.readers().snapshot().await?;
            run = in_ranges(&mut tx, run, &order.ranges).await?;
        } else if order.first_page.is_none() {
            let mut tx = self.readers().snapshot().await?;
            let room = pages.saturating_mul(LATER_COPIES);
            let free = match free_page(&mut tx, &run, room).await? {
                Some(page) => Some(page),
                None => free_page(&mut tx, &run, 0).await?,
            };
            run.first_page = free.ok_or_else(|| {
                let reason = "its book has no such pages left: print it in another".to_owned();
                StoreError::PrintRun { id: run.id.clone(), reason }
            })?;
        }
        run.check()?;
        let class = Some(class.clone());
        Ok(PlannedPrint { run, bearers, is_new: true, without: 0, class, before: None })
    }

    /// Plans copies for the pupils of a class who came after a run with names was printed for it, on
    /// the pages behind the run's: the run with them, and their names alone. Its copies and whatever
    /// it was given as stay. `None`: everybody has a copy, or the run has no names on it. Writes
    /// nothing; [`Store::record_print`] does.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such run; [`StoreError::PrintRefused`], also where
    /// the pages behind it are another run's.
    pub async fn plan_later_copies(
        &self,
        order: &PrintOrder,
        now_ms: i64,
    ) -> Result<Option<PlannedPrint>, StoreError> {
        let class = &order.class;
        let before = self.load_print_run(order.run.as_deref().unwrap_or(&order.name())).await?;
        let Copies::PerCopy(printed) = before.copies else { return Ok(None) };
        if self.without_copy(&before, class, now_ms).await? == 0 {
            return Ok(None);
        }
        let have = self.bearers(&before.id, now_ms).await?;
        let mut bearers = self.copies_for(&class.id, now_ms).await?;
        bearers.retain(|bearer| have.iter().all(|row| row.pupil != bearer.pupil));
        for (copy, bearer) in (printed..).zip(&mut bearers) {
            bearer.copy = copy;
        }
        let copies = u32::try_from(bearers.len()).ok().and_then(|more| printed.checked_add(more));
        let copies = Copies::PerCopy(copies.unwrap_or(u32::MAX));
        let run = PrintRun { copies, ..before.clone() };
        let mut tx = self.readers().snapshot().await?;
        if run.check().is_err() || check_overlap(&mut tx, &run).await.is_err() {
            return Err(PrintRefused::NoRoom { run: run.id }.into());
        }
        let (class, before) = (Some(class.clone()), Some(before));
        Ok(Some(PlannedPrint { run, bearers, is_new: true, without: 0, class, before }))
    }

    /// Records a run that was printed as it was planned. One that is recorded already stays.
    ///
    /// # Errors
    /// Where another run has been given the addresses, or the name, since it was planned: nothing is
    /// written then, and what was printed must not be used.
    pub async fn record_print(
        &self,
        planned: &PlannedPrint,
        printed_ms: i64,
    ) -> Result<(), StoreError> {
        let PlannedPrint { run, bearers, class, is_new, before, .. } = planned.clone();
        let Some(class) = class.filter(|_| is_new) else { return Ok(()) };
        if let Some(before) = before {
            let school = class.school;
            return self
                .write(move |tx| {
                    Box::pin(
                        async move { add_copies(tx, &school, (&before, &run), &bearers).await },
                    )
                })
                .await;
        }
        let pupils: Vec<String> = bearers.into_iter().map(|bearer| bearer.pupil).collect();
        self.write(move |tx| {
            Box::pin(async move {
                match print_run(&mut *tx, &run.id).await? {
                    Some(known) if known == run => return Ok(()),
                    Some(_) => {
                        let reason = "it was printed otherwise meanwhile: print it again".into();
                        return Err(StoreError::PrintRun { id: run.id, reason });
                    }
                    None => {}
                }
                let id = run.id.clone();
                insert_print_run(tx, class.school, run, pupils).await?;
                query("UPDATE print_run SET class = $2, printed_ms = $3 WHERE id = $1")
                    .bind(id)
                    .bind(class.id)
                    .bind(printed_ms)
                    .execute(tx)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// How many pupils of a class have no copy in a run whose copies bear names; 0 of other runs.
    ///
    /// # Errors
    /// [`PrintRefused::OtherClass`] where nobody of the class has one.
    pub async fn without_copy(
        &self,
        run: &PrintRun,
        class: &ClassRow,
        now_ms: i64,
    ) -> Result<usize, StoreError> {
        let bearers = self.bearers(&run.id, now_ms).await?;
        if bearers.is_empty() {
            return Ok(0);
        }
        let pupils = self.pupils_of_class(&class.id, now_ms).await?;
        let bears = |pupil: &String| bearers.iter().any(|bearer| bearer.pupil == *pupil);
        let without = pupils.iter().filter(|pupil| !bears(pupil)).count();
        if without == pupils.len() {
            let (run, class) = (run.id.clone(), class.name_zh.clone());
            return Err(PrintRefused::OtherClass { run, class }.into());
        }
        Ok(without)
    }

    /// A copy for each pupil of a class, by number.
    async fn copies_for(&self, class: &str, at_ms: i64) -> Result<Vec<BearerRow>, StoreError> {
        let rows: Vec<(String, String, Small)> = query(concat!(
            "SELECT u.id, u.name, e.number FROM enrolment e JOIN pupil u ON u.id = e.pupil
             WHERE e.class = $1 AND ",
            in_force!("$2"),
            " ORDER BY e.number, u.id"
        ))
        .bind(class)
        .bind(at_ms)
        .fetch_all(self.readers())
        .await?;
        let bearer = |(copy, (pupil, name, Small(number))): (u32, (String, String, Small))| {
            BearerRow { copy, pupil, name, number: Some(number) }
        };
        Ok((0..).zip(rows).map(bearer).collect())
    }
}

/// Copies that a run leaves room for behind the one before it: pupils come after theirs was printed.
const LATER_COPIES: u32 = 20;

/// Records that copies were added to a run, each for a pupil.
async fn add_copies(
    tx: &mut Connection,
    school: &str,
    (before, run): (&PrintRun, &PrintRun),
    bearers: &[BearerRow],
) -> Result<(), StoreError> {
    let known = print_run(&mut *tx, &run.id).await?;
    if known.as_ref() != Some(before) {
        let reason = "it was printed otherwise meanwhile: print it again".into();
        return Err(StoreError::PrintRun { id: run.id.clone(), reason });
    }
    check_overlap(tx, run).await?;
    let pupils: Vec<String> = bearers.iter().map(|bearer| bearer.pupil.clone()).collect();
    check_owners(tx, school, &pupils).await?;
    let Copies::PerCopy(copies) = run.copies else { return Ok(()) };
    query("UPDATE print_run SET copies = $2 WHERE id = $1")
        .bind(&run.id)
        .bind(copies)
        .execute(&mut *tx)
        .await?;
    for bearer in bearers {
        query("INSERT INTO copy (print_run, copy, pupil) VALUES ($1, $2, $3)")
            .bind(&run.id)
            .bind(bearer.copy)
            .bind(&bearer.pupil)
            .execute(&mut *tx)
            .await?;
    }
    attribute_run_again(tx, &run.id).await
}

/// What the names of runs and assignments have in bytes, at most, before `a-` and after it.
const NAME_MAX: usize = 62;

impl PrintOrder {
    /// The run's name where nobody gives it one. Of a long one the worksheet's part is cut, and a
    /// number that is worked out from all of it keeps two of them apart.
    fn name(&self) -> String {
        let kind = match self.kind {
            PrintKind::Named => String::new(),
            PrintKind::Nameless(copies) => format!("-{copies}"),
            PrintKind::Shared => "-shared".to_owned(),
        };
        let (sheet, version, class) = (&self.worksheet.id, self.worksheet.version, &self.class.id);
        let tail = format!("-v{version}-{class}{kind}");
        // Room for the number of a further run.
        let room = (NAME_MAX - 6).saturating_sub(tail.len());
        if sheet.len() <= room {
            return format!("{sheet}{tail}");
        }
        let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        let hash = sheet.bytes().fold(0x811c_9dc5, step);
        let cut: String = sheet.chars().take(room.saturating_sub(9)).collect();
        format!("{cut}-{hash:08x}{tail}")
    }

    /// The order as a run of its own beside so many that were printed before.
    #[must_use]
    pub fn beside(mut self, printed: usize) -> Self {
        self.run = (printed > 0).then(|| format!("{}-x{}", self.name(), printed + 1));
        self
    }
}
