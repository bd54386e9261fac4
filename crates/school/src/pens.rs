//! Which pen of a set is whose.

use std::collections::BTreeSet;

/// The greatest number that a class gives its own pupils.
const IN_CLASS_MAX: u32 = 99;

/// The number of the pen that each pupil of a class takes from a set, in the order of `numbers`,
/// which are the pupils' own and rise.
///
/// A pupil takes the pen of their number. Where numbers are longer than a class needs (20240307, or
/// 307 for the seventh of class 3), their last two digits are what pupils go by; where these do not
/// tell the class's pupils apart, they take pens in the order of their numbers.
#[must_use]
pub fn pen_numbers(numbers: &[u32]) -> Vec<u32> {
    if numbers.iter().all(|number| *number <= IN_CLASS_MAX) {
        return numbers.to_vec();
    }
    let ends: Vec<u32> = numbers.iter().map(|number| number % (IN_CLASS_MAX + 1)).collect();
    let distinct: BTreeSet<u32> = ends.iter().copied().filter(|end| *end > 0).collect();
    if distinct.len() == ends.len() { ends } else { (1..).take(numbers.len()).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pupil_takes_the_pen_of_their_number() {
        let check = |numbers: &[u32], pens: &[u32]| assert_eq!(pen_numbers(numbers), pens);
        check(&[], &[]);
        check(&[1, 2, 45], &[1, 2, 45]);
        check(&[20_240_301, 20_240_302, 20_240_345], &[1, 2, 45]);
        check(&[301, 302, 307], &[1, 2, 7]);
        // One who came from another class with their number.
        check(&[20_240_107, 20_240_301, 20_240_307], &[1, 2, 3]);
        check(&[20_240_300, 20_240_301], &[1, 2]);
    }
}
