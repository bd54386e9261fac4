//! How the answers of one assignment were written: facts of the pen, without a judgement.

/// When one response was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Writing {
    /// Corrected Unix milliseconds of its first sample.
    pub first_ms: i64,
    /// Corrected Unix milliseconds of its last sample.
    pub last_ms: i64,
    /// Milliseconds with the pen down.
    pub down_ms: i64,
    /// How often it was crossed out or written over.
    pub rewrites: u32,
}

/// How many of an assignment's responses, in the order of its worksheet, were reached: all up to
/// the last one that was written.
///
/// ```
/// # use learning::reached;
/// assert_eq!(reached(&[true, false, true, false]), 3);
/// assert_eq!(reached(&[false, false]), 0);
/// ```
pub fn reached(written: &[bool]) -> usize {
    written.iter().rposition(|written| *written).map_or(0, |last| last + 1)
}

/// How one response was written among the others of its assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its place in the order in which the pupil began the responses, from 1.
    pub order: u32,
    /// Milliseconds from the end of the writing before it to its beginning: reading, thinking and
    /// turning the page, and any break. `None` for the first, and where an earlier response was
    /// still being written.
    pub think_ms: Option<i64>,
    /// Milliseconds with the pen down.
    pub writing_ms: i64,
    /// How often it was crossed out or written over.
    pub rewrites: u32,
}

impl Process {
    /// The processes of the responses to one assignment, in their order; `None` for each of which
    /// nothing was written.
    ///
    /// ```
    /// # use learning::{Process, Writing};
    /// let written = |first_ms, last_ms| Some(Writing { first_ms, last_ms, down_ms: 900, rewrites: 0 });
    /// let second_first = Process::of(&[written(5000, 6000), None, written(1000, 2000)]);
    /// let told: Vec<_> = (second_first.iter())
    ///     .map(|process| process.map(|p| (p.order, p.think_ms)))
    ///     .collect();
    /// assert_eq!(told, [Some((2, Some(3000))), None, Some((1, None))]);
    /// ```
    pub fn of(responses: &[Option<Writing>]) -> Vec<Option<Self>> {
        let mut begun: Vec<(usize, Writing)> = (responses.iter().enumerate())
            .filter_map(|(place, writing)| Some((place, (*writing)?)))
            .collect();
        begun.sort_by_key(|(place, writing)| (writing.first_ms, *place));
        let mut processes = vec![None; responses.len()];
        let mut ended_ms: Option<i64> = None;
        for (order, (place, writing)) in (1..).zip(begun) {
            processes[place] = Some(Self {
                order,
                think_ms: ended_ms
                    .map(|ended_ms| writing.first_ms.saturating_sub(ended_ms))
                    .filter(|think_ms| *think_ms >= 0),
                writing_ms: writing.down_ms,
                rewrites: writing.rewrites,
            });
            ended_ms = ended_ms.max(Some(writing.last_ms));
        }
        processes
    }
}
