//! Pieces of a page.

use super::*;

#[test]
fn a_crop_shows_what_is_asked_in_whole_words() {
    let sheet = || Sheet::new(&a4(""), String::new(), vec![], vec![]);
    let word = |x0: i32, x1: i32| Bounds { x0, y0: 5_200, x1, y1: 5_600 };
    let near = Crop::new(sheet(), &FIELD, &[word(4_000, 4_600), word(4_700, 5_800)]);
    assert_eq!((near.x, near.x + near.width), (3_700, 8_300), "both, one after the other");
    let long = Crop::new(sheet(), &FIELD, &[word(0, 5_800)]);
    assert!(long.x > 4_000, "ink stays large");
    let other_line = Bounds { y0: 8_000, y1: 8_400, ..word(5_000, 5_800) };
    let alone = Crop::new(sheet(), &FIELD, &[other_line]);
    assert_eq!(alone.width, 4_400);
}

#[test]
fn a_crop_of_an_open_question_leaves_empty_lines_out() {
    let field = Rect { x_um: 20_000, y_um: 80_000, width_um: 170_000, height_um: 90_000 };
    let written = mark(Ink::Live, "q1", &[point(30_000, 85_000), point(60_000, 95_000)]);
    let sheet = Sheet::new(&a4(""), String::new(), vec![written], vec![]);
    let crop = Crop::of_ink(sheet, &field);
    assert_eq!((crop.x, crop.width), (0, 12_000), "with the paper around it");
    assert_eq!((crop.y, crop.height), (8_200, 1_600));
    let empty = Crop::of_ink(Sheet::new(&a4(""), String::new(), vec![], vec![]), &field);
    assert_eq!((empty.y, empty.height), (7_700, 9_600));
    assert_eq!((empty.x, empty.width), (1_700, 17_600), "the whole field");
}

/// A narrow answer was once blown up to the width of its card and a wide one shrunk to it.
#[test]
fn crops_have_one_scale() {
    let field = |width_um| Rect { x_um: 20_000, width_um, ..FIELD };
    let crop = |width_um| {
        let sheet = Sheet::new(&a4(""), String::new(), vec![], vec![]);
        Crop::of_ink(sheet, &field(width_um))
    };
    for (width_um, mm, span) in [(170_000, 176, "full"), (130_000, 136, "wide")] {
        let crop = crop(width_um);
        assert_eq!((crop.width_px(), crop.height_px()), (mm * 4, 14 * 4));
        assert_eq!(crop.span(), span);
    }
    let bare = Crop::bare(Sheet::new(&a4(""), String::new(), vec![], vec![]), &FIELD);
    assert_eq!((bare.width_px(), bare.height_px(), bare.span()), (24 * 4, 12 * 4, ""));
}

#[test]
fn a_bare_crop_ends_before_the_print() {
    let crop = Crop::bare(Sheet::new(&a4(""), String::new(), vec![], vec![]), &FIELD);
    assert_eq!((crop.x, crop.x + crop.width), (5_800, 8_200));
    assert_eq!((crop.y, crop.y + crop.height), (4_800, 6_000));
}

#[test]
fn a_crop_at_the_edge_of_the_paper_is_as_wide_as_any() {
    let field = Rect { x_um: 2_000, ..FIELD };
    let crop = Crop::new(Sheet::new(&a4(""), String::new(), vec![], vec![]), &field, &[]);
    assert_eq!((crop.x, crop.width), (0, 4_400));
}

#[test]
fn a_crop_holds_the_field_and_its_ink() {
    let outside = mark(Ink::Live, "q1", &[point(78_000, 54_000), point(90_000, 60_000)]);
    let crop = Crop::new(Sheet::new(&a4(""), String::new(), vec![outside], vec![]), &FIELD, &[]);
    assert!(crop.x <= 6_000 && crop.x + crop.width >= 9_000);
    assert!(crop.y <= 5_000 && crop.y + crop.height >= 6_000);
}

#[test]
fn bubbles_are_cut_out_with_the_word_of_the_last() {
    let bubble = |x_um| Rect { x_um, y_um: 260_900, width_um: 5_200, height_um: 3_600 };
    let bubbles = [22_000, 42_750, 63_500, 84_250].map(bubble);
    let page = a4("<svg><text x=\"90.45\" y=\"264.1\" font-size=\"4.05\">Thanks</text>\
         <text x=\"90.45\" y=\"272.1\" font-size=\"4.05\">of the next question, which is long</text></svg>");
    let printed = words(&page.artwork);
    let sheet = Sheet::new(&page, String::new(), Vec::new(), Vec::new());
    let crop = Crop::of_choices(sheet, &bubbles, &printed);
    assert!(crop.x <= 2_200 && crop.x + crop.width >= printed[0].x1, "{} {}", crop.x, crop.width);
    assert!(crop.y + crop.height < printed[1].y0 + 200);
}
