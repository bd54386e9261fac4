//! `zhibi report marking`.

use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Context, ensure};
use marking::{Marker, Scratch, Thresholds};
use pen_sim::HandwritingPool;
use rayon::prelude::*;
use recognition::Split;
use worksheet::Worksheet;

use ::report::deciding::{Measured, Row, page};
use ::report::doubtful::is_listed;
use ::report::drift::{DRIFTS, drifted};
use ::report::evening::{mark, setup};
use ::report::tally::Tally;
use ::report::variants::{KINDS, tried};

use super::{ensure_writable, head};
use crate::cli::ReportMarkingArgs;
use crate::progress::Progress;
use crate::samples::WORKSHEETS;
use crate::{Verdict, whole_file};

/// Pages of each kind of ink.
const PAGES: u64 = 60;
/// Pupils of a class whose print drifted.
const DRIFTED: u32 = 12;

/// Runs the command.
pub(crate) fn run(args: &ReportMarkingArgs) -> anyhow::Result<Verdict> {
    let started = Instant::now();
    ensure_writable(&args.out)?;
    let (pool, hands) = args.handwriting.as_deref().map(unseen).transpose()?.unzip();
    let worksheets: Vec<Worksheet> =
        WORKSHEETS.iter().map(|sample| sample.parse()).collect::<Result<_, _>>()?;
    let sheets = [&worksheets[0], &worksheets[1]];
    let marker = Marker::new(Thresholds::STANDARD);
    let steps = u64::from(args.seeds) + KINDS.len() as u64 + DRIFTS.len() as u64;
    let progress = Mutex::new((0, Progress::new("marking", steps)));
    let done = || {
        // A panicked worker ends the command anyhow.
        if let Ok(mut guard) = progress.lock() {
            guard.0 += 1;
            let position = guard.0;
            guard.1.set(position, "");
        }
    };
    let evenings: Vec<Tally> = (1..=u64::from(args.seeds))
        .into_par_iter()
        .map(|seed| {
            let setup = setup(&worksheets, seed, args.pupils, pool.clone());
            let tally = mark(&marker, &setup, |plan, _, _| plan.run.registration);
            done();
            tally
        })
        .collect();
    let variants: Vec<_> = KINDS
        .par_iter()
        .map_init(Scratch::new, |scratch, kind| {
            let tried = tried(&marker, kind, sheets, PAGES, scratch);
            done();
            tried
        })
        .collect();
    let drifts: Vec<_> = DRIFTS
        .par_iter()
        .map(|drift| {
            let counts = drifted(&marker, &worksheets, 1, DRIFTED, None, *drift);
            done();
            counts
        })
        .collect();
    if let Ok((_, progress)) = progress.into_inner() {
        progress.finish();
    }
    let mut tally = Tally::default();
    evenings.into_iter().for_each(|evening| tally.append(evening));
    let measured = Measured {
        evenings: args.seeds,
        pupils: args.pupils,
        hands,
        tally: &tally,
        variants: &variants,
        drifts: &drifts,
        thresholds: &Thresholds::STANDARD,
    };
    let (html, rows) = page(&head(started), &measured)?;
    whole_file::write(&args.out, html.as_bytes())?;
    tell_rows(&rows)?;
    put!("{}: {} bytes", args.out.display(), html.len())?;
    Ok(Verdict::Clean)
}

/// The hands of a folder's writers that the reader was not trained on: its files, and how many
/// writers have all digits. What shows another symbol than its label says is left out.
fn unseen(folder: &Path) -> anyhow::Result<(HandwritingPool, (String, usize))> {
    let pool = HandwritingPool::load_but(folder, is_listed)
        .with_context(|| format!("cannot use the handwriting in {}", folder.display()))?;
    let pool = pool.only(|writer| Split::of(writer) == Split::Test);
    let writers = pool.writers();
    ensure!(
        writers > 0,
        "{} has no writer of all ten digits that the reader was not trained on: nothing can be \
         measured with it",
        folder.display()
    );
    let files = pool.sources().join(", ");
    Ok((pool, (files, writers)))
}

fn tell_rows(rows: &[Row]) -> std::io::Result<()> {
    put!("{:<14} {:>7} {:>12} {:>14} {:>8}", "kind", "n", "decided", "of these wrong", "errors")?;
    for row in rows {
        let [decided, silent] = row.figures();
        put!("{:<14} {:>7} {decided:>12} {silent:>14} {:>8}", row.name.en, row.all, row.wrong)?;
    }
    put!("✓ the goal is met, ✗ it is not")
}
