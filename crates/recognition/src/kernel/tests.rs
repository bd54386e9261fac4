use super::*;

/// Floats of all sizes and signs, the same each time.
fn floats(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..count).map(|_| next() * 3.0).collect()
}

/// The wide registers must not change a bit: a reading would depend on the processor.
#[test]
fn every_way_gives_the_same_bits() {
    for rows in [1, 5, 6, 7, 12, 13, 36] {
        for depth in [1, 2, 127, 128, 129, 300] {
            for columns in [1, 7, 8, 15, 16, 17, 24, 32, 33, 48, 64, 65, 80, 129] {
                let (b, before) = (floats(depth * columns, 2), floats(rows * columns, 3));
                // Row after row with a gap, and column after column, as training has it.
                let (by_row, by_column) = (floats(rows * (depth + 3), 1), floats(rows * depth, 4));
                let by_row = Matrix { data: &by_row, row_step: depth + 3, column_step: 1 };
                let by_column = Matrix { data: &by_column, row_step: 1, column_step: rows };
                for a in [by_row, by_column] {
                    let size = [rows, depth, columns];
                    let (mut plain, mut wide) = (before.clone(), before.clone());
                    multiply_add_plain(a, &b, &mut plain, size);
                    multiply_add(a, &b, &mut wide, size);
                    let bits = |c: &[f32]| c.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                    assert_eq!(bits(&plain), bits(&wide), "{size:?}");
                }
            }
        }
    }
}

#[test]
#[should_panic(expected = "matrix too small")]
fn a_matrix_that_is_too_small_is_refused() {
    let a = Matrix { data: &[0.0; 5], row_step: 3, column_step: 1 };
    multiply_add(a, &[0.0; 6], &mut [0.0; 4], [2, 3, 2]);
}
