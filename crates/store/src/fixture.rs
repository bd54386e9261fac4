//! A small school on a database file of its own.

use attribution::{Holder, Lease, Roles};
use school::{ClassId, Grant, Period, Role, Scope, StaffId};
use tempfile::TempDir;
use worksheet::{Copies, PrintRun, Registration, WorksheetId};

use crate::sql::query;
use crate::{
    Arrival, AssignmentRow, ClassRow, Key, MarkRow, Outcome, PupilRow, ResponseRow, SchoolRow,
    StaffRow, Store, StoreUrl, Touch, Verdict, contract, folio,
};

/// Pupils p0, p1 and p2, a per-copy run (pages 100–105, two a copy) and a shared run (pages 900
/// and 901), both given to their class.
pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) url: StoreUrl,
    pub(crate) folder: TempDir,
}

pub(crate) const DUE_MS: i64 = 1_000_000;
pub(crate) const QUIET_MS: i64 = 50_000;

const WORKSHEET: &str = r#"
id = "sums"
version = 1
title_zh = "口算"
title_en = "Sums"
subject = "math"
grade = 3

[[page]]
artwork = "page1.svg"
width_um = 210000
height_um = 297000

[[page]]
artwork = "page2.svg"
width_um = 210000
height_um = 297000

[[knowledge_point]]
id = "add"
zh = "加法"
en = "Addition"

[[question]]
id = "q1"
page = 1
label = "1"
prompt = "3 + 4 ="
points = 5
knowledge_points = ["add"]
box = { x_um = 10000, y_um = 10000, width_um = 20000, height_um = 10000 }
answer = { kind = "number", right = "7" }
"#;

pub(crate) fn worksheet() -> (&'static str, Vec<String>) {
    (WORKSHEET, vec!["<svg>1</svg>".into(), "<svg>2</svg>".into()])
}

pub(crate) fn run(id: &str, first_page: u32, copies: Copies) -> PrintRun {
    PrintRun {
        id: id.into(),
        worksheet: WorksheetId { id: "sums".into(), version: 1 },
        section: 3,
        owner: 27,
        book: 5,
        first_page,
        pages: 2,
        copies,
        registration: Registration {
            version: 1,
            dx_um: -1000,
            dy_um: 2000,
            rotation_urad: 3,
            scale_ppm: -4,
        },
    }
}

/// Somebody is class teacher of a class, always.
pub(crate) fn class_teacher(staff: &str, class: &str) -> Grant {
    Grant {
        staff: StaffId::new(staff).unwrap(),
        role: Role::ClassTeacher { class: ClassId::new(class).unwrap() },
        period: Period::from(0),
    }
}

pub(crate) fn pupils() -> Vec<String> {
    (0..3).map(|number| format!("p{number}")).collect()
}

pub(crate) fn assignment(id: &str, print_run: &str) -> AssignmentRow {
    AssignmentRow {
        id: id.into(),
        school: "s".into(),
        class: "c".into(),
        print_run: print_run.into(),
        assigned_ms: 0,
        due_ms: DUE_MS,
        quiet_ms: QUIET_MS,
    }
}

impl Fixture {
    /// The whole school.
    pub(crate) async fn new() -> Self {
        let fixture = Self::without_runs().await;
        let store = &fixture.store;
        store.insert_print_run("s", run("own", 100, Copies::PerCopy(3)), pupils()).await.unwrap();
        store.insert_print_run("s", run("all", 900, Copies::Shared), vec![]).await.unwrap();
        store.insert_assignment(assignment("a-own", "own")).await.unwrap();
        store.insert_assignment(assignment("a-all", "all")).await.unwrap();
        fixture
    }

    /// People and the worksheet only.
    pub(crate) async fn without_runs() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = contract::place(folder.path()).await;
        Self::at(url, folder).await
    }

    /// The same in a file, whatever the other tests are run on.
    pub(crate) async fn in_file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::at(folder.path().join("zhibi.db").as_path().into(), folder).await
    }

    async fn at(url: StoreUrl, folder: TempDir) -> Self {
        let store = Store::connect(&url).await.unwrap();
        let name = || String::from("—");
        let school = SchoolRow { id: "s".into(), name_zh: name(), name_en: name(), district: None };
        store.insert_school(school).await.unwrap();
        for id in ["c", "other"] {
            let class = ClassRow {
                id: id.into(),
                school: "s".into(),
                grade: 3,
                name_zh: name(),
                name_en: name(),
            };
            store.insert_class(class).await.unwrap();
        }
        let rows = (0..).zip(pupils()).map(|(number, id)| PupilRow {
            id,
            school: "s".into(),
            class: "c".into(),
            number,
            from_ms: 0,
            name: name(),
        });
        store.insert_pupils(rows.collect()).await.unwrap();
        let teacher = StaffRow {
            id: "t".into(),
            school: "s".into(),
            login: "t".into(),
            name: name(),
            locale: "zh".into(),
        };
        store.insert_staff(teacher).await.unwrap();
        store.insert_grants(vec![class_teacher("t", "c")]).await.unwrap();
        let (toml, artwork) = worksheet();
        store.insert_worksheet(toml, &artwork).await.unwrap();
        Self { store, url, folder }
    }

    /// Stores a chunk of `pen` that writes on `page` from `at_ms` for one second.
    pub(crate) async fn write(&self, pen: u64, number: u32, page: u32, at_ms: i64) {
        self.store.store_chunks(vec![chunk(pen, number, page, at_ms)]).await.unwrap();
    }

    /// What a member of staff may see at a moment.
    pub(crate) async fn scope(&self, staff: &str, at_ms: i64) -> Scope {
        self.store.scope_of(staff, at_ms).await.unwrap()
    }

    /// Attributes everything, and tells whose papers are stale: assignment, pupil, page.
    pub(crate) async fn stale_papers(&self) -> Vec<(String, String, i64)> {
        self.attribute().await;
        query(
            "SELECT assignment, pupil, page FROM paper WHERE marked_rev < ink_rev ORDER BY 1, 2, 3",
        )
        .fetch_all(self.store.readers())
        .await
        .unwrap()
    }

    pub(crate) async fn attribute(&self) {
        while self.store.attribute(0).await.unwrap() > 0 {}
    }

    /// Marks every stale paper at `now_ms`: `machine` is the verdict on q1 of each first page.
    pub(crate) async fn mark_all(&self, machine: Option<MarkRow>, now_ms: i64) {
        self.attribute().await;
        for job in self.store.claim(i64::MAX / 2, 0, 0, 100).await.unwrap() {
            let ink_rev = self.store.paper_chunks(&job).await.unwrap().ink_rev;
            let outcome = outcome(ink_rev, machine, None);
            self.store.save(&job, outcome, now_ms).await.unwrap();
        }
    }

    /// Does what no function of the store does.
    pub(crate) async fn execute(&self, statement: &'static str) {
        let execute = self.store.write(move |tx| {
            Box::pin(async move {
                query(statement).execute(tx).await?;
                Ok(())
            })
        });
        execute.await.unwrap();
    }

    /// Runs a statement that only one of the databases has.
    pub(crate) async fn run(&self, statement: String) {
        let run = self.store.write(move |tx| {
            Box::pin(async move { Ok(tx.run(sqlx::AssertSqlSafe(statement)).await?) })
        });
        run.await.unwrap();
    }

    /// From now on the database refuses rows of a table for which `condition` holds.
    pub(crate) async fn refuse(&self, table: &str, condition: &str) {
        let function = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
                        AS 'BEGIN RAISE ''refused''; END'";
        let trigger = format!("CREATE TRIGGER refuse BEFORE INSERT ON {table}");
        let statements = if self.url.path().is_some() {
            format!("{trigger} WHEN ({condition}) BEGIN SELECT raise(ABORT, 'refused'); END")
        } else {
            format!(
                "{function}; {trigger} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION refuse()"
            )
        };
        self.run(statements).await;
    }

    pub(crate) async fn count(&self, table: &str) -> i64 {
        let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        query(sql).scalar(self.store.readers()).await.unwrap()
    }
}

pub(crate) fn key(pen: u64, number: u32) -> Key {
    Key { pen, boot_counter: 1, boot_random: 0xffff_fff0, number }
}

pub(crate) fn chunk(pen: u64, number: u32, page: u32, at_ms: i64) -> Arrival {
    Arrival {
        key: key(pen, number),
        bytes: format!("chunk {number} of {pen} on {page}").into_bytes(),
        gateway: "g-1".into(),
        received_ms: at_ms + 1_000,
        touches: vec![Touch {
            folio: folio(3, 27, 5),
            page,
            first_ms: at_ms,
            last_ms: at_ms + 1_000,
        }],
        hello_model: None,
    }
}

pub(crate) fn lease(pen: u64, holder: Holder, from_ms: i64, until_ms: Option<i64>) -> Lease {
    Lease { pen, holder, from_ms, until_ms }
}

pub(crate) fn pupil(number: u32) -> Holder {
    Holder::pupil(format!("p{number}")).unwrap()
}

pub(crate) fn teacher() -> Holder {
    Holder::marker("t").unwrap()
}

pub(crate) const RIGHT: MarkRow = MarkRow { verdict: Verdict::Right, score: 50 };
pub(crate) const WRONG: MarkRow = MarkRow { verdict: Verdict::Wrong, score: 0 };

/// Another stroke at each revision.
fn strokes(ink_rev: i64) -> Roles {
    format!("1 L1-1-1:{ink_rev}").parse().unwrap()
}

pub(crate) fn outcome(ink_rev: i64, machine: Option<MarkRow>, red: Option<MarkRow>) -> Outcome {
    Outcome {
        ink_rev,
        responses: vec![ResponseRow {
            part: "q1".into(),
            question: "q1".into(),
            criteria: 0,
            position: 0,
            reading: Some("7".into()),
            probability: Some(0.98),
            alternatives: "[]".into(),
            review: None,
            strokes: strokes(ink_rev),
            first_ms: Some(1),
            last_ms: Some(2),
            writing_ms: 1,
            rewrites: 0,
            machine,
            red,
            red_criteria: Vec::new(),
        }],
        loose: Roles::default(),
        drawn: Vec::new(),
        has_ink: true,
        foreign_pen: false,
        versions: "{}".into(),
    }
}
