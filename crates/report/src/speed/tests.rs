use super::*;
use crate::page::tests::made;

fn run(name: &str, seed: u64) -> Run {
    let (name, program) = (name.to_owned(), "zhibi 0.1.0".to_owned());
    Run { name, program, machine: "a processor, 2 threads".into(), seed, seconds: 6.0 }
}

fn figure(values: Vec<Option<Spread>>, more_is_better: bool) -> Figure {
    let (name, unit) = ("chunks <stored>".to_owned(), "chunks/s".to_owned());
    Figure { name, unit, more_is_better, values, floor: Some(("floor: a copy".into(), 50.0)) }
}

fn page_of(runs: &[Run], figure: Figure) -> String {
    let bench = Bench { name: "store".into(), of: "synthetic".into(), figures: vec![figure] };
    page(&made(), runs, &[bench]).unwrap()
}

#[test]
fn a_run_by_itself_has_its_spread_and_its_floor_and_no_change() {
    let text = page_of(&[run("a.json", 1)], figure(vec![Some([20.0, 25.0, 30.0])], true));
    for part in ["存储", "25.0", "20.0–30.0", "× 0.50", "chunks &#60;stored&#62;"] {
        assert!(text.contains(part), "no {part}: {text}");
    }
    assert!(!text.contains("against the first") && !text.contains("may come from that"));
}

#[test]
fn a_change_is_one_where_the_rounds_lie_apart() {
    let runs = [run("a.json", 1), run("b.json", 2)];
    let of = |last: Spread, more_is_better| {
        page_of(&runs, figure(vec![Some([20.0, 25.0, 30.0]), Some(last)], more_is_better))
    };
    assert!(of([29.0, 33.0, 40.0], true).contains("分不出 +32.0 %"));
    assert!(of([31.0, 50.0, 60.0], true).contains("变好 +100.0 %"));
    assert!(of([31.0, 50.0, 60.0], false).contains("变差 +100.0 %"));
    assert!(of([1.0, 2.0, 3.0], false).contains("may come from that"), "seeds differ");
}

#[test]
fn a_figure_that_only_one_run_has_is_shown_without_a_change() {
    let runs = [run("a.json", 1), run("b.json", 1)];
    let text = page_of(&runs, figure(vec![None, Some([1.0, 2.0, 3.0])], true));
    assert!(text.contains("2.00") && !text.contains("变好") && !text.contains("变差"), "{text}");
}
