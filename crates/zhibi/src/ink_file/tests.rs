use firmware_protocol::StrokeEnd;
use ink::{Sample, StrokeKey};

use super::*;

const NOW_MS: i64 = 1_795_345_300_000;

fn manifest(copies: &str) -> Manifest {
    let text = format!(
        r#"{{"about":"no simulator's manifest","pupils":["p-1","p-2"],
        "assignments":[{{"id":"a","run":{{"id":"r","worksheet":{{"id":"w","version":1}},
            "section":3,"owner":27,"book":5,"first_page":10,"pages":1,"copies":{copies},
            "registration":{{"version":1,"dx_um":0,"dy_um":0,"rotation_urad":0,"scale_ppm":0}}}}}}],
        "leases":[
            {{"pen":"000000000001","pupil":"p-2","from_ms":0}},
            {{"pen":"000000000002","pupil":"stranger","from_ms":0}},
            {{"pen":"0000000000aa","marker":"t","from_ms":{NOW_MS}}},
            {{"pen":"0000000000bb","pupil":"p-1","from_ms":0,"until_ms":{NOW_MS}}},
            {{"pen":"0000000000bb","marker":"t","from_ms":{NOW_MS}}}]}}"#
    );
    serde_json::from_str(&text).expect("a manifest")
}

/// Lays out one stroke of each (pen, page, start); papers as copy, pupil strokes and red ones, and
/// reasons of the rest by pen.
#[track_caller]
fn check(
    copies: &str,
    strokes: &[(u64, Option<u32>, i64)],
    papers: &[(u32, usize, usize)],
    reasons: &[(u64, &str)],
) {
    let manifest = manifest(copies);
    let stroke = |(number, (pen, page, start_ms)): (usize, &(u64, Option<u32>, i64))| Stroke {
        key: StrokeKey {
            pen: PenId(*pen),
            boot: BootId { counter: 1, random: 1 },
            number: number as u32,
        },
        address: page.map(|page| PageAddress { section: 3, owner: 27, book: 5, page }),
        start_ms: *start_ms,
        start_ticks: 0,
        end: StrokeEnd::Up,
        complete: true,
        samples: vec![Sample { x_um: 0, y_um: 0, force: 0, t_ms: 0 }],
        orientation: Vec::new(),
    };
    let strokes = strokes.iter().enumerate().map(stroke).collect();
    let run = manifest.assignments[0].run.clone();
    let (found, unplaced) = lay_out(strokes, &run, &manifest).expect("a sound manifest");
    let found: Vec<_> =
        found.iter().map(|(at, ink)| (at.copy, ink.pupil.len(), ink.red.len())).collect();
    assert_eq!(found, papers);
    let said: Vec<_> = unplaced.keys().map(|ink| (ink.pen.0, ink.reason.code())).collect();
    assert_eq!(said, reasons);
}

#[test]
fn a_pen_that_says_1970_is_its_only_holders() {
    let copies = r#"{"per_copy":2}"#;
    check(copies, &[(1, Some(10), NOW_MS + 5), (0xaa, Some(10), 120)], &[(0, 1, 1)], &[]);
    // Two people held this pen: its ink is taken for neither's in silence.
    check(copies, &[(0xbb, Some(11), 120)], &[], &[(0xbb, "no_time")]);
    check(copies, &[(0xbb, Some(11), NOW_MS - 1)], &[(1, 1, 0)], &[]);
    // A sound time outside of the marker's lease.
    check(copies, &[(0xaa, Some(10), NOW_MS - 1)], &[], &[(0xaa, "not_lent_then")]);
    // A pen that nobody holds writes on a copy: it is the copy's.
    check(copies, &[(7, Some(11), NOW_MS)], &[(1, 1, 0)], &[]);
}

#[test]
fn ink_that_finds_no_paper_has_a_row() {
    let strokes = [
        (1, Some(10), NOW_MS),
        (2, Some(10), NOW_MS),
        (7, Some(10), NOW_MS),
        (0xaa, Some(10), NOW_MS),
        (1, Some(99), NOW_MS),
        (1, None, NOW_MS),
    ];
    let reasons = [
        (1, "no_page"),
        (1, "not_printed"),
        (2, "not_in_class"),
        (7, "never_lent"),
        (0xaa, "red_on_shared_sheet"),
    ];
    check(r#""shared""#, &strokes, &[(1, 1, 0)], &reasons);
}
