//! The manifest of an evening.

use std::collections::BTreeMap;

use super::Done;
use super::pens::{pen_id, pupils_pen, spelled};
use crate::faults::Lent;
use crate::homework::Answered;
use crate::persona::Persona;
use crate::setup::Setup;
use crate::synthetic::SYNTHETIC;
use crate::teacher::Marked;
use crate::truth::{Event, Expected, PupilTruth, Truth};

/// Puts together what was meant and what went wrong.
pub(super) fn truth(
    setup: &Setup,
    personas: &[Persona],
    done: &[Done],
    marked: &Marked,
    lent: Option<Lent>,
    mut events: Vec<Event>,
) -> Truth {
    events.extend(lent.map(|lent| lent_event(setup, lent)));
    for loose in done.iter().flat_map(|pupil| &pupil.loose) {
        events.push(Event::LooseInk {
            pupil: setup.class.pupils[loose.paper.owner].id.clone(),
            assignment: setup.assignments[loose.paper.assignment].id.clone(),
            page: loose.paper.page,
            what: loose.what.clone(),
            strokes: loose.strokes,
        });
    }
    events.extend(marked.differs.iter().filter_map(|(pupil, assignment, part)| {
        let plan = &setup.assignments[*assignment];
        Some(Event::TeacherDiffers {
            pupil: setup.class.pupils[*pupil].id.clone(),
            assignment: plan.id.clone(),
            part: plan.worksheet.parts().nth(*part)?.part.id.clone(),
        })
    }));
    let handwriting = match &setup.handwriting {
        Some(pool) => format!(
            "real handwriting from {}; sizes, places, speeds and forces are modelled",
            pool.sources().join(", ")
        ),
        None => "skeletons of the project (sample-strokes/skeletons.toml), synthetic".to_owned(),
    };
    Truth {
        generator: SYNTHETIC.to_owned(),
        seed: setup.seed,
        handwriting,
        pupils: pupils(setup, personas),
        responses: responses(setup, done, marked, lent),
        events,
    }
}

fn lent_event(setup: &Setup, lent: Lent) -> Event {
    let owner = &setup.class.pupils[lent.lender].id;
    Event::PenLent {
        pen: spelled(pen_id(setup, &pupils_pen(owner))),
        owner: owner.clone(),
        borrower: setup.class.pupils[lent.borrower].id.clone(),
        assignment: setup.assignments[lent.assignment].id.clone(),
        page: lent.page,
    }
}

fn pupils(setup: &Setup, personas: &[Persona]) -> Vec<PupilTruth> {
    let truth = |(pupil, persona): (&crate::setup::Pupil, &Persona)| PupilTruth {
        pupil: pupil.id.clone(),
        pen: spelled(pen_id(setup, &pupils_pen(&pupil.id))),
        ability: (persona.ability * 1000.0).round() / 1000.0,
        right_probability: persona.right_probability.clone(),
        writers: persona.hand.writers.as_ref().map_or_else(Vec::new, |w| w.names().to_vec()),
    };
    setup.class.pupils.iter().zip(personas).map(truth).collect()
}

/// One per assignment, pupil and part, in that order.
fn responses(setup: &Setup, done: &[Done], marked: &Marked, lent: Option<Lent>) -> Vec<Expected> {
    let by_place: BTreeMap<(usize, usize, usize), &Answered> = done
        .iter()
        .flat_map(|pupil| &pupil.answers)
        .map(|a| ((a.paper.assignment, a.paper.owner, a.part), a))
        .collect();
    by_place
        .into_iter()
        .filter_map(|((assignment, owner, index), answered)| {
            let plan = &setup.assignments[assignment];
            let of = plan.worksheet.parts().nth(index)?;
            let question = of.question;
            let mut tricks: Vec<String> = answered.tricks.iter().map(|t| t.to_string()).collect();
            let borrowed = lent.is_some_and(|lent| {
                (lent.borrower, lent.assignment, lent.page) == (owner, assignment, question.page)
            });
            if borrowed {
                tricks.push("lent_pen".to_owned());
            }
            let writers: Vec<&str> = answered.writers.iter().map(String::as_str).collect();
            Some(Expected {
                assignment: plan.id.clone(),
                pupil: setup.class.pupils[owner].id.clone(),
                page: question.page,
                question: question.id.clone(),
                part: of.part.id.clone(),
                meant: answered.meant.clone(),
                key: of.part.accepted().map(ToString::to_string),
                verdict: answered.verdict,
                red: marked.red.get(&(owner, assignment, index)).cloned(),
                tricks,
                writer: (!writers.is_empty()).then(|| writers.join("+")),
            })
        })
        .collect()
}
