//! From pixels to a place: what a pen's camera does, for tests and for whoever wants to read paper.
//!
//! Dots are found as dark spots, the grid as the two waves that most spots lie on, and the side on
//! which each spot lies as what is left. The rest is [`Plane::locate_turned`].

mod lattice;
mod spots;

#[cfg(test)]
mod tests;

use crate::dot::PITCH_UM;
use crate::{PatchPlace, Plane, Window};
use lattice::Lattice;
use spots::spots;

/// The fewest dots that a view may show: 8 × 8 tell the turn.
const DOTS_MIN: usize = 64;

/// The most pixels of a view that are looked at: some 40 mm at 1,200 dpi.
const PIXELS_MAX: usize = 4_000_000;

/// A grey picture of coded paper, in infrared light: artwork without carbon is not to be seen in it.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Pixels of a row.
    pub width: usize,
    /// Row by row from the top left, 0 black.
    pub pixels: &'a [u8],
    /// What a pixel is on the paper, about: 5 % more or less are found.
    pub um_per_pixel: f64,
}

/// What a view shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sighting {
    /// The page, and the dot of it whose node is nearest before the point.
    pub place: PatchPlace,
    /// Where the middle of the view lies in the page's pattern, micrometres from its first node.
    pub x_um: f64,
    /// The same, downwards.
    pub y_um: f64,
    /// By how much the paper is turned in the view, clockwise, radians from 0 to 2π.
    pub turn: f64,
    /// The share of the dots that lie as the pattern has them.
    pub agreement: f64,
}

impl Plane {
    /// Where the middle of a view lies. `None` where that is not sure, and for a view of no area, of
    /// more than four million pixels, or whose scale is none.
    #[must_use]
    pub fn sight(self, view: View<'_>) -> Option<Sighting> {
        let View { width, pixels, um_per_pixel } = view;
        let height = pixels.len().checked_div(width)?;
        let pitch = PITCH_UM / um_per_pixel;
        if pixels.len() > PIXELS_MAX || !(4.0..100.0).contains(&pitch) {
            return None;
        }
        let spots = spots(pixels.get(..width * height)?, width, pitch);
        if spots.len() < DOTS_MIN {
            return None;
        }
        let middle = (width as f64 / 2.0, height as f64 / 2.0);
        let lattice = Lattice::of(&spots, pitch, middle)?;
        let (window, first) = lattice.window(&spots);
        if window.seen() < DOTS_MIN {
            return None;
        }
        let turned = self.locate_turned(&window)?;
        // The middle of the view is the lattice's point (0, 0) plus what is left of it.
        let (u, v) = lattice.node_of(middle);
        let point = (u - f64::from(first.0), v - f64::from(first.1));
        let (across, down) = upright(point, &window, turned.quarters);
        let located = turned.located;
        let (x, y) =
            (f64::from(located.place.column) + across, f64::from(located.place.row) + down);
        Some(Sighting {
            place: PatchPlace {
                column: x.max(0.0) as u32,
                row: y.max(0.0) as u32,
                ..located.place
            },
            x_um: x * PITCH_UM,
            y_um: y * PITCH_UM,
            turn: (lattice.turn() - f64::from(turned.quarters) * std::f64::consts::FRAC_PI_2)
                .rem_euclid(std::f64::consts::TAU),
            agreement: located.agreement,
        })
    }
}

/// A point of a window, in nodes from its first, once the window was turned clockwise so often.
fn upright(point: (f64, f64), window: &Window, quarters: u8) -> (f64, f64) {
    let (mut point, mut columns, mut rows) = (point, window.columns() as f64, window.rows() as f64);
    for _ in 0..quarters {
        point = (rows - 1.0 - point.1, point.0);
        (columns, rows) = (rows, columns);
    }
    point
}
