//! Where the artwork has print, roughly: enough to keep signs off it, and to cut a question out.

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
    texts(artwork).into_iter().map(|(bounds, _)| bounds).collect()
}

/// The same, with what each says, tags and entities included.
pub(crate) fn texts(artwork: &str) -> Vec<(Bounds, &str)> {
    artwork.split("<text").skip(1).filter_map(word).collect()
}

/// The bounds of pictures, and of the letters of artwork that was a PDF, which are outlines there: each
/// a `<use>` with a matrix, a thousand units per em.
pub(crate) fn outlines(artwork: &str) -> Vec<Bounds> {
    const UNITS_PER_EM: f64 = 1_000.0;
    let letters = artwork.split("<use ").skip(1).filter_map(|element| {
        let [x, _, _, y, left, base] = matrix(element.split_once('>')?.0)?;
        let (width, size) = (x.abs() * UNITS_PER_EM * LATIN_EM, y.abs() * UNITS_PER_EM);
        Some(in_units(left, base - ASCENT_EM * size, left + width, base + DESCENT_EM * size))
    });
    let images = artwork.split("<image ").skip(1);
    let pictures = images.chain(artwork.split("<svg ").skip(2)).filter_map(|element| {
        let attributes = element.split_once('>')?.0;
        let number = |name| attribute(attributes, name)?.parse::<f64>().ok();
        let (width, height) = (number("width")?, number("height")?);
        match matrix(attributes) {
            Some([x, _, _, y, left, top]) => {
                let (right, low) = (left + x * width, top + y * height);
                Some(in_units(left.min(right), top.min(low), left.max(right), top.max(low)))
            }
            None => {
                let (x, y) = (number("x")?, number("y")?);
                Some(in_units(x, y, x + width, y + height))
            }
        }
    });
    letters.chain(pictures).collect()
}

/// The six numbers of a `transform` that is a matrix.
fn matrix(attributes: &str) -> Option<[f64; 6]> {
    let numbers = attribute(attributes, "transform")?.strip_prefix("matrix(")?.strip_suffix(')')?;
    let numbers: Result<Vec<f64>, _> =
        numbers.split([' ', ',']).filter(|n| !n.is_empty()).map(str::parse).collect();
    numbers.ok()?.try_into().ok()
}

/// Millimetres as drawing units. Saturates far outside any page.
fn in_units(x0: f64, y0: f64, x1: f64, y1: f64) -> Bounds {
    let unit = |mm: f64| (mm * PER_MM).round() as i32;
    Bounds { x0: unit(x0), y0: unit(y0), x1: unit(x1), y1: unit(y1) }
}

fn word(element: &str) -> Option<(Bounds, &str)> {
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
    let bounds = in_units(x0, y - ASCENT_EM * size, x0 + width, y + DESCENT_EM * size);
    (width > 0.0).then_some((bounds, content))
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
    fn finds_letters_that_are_outlines_and_pictures() {
        let artwork = r##"<svg width="210mm" height="297mm"><path id="g0" d="M0 0"/>
            <use href="#g0" fill="#000" transform="matrix(0.005 0 0 -0.005 20 30)"/>
            <image x="10" y="50" width="30" height="20" href="data:"/>
            <image width="100" height="50" transform="matrix(0.1 0 0 0.1 40 60)"/>
            <svg x="1" y="2" width="3" height="4" viewBox="0 0 1 1"></svg></svg>"##;
        let bounds = |x0, y0, x1, y1| Bounds { x0, y0, x1, y1 };
        assert_eq!(
            outlines(artwork),
            [
                bounds(2_000, 2_590, 2_260, 3_100),
                bounds(1_000, 5_000, 4_000, 7_000),
                bounds(4_000, 6_000, 5_000, 6_500),
                bounds(100, 200, 400, 600),
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
