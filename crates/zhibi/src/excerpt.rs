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
}
