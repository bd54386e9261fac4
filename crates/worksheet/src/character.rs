//! Characters that a sheet can hold.

/// Whether a document can hold it: sheets are printed from XML, which forbids most control characters
/// and the two that are no characters.
pub fn is_printable(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// Its number, as people look it up: `U+FFFE`.
pub(crate) fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_forbids_is_told_by_its_number() {
        let allowed = ['\t', '\n', ' ', '字', '\u{202e}', '\u{fffd}', '\u{10000}', '\u{10ffff}'];
        assert!(allowed.into_iter().all(is_printable));
        let forbidden = ['\0', '\u{1}', '\u{b}', '\u{1f}', '\u{fffe}', '\u{ffff}'];
        assert!(!forbidden.into_iter().any(is_printable));
        assert_eq!(code_point('\u{fffe}') + &code_point('\0'), "U+FFFEU+0000");
    }
}
