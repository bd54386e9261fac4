//! From chunks to verdicts, without a store.

use std::hint::black_box;

use marking::{Marker, Scratch, Thresholds};
use rayon::prelude::*;
use report::evening::Paper;

use super::evening::Written;
use super::figure::{Figure, rates};
use super::{Bench, Of};
use crate::service;

pub(super) fn bench(of: &Of) -> anyhow::Result<Bench> {
    let written = Written::new(of)?;
    let marker = Marker::new(Thresholds::STANDARD);
    let papers = report::evening::papers(&written.setup, &written.evening);
    let pool = service::marking_pool(None)?;
    let mark = |paper: &Paper, scratch: &mut Scratch| {
        let plan = &written.setup.assignments[paper.assignment];
        let registration = &plan.run.registration;
        black_box(marker.mark(&plan.worksheet, paper.page, registration, &paper.ink, scratch));
    };
    let mut scratch = Scratch::new();
    let together = &mut || {
        black_box(report::evening::papers(black_box(&written.setup), &written.evening));
    };
    let [together] = rates(of.seconds / 3.0, written.evening.samples as f64, [together]);
    let one = &mut || papers.iter().for_each(|paper| mark(paper, &mut scratch));
    let all = &mut || {
        pool.install(|| papers.par_iter().for_each_init(Scratch::new, |s, paper| mark(paper, s)));
    };
    let [one, all] = rates(of.seconds * 2.0 / 3.0, papers.len() as f64, [one, all]);
    let threads = pool.current_num_threads();
    let figures = vec![
        Figure::speed("chunks decoded, strokes put together", "samples/s and core", together),
        Figure::speed("pages marked, one thread", "pages/s", one),
        Figure::speed(format!("pages marked, {threads} threads"), "pages/s", all),
    ];
    let of = format!("{} pages: {}", papers.len(), written.of);
    Ok(Bench { bench: "mark".into(), of, figures })
}
