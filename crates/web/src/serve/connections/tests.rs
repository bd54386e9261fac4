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
    assert!(must_yield(&mine[1]), "an answer on its way yields where nobody waits");
    fifth.connection.work();
    assert!(connections.admit(client(1), false).is_none(), "all are worked for");
    assert!(connections.admit(client(2), false).is_some(), "another client has its own places");
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
