use std::time::Duration;

use axum::body::BodyDataStream;
use axum::http::{Method, StatusCode};
use futures_util::StreamExt;
use sample_school::{holds, staff};
use school::{ClassId, Period, Right, Role};
use tokio::sync::oneshot;

use crate::Config;
use crate::school::{Browser, School, config};

/// Waiting longer than this for an event is a failure.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Events {
    body: BodyDataStream,
    text: String,
}

impl Events {
    pub(super) async fn open(browser: &mut Browser, path: &str, headers: &[(&str, &str)]) -> Self {
        let response = browser.call(Method::GET, path, "", headers).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert!(response.headers().get("content-encoding").is_none(), "events are not held back");
        Self { body: response.into_body().into_data_stream(), text: String::new() }
    }

    /// The next event; `None` where the stream ends.
    pub(super) async fn next(&mut self) -> Option<String> {
        tokio::time::timeout(PATIENCE, self.wait()).await.expect("an event in time")
    }

    async fn wait(&mut self) -> Option<String> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let event = event.to_owned();
                self.text = rest.to_owned();
                if !event.starts_with(':') {
                    return Some(event);
                }
                continue;
            }
            let more = self.body.next().await?.unwrap();
            self.text.push_str(std::str::from_utf8(&more).unwrap());
        }
    }
}

/// Runs the relay until the sender is dropped.
pub(super) fn relay(school: &School) -> oneshot::Sender<()> {
    let (stop, stopped) = oneshot::channel();
    let web = school.web.clone();
    tokio::spawn(crate::live::relay(web.store.clone(), web.live.clone(), async move {
        let _ = stopped.await;
    }));
    stop
}

pub(super) async fn decide(school: &School, staff: &str, assignment: &str, pupil: &str) {
    let mut browser = school.logged_in(staff).await;
    let path = format!("/a/{assignment}/decide");
    let form = format!("question=q1&verdict=wrong&member={pupil}:1");
    let answer = browser.post(&path, &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

async fn school() -> School {
    let school = School::new().await;
    school.write(1, 1, 1).await;
    school.write(51, 1, 1).await;
    school.mark(None).await;
    school
}

#[tokio::test]
async fn a_page_hears_of_its_own_class_only() {
    let school = school().await;
    let stop = relay(&school);
    let after = school.store.outbox_last().await.unwrap();
    let mut browser = school.logged_in("t-wang").await;
    let path = format!("/events?class=c-1&after={after}");
    let mut events = Events::open(&mut browser, &path, &[]).await;
    decide(&school, "t-li", "a-2", "p-51").await;
    decide(&school, "t-wang", "a-1", "p-1").await;
    let event = events.next().await.unwrap();
    assert!(event.contains("event: change"), "{event}");
    let data = r#"data: {"kind":"decided","assignment":"a-1","pupil":"p-1","page":1}"#;
    assert!(event.contains(data), "{event}");
    drop(stop);
    assert_eq!(events.next().await, None, "a stop lets every page go");
    let answer = browser.get("/events?class=c-1").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}

/// A page that is left open hears nothing more from the moment at which the role ends.
#[tokio::test]
async fn an_open_stream_forgets_a_class_when_the_role_ends() {
    let school = school().await;
    let stop = relay(&school);
    let after = school.store.outbox_last().await.unwrap();
    let role = Role::Marker { class: ClassId::new("c-1").unwrap() };
    let short = holds("t-li", role, Period::new(0, Some(school.web.wall_ms() + 300)).unwrap());
    school.store.insert_grants(vec![short]).await.unwrap();
    let mut browser = school.logged_in("t-li").await;
    let path = format!("/events?after={after}");
    let mut all = Events::open(&mut browser, &path, &[]).await;
    let mut one = Events::open(&mut browser, "/events?class=c-1", &[]).await;
    school.pass_ms(300);
    let began = std::time::Instant::now();
    assert_eq!(one.next().await, None, "there is nothing more to hear of it");
    assert!(began.elapsed() < Duration::from_secs(10), "it waits for the next regular look");
    decide(&school, "t-wang", "a-1", "p-1").await;
    decide(&school, "t-li", "a-2", "p-51").await;
    let event = all.next().await.unwrap();
    assert!(event.contains("\"assignment\":\"a-2\""), "{event}");
    drop(stop);
}

/// Profiles are for those who may know the pupils.
#[tokio::test]
async fn who_marks_hears_nothing_of_profiles() {
    let school = school().await;
    let class = || ClassId::new("c-1").unwrap();
    let mut streams = Vec::new();
    for (id, role) in [
        ("marks", Role::Marker { class: class() }),
        ("teaches", Role::ClassTeacher { class: class() }),
    ] {
        school.store.insert_staff(staff(id)).await.unwrap();
        let grant = holds(id, role, Period::from(0));
        school.store.insert_grants(vec![grant]).await.unwrap();
        streams.push(school.logged_in(id).await);
    }
    let after = school.store.outbox_last().await.unwrap();
    let handed_in = school.logged_in("t-wang").await.post("/a/a-1/p-1/1/hand-in", "").await;
    assert_eq!(handed_in.status, StatusCode::SEE_OTHER);
    school.store.settle(school.web.wall_ms()).await.unwrap();
    let [stale] = &school.store.stale_profiles(None, 9).await.unwrap()[..] else { panic!("one") };
    let profile = store::ProfileRow {
        ability: 0.0,
        ability_variance: 1.0,
        last_day: None,
        answers: 0,
        item_version: 0,
        states: Vec::new(),
    };
    school.store.save_profile(stale, profile, school.web.wall_ms()).await.unwrap();
    decide(&school, "t-wang", "a-1", "p-1").await;
    for (mut browser, hears) in streams.into_iter().zip([false, true]) {
        let path = format!("/events?class=c-1&after={after}");
        let mut events = Events::open(&mut browser, &path, &[]).await;
        let mut kinds = String::new();
        while !kinds.contains("decided") {
            kinds += &events.next().await.unwrap();
        }
        assert_eq!(kinds.contains("\"kind\":\"profile\""), hears, "{kinds}");
    }
}

#[tokio::test]
async fn who_comes_back_hears_what_was_missed() {
    let school = school().await;
    let mut browser = school.logged_in("t-wang").await;
    let after = school.store.outbox_last().await.unwrap();
    decide(&school, "t-wang", "a-1", "p-1").await;
    decide(&school, "t-li", "a-2", "p-51").await;
    // The same verdict again would change nothing, and nobody would hear of it.
    let answer = browser.post("/a/a-1/decide", "question=q1&verdict=right&member=p-1:1").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    // No relay: what was missed comes from the store.
    let mut events = Events::open(&mut browser, &format!("/events?after={after}"), &[]).await;
    let (first, second) = (events.next().await.unwrap(), events.next().await.unwrap());
    assert!(first.contains(&format!("id: {}", after + 1)), "{first}");
    assert!(second.contains(&format!("id: {}", after + 3)), "{second}");
    // The browser's own memory counts more than the page's.
    let heard = (after + 1).to_string();
    let headers = [("last-event-id", heard.as_str())];
    let path = format!("/events?after={after}");
    let mut events = Events::open(&mut browser, &path, &headers).await;
    assert_eq!(events.next().await.unwrap(), second);
}

#[tokio::test]
async fn who_missed_too_much_is_told_so_once() {
    let school = school().await;
    for _ in 0..crate::live::BATCH_MAX / 2 {
        decide_and_undo(&school).await;
    }
    let mut browser = school.logged_in("t-wang").await;
    let mut events = Events::open(&mut browser, "/events?class=c-1&after=0", &[]).await;
    let event = events.next().await.unwrap();
    let last = school.store.outbox_last().await.unwrap();
    assert!(event.contains("event: behind"), "{event}");
    assert!(event.contains(&format!("id: {last}")), "{event}");
}

async fn decide_and_undo(school: &School) {
    let scope = school.scope("t-wang").await;
    let head = school.store.assignment_of(&scope, Right::Decide, "a-1").await.unwrap().unwrap();
    let response = store::ResponseName { pupil: "p-1".into(), part: "q1".into(), criterion: None };
    let mark = store::MarkRow { verdict: store::Verdict::Wrong, score: 0 };
    let decision = store::Decision { response: response.clone(), staff: "t-wang".into(), mark };
    let seen = store::Seen { changed_rev: 1, mark: None };
    let decided = school.store.decide(&head, decision, seen, 1).await.unwrap().unwrap();
    let store::Decided::Stored(mark) = decided else { panic!("{decided:?}") };
    assert!(school.store.undo(&head, response, mark, 2).await.unwrap());
}

#[tokio::test]
async fn the_oldest_page_of_a_session_yields_its_seat() {
    let school = school().await;
    let mut many = school.logged_in("t-wang").await;
    let mut streams = Vec::new();
    for _ in 0..5 {
        streams.push(Events::open(&mut many, "/events", &[]).await);
    }
    let last = streams[0].next().await.unwrap();
    assert!(last.contains("event: yield") && last.contains("retry: 60000"), "{last}");
    assert_eq!(streams[0].next().await, None);
    let stop = relay(&school);
    decide(&school, "t-wang", "a-1", "p-1").await;
    for stream in &mut streams[1..] {
        assert!(stream.next().await.unwrap().contains("event: change"));
    }
    drop(stop);
}

#[tokio::test]
async fn where_all_seats_are_taken_one_may_come_back() {
    let config = Config { connections_max: 2, ..config() };
    let school = School::with(config).await;
    let (mut first, mut second) =
        (school.logged_in("t-wang").await, school.logged_in("t-li").await);
    let held = Events::open(&mut first, "/events", &[]).await;
    let refused = second.get("/events").await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.header("retry-after"), "30");
    assert!(refused.body.contains("现在太忙"), "{}", refused.body);
    drop(held);
    Events::open(&mut second, "/events", &[]).await;
}
