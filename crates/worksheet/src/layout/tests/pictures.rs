//! Pictures beside questions.

use super::HEAD;
use crate::text::{Draft, Fault, PictureFault, Wrong};
use crate::{Framework, Worksheet};

/// Eight bytes, an IHDR of 2 × 1 pixels, and nothing after it: enough to be placed.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x01\x08\0\0\0\0";

fn with(file: &str, bytes: &[u8]) -> Result<Worksheet, Vec<Fault>> {
    let text = format!("{HEAD}一、看。（每题 1 分）\n看图 [1]\n  图：{file} 30 毫米\n");
    Draft::build(&text, &Framework::own(), |name| (name == "a.png").then(|| bytes.to_vec()))
}

fn check(bytes: &[u8], fault: PictureFault) {
    let faults = with("a.png", bytes).unwrap_err();
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].wrong, Wrong::Picture("a.png".into(), fault));
    assert_eq!(faults[0].place.to_string(), "7:5");
}

#[test]
fn a_png_stands_to_the_right_in_its_proportion() {
    let artwork = with("a.png", PNG).unwrap().pages[0].artwork.clone();
    let image = "width=\"30\" height=\"15\" href=\"data:image/png;base64,iVBORw0KGgoAAAANSUhEUg";
    assert!(artwork.contains(image), "{artwork}");
}

#[test]
fn an_svg_is_drawn_with_plain_attributes_and_no_black() {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 10 20'><title>x</title>\
               <g id='a' style='fill:#000;stroke:red' fill='blue'><path d='M0 0h5' class='b'/></g>\
               <text x='1'>a &lt; b</text></svg>";
    let artwork = with("a.png", svg.as_bytes()).unwrap().pages[0].artwork.clone();
    let inner = "<g fill=\"#3b424c\" stroke=\"red\"><path d=\"M0 0h5\"></path></g>\
                 <text x=\"1\">a &lt; b</text></svg>";
    assert!(artwork.contains(inner), "{artwork}");
    assert!(artwork.contains("width=\"30\" height=\"60\" viewBox=\"0 0 10 20\""), "{artwork}");
}

#[test]
fn what_cannot_be_used_is_refused_at_its_line() {
    let faults = with("b.png", PNG).unwrap_err();
    assert_eq!(faults[0].wrong, Wrong::Picture("b.png".into(), PictureFault::Missing));
    check(b"GIF89a", PictureFault::Unreadable);
    check(&PNG[..20], PictureFault::Unreadable);
    check(b"<svg/>", PictureFault::Unreadable);
    check(b"<svg viewBox='0 0 1 1'><script/></svg>", PictureFault::Unsafe);
    check(b"<svg viewBox='0 0 1 1'><path onclick='x'/></svg>", PictureFault::Unsafe);
    check(b"<svg viewBox='0 0 1 1'><path fill='url(#a)'/></svg>", PictureFault::Unsafe);
    check(b"<svg viewBox='0 0 1 1'><image href='http://x'/></svg>", PictureFault::Unsafe);
    check(b"<svg viewBox='0 0 1 99999'/>", PictureFault::Unreadable);
    check(&vec![b' '; (1 << 20) + 1], PictureFault::TooLarge);
}
