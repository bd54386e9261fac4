//! The one loop that costs time: a matrix product.

/// A matrix in memory that belongs to somebody else: element (row, column) is at
/// `row * row_step + column * column_step`.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    /// The elements.
    pub data: &'a [f32],
    /// From one row to the next.
    pub row_step: usize,
    /// From one column to the next.
    pub column_step: usize,
}

/// Adds to `c` (`rows` × `columns`, row after row) the product of `a` (`rows` × `depth`) and `b`
/// (`depth` × `columns`, row after row).
///
/// The order of the additions is fixed, so that every processor gives the same bits.
///
/// # Panics
/// If a matrix is smaller than its size says.
pub fn multiply_add(a: Matrix<'_>, b: &[f32], c: &mut [f32], size: [usize; 3]) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        #[expect(
            unsafe_code,
            reason = "the wider registers are worth 2x, and were just detected"
        )]
        // SAFETY: the only condition is that the processor has AVX2.
        return unsafe { multiply_add_avx2(a, b, c, size) };
    }
    multiply_add_plain(a, b, c, size);
}

/// The same source as [`multiply_add_plain`], compiled for wider registers.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn multiply_add_avx2(a: Matrix<'_>, b: &[f32], c: &mut [f32], size: [usize; 3]) {
    multiply_add_plain(a, b, c, size);
}

#[inline(always)]
fn multiply_add_plain(a: Matrix<'_>, b: &[f32], c: &mut [f32], size: [usize; 3]) {
    let [rows, depth, columns] = size;
    assert!(b.len() >= depth * columns && c.len() >= rows * columns, "matrix too small");
    let mut column = 0;
    while column < columns {
        let width = match columns - column {
            16.. => 16,
            8.. => 8,
            _ => 1,
        };
        let mut row = 0;
        while row < rows {
            let height = if rows - row >= 6 { 6 } else { 1 };
            match (height, width) {
                (6, 16) => tile::<6, 16>(a, b, c, depth, columns, (row, column)),
                (6, 8) => tile::<6, 8>(a, b, c, depth, columns, (row, column)),
                (6, _) => tile::<6, 1>(a, b, c, depth, columns, (row, column)),
                (_, 16) => tile::<1, 16>(a, b, c, depth, columns, (row, column)),
                (_, 8) => tile::<1, 8>(a, b, c, depth, columns, (row, column)),
                _ => tile::<1, 1>(a, b, c, depth, columns, (row, column)),
            }
            row += height;
        }
        column += width;
    }
}

/// `H` × `W` elements of the product, held in registers while the depth runs.
#[inline(always)]
fn tile<const H: usize, const W: usize>(
    a: Matrix<'_>,
    b: &[f32],
    c: &mut [f32],
    depth: usize,
    columns: usize,
    (row, column): (usize, usize),
) {
    let mut sums = [[0f32; W]; H];
    let starts: [usize; H] = std::array::from_fn(|h| (row + h) * a.row_step);
    for k in 0..depth {
        let b = &b[k * columns + column..][..W];
        for h in 0..H {
            let factor = a.data[starts[h] + k * a.column_step];
            for w in 0..W {
                sums[h][w] += factor * b[w];
            }
        }
    }
    for (h, sums) in sums.iter().enumerate() {
        let c = &mut c[(row + h) * columns + column..][..W];
        for (c, sum) in c.iter_mut().zip(sums) {
            *c += sum;
        }
    }
}
