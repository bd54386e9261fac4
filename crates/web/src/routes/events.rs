//! Server-sent events: what happened in the classes that may be seen.

use std::collections::{BTreeSet, VecDeque};
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use school::{Right, Scope};
use serde::{Deserialize, Serialize};
use store::{OutboxKind, OutboxRow, TokenHash};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

use crate::failure::Failure;
use crate::live::{BATCH_MAX, Batch, Seat};
use crate::session::{SESSION, Teacher};
use crate::state::Web;

/// How often to check that the session still holds and the class may still be seen. This is also
/// the longest silence, so that proxies keep the line open.
const CHECK: Duration = Duration::from_secs(15);

/// When a page that found no seat may ask again, in seconds.
const REFUSED_RETRY_S: u32 = 30;
/// When a browser asks again by itself if its page does not know `yield`. This is late, or the
/// pages of one session would take their seats from each other without end.
const YIELDED_RETRY: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
pub(crate) struct From {
    /// One class; else all that may be seen.
    class: Option<String>,
    /// The outbox's last line that the page knows.
    #[serde(default)]
    after: Option<i64>,
}

/// What a page hears: enough to know whether it is concerned, and no more. It fetches the rest.
#[derive(Serialize)]
struct Change<'a> {
    kind: &'static str,
    assignment: Option<&'a str>,
    pupil: &'a str,
    page: Option<u32>,
}

pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let classes = Classes::of(&web, &teacher.scope, from.class.as_deref()).await?;
    if classes.seen.is_empty() && from.class.is_some() {
        return Err(Failure::NotFound);
    }
    // What the browser has heard already counts more than what the page was written with.
    let heard = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let last = match heard.or(from.after) {
        Some(last) => last,
        None => web.store.outbox_last().await?,
    };
    let Some((receiver, seat)) = web.live.listen(teacher.token, &teacher.staff.id) else {
        let retry = [(header::RETRY_AFTER, REFUSED_RETRY_S.to_string())];
        return Ok((StatusCode::SERVICE_UNAVAILABLE, retry).into_response());
    };
    let listener = Listener {
        web,
        staff: teacher.staff.id,
        token: teacher.token,
        one: from.class,
        classes,
        receiver,
        seat: Some(seat),
        last,
        ready: VecDeque::new(),
        behind: true,
        check_at: check_at(&teacher.scope),
    };
    let events = stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok::<_, Infallible>(event), listener))
    });
    let stream = Sse::new(events).keep_alive(KeepAlive::new().interval(CHECK));
    // Proxies must not buffer events.
    Ok(([("x-accel-buffering", "no")], stream).into_response())
}

/// The classes that may be heard of.
struct Classes {
    seen: BTreeSet<String>,
    /// The classes whose pupils' profiles may be heard of.
    known: BTreeSet<String>,
}

impl Classes {
    async fn of(web: &Web, scope: &Scope, one: Option<&str>) -> Result<Self, store::StoreError> {
        let with = |right| web.store.class_ids(scope, right, one);
        Ok(Self { seen: with(Right::See).await?, known: with(Right::Know).await? })
    }

    fn hear(&self, row: &OutboxRow) -> bool {
        let classes = if row.kind == OutboxKind::Profile { &self.known } else { &self.seen };
        classes.contains(&row.class)
    }
}

/// When session and scope are looked at again: no later than the scope may change.
fn check_at(scope: &Scope) -> Instant {
    let changes = scope.until_ms().and_then(|until_ms| (until_ms - scope.at_ms()).try_into().ok());
    Instant::now() + changes.map_or(CHECK, |ms| CHECK.min(Duration::from_millis(ms)))
}

struct Listener {
    web: Web,
    staff: String,
    token: TokenHash,
    /// The one class asked for.
    one: Option<String>,
    classes: Classes,
    receiver: Receiver<Batch>,
    /// `None`: it was yielded, and the stream ends.
    seat: Option<Seat>,
    /// The last line told.
    last: i64,
    ready: VecDeque<OutboxRow>,
    /// Whether lines may have been missed.
    behind: bool,
    /// When the session is looked at again.
    check_at: Instant,
}

impl Listener {
    /// The next event; `None` ends the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            self.seat.as_ref()?;
            if self.check_at <= Instant::now() {
                self.check().await?;
            }
            if let Some(row) = self.ready.pop_front() {
                self.last = row.id;
                return Some(event(&row));
            }
            if self.behind {
                if let Some(behind) = self.catch_up().await? {
                    return Some(behind);
                }
                continue;
            }
            let received = tokio::select! {
                received = tokio::time::timeout_at(self.check_at, self.receiver.recv()) => received,
                () = self.seat.as_ref()?.must_yield() => {
                    self.seat = None;
                    return Some(Event::default().event("yield").retry(YIELDED_RETRY).data(""));
                }
            };
            match received {
                Ok(Ok(batch)) => {
                    let news = batch.iter().filter(|row| self.concerns(row));
                    self.ready = news.cloned().collect();
                }
                Ok(Err(RecvError::Lagged(_))) => self.behind = true,
                Ok(Err(RecvError::Closed)) => return None,
                // Time to look at the session.
                Err(_) => {}
            }
        }
    }

    fn concerns(&self, row: &OutboxRow) -> bool {
        row.id > self.last && self.classes.hear(row)
    }

    /// Reads what was missed. Where that is too much, the page is told to fetch
    /// its part once instead.
    async fn catch_up(&mut self) -> Option<Option<Event>> {
        self.behind = false;
        // A page of before a backup was put back knows lines that are still to come.
        if self.web.store.outbox_last().await.ok()? < self.last {
            return self.told_to_fetch().await;
        }
        let missed = self.web.store.outbox_after(self.last, Some(&self.classes.seen), BATCH_MAX);
        match missed.await {
            Ok(rows) if rows.len() < BATCH_MAX as usize => {
                self.ready = rows.into_iter().filter(|row| self.concerns(row)).collect();
                Some(None)
            }
            Ok(_) => self.told_to_fetch().await,
            Err(error) => {
                tracing::warn!(%error, "a page's events cannot be read");
                None
            }
        }
    }

    async fn told_to_fetch(&mut self) -> Option<Option<Event>> {
        self.last = self.web.store.outbox_last().await.ok()?;
        let event = Event::default().event("behind").id(self.last.to_string()).data("");
        Some(Some(event))
    }

    /// Ends the stream with the session, and forgets classes that may be seen no more. This is no
    /// use of the session: a page that is only left open does not keep it alive.
    async fn check(&mut self) -> Option<()> {
        let now_ms = self.web.wall_ms();
        self.web.store.session(self.token, SESSION, now_ms).await.ok()??;
        let scope = self.web.store.scope_of(&self.staff, now_ms).await.ok()?;
        self.check_at = check_at(&scope);
        self.classes = Classes::of(&self.web, &scope, self.one.as_deref()).await.ok()?;
        let classes = &self.classes;
        self.ready.retain(|row| classes.hear(row));
        if self.classes.seen.is_empty() && self.one.is_some() { None } else { Some(()) }
    }
}

fn event(row: &OutboxRow) -> Event {
    let kind = match row.kind {
        OutboxKind::Ink => "ink",
        OutboxKind::Marked => "marked",
        OutboxKind::Decided => "decided",
        OutboxKind::Settled => "settled",
        OutboxKind::Profile => "profile",
    };
    let change =
        Change { kind, assignment: row.assignment.as_deref(), pupil: &row.pupil, page: row.page };
    let event = Event::default().id(row.id.to_string()).event("change");
    // Strings and numbers always make JSON.
    event.json_data(&change).unwrap_or_default()
}
