//! Profiles: pupils' answers folded, and items fitted to all of them.

use std::hint::black_box;

use learning::{Credit, Histories, ItemParameters, Observation, Outcome, fit, fold};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::figure::{Figure, rates};
use super::{Bench, Of};

const PUPILS: usize = 200;
const ANSWERS: usize = 500;
const ITEMS: u32 = 3_000;
const SKILLS: u32 = 40;
/// Answers of a pupil on one day.
const A_DAY: usize = 20;

pub(super) fn bench(of: &Of) -> anyhow::Result<Bench> {
    let mut random = ChaCha8Rng::seed_from_u64(of.seed);
    let pupils: Vec<(String, Vec<Observation>)> =
        (0..PUPILS).map(|n| (format!("p-{n:03}"), history(&mut random))).collect();
    let log: Histories<'_> = pupils.iter().map(|(name, of)| (name.as_str(), &of[..])).collect();
    let fitted = fit(1, &log);
    let folds = |items: &ItemParameters| {
        for (_, history) in &pupils {
            black_box(fold(items, black_box(history)));
        }
    };
    let plain = &mut || folds(&ItemParameters::unfitted());
    let known = &mut || folds(&fitted);
    let all = &mut || drop(black_box(fit(1, black_box(&log))));
    let credits = &mut || {
        let answers = black_box(&pupils).iter().flat_map(|(_, history)| history);
        black_box(answers.filter_map(|a| a.outcome.credit()).map(Credit::share).sum::<f64>());
    };
    let answers = (PUPILS * ANSWERS) as f64;
    let [plain, known, all, credits] = rates(of.seconds, answers, [plain, known, all, credits]);
    let unit = "answers/s and core";
    let floor = "floor: reading each answer's credit";
    let figures = vec![
        Figure::speed("profiles folded, no item fitted", unit, plain).over(floor, credits.clone()),
        Figure::speed("profiles folded, all items fitted", unit, known)
            .over(floor, credits.clone()),
        Figure::speed("items fitted", unit, all).over(floor, credits),
    ];
    let of = format!(
        "{PUPILS} pupils of {ANSWERS} answers to {ITEMS} items of {SKILLS} knowledge points, \
         synthetic, seed {}",
        of.seed
    );
    Ok(Bench { bench: "learn".into(), of, figures })
}

/// The abler the pupil and the easier the item, the likelier the answer is right.
fn history(random: &mut ChaCha8Rng) -> Vec<Observation> {
    let able: f64 = random.random();
    let answer = |place: usize| {
        let item = random.random_range(0..ITEMS);
        let hard = f64::from(item % 97) / 97.0;
        let right = random.random_bool(0.5 + (able - hard) / 2.0);
        Observation {
            item: format!("sheet-{:03}/{}", item / 20, item % 20),
            skills: vec![format!("point.{:02}", item % SKILLS)],
            outcome: Outcome::Answered(if right { Credit::FULL } else { Credit::NONE }),
            day: (place / A_DAY) as i32,
            process: None,
        }
    };
    (0..ANSWERS).map(answer).collect()
}
