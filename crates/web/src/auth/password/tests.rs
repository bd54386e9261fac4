use super::*;

fn check_wang(password: &str) -> Result<(), Refused> {
    check(password, "wang", "王丽华")
}

#[test]
fn takes_long_phrases_of_any_kind() {
    for good in ["correct horse", "床前明月光疑是地上霜", "x7!pQ2#m", "wang likes green tea"]
    {
        assert_eq!(check_wang(good), Ok(()), "{good}");
    }
    assert_eq!(check_wang(&"长".repeat(64)), Err(Refused::Common), "one character over and over");
    assert_eq!(
        check_wang(&"长短".chars().cycle().take(63).chain(['x']).collect::<String>()),
        Ok(())
    );
}

#[test]
fn refuses_what_is_short_long_common_or_the_owners() {
    check_all(Refused::Short, &["", "1234567", "七个字的密码啊"]);
    check_all(Refused::Long, &["long enough ".repeat(11).as_str()]);
    check_all(
        Refused::Common,
        &["password", "Password", "12345678", "87654321", "aaaaaaaa", "abababab", "woaini1314"],
    );
    check_all(Refused::Context, &["wang1234", "zhibi2025", "王丽华123456", "Zhibiwang1"]);
}

fn check_all(refused: Refused, passwords: &[&str]) {
    for password in passwords {
        assert_eq!(check_wang(password), Err(refused), "{password}");
    }
}

#[test]
fn common_passwords_are_lower_case_and_long_enough_to_matter() {
    for line in COMMON.lines() {
        assert_eq!(line, line.to_lowercase());
        assert!(line.chars().count() >= CHARS_MIN, "{line} is refused as short already");
    }
}

#[tokio::test]
async fn checks_what_it_hashed() {
    let random: Random = std::sync::Arc::new(|| [7; 32]);
    let passwords = Passwords::new(&random);
    let kept = passwords.hash("correct horse".into(), [1; 32]).await.unwrap();
    assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
    assert!(passwords.verify("correct horse".into(), Some(kept.clone())).await.unwrap());
    assert!(!passwords.verify("correct horsf".into(), Some(kept)).await.unwrap());
    let nobodys = crate::auth::token::text([7; 32]);
    assert!(!passwords.verify(nobodys, None).await.unwrap(), "there is no such account");
}
