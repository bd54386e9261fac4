//! The sample school on a database of its own.

use attribution::Roles;
use sample_school::{Given, SampleSchool};
use school::Scope;
use sqlx::ConnectOptions;
use tempfile::TempDir;

use crate::sql::query;
use crate::url::Kind;
use crate::{
    Arrival, AssignmentRow, ClassRow, Key, MarkRow, Outcome, PupilRow, ResponseRow, SchoolRow,
    StaffRow, Store, StoreUrl, Touch, Verdict, contract, folio,
};

/// Three pupils, a per-copy run "own" (pages 100–105, two per copy) given as `a-own`, and a shared
/// run "all" (pages 900 and 901) given as `a-all`, both to `c-1`.
///
/// The sample school knows another `Store`, and other rows, than the tests of this crate do. It puts
/// itself into the database, and what a test adds is made here.
pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) url: StoreUrl,
    pub(crate) folder: TempDir,
}

pub(crate) const DUE_MS: i64 = 1_000_000;
pub(crate) const QUIET_MS: i64 = 50_000;

pub(crate) fn pupils() -> Vec<String> {
    (1..=3).map(|number| format!("p-{number}")).collect()
}

/// A school of a district, or of none.
pub(crate) fn school(id: &str, district: Option<&str>) -> SchoolRow {
    let name = || String::from("—");
    let district = district.map(Into::into);
    SchoolRow { id: id.into(), name_zh: name(), name_en: name(), district }
}

pub(crate) fn class(id: &str, school: &str, grade: u8) -> ClassRow {
    let name = || String::from("—");
    ClassRow { id: id.into(), school: school.into(), grade, name_zh: name(), name_en: name() }
}

pub(crate) fn staff(id: &str) -> StaffRow {
    StaffRow {
        id: id.into(),
        school: "s".into(),
        login: id.into(),
        name: "—".into(),
        locale: "zh".into(),
    }
}

/// A pupil in a class from a moment on.
pub(crate) fn in_class(pupil: &str, class: &str, number: u32, from_ms: i64) -> PupilRow {
    PupilRow {
        id: pupil.into(),
        school: "s".into(),
        class: class.into(),
        number,
        from_ms,
        name: "—".into(),
    }
}

pub(crate) fn assignment(id: &str, print_run: &str) -> AssignmentRow {
    AssignmentRow {
        id: id.into(),
        school: "s".into(),
        class: "c-1".into(),
        print_run: print_run.into(),
        assigned_ms: 0,
        due_ms: DUE_MS,
        quiet_ms: QUIET_MS,
    }
}

impl Fixture {
    /// The whole school.
    pub(crate) async fn new() -> Self {
        let given = |given: Given| given.times(0, DUE_MS, QUIET_MS);
        let school = SampleSchool::of(3)
            .with(given(Given::new("a-own", "own", 100)))
            .with(given(Given::new("a-all", "all", 900).shared()));
        let folder = tempfile::tempdir().unwrap();
        let url = contract::place(folder.path()).await;
        Self::at(school, url, folder).await
    }

    /// People and the worksheet only.
    pub(crate) async fn without_runs() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = contract::place(folder.path()).await;
        Self::at(SampleSchool::of(3), url, folder).await
    }

    /// The same in a file, whatever the other tests are run on.
    pub(crate) async fn in_file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = folder.path().join("zhibi.db").as_path().into();
        Self::at(SampleSchool::of(3), url, folder).await
    }

    async fn at(school: SampleSchool, url: StoreUrl, folder: TempDir) -> Self {
        let text = match &url.0 {
            Kind::File(path) => format!("sqlite:{}", path.display()),
            Kind::Server(options) => options.to_url_lossy().to_string(),
        };
        school.put_at(&text).await;
        let store = Store::connect(&url).await.unwrap();
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
            decide_min: Some(0.95),
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
        red_total: Some(85),
        versions: "{}".into(),
    }
}
