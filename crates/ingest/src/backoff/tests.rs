use super::*;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn waits_grow_though_every_try_is_accepted() {
    let mut backoff = Backoff::new(1);
    let mut now = Instant::now();
    let mut waited = Duration::ZERO;
    let mut tries = 0;
    let mut said = 0;
    while waited < seconds(600) {
        backoff.made(now);
        let lost = backoff.lost(now);
        assert_eq!(lost.steps_back, tries == 2, "the third says so, once");
        said += u32::from(!lost.quiet);
        waited += lost.wait;
        now += lost.wait;
        tries += 1;
    }
    assert!(tries < 30, "{tries} connections in ten minutes");
    assert!(said <= 13, "{said} lines in ten minutes");
}

#[test]
fn a_service_that_had_a_sound_connection_comes_back_soon() {
    let mut backoff = Backoff::new(2);
    let mut now = Instant::now();
    backoff.made(now);
    now += SOUND;
    assert!(backoff.lost(now).wait <= FIRST);
    for _ in 0..50 {
        backoff.made(now);
        let lost = backoff.lost(now);
        assert!(lost.wait <= LAST && !lost.steps_back);
    }
}

/// Somebody takes the service's client id every dozen seconds, from its first connection on.
#[test]
fn whose_connection_is_taken_now_and_then_comes_back_soon() {
    let mut backoff = Backoff::new(4);
    let mut now = Instant::now();
    for _ in 0..50 {
        backoff.made(now);
        now += seconds(12);
        let lost = backoff.lost(now);
        assert!(lost.wait <= FIRST && !lost.steps_back, "{lost:?}");
        now += lost.wait;
    }
}

/// The older service ends each of the newcomer's connections within its longest wait.
#[test]
fn a_newcomer_steps_back_from_an_older_service_that_comes_back_late() {
    let mut newcomer = Backoff::new(5);
    let mut now = Instant::now();
    for tries in 0..10 {
        newcomer.made(now);
        now += LAST;
        let lost = newcomer.lost(now);
        assert_eq!(lost.steps_back, tries == 2);
        now += lost.wait;
    }
}

#[test]
fn a_broker_that_is_away_is_tried_every_few_seconds() {
    let mut backoff = Backoff::new(3);
    let now = Instant::now();
    let waits: Vec<Duration> = (0..20).map(|_| backoff.lost(now).wait).collect();
    assert!(waits[0] <= FIRST && waits.iter().all(|wait| *wait <= LAST));
    assert!(waits[19] >= LAST / 2);
}

#[test]
fn replicas_wait_differently() {
    let now = Instant::now();
    assert_ne!(Backoff::new(1).lost(now).wait, Backoff::new(2).lost(now).wait);
}

/// The log's last word is not that there is no connection.
#[test]
fn a_broker_that_is_back_is_news_and_one_that_ends_connections_is_none() {
    let mut backoff = Backoff::new(6);
    let mut now = Instant::now();
    backoff.made(now);
    now += SOUND;
    for _ in 0..20 {
        backoff.lost(now);
    }
    assert!(!backoff.quiet(), "it was away");
    for _ in 0..20 {
        backoff.made(now);
        backoff.lost(now);
    }
    assert!(backoff.quiet(), "it ends each connection");
}

/// Once a connection holds, the log says so, and the next loss is told again.
#[test]
fn a_connection_that_holds_after_many_that_did_not_is_news() {
    let mut backoff = Backoff::new(7);
    let mut now = Instant::now();
    for _ in 0..20 {
        backoff.made(now);
        backoff.lost(now);
    }
    backoff.made(now);
    assert!(backoff.quiet());
    now += SOUND;
    assert_eq!(backoff.sound_at(), Some(now));
    assert!(backoff.became_sound());
    assert_eq!(backoff.sound_at(), None, "once");
    let lost = backoff.lost(now);
    assert!(!lost.quiet && !lost.steps_back && lost.wait <= FIRST, "{lost:?}");
}
