//! A pen: from strokes on paper to frames handed to a gateway, with all that pens do wrong.

use firmware_protocol::{
    BootId, CHUNK_BYTES_MAX, ChunkKey, ClockSource, Hello, PageAddress, PenHead, PenId, PenState,
    Reading, SealPolicy, Sealer, ShortText, StrokeEnd, encode_hello,
};

use crate::evening::{Delivery, Handed};
use crate::random::Random;

#[cfg(test)]
mod tests;

/// Readings that a pen fails to take, 0–1.
const MISSED: f64 = 0.01;

/// A pen says how it is once a minute.
const STATE_EVERY_MS: i64 = 60_000;

/// Time to hand a chunk of the backlog over once the link is back.
const BACKLOG_STEP_MS: i64 = 45;

/// A model of pen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Model {
    pub(crate) name: &'static str,
    pub(crate) head: PenHead,
}

/// Counts of 23.71 µm, ticks of 1 ms, force to 852.
pub(crate) const FINE_CLOCK: Model =
    Model { name: "SIM-1", head: PenHead::new(23_710, 852, 1_000) };

/// Counts of 10 µm, one tick a reading, force to 4095.
pub(crate) const FINE_GRID: Model =
    Model { name: "SIM-2", head: PenHead::new(10_000, 4_095, 10_000) };

/// What one pen is and suffers in an evening.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) id: PenId,
    pub(crate) model: Model,
    /// Its starts: true time and name, in order; at least one, before the first stroke.
    pub(crate) boots: Vec<(i64, BootId)>,
    /// Pen time minus true time.
    pub(crate) clock_offset_ms: i64,
    /// When it has no link: from and until, true time.
    pub(crate) outage: Option<(i64, i64)>,
    /// Probability that a chunk is handed over again.
    pub(crate) again: f64,
    /// When it is put away.
    pub(crate) off_ms: i64,
}

/// A stroke as the pen sees it: on a page face, in pattern micrometres.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// True Unix milliseconds of the first reading.
    pub(crate) start_ms: i64,
    pub(crate) address: PageAddress,
    /// Milliseconds since the first reading, x and y in micrometres, force 0–1.
    pub(crate) readings: Vec<(u32, f64, f64, f64)>,
    pub(crate) end: StrokeEnd,
}

impl Seen {
    /// True Unix milliseconds of the last reading.
    pub(crate) fn end_ms(&self) -> i64 {
        self.start_ms + self.readings.last().map_or(0, |reading| i64::from(reading.0))
    }
}

/// What came out of a pen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sent {
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) samples: u64,
    /// Chunks that waited for the link.
    pub(crate) held: u32,
    /// Copies beyond the first.
    pub(crate) copies: u32,
}

/// Lets a pen write `strokes`, which are in order and do not overlap in time.
pub(crate) fn write(plan: &Plan, strokes: &[Seen], random: &mut Random) -> Sent {
    let mut pen = Pen::new(plan, random);
    for stroke in strokes {
        pen.advance(stroke.start_ms);
        pen.stroke(stroke);
    }
    pen.advance(plan.off_ms);
    pen.seal_rest(plan.off_ms);
    pen.release(plan.off_ms);
    pen.sent.deliveries.sort_by_key(|delivery| delivery.at_ms);
    pen.sent
}

/// A model's name or a version.
fn text(text: &str) -> ShortText {
    // Unwrap safety: the models' names and our version are short and ASCII; a test encodes them.
    #[expect(clippy::expect_used, reason = "see above")]
    ShortText::new(text).expect("a short text")
}

struct Pen<'a> {
    plan: &'a Plan,
    random: &'a mut Random,
    sealer: Sealer,
    /// Position of the present start in the plan; `None` before the first.
    boot: Option<usize>,
    /// Sealed without a link.
    waiting: Vec<Vec<u8>>,
    linked_again: bool,
    next_state_ms: i64,
    /// End of the last stroke, until its chunk is sealed.
    resting_since_ms: Option<i64>,
    last_live_ms: i64,
    sent: Sent,
}

/// What a pen does by itself between strokes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Boot,
    Rest,
    LinkUp,
    State,
}

impl<'a> Pen<'a> {
    fn new(plan: &'a Plan, random: &'a mut Random) -> Self {
        let first = plan.boots.first().map_or(BootId { counter: 0, random: 0 }, |boot| boot.1);
        Self {
            plan,
            random,
            sealer: Sealer::new(plan.id, first, plan.model.head, SealPolicy::STANDARD),
            boot: None,
            waiting: Vec::new(),
            linked_again: false,
            next_state_ms: i64::MAX,
            resting_since_ms: None,
            last_live_ms: i64::MIN,
            sent: Sent::default(),
        }
    }

    fn linked(&self, at_ms: i64) -> bool {
        !self.plan.outage.is_some_and(|(from_ms, until_ms)| from_ms <= at_ms && at_ms < until_ms)
    }

    fn boot_id(&self) -> BootId {
        self.plan.boots[self.boot.unwrap_or(0)].1
    }

    /// The pen's own ticks since its start.
    fn ticks(&self, at_ms: i64) -> u64 {
        let since_ms = at_ms - self.plan.boots[self.boot.unwrap_or(0)].0;
        since_ms.max(0).unsigned_abs() * 1000 / u64::from(self.plan.model.head.tick_us)
    }

    /// Does everything that is due up to `to_ms`, in the order of time.
    fn advance(&mut self, to_ms: i64) {
        while let Some((at_ms, turn)) = self.next_turn().filter(|(at_ms, _)| *at_ms <= to_ms) {
            match turn {
                Turn::Boot => self.start(at_ms),
                Turn::Rest => self.seal_rest(at_ms),
                Turn::LinkUp => {
                    self.flush(at_ms - 1);
                    self.release(at_ms);
                }
                Turn::State => self.state(at_ms),
            }
        }
    }

    fn next_turn(&self) -> Option<(i64, Turn)> {
        let next_boot = self.boot.map_or(0, |boot| boot + 1);
        let boot = self.plan.boots.get(next_boot).map(|boot| (boot.0, Turn::Boot));
        let rested = |since_ms: i64| since_ms + i64::from(SealPolicy::STANDARD.rest_ms_max);
        let rest = self.resting_since_ms.map(rested);
        let link = self.plan.outage.filter(|_| !self.linked_again);
        let state = (self.next_state_ms <= self.plan.off_ms).then_some(self.next_state_ms);
        [
            boot,
            rest.map(|at_ms| (at_ms, Turn::Rest)),
            link.map(|(_, until_ms)| (until_ms, Turn::LinkUp)),
            state.map(|at_ms| (at_ms, Turn::State)),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// The pen is switched on, or its power comes back.
    fn start(&mut self, at_ms: i64) {
        self.flush(at_ms - 1);
        let boot = self.boot.map_or(0, |boot| boot + 1);
        self.boot = Some(boot);
        let (id, head) = (self.plan.boots[boot].1, self.plan.model.head);
        self.sealer = Sealer::new(self.plan.id, id, head, SealPolicy::STANDARD);
        let hello = Hello {
            key: ChunkKey { pen: self.plan.id, boot: id, number: 0 },
            model: text(self.plan.model.name),
            firmware: text(env!("CARGO_PKG_VERSION")),
            versions: (firmware_protocol::VERSION, firmware_protocol::VERSION),
            sample_rate_hz: 100,
            head,
            clock: ClockSource::Kept,
            epoch_unix_ms: self.plan.boots[boot].0 + self.plan.clock_offset_ms,
        };
        let mut buffer = [0; CHUNK_BYTES_MAX];
        if let Ok(len) = encode_hello(&hello, &mut buffer) {
            self.hand_over(&buffer[..len], at_ms);
        }
        self.next_state_ms = at_ms + 400;
    }

    fn state(&mut self, at_ms: i64) {
        self.next_state_ms = at_ms + STATE_EVERY_MS;
        if !self.linked(at_ms) {
            return;
        }
        let began_ms = self.plan.boots[0].0;
        let state = PenState {
            pen: self.plan.id,
            boot: self.boot_id(),
            ticks: self.ticks(at_ms),
            seen_unix_ms: at_ms,
            pen_unix_ms: at_ms + self.plan.clock_offset_ms,
            // Ten hours of writing empty a battery.
            battery_percent: 90_u8.saturating_sub(((at_ms - began_ms) / 360_000) as u8),
            charging: false,
            memory_percent: self.waiting.len().min(100) as u8,
            backlog: self.waiting.len() as u32,
        };
        let (pen, what) = (self.plan.id, Handed::State(state));
        self.sent.deliveries.push(Delivery { at_ms, pen, what, copy: false });
    }

    fn stroke(&mut self, stroke: &Seen) {
        let head = self.plan.model.head;
        let counts = |um: f64| (um * 1000.0 / f64::from(head.unit_nm)).round() as i32;
        let unix = |at_ms: i64| at_ms + self.plan.clock_offset_ms;
        let mut sealed: Vec<(i64, Vec<u8>)> = Vec::new();
        let last = stroke.readings.len().saturating_sub(1);
        let mut end_ms = stroke.start_ms;
        let ticks = self.ticks(stroke.start_ms);
        let (sealer, address) = (&mut self.sealer, Some(stroke.address));
        let mut keep = |chunk: &[u8]| sealed.push((stroke.start_ms, chunk.to_vec()));
        sealer.pen_down(address, ticks, unix(stroke.start_ms), &mut keep);
        for (index, (t_ms, x, y, force)) in stroke.readings.iter().enumerate() {
            if index > 0 && index < last && self.random.chance(MISSED) {
                continue;
            }
            end_ms = stroke.start_ms + i64::from(*t_ms);
            // Ticks within a stroke keep their distance, whatever the pen's tick is.
            let since = u64::from(*t_ms) * 1000 / u64::from(head.tick_us);
            let force = (force.clamp(0.0, 1.0) * f64::from(head.force_max)).round() as u16;
            let mut keep = |chunk: &[u8]| sealed.push((end_ms, chunk.to_vec()));
            let (x, y) = (counts(*x), counts(*y));
            let (ticks, unix_ms) = (ticks + since, unix(end_ms));
            self.sealer.sample(Reading::new(ticks, unix_ms, x, y, force), &mut keep);
            self.sent.samples += 1;
        }
        let mut keep = |chunk: &[u8]| sealed.push((end_ms, chunk.to_vec()));
        self.sealer.pen_up(stroke.end, &mut keep);
        for (at_ms, chunk) in sealed {
            self.hand_over(&chunk, at_ms);
        }
        self.resting_since_ms = Some(end_ms);
    }

    /// Seals what there is once the pen has rested.
    fn seal_rest(&mut self, at_ms: i64) {
        self.resting_since_ms = None;
        let ticks = self.ticks(at_ms + 20);
        let mut sealed = Vec::new();
        self.sealer.rest(ticks, &mut |chunk: &[u8]| sealed.push(chunk.to_vec()));
        for chunk in sealed {
            self.hand_over(&chunk, at_ms);
        }
    }

    fn flush(&mut self, at_ms: i64) {
        self.resting_since_ms = None;
        let mut sealed = Vec::new();
        self.sealer.flush(&mut |chunk: &[u8]| sealed.push(chunk.to_vec()));
        for chunk in sealed {
            self.hand_over(&chunk, at_ms);
        }
    }

    /// Hands a frame over, or keeps it while there is no link.
    fn hand_over(&mut self, frame: &[u8], at_ms: i64) {
        if !self.linked(at_ms) {
            self.waiting.push(frame.to_vec());
            return;
        }
        let at_ms = (at_ms + self.random.between_ms(15, 60)).max(self.last_live_ms);
        self.last_live_ms = at_ms;
        self.deliver(frame.to_vec(), at_ms);
    }

    fn deliver(&mut self, frame: Vec<u8>, at_ms: i64) {
        let pen = self.plan.id;
        if self.random.chance(self.plan.again) {
            // The gateway's word was lost on the way: the pen tries again.
            let again_ms = at_ms + self.random.between_ms(80, 4_000);
            let what = Handed::Chunk(frame.clone());
            self.sent.copies += 1;
            self.sent.deliveries.push(Delivery { at_ms: again_ms, pen, what, copy: true });
        }
        let what = Handed::Chunk(frame);
        self.sent.deliveries.push(Delivery { at_ms, pen, what, copy: false });
    }

    /// The link is back: what waited goes in order, between live chunks.
    fn release(&mut self, at_ms: i64) {
        self.linked_again = true;
        let mut at_ms = at_ms + 400;
        for frame in std::mem::take(&mut self.waiting) {
            self.sent.held += 1;
            self.deliver(frame, at_ms);
            at_ms += BACKLOG_STEP_MS;
        }
    }
}
