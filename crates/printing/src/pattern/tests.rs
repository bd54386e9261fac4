use super::*;

#[test]
fn shifts_from_anywhere_are_the_shifts_from_the_beginning() {
    let all: Vec<u32> = shifts(0, 7).take(2_000).collect();
    for first in [1, 30, 31, 236, 1_999] {
        assert_eq!(shifts(first, 7).next(), Some(all[first as usize]), "line {first}");
    }
    // Far out there is no counting from the beginning: a period of the four lengths apart, steps are
    // the same, and each line is the one before and its step.
    let far: Vec<u32> = shifts(410_000_000, 7).take(300).collect();
    for (line, pair) in (410_000_000..).zip(far.windows(2)) {
        assert_eq!((pair[0] + step(line)) % MAIN_LEN, pair[1]);
    }
}

#[test]
fn a_line_is_the_main_sequence_around() {
    for shift in 0..MAIN_LEN {
        for at in 0..MAIN_LEN {
            let bit = MAIN >> ((shift + at) % MAIN_LEN) & 1;
            assert_eq!(main_from(shift) >> at & 1, bit);
        }
    }
}
