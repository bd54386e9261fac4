//! Printed numbers of questions, and headings.

use crate::sheet::Bounds;

/// A bracket before a statement ends this close to the number behind it, drawing units.
const BEHIND: i32 = 1_000;

/// Where a question's number is printed: the nearest text that begins with it and stands on the line
/// of its fields, above them, or behind the bracket that one writes in.
pub(super) fn number(label: &str, fields: &Bounds, texts: &[(Bounds, &str)]) -> Option<Bounds> {
    let figures = last_figures(label)?;
    let far = |bounds: &Bounds| {
        let above = (fields.y0 - bounds.y1).max(0);
        let before = (fields.x0 - bounds.x1).max(0);
        let behind = (bounds.x0 - fields.x1).max(0);
        let fits = bounds.y0 < fields.y1 && behind <= BEHIND;
        fits.then_some(3 * above + before + behind)
    };
    let ours = texts.iter().filter(|(_, text)| begins_with(text, figures));
    ours.filter_map(|(bounds, _)| Some((far(bounds)?, *bounds)))
        .min_by_key(|(far, _)| *far)
        .map(|(_, bounds)| bounds)
}

/// `2` of `三(2)`, `12` of `12`.
fn last_figures(label: &str) -> Option<&str> {
    let is_figure = |c: char| c.is_ascii_digit();
    let end = label.rfind(is_figure)? + 1;
    let start = label[..end]
        .rfind(|c| !is_figure(c))
        .map_or(0, |at| at + label[at..].chars().next().map_or(0, char::len_utf8));
    Some(&label[start..end])
}

/// `(2)`, `2.` or `2、`, perhaps with words behind, and not `2.5`.
fn begins_with(text: &str, figures: &str) -> bool {
    let text = text.trim_start();
    let bracket = text.strip_prefix(['(', '（']);
    let Some(rest) = bracket.unwrap_or(text).strip_prefix(figures) else { return false };
    let mut rest = rest.chars();
    match rest.next() {
        Some(')' | '）') => bracket.is_some(),
        Some('.' | '．' | '、') if bracket.is_none() => {
            !rest.next().is_some_and(|c| c.is_ascii_digit())
        }
        _ => false,
    }
}

/// Whether a text is the heading of a section: `一、直接写出得数。`
pub(super) fn is_heading(text: &str) -> bool {
    let mut plain = String::new();
    let mut tag = false;
    for c in text.chars() {
        match c {
            '<' => tag = true,
            '>' => tag = false,
            _ if !tag && !c.is_whitespace() => plain.push(c),
            _ => {}
        }
    }
    let rest = plain.trim_start_matches(|c| "一二三四五六七八九十".contains(c));
    rest.len() < plain.len() && rest.starts_with('、')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_what_its_label_ends_with() {
        for (label, figures) in [("三(2)", "2"), ("12", "12"), ("二(10)", "10"), ("1.3", "3")] {
            assert_eq!(last_figures(label), Some(figures));
        }
        assert_eq!(last_figures("甲"), None);
        for text in ["(2)", "2.", " 2. What?", "（2）", "2、看图"] {
            assert!(begins_with(text, "2"), "{text}");
        }
        for text in ["2.5", "2", "12.", "(2", "21.", "2)"] {
            assert!(!begins_with(text, "2"), "{text}");
        }
    }

    #[test]
    fn a_heading_begins_with_a_chinese_number() {
        assert!(is_heading("<tspan font-weight=\"700\">一、直接写出得数。</tspan>（12 分）"));
        assert!(is_heading("十二、阅读"));
        for text in ["一个数", "、", "1.", "小明、小红", ""] {
            assert!(!is_heading(text), "{text}");
        }
    }
}
