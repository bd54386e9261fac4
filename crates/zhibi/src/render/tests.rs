use super::*;

/// An A4 page with one line of artwork.
fn page() -> (String, worksheet::Page) {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 210 297'>\
               <path d='M10 10H200' stroke='black'/></svg>";
    let page = worksheet::Page {
        number: 1,
        width_um: 210_000,
        height_um: 297_000,
        artwork: String::new(),
    };
    (svg.into(), page)
}

#[test]
fn a_picture_has_150_dots_per_inch() {
    let (svg, page) = page();
    let bytes = png(&svg, &page).unwrap();
    assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"));
    let side = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    assert_eq!((side(16), side(20)), (1_241, 1_754), "210 mm and 297 mm, rounded up");
}
