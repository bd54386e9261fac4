//! A small school on a store of its own, and a browser to look at it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use attribution::{Holder, Lease, Role, Roles};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode, header};
use firmware_protocol::{
    BootId, PageAddress, PenHead, PenId, Reading, SealPolicy, Sealer, StrokeEnd,
};
use school::{ClassId, Grant, Period, Role as Held, Scope, StaffId};
use store::{
    Arrival, AssignmentRow, ClassRow, Key, MarkRow, Outcome, PupilRow, ResponseRow, SchoolRow,
    StaffRow, Store, Touch, Verdict,
};
use tempfile::TempDir;
use tower::ServiceExt;
use worksheet::{Copies, PrintRun, Registration, WorksheetId};

use crate::{Config, Sources, Web, issue_link, router};

pub(crate) const WORKSHEET: &str = r#"
id = "mixed"
version = 1
title_zh = "三年级综合练习"
title_en = "Mixed practice"
subject = "math"
grade = 3

[[page]]
artwork = "1.svg"
width_um = 210000
height_um = 297000

[[page]]
artwork = "2.svg"
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
box = { x_um = 60000, y_um = 50000, width_um = 20000, height_um = 10000 }
answer = { kind = "number", right = "7" }

[[question]]
id = "q2"
page = 1
label = "2"
prompt = "5 + 4 ="
points = 5
knowledge_points = ["add"]
box = { x_um = 60000, y_um = 80000, width_um = 20000, height_um = 10000 }
answer = { kind = "number", right = "9" }

[[question]]
id = "q3"
page = 2
label = "3"
prompt = "小明有几个苹果？"
points = 6
knowledge_points = ["add"]
box = { x_um = 30000, y_um = 50000, width_um = 120000, height_um = 60000 }
answer = { kind = "free", score_box = { x_um = 170000, y_um = 50000, width_um = 15000, height_um = 10000 } }
model_answer = "12 + 5 = 17（个）"
"#;

const DATABASE: &str = "zhibi.db";

/// When the school's clocks begin, Unix milliseconds.
pub(crate) const START_MS: i64 = 1_763_890_800_000;

/// 王老师 (`t-wang`) teaches `c-1` with pupils p-1 to p-3; 李老师 (`t-li`) teaches `c-2` with p-9.
/// Assignment `a-1` is the first class's, `a-2` the second's.
pub(crate) struct School {
    pub(crate) web: Web,
    pub(crate) store: Store,
    pub(crate) router: Router,
    /// The wall's time, to be moved.
    pub(crate) wall_ms: Arc<AtomicI64>,
    dir: TempDir,
}

fn pupil(class: &str, number: u32, name: &str) -> PupilRow {
    PupilRow {
        id: format!("p-{number}"),
        school: "s".into(),
        class: class.into(),
        number,
        from_ms: 0,
        name: name.into(),
    }
}

/// Somebody teaches a class, always.
pub(crate) fn teacher(staff: &str, class: &str) -> Grant {
    Grant {
        staff: StaffId::new(staff).unwrap(),
        role: Held::Teacher { class: ClassId::new(class).unwrap(), subject: None },
        period: Period::from(0),
    }
}

pub(crate) fn staff(id: &str, login: &str, name: &str) -> StaffRow {
    StaffRow {
        id: id.into(),
        school: "s".into(),
        login: login.into(),
        name: name.into(),
        locale: "zh".into(),
    }
}

pub(crate) fn run(id: &str, first_page: u32, copies: u32) -> PrintRun {
    PrintRun {
        id: id.into(),
        worksheet: WorksheetId { id: "mixed".into(), version: 1 },
        section: 3,
        owner: 27,
        book: 5,
        first_page,
        pages: 2,
        copies: Copies::PerCopy(copies),
        registration: Registration {
            version: 1,
            dx_um: 1_000,
            dy_um: 2_000,
            rotation_urad: 0,
            scale_ppm: 0,
        },
    }
}

/// By plain http on the address that [`Browser`] asks for.
pub(crate) fn config() -> Config {
    Config::on(([127, 0, 0, 1], 8080).into())
}

impl School {
    pub(crate) async fn new() -> Self {
        Self::with(config()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path().join(DATABASE)).await.unwrap();
        people(&store).await;
        let artwork = |n: u32| format!("<svg xmlns='http://www.w3.org/2000/svg'><!--{n}--></svg>");
        store.insert_worksheet(WORKSHEET, &[artwork(1), artwork(2)]).await.unwrap();
        let first = ["p-1", "p-2", "p-3"].map(String::from).to_vec();
        store.insert_print_run("s", run("r-1", 100, 3), first).await.unwrap();
        store.insert_print_run("s", run("r-2", 200, 1), vec!["p-9".into()]).await.unwrap();
        for (id, class, print_run) in [("a-1", "c-1", "r-1"), ("a-2", "c-2", "r-2")] {
            let assignment = AssignmentRow {
                id: id.into(),
                school: "s".into(),
                class: class.into(),
                print_run: print_run.into(),
                assigned_ms: START_MS,
                due_ms: START_MS + 3_600_000,
                quiet_ms: 1_800_000,
            };
            store.insert_assignment(assignment).await.unwrap();
        }
        Self::serve(dir, store, config)
    }

    /// A store that holds nobody.
    pub(crate) async fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path().join(DATABASE)).await.unwrap();
        Self::serve(dir, store, config())
    }

    /// Offers the page of the first start, and returns its token.
    pub(crate) async fn offer_setup(&mut self) -> Option<String> {
        let token = self.web.offer_setup().await.unwrap();
        self.router = router(self.web.clone());
        token
    }

    fn serve(dir: TempDir, store: Store, config: Config) -> Self {
        let wall_ms = Arc::new(AtomicI64::new(START_MS));
        let wall = wall_ms.clone();
        let drawn = AtomicU64::new(1);
        let sources = Sources {
            clock: Arc::new(|| START_MS + 60_000),
            wall: Arc::new(move || wall.load(Ordering::Relaxed)),
            random: Arc::new(move || {
                let mut random = [0; 32];
                random[..8].copy_from_slice(&drawn.fetch_add(1, Ordering::Relaxed).to_le_bytes());
                random
            }),
            parts: Arc::new(|| vec![("broker", "ok")]),
        };
        let web = Web::new(store.clone(), sources, config);
        Self { router: router(web.clone()), web, store, wall_ms, dir }
    }

    /// The school after a fault of its disk, which put some bytes in the place of others.
    pub(crate) async fn damaged(self, from: &[u8], to: &[u8]) -> Self {
        assert_eq!(from.len(), to.len());
        self.store.close().await.unwrap();
        let path = self.path();
        let mut bytes = std::fs::read(&path).unwrap();
        let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
        bytes[at..at + to.len()].copy_from_slice(to);
        std::fs::write(&path, bytes).unwrap();
        let store = Store::open(&path).await.unwrap();
        Self::serve(self.dir, store, config())
    }

    pub(crate) fn pass_ms(&self, ms: i64) {
        self.wall_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// A browser without cookies.
    pub(crate) fn browser(&self) -> Browser {
        Browser {
            router: self.router.clone(),
            cookie: None,
            device: None,
            client: [10, 0, 0, 1],
            site: Some("same-origin"),
        }
    }

    /// A browser in which somebody is logged in.
    pub(crate) async fn logged_in(&self, staff: &str) -> Browser {
        let mut browser = self.browser();
        let token = self.link(staff).await;
        let answer = browser.post(&format!("/link/{token}"), "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser
    }

    /// The token of a fresh link.
    pub(crate) async fn link(&self, staff: &str) -> String {
        let random = (self.web.sources.random)();
        issue_link(&self.store, staff, self.web.wall_ms(), random).await.unwrap()
    }

    /// The first class gets an assignment whose copies share their addresses.
    pub(crate) async fn share(&self, print_run: &str, assignment: &str, first_page: u32) {
        let run = PrintRun { copies: Copies::Shared, ..run(print_run, first_page, 1) };
        self.store.insert_print_run("s", run, Vec::new()).await.unwrap();
        let assignment = AssignmentRow {
            id: assignment.into(),
            school: "s".into(),
            class: "c-1".into(),
            print_run: print_run.into(),
            assigned_ms: START_MS,
            due_ms: START_MS + 3_600_000,
            quiet_ms: 3_600_000,
        };
        self.store.insert_assignment(assignment).await.unwrap();
    }

    /// What a member of staff may see now.
    pub(crate) async fn scope(&self, staff: &str) -> Scope {
        self.store.scope_of(staff, self.web.wall_ms()).await.unwrap()
    }

    /// A pupil writes one stroke on a page, of a class of one or three copies.
    pub(crate) async fn write(&self, pupil: u32, page: u32, number: u32) {
        let pen = u64::from(pupil);
        let address_page = if pupil == 9 { 199 + page } else { 97 + pupil * 2 + page };
        let holder = Holder::pupil(format!("p-{pupil}")).unwrap();
        let lease = Lease { pen, holder, from_ms: 0, until_ms: None };
        self.store.insert_leases(vec![lease]).await.unwrap();
        let at_ms = START_MS + i64::from(number) * 10_000;
        self.write_with(pen, number, address_page, at_ms, at_ms + 1_000).await;
    }

    /// A pen writes one stroke on a page of the address, at a time by its own clock.
    pub(crate) async fn write_with(
        &self,
        pen: u64,
        number: u32,
        address_page: u32,
        at_ms: i64,
        received_ms: i64,
    ) {
        let address = PageAddress { section: 3, owner: 27, book: 5, page: address_page };
        let arrival = Arrival {
            key: Key { pen, boot_counter: number, boot_random: 7, number: 1 },
            bytes: chunk(pen, number, address, at_ms),
            gateway: "g-1".into(),
            received_ms,
            touches: vec![Touch {
                folio: store::folio(3, 27, 5),
                page: address_page,
                first_ms: at_ms,
                last_ms: at_ms + 190,
            }],
            hello_model: None,
        };
        self.store.store_chunks(vec![arrival]).await.unwrap();
        while self.store.attribute(START_MS).await.unwrap() > 0 {}
    }

    /// Marks all stale papers: the first response of each page gets `review`, or else is right.
    pub(crate) async fn mark(&self, review: Option<&str>) {
        for job in self.store.claim(i64::MAX / 2, 0, 0, 100).await.unwrap() {
            let chunks = self.store.paper_chunks(&job).await.unwrap();
            let run = self.store.load_print_run(&job.print_run).await.unwrap();
            let drawn = crate::strokes::draw(&chunks, &run.registration);
            let live = || drawn.iter().map(|stroke| (stroke.key, Role::Live));
            let (keys, none) = (Roles::new(live()), Roles::default());
            let questions: &[&str] = if job.page == 1 { &["q1", "q2"] } else { &["q3"] };
            let responses = questions.iter().zip(0..).map(|(question, position)| {
                let first = position == 0;
                response(question, position, if first { &keys } else { &none }, review)
            });
            let outcome = Outcome {
                ink_rev: chunks.ink_rev,
                responses: responses.collect(),
                loose: Roles::default(),
                has_ink: !drawn.is_empty(),
                foreign_pen: false,
                drawn: drawn.clone(),
                versions: "{}".into(),
            };
            self.store.save(&job, outcome, START_MS).await.unwrap();
        }
    }

    /// Where the store lies.
    pub(crate) fn path(&self) -> std::path::PathBuf {
        self.dir.path().join(DATABASE)
    }
}

async fn people(store: &Store) {
    let school = SchoolRow {
        id: "s".into(),
        name_zh: "示例".into(),
        name_en: "Sample".into(),
        district: None,
    };
    store.insert_school(school).await.unwrap();
    for (id, name_zh, name_en) in [("c-1", "三（1）班", "Class 3.1"), ("c-2", "三（2）班", "3.2")]
    {
        let class = ClassRow {
            id: id.into(),
            school: "s".into(),
            grade: 3,
            name_zh: name_zh.into(),
            name_en: name_en.into(),
        };
        store.insert_class(class).await.unwrap();
    }
    let pupils = vec![
        pupil("c-1", 1, "陈一诺"),
        pupil("c-1", 2, "阿卜杜拉·买买提"),
        pupil("c-1", 3, "<b>王</b>"),
        pupil("c-2", 9, "欧阳思源"),
    ];
    store.insert_pupils(pupils).await.unwrap();
    store.insert_staff(staff("t-wang", "wang", "王丽华")).await.unwrap();
    store.insert_staff(staff("t-li", "li", "李明")).await.unwrap();
    store.insert_grants(vec![teacher("t-wang", "c-1"), teacher("t-li", "c-2")]).await.unwrap();
}

/// A response without a mark where `review` says so, else right; blank without strokes.
fn response(question: &str, position: u32, keys: &Roles, review: Option<&str>) -> ResponseRow {
    let blank = keys.is_empty();
    let review = review.filter(|_| !blank);
    let verdict = if blank { Verdict::Blank } else { Verdict::Right };
    let score = if blank { 0 } else { 50 };
    ResponseRow {
        part: question.into(),
        question: question.into(),
        criteria: 0,
        position,
        reading: (!blank).then(|| "7".into()),
        probability: (!blank).then_some(0.61),
        alternatives: r#"[["1", 0.3], ["4", 0.001]]"#.into(),
        review: review.map(Into::into),
        strokes: keys.clone(),
        first_ms: (!blank).then_some(START_MS),
        last_ms: (!blank).then_some(START_MS + 190),
        writing_ms: 190,
        rewrites: 0,
        machine: review.is_none().then_some(MarkRow { verdict, score }),
        red: None,
        red_criteria: Vec::new(),
    }
}

/// One stroke of twenty samples, from pattern (62 mm, 51 mm) to the right and down.
fn chunk(pen: u64, boot: u32, address: PageAddress, at_ms: i64) -> Vec<u8> {
    let head = PenHead::new(10_000, 1_023, 1_000);
    let boot = BootId { counter: boot, random: 7 };
    let mut sealer = Sealer::new(PenId(pen), boot, head, SealPolicy::STANDARD);
    let mut bytes = Vec::new();
    let mut out = |frame: &[u8]| bytes.extend_from_slice(frame);
    sealer.pen_down(Some(address), 0, at_ms, &mut out);
    for step in 0..20_u16 {
        let (ticks, along) = (u64::from(step) * 10, i32::from(step));
        let at_ms = at_ms + i64::from(step) * 10;
        sealer.sample(
            Reading::new(ticks, at_ms, 6_200 + along * 20, 5_100 + along * along, 500),
            &mut out,
        );
    }
    sealer.pen_up(StrokeEnd::Up, &mut out);
    sealer.flush(&mut out);
    bytes
}

/// What comes back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Keeps the session's cookie, and says where its requests come from.
#[derive(Clone)]
pub(crate) struct Browser {
    router: Router,
    pub(crate) cookie: Option<String>,
    /// The cookie that outlives sessions.
    pub(crate) device: Option<String>,
    /// Its IPv4 address.
    pub(crate) client: [u8; 4],
    /// `Sec-Fetch-Site`.
    pub(crate) site: Option<&'static str>,
}

impl Browser {
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, "", &[]).await
    }

    pub(crate) async fn post(&mut self, path: &str, form: &str) -> Answer {
        self.send(Method::POST, path, form, &[]).await
    }

    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        form: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let response = self.call(method, path, form, headers).await;
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 4 << 20).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// The response with its body still to come.
    pub(crate) async fn call(
        &mut self,
        method: Method,
        path: &str,
        form: &str,
        headers: &[(&str, &str)],
    ) -> axum::response::Response {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header(header::HOST, "127.0.0.1:8080");
        for cookie in self.cookie.iter().chain(&self.device) {
            request = request.header(header::COOKIE, cookie);
        }
        if let Some(site) = self.site {
            request = request.header("sec-fetch-site", site);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let peer = SocketAddr::from((self.client, 4_711));
        request = request.extension(ConnectInfo(peer));
        let request = request.body(Body::from(form.to_owned())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let pair = cookie.split(';').next().unwrap();
            if pair.starts_with("zhibi=") || pair.starts_with("__Host-zhibi=") {
                let ended = cookie.contains("Max-Age=0");
                self.cookie = (!ended).then(|| pair.to_owned());
            } else if pair.contains("zhibi-device=") {
                self.device = Some(pair.to_owned());
            }
        }
        response
    }
}
