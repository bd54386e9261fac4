//! One dot beside its node of the grid.

/// From one node of the grid to the next, micrometres: 7 pixels of 600 dpi, so that printers and
/// renderers put every dot on whole pixels (7 × 25,400 / 600).
pub const PITCH_UM: f64 = 7.0 * PIXEL_UM;

/// How far a dot's middle lies from its node, as a fraction of the pitch: one pixel of 600 dpi.
pub(crate) const OFFSET: f64 = 1.0 / 7.0;

/// A pixel of 600 dpi, micrometres.
pub(crate) const PIXEL_UM: f64 = 25_400.0 / 600.0;

/// On which side of its node a dot lies. Each dot carries one bit for x and one for y.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dot {
    /// 0 and 0.
    Right,
    /// 1 and 0.
    Up,
    /// 1 and 1.
    Left,
    /// 0 and 1.
    Down,
}

impl Dot {
    /// The dot that carries these bits.
    #[must_use]
    pub fn of_bits(x: bool, y: bool) -> Self {
        match (x, y) {
            (false, false) => Self::Right,
            (true, false) => Self::Up,
            (true, true) => Self::Left,
            (false, true) => Self::Down,
        }
    }

    /// Its bits for x and for y.
    #[must_use]
    pub fn bits(self) -> (bool, bool) {
        (matches!(self, Self::Up | Self::Left), matches!(self, Self::Left | Self::Down))
    }

    /// The side on which it lies, x to the right and y down.
    #[must_use]
    pub fn side(self) -> (f64, f64) {
        match self {
            Self::Right => (1.0, 0.0),
            Self::Up => (0.0, -1.0),
            Self::Left => (-1.0, 0.0),
            Self::Down => (0.0, 1.0),
        }
    }

    /// The dot as it lies once the paper is turned clockwise by a quarter.
    #[must_use]
    pub fn turned(self) -> Self {
        match self {
            Self::Right => Self::Down,
            Self::Down => Self::Left,
            Self::Left => Self::Up,
            Self::Up => Self::Right,
        }
    }
}
