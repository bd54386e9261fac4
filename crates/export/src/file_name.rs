//! Names of files: what is in them and of when, and no person's name.

/// Characters of a class or a title that a name keeps.
const PART_MAX: usize = 40;

/// A file's name of its parts, such as class, title and day, with its ending: `三（2）班 分数
/// 2026-11-28 成绩.xlsx`. What file systems do not take becomes a space.
#[must_use]
pub fn file_name(parts: &[&str], ending: &str) -> String {
    let parts: Vec<String> =
        parts.iter().map(|part| plain(part)).filter(|part| !part.is_empty()).collect();
    format!("{}.{ending}", parts.join(" "))
}

fn plain(part: &str) -> String {
    let safe = |c: char| {
        let refused = c.is_control() || "/\\:*?\"<>|".contains(c) || is_invisible(c);
        if refused { ' ' } else { c }
    };
    let safe: String = part.chars().map(safe).take(PART_MAX).collect();
    // A name that begins with a dot is hidden, and Windows drops one at the end.
    safe.split_whitespace().collect::<Vec<_>>().join(" ").trim_matches(['.', ' ']).to_owned()
}

/// Marks that turn the direction of text: with one, `fdp.exe` is shown as `exe.pdf`.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The value of a `Content-Disposition` header for a download of that name (RFC 6266 and RFC 5987),
/// with another in ASCII for clients that do not read the first.
#[must_use]
pub fn disposition(name: &str, ascii: &str) -> String {
    let mut encoded = String::with_capacity(name.len() * 3);
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    let ascii: String =
        ascii.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_holds_nothing_that_a_file_system_refuses() {
        let name = file_name(&["三（2）班", "分数 1/2：初步?\r\n", "", "2026-11-28"], "xlsx");
        assert_eq!(name, "三（2）班 分数 1 2：初步 2026-11-28.xlsx");
        assert_eq!(file_name(&["../..", "..hidden"], "csv"), "hidden.csv");
        assert_eq!(file_name(&["a\u{202e}fdp"], "exe"), "a fdp.exe");
        assert!(file_name(&["长".repeat(500).as_str()], "pdf").chars().count() < 50);
    }

    #[test]
    fn a_header_holds_ascii_alone() {
        let header = disposition("三 班\".xlsx", "results-\"2026;.xlsx");
        assert_eq!(
            header,
            "attachment; filename=\"results-2026.xlsx\"; \
             filename*=UTF-8''%E4%B8%89%20%E7%8F%AD%22.xlsx"
        );
    }
}
