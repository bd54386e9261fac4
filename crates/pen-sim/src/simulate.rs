//! An evening from its setup.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::desk::Penned;
use crate::evening::{Delivery, Evening};
use crate::faults::{Lent, choose};
use crate::homework::{Answered, Homework, Loose};
use crate::persona::Persona;
use crate::random::Random;
use crate::setup::Setup;
use crate::skeleton::Skeletons;
use crate::teacher::{HandedIn, mark};

mod pens;
mod report;
/// One pupil's evening, done.
struct Done {
    answers: Vec<Answered>,
    loose: Vec<Loose>,
    strokes: Vec<Penned>,
    /// When each of the pupil's papers was ready, by assignment.
    ready_ms: BTreeMap<usize, i64>,
}

/// Simulates an evening of a class: every pupil writes every assignment, the teacher marks a
/// share of it in red, and pens do what pens do.
///
/// The same setup gives the same evening, byte for byte. A page that has no address in its run
/// (too few copies) is not written, nor is one by a pupil without a pen.
pub fn simulate(setup: &Setup) -> Evening {
    let skeletons = Arc::new(Skeletons::own());
    let (faults, lent) = choose(setup);
    let personas = personas(setup, &skeletons);
    let mut done = Vec::new();
    // The lender's evening ends before the borrower's does.
    let mut order: Vec<usize> = (0..personas.len()).collect();
    if let Some(lent) = lent {
        order.retain(|position| *position != lent.borrower);
        order.push(lent.borrower);
    }
    let mut ends_ms: BTreeMap<usize, i64> = BTreeMap::new();
    for position in order {
        let lent = lent.filter(|lent| lent.borrower == position);
        let lender_ends_ms = lent.and_then(|lent| ends_ms.get(&lent.lender).copied());
        let evening = evening_of(setup, position, &personas[position], lent.zip(lender_ends_ms));
        ends_ms.insert(position, evening.strokes.last().map_or(0, Penned::end_ms));
        done.push((position, evening));
    }
    done.sort_by_key(|(position, _)| *position);
    let done: Vec<Done> = done.into_iter().map(|(_, done)| done).collect();
    let marked = mark(setup, handed_in(&done), &skeletons);
    let mut pens = pens::Pens::new(setup);
    for (position, faults) in faults.iter().enumerate() {
        pens.pupil(position, faults, &strokes_of_pen(&done, position, lent));
    }
    pens.teacher(&marked);
    let truth = report::truth(setup, &personas, &done, &marked, lent, pens.events);
    let mut deliveries = pens.deliveries;
    deliveries.sort_by_key(|delivery: &Delivery| (delivery.at_ms, delivery.pen));
    Evening { deliveries, leases: pens.leases, truth, samples: pens.samples }
}

fn personas(setup: &Setup, skeletons: &Arc<Skeletons>) -> Vec<Persona> {
    let count = setup.class.pupils.len();
    let mut random = Random::stream(setup.seed, &["writers", &setup.class.id]);
    let mut writers: Vec<_> = match &setup.handwriting {
        Some(pool) => pool.deal(count, &mut random).into_iter().map(Some).collect(),
        None => vec![None; count],
    };
    (0..count)
        .map(|position| Persona::new(setup, position, skeletons, writers[position].take()))
        .collect()
}

/// A pupil's evening; a page written with a borrowed pen comes last, once the pen's owner is done.
fn evening_of(
    setup: &Setup,
    position: usize,
    persona: &Persona,
    lent: Option<(Lent, i64)>,
) -> Done {
    let mut homework = Homework::new(setup, position, persona);
    let mut ready_ms = BTreeMap::new();
    for (assignment, plan) in setup.assignments.iter().enumerate() {
        for (index, page) in plan.worksheet.pages.iter().enumerate() {
            let later =
                lent.is_some_and(|(l, _)| l.assignment == assignment && l.page == page.number);
            if later || setup.address_page(position, assignment, page.number).is_none() {
                continue;
            }
            homework.turn_to(index == 0 && assignment > 0);
            homework.page(assignment, page.number);
        }
        ready_ms.insert(assignment, homework.now_ms());
    }
    if let Some((lent, lender_ends_ms)) = lent {
        homework.wait_until(lender_ends_ms + 20_000);
        homework.turn_to(true);
        homework.page(lent.assignment, lent.page);
        ready_ms.insert(lent.assignment, homework.now_ms());
    }
    let (answers, loose) =
        (std::mem::take(&mut homework.answers), std::mem::take(&mut homework.loose));
    Done { answers, loose, strokes: homework.into_strokes(), ready_ms }
}

/// Every paper with its answers in printed order.
fn handed_in(done: &[Done]) -> Vec<HandedIn<'_>> {
    let papers = done.iter().flat_map(|pupil| {
        pupil.ready_ms.iter().map(|(assignment, ready_ms)| {
            let of_it = |answered: &&Answered| answered.paper.assignment == *assignment;
            let mut answers: Vec<&Answered> = pupil.answers.iter().filter(of_it).collect();
            answers.sort_by_key(|answered| answered.part);
            HandedIn { done_ms: *ready_ms, answers }
        })
    });
    papers.collect()
}

/// What one pupil's pen wrote: the pupil's own papers, except a page written with a borrowed pen,
/// and the page of another pupil who borrowed this pen.
fn strokes_of_pen(done: &[Done], position: usize, lent: Option<Lent>) -> Vec<&Penned> {
    let on_lent = |stroke: &Penned, lent: Lent| {
        let paper = stroke.paper;
        paper.owner == lent.borrower
            && (paper.assignment, paper.page) == (lent.assignment, lent.page)
    };
    let mut strokes: Vec<&Penned> = done[position]
        .strokes
        .iter()
        .filter(|stroke| !lent.is_some_and(|lent| on_lent(stroke, lent)))
        .collect();
    if let Some(lent) = lent.filter(|lent| lent.lender == position) {
        strokes.extend(done[lent.borrower].strokes.iter().filter(|s| on_lent(s, lent)));
    }
    strokes
}
