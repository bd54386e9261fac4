//! What people and things may be called, wherever the name is typed.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// The first character of a name that nobody sees and that changes what is seen, such as U+202E,
/// which turns the line round, or U+200B, by which two names differ that look the same. Control
/// characters are among them, and what is no character at all, such as U+FFFE.
#[must_use]
pub fn hidden_char(name: &str) -> Option<char> {
    name.chars().find(|c| {
        let unseen = matches!(
            c.general_category(),
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
        );
        unseen || is_filler(*c) || is_no_character(*c)
    })
}

/// Letters and marks by their category, which are drawn as nothing.
fn is_filler(c: char) -> bool {
    matches!(c, '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
}

/// The last two of each plane, and 32 more: Unicode gives them no meaning for ever.
fn is_no_character(c: char) -> bool {
    matches!(u32::from(c) & 0xffff, 0xfffe | 0xffff) || matches!(c, '\u{fdd0}'..='\u{fdef}')
}

/// What logins are compared by: two with the same key look so alike that they are one. They may
/// differ in case, in width (`ｗａｎｇ`) and in how a letter with an accent is composed.
#[must_use]
pub fn login_key(login: &str) -> String {
    login.nfkc().flat_map(char::to_lowercase).nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_found_and_rare_names_pass() {
        for hidden in ['\u{202e}', '\u{200b}', '\u{fffe}', '\u{1ffff}', '\u{fdd0}', '\u{3164}'] {
            assert_eq!(hidden_char(&format!("王{hidden}明")), Some(hidden), "{hidden:?}");
        }
        assert_eq!(hidden_char("a\n\u{200b}"), Some('\n'), "the first");
        // A form of a rare character, one beyond the first plane, one of private use.
        for name in ["葛\u{e0100}", "\u{20000}", "\u{e000}", "阿卜杜拉·买买提", "O’Neil", "é"]
        {
            assert_eq!(hidden_char(name), None, "{name:?}");
        }
    }

    #[test]
    fn logins_that_look_alike_have_one_key() {
        for alike in ["Wang", "WANG", "ｗａｎｇ", "Ｗang"] {
            assert_eq!(login_key(alike), "wang", "{alike}");
        }
        assert_eq!(login_key("rene\u{301}"), login_key("RENÉ"));
        for other in ["wang1", "wan", "王"] {
            assert_ne!(login_key(other), "wang");
        }
    }
}
