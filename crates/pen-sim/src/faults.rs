//! Who suffers what: pens that lose their link, are lent, restart, or tell the wrong time.

use worksheet::Copies;

use crate::random::Random;
use crate::setup::Setup;

/// A page that its owner wrote with somebody else's pen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lent {
    /// Position of the pen's owner in the class.
    pub(crate) lender: usize,
    /// Position of the paper's owner, who writes.
    pub(crate) borrower: usize,
    pub(crate) assignment: usize,
    pub(crate) page: u32,
}

/// What goes wrong with the pen of one pupil.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Faults {
    /// How long the link is gone, if it is.
    pub(crate) outage_ms: Option<i64>,
    /// Probability that a chunk is handed over again.
    pub(crate) again: f64,
    /// Pen time minus true time.
    pub(crate) clock_offset_ms: i64,
    /// The clock is so wrong that it is worth telling.
    pub(crate) wrong_clock: bool,
    /// It starts again in the middle of the evening.
    pub(crate) restarts: bool,
    /// It counts in other units.
    pub(crate) fine_grid: bool,
}

/// Chooses the victims of an evening, one for each pupil in the class's order, and the pen that
/// is lent: where there are two pupils and a sheet with addresses of its own for every copy. Pens
/// that are known suffer nothing.
pub(crate) fn choose(setup: &Setup) -> (Vec<Faults>, Option<Lent>) {
    let count = setup.class.pupils.len();
    if setup.known.is_some() {
        return (vec![Faults::default(); count], None);
    }
    let mut random = Random::stream(setup.seed, &["faults", &setup.class.id]);
    let mut order: Vec<usize> = (0..count).collect();
    for at in (1..count).rev() {
        order.swap(at, random.below(at + 1));
    }
    let mut faults: Vec<Faults> = (0..count)
        .map(|position| Faults {
            again: 0.004,
            clock_offset_ms: random.around(0.0, 180.0) as i64,
            fine_grid: position % 8 == 5,
            ..Faults::default()
        })
        .collect();
    if count == 0 {
        return (faults, None);
    }
    // In a small class one pupil has more than one misfortune.
    let mut victims = order.iter().copied().cycle();
    let mut next = || victims.next().unwrap_or(0);
    for _ in 0..count.div_ceil(9) {
        faults[next()].outage_ms = Some(random.between_ms(120_000, 330_000));
    }
    for _ in 0..count.div_ceil(8) {
        faults[next()].again = random.between(0.08, 0.2);
    }
    let clock = &mut faults[next()];
    clock.wrong_clock = true;
    clock.clock_offset_ms = match random.below(3) {
        // A clock that counts from 2010 and is read as if from 1970.
        0 => -14_610 * 86_400_000,
        1 => 3 * 3_600_000 + 1_234,
        _ => -5 * 3_600_000 - 77,
    };
    faults[next()].restarts = true;
    let lent = lent(setup, next(), &mut random);
    (faults, lent)
}

fn lent(setup: &Setup, lender: usize, random: &mut Random) -> Option<Lent> {
    let count = setup.class.pupils.len();
    let per_copy: Vec<usize> = (0..setup.assignments.len())
        .filter(|index| matches!(setup.assignments[*index].run.copies, Copies::PerCopy(_)))
        .collect();
    let assignment = *per_copy.get(random.below(per_copy.len()))?;
    let pages = &setup.assignments[assignment].worksheet.pages;
    let page = pages.get(random.below(pages.len()))?.number;
    let borrower = (lender + 1) % count;
    (borrower != lender).then_some(Lent { lender, borrower, assignment, page })
}
