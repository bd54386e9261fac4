use axum::http::Request;

use super::*;

fn network(text: &str) -> Network {
    text.parse().unwrap()
}

fn check(peer: &str, forwarded: &[&str], proxies: &[&str], expected: &str) {
    let mut request = Request::builder();
    for value in forwarded {
        request = request.header("x-forwarded-for", *value);
    }
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    let peer: IpAddr = peer.parse().unwrap();
    parts.extensions.insert(ConnectInfo(SocketAddr::from((peer, 4_711))));
    let proxies: Vec<Network> = proxies.iter().copied().map(network).collect();
    let client = client(&parts, &proxies).unwrap();
    assert_eq!(client, ClientKey::of(expected.parse().unwrap()), "{peer} {forwarded:?}");
}

#[test]
fn what_a_client_says_of_itself_counts_for_nothing() {
    check("10.0.0.9", &["1.2.3.4"], &[], "10.0.0.9");
    check("10.0.0.9", &["1.2.3.4"], &["127.0.0.1"], "10.0.0.9");
    check("127.0.0.1", &["9.9.9.9, 1.2.3.4"], &["127.0.0.1"], "1.2.3.4");
    check("127.0.0.1", &["9.9.9.9", "1.2.3.4"], &["127.0.0.1"], "1.2.3.4");
}

#[test]
fn proxies_behind_proxies_are_passed_over() {
    let proxies = ["127.0.0.1", "10.2.0.0/16"];
    check("127.0.0.1", &["9.9.9.9, 1.2.3.4, 10.2.7.7"], &proxies, "1.2.3.4");
    check("127.0.0.1", &["10.2.7.7"], &proxies, "10.2.7.7");
    check("127.0.0.1", &[], &proxies, "127.0.0.1");
    check("127.0.0.1", &["1.2.3.4, unknown"], &proxies, "127.0.0.1");
    check("127.0.0.1", &["1.2.3.4:5555"], &proxies, "1.2.3.4");
    check("::ffff:127.0.0.1", &["[2001:db8::1]:443"], &proxies, "2001:db8::1");
}

#[test]
fn a_subscriber_of_ipv6_is_one() {
    let key = |text: &str| ClientKey::of(text.parse().unwrap());
    assert_eq!(key("2001:db8:0:7::1"), key("2001:db8:0:7:ffff::2"));
    assert_ne!(key("2001:db8:0:7::1"), key("2001:db8:0:8::1"));
    assert_eq!(key("::ffff:10.0.0.1"), key("10.0.0.1"));
}

#[test]
fn networks_hold_their_addresses() {
    let holds = |net: &str, address: &str| network(net).contains(address.parse().unwrap());
    assert!(holds("10.2.0.0/16", "10.2.255.1") && !holds("10.2.0.0/16", "10.3.0.1"));
    assert!(holds("0.0.0.0/0", "8.8.8.8") && !holds("0.0.0.0/0", "::1"));
    assert!(holds("fd00::/8", "fd12::1") && holds("::/0", "::1"));
    for bad in ["", "10.0.0.0/33", "::/129", "school.example", "10.0.0.0/x"] {
        assert!(bad.parse::<Network>().is_err(), "{bad}");
    }
}
