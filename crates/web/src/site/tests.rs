use super::*;

fn site(listen: &str, hosts: &[&str], secure_cookies: bool) -> Site {
    Site::new(&Config {
        secure_cookies,
        hosts: hosts.iter().map(|&host| host.to_owned()).collect(),
        ..Config::on(listen.parse().unwrap())
    })
}

fn check(site: &Site, own: &[&str], others: &[&str]) {
    for host in own {
        assert!(site.is_own(host), "{host}");
    }
    for host in others {
        assert!(!site.is_own(host), "{host}");
    }
}

#[test]
fn a_listener_has_its_own_names() {
    let loopback = site("127.0.0.1:8080", &[], false);
    let others = ["evil.example:8080", "127.0.0.1", "127.0.0.1:80", "localhost.evil.example:8080"];
    check(&loopback, &["127.0.0.1:8080", "LocalHost:8080", "[::1]:8080"], &others);
    check(
        &site("10.0.0.5:80", &[], true),
        &["10.0.0.5", "10.0.0.5:80"],
        &["localhost", "10.0.0.6"],
    );
    let any = site("0.0.0.0:8080", &[], false);
    check(&any, &["10.0.0.5:8080", "[2001:db8::1]:8080"], &["10.0.0.5:80", "evil.example:8080"]);
}

#[test]
fn an_origin_is_scheme_and_name_and_port() {
    let site = site("127.0.0.1:8080", &["Zhibi.School.example"], true);
    check(&site, &["zhibi.school.example", "zhibi.school.example:443"], &["school.example"]);
    for own in ["https://zhibi.school.example", "http://127.0.0.1:8080", "http://localhost:8080"] {
        assert!(site.is_origin(own), "{own}");
    }
    let others = [
        "http://zhibi.school.example",
        "https://zhibi.school.example:8443",
        "https://127.0.0.1:8080",
        "http://127.0.0.1:9090",
        "https://evil.example",
        "null",
        "",
    ];
    for other in others {
        assert!(!site.is_origin(other), "{other}");
    }
}

#[test]
fn a_printed_link_begins_as_the_site_is_reached() {
    let behind = site("127.0.0.1:8080", &["zhibi.school.example"], true);
    assert_eq!(behind.address("Zhibi.School.example"), "https://zhibi.school.example");
    assert_eq!(behind.address("127.0.0.1:8080"), "http://127.0.0.1:8080");
    let tls = Site::new(&Config { tls: true, ..Config::on("127.0.0.1:8443".parse().unwrap()) });
    assert_eq!(tls.address("127.0.0.1:8443"), "https://127.0.0.1:8443");
}
