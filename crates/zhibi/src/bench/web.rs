//! Pages as a browser asks for them, over HTTP and a connection of loopback.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail, ensure};
use http_body_util::BodyExt;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use hyper::http::response::Parts;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use school::Right;
use store::{AssignmentHead, Store};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::evening::Written;
use super::figure::{Figure, ROUNDS};
use super::storing::{Fresh, arrivals, mark_all, parts, store_all};
use super::{Bench, Of};
use crate::broker::Broker;
use crate::progress::Progress;
use crate::service::{self, Role, Service};
use crate::{clock, store_file};

/// Requests a second while times to the first byte are measured.
const ASKED_PER_S: f64 = 100.0;
/// Requests of a round at least: fewer have no hundredth.
const ASKED_MIN: u32 = 25;
/// Connections that ask as fast as answers come.
const AT_ONCE: usize = 8;
/// Whose pages they are in a store of `zhibi simulate --fill`.
const FILLED_TEACHER: &str = "fill-1-01-teacher";
/// Assignments whose pages are asked for; more than any cache would hold by chance.
const ASSIGNMENTS_MAX: u32 = 90;

/// Runs the bench on a filled store, or on one evening's.
pub(super) fn bench(of: &Of) -> anyhow::Result<Bench> {
    if let Some(database) = &of.store {
        return store_file::with(database, async |store| {
            let pages = store.totals().await?.papers_marked;
            measure(
                of,
                store,
                FILLED_TEACHER,
                format!("{database}, {pages} marked pages, synthetic"),
            )
            .await
        });
    }
    let written = Written::new(of)?;
    let pool = service::marking_pool(None)?;
    service::runtime()?.block_on(async {
        let fresh = Fresh::new(&written, None).await?;
        let arrivals = arrivals(&written.evening, written.setup.evening_start_ms)?;
        store_all(&fresh.store, &arrivals).await?;
        let pages = mark_all(&fresh.store, &pool).await?;
        let of_what = format!("{pages} marked pages of one evening: {}", written.of);
        let bench = measure(of, &fresh.store, &written.class.teacher.id, of_what).await;
        fresh.end().await?;
        bench
    })
}

/// A kind of page and the addresses of some.
struct Page {
    name: &'static str,
    paths: Vec<String>,
}

async fn measure(of: &Of, store: &Store, staff: &str, of_what: String) -> anyhow::Result<Bench> {
    let pages = pages(store, staff).await?;
    let broker = Broker::start(0).await?;
    let listener = service::listen(([127, 0, 0, 1], 0).into()).await?;
    let address = listener.local_addr()?;
    let pool = service::marking_pool(Some(1))?;
    let parts = parts(broker.of_service(), pool, vec![Role::Web], Some(listener));
    let service = Service::start(store, parts).await?;
    let asked = ask_all(of, store, staff, address, &pages).await;
    service.stop().await?;
    broker.stop().await?;
    let figures = asked?;
    let of = format!("{of_what}; a class teacher's pages, {} requests a second", ASKED_PER_S);
    Ok(Bench { bench: "web".into(), of, figures })
}

/// What a class teacher has.
async fn pages(store: &Store, staff: &str) -> anyhow::Result<Vec<Page>> {
    let scope = store.scope_of(staff, clock::wall_ms()).await?;
    let classes = store.classes_of(&scope).await?;
    let class = classes.first().with_context(|| {
        format!("there is no class of {staff}: `zhibi simulate --fill` makes such a store")
    })?;
    let always = (i64::MIN, i64::MAX);
    let heads =
        store.assignment_heads(&scope, Right::See, &class.id, always, ASSIGNMENTS_MAX).await?;
    ensure!(!heads.is_empty(), "the class of {staff} was given nothing");
    let pupils: Vec<String> =
        store.result_sheet(&heads[0]).await?.pupils.into_iter().map(|pupil| pupil.id).collect();
    let each = |path: &dyn Fn(&AssignmentHead) -> String| heads.iter().map(path).collect();
    let of_pupil = |place: usize| &pupils[place % pupils.len()];
    let mut papers = Vec::new();
    for (place, head) in heads.iter().enumerate() {
        papers.push(format!("/a/{}/{}/1", head.id, of_pupil(place * 7)));
    }
    Ok(vec![
        Page { name: "classes", paths: vec!["/".into()] },
        Page { name: "a class", paths: vec![format!("/c/{}", class.id)] },
        Page { name: "an assignment", paths: each(&|head| format!("/a/{}", head.id)) },
        Page { name: "a paper", paths: papers },
        Page { name: "the undecided", paths: each(&|head| format!("/a/{}/decide", head.id)) },
        Page {
            name: "a pupil",
            paths: pupils.iter().map(|pupil| format!("/pupil/{pupil}")).collect(),
        },
    ])
}

async fn ask_all(
    of: &Of,
    store: &Store,
    staff: &str,
    address: SocketAddr,
    pages: &[Page],
) -> anyhow::Result<Vec<Figure>> {
    let browser = Arc::new(Browser::log_in(store, staff, address).await?);
    // Two thirds for each page at its pace, one for all as fast as they come.
    let round = Duration::from_secs_f64(of.seconds / (ROUNDS * (pages.len() + 3)) as f64);
    let mut times = vec![(Vec::new(), Vec::new()); pages.len()];
    let mut rates = Vec::new();
    let mut progress = Progress::new("web", ROUNDS as u64);
    for number in 0..ROUNDS {
        for (page, (half, most)) in pages.iter().zip(&mut times) {
            let mut waits = paced(&browser, page, round).await?;
            waits.sort_by(f64::total_cmp);
            half.push(quantile(&waits, 0.5));
            most.push(quantile(&waits, 0.99));
        }
        rates.push(flat_out(&browser, pages, round * 3).await?);
        progress.set(number as u64 + 1, "rounds");
    }
    progress.finish();
    let mut figures = Vec::new();
    for (page, (half, most)) in pages.iter().zip(times) {
        figures.push(Figure::time(format!("{}: first byte, median", page.name), "ms", half));
        figures.push(Figure::time(format!("{}: first byte, 99 of 100", page.name), "ms", most));
    }
    let name = format!("all of them in turns, {AT_ONCE} connections");
    figures.push(Figure::speed(name, "pages/s", rates));
    Ok(figures)
}

/// Of sorted values.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = (sorted.len() as f64 * share) as usize;
    sorted.get(place.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

/// Asks at a steady pace, whether answers come or not: milliseconds from the moment at which each was
/// due to its first byte.
async fn paced(
    browser: &Arc<Browser>,
    page: &Page,
    for_time: Duration,
) -> anyhow::Result<Vec<f64>> {
    let begun = tokio::time::Instant::now();
    let gap = Duration::from_secs_f64(1.0 / ASKED_PER_S);
    let count = ((for_time.as_secs_f64() * ASKED_PER_S).ceil() as u32).max(ASKED_MIN);
    let mut asked = JoinSet::new();
    for number in 0..count {
        let due = begun + gap * number;
        tokio::time::sleep_until(due).await;
        let path = page.paths[number as usize % page.paths.len()].clone();
        let browser = browser.clone();
        asked.spawn(async move {
            let at = tokio::time::Instant::from_std(browser.get(&path).await?);
            anyhow::Ok((at - due).as_secs_f64() * 1_000.0)
        });
    }
    let mut waits = Vec::new();
    while let Some(wait) = asked.join_next().await {
        waits.push(wait??);
    }
    Ok(waits)
}

/// Pages a second.
async fn flat_out(
    browser: &Arc<Browser>,
    pages: &[Page],
    for_time: Duration,
) -> anyhow::Result<f64> {
    let paths: Arc<Vec<String>> = {
        let longest = pages.iter().map(|page| page.paths.len()).max().unwrap_or(1);
        let turn = |number: usize| {
            pages.iter().map(move |page| page.paths[number % page.paths.len()].clone())
        };
        Arc::new((0..longest).flat_map(turn).collect())
    };
    let begun = Instant::now();
    let mut asking = JoinSet::new();
    for first in 0..AT_ONCE {
        let (browser, paths) = (browser.clone(), paths.clone());
        asking.spawn(async move {
            let mut number = first * paths.len() / AT_ONCE;
            let mut done = 0_u32;
            loop {
                browser.get(&paths[number % paths.len()]).await?;
                (number, done) = (number + 1, done + 1);
                if begun.elapsed() >= for_time {
                    break;
                }
            }
            anyhow::Ok(done)
        });
    }
    let mut done = 0;
    while let Some(asked) = asking.join_next().await {
        done += asked??;
    }
    Ok(f64::from(done) / begun.elapsed().as_secs_f64())
}

/// A session, and connections that are kept open.
struct Browser {
    address: SocketAddr,
    cookie: String,
    idle: Mutex<Vec<SendRequest<String>>>,
}

impl Browser {
    /// Logs in by a one-time link.
    async fn log_in(store: &Store, staff: &str, address: SocketAddr) -> anyhow::Result<Self> {
        let mut random = [0; 32];
        getrandom::fill(&mut random)
            .map_err(|error| anyhow!("the system gives no random: {error}"))?;
        let token = web::issue_link(store, staff, clock::wall_ms(), random).await?;
        let browser = Self { address, cookie: String::new(), idle: Mutex::default() };
        let form = "password=".to_owned();
        let (entered, _) = browser.ask(Method::POST, &format!("/link/{token}"), form).await?;
        ensure!(entered.status == StatusCode::SEE_OTHER, "the link was refused: {entered:?}");
        let mut cookie = String::new();
        for set in entered.headers.get_all(SET_COOKIE) {
            let pair = set.to_str()?.split(';').next().unwrap_or_default();
            cookie = if cookie.is_empty() { pair.to_owned() } else { format!("{cookie}; {pair}") };
        }
        Ok(Self { cookie, ..browser })
    }

    /// Asks for a page; when its head was there.
    async fn get(&self, path: &str) -> anyhow::Result<Instant> {
        let (answer, at) = self.ask(Method::GET, path, String::new()).await?;
        if answer.status != StatusCode::OK {
            let leads = answer.headers.get(LOCATION);
            bail!("{path} was answered with {} {leads:?}", answer.status);
        }
        Ok(at)
    }

    /// The body is read to its end, so that the connection serves again.
    async fn ask(
        &self,
        method: Method,
        path: &str,
        form: String,
    ) -> anyhow::Result<(Parts, Instant)> {
        let (mut connection, answer) = loop {
            let kept = self.idle().pop();
            let is_new = kept.is_none();
            let mut connection = match kept {
                Some(connection) => connection,
                None => self.connect().await?,
            };
            let request = Request::builder()
                .method(method.clone())
                .uri(path)
                .header(HOST, self.address.to_string())
                .header(ORIGIN, format!("http://{}", self.address))
                .header(COOKIE, &self.cookie)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form.clone())?;
            match connection.send_request(request).await {
                Ok(answer) => break (connection, answer),
                // The service ends a connection that was long idle, and what is asked on one that was
                // kept may be asked twice.
                Err(_) if !is_new => {}
                Err(error) => return Err(error.into()),
            }
        };
        let at = Instant::now();
        let (head, body) = answer.into_parts();
        body.collect().await?;
        if connection.ready().await.is_ok() {
            self.idle().push(connection);
        }
        Ok((head, at))
    }

    async fn connect(&self) -> anyhow::Result<SendRequest<String>> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // It ends with its sender.
        tokio::spawn(connection);
        Ok(sender)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<SendRequest<String>>> {
        // Connections are whole whatever panicked.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// A service may end a connection that it has answered on, at any moment.
    #[tokio::test]
    async fn a_connection_that_was_ended_is_made_again() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = [0; 4096];
                let _ = stream.read(&mut head).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await;
            }
        });
        let browser = Browser { address, cookie: String::new(), idle: Mutex::default() };
        for _ in 0..200 {
            browser.get("/").await.expect("an answer");
        }
    }
}
