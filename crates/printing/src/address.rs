//! Which page has which patch of the plane.
//!
//! The plane is cut into slots of 756 × 1,008 dots (224 × 298.7 mm, an A4 page and a little), 543,383
//! of them in a row and 407,527 in a column, both prime. Page `p` of book `b` has the number
//! `n = b · 407,527 + p` and lies in the column `n mod 543,383` and the row `n mod 407,527`, which is
//! `p`. By the Chinese remainder theorem each slot is one page. Pages of a book share neither row nor
//! column, so that a position wrong on one axis lies on a page that was never printed, not on a
//! neighbour's paper.
//!
//! The section of an address is where the main sequences of both axes begin: paper of another section
//! is no place on this one. Owners are not in the dots. A deployment has one section and one owner,
//! and the plane holds 2.2 · 10¹¹ pages of them.

#[cfg(test)]
mod tests;

use firmware_protocol::PageAddress;

use crate::pattern::{main_from, shifts};
use crate::sequence::{MAIN_LEN, PERIOD};
use crate::{Dot, PITCH_UM, PrintingError};

/// The section of the paper that Zhibi prints unless it is told another.
pub const SECTION: u8 = 3;

/// The owner of all paper that Zhibi prints: this project, which sells to nobody.
pub const OWNER: u32 = 0x5A42;

/// The book of name labels, the last one: no sheet is printed in it.
pub const LABEL_BOOK: u32 = BOOKS - 1;

/// Pages of a book, from 0: the rows of slots, a prime number.
pub const PAGES_PER_BOOK: u32 = 407_527;

/// Books, from 0: the columns of slots, a prime number.
const BOOKS: u32 = 543_383;

/// Dots of a slot from left to right.
const COLUMNS: u32 = 756;

/// Dots of a slot from top to bottom.
const ROWS: u32 = 1_008;

/// What [`PAGES_PER_BOOK`] is to be multiplied with to give 1 modulo [`BOOKS`].
const INVERSE: u64 = inverse(PAGES_PER_BOOK as u64, BOOKS as u64);

const _: () = assert!(BOOKS as u64 * COLUMNS as u64 <= PERIOD);
const _: () = assert!(PAGES_PER_BOOK as u64 * ROWS as u64 <= PERIOD);

/// The inverse modulo a prime: Fermat's `a^(p - 2)`.
const fn inverse(a: u64, prime: u64) -> u64 {
    let (mut power, mut left, mut result) = (a % prime, prime - 2, 1);
    while left > 0 {
        if !left.is_multiple_of(2) {
            result = result * power % prime;
        }
        power = power * power % prime;
        left /= 2;
    }
    result
}

/// The dot pattern of one deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plane {
    /// The section of all its addresses.
    pub section: u8,
}

/// The dots of one page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patch {
    plane: Plane,
    /// The plane's column of its first dot.
    pub(crate) column: u32,
    /// The plane's row of its first dot.
    pub(crate) row: u32,
}

/// A dot of a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PatchPlace {
    /// Whose patch it is.
    pub address: PageAddress,
    /// Dots of the patch to its left.
    pub column: u32,
    /// Dots of the patch above it.
    pub row: u32,
}

impl Plane {
    /// The patch of a page.
    ///
    /// # Errors
    /// Where the plane has no such page: another section or owner, a book beyond 543,382 or a page
    /// beyond 407,526. The part and its limit are named.
    pub fn patch(self, address: PageAddress) -> Result<Patch, PrintingError> {
        let PageAddress { section, owner, book, page } = address;
        let refuse = |part, value, limit| {
            let address = format!("{section}.{owner}.{book}.{page}");
            Err(PrintingError::Address { address, part, value, limit })
        };
        if section != self.section {
            return refuse("section", section.into(), format!("section {}", self.section));
        }
        if owner != OWNER {
            return refuse("owner", owner, format!("owner {OWNER}"));
        }
        if book >= BOOKS {
            return refuse("book", book, format!("books 0 to {}", BOOKS - 1));
        }
        if page >= PAGES_PER_BOOK {
            return refuse("page", page, format!("pages 0 to {}", PAGES_PER_BOOK - 1));
        }
        let number = u64::from(book) * u64::from(PAGES_PER_BOOK) + u64::from(page);
        // Below the number of books, which are as many as columns of slots.
        let slot = (number % u64::from(BOOKS)) as u32;
        Ok(Patch { plane: self, column: slot * COLUMNS, row: page * ROWS })
    }

    /// The page in whose slot a dot of the plane lies: the inverse of [`Plane::patch`]. `None` beyond
    /// the last slot.
    #[must_use]
    pub fn place(self, column: u32, row: u32) -> Option<PatchPlace> {
        let (slot, page) = (column / COLUMNS, row / ROWS);
        if slot >= BOOKS || page >= PAGES_PER_BOOK {
            return None;
        }
        // slot = book · PAGES_PER_BOOK + page, modulo BOOKS.
        let rest = u64::from(slot) + u64::from(BOOKS) - u64::from(page) % u64::from(BOOKS);
        let book = (rest * INVERSE % u64::from(BOOKS)) as u32;
        Some(PatchPlace {
            address: PageAddress { section: self.section, owner: OWNER, book, page },
            column: column % COLUMNS,
            row: row % ROWS,
        })
    }

    /// The shifts of the main sequence in columns from `first` on.
    pub(crate) fn column_shifts(self, first: u32) -> impl Iterator<Item = u32> {
        shifts(first, u32::from(self.section) % MAIN_LEN)
    }

    /// The shifts of the main sequence in rows from `first` on.
    pub(crate) fn row_shifts(self, first: u32) -> impl Iterator<Item = u32> {
        shifts(first, u32::from(self.section) / MAIN_LEN)
    }
}

impl Patch {
    /// Its dots row by row, as many of each as are asked for; a slot has 756 × 1,008.
    pub fn rows(self, columns: u32, rows: u32) -> impl Iterator<Item = Vec<Dot>> {
        // What a column has below a row of the plane, from its shift on.
        let of_column = |shift: u32| main_from((shift + self.row % MAIN_LEN) % MAIN_LEN);
        let columns: Vec<u64> = self
            .plane
            .column_shifts(self.column)
            .map(of_column)
            .take(columns.min(COLUMNS) as usize)
            .collect();
        let start = self.column % MAIN_LEN;
        let shifts = self.plane.row_shifts(self.row).take(rows.min(ROWS) as usize);
        (0_u32..).zip(shifts).map(move |(row, shift)| {
            let line = main_from((shift + start) % MAIN_LEN);
            let dot = |(at, column): (u32, &u64)| {
                let bit = |bits: u64, at: u32| bits >> (at % MAIN_LEN) & 1 == 1;
                Dot::of_bits(bit(*column, row), bit(line, at))
            };
            (0_u32..).zip(&columns).map(dot).collect()
        })
    }

    /// Whether a page of that size lies within a patch.
    #[must_use]
    pub fn holds(width_um: i32, height_um: i32) -> bool {
        let reaches = |dots: u32| f64::from(dots) * PITCH_UM;
        f64::from(width_um) <= reaches(COLUMNS) && f64::from(height_um) <= reaches(ROWS)
    }
}
