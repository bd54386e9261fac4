//! The sampling clock, followed in sixteenths of a tick.

/// The sampling clock of one fragment.
///
/// With phase p, period q and the last error e (0 at first), the guess is t = ⌊(p + q + 8) / 16⌋;
/// a fragment begins with p = 16 · start_ticks and the chunk's q. After an error n:
/// - 32·abs(n) < q: p becomes p + q + 4·n, q becomes q + n, e becomes n;
/// - else: where q = 0 or n = e, q becomes 16 · (the interval just seen); p becomes 16 · (the time
///   just seen); e becomes n, or 0 where q was 0.
///
/// q stays within 0 and 16 · 65,535.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    ticks: u32,
    /// Where the clock is, in 1/16 tick since the chunk's anchor.
    phase: i64,
    /// How far it goes a sample, in 1/16 tick; 0 while unknown.
    period: i64,
    /// The last error, in ticks.
    error: i32,
}

impl Clock {
    /// Periods are followed up to here: 65,535 ticks.
    pub(crate) const PERIOD_MAX: u32 = 65_535 * 16;

    pub(crate) fn starting(ticks: u32, period: u32) -> Self {
        let period = i64::from(period.min(Self::PERIOD_MAX));
        Self { ticks, phase: i64::from(ticks) * 16, period, error: 0 }
    }

    /// The time of the last sample.
    pub(crate) fn ticks(&self) -> u32 {
        self.ticks
    }

    /// The period in 1/16 tick.
    pub(crate) fn period(&self) -> u32 {
        // Kept within 0..=PERIOD_MAX by `advance`.
        self.period as u32
    }

    #[inline(always)]
    pub(crate) fn guess(&self) -> u32 {
        // Taken modulo 2³² like everything on the wire.
        (self.phase.wrapping_add(self.period).wrapping_add(8) >> 4) as u32
    }

    /// Which table the next error is coded by: a jittering clock errs by a tick or so each time; a
    /// gap says nothing of the next interval.
    #[inline(always)]
    pub(crate) fn context(&self) -> usize {
        match self.error {
            0 => 0,
            -3..=3 => 1,
            _ => 2,
        }
    }

    /// Goes on to the next sample, which was guessed wrongly by `error`, and gives its time.
    #[inline(always)]
    pub(crate) fn go_on(&mut self, error: i32) -> u32 {
        if error == 0 {
            // As the clock foretold, which is nearly always. (While the period is unknown that is
            // the same time again.)
            self.ticks = self.guess();
            self.phase = self.phase.wrapping_add(self.period);
            self.error = 0;
            return self.ticks;
        }
        *self = self.after_error(error);
        self.ticks
    }

    #[cold]
    fn after_error(mut self, error: i32) -> Self {
        let ticks = self.guess().wrapping_add(error as u32);
        let wide = i64::from(error);
        if 32 * wide.abs() < self.period {
            // Jitter: a quarter of it is believed of the phase, a sixteenth of the pace.
            self.phase += self.period + 4 * wide;
            self.period = (self.period + wide).clamp(0, i64::from(Self::PERIOD_MAX));
            self.error = error;
        } else {
            // Dropped samples, or a pause: the pace stays, unless it was unknown or the same
            // surprise comes twice.
            let unknown = self.period == 0;
            if unknown || error == self.error {
                let interval = i64::from(ticks) - i64::from(self.ticks);
                self.period = (16 * interval).clamp(0, i64::from(Self::PERIOD_MAX));
            }
            self.phase = 16 * i64::from(ticks);
            self.error = if unknown { 0 } else { error };
        }
        self.ticks = ticks;
        self
    }
}
