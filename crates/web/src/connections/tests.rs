use std::net::IpAddr;

use super::*;

fn client(last: u8) -> ClientKey {
    ClientKey::of(IpAddr::from([10, 0, 0, last]))
}

fn must_yield(admitted: &Admitted) -> bool {
    use futures_util::FutureExt;
    admitted.connection.must_yield.notified().now_or_never().is_some()
}

#[test]
fn who_waits_longest_yields_and_who_is_worked_for_does_not() {
    let connections = Arc::new(Connections::new(8, 3));
    let mine: Vec<_> = (0..3).map(|_| connections.admit(client(1), false).unwrap()).collect();
    mine[0].connection.work();
    mine[1].connection.answer();
    let fourth = connections.admit(client(1), false).unwrap();
    assert!(must_yield(&mine[2]) && !must_yield(&mine[0]) && !must_yield(&mine[1]));
    fourth.connection.work();
    let fifth = connections.admit(client(1), false).unwrap();
    assert!(must_yield(&mine[1]), "an answer that has been on its way for longest");
    fifth.connection.work();
    assert!(connections.admit(client(1), false).is_none(), "all are worked for");
    assert!(connections.admit(client(2), false).is_some(), "another client has its own places");
}

fn sign_in(admitted: &Admitted, session: u8) {
    admitted.connection.work();
    admitted.connection.came_with(Some([session; 32]));
    admitted.connection.wait();
}

#[test]
fn who_is_signed_in_does_not_yield_to_strangers() {
    let connections = Arc::new(Connections::new(6, 3));
    let known: Vec<_> = (0..2).map(|_| connections.admit(client(1), false).unwrap()).collect();
    known.iter().for_each(|one| sign_in(one, 1));
    let strangers: Vec<_> = (0..40).map(|n| connections.admit(client(1 + n % 2), false)).collect();
    assert!(strangers.iter().all(Option::is_some), "newcomers are let in");
    assert!(!known.iter().any(must_yield));
    // Somebody who signs out is a stranger again.
    known[0].connection.work();
    known[0].connection.came_with(None);
    known[0].connection.wait();
    let _more: Vec<_> = (0..10).map(|_| connections.admit(client(1), false).unwrap()).collect();
    assert!(must_yield(&known[0]) && !must_yield(&known[1]));
}

#[test]
fn an_answer_that_nobody_reads_yields_before_who_comes_newly() {
    let connections = Arc::new(Connections::new(8, 3));
    let unread = connections.admit(client(1), false).unwrap();
    unread.connection.work();
    unread.connection.answer();
    let newer: Vec<_> = (0..2).map(|_| connections.admit(client(1), false).unwrap()).collect();
    let newest = connections.admit(client(1), false).unwrap();
    assert!(must_yield(&unread) && !newer.iter().any(must_yield) && !must_yield(&newest));
}

#[test]
fn a_session_has_few_connections() {
    let connections = Arc::new(Connections::new(200, 100));
    let other = connections.admit(client(1), false).unwrap();
    sign_in(&other, 2);
    let mine: Vec<_> = (0..SESSION_MAX as u8)
        // Wherever it comes from.
        .map(|n| connections.admit(client(n), false).unwrap())
        .inspect(|one| sign_in(one, 1))
        .collect();
    assert!(!mine.iter().any(must_yield));
    mine[0].connection.answer();
    sign_in(&connections.admit(client(1), false).unwrap(), 1);
    assert!(must_yield(&mine[1]), "the one that waits longest");
    assert!(!must_yield(&other) && !mine.iter().any(must_yield));
    // A proxy's connections serve whoever comes.
    let proxied: Vec<_> = (0..40).map(|_| connections.admit(client(9), true).unwrap()).collect();
    proxied.iter().for_each(|one| sign_in(one, 3));
    assert!(!proxied.iter().any(must_yield));
}

#[tokio::test(start_paused = true)]
async fn who_finds_every_place_worked_for_waits() {
    let connections = Arc::new(Connections::new(2, 1));
    let busy = connections.admit(client(1), false).unwrap();
    busy.connection.work();
    assert!(connections.admit(client(1), false).is_none());
    let begun = Instant::now();
    assert!(connections.admit_later(client(1), false).await.is_none(), "not for ever");
    assert!(begun.elapsed() >= PLACE_WITHIN);
    let waits = connections.clone();
    let waits = tokio::spawn(async move { waits.admit_later(client(1), false).await });
    busy.connection.answer();
    assert!(waits.await.unwrap().is_some() && must_yield(&busy));
}

#[test]
fn the_client_that_holds_most_yields() {
    let connections = Arc::new(Connections::new(6, 100));
    let few: Vec<_> = (0..2).map(|_| connections.admit(client(1), false).unwrap()).collect();
    let many: Vec<_> = (0..3).map(|_| connections.admit(client(2), false).unwrap()).collect();
    let more = connections.admit(client(2), false).unwrap();
    assert!(must_yield(&many[0]), "half of all is the most that one client has");
    let other = connections.admit(client(3), false).unwrap();
    let last = connections.admit(client(3), false).unwrap();
    assert!(must_yield(&many[1]) && !few.iter().any(must_yield));
    drop((few, many, more, other, last));
    assert_eq!(connections.open().total, 0);
    assert!(connections.open().by_client.is_empty());
}

#[test]
fn a_proxy_stands_for_many() {
    let connections = Arc::new(Connections::new(6, 2));
    let held: Vec<_> = (0..6).map(|_| connections.admit(client(1), true).unwrap()).collect();
    assert!(!held.iter().any(must_yield));
}
