//! `zhibi report speed`: figures of `zhibi bench` as a page.

use std::time::Instant;

use ::report::speed::{Bench, Figure, Run, page};

use super::{ensure_writable, head};
use crate::bench::{Better, Figures};
use crate::cli::ReportSpeedArgs;
use crate::compare::load;
use crate::say::counted;
use crate::{Verdict, whole_file};

/// Runs the command.
pub(crate) fn run(args: &ReportSpeedArgs) -> anyhow::Result<Verdict> {
    let started = Instant::now();
    ensure_writable(&args.out)?;
    let mut files = Vec::new();
    for file in &args.runs {
        files.push((file.display().to_string(), load(file)?));
    }
    let runs: Vec<Run> = files.iter().map(|(name, figures)| run_of(name, figures)).collect();
    let benches = benches(&files);
    let html = page(&head(started), &runs, &benches)?;
    whole_file::write(&args.out, html.as_bytes())?;
    let figures: usize = benches.iter().map(|bench| bench.figures.len()).sum();
    let (figures, runs) =
        (counted(figures, "figure", "figures"), counted(runs.len(), "run", "runs"));
    put!("{}: {figures} of {runs}", args.out.display())?;
    Ok(Verdict::Clean)
}

fn run_of(name: &str, figures: &Figures) -> Run {
    let machine = &figures.machine;
    Run {
        name: name.to_owned(),
        program: format!("zhibi {}", figures.zhibi),
        machine: format!("{}, {} threads", machine.processor, machine.cores),
        seed: figures.seed,
        seconds: figures.seconds,
    }
}

/// The benches of all runs in the order of the last one; those that it lacks follow. Figures of one
/// name and input are one.
fn benches(files: &[(String, Figures)]) -> Vec<Bench> {
    let mut benches: Vec<Bench> = Vec::new();
    for (place, (_, figures)) in files.iter().enumerate().rev() {
        for of in &figures.benches {
            let same = |bench: &Bench| bench.name == of.bench && bench.of == of.of;
            let at = benches.iter().position(same).unwrap_or_else(|| {
                let (name, of) = (of.bench.clone(), of.of.clone());
                benches.push(Bench { name, of, figures: Vec::new() });
                benches.len() - 1
            });
            for figure in &of.figures {
                let known = &mut benches[at].figures;
                let same = |known: &Figure| known.name == figure.name && known.unit == figure.unit;
                let at = known.iter().position(same).unwrap_or_else(|| {
                    known.push(Figure {
                        name: figure.name.clone(),
                        unit: figure.unit.clone(),
                        more_is_better: figure.better == Better::Higher,
                        values: vec![None; files.len()],
                        floor: figure
                            .floor
                            .as_ref()
                            .map(|floor| (floor.name.clone(), floor.median)),
                    });
                    known.len() - 1
                });
                known[at].values[place] = Some([figure.min, figure.median, figure.max]);
            }
        }
    }
    benches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(of: &str, median: f64) -> Figures {
        let text = serde_json::json!({
            "format": 1, "zhibi": "0.1.0", "machine": {"processor": "p", "cores": 2},
            "seed": 1, "seconds": 6.0,
            "benches": [{"bench": "store", "of": of, "figures": [{
                "name": "chunks", "unit": "chunks/s", "better": "higher", "median": median,
                "min": median, "max": median, "rounds": 7,
            }]}],
        });
        Figures::parse(&text.to_string()).expect("figures")
    }

    #[test]
    fn figures_of_one_input_are_held_against_each_other_and_no_others() {
        let runs = [("a", "x", 1.0), ("b", "y", 2.0), ("c", "x", 3.0)];
        let runs = runs.map(|(name, of, median)| (name.to_owned(), figures(of, median)));
        let benches = benches(&runs);
        let values: Vec<_> =
            benches.iter().map(|bench| (bench.of.as_str(), &bench.figures[0].values)).collect();
        let one = |value: f64| Some([value; 3]);
        let (x, y) = (vec![one(1.0), None, one(3.0)], vec![None, one(2.0), None]);
        assert_eq!(values, [("x", &x), ("y", &y)]);
    }
}
