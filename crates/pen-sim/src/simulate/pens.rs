//! All pens of an evening: who holds them, what befalls them, what they send.

use firmware_protocol::{BootId, PageAddress, PenId, StrokeEnd};

use crate::desk::{LABEL_PAGE, Penned};
use crate::evening::{Delivery, Holder, Lease};
use crate::faults::Faults;
use crate::pen::{FINE_CLOCK, FINE_GRID, Plan, Seen, write};
use crate::placing::to_pattern;
use crate::random::Random;
use crate::setup::Setup;
use crate::teacher::Marked;
use crate::truth::Event;

/// A pen is switched on so long before its first stroke.
const SWITCHED_ON_MS: i64 = 20_000;

/// A pen is put away so long after its last stroke.
const PUT_AWAY_MS: i64 = 90_000;

/// Leases run from the day before: nobody waits for one to begin.
const LEASED_BEFORE_MS: i64 = 86_400_000;

/// A pause in which a pen can lose its power and start again.
const RESTART_PAUSE_MS: i64 = 3_000;

/// All pens of an evening, written out one after the other.
pub(super) struct Pens<'a> {
    setup: &'a Setup,
    pub(super) deliveries: Vec<Delivery>,
    pub(super) leases: Vec<Lease>,
    pub(super) events: Vec<Event>,
    pub(super) samples: u64,
}

/// The pen that somebody keeps: the one that is known, or the same one for the same name, class and
/// seed. 48 bits.
pub(super) fn pen_id(setup: &Setup, name: &str) -> PenId {
    let held = setup.known.as_ref().zip(name.split_once(' ').map(|(_, id)| id));
    if let Some(pen) = held.and_then(|(known, id)| known.pens.get(id)) {
        return *pen;
    }
    PenId(Random::stream(setup.seed, &["pen id", &setup.class.id, name]).bits() >> 16)
}

/// What a pupil's own pen is called by.
pub(super) fn pupils_pen(pupil: &str) -> String {
    format!("pupil {pupil}")
}

/// A pen's identity as 12 hexadecimal digits.
pub(super) fn spelled(pen: PenId) -> String {
    format!("{:012x}", pen.0)
}

impl<'a> Pens<'a> {
    pub(super) fn new(setup: &'a Setup) -> Self {
        Self { setup, deliveries: Vec::new(), leases: Vec::new(), events: Vec::new(), samples: 0 }
    }

    /// The pen of the pupil at `position`.
    pub(super) fn pupil(&mut self, position: usize, faults: &Faults, strokes: &[&Penned]) {
        let pupil = &self.setup.class.pupils[position].id;
        self.pen(&pupils_pen(pupil), Holder::Pupil(pupil.clone()), faults, strokes);
    }

    /// The teacher's red pen.
    pub(super) fn teacher(&mut self, marked: &Marked) {
        let strokes: Vec<&Penned> = marked.strokes.iter().collect();
        let teacher = &self.setup.class.teacher;
        let holder = Holder::Marker(teacher.clone());
        self.pen(&format!("teacher {teacher}"), holder, &Faults::default(), &strokes);
    }

    fn pen(&mut self, name: &str, holder: Holder, faults: &Faults, strokes: &[&Penned]) {
        let setup = self.setup;
        let id = pen_id(setup, name);
        let from_ms = setup.evening_start_ms - LEASED_BEFORE_MS;
        self.leases.push(Lease { pen: id, holder, from_ms, until_ms: None });
        let mut random = Random::stream(setup.seed, &["pen", &setup.class.id, name]);
        let mut seen: Vec<Seen> = strokes.iter().filter_map(|s| see(setup, s)).collect();
        let Some(plan) = self.plan(id, faults, &mut seen, &mut random) else { return };
        let sent = write(&plan, &seen, &mut random);
        let pen = spelled(id);
        if let Some((from_ms, until_ms)) = plan.outage {
            let chunks = sent.held;
            self.events.push(Event::LinkLost { pen: pen.clone(), from_ms, until_ms, chunks });
        }
        if sent.copies > 0 {
            self.events.push(Event::HandedOverAgain { pen: pen.clone(), copies: sent.copies });
        }
        if faults.wrong_clock {
            let offset_ms = faults.clock_offset_ms;
            self.events.push(Event::WrongClock { pen, offset_ms });
        }
        self.samples += sent.samples;
        self.deliveries.extend(sent.deliveries);
    }

    /// The pen's evening: starts, outages, strokes that do not end as they should. `None` for a
    /// pen that wrote nothing and stayed in its case.
    fn plan(
        &mut self,
        id: PenId,
        faults: &Faults,
        seen: &mut [Seen],
        random: &mut Random,
    ) -> Option<Plan> {
        let (first_ms, last_ms) = (seen.first()?.start_ms, seen.last()?.end_ms());
        let counter = 40 + random.bits_u32() % 400;
        let first = BootId { counter, random: random.bits_u32() ^ self.setup.run };
        let mut boots = vec![(first_ms - SWITCHED_ON_MS, first)];
        let again = BootId { counter: counter + 1, random: random.bits_u32() ^ self.setup.run };
        if let Some(at_ms) = faults.restarts.then(|| self.restart(id, seen)).flatten() {
            boots.push((at_ms, again));
        }
        let part = random.between(0.1, 0.7);
        let outage = faults.outage_ms.map(|length_ms| {
            let from_ms = self.lose_link(id, seen, part);
            (from_ms, from_ms + length_ms)
        });
        let back_ms = outage.map_or(last_ms, |(_, until_ms)| until_ms);
        Some(Plan {
            id,
            model: if faults.fine_grid { FINE_GRID } else { FINE_CLOCK },
            boots,
            clock_offset_ms: faults.clock_offset_ms,
            outage,
            again: faults.again,
            off_ms: last_ms.max(back_ms) + PUT_AWAY_MS,
        })
    }

    /// The power fails at the end of a stroke that a pause follows, the first one after the
    /// middle of what is written; true time of the new start.
    fn restart(&mut self, id: PenId, seen: &mut [Seen]) -> Option<i64> {
        let pause = |pair: &[Seen]| pair[1].start_ms - pair[0].end_ms() >= RESTART_PAUSE_MS;
        let middle = seen.len() / 2;
        let at = middle + seen[middle..].windows(2).position(pause)?;
        seen[at].end = StrokeEnd::PowerLost;
        let (pen, at_ms) = (spelled(id), seen[at].start_ms);
        self.events.push(Event::NoPenUp { pen: pen.clone(), at_ms, end: "power_lost".into() });
        let at_ms = seen[at + 1].start_ms - 1_500;
        self.events.push(Event::Restarted { pen, at_ms });
        Some(at_ms)
    }

    /// The link is lost in the middle of a stroke, so that stroke's pen-up is never sent.
    fn lose_link(&mut self, id: PenId, seen: &mut [Seen], part: f64) -> i64 {
        let at = ((seen.len() as f64 * part) as usize).min(seen.len() - 1);
        let from_ms = (seen[at].start_ms + seen[at].end_ms()) / 2;
        if seen[at].end == StrokeEnd::Up {
            seen[at].end = StrokeEnd::LinkLost;
            let (pen, at_ms) = (spelled(id), seen[at].start_ms);
            self.events.push(Event::NoPenUp { pen, at_ms, end: "link_lost".into() });
        }
        from_ms
    }
}

/// A stroke as the pen sees it; `None` on a page without an address.
fn see(setup: &Setup, stroke: &Penned) -> Option<Seen> {
    let paper = stroke.paper;
    let run = &setup.assignments[paper.assignment].run;
    let address = if paper.page == LABEL_PAGE {
        setup.label(paper.owner)?
    } else {
        let page = setup.address_page(paper.owner, paper.assignment, paper.page)?;
        PageAddress { section: run.section, owner: run.owner, book: run.book, page }
    };
    let reading = |reading: &crate::kinematics::Reading| {
        let at = to_pattern(&run.registration, reading.at);
        (reading.t_ms, at.x, at.y, reading.force)
    };
    let readings = stroke.readings.iter().map(reading).collect();
    Some(Seen { start_ms: stroke.start_ms, address, readings, end: stroke.end })
}
