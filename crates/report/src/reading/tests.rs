use super::*;
use crate::page::tests::{made, read};
use crate::sets::Goal;
use crate::text::text;

fn item(label: &str, writer: &str) -> Handwriting {
    Handwriting {
        label: label.into(),
        writer: writer.into(),
        strokes: vec![vec![vec![0.0, 0.0], vec![3.0, 10.0], vec![4.0, 2.0]], vec![vec![9.0, 9.0]]],
        source: "test".into(),
        hz: None,
        pts_per_mm: None,
    }
}

/// (written, read, probability, writer) of each item.
fn measured(alphabet: Alphabet, of: &[(&str, &str, f32, &str)]) -> Measured {
    let reads = || {
        let read = |(label, read, confidence, _): &(&str, &str, f32, &str)| Read {
            label: (*label).into(),
            read: (*read).into(),
            confidence: *confidence,
        };
        of.iter().map(read).collect()
    };
    Measured {
        set: Set {
            name: text("比较", "comparison"),
            files: "made.jsonl".into(),
            note: None,
            alphabet,
            goal: Goal { right: Some(0.7), coverage: Some(0.97) },
            test: of.iter().map(|(label, _, _, writer)| item(label, writer)).collect(),
            train: Vec::new(),
        },
        reads: reads(),
        perturbed: reads(),
        us_per_item: 120.4,
        us_batched: Some(14.0),
        peers: vec![Peer { name: text("最近邻", "1-NN"), right: 1, n: 4 }],
    }
}

#[test]
fn the_page_holds_its_figures() {
    let files = [File { name: "made.jsonl".into(), items: 9, test: 4, writers: 2 }];
    let comparisons = measured(
        Alphabet::Comparison,
        &[
            ("<", "<", 0.99, "w-1"),
            (">", ">", 0.98, "w-1"),
            ("=", "=", 0.9, "w-2"),
            ("<", ">", 0.6, "w<2"),
        ],
    );
    let (html, lines) = page(&made(), &files, &[comparisons]).expect("a page");
    let text = read(&html);
    for expected in [
        "zhibi report reading a&b",
        "reader-0",
        "2026-11-30",
        "made.jsonl",
        "1-NN 25.00 %",
        "75.00 % ✓",
        "目标 ≥ 70 %",
        "3 / 4",
        "n 3 · ≤ 63.16 %",
        "14 µs ✓",
        "120 µs",
        "w<2",
        "最有把握的错误 1 / 1",
        "3 人中 2 人全对",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
    // Right, perturbed and cost are met; coverage and calibration are not.
    assert!(text.contains("3 of 5 goals met"), "{text}");
    assert_eq!(lines[0].figures[0], "75.00 % ✓");
    assert_eq!(lines[0].figures[2], "75.00 % ✗");
}

#[test]
fn numbers_are_confused_digit_by_digit() {
    let of = [
        ("12", "17", 0.9, "w"),
        ("34", "34", 0.9, "w"),
        ("56", "5", 0.4, "w"),
        ("1", "", 0.0, "w"),
    ];
    let numbers = measured(Alphabet::Number, &of);
    let (written, as_read, counts) = confusion(&numbers.reads, Alphabet::Number);
    assert_eq!((written.concat(), as_read.concat()), ("1234".into(), "12347".into()));
    assert_eq!(counts[1], [0, 0, 0, 0, 1]);
    let (html, _) = page(&made(), &[], &[numbers]).expect("a page");
    assert!(read(&html).contains("位数相同的 2 个逐位对照，位数不同的有 2 个"));
}

#[test]
fn the_worst_error_is_the_surest() {
    let of = [("1", "7", 0.5, "w"), ("2", "2", 0.99, "w"), ("3", "8", 0.97, "w")];
    let numbers = measured(Alphabet::Digits, &of);
    let told: Vec<_> = worst(&numbers).iter().map(|wrong| wrong.read.label.clone()).collect();
    assert_eq!(told, ["3", "1"]);
}

#[test]
fn writers_with_the_least_right_come_first() {
    let items = ["a", "b", "a", "c", "b"].map(|writer| item("1", writer));
    let cases = [true, true, false, true, true].map(|right| Case { probability: 1.0, right });
    assert_eq!(by_writer(&items, &cases), [(1, 2), (2, 2), (1, 1)]);
}
