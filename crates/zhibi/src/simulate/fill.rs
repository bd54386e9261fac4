//! `zhibi simulate --fill`: a store as large as a district's after a term.
//!
//! One evening is simulated, stored and marked. Its papers are then copied, to as many classes as are
//! needed, for every school day of a term before it: nobody could wait until millions of pages are
//! written. Copies have no chunks.

use std::sync::Arc;

use anyhow::{Context, ensure};
use pen_sim::{Delivery, Evening, Handed};
use printing::{OWNER, SECTION};
use school::{ClassId, Grant, Period, Right, Role, SchoolId, Scope, StaffId};
use store::{
    AssignmentHead, AssignmentRow, ClassRow, ClockRow, CopiedPapers, PupilRow, SchoolRow, StaffRow,
    Store, StoreUrl, folio,
};
use tokio::task::JoinSet;
use worksheet::{Copies, PrintRun, Registration};

use crate::class::{SampleClass, lease_rows};
use crate::cli::SimulateArgs;
use crate::progress::Progress;
use crate::say::counted;
use crate::{Verdict, bench, clock, evening, service};

/// School days of a term: eighteen weeks.
const DAYS: u32 = 90;
/// Classes of a school.
const CLASSES: u32 = 30;
/// Pupils of a class: all of the sample class.
const PUPILS: u32 = 45;
/// The first book of copies: the sample class's own are below.
const FIRST_BOOK: u32 = 1_000;
/// Page addresses of a day.
const PAGES_A_DAY: u32 = 8;
/// Assignments copied at a time: they share their commits.
const AT_A_TIME: usize = 32;
/// Classes and pupils have been there since long before the term.
const SINCE_MS: i64 = 0;
const DAY_MS: i64 = 86_400_000;

/// Runs the command.
pub(super) fn run(args: &SimulateArgs, database: &StoreUrl) -> anyhow::Result<Verdict> {
    ensure!(
        database.path().is_none_or(|file| !file.exists()),
        "{database} exists already: name a new file, or remove it"
    );
    let pool = service::marking_pool(None)?;
    service::runtime()?.block_on(async {
        ensure!(
            database.path().is_some() || !Store::is_there(database).await?,
            "{database} holds a store already: name a database without one"
        );
        let store = Store::connect(database).await?;
        let filled = fill(args, &store, &pool).await;
        store.close().await?;
        let Filled { papers, classes } = filled?;
        put!(
            "{database}: {} of {}, all but one evening's copied, synthetic",
            counted(usize::try_from(papers)?, "page", "pages"),
            counted(classes as usize, "class", "classes"),
        )?;
        Ok(Verdict::Clean)
    })
}

struct Filled {
    papers: u64,
    classes: u32,
}

async fn fill(
    args: &SimulateArgs,
    store: &Store,
    pool: &Arc<rayon::ThreadPool>,
) -> anyhow::Result<Filled> {
    let class = SampleClass::new(PUPILS)?;
    let evening_ms = one_evening(args, store, &class, pool).await?;
    let template = Template::load(store, &class, evening_ms).await?;
    let wanted = args.fill_pages;
    // Every class has one of the three worksheets a day.
    let of_three_days: u64 = template.given.iter().map(|given| given.papers).sum();
    let of_a_class = of_three_days * u64::from(DAYS) / template.given.len() as u64;
    ensure!(of_a_class > 0, "the evening has no marked paper");
    let classes = u32::try_from(wanted.div_ceil(of_a_class)).context("too many pages")?;
    for number in 0..classes {
        template.add_class(store, &class, number).await?;
    }
    let mut progress = Progress::new("fill", wanted);
    let mut papers = 0;
    for day in 0..DAYS {
        for first in (0..classes).step_by(AT_A_TIME) {
            let mut copying = JoinSet::new();
            for number in first..classes.min(first + AT_A_TIME as u32) {
                // Assignments of one run come after it.
                if number.is_multiple_of(CLASSES) {
                    template.print(store, number / CLASSES, day).await?;
                }
                let (store, (row, of, into)) = (store.clone(), template.copy(number, day));
                copying.spawn(async move {
                    store.insert_assignment(row).await?;
                    store.copy_papers(&of, into).await
                });
            }
            while let Some(copied) = copying.join_next().await {
                papers += copied??;
            }
            progress.set(papers, "pages copied");
        }
    }
    progress.finish();
    tell!("folding the profiles of {}", counted((classes * PUPILS) as usize, "pupil", "pupils"));
    bench::mark_all(store, pool).await?;
    Ok(Filled { papers: papers + of_three_days, classes: classes + 1 })
}

/// Simulates, stores, marks and settles the sample class's evening; when it began.
async fn one_evening(
    args: &SimulateArgs,
    store: &Store,
    class: &SampleClass,
    pool: &Arc<rayon::ThreadPool>,
) -> anyhow::Result<i64> {
    // Long enough ago for everything to be due.
    let start_ms = clock::wall_ms() - DAY_MS;
    let setup = evening::setup(class, args.handwriting.as_deref(), args.seed, start_ms, 0)?;
    let evening = pen_sim::simulate(&setup);
    class.install(store, start_ms).await?;
    store.insert_leases(lease_rows(&evening.leases)?).await?;
    let arrivals = bench::arrivals(&evening, start_ms)?;
    bench::store_all(store, &arrivals).await?;
    store.clocks(clocks(&evening)).await?;
    bench::mark_all(store, pool).await?;
    store.settle(clock::wall_ms()).await?;
    Ok(start_ms)
}

/// What a gateway would have told of the pens' clocks.
fn clocks(evening: &Evening) -> Vec<ClockRow> {
    let clock = |delivery: &Delivery| match &delivery.what {
        Handed::State(state) => Some(ClockRow {
            pen: state.pen.0,
            boot_counter: state.boot.counter,
            boot_random: state.boot.random,
            offset_ms: delivery.at_ms - state.pen_unix_ms,
            error_ms: 0,
        }),
        Handed::Chunk(_) => None,
    };
    evening.deliveries.iter().filter_map(clock).collect()
}

/// How many days before a moment its `number`-th school day (Monday to Friday, in Shanghai) lies, from
/// 0: the last one before it.
fn school_day(at_ms: i64, number: u32) -> i64 {
    // 1970-01-01 was a Thursday; Monday is 0.
    let weekday = |day: i64| (day + 3).rem_euclid(7);
    let today = (at_ms + service::UTC_OFFSET_MS).div_euclid(DAY_MS);
    let mut days = 0;
    for _ in 0..=number {
        days += 1;
        while weekday(today - days) >= 5 {
            days += 1;
        }
    }
    days
}

/// What is copied.
struct Template {
    given: Vec<Given>,
    pupils: Vec<String>,
    evening_ms: i64,
}

struct Given {
    head: AssignmentHead,
    run: PrintRun,
    papers: u64,
}

impl Template {
    async fn load(store: &Store, class: &SampleClass, evening_ms: i64) -> anyhow::Result<Self> {
        let teacher = StaffId::new(&*class.teacher.id)?;
        let role = Role::ClassTeacher { class: ClassId::new(&*class.class.id)? };
        let grant = Grant { staff: teacher.clone(), role, period: Period::from(0) };
        let scope = Scope::of(teacher, &[grant], clock::wall_ms());
        let mut given = Vec::new();
        for of in &class.given {
            let head = store.assignment_of(&scope, Right::See, &of.id).await?;
            let head = head.context("the evening's assignment is not there")?;
            let papers = store.result_sheet(&head).await?.papers.len() as u64;
            given.push(Given { head, run: of.run.clone(), papers });
        }
        let pupils = class.class.pupils.iter().map(|pupil| pupil.id.clone()).collect();
        Ok(Self { given, pupils, evening_ms })
    }

    /// A class with its teacher, and its school where it is the first of it.
    async fn add_class(
        &self,
        store: &Store,
        class: &SampleClass,
        number: u32,
    ) -> anyhow::Result<()> {
        let (school, id) = (school_id(number / CLASSES), class_id(number));
        if number.is_multiple_of(CLASSES) {
            let place = number / CLASSES + 1;
            let (name_zh, name_en) =
                (format!("模拟小学{place}"), format!("Synthetic school {place}"));
            let row = SchoolRow { id: school.clone(), name_zh, name_en, district: None };
            store.insert_school(row).await?;
            let role = Role::Head { school: SchoolId::new(&*school)? };
            self.add_staff(store, &school, &format!("{school}-head"), role).await?;
        }
        let place = number % CLASSES + 1;
        store
            .insert_class(ClassRow {
                id: id.clone(),
                school: school.clone(),
                grade: class.class.grade,
                name_zh: format!("三({place})班"),
                name_en: format!("Class 3.{place}"),
            })
            .await?;
        let pupils = class.class.pupils.iter().map(|pupil| PupilRow {
            id: pupil_id(&id, pupil.number),
            school: school.clone(),
            class: id.clone(),
            number: pupil.number,
            from_ms: SINCE_MS,
            name: pupil.name.clone(),
        });
        store.insert_pupils(pupils.collect()).await?;
        let role = Role::ClassTeacher { class: ClassId::new(&*id)? };
        self.add_staff(store, &school, &format!("{id}-teacher"), role).await
    }

    async fn add_staff(
        &self,
        store: &Store,
        school: &str,
        id: &str,
        role: Role,
    ) -> anyhow::Result<()> {
        let row = StaffRow {
            id: id.to_owned(),
            school: school.to_owned(),
            login: id.to_owned(),
            name: format!("模拟 {id}"),
            locale: "zh".into(),
        };
        store.insert_staff(row).await?;
        let grant = Grant { staff: StaffId::new(id)?, role, period: Period::from(SINCE_MS) };
        Ok(store.insert_grants(vec![grant]).await?)
    }

    /// The sheet that a school's classes have on a day, shared by them all.
    async fn print(&self, store: &Store, school: u32, day: u32) -> anyhow::Result<()> {
        let run = PrintRun {
            id: run_id(school, day),
            section: SECTION,
            owner: OWNER,
            book: FIRST_BOOK + school,
            first_page: 1 + day * PAGES_A_DAY,
            copies: Copies::Shared,
            registration: Registration { version: 1, ..self.of(day).run.registration },
            ..self.of(day).run.clone()
        };
        Ok(store.insert_print_run(&school_id(school), run, Vec::new()).await?)
    }

    fn of(&self, day: u32) -> &Given {
        &self.given[day as usize % self.given.len()]
    }

    /// The assignment of a class on a day before the evening, 0 being the last; of what it is a copy,
    /// and how.
    fn copy(&self, number: u32, day: u32) -> (AssignmentRow, AssignmentHead, CopiedPapers) {
        let given = self.of(day);
        let later_ms = -DAY_MS * school_day(self.evening_ms, day);
        let (school, class) = (number / CLASSES, class_id(number));
        let assignment = format!("{class}-d{day:02}");
        let row = AssignmentRow {
            id: assignment.clone(),
            school: school_id(school),
            class: class.clone(),
            print_run: run_id(school, day),
            assigned_ms: self.evening_ms + later_ms,
            due_ms: given.head.due_ms + later_ms,
            quiet_ms: given.head.quiet_ms,
        };
        let pupils = (1..).zip(&self.pupils);
        let into = CopiedPapers {
            school: school_id(school),
            assignment,
            pupils: pupils.map(|(place, from)| (from.clone(), pupil_id(&class, place))).collect(),
            folio: folio(SECTION, OWNER, FIRST_BOOK + school),
            first_page: 1 + day * PAGES_A_DAY,
            later_ms,
        };
        (row, given.head.clone(), into)
    }
}

fn school_id(number: u32) -> String {
    format!("fill-{}", number + 1)
}

fn class_id(number: u32) -> String {
    format!("fill-{}-{:02}", number / CLASSES + 1, number % CLASSES + 1)
}

fn pupil_id(class: &str, number: u32) -> String {
    format!("{class}-{number:02}")
}

fn run_id(school: u32, day: u32) -> String {
    format!("fill-{}-d{day:02}", school + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn school_days_go_back_over_weekends() {
        // Tuesday, 2026-12-01, 00:30 in Shanghai: still Monday in Greenwich.
        let at_ms = 1_796_056_200_000;
        let days: Vec<i64> = (0..7).map(|number| school_day(at_ms, number)).collect();
        assert_eq!(days, [1, 4, 5, 6, 7, 8, 11]);
    }
}
