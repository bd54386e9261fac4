//! How many statements a page costs, told by the database's own log.

use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::{Event, Instrument as _, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use crate::school::{Browser, School};

/// The span within which statements are counted: other tests run at the same time.
const COUNTED: &str = "counted";
static STATEMENTS: AtomicUsize = AtomicUsize::new(0);

struct Counter;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Counter {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut spans = context.event_scope(event).into_iter().flatten();
        if spans.any(|span| span.name() == COUNTED) {
            STATEMENTS.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// The page, and how many statements it took.
async fn counted(browser: &mut Browser, path: &str) -> (String, usize) {
    let before = STATEMENTS.load(Ordering::SeqCst);
    let span = tracing::info_span!("counted");
    let page = browser.get(path).instrument(span).await.body;
    (page, STATEMENTS.load(Ordering::SeqCst) - before)
}

/// Failure: another answer on a page costs another statement.
#[tokio::test]
async fn an_answer_more_costs_no_statement_more() {
    let of_sqlx = filter_fn(|of| of.target() == "sqlx::query" || of.name() == COUNTED);
    let subscriber = tracing_subscriber::registry().with(Counter.with_filter(of_sqlx));
    tracing::subscriber::set_global_default(subscriber).expect("no other test sets one");
    let school = School::new().await;
    let mut browser = school.logged_in("t-wang").await;
    let paths = ["/a/a-1/decide", "/a/a-1/q/q1"];
    let mut costs = Vec::new();
    for pupil in 1..=3 {
        school.write(pupil, 1, pupil).await;
        school.mark(Some("low_confidence")).await;
        for path in paths {
            // Once before, so that the worksheet is known.
            browser.get(path).await;
            let (page, statements) = counted(&mut browser, path).await;
            let crops = page.matches("data-q=\"q1\"").count();
            assert_eq!(crops, pupil as usize, "one stroke of each pupil on {path}");
            costs.push(statements);
        }
    }
    let (first, more) = costs.split_at(paths.len());
    assert!(first.iter().all(|statements| (2..=12).contains(statements)), "{costs:?}");
    // One more may be of a connection that the pool opens meanwhile; the third answer would cost two.
    let is_near = |(more, first): (&usize, &usize)| *more <= *first + 1;
    assert!(
        more.chunks(paths.len()).all(|costs| costs.iter().zip(first).all(is_near)),
        "{costs:?}"
    );
}
