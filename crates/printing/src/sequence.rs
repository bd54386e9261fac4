//! The sequences of the pattern: this project's own, found by a seeded search, compatible with nobody
//! else's. All are cyclic. The tests prove what reading relies on.

#[cfg(test)]
mod tests;

/// How many bits the main sequence has.
pub(crate) const MAIN_LEN: u32 = 63;

/// A window of so many bits of the main sequence stands in it once.
pub(crate) const MAIN_ORDER: usize = 6;

/// A window of so many digits of a secondary sequence stands in it once.
pub(crate) const SECONDARY_ORDER: usize = 5;

/// Bit `i` of the main sequence is bit `i` of this number.
pub(crate) const MAIN: u64 = 0x4316_6ed5_e4a3_f4e0;

/// The lowest shift between the main sequences of two neighbours; the digits of the secondary
/// sequences are added to it, each times its weight.
pub(crate) const SHIFT_MIN: u32 = 5;

/// The highest shift: 5 + 2·1 + 2·3 + 1·9 + 2·18. So no shift is 0, and all are below 63.
pub(crate) const SHIFT_MAX: u32 = 58;

/// A secondary sequence: digits in ASCII.
pub(crate) struct Secondary {
    /// Its digits, `0` to `2`.
    pub(crate) digits: &'static [u8],
    /// What a digit counts in a shift.
    pub(crate) weight: u32,
}

impl Secondary {
    pub(crate) fn len(&self) -> u32 {
        // At most 241.
        self.digits.len() as u32
    }

    /// The digit at a place that is below the length.
    pub(crate) fn digit(&self, at: u32) -> u32 {
        u32::from(self.digits[at as usize] - b'0')
    }

    /// The digit in a shift's remainder, [`SHIFT_MIN`] taken off.
    pub(crate) fn digit_of_rest(&self, rest: u32) -> u32 {
        match self.weight {
            1 => rest % 3,
            3 => rest / 3 % 3,
            9 => rest / 9 % 2,
            _ => rest / 18,
        }
    }
}

/// Their lengths have no common divisor, so that the places in all four tell a place in the plane up
/// to the product of the lengths.
pub(crate) const SECONDARY: [Secondary; 4] = [
    Secondary {
        digits: b"11120122202221101221112221001011220011011000212210111021102211221211001121000020\
          20121121111212202100222000221021201111010012201102010001210121200010020112001200\
          2102001022221222201202022002201012010210102021110021120221202121022020020000",
        weight: 1,
    },
    Secondary {
        digits: b"21112021021102010111220012120221022210112101211200222202201210202112111121210002\
          20200020222010212210021201120100120201100100010221222212001102200201221110210011\
          2220000122211221211002211012000111101101002002101020010122021212201110000",
        weight: 3,
    },
    Secondary { digits: b"1010011010111000111110110010000", weight: 9 },
    Secondary {
        digits: b"11201112112021101111012111222110211220112100202012102200221121220012212101102022\
          10200010201012020212010011002222021000220220102102121202220000211100012121100120\
          01002101222212220120122020011102221001010112211111200020110102212002002122101000\
          0",
        weight: 18,
    },
];

/// The product of the lengths: how many places an axis has before the pattern repeats.
pub(crate) const PERIOD: u64 = 236 * 233 * 31 * 241;
