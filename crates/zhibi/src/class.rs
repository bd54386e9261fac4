//! The sample class: who is in it, what it is given, and on which paper.

use anyhow::{Context, ensure};
use attribution::{Holder, Lease};
use printing::{OWNER, SECTION};
use school::{ClassId, Grant, Period, Role, SchoolYear, StaffId};
use store::{AssignmentRow, ClassRow, PupilRow, SchoolRow, StaffRow, Store};
use worksheet::{Copies, PrintRun, Registration, Worksheet};

use crate::roster::{self, Roster};
use crate::samples::{self, Sample, WORKSHEETS};

/// Minutes from the evening's start until each assignment is due: the first two when the class
/// has written, so that papers settle and profiles grow while one watches; the last next morning,
/// so that provisional papers can be seen beside settled ones.
const DUE_MIN: [i64; 3] = [DUE_TONIGHT_MIN, DUE_TONIGHT_MIN, 12 * 60];

/// See [`DUE_MIN`].
pub(crate) const DUE_TONIGHT_MIN: i64 = 28;

/// Ink must rest for this long before a paper counts as handed in.
const QUIET_MS: i64 = 30 * 60_000;

/// One worksheet given to the class.
pub(crate) struct Given {
    /// The assignment's id.
    pub(crate) id: String,
    /// The files as they are imported.
    sample: &'static Sample,
    /// The same, parsed.
    pub(crate) worksheet: Worksheet,
    /// The paper it was printed on.
    pub(crate) run: PrintRun,
    due_min: i64,
}

/// The sample class and its three worksheets.
pub(crate) struct SampleClass {
    school: roster::School,
    /// Who teaches the class and marks its papers.
    pub(crate) teacher: roster::Staff,
    /// Cut to the wanted number of pupils.
    pub(crate) class: roster::Class,
    /// In the order in which they are written.
    pub(crate) given: Vec<Given>,
}

impl SampleClass {
    /// The first `pupils` pupils of the sample roster's first class.
    pub(crate) fn new(pupils: u32) -> anyhow::Result<Self> {
        let Roster { school, staff, classes } = samples::roster()?;
        let mut class = classes.into_iter().next().context("the sample roster has no class")?;
        let wanted = usize::try_from(pupils)?;
        let have = class.pupils.len();
        ensure!(wanted <= have, "the sample class has {have} pupils, not {pupils}");
        class.pupils.truncate(wanted);
        let teacher = staff
            .into_iter()
            .find(|staff| class.teachers.first() == Some(&staff.id))
            .context("the sample class has no teacher")?;
        let given = (0_u32..)
            .zip(&WORKSHEETS)
            .zip(DUE_MIN)
            .map(|((index, sample), due_min)| Given::new(index, sample, due_min, pupils))
            .collect::<anyhow::Result<_>>()?;
        Ok(Self { school, teacher, class, given })
    }

    /// Stores people, worksheets, print runs and assignments.
    pub(crate) async fn install(&self, store: &Store, start_ms: i64) -> anyhow::Result<()> {
        self.install_people(store, start_ms).await?;
        for given in &self.given {
            let artwork: Vec<String> =
                given.sample.artwork.iter().map(|(_, svg)| (*svg).to_owned()).collect();
            store.insert_worksheet(given.sample.toml, &artwork).await?;
            let owners = match given.run.copies {
                Copies::PerCopy(_) => self.class.pupils.iter().map(|p| p.id.clone()).collect(),
                Copies::Shared => Vec::new(),
            };
            store.insert_print_run(&self.school.id, given.run.clone(), owners).await?;
            let row = AssignmentRow {
                id: given.id.clone(),
                school: self.school.id.clone(),
                class: self.class.id.clone(),
                print_run: given.run.id.clone(),
                assigned_ms: start_ms,
                due_ms: start_ms + given.due_min * 60_000,
                quiet_ms: QUIET_MS,
            };
            store.give_assignment(row, &self.teacher.id).await?;
        }
        Ok(())
    }

    /// Everybody is there since the school year began.
    async fn install_people(&self, store: &Store, start_ms: i64) -> anyhow::Result<()> {
        let (year, _) = SchoolYear::of(start_ms).context("a time beyond every calendar")?;
        let from_ms = year.start_ms();
        let school = self.school.id.clone();
        let row = SchoolRow {
            id: school.clone(),
            name_zh: self.school.name_zh.clone(),
            name_en: self.school.name_en.clone(),
            district: None,
        };
        store.insert_school(row).await?;
        let row = ClassRow {
            id: self.class.id.clone(),
            school: school.clone(),
            grade: self.class.grade,
            name_zh: self.class.name_zh.clone(),
            name_en: self.class.name_en.clone(),
        };
        store.insert_class(row).await?;
        let pupils = self.class.pupils.iter().map(|pupil| PupilRow {
            id: pupil.id.clone(),
            school: school.clone(),
            class: self.class.id.clone(),
            number: pupil.number,
            from_ms,
            name: pupil.name.clone(),
        });
        store.insert_pupils(pupils.collect()).await?;
        let teacher = &self.teacher;
        let row = StaffRow {
            id: teacher.id.clone(),
            school,
            login: teacher.login.clone(),
            name: teacher.name.clone(),
            locale: teacher.locale.clone(),
        };
        store.insert_staff(row).await?;
        let grant = Grant {
            staff: StaffId::new(&*teacher.id)?,
            role: Role::ClassTeacher { class: ClassId::new(&*self.class.id)? },
            period: Period::from(from_ms),
        };
        Ok(store.insert_grants(vec![grant]).await?)
    }

    /// The class as the simulator knows it: pseudonyms and numbers.
    pub(crate) fn simulated(&self) -> pen_sim::Class {
        pen_sim::Class {
            id: self.class.id.clone(),
            teacher: self.teacher.id.clone(),
            pupils: self
                .class
                .pupils
                .iter()
                .map(|pupil| pen_sim::Pupil { id: pupil.id.clone(), number: pupil.number })
                .collect(),
        }
    }
}

impl Given {
    fn new(index: u32, sample: &'static Sample, due_min: i64, pupils: u32) -> anyhow::Result<Self> {
        let worksheet = sample.parse().context("a sample worksheet in this binary")?;
        // The English sheet is one address range for the whole class, as a copier makes it.
        let copies =
            if worksheet.subject == "english" { Copies::Shared } else { Copies::PerCopy(pupils) };
        let offset = i32::try_from(index)?;
        let run = PrintRun {
            id: format!("run-{}", worksheet.id.id),
            worksheet: worksheet.id.clone(),
            section: SECTION,
            owner: OWNER,
            book: 1 + index,
            first_page: 1,
            pages: u32::try_from(worksheet.pages.len())?,
            copies,
            // Pattern and artwork never lie quite on each other, and differently in each run.
            registration: Registration {
                version: 1,
                dx_um: 420 - 310 * offset,
                dy_um: -280 + 190 * offset,
                rotation_urad: 900 - 700 * offset,
                scale_ppm: 250 * (offset - 1),
            },
        };
        Ok(Self { id: format!("a-{}", worksheet.id.id), sample, worksheet, run, due_min })
    }
}

/// Leases as the store keeps them.
pub(crate) fn lease_rows(leases: &[pen_sim::Lease]) -> anyhow::Result<Vec<Lease>> {
    let row = |lease: &pen_sim::Lease| {
        Ok(Lease {
            pen: lease.pen.0,
            holder: match &lease.holder {
                pen_sim::Holder::Pupil(id) => Holder::pupil(id)?,
                pen_sim::Holder::Marker(id) => Holder::marker(id)?,
            },
            from_ms: lease.from_ms,
            until_ms: lease.until_ms,
        })
    };
    leases.iter().map(row).collect()
}
