//! Where the machine stops being sure.

/// What it takes to decide. Chosen on data: see `STANDARD`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Names these values in results; counts from 1.
    pub version: u32,
    /// An answer read with less than this probability goes to review, 0–1.
    pub decide_min: f32,
    /// A tick or cross of the red pen read with less than this probability is unclear, 0–1.
    pub red_min: f32,
    /// How far ink may lie outside its field and still count as inside, micrometres.
    pub margin_um: i32,
    /// A bubble with at least this share of its area under ink is filled, 0–1.
    pub fill_min: f32,
    /// A bubble with at least this share under ink is touched; below `fill_min`, a person decides.
    pub touch_min: f32,
}

impl Thresholds {
    /// The values in use.
    pub const STANDARD: Self = Self {
        version: 1,
        decide_min: 0.9,
        red_min: 0.8,
        margin_um: 1_250,
        fill_min: 0.35,
        touch_min: 0.06,
    };
}
