//! A small school on a store of its own, and a browser to look at it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use attribution::{Role, Roles};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode, header};
use firmware_protocol::PageAddress;
use sample_school::{ELSEWHERE, Given, Pen, START_MS, SampleSchool, holder, lease};
use school::Scope;
use store::{MarkRow, Outcome, ResponseRow, Store, Verdict};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::{Config, Sources, Web, issue_link, router};

const DATABASE: &str = "zhibi.db";

/// The sample school with three pupils in its first class. Assignment `a-1` is the first class's, on
/// pages 100 to 105, and `a-2` the second's, on pages 200 and 201.
pub(crate) struct School {
    pub(crate) web: Web,
    pub(crate) store: Store,
    pub(crate) router: Router,
    /// The wall's time, to be moved.
    pub(crate) wall_ms: Arc<AtomicI64>,
    dir: TempDir,
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
        SampleSchool::of(3)
            .with(Given::new("a-1", "r-1", 100))
            .with(Given::new("a-2", "r-2", 200).to("c-2"))
            .put(&store)
            .await;
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
        Given::new(assignment, print_run, first_page).shared().put(&self.store, Vec::new()).await;
    }

    /// What a member of staff may see now.
    pub(crate) async fn scope(&self, staff: &str) -> Scope {
        self.store.scope_of(staff, self.web.wall_ms()).await.unwrap()
    }

    /// A pupil writes one stroke on a page of their copy.
    pub(crate) async fn write(&self, pupil: u32, page: u32, number: u32) {
        let pen = u64::from(pupil);
        let address_page = if pupil == ELSEWHERE { 199 + page } else { 97 + pupil * 2 + page };
        let lent = lease(pen, holder(pupil), 0, None);
        self.store.insert_leases(vec![lent]).await.unwrap();
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
        let mut pen = Pen::started(pen, number);
        // From pattern (62 mm, 51 mm) to the right and down.
        let points: Vec<_> = (0..20).map(|i| (62_000 + i * 200, 51_000 + i * i * 10)).collect();
        pen.stroke(address, at_ms, &points);
        self.store.store_chunks(pen.arrivals(received_ms)).await.unwrap();
        while self.store.attribute(START_MS).await.unwrap() > 0 {}
    }

    /// Marks all stale papers: the first response of each page gets `review`, or else is right.
    pub(crate) async fn mark(&self, review: Option<&str>) {
        for job in self.store.claim(i64::MAX / 2, 0, 0, 100).await.unwrap() {
            let chunks = self.store.paper_chunks(&job).await.unwrap();
            let run = self.store.load_print_run(&job.print_run).await.unwrap();
            let drawn = export::strokes::draw(&chunks, &run.registration);
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
                red_total: None,
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
        decide_min: Some(0.95),
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
