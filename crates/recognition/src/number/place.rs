//! Where a symbol stands beside the others of its number.

/// Height and place of a part against the nearest tall piece that does not belong to it, in parts
/// of the number's symbol height; all zero but the height where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Place {
    pub(crate) height: f32,
    /// How far its lower edge is above the other's; below zero for a tail under the line.
    pub(crate) rise: f32,
    /// How far its upper edge is below the other's.
    pub(crate) drop: f32,
    /// Whether there is anything to compare with.
    pub(crate) known: bool,
}

/// Grows from 0 at `from` to 1 at `to`.
fn ramp(value: f32, from: f32, to: f32) -> f32 {
    ((value - from) / (to - from)).clamp(0.0, 1.0)
}

impl Place {
    /// From 0 to 1: small and above the line, as a carry digit is.
    pub(crate) fn is_raised(&self) -> f32 {
        ramp(self.rise, 0.25, 0.42) * ramp(self.height, 0.95, 0.75)
    }

    /// From 0 to 1: small and low, as a full stop or a comma is.
    pub(crate) fn is_low(&self) -> f32 {
        ramp(self.drop, 0.3, 0.55) * ramp(self.height, 0.42, 0.3)
    }

    /// From 0 to 1: it goes beyond its neighbour above and below, as brackets do.
    fn is_long(&self) -> f32 {
        ramp(-self.rise, 0.03, 0.12) * ramp(-self.drop, 0.03, 0.12)
    }

    /// What taking a digit for no part of the number costs, `most` where nothing in its place
    /// speaks for that.
    pub(crate) fn cost_of_no_digit(&self, most: f32) -> f32 {
        most * (1.0 - self.is_raised())
    }

    /// The same for a `1`.
    pub(crate) fn cost_of_no_one(&self, most: f32) -> f32 {
        most * (1.0 - self.is_raised().max(self.is_long()))
    }

    /// What reading it as a digit costs.
    pub(crate) fn cost_of_digit(&self) -> f32 {
        8.0 * self.is_raised() + 6.0 * self.is_low()
    }

    /// What reading it as a `1` costs: a bracket looks like one.
    pub(crate) fn cost_of_one(&self) -> f32 {
        self.cost_of_digit() + 4.0 * self.is_long()
    }

    /// What reading it as a point or full stop costs.
    pub(crate) fn cost_of_point(&self) -> f32 {
        self.cost_of_high() + 6.0 * ramp(self.height, 0.25, 0.5) + 3.0 * self.is_tail()
    }

    /// What reading it as a comma costs: it begins low, and its tail goes below the line.
    pub(crate) fn cost_of_comma(&self) -> f32 {
        let tail = ramp(-self.rise, 0.0, 0.12) * ramp(self.height, 0.08, 0.14);
        self.cost_of_low() + 6.0 * ramp(self.height, 0.45, 0.65) + 6.0 * (1.0 - tail)
    }

    /// What reading it as a full stop that is a ring costs: a small last `0` is none.
    pub(crate) fn cost_of_ring(&self) -> f32 {
        self.cost_of_low() + 10.0 * ramp(self.height, 0.24, 0.38)
    }

    /// What something costs that is found low beside others alone.
    fn cost_of_low(&self) -> f32 {
        if self.known { self.cost_of_high() } else { 12.0 }
    }

    fn cost_of_high(&self) -> f32 {
        if self.known { 6.0 * ramp(self.drop, 0.55, 0.3) } else { 0.0 }
    }

    /// From 0 to 1: it reaches below the line.
    fn is_tail(&self) -> f32 {
        ramp(-self.rise, 0.08, 0.22) * ramp(self.height, 0.1, 0.2)
    }
}
