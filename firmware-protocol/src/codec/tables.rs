//! Tables and taps of set 1, learnt from real handwriting and modelled force by
//! `learn-codec-tables` in `benches`. Frozen with version 1: another set gets another number.

/// Sixty-fourths of the last four differences, newest first.
pub(crate) type Taps = [i32; 4];

/// The number of this set of tables and taps.
pub(crate) const TABLE_SET: u32 = 1;
/// How many tables there are.
pub(crate) const TABLES: usize = 31;

/// Contexts that have a table each.
pub(crate) const ROWS: usize = 8;

/// x and y, by how much they erred before.
pub(crate) const POSITION_TABLE: usize = 0;
/// x and y in a fragment's first step.
pub(crate) const OPENING_TABLE: usize = 8;
/// Force, tilt and twist, by how much they erred before.
pub(crate) const FORCE_TABLE: usize = 11;
/// Force in each of a stroke's first three steps.
pub(crate) const RISING_FORCE_TABLE: usize = 19;
/// The clock, where each time is written: after no, a small, a large error.
pub(crate) const CLOCK_TABLE: usize = 22;
/// Samples that the clock foretells, one after another.
pub(crate) const RUN_TABLE: usize = 25;
/// By how much the clock erred behind such a run.
pub(crate) const MISSED_TABLE: usize = 26;
/// From one fragment's end to the next one's start.
pub(crate) const PAUSE_TABLE: usize = 27;
/// A fragment's first x, from the one before.
pub(crate) const START_X_TABLE: usize = 28;
/// A fragment's first y, from the one before.
pub(crate) const START_Y_TABLE: usize = 29;
/// A fragment's first force, from the one before.
pub(crate) const START_FORCE_TABLE: usize = 30;

/// Taps of x and y.
#[rustfmt::skip]
pub(crate) static POSITION_TAPS: [Taps; ROWS] = [
    [57, 11, -6, -6],
    [57, 11, -6, -6],
    [57, 11, -6, -6],
    [64, 6, -9, -5],
    [64, 5, -8, -7],
    [57, 10, -7, -9],
    [55, 4, -9, -5],
    [55, 6, -13, -4],
];

/// Taps of the other channels.
#[rustfmt::skip]
pub(crate) static FORCE_TAPS: [Taps; ROWS] = [
    [15, 23, 8, -7],
    [15, 23, 8, -7],
    [15, 23, 8, -7],
    [48, 40, -2, -20],
    [87, 26, -22, -13],
    [100, 9, -20, -9],
    [127, -65, -2, -3],
    [127, -53, -6, -7],
];

/// Taps of force in each of a stroke's first three steps.
#[rustfmt::skip]
pub(crate) static RISING_FORCE_TAPS: [Taps; 3] = [
    [46, 0, 0, 0],
    [21, 16, 0, 0],
    [26, -5, 12, 0],
];

/// Lengths of each table's codes, by symbol.
#[rustfmt::skip]
pub(crate) static CODE_LENGTHS: [[u8; 16]; TABLES] = [
    // POSITION_TABLE
    [1, 4, 2, 4, 4, 6, 6, 7, 7, 8, 9, 9, 9, 9, 9, 9],
    [2, 2, 2, 4, 4, 5, 5, 6, 6, 6, 8, 8, 9, 9, 9, 9],
    [3, 2, 2, 3, 3, 4, 5, 7, 7, 8, 9, 9, 9, 9, 9, 9],
    [3, 2, 2, 3, 3, 4, 5, 7, 7, 8, 9, 9, 9, 9, 9, 9],
    [3, 3, 3, 3, 3, 3, 3, 4, 5, 6, 8, 8, 9, 9, 9, 9],
    [4, 3, 3, 3, 3, 3, 3, 4, 4, 5, 6, 7, 9, 9, 9, 9],
    [4, 3, 4, 4, 3, 3, 3, 3, 3, 5, 6, 7, 9, 9, 9, 9],
    [5, 4, 4, 4, 3, 3, 3, 3, 3, 4, 4, 6, 7, 8, 9, 9],
    // OPENING_TABLE
    [2, 4, 3, 4, 3, 4, 4, 4, 4, 5, 5, 6, 5, 7, 8, 8],
    [4, 4, 4, 4, 4, 4, 3, 4, 3, 4, 4, 5, 4, 4, 6, 6],
    [6, 4, 4, 5, 4, 4, 3, 4, 3, 4, 3, 4, 4, 5, 5, 6],
    // FORCE_TABLE
    [2, 2, 2, 3, 4, 5, 7, 7, 9, 9, 9, 9, 9, 9, 9, 9],
    [3, 2, 2, 3, 3, 4, 5, 6, 9, 9, 9, 9, 9, 9, 9, 9],
    [3, 2, 2, 3, 3, 4, 5, 6, 9, 9, 9, 9, 9, 9, 9, 9],
    [3, 3, 3, 3, 2, 3, 4, 5, 6, 8, 9, 9, 9, 9, 9, 9],
    [4, 3, 3, 3, 2, 3, 3, 5, 6, 9, 8, 9, 9, 9, 9, 9],
    [4, 3, 3, 3, 3, 3, 3, 4, 4, 6, 5, 8, 9, 8, 8, 9],
    [6, 5, 5, 5, 4, 5, 4, 4, 3, 2, 2, 5, 7, 9, 9, 8],
    [7, 6, 6, 6, 5, 5, 3, 3, 3, 3, 3, 3, 3, 9, 9, 8],
    // RISING_FORCE_TABLE
    [9, 7, 7, 6, 4, 3, 2, 2, 3, 4, 4, 6, 7, 9, 9, 9],
    [3, 2, 2, 3, 3, 5, 6, 7, 5, 6, 7, 7, 9, 9, 9, 9],
    [3, 2, 3, 3, 3, 4, 5, 7, 5, 5, 6, 5, 5, 9, 8, 9],
    // CLOCK_TABLE
    [2, 1, 3, 6, 9, 7, 4, 6, 7, 9, 9, 9, 9, 9, 9, 9],
    [2, 1, 3, 8, 8, 9, 4, 5, 7, 9, 9, 9, 9, 9, 9, 9],
    [2, 1, 3, 9, 7, 6, 4, 6, 7, 9, 9, 9, 9, 9, 9, 9],
    // RUN_TABLE
    [7, 5, 6, 5, 4, 3, 3, 3, 3, 3, 3, 4, 5, 8, 9, 9],
    // MISSED_TABLE
    [6, 1, 2, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 5, 5],
    // PAUSE_TABLE
    [9, 9, 9, 9, 8, 8, 4, 3, 2, 2, 2, 5, 8, 8, 8, 8],
    // START_X_TABLE
    [3, 3, 3, 3, 2, 3, 4, 7, 8, 9, 9, 8, 7, 5, 9, 9],
    // START_Y_TABLE
    [2, 3, 3, 4, 3, 4, 3, 4, 5, 6, 8, 9, 9, 9, 9, 8],
    // START_FORCE_TABLE
    [6, 5, 5, 5, 4, 4, 3, 4, 2, 3, 3, 4, 7, 8, 9, 9],
];
