//! Ids of pens as they are typed.

/// A pen's id: 12 hexadecimal digits.
pub(super) fn text(pen: u64) -> String {
    format!("{pen:012x}")
}

/// The pen of an id.
pub(super) fn pen(text: &str) -> Option<u64> {
    // As a radio address is often written: 00:11:22:33:44:AA.
    let digits: String = text.chars().filter(|c| !matches!(c, ':' | '-')).collect();
    let sound = digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    sound.then(|| u64::from_str_radix(&digits, 16).ok()).flatten()
}

/// Why a list of ids is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// There is none.
    Nothing,
    /// There are more than a set has.
    TooMany,
    /// A line, counted from 1, that is no id.
    NoId(usize, String),
    /// A line, counted from 1, whose id stands in an earlier one.
    Twice(usize, String),
}

/// Characters of a line that a refusal quotes.
const QUOTED_MAX: usize = 24;

/// The pens of a pasted list, one a line; empty lines and a cell's quotes are passed over.
pub(super) fn list(pasted: &str, most: usize) -> Result<Vec<u64>, Wrong> {
    let mut pens = Vec::new();
    for (line, number) in pasted.lines().zip(1..) {
        let id = line.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"'));
        if id.is_empty() {
            continue;
        }
        let quoted = || id.chars().take(QUOTED_MAX).collect();
        let pen = pen(id).ok_or_else(|| Wrong::NoId(number, quoted()))?;
        if pens.contains(&pen) {
            return Err(Wrong::Twice(number, quoted()));
        }
        pens.push(pen);
        if pens.len() > most {
            return Err(Wrong::TooMany);
        }
    }
    if pens.is_empty() { Err(Wrong::Nothing) } else { Ok(pens) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_list_is_read_line_by_line() {
        let pasted = "0011223344AA\r\n\n 00:11:22:33:44:ab ,\n\"0011223344ac\"\n";
        assert_eq!(list(pasted, 3), Ok(vec![0x11_2233_44aa, 0x11_2233_44ab, 0x11_2233_44ac]));
        assert_eq!(list(pasted, 2), Err(Wrong::TooMany));
        assert_eq!(list(" \n\n", 2), Err(Wrong::Nothing));
        let wrong = format!("0011223344aa\n\n{}", "笔".repeat(40));
        assert_eq!(list(&wrong, 9), Err(Wrong::NoId(3, "笔".repeat(QUOTED_MAX))));
        let twice = "0011223344aa\n0011223344AA";
        assert_eq!(list(twice, 9), Err(Wrong::Twice(2, "0011223344AA".into())));
    }
}
