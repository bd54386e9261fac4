use std::path::Path;

use marking::Marker;
use worksheet::Worksheet;

use super::*;
use crate::evening::{mark, setup};
use crate::page::tests::{made, read};

fn evening() -> Tally {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample-strokes/worksheets");
    let sheet = |name| Worksheet::load(&dir.join(name)).expect("a worksheet of the samples");
    let setup = setup(&["mental-arithmetic-g3", "english-g3"].map(sheet), 1, 2, None);
    mark(&Marker::new(Thresholds::STANDARD), &setup, |plan, _, _| plan.run.registration)
}

#[test]
fn the_page_holds_its_figures() {
    let mut tally = evening();
    // One answer is made wrong in silence.
    let wrong = tally.outcomes.iter_mut().find(|o| o.decided && o.kind == "number").expect("one");
    wrong.as_meant = false;
    wrong.meant = Some("4711".into());
    wrong.ink[0] = vec![vec![[0.0, 0.0], [900.0, 4_000.0]]];
    let tried = Tried { all: 60, right: 30, silent: 1, ..Tried::default() };
    let measured = Measured {
        evenings: 1,
        pupils: 2,
        hands: None,
        tally: &tally,
        variants: &vec![tried; variants::KINDS.len()],
        drifts: &[[Counts { all: 50, decided: 40, as_meant: 39 }; 2]; DRIFTS.len()],
        thresholds: &Thresholds::STANDARD,
    };
    let (html, rows) = page(&made(), &measured).expect("a page");
    let text = read(&html);
    let all = tally.outcomes.len();
    assert!(all > 60, "{all} responses");
    assert_eq!(rows[0].all, all);
    assert_eq!(rows[1..].iter().map(|row| row.all).sum::<usize>(), all);
    assert_eq!(rows[0].wrong, tally.outcomes.iter().filter(|o| o.is_silently_wrong()).count());
    for expected in [
        "笔迹是合成的",
        "4711",
        "静默错误",
        "1 / 31 · ≤",
        "1 / 40 · ≤",
        "→ +3 mm",
        "带横的 7",
        "thresholds 7",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}

#[test]
fn reasons_sum_up_to_what_was_not_decided() {
    let tally = evening();
    let by_kind = tally.by_kind();
    let kinds: Vec<_> = by_kind.iter().map(|(kind, outcomes)| (*kind, outcomes)).collect();
    let reasons = Reasons::new(&kinds);
    let undecided = tally.outcomes.iter().filter(|outcome| !outcome.decided).count();
    assert_eq!(reasons.rows.iter().map(|row| row.2).sum::<usize>(), undecided);
    assert!(reasons.rows.iter().is_sorted_by(|a, b| a.2 >= b.2));
}
