//! QR codes as pictures in a page.

use qrcodegen::{QrCode, QrCodeEcc};

/// Modules of white around a code, as ISO/IEC 18004 asks for.
const QUIET: i32 = 4;

/// A text as an SVG picture with a description; `None` where it is too long for a code.
pub(crate) fn svg(text: &str, label: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = code.size() + 2 * QUIET;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).count() as i32;
            if run > 0 {
                path.push_str(&format!("M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET));
            }
            x += run.max(1);
        }
    }
    let label = label.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    Some(format!(
        "<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" role=\"img\" aria-label=\"{label}\" \
         shape-rendering=\"crispEdges\"><path d=\"{path}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::svg;

    #[test]
    fn a_code_is_square_and_its_label_is_text() {
        let picture = svg("https://zhibi.example/link/0123", "\"<b>\"").unwrap();
        assert!(picture.contains("aria-label=\"&quot;&lt;b>&quot;\""), "{picture}");
        // The first row of the upper left finder pattern.
        assert!(picture.contains("<path d=\"M4 4h7v1h-7z"), "{picture}");
        assert_eq!(svg(&"x".repeat(4_000), ""), None);
    }
}
