use super::*;

fn url(text: &str) -> Result<String, UrlError> {
    Ok(text.parse::<StoreUrl>()?.to_string())
}

#[test]
fn a_url_shows_no_password() {
    let shown = url("postgres://zhibi:s3cret@db.example:6543/school").unwrap();
    assert_eq!(shown, "postgres://zhibi@db.example:6543/school");
    let parsed: StoreUrl = "postgres://zhibi:s3cret@db.example/school".parse().unwrap();
    assert!(!format!("{parsed:?}").contains("s3cret"));
    assert_eq!(parsed.path(), None);
    let wrong = "postgres://zhibi:s3cret@db.example:port/".parse::<StoreUrl>().unwrap_err();
    assert!(!format!("{wrong} {wrong:?}").contains("s3cret"));
}

#[test]
fn a_file_is_a_path() {
    assert_eq!(url("sqlite:data/zhibi.db").unwrap(), "data/zhibi.db");
    assert_eq!(url("sqlite:///var/lib/zhibi.db").unwrap(), "/var/lib/zhibi.db");
    assert_eq!(url("sqlite:"), Err(UrlError::NoFile));
    assert_eq!(url("mysql://a/b"), Err(UrlError::Scheme));
    for (text, file) in [("zhibi.db", true), ("a:b.db", true), ("Postgres://u:s3cret@h/d", false)] {
        assert_eq!(StoreUrl::from_argument(text).is_ok(), file, "{text}");
    }
}
