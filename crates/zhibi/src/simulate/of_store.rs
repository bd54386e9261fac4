//! The classes of a store, their sheets and their pens, as the simulator is given them.

use std::collections::{BTreeMap, HashMap};

use anyhow::{bail, ensure};
use attribution::{Holder, Lease};
use firmware_protocol::{PageAddress, PenId};
use pen_sim::{AssignmentPlan, Class, HandwritingPool, Known, Pupil, Setup};
use serde_json::{Value, json};
use store::{AssignmentRow, Store, StoreUrl};
use worksheet::Copies;

use crate::say::counted;
use crate::{local_time, pen, store_file};

/// The share of per-copy papers that a teacher with a pen marks in red.
const MARKED_BY_TEACHER: f32 = 0.4;

/// What is wanted of a store.
pub(super) struct Wanted<'a> {
    pub(super) class: Option<&'a str>,
    pub(super) assignment: Option<&'a str>,
    pub(super) seed: u64,
    pub(super) run: u32,
    /// Unix milliseconds.
    pub(super) now_ms: i64,
    /// How much faster than life it is sent; `None`: as fast as possible.
    pub(super) speed: Option<u32>,
    /// Copies that bear ink already are written on once more.
    pub(super) again: bool,
}

/// What is planned for each class.
pub(super) struct Planned(Vec<PlannedClass>);

struct PlannedClass {
    id: String,
    name: String,
    assignments: Vec<String>,
    /// Pupils who write.
    writing: usize,
    /// The numbers of pupils to whom no pen is lent.
    without_pen: Vec<u32>,
    /// By assignment: the numbers of pupils who have a pen and no copy.
    without_copy: BTreeMap<String, Vec<u32>>,
    /// By assignment: on how many copies there is ink already, which are left as they are.
    written: BTreeMap<String, usize>,
    /// A pen is lent to a member of staff, who marks in red.
    is_marked_in_red: bool,
}

/// The setups of the wanted classes, at least one.
pub(super) fn setups(
    database: &StoreUrl,
    wanted: &Wanted<'_>,
    handwriting: Option<HandwritingPool>,
) -> anyhow::Result<(Vec<Setup>, Planned)> {
    store_file::reading(database, async |store| {
        let mut by_class: BTreeMap<String, Vec<AssignmentRow>> = BTreeMap::new();
        for row in given(store, wanted).await? {
            by_class.entry(row.class.clone()).or_default().push(row);
        }
        let leases = store.leases_at(wanted.now_ms).await?;
        let (mut setups, mut planned) = (Vec::new(), Vec::new());
        for (class, rows) in by_class {
            let (mut setup, plan) = of_class(store, wanted, &class, &rows, &leases).await?;
            setup.handwriting.clone_from(&handwriting);
            if plan.writing > 0 {
                setup.evening_start_ms =
                    start_ms(store, wanted, &setup, &leases, &plan.name).await?;
                setups.push(setup);
            }
            planned.push(plan);
        }
        let planned = Planned(planned);
        if setups.is_empty() {
            planned.tell();
            let written = planned.0.iter().any(|class| !class.written.is_empty());
            ensure!(
                !written,
                "nothing is left to write on: --again writes over the ink that is there, and \
                 zhibi print --run NAME makes new copies"
            );
            bail!("nobody can write: no pupil of these classes has a pen and a copy");
        }
        Ok((setups, planned))
    })
}

/// The sheets that are wanted.
async fn given(store: &Store, wanted: &Wanted<'_>) -> anyhow::Result<Vec<AssignmentRow>> {
    let mut rows = store.given_sheets().await?;
    if let Some(class) = wanted.class {
        let class = pen::class(store, class).await?;
        rows.retain(|row| row.class == class.id);
        ensure!(
            !rows.is_empty(),
            "{} was given nothing: zhibi print and zhibi assign come first",
            class.name_zh
        );
    }
    if let Some(id) = wanted.assignment {
        let there: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        rows.retain(|row| row.id == id);
        ensure!(
            !rows.is_empty(),
            "there is no assignment {id}; there are: {}",
            if there.is_empty() { "none".to_owned() } else { there.join(", ") }
        );
    }
    ensure!(!rows.is_empty(), "no class was given a worksheet: zhibi assign comes first");
    Ok(rows)
}

async fn of_class(
    store: &Store,
    wanted: &Wanted<'_>,
    class: &str,
    rows: &[AssignmentRow],
    leases: &[Lease],
) -> anyhow::Result<(Setup, PlannedClass)> {
    let name = pen::class(store, class).await?.name_zh;
    let mut known = Known::default();
    let mut holding: HashMap<&str, PenId> = HashMap::new();
    let mut red = None;
    for lease in leases {
        match &lease.holder {
            // Who has several writes with the first.
            Holder::Pupil(id) => drop(holding.entry(id.as_str()).or_insert(PenId(lease.pen))),
            Holder::Marker(id) => red = red.or(Some((id.as_str(), PenId(lease.pen)))),
        }
    }
    let (mut pupils, mut without_pen) = (Vec::new(), Vec::new());
    for (number, id) in store.numbered_pupils(class, wanted.now_ms).await? {
        match holding.get(id.as_str()) {
            Some(pen) => {
                known.pens.insert(id.clone(), *pen);
                pupils.push(Pupil { id, number });
            }
            None => without_pen.push(number),
        }
    }
    let (mut plans, mut without_copy) = (Vec::new(), BTreeMap::new());
    let mut written = BTreeMap::new();
    for row in rows {
        let run = store.load_print_run(&row.print_run).await?;
        let inked = if wanted.again { Vec::new() } else { store.copies_written(&run).await? };
        if !inked.is_empty() {
            written.insert(row.id.clone(), inked.len());
            if run.copies == Copies::Shared {
                continue;
            }
        }
        let sheet = &run.worksheet;
        let worksheet = store.load_worksheet(&sheet.id, sheet.version).await?;
        if matches!(run.copies, Copies::PerCopy(_)) {
            let bearers = store.bearers(&run.id, wanted.now_ms).await?;
            let copies: HashMap<String, u32> =
                bearers.into_iter().map(|row| (row.pupil, row.copy)).collect();
            let without = pupils.iter().filter(|pupil| !copies.contains_key(&pupil.id));
            let without: Vec<u32> = without.map(|pupil| pupil.number).collect();
            if !without.is_empty() {
                without_copy.insert(row.id.clone(), without);
            }
            for (pupil, copy) in copies {
                if !inked.contains(&copy) {
                    known.copies.insert((row.id.clone(), pupil), copy);
                }
            }
        }
        plans.push(AssignmentPlan { id: row.id.clone(), worksheet, run });
    }
    for row in store.known_labels(class, wanted.now_ms).await? {
        let (section, owner, book) = store::unfold(row.folio);
        let label = PageAddress { section, owner, book, page: row.page };
        known.labels.insert(row.pupil, label);
    }
    let writes = |pupil: &&Pupil| {
        plans.iter().any(|plan| {
            plan.run.copies == Copies::Shared
                || known.copies.contains_key(&(plan.id.clone(), pupil.id.clone()))
        })
    };
    let plan = PlannedClass {
        id: class.to_owned(),
        name,
        assignments: plans.iter().map(|plan| plan.id.clone()).collect(),
        writing: pupils.iter().filter(writes).count(),
        without_pen,
        without_copy,
        written,
        is_marked_in_red: red.is_some(),
    };
    let teacher = red.map_or_else(String::new, |(id, pen)| {
        known.pens.insert(id.to_owned(), pen);
        id.to_owned()
    });
    let setup = Setup {
        class: Class { id: class.to_owned(), pupils, teacher },
        assignments: plans,
        evening_start_ms: wanted.now_ms,
        handwriting: None,
        seed: wanted.seed,
        run: wanted.run,
        marked_by_teacher: if red.is_some() { MARKED_BY_TEACHER } else { 0.0 },
        known: Some(known),
    };
    Ok((setup, plan))
}

/// When the evening begins. Its pens must be with their holders by then: ink of before would be
/// somebody else's.
async fn start_ms(
    store: &Store,
    wanted: &Wanted<'_>,
    setup: &Setup,
    leases: &[Lease],
    class: &str,
) -> anyhow::Result<i64> {
    let start_ms = super::begins_ms(setup, wanted.now_ms, wanted.speed);
    let then = store.leases_at(start_ms).await?;
    let writes = |lease: &&Lease| {
        setup.known.iter().flat_map(|known| known.pens.values()).any(|pen| pen.0 == lease.pen)
    };
    let is_new = |lease: &&Lease| {
        !then.iter().any(|before| (before.pen, &before.holder) == (lease.pen, &lease.holder))
    };
    if let Some(lease) = leases.iter().filter(writes).find(is_new) {
        bail!(
            "a pen of {class} is lent since {}, and the evening that ends now begins at {}: lend \
             the pens from an earlier time (zhibi pen … lend … --from), or write in real time \
             (--speed 1)",
            local_time::text(lease.from_ms),
            local_time::text(start_ms)
        );
    }
    Ok(start_ms)
}

impl Planned {
    /// Says who writes nothing, and why.
    pub(super) fn tell(&self) {
        let list = |numbers: &[u32]| {
            let words: Vec<String> = numbers.iter().map(u32::to_string).collect();
            words.join(", ")
        };
        for class in &self.0 {
            let red =
                if class.is_marked_in_red { "some papers" } else { "nothing: no red pen is lent" };
            tell!(
                "{}: {} {} {} (synthetic); marked in red: {red}",
                class.name,
                counted(class.writing, "pupil", "pupils"),
                if class.writing == 1 { "writes" } else { "write" },
                class.assignments.join(", ")
            );
            if !class.without_pen.is_empty() {
                tell!("  without a pen, so that they write nothing: {}", list(&class.without_pen));
            }
            for (assignment, copies) in &class.written {
                let copies = counted(*copies, "copy", "copies");
                tell!("  left as they are, with the ink that is on them: {copies} of {assignment}");
            }
            for (assignment, numbers) in &class.without_copy {
                tell!("  without a copy of {assignment} with their name: {}", list(numbers));
            }
        }
    }

    /// The same as JSON.
    pub(super) fn json(&self) -> Value {
        let class = |class: &PlannedClass| {
            json!({
                "class": class.id,
                "assignments": class.assignments,
                "writing": class.writing,
                "without_pen": class.without_pen,
                "without_copy": class.without_copy,
                "written": class.written,
                "red_pen": class.is_marked_in_red,
            })
        };
        self.0.iter().map(class).collect()
    }
}
