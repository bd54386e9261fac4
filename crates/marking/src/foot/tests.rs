use super::*;

fn bounds([left, top, right, bottom]: [i64; 4]) -> Bounds {
    Bounds { left, top, right, bottom }
}

#[test]
fn a_level_line_where_a_narrow_symbol_ends_is_its_foot() {
    let one = bounds([1_000, 0, 3_000, 5_000]);
    for line in
        [[-1_500, 3_900, 5_000, 4_300], [0, 5_400, 3_500, 5_600], [-500, 3_700, 4_000, 5_200]]
    {
        assert!(is_foot_of_one(bounds(line), one), "{line:?}");
    }
    // Through its middle, far below it, steep, and under a symbol as wide as a 7.
    for line in [[-1_500, 2_400, 5_000, 2_800], [0, 7_600, 3_500, 7_800], [0, 3_000, 3_000, 5_500]]
    {
        assert!(!is_foot_of_one(bounds(line), one), "{line:?}");
    }
    assert!(!is_foot_of_one(bounds([0, 5_000, 3_500, 5_200]), bounds([0, 0, 3_000, 5_000])));
}
