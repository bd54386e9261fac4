//! Predicts each answer of a real and of a generated log before learning from it.
//!
//! Counts as failure: an AUC, RMSE or calibration error clearly worse than was measured when the
//! priors were chosen. Does not count: speed, which is printed. Where a log is absent one line says
//! so. Deterministic. The real log is of Lindsey et al. 2014, Psychological Science 25:639–647.

use std::path::{Path, PathBuf};
use std::time::Instant;

use learning::{Credit, Model, Priors};

struct Answer {
    student: String,
    item: String,
    skills: String,
    credit: Credit,
    day: i32,
}

struct Agreement {
    auc: f64,
    rmse: f64,
    calibration_error: f64,
}

#[test]
fn predicts_the_spanish_log() {
    let Some(log) = read("spanish_37stu.csv", |columns| {
        let [student, _, skills, _, item, correct] = columns else { return None };
        answer(student, item, skills, correct.parse().ok()?, 1, 0)
    }) else {
        return;
    };
    check("spanish_37stu", &log, 0.825, 0.373, 0.017);
}

#[test]
fn predicts_the_generated_district() {
    let Some(log) = read("synth_district.csv", |columns| {
        let [student, _, _, day, _, _, _, item, skills, score, max, ..] = columns else {
            return None;
        };
        let (score, max) = (score.parse().ok()?, max.parse().ok()?);
        answer(student, item, skills, score, max, day.parse().ok()?)
    }) else {
        return;
    };
    check("synth_district", &log, 0.846, 0.281, 0.024);
}

fn check(name: &str, log: &[Answer], auc_min: f64, rmse_max: f64, calibration_max: f64) {
    let rows: Vec<Vec<&str>> = log.iter().map(|a| a.skills.split(';').collect()).collect();
    let mut model = Model::new(Priors::STANDARD);
    let begin = Instant::now();
    let predicted: Vec<f64> = log
        .iter()
        .zip(&rows)
        .map(|(a, skills)| model.update(&a.student, &a.item, skills, a.credit, a.day))
        .collect();
    let updates_per_s = log.len() as f64 / begin.elapsed().as_secs_f64();
    let Agreement { auc, rmse, calibration_error } = agreement(&predicted, log);
    println!(
        "{name}: {} answers, AUC {auc:.4}, RMSE {rmse:.4}, ECE {calibration_error:.4}, {:.2} M updates/s",
        log.len(),
        updates_per_s / 1e6
    );
    assert!(auc >= auc_min && rmse <= rmse_max && calibration_error <= calibration_max);
}

/// AUC tells answers of at least half the points from the others; RMSE and calibration error (ten
/// bins of equal width) compare with the credit itself.
fn agreement(predicted: &[f64], log: &[Answer]) -> Agreement {
    let mut order: Vec<usize> = (0..predicted.len()).collect();
    order.sort_by(|&a, &b| predicted[a].total_cmp(&predicted[b]));
    let (mut rank_sum, mut right) = (0.0, 0.0);
    let mut start = 0;
    while start < order.len() {
        let tied = |&&i: &&usize| predicted[i] == predicted[order[start]];
        let end = start + order[start..].iter().take_while(tied).count();
        // Ranks count from 1; ties share their mean rank.
        let rank = (start + 1 + end) as f64 / 2.0;
        let hits = order[start..end].iter().filter(|&&i| log[i].credit.share() >= 0.5).count();
        rank_sum += rank * hits as f64;
        right += hits as f64;
        start = end;
    }
    let n = predicted.len() as f64;
    let mut squares = 0.0;
    let mut bins = [0.0f64; 10];
    for (p, answer) in predicted.iter().zip(log) {
        let error = answer.credit.share() - p;
        squares += error * error;
        bins[((p * 10.0) as usize).min(9)] += error;
    }
    Agreement {
        auc: (rank_sum - right * (right + 1.0) / 2.0) / (right * (n - right)),
        rmse: (squares / n).sqrt(),
        calibration_error: bins.iter().map(|sum| sum.abs()).sum::<f64>() / n,
    }
}

fn answer(s: &str, item: &str, skills: &str, score: u32, max: u32, day: i32) -> Option<Answer> {
    Some(Answer {
        student: s.to_owned(),
        item: item.to_owned(),
        skills: skills.to_owned(),
        credit: Credit::of_score(score, max)?,
        day,
    })
}

fn read(name: &str, parse: impl Fn(&[&str]) -> Option<Answer>) -> Option<Vec<Answer>> {
    let folder: PathBuf =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/learning");
    let Ok(text) = std::fs::read_to_string(folder.join(name)) else {
        println!("{name} is not beside this repository: not evaluated");
        return None;
    };
    let rows = text.lines().skip(1).map(|line| {
        let columns: Vec<&str> = line.split(',').collect();
        parse(&columns).unwrap_or_else(|| panic!("{name}: {line}"))
    });
    Some(rows.collect())
}
