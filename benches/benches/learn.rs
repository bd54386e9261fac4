//! Folding pupils' histories: 200 pupils of 500 answers, drawn from the model itself.
//!
//! Floor: reading each answer's credit. Peer: the online model, which moves items as well. Both in
//! the same run, on the same answers. The histories are synthetic.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use learning::{Credit, Histories, ItemParameters, Model, Observation, Outcome, Priors, fit, fold};

const PUPILS: u32 = 200;
const ANSWERS: u32 = 500;
const ITEMS: u32 = 3_000;
const SKILLS: u32 = 40;

/// The same numbers in every run (Numerical Recipes' linear congruence).
struct Random(u32);

impl Random {
    fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) % n
    }
}

fn history(pupil: u32) -> Vec<Observation> {
    let mut random = Random(pupil);
    let able = f64::from(random.below(100)) / 100.0;
    (0..ANSWERS)
        .map(|answer| {
            let item = random.below(ITEMS);
            let hard = f64::from(item % 97) / 97.0;
            let right = f64::from(random.below(1_000)) / 1_000.0 < 0.5 + (able - hard) / 2.0;
            Observation {
                item: format!("sheet-{:03}/{}", item / 20, item % 20),
                skills: vec![format!("point.{:02}", item % SKILLS)],
                outcome: Outcome::Answered(if right { Credit::FULL } else { Credit::NONE }),
                // Some twenty answers a day.
                day: (answer / 20) as i32,
                process: None,
            }
        })
        .collect()
}

fn folds(items: &ItemParameters, pupils: &[Vec<Observation>]) {
    for history in pupils {
        black_box(fold(items, history));
    }
}

fn floor(pupils: &[Vec<Observation>]) {
    let answers = pupils.iter().flatten();
    black_box(answers.filter_map(|a| a.outcome.credit()).map(Credit::share).sum::<f64>());
}

fn peer(pupils: &[(String, Vec<Observation>)]) {
    let mut model = Model::new(Priors::STANDARD);
    for (name, history) in pupils {
        for answer in history {
            let Some(credit) = answer.outcome.credit() else { continue };
            let skills = [answer.skills[0].as_str()];
            black_box(model.update(name, &answer.item, &skills, credit, answer.day));
        }
    }
}

fn main() {
    let pupils: Vec<Vec<Observation>> = (0..PUPILS).map(history).collect();
    let named: Vec<_> =
        (0..).zip(&pupils).map(|(n, history)| (format!("p{n:03}"), history.clone())).collect();
    let log: Histories<'_> = named.iter().map(|(name, of)| (name.as_str(), &of[..])).collect();
    let fitted = fit(1, &log);
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("learn");
    group.throughput(Throughput::Elements(u64::from(PUPILS * ANSWERS)));
    group.bench_function("fold, nothing fitted", |b| {
        b.iter(|| folds(&ItemParameters::unfitted(), &pupils));
    });
    group.bench_function("fold, 3000 items fitted", |b| b.iter(|| folds(&fitted, &pupils)));
    group.bench_function("fit", |b| b.iter(|| black_box(fit(1, &log))));
    group.bench_function("floor: read credits", |b| b.iter(|| floor(&pupils)));
    group.bench_function("peer: online model", |b| b.iter(|| peer(&named)));
    group.finish();
    criterion.final_summary();
}
