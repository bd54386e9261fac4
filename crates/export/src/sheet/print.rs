//! Where the artwork has words, roughly: enough to keep signs off them.

use super::line::Bounds;

/// Drawing units per millimetre; the artwork's own unit is the millimetre.
const PER_MM: f64 = 100.0;
/// The widths of Latin letters and figures, of Chinese characters, in ems.
const LATIN_EM: f64 = 0.52;
const WIDE_EM: f64 = 1.0;
/// From the top of the letters to the baseline, and from there to their feet, in ems.
const ASCENT_EM: f64 = 0.82;
const DESCENT_EM: f64 = 0.2;

/// The bounds of every `<text>` with a place of its own. What is placed otherwise (by a transform,
/// by a style sheet) is not found: signs may then stand on it, and nothing worse happens.
pub fn words(artwork: &str) -> Vec<Bounds> {
    artwork.split("<text").skip(1).filter_map(word).collect()
}

fn word(element: &str) -> Option<Bounds> {
    let (attributes, rest) = element.split_once('>')?;
    let (content, _) = rest.split_once("</text>")?;
    let number = |name| attribute(attributes, name)?.parse::<f64>().ok();
    let (x, y) = (number("x")?, number("y")?);
    let size = number("font-size")?;
    let width = size * ems(content);
    let x0 = match attribute(attributes, "text-anchor") {
        Some("middle") => x - width / 2.0,
        Some("end") => x - width,
        _ => x,
    };
    // Saturates far outside any page.
    let unit = |mm: f64| (mm * PER_MM).round() as i32;
    let bounds = Bounds {
        x0: unit(x0),
        y0: unit(y - ASCENT_EM * size),
        x1: unit(x0 + width),
        y1: unit(y + DESCENT_EM * size),
    };
    (width > 0.0).then_some(bounds)
}

/// The value of an attribute, quoted either way.
fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = attributes;
    loop {
        let at = rest.find(name)?;
        let after = &rest[at + name.len()..];
        let own = rest[..at].ends_with(char::is_whitespace) || at == 0;
        rest = after;
        if let Some(value) = after.strip_prefix('=').filter(|_| own) {
            let quote = value.chars().next().filter(|c| *c == '"' || *c == '\'')?;
            return value[1..].split(quote).next();
        }
    }
}

/// The length of a text with its tags and entities, in ems.
fn ems(content: &str) -> f64 {
    let mut ems = 0.0;
    let mut chars = content.chars();
    while let Some(c) = chars.next() {
        ems += match c {
            '<' => {
                chars.by_ref().find(|c| *c == '>');
                0.0
            }
            '&' => {
                chars.by_ref().find(|c| *c == ';');
                LATIN_EM
            }
            '\n' => 0.0,
            '\u{2e80}'.. => WIDE_EM,
            _ => LATIN_EM,
        };
    }
    ems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_words_where_they_stand() {
        let artwork = r#"<svg><text x="10" y="20" font-family='a "x" b' font-size="4">1.</text>
            <text font-size="4" text-anchor="end" x="50" y="20"><tspan fill="red">三年</tspan></text>
            <text font-size="4" text-anchor="middle" x="50" y="30">&lt;</text>
            <text transform="translate(1 2)">nowhere</text><text x="1" y="2" font-size="4"></text>"#;
        let bounds = |x0, y0, x1, y1| Bounds { x0, y0, x1, y1 };
        assert_eq!(
            words(artwork),
            [
                bounds(1_000, 1_672, 1_416, 2_080),
                bounds(4_200, 1_672, 5_000, 2_080),
                bounds(4_896, 2_672, 5_104, 3_080),
            ]
        );
    }

    #[test]
    fn broken_artwork_has_no_words() {
        for broken in ["", "<text", "<text x=1>", "<text x=\"1\" y=\"é", "<text y=\"NaN\">a</text>"]
        {
            assert_eq!(words(broken), [], "{broken}");
        }
    }
}
