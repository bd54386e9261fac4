//! What messages show of a file's content, which may be anything, of any length: a terminal obeys
//! some characters as commands.

/// Characters that are shown of a value.
const VALUE_CHARS_MAX: usize = 48;
/// Characters that are shown of a message.
const MESSAGE_CHARS_MAX: usize = 2_000;

/// A value from a file: short, with what is not printable escaped.
pub(crate) fn value(text: &str) -> String {
    cut(text.escape_debug(), VALUE_CHARS_MAX)
}

/// A message that quotes a file, such as a parser's. Its lines stay.
pub(crate) fn message(text: &str) -> String {
    let shown = text.chars().flat_map(|char| {
        let escaped = char.is_control() && !matches!(char, '\n' | '\t');
        let plain = (!escaped).then_some(char);
        plain.into_iter().chain(escaped.then(|| char.escape_debug()).into_iter().flatten())
    });
    cut(shown, MESSAGE_CHARS_MAX)
}

/// A message that quotes what somebody typed: urls lose user and password, and passwords of a
/// configuration their value.
pub(crate) fn without_passwords(text: &str) -> String {
    let line = |line: &str| match line.split_once('=') {
        Some((key, _)) if key.trim_end().ends_with("password") => format!("{key}= …"),
        _ => without_users(line),
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

fn without_users(text: &str) -> String {
    let Some((before, url)) = text.split_once("://") else { return text.to_owned() };
    let end = url.find(|char: char| char.is_whitespace() || "\"'".contains(char));
    let (url, behind) = url.split_at(end.unwrap_or(url.len()));
    let host = url.rsplit_once('@').map_or(url, |(_, host)| host);
    format!("{before}://{host}{}", without_users(behind))
}

fn cut(mut chars: impl Iterator<Item = char>, most: usize) -> String {
    let mut shown: String = chars.by_ref().take(most).collect();
    if chars.next().is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_short_and_harmless() {
        assert_eq!(value("成绩"), "成绩");
        assert_eq!(value("a\0\u{1b}[31m\n\""), "a\\0\\u{1b}[31m\\n\\\"");
        assert_eq!(value(&"9".repeat(49)), format!("{}…", "9".repeat(48)));
        assert_eq!(message("line 1\n  | \u{1b}]0;x\u{7}"), "line 1\n  | \\u{1b}]0;x\\u{7}");
        assert_eq!(message(&"9".repeat(1 << 20)).chars().count(), 2_001);
    }

    #[test]
    fn no_password_is_quoted() {
        for text in [
            "invalid value 'postgres://u:s3cret@h:port/d' for",
            "invalid value 'postgres://u:s3/cr@et@h/d' for",
            "url = \"mysql://u:s3cret@h/d\" and \"x://v:s3cret@i/e\"",
            "4 | password = \"s3cret\"\n  | ^^^^^^^^",
        ] {
            let shown = without_passwords(text);
            let kept = !shown.contains("s3") && !shown.contains("et@");
            assert!(
                kept && (shown.contains("h/d")
                    || shown.contains("h:port/d")
                    || shown.contains("^^^")),
                "{shown}"
            );
        }
        let file = "5 | password_file = \"broker-password\"";
        assert_eq!(without_passwords(file), file);
    }
}
