use std::path::Path;

use super::{Config, PipelineConfig, Subscription};
use crate::authority::{Authority, Holder};

#[test]
fn little_is_needed() {
    let config = Config::parse("[store]\npath = \"z.db\"\n[broker]\nembedded = true\n").unwrap();
    assert_eq!(config.roles.len(), 3);
    assert!(config.web.secure_cookies);
}

#[test]
fn errors_name_the_line_and_what_would_be_valid() {
    let error = Config::parse("[store]\npaht = \"z.db\"\n").unwrap_err().to_string();
    assert!(error.contains("line 2") && error.contains("`path`"), "{error}");
}

#[test]
fn plain_cookies_are_for_loopback() {
    let text = "[store]\npath = \"z\"\n[broker]\n[web]\nlisten = \"0.0.0.0:80\"\n\
                secure_cookies = false\n";
    let error = Config::parse(text).unwrap_err().to_string();
    assert!(error.contains("loopback"), "{error}");
}

#[test]
fn a_password_needs_its_name() {
    let config = Config::parse("[store]\npath = \"z\"\n[broker]\nusername = \"zhibi\"\n").unwrap();
    assert!(config.broker.address().is_err());
}

#[test]
fn a_conformance_report_is_off_unless_asked_for_and_needs_ingest() {
    let plain = "[store]\npath = \"z\"\n[broker]\n";
    assert!(Config::parse(plain).unwrap().conformance.is_none());
    let on = format!("{plain}[conformance]\nreport = \"c.jsonl\"\n");
    let report = Config::parse(&on).unwrap().conformance.unwrap().report;
    assert_eq!(report.to_str(), Some("c.jsonl"));
    let error = Config::parse(&format!("{plain}[conformance]\n")).unwrap_err().to_string();
    assert!(error.contains("`report`"), "{error}");
    let error = Config::parse(&format!("roles = [\"web\"]\n{on}")).unwrap_err().to_string();
    assert!(error.contains("ingest"), "{error}");
}

#[test]
fn metrics_are_off_unless_asked_for_and_on_loopback_unless_told() {
    let plain = "[store]\npath = \"z\"\n[broker]\n";
    assert!(Config::parse(plain).unwrap().metrics.is_none());
    let on = Config::parse(&format!("{plain}[metrics]\n")).unwrap().metrics.unwrap();
    assert_eq!(on.listen.to_string(), "127.0.0.1:9464");
}

#[test]
fn names_and_proxies_are_what_they_look_like() {
    let web =
        |lines: &str| Config::parse(&format!("[store]\npath = \"z\"\n[broker]\n[web]\n{lines}"));
    let good = web("hosts = [\"zhibi.school.example\"]\ntrusted_proxies = [\"10.2.0.0/16\"]\n");
    let good = good.unwrap().web;
    assert_eq!(good.hosts, ["zhibi.school.example"]);
    assert!(good.trusted_proxies[0].contains([10, 2, 7, 7].into()));
    for (bad, named) in [
        ("hosts = [\"https://zhibi.school.example\"]\n", "https://"),
        ("trusted_proxies = [\"school\"]\n", "school"),
    ] {
        let error = format!("{:#}", web(bad).unwrap_err());
        assert!(error.contains(named), "{error}");
    }
}

#[test]
fn the_client_id_is_no_gateways() {
    let with = |id: &str| {
        Config::parse(&format!("[store]\npath = \"z\"\n[broker]\nclient_id = \"{id}\"\n"))
    };
    assert_eq!(with("zhibi-ingest-2").unwrap().broker.client_id, "zhibi-ingest-2");
    assert!(with("class-1").unwrap_err().to_string().contains("zhibi-"));
}

#[test]
fn the_old_name_of_the_rest_is_told_the_new_one() {
    let plain = "[store]\npath = \"z\"\n[broker]\n[pipeline]\n";
    let config = Config::parse(&format!("{plain}mark_after_rest_ms = 100\n")).unwrap();
    assert_eq!(config.pipeline.mark_after_rest_ms, 100);
    let error = Config::parse(&format!("{plain}rest_ms = 100\n")).unwrap_err().to_string();
    assert!(error.contains("pipeline.mark_after_rest_ms"), "{error}");
}

#[test]
fn threads_are_as_many_as_a_machine_can_have() {
    let with = |threads: u32| {
        let text = format!("[store]\npath = \"z\"\n[broker]\n[pipeline]\nthreads = {threads}\n");
        Config::parse(&text).map(|config| config.pipeline.threads)
    };
    assert_eq!(with(2).unwrap(), Some(2));
    for threads in [0, 100_000] {
        assert!(with(threads).unwrap_err().to_string().contains("1 to 1024"));
    }
}

/// Where a key has no effect, whoever wrote it believes that it has.
#[test]
fn a_broker_is_either_here_or_somewhere() {
    let with = |lines: &str| Config::parse(&format!("[store]\npath = \"z\"\n[broker]\n{lines}\n"));
    assert!(with("embedded = true\nport = 1884\nclient_id = \"zhibi-2\"").is_ok());
    assert!(with("embedded = false\nhost = \"mqtt.school.example\"").is_ok());
    for (lines, key) in [
        ("embedded = true\nhost = \"127.0.0.1\"", "broker.host"),
        ("embedded = true\nusername = \"zhibi\"", "broker.username"),
        ("embedded = true\npassword_file = \"p\"", "broker.password_file"),
        ("embedded = true\nca = \"ca.pem\"", "broker.ca"),
    ] {
        let error = with(lines).unwrap_err().to_string();
        assert!(error.contains(key) && error.contains("embedded"), "{error}");
    }
}

/// It would be tried for ever.
#[test]
fn a_broker_that_no_name_can_be_is_refused() {
    let with = |lines: &str| Config::parse(&format!("[store]\npath = \"z\"\n[broker]\n{lines}\n"));
    for host in ["127.0.0.1", "::1", "mqtt.school.example"] {
        assert!(with(&format!("host = \"{host}\"")).is_ok(), "{host}");
    }
    for host in ["", " ", "mqtt school", "mqtt://school", "school/1", "me@school"] {
        let error = with(&format!("host = \"{host}\"")).unwrap_err().to_string();
        assert!(error.contains("broker.host is"), "{error}");
    }
    let error = with("port = 0").unwrap_err().to_string();
    assert!(error.contains("broker.port is 0"), "{error}");
    assert!(with("embedded = true\nport = 0").is_ok());
}

#[test]
fn a_store_is_a_path_or_a_url() {
    let store = |lines: &str| {
        let config = Config::parse(&format!("[store]\n{lines}[broker]\n"))?;
        config.store.url().map(|url| url.to_string())
    };
    assert_eq!(store("path = \"z.db\"\n").unwrap(), "z.db");
    assert_eq!(store("url = \"sqlite:z.db\"\n").unwrap(), "z.db");
    let server = store("url = \"postgres://zhibi:s3cret@db.example/school\"\n").unwrap();
    assert_eq!(server, "postgres://zhibi@db.example:5432/school");
    for neither_or_both in ["", "path = \"z.db\"\nurl = \"sqlite:z.db\"\n"] {
        let error = store(neither_or_both).unwrap_err().to_string();
        assert!(error.contains("one of the two"), "{error}");
    }
    let error = format!("{:#}", store("url = \"mysql://zhibi:s3cret@db/x\"\n").unwrap_err());
    assert!(error.contains("sqlite: or postgres:") && !error.contains("s3cret"), "{error}");
    let error = format!("{:#}", store("ulr = \"postgres://zhibi:s3c@ret@db/x\"\n").unwrap_err());
    assert!(error.contains("`url`") && error.contains("//db/x"), "{error}");
    assert!(!error.contains("s3c"), "{error}");
}

#[test]
fn ink_is_all_a_share_or_that_of_shards() {
    let of = |said: &str| {
        let text = format!("[store]\npath = \"z\"\n[broker]\n{said}");
        Config::parse(&text).map(|config| Subscription::from(config.broker.subscription))
    };
    assert_eq!(of("").unwrap(), Subscription::Plain);
    assert_eq!(of("subscription = \"shared\"\n").unwrap(), Subscription::Shared);
    let shards = of("subscription = [0, 63]\n").unwrap();
    assert_eq!(shards, Subscription::Shards(vec![0, 63]));
    for wrong in [
        "subscription = []\n",
        "subscription = [64]\n",
        "subscription = [3, 1, 3]\n",
        "subscription = \"some\"\n",
        "embedded = true\nsubscription = [1]\n",
    ] {
        assert!(of(wrong).is_err(), "{wrong}");
    }
}

/// What a new school begins with.
#[test]
fn what_init_writes_can_be_served() {
    let config = Config::parse(crate::cli::CONFIGURATION).unwrap();
    assert!(config.broker.embedded && !config.web.secure_cookies);
    assert_eq!(config.store.url().unwrap().to_string(), "zhibi.db");
    assert!(config.metrics.is_none() && config.conformance.is_none());
}

/// Failure: a service that begins with files by which it can never connect.
#[test]
fn certificates_for_the_broker_are_whole() {
    let with = |lines: &str| Config::parse(&format!("[store]\npath = \"z\"\n[broker]\n{lines}\n"));
    for (lines, said) in [
        ("ca = \"ca\"\nkey = \"k\"", "both or neither"),
        ("certificate = \"c\"\nkey = \"k\"", "broker.ca"),
    ] {
        let error = with(lines).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let file = dir.path().join(name);
        std::fs::write(&file, text).unwrap();
        // A key that everybody can read is refused.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&file, mode).unwrap();
        file.display().to_string()
    };
    let authority = Authority::open_or_make(&dir.path().join("authority"), 0).unwrap();
    let one = authority.issue(&Holder::Client("zhibi"), 0).unwrap();
    let two = authority.issue(&Holder::Client("zhibi"), 0).unwrap();
    let (ca, key) = (write("ca.pem", &authority.certificate), write("key.pem", &one.key));
    let address = |ca: &str, certificate: &str| {
        let lines = format!("ca = {ca:?}\ncertificate = {certificate:?}\nkey = {key:?}");
        with(&lines).unwrap().broker.address().map(|address| address.tls)
    };
    assert!(address(&ca, &write("one.pem", &one.certificate)).unwrap().is_some());
    for (ca, certificate, said) in [
        (&*ca, &*write("two.pem", &two.certificate), "of no use"),
        (&*ca, "/nowhere/c.pem", "/nowhere/c.pem"),
        (&*key, &*ca, "holds no certificate"),
        ("/nowhere/ca.pem", &*ca, "/nowhere/ca.pem"),
    ] {
        let error = format!("{:#}", address(ca, certificate).unwrap_err());
        assert!(error.contains(said) && !error.contains("PRIVATE"), "{error}");
    }
}

#[test]
fn a_certificate_has_its_key_and_no_plain_cookies() {
    let web = |lines: &str| format!("[store]\npath = \"x\"\n[broker]\n[web]\n{lines}");
    let both = "certificate = \"c.pem\"\nkey = \"k.pem\"\n";
    let files = Config::parse(&web(both)).unwrap().web.certificate().unwrap();
    assert_eq!(
        (files.certificate.as_path(), files.key.as_path()),
        (Path::new("c.pem"), Path::new("k.pem"))
    );
    assert!(Config::parse(&web("")).unwrap().web.certificate().is_none());
    let refused = |lines: &str| Config::parse(&web(lines)).unwrap_err().to_string();
    assert!(refused("key = \"k.pem\"").contains("both or neither"));
    let plain = refused(&format!("{both}secure_cookies = false"));
    assert!(plain.contains("take secure_cookies = false out"), "{plain}");
}

/// Each line that stands behind a `#` is a key that exists, with a value that it takes.
#[test]
fn every_line_of_what_init_writes_is_one_that_it_takes() {
    let instead = ["path", "embedded", "secure_cookies"];
    // What a certificate excludes.
    let login = ["username", "password_file"];
    let line = |line: &'static str| match line.strip_prefix("# ") {
        Some(key) if login.iter().any(|login| key.starts_with(login)) => "",
        Some(key) if key.contains(" = ") || key.starts_with('[') && key.ends_with(']') => key,
        _ if instead.iter().any(|key| line.starts_with(key)) => "",
        _ => line,
    };
    let all: Vec<&str> = crate::cli::CONFIGURATION.lines().map(line).collect();
    let keys = all.iter().filter(|line| line.contains(" = ")).count();
    assert_eq!(keys, 18, "{all:?}");
    let config = Config::parse(&all.join("\n")).unwrap();
    let url = config.store.url().unwrap().to_string();
    assert!(url.starts_with("postgres://zhibi@db.example"), "{url}");
    assert!(config.metrics.is_some() && config.conformance.is_some());
    // What is said to hold if it is left out does.
    let short = "[store]\npath = \"zhibi.db\"\n[broker]\n";
    let short = Config::parse(short).unwrap();
    assert_eq!((short.roles, short.web.listen), (config.roles, config.web.listen));
    let pipeline = |config: &PipelineConfig| config.mark_after_rest_ms;
    assert_eq!(pipeline(&short.pipeline), pipeline(&config.pipeline));
    assert_eq!(short.broker.client_id, config.broker.client_id);
    assert_eq!(short.broker.port, config.broker.port);
    assert!(short.web.secure_cookies);
}
