//! Bytes as what a firmware tells its sealer.

use firmware_protocol::*;

use crate::Input;

/// One pen's start.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// The pen.
    pub pen: PenId,
    /// Its start.
    pub boot: BootId,
    /// What it measures.
    pub head: PenHead,
    /// When it seals.
    pub policy: SealPolicy,
}

/// One call of a sealer.
#[derive(Clone, Copy, Debug)]
pub enum Call {
    /// `pen_down`, with ticks and Unix milliseconds.
    Down(Option<PageAddress>, u64, i64),
    /// `sample`.
    Sample(Reading),
    /// `saw`.
    Saw(u16, u16),
    /// `pen_up`.
    Up(StrokeEnd),
    /// `rest`.
    Rest(u64),
    /// `flush`.
    Flush,
}

/// Takes what a pen is from the input's front.
pub fn start(input: &mut Input<'_>) -> Start {
    let flags = input.byte();
    let plain = PenHead::new(23_710, if flags & 16 == 0 { 852 } else { 0 }, 1_000);
    let head = if flags & 8 == 0 {
        plain
    } else {
        PenHead::new(input.uint(3) as u32, input.uint(2) as u16, input.uint(3) as u32)
    };
    let (tilt, twist, images) = (flags & 1 != 0, flags & 2 != 0, flags & 4 != 0);
    let policy = if flags & 32 == 0 {
        SealPolicy::STANDARD
    } else {
        SealPolicy { ink_ms_max: input.uint(3) as u32, rest_ms_max: input.uint(2) as u32 }
    };
    let (pen, boot) = if flags & 64 == 0 {
        (PenId(3), BootId { counter: 1, random: 2 })
    } else {
        let (pen, counter) = (input.uint(8), input.uint(4) as u32);
        (PenId(pen), BootId { counter, random: input.uint(4) as u32 })
    };
    Start { pen, boot, head: PenHead { tilt, twist, images, ..head }, policy }
}

const ENDS: [StrokeEnd; 5] = [
    StrokeEnd::Up,
    StrokeEnd::PageChange,
    StrokeEnd::LinkLost,
    StrokeEnd::PowerLost,
    StrokeEnd::Inferred,
];

/// The calls that the rest of the input is. At the end there is one more stroke, so that what the
/// camera saw goes with a fragment, and all is sealed.
pub fn calls(input: &mut Input<'_>) -> Vec<Call> {
    let mut calls = Vec::new();
    let mut reading = Reading::new(5_000, 1_790_000_000_000, 100, 200, 300);
    while !input.0.is_empty() {
        let call = input.byte();
        let more = call >> 4;
        match call & 15 {
            0 => {
                let wide = u32::from(more & 4);
                let address = (more != 0).then(|| PageAddress {
                    section: input.byte() & 3,
                    owner: input.uint(wide) as u32,
                    book: input.uint(wide) as u32,
                    page: input.uint(1) as u32,
                });
                calls.push(Call::Down(address, reading.ticks, reading.unix_ms));
            }
            1 => calls.push(Call::Up(ENDS[usize::from(more) % ENDS.len()])),
            2 => calls.push(Call::Rest(reading.ticks)),
            3 => calls.push(Call::Flush),
            4 => calls.push(Call::Saw(input.uint(2) as u16, input.uint(1) as u16)),
            5 => reading.ticks = input.uint(8),
            6 => {
                reading.ticks = reading.ticks.wrapping_add(input.uint(u32::from(more & 3)));
            }
            7 => reading.ticks = reading.ticks.wrapping_sub(input.uint(1)),
            8 => reading.unix_ms = input.uint(8) as i64,
            9 => (reading.x, reading.y) = (input.uint(4) as i32, input.uint(4) as i32),
            10 => {
                reading.force = input.uint(2) as u16;
                let (tilt_x, tilt_y) = (input.byte(), input.byte());
                let twist = input.uint(2) as u16;
                reading.orientation = Orientation { tilt_x, tilt_y, twist };
            }
            // A step as a hand makes it, and a sample there.
            step => {
                reading.ticks = reading.ticks.wrapping_add(if step == 15 { 11 } else { 10 });
                let right = i32::from(more & 3) * (16 - i32::from(step));
                reading.x = reading.x.wrapping_add(right);
                reading.y = reading.y.wrapping_sub(i32::from(more >> 2));
                reading.force = reading.force.wrapping_add(step.into());
                calls.push(Call::Sample(reading));
            }
        }
    }
    calls.push(Call::Down(None, reading.ticks, reading.unix_ms));
    calls.extend([Call::Up(StrokeEnd::Up), Call::Flush]);
    calls
}

/// What a sealer seals that is told so.
pub fn sealed(start: Start, calls: &[Call]) -> Vec<Vec<u8>> {
    let Start { pen, boot, head, policy } = start;
    let mut sealer = Sealer::new(pen, boot, head, policy);
    let mut sealed = Vec::new();
    let mut out = |frame: &[u8]| sealed.push(frame.to_vec());
    for call in calls {
        match *call {
            Call::Down(address, ticks, unix_ms) => {
                sealer.pen_down(address, ticks, unix_ms, &mut out);
            }
            Call::Sample(reading) => sealer.sample(reading, &mut out),
            Call::Saw(seen, decoded) => sealer.saw(seen, decoded),
            Call::Up(end) => sealer.pen_up(end, &mut out),
            Call::Rest(ticks) => sealer.rest(ticks, &mut out),
            Call::Flush => sealer.flush(&mut out),
        }
    }
    sealed
}
