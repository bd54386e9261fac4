//! Predicts each answer of a real and of a generated log before learning from it.
//!
//! Counts as failure: an AUC, RMSE or calibration error clearly worse than was measured when the
//! priors were chosen. Does not count: speed, which is printed. Where a log is absent one line says
//! so. Deterministic. The real log is of Lindsey et al. 2014, Psychological Science 25:639–647.

use std::time::Instant;

use learning::{Agreement, Credit, Model, Priors};

struct Answer {
    student: String,
    item: String,
    skills: String,
    credit: Credit,
    day: i32,
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
    let credits = log.iter().map(|a| a.credit);
    let pairs: Vec<_> = predicted.into_iter().zip(credits).collect();
    let Agreement { auc, rmse, ece, .. } = Agreement::of(&pairs).expect("the log is not empty");
    let auc = auc.expect("answers of both kinds");
    println!(
        "{name}: {} answers, AUC {auc:.4}, RMSE {rmse:.4}, ECE {ece:.4}, {:.2} M updates/s",
        log.len(),
        updates_per_s / 1e6
    );
    assert!(auc >= auc_min && rmse <= rmse_max && ece <= calibration_max);
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
    let file = test_needs::data(&format!("learning/{name}"))?;
    let text = std::fs::read_to_string(file).expect("a readable log");
    let rows = text.lines().skip(1).map(|line| {
        let columns: Vec<&str> = line.split(',').collect();
        parse(&columns).unwrap_or_else(|| panic!("{name}: {line}"))
    });
    Some(rows.collect())
}
