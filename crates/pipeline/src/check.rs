//! Whether what was made of the ink is what would be made of it now: the roles of strokes, the
//! answers and drawings of papers, papers that are gone, and profiles.

use std::collections::BTreeSet;
use std::sync::Arc;

use attribution::{PaperStrokes, Roles};
use ink::drawn::decode;
use ink::{Assembly, StrokeKey};
use learning::fold;
use rayon::ThreadPool;
use rayon::prelude::*;
use store::{
    Finding, Job, PaperChunks, PaperMade, ProfileMade, ProfileRow, Store, StoreError, UNREADABLE,
};
use worksheet::Worksheet;

use crate::counters::Counting;
use crate::items::InForce;
use crate::pool::{self, Panicked};
use crate::profiles::{Answers, row};
use crate::sheets::Sheets;

/// Papers, or profiles, looked at together.
const AT_ONCE: u32 = 256;

/// Two folds of the same answers differ by less, whatever machine they were made on.
const ROUNDING: f64 = 1e-6;

/// Compares papers and profiles with their ink. Nothing is read of what was written, so that a newer
/// reader finds no fault with an older one. `told` hears what is looked at, how many of them were, and
/// of how many. Papers and profiles that change meanwhile, or wait for their turn, are passed over.
///
/// # Errors
/// Where the store refuses. Faults in the data are findings.
pub async fn check(
    store: &Store,
    pool: &ThreadPool,
    utc_offset_ms: i64,
    mut told: impl FnMut(&'static str, u64, u64),
) -> Result<Vec<Finding>, StoreError> {
    let (sheets, mut findings) = (Sheets::default(), Vec::new());
    let papers = check_papers(store, pool, &sheets, &mut told, &mut findings).await;
    or_finding("papers", papers, &mut findings)?;
    let gone = check_gone(store, pool, &mut findings).await;
    or_finding("papers that are gone", gone, &mut findings)?;
    let profiles = check_profiles(store, pool, &sheets, utc_offset_ms, &mut told, &mut findings);
    or_finding("profiles", profiles.await, &mut findings)?;
    Ok(findings)
}

/// Where rows hold what cannot be there, a finding.
fn or_finding(
    what: &str,
    done: Result<(), StoreError>,
    findings: &mut Vec<Finding>,
) -> Result<(), StoreError> {
    match done {
        Err(error) if error.is_of_the_rows() => {
            let detail = format!("{what}: not all could be looked at: {error}");
            findings.push(Finding { rule: UNREADABLE, detail });
            Ok(())
        }
        done => done,
    }
}

/// What was worked out of papers; a panic is a finding, since nothing is known of them then.
fn or_panic<T>(done: Result<Vec<T>, Panicked>, findings: &mut Vec<Finding>) -> Vec<T> {
    done.unwrap_or_else(|panicked| {
        let detail = format!("up to {AT_ONCE} papers: {panicked}");
        findings.push(Finding { rule: UNREADABLE, detail });
        Vec::new()
    })
}

async fn check_papers(
    store: &Store,
    pool: &ThreadPool,
    sheets: &Sheets,
    told: &mut impl FnMut(&'static str, u64, u64),
    findings: &mut Vec<Finding>,
) -> Result<(), StoreError> {
    let all = store.totals().await?.papers.unsigned_abs();
    let mut looked = 0;
    let mut after: Option<Job> = None;
    loop {
        told("papers", looked, all);
        let made = store.papers_made(after.as_ref(), AT_ONCE).await?;
        let Some(last) = made.last() else { return Ok(()) };
        looked += made.len() as u64;
        after = Some(last.job.clone());
        match check_batch(store, pool, sheets, &made, findings).await {
            Err(error) if error.is_of_the_rows() => {}
            done => {
                done?;
                continue;
            }
        }
        // One of them is at fault: the others are looked at all the same.
        for made in made {
            let job = made.job.clone();
            let done = check_batch(store, pool, sheets, &[made], findings).await;
            or_finding(&name(&job), done, findings)?;
        }
    }
}

/// Where the store refuses, what was found so far is told all the same.
async fn check_batch(
    store: &Store,
    pool: &ThreadPool,
    sheets: &Sheets,
    made: &[PaperMade],
    findings: &mut Vec<Finding>,
) -> Result<(), StoreError> {
    let jobs: Vec<Job> = made.iter().map(|made| made.job.clone()).collect();
    let chunks = store.papers_chunks(&jobs).await?;
    let mut papers = Vec::with_capacity(made.len());
    for (made, chunks) in made.iter().zip(chunks) {
        // One that changed since was not made of these chunks.
        let Some(chunks) = chunks.filter(|chunks| chunks.ink_rev == made.job.ink_rev) else {
            continue;
        };
        let sheet = sheets.get(store, &made.job.worksheet, made.job.version).await?;
        papers.push((made.clone(), chunks, sheet));
    }
    let faults = pool::run(pool, move || {
        let faults = |(made, chunks, sheet): (PaperMade, PaperChunks, Arc<Worksheet>)| {
            let faults = paper_faults(&made, chunks, &sheet);
            (made.job, faults)
        };
        papers.into_par_iter().map(faults).collect::<Vec<_>>()
    });
    for (job, faults) in or_panic(faults.await, findings) {
        // Ink may have come between the two looks.
        if !faults.is_empty() && store.is_at_rest(&job).await? {
            findings.extend(faults);
        }
    }
    Ok(())
}

fn paper_faults(made: &PaperMade, chunks: PaperChunks, sheet: &Worksheet) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut say = |rule, detail: String| findings.push(found(rule, &made.job, &detail));
    let page = made.job.page;
    let parts: BTreeSet<&str> = (sheet.parts())
        .filter(|of| of.question.page == page)
        .map(|of| of.part.id.as_str())
        .collect();
    let answered: BTreeSet<&str> = made.responses.iter().map(|(part, _)| part.as_str()).collect();
    for part in parts.difference(&answered) {
        say("response_gone", format!("part {part}"));
    }
    let assembly = Assembly::of_chunks(chunks.bytes());
    // A chunk that cannot be read, or is not there, is a finding itself, and what it held is not known.
    if !assembly.errors.is_empty() || assembly.strokes.is_empty() {
        return findings;
    }
    let PaperStrokes { pupil, red, .. } = chunks.strokes(assembly.strokes);
    let strokes = || pupil.iter().chain(&red);
    let ink: BTreeSet<StrokeKey> = strokes().map(|stroke| stroke.key).collect();
    match roles(made) {
        Ok(roles) => say_different(&mut say, "roles", "role", &ink, &roles),
        Err(error) => say("roles", error),
    }
    let shown = strokes().filter(|stroke| !stroke.samples.is_empty());
    let shown: BTreeSet<StrokeKey> = shown.map(|stroke| stroke.key).collect();
    match made.drawn.as_deref().map(decode) {
        None if shown.is_empty() => {}
        None => say("drawn_ink", "it is gone".to_owned()),
        Some(Err(error)) => say("drawn_ink", error.to_string()),
        Some(Ok(drawn)) => {
            let drawn = drawn.iter().map(|stroke| stroke.key).collect();
            say_different(&mut say, "drawn_ink", "drawing", &shown, &drawn);
        }
    }
    findings
}

/// Every stroke that has a role on a paper.
fn roles(made: &PaperMade) -> Result<BTreeSet<StrokeKey>, String> {
    let mut keys = BTreeSet::new();
    for text in made.responses.iter().map(|(_, strokes)| strokes).chain([&made.loose]) {
        let roles: Roles = text.parse().map_err(|error| format!("{error}"))?;
        keys.extend(roles.iter().map(|(key, _)| key));
    }
    Ok(keys)
}

fn say_different(
    say: &mut impl FnMut(&'static str, String),
    rule: &'static str,
    what: &str,
    ink: &BTreeSet<StrokeKey>,
    made: &BTreeSet<StrokeKey>,
) {
    let (lacks, other) = (ink.difference(made).count(), made.difference(ink).count());
    if lacks + other > 0 {
        let all = ink.len();
        say(
            rule,
            format!(
                "{lacks} of its {all} strokes have no {what}; {other} have one and are not its own"
            ),
        );
    }
}

/// A paper without a row is a fault if a stroke is its own.
async fn check_gone(
    store: &Store,
    pool: &ThreadPool,
    findings: &mut Vec<Finding>,
) -> Result<(), StoreError> {
    let mut after: Option<Job> = None;
    loop {
        let jobs = store.papers_gone(after.as_ref(), AT_ONCE).await?;
        let Some(last) = jobs.last() else { return Ok(()) };
        after = Some(last.clone());
        let chunks = store.chunks_without_paper(&jobs).await?;
        let strokes = pool::run(pool, move || {
            let count = |chunks: Option<PaperChunks>| {
                let Some(chunks) = chunks else { return 0 };
                let assembly = Assembly::of_chunks(chunks.bytes());
                let PaperStrokes { pupil, red, .. } = chunks.strokes(assembly.strokes);
                pupil.iter().chain(&red).filter(|stroke| !stroke.samples.is_empty()).count()
            };
            chunks.into_par_iter().map(count).collect::<Vec<_>>()
        });
        for (job, strokes) in jobs.iter().zip(or_panic(strokes.await, findings)) {
            if strokes > 0 {
                findings.push(found("paper_gone", job, &format!("it has {strokes} strokes")));
            }
        }
    }
}

fn found(rule: &'static str, job: &Job, detail: &str) -> Finding {
    Finding { rule, detail: format!("{}: {detail}", name(job)) }
}

fn name(job: &Job) -> String {
    let Job { assignment, pupil, page, .. } = job;
    format!("assignment {assignment} pupil {pupil} page {page}")
}

async fn check_profiles(
    store: &Store,
    pool: &ThreadPool,
    sheets: &Sheets,
    utc_offset_ms: i64,
    told: &mut impl FnMut(&'static str, u64, u64),
    findings: &mut Vec<Finding>,
) -> Result<(), StoreError> {
    let items = InForce::default().get(store).await?;
    let counting = Counting::default();
    let answers = Answers { store, sheets, counting: &counting };
    let all = store.pupils_with_profile().await?.len() as u64;
    let mut looked = 0;
    let mut after = None;
    loop {
        told("profiles", looked, all);
        let made = store.profiles_made(after.as_ref(), AT_ONCE).await?;
        let Some(last) = made.last() else { return Ok(()) };
        looked += made.len() as u64;
        after = Some(last.of.clone());
        for ProfileMade { of, profile } in made {
            let observed = async {
                let history = store.history(&of.school, &of.pupil).await?;
                answers.observe(&history, utc_offset_ms).await
            };
            let history = match observed.await {
                Ok(history) => history,
                failed => {
                    let whose = format!("profile of pupil {}", of.pupil);
                    or_finding(&whose, failed.map(|_| ()), findings)?;
                    continue;
                }
            };
            let items = items.clone();
            let folded = pool::run(pool, move || row(&fold(&items, &history))).await;
            let fault = match &folded {
                Ok(folded) => difference(&profile, folded),
                Err(panicked) => Some(panicked.to_string()),
            };
            // An answer or a fit of items may have come since.
            if let Some(fault) = fault
                && store.is_profile_of(&of).await?
            {
                let detail = format!("pupil {}: {fault}", of.pupil);
                findings.push(Finding { rule: "profile", detail });
            }
        }
    }
}

/// How a profile differs from a fold of the same answers, if it does.
fn difference(made: &ProfileRow, folded: &ProfileRow) -> Option<String> {
    if (made.answers, made.item_version) != (folded.answers, folded.item_version) {
        return Some(format!(
            "it is of {} answers and fit {} of the items; there are {}, and fit {}",
            made.answers, made.item_version, folded.answers, folded.item_version
        ));
    }
    if made.last_day != folded.last_day {
        return Some("its last day is not that of its answers".to_owned());
    }
    let near = |a: f64, b: f64| (a - b).abs() <= ROUNDING * (1.0 + b.abs());
    if !near(made.ability, folded.ability) || !near(made.ability_variance, folded.ability_variance)
    {
        return Some("its ability is not that of its answers".to_owned());
    }
    if made.states.len() != folded.states.len() {
        let (made, folded) = (made.states.len(), folded.states.len());
        return Some(format!(
            "it has {made} states of knowledge points; its answers give {folded}"
        ));
    }
    let mut states = made.states.iter().zip(&folded.states);
    let other = states.find(|(made, folded)| {
        (&made.knowledge_point, made.day, made.answers)
            != (&folded.knowledge_point, folded.day, folded.answers)
            || !near(made.ability, folded.ability)
            || !near(made.ability_variance, folded.ability_variance)
            || !near(made.deviation, folded.deviation)
            || !near(made.deviation_variance, folded.deviation_variance)
            || !near(made.difficulty, folded.difficulty)
    });
    other.map(|(made, _)| {
        format!(
            "knowledge point {} of day {} is not that of its answers",
            made.knowledge_point, made.day
        )
    })
}
