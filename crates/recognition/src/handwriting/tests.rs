use std::time::Duration;

use ink::Handwriting;

use super::{Read, Summary, coverage, samples, symbol_heights};
use crate::alphabet::Alphabet;

fn item(label: &str, writer: &str, strokes: &[&[[f32; 2]]]) -> Handwriting {
    Handwriting {
        label: label.into(),
        writer: writer.into(),
        strokes: strokes
            .iter()
            .map(|s| s.iter().map(|p| p.map(f64::from).to_vec()).collect())
            .collect(),
        source: String::new(),
        hz: None,
        pts_per_mm: None,
    }
}

fn read(right: bool, confidence: f32) -> Read {
    let read = if right { "1" } else { "7" };
    Read { label: "1".into(), read: read.into(), confidence }
}

#[test]
fn heights_are_medians_by_writer() {
    let items = [
        item("1", "a", &[&[[0.0, 0.0], [1.0, 10.0]]]),
        item("-", "a", &[&[[0.0, 0.0], [20.0, 1.0]]]),
        item("1", "a", &[&[[0.0, 0.0], [1.0, 20.0]]]),
        item(".", "a", &[&[[0.0, 0.0], [1.0, 1.0]]]),
        item(".", "a", &[&[[0.0, 0.0], [1.0, 2.0]]]),
        item(".", "a", &[&[[0.0, 0.0], [0.0, 1.0]]]),
        item("1", "a", &[&[[0.0, 0.0], [0.0, 9_000.0]]]),
        item("1", "b", &[&[[0.0, 5.0]]]),
    ];
    let heights = symbol_heights(&items, Alphabet::Operators);
    assert_eq!(heights["a"], 20.0);
    assert!(heights["b"] > 0.0);
}

#[test]
fn a_writer_of_points_is_as_tall_as_others_of_the_source() {
    let from = |source: &str, item: Handwriting| Handwriting { source: source.into(), ..item };
    let point = |writer| item(".", writer, &[&[[0.0, 0.0], [1.0, 1.0]]]);
    let tall = |writer| item("1", writer, &[&[[0.0, 0.0], [1.0, 20.0]]]);
    let items = [
        from("tablet", point("a")),
        from("tablet", tall("b")),
        from("tablet", tall("c")),
        from("other", point("d")),
        point("e"),
        tall("f"),
    ];
    let heights = symbol_heights(&items, Alphabet::Operators);
    assert_eq!((heights["a"], heights["d"], heights["e"]), (20.0, 1.0, 1.0));
}

#[test]
fn units_become_micrometres() {
    let strokes = samples(&item("1", "a", &[&[[1.5, -2.0]], &[]]), 100.0);
    assert_eq!((strokes[0][0].x_um, strokes[0][0].y_um), (150, -200));
    assert!(strokes[1].is_empty());
}

#[test]
fn coverage_stops_where_errors_are_too_many() {
    let reads: Vec<Read> = (0..100).map(|i| read(i % 50 != 49, 1.0 - i as f32 / 100.0)).collect();
    // One of the first 50 and two of all 100 are wrong.
    assert_eq!(coverage(&reads, 0.0), 0.49);
    assert_eq!(coverage(&reads, 0.0102), 0.99);
    assert_eq!(coverage(&reads, 0.02), 1.0);
    assert_eq!(coverage(&[read(true, 0.9), read(false, 0.9)], 0.1), 0.0);
    assert_eq!(coverage(&[], 0.1), 0.0);
}

#[test]
fn a_summary_is_one_json_object() {
    let summary = Summary::of(&[read(true, 0.9), read(false, 0.2)], Duration::from_micros(30));
    let json = serde_json::to_string(&summary).expect("plain numbers");
    let expected = r#"{"n":2,"accuracy":0.5,"coverage_at_0.1%_error":0.5,"us_per_sample":15.0}"#;
    assert_eq!(json, expected);
}
