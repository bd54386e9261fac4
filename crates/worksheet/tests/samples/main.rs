//! The worksheets of `sample-strokes`: each field lies where it is drawn, each key is right, and
//! the artwork can be inlined into a web page.
#![expect(clippy::unwrap_used, reason = "a test's helpers stop at what is not as expected")]

mod arithmetic;
mod artwork;

use std::collections::BTreeMap;
use std::path::PathBuf;

use worksheet::{Kind, Question, Rect, Worksheet};

/// How far a field may lie from its drawing, in micrometres.
const TOLERANCE_UM: f64 = 500.0;

fn samples() -> Vec<Worksheet> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../sample-strokes/worksheets");
    let mut dirs: Vec<PathBuf> =
        std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    dirs.sort();
    let load = |dir: &PathBuf| {
        let sheet = Worksheet::load(dir).unwrap();
        assert_eq!(dir.file_name().unwrap(), sheet.id.id.as_str(), "the folder bears the id");
        sheet
    };
    dirs.iter().map(load).collect()
}

/// Each rectangle of a question, with what its drawing is called.
fn drawn_parts(question: &Question) -> BTreeMap<String, Rect> {
    let mut drawn = BTreeMap::new();
    for part in &question.parts {
        match part.field.bubbles() {
            [] => drop(drawn.insert(part.id.clone(), part.field.bounds().expect("a field"))),
            bubbles => {
                drawn.extend(bubbles.iter().map(|b| (format!("{} {}", part.id, b.letter), b.rect)))
            }
        }
        drawn.extend(part.score_box.map(|rect| (format!("{} score", part.id), rect)));
        for criterion in part.criteria() {
            let score_box = criterion.score_box.expect("a box for each criterion");
            drawn.insert(format!("{} score{}", part.id, criterion.id), score_box);
        }
    }
    drawn
}

#[test]
fn every_field_lies_where_it_is_drawn() {
    for sheet in samples() {
        for page in &sheet.pages {
            let mut drawn = artwork::fields(&page.artwork);
            for (name, rect) in sheet.questions_on(page.number).flat_map(drawn_parts) {
                let place = format!("{} page {} {name}", sheet.id.id, page.number);
                let bounds = drawn.remove(&name).unwrap_or_else(|| panic!("{place}: not drawn"));
                let off_um = bounds.distance_um(rect);
                assert!(off_um <= TOLERANCE_UM, "{place}: drawn {off_um} µm off");
            }
            assert!(drawn.is_empty(), "drawn, but no field: {:?}", drawn.keys());
        }
    }
}

#[test]
fn artwork_can_be_inlined() {
    for sheet in samples() {
        for page in &sheet.pages {
            let place = format!("{} page {}", sheet.id.id, page.number);
            assert_eq!((page.width_um, page.height_um), (210_000, 297_000), "{place}: A4 portrait");
            artwork::check_inlinable(&page.artwork, &place);
        }
    }
}

#[test]
fn fields_are_large_enough_to_write_in() {
    for sheet in samples() {
        for part in sheet.parts().map(|of| of.part) {
            let least = match part.kind {
                Kind::Number(_) => (18_000, 10_000),
                Kind::Letter(_) | Kind::TrueFalse => (12_000, 8_000),
                Kind::Comparison => (9_000, 9_000),
                Kind::Choice => (5_000, 3_500),
                _ => (150_000, 60_000),
            };
            let boxes = part.score_box.into_iter();
            for score_box in boxes.chain(part.criteria().iter().filter_map(|c| c.score_box)) {
                assert!(score_box.width_um >= 14_000 && score_box.height_um >= 10_000);
            }
            let rects = part.field.rects();
            for rect in &rects {
                assert!(rect.width_um >= least.0 && rect.height_um >= least.1, "{part:?}");
            }
            for pair in rects.windows(2) {
                assert!(pair[1].x_um - pair[0].x_um >= 8_000, "bubbles too close: {part:?}");
            }
        }
    }
}

#[test]
fn arithmetic_keys_are_right() {
    let mut checked = 0;
    for question in samples().iter().flat_map(|sheet| &sheet.questions) {
        if !matches!(question.parts[0].kind, Kind::Number(_) | Kind::Comparison) {
            continue;
        }
        let key = |of: worksheet::PartOf<'_>| of.answer().expect("a key");
        let keys: Vec<String> = question.each().map(key).collect();
        assert_eq!(arithmetic::answers(&question.prompt), keys, "{}", question.prompt);
        checked += keys.len();
    }
    assert_eq!(checked, 20 + 8 + 2 + 8);
}

#[test]
fn sheets_hold_what_they_should() {
    let kinds = |sheet: &Worksheet| {
        let mut kinds = BTreeMap::new();
        for part in sheet.parts().map(|of| of.part) {
            let kind = match part.kind {
                Kind::Number(_) => "number",
                Kind::Letter(_) => "letter",
                Kind::TrueFalse => "true or false",
                Kind::Comparison => "comparison",
                Kind::Choice => "choice",
                Kind::Free if part.criteria().is_empty() => "free",
                Kind::Free => "rubric",
                _ => "other",
            };
            *kinds.entry(kind).or_insert(0) += 1;
        }
        (sheet.id.id.clone(), sheet.points().to_string(), kinds.into_iter().collect::<Vec<_>>())
    };
    let expected = [
        ("english-g3", "100", vec![("choice", 4), ("letter", 10), ("true or false", 6)]),
        ("mental-arithmetic-g3", "100", vec![("number", 20)]),
        ("mixed-g3", "50", vec![("comparison", 8), ("free", 1), ("number", 10), ("rubric", 1)]),
    ]
    .map(|(id, points, kinds)| (id.to_owned(), points.to_owned(), kinds));
    assert_eq!(samples().iter().map(kinds).collect::<Vec<_>>(), expected);
}

#[test]
fn a_skill_has_one_name_on_all_sheets() {
    let mut names = BTreeMap::new();
    for point in samples().into_iter().flat_map(|sheet| sheet.knowledge_points) {
        let first = names.entry(point.id.clone()).or_insert_with(|| point.clone());
        assert_eq!(*first, point);
    }
}
