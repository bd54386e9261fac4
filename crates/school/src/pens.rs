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
    if are_in_order(numbers) {
        return (1..).take(numbers.len()).collect();
    }
    numbers.iter().map(|number| number % (IN_CLASS_MAX + 1)).collect()
}

/// Whether pens are taken in the order of the numbers, since neither these nor their last two
/// digits are numbers of pens.
#[must_use]
pub fn are_in_order(numbers: &[u32]) -> bool {
    let ends = numbers.iter().map(|number| number % (IN_CLASS_MAX + 1));
    let distinct: BTreeSet<u32> = ends.filter(|end| *end > 0).collect();
    numbers.iter().any(|number| *number > IN_CLASS_MAX) && distinct.len() < numbers.len()
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
        assert!(are_in_order(&[20_240_300, 20_240_301]) && !are_in_order(&[301, 302]));
    }
}
