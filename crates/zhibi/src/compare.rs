//! `zhibi compare`: two runs of `zhibi bench`, figure by figure.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use serde::Serialize;

use crate::Verdict;
use crate::bench::{Better, Figure, Figures, short};
use crate::cli::CompareArgs;

/// What became of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Change {
    /// Both are the same number, in every round.
    Same,
    /// The ranges of all rounds touch.
    CannotBeTold,
    Better,
    Worse,
}

/// A figure that both runs have, of the same input.
#[derive(Debug, Serialize)]
struct Row<'a> {
    bench: &'a str,
    name: &'a str,
    unit: &'a str,
    before: f64,
    after: f64,
    change: Change,
}

/// Runs the command.
pub(crate) fn run(args: &CompareArgs) -> anyhow::Result<Verdict> {
    let (before, after) = (load(&args.before)?, load(&args.after)?);
    let (rows, left_out) = rows(&before, &after);
    if before.machine != after.machine {
        tell!(
            "other machines: {}, {} threads; {}, {} threads. What differs may be the machine.",
            before.machine.processor,
            before.machine.cores,
            after.machine.processor,
            after.machine.cores
        );
    }
    if before.seconds != after.seconds {
        tell!("measured for other times: {} s and {} s each", before.seconds, after.seconds);
    }
    for left_out in left_out {
        tell!("left out: {left_out}");
    }
    anyhow::ensure!(!rows.is_empty(), "the two files have no figure of the same input");
    for row in &rows {
        if args.json {
            put!("{}", serde_json::to_string(row)?)?;
        } else {
            let Row { bench, name, unit, before, after, change } = row;
            let word = match change {
                Change::Same => "same",
                Change::CannotBeTold => "cannot be told",
                Change::Better => "better",
                Change::Worse => "WORSE",
            };
            let name = format!("{bench}: {name}");
            let (from, to) = (short(*before), short(*after));
            let percent = (after / before - 1.0) * 100.0;
            put!("{word:<14} {name:<58} {from:>9} → {to:>9} {unit}  {percent:+.1} %")?;
        }
    }
    let worse = rows.iter().any(|row| row.change == Change::Worse);
    Ok(if worse { Verdict::Findings } else { Verdict::Clean })
}

/// What a run printed.
pub(crate) fn load(file: &Path) -> anyhow::Result<Figures> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {shown}"))?;
    Figures::parse(&text)
        .with_context(|| format!("{shown} is not what `zhibi bench --json` prints"))
}

/// What both have, and what is left out, in words.
fn rows<'a>(before: &'a Figures, after: &'a Figures) -> (Vec<Row<'a>>, Vec<String>) {
    let of = |figures: &'a Figures| -> BTreeMap<(&'a str, &'a str), (&'a Figure, &'a str)> {
        let benches = figures.benches.iter();
        let each = benches.flat_map(|bench| bench.figures.iter().map(move |f| (bench, f)));
        each.map(|(bench, f)| ((&*bench.bench, &*f.name), (f, &*bench.of))).collect()
    };
    let mut known = of(before);
    let (mut rows, mut left_out) = (Vec::new(), Vec::new());
    for bench in &after.benches {
        for figure in &bench.figures {
            let name = format!("{}: {}", bench.bench, figure.name);
            match known.remove(&(&*bench.bench, &*figure.name)) {
                None => left_out.push(format!("{name}: only in the second file")),
                Some((_, input)) if input != bench.of => {
                    left_out.push(format!("{name}: of another input ({input}; {})", bench.of));
                }
                Some((other, _)) if other.unit != figure.unit => {
                    left_out.push(format!("{name}: {:?} and {:?}", other.unit, figure.unit));
                }
                Some((other, _)) => rows.push(Row {
                    bench: &bench.bench,
                    name: &figure.name,
                    unit: &figure.unit,
                    before: other.median,
                    after: figure.median,
                    change: change(other, figure),
                }),
            }
        }
    }
    left_out
        .extend(known.keys().map(|(bench, name)| format!("{bench}: {name}: only in the first")));
    (rows, left_out)
}

/// A change is one where all rounds of one run lie on one side of all rounds of the other.
fn change(before: &Figure, after: &Figure) -> Change {
    let higher = match after {
        after if after.min > before.max => true,
        after if after.max < before.min => false,
        after if [after.min, after.max] == [before.min; 2] && before.min == before.max => {
            return Change::Same;
        }
        _ => return Change::CannotBeTold,
    };
    if higher == (after.better == Better::Higher) { Change::Better } else { Change::Worse }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(of: &str, rounds: [[f64; 3]; 2]) -> Figures {
        let [[min, median, max], [_, bytes, _]] = rounds;
        let text = serde_json::json!({
            "format": 1, "zhibi": "0.1.0", "seed": 1, "seconds": 6.0,
            "machine": {"processor": "one", "cores": 2},
            "benches": [{"bench": "codec", "of": of, "figures": [
                {"name": "decode", "unit": "samples/s", "better": "higher",
                 "median": median, "min": min, "max": max, "rounds": 7},
                {"name": "full", "unit": "bytes/sample", "better": "lower",
                 "median": bytes, "min": bytes, "max": bytes, "rounds": 1},
            ]}],
        });
        Figures::parse(&text.to_string()).expect("figures")
    }

    fn changes(before: &Figures, after: &Figures) -> Vec<Change> {
        rows(before, after).0.iter().map(|row| row.change).collect()
    }

    /// Failure: noise that counts as a change, a change that does not, a direction taken for the
    /// other.
    #[test]
    fn only_ranges_that_lie_apart_are_a_change() {
        let before = figures("loops", [[9.0, 10.0, 11.0], [3.0; 3]]);
        let near = figures("loops", [[10.5, 12.0, 13.0], [3.0; 3]]);
        let faster = figures("loops", [[11.5, 12.0, 13.0], [3.1; 3]]);
        assert_eq!(changes(&before, &near), [Change::CannotBeTold, Change::Same]);
        assert_eq!(changes(&before, &faster), [Change::Better, Change::Worse]);
        assert_eq!(changes(&faster, &before), [Change::Worse, Change::Better]);
    }

    #[test]
    fn other_inputs_are_not_compared() {
        let before = figures("loops", [[9.0, 10.0, 11.0], [3.0; 3]]);
        let after = figures("handwriting", [[1.0, 2.0, 3.0], [3.0; 3]]);
        let (rows, left_out) = rows(&before, &after);
        assert!(rows.is_empty());
        assert_eq!(left_out.len(), 2, "{left_out:?}");
    }

    #[test]
    fn what_is_no_file_of_figures_is_told() {
        let said = |text| Figures::parse(text).expect_err("no figures").to_string();
        assert!(said("{}").contains("\"format\" is missing"));
        assert!(said(r#"{"format":9}"#).contains("form 9"));
        let text = r#"{"format":1,"zhibi":"0","seed":1,"seconds":1,
            "machine":{"processor":"one","cores":2},"benches":[{"bench":"codec","of":"loops",
            "figures":[{"name":"decode","unit":"samples/s","better":"higher","median":1.0,
            "min":5.0,"max":1.5,"rounds":7}]}]}"#;
        assert!(said(text).contains("\"decode\": the median"), "{}", said(text));
    }
}
