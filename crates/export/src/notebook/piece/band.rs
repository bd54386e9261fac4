//! Questions of pages without numbers that can be read: a school's own PDF.

use super::{AIR, Bounds, Cell, FOOT, SIDE, Sheet};

/// Lines above a field that stand this close to each other ask for it, drawing units.
const ABOVE: i32 = 1_200;
/// Lines below a field that are its own stand closer: what is asked stands before its field.
const BELOW: i32 = 450;
/// Print that goes on from a field without a larger gap is of that field, as a unit.
const GOES_ON: i32 = 300;
/// How much above a field is shown where no print is known, as in a scan.
const UNKNOWN: i32 = 2_500;

impl Sheet<'_> {
    /// A band around the fields: from the field before it in its row to the side, and from the field
    /// above down to what is its own.
    pub(super) fn band(&self, at: usize) -> Cell {
        let own = self.places[at].fields;
        let in_row = |other: &Bounds| other.y0 < own.y1 && own.y0 < other.y1;
        let fields = || self.others(at).map(|place| place.fields);
        let row = || fields().filter(in_row);
        let x0 = row().filter(|other| other.x0 < own.x0).map(|other| self.run(&other)).max();
        let x0 = x0.map_or(SIDE, |x0| x0.min(own.x0));
        let has_next = row().any(|other| other.x0 > own.x0);
        let x1 = if has_next { self.run(&own) + AIR } else { self.size.x1 - SIDE };
        let column = || fields().filter(|other| !in_row(other) && other.x0 < x1 && x0 < other.x1);
        let above = column().filter(|other| other.y1 <= own.y0).map(|other| other.y1).max();
        let below = column().filter(|other| other.y0 >= own.y1).map(|other| other.y0).min();
        let (y0, y1) = (above.unwrap_or(0), below.unwrap_or(self.size.y1 - FOOT));
        let room = Bounds { x0, y0, x1, y1 };
        let mut print = self.inside(&room);
        if print.is_empty() {
            let top = (own.y0 - UNKNOWN).max(y0);
            let x0 = x0.max(2 * SIDE - AIR).min(own.x0);
            return Cell { room, print: vec![Bounds { x0, y0: top, ..own }] };
        }
        let beside = print.iter().filter(|print| in_row(print));
        let (mut top, mut low) = beside
            .fold((own.y0, own.y1), |(top, low), print| (top.min(print.y0), low.max(print.y1)));
        print.sort_by_key(|print| std::cmp::Reverse(print.y1));
        for line in print.iter().filter(|line| line.y1 <= own.y0) {
            if line.y1 >= top - ABOVE {
                top = top.min(line.y0);
            }
        }
        print.sort_by_key(|print| print.y0);
        for line in print.iter().filter(|line| line.y0 >= own.y1) {
            if line.y0 <= low + BELOW {
                low = low.max(line.y1);
            }
        }
        print.retain(|print| print.y0 >= top && print.y1 <= low);
        Cell { room, print }
    }

    /// Where the print that goes on from a field on its line ends.
    fn run(&self, field: &Bounds) -> i32 {
        let on_line = |print: &&Bounds| {
            (field.y0..field.y1).contains(&i32::midpoint(print.y0, print.y1))
                && print.x0 >= field.x1
        };
        let mut line: Vec<&Bounds> = self.print.iter().filter(on_line).collect();
        line.sort_by_key(|print| print.x0);
        let reach = |end: i32, print: &&Bounds| {
            if print.x0 <= end + GOES_ON { end.max(print.x1) } else { end }
        };
        line.iter().fold(field.x1, reach)
    }
}
