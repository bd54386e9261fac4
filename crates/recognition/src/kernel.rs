//! The one loop that costs time: a matrix product.

#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(test)]
mod tests;

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

impl Matrix<'_> {
    /// Whether there is anything to add.
    ///
    /// # Panics
    /// If a matrix is smaller than its size says.
    fn holds(&self, b: &[f32], c: &[f32], [rows, depth, columns]: [usize; 3]) -> bool {
        assert!(b.len() >= depth * columns && c.len() >= rows * columns, "matrix too small");
        if rows == 0 || columns == 0 || depth == 0 {
            return false;
        }
        let last = (rows - 1) * self.row_step + (depth - 1) * self.column_step;
        assert!(self.data.len() > last, "matrix too small");
        true
    }
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
    if std::arch::is_x86_feature_detected!("avx512f") {
        #[expect(
            unsafe_code,
            reason = "the widest registers are worth 2x over AVX2, and were just detected"
        )]
        // SAFETY: the only condition is that the processor has AVX-512F.
        return unsafe { avx512::multiply_add(a, b, c, size) };
    }
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
    if !a.holds(b, c, size) {
        return;
    }
    let whole = rows - rows % HEIGHT;
    for row in (0..whole).step_by(HEIGHT) {
        band::<HEIGHT>(a, b, c, row, depth, columns);
    }
    for row in whole..rows {
        band::<1>(a, b, c, row, depth, columns);
    }
}

/// Rows worked at once: with 16 columns, their sums fill twelve of AVX2's sixteen registers.
const HEIGHT: usize = 6;
/// Factors of a band that lie ready at once. The sums of so many are added to `c` at a time.
const PANEL: usize = 128;

/// `H` rows of the product.
#[inline(always)]
fn band<const H: usize>(
    a: Matrix<'_>,
    b: &[f32],
    c: &mut [f32],
    row: usize,
    depth: usize,
    columns: usize,
) {
    let mut panel = [[0f32; H]; PANEL];
    let mut from = 0;
    while from < depth {
        let deep = (depth - from).min(PANEL);
        // The factors of a column side by side, so that the inner loop needs no checks.
        for (h, start) in (row..row + H).map(|row| row * a.row_step).enumerate() {
            let factors = a.data[start + from * a.column_step..].iter().step_by(a.column_step);
            panel[..deep].iter_mut().zip(factors).for_each(|(panel, factor)| panel[h] = *factor);
        }
        let b = &b[from * columns..(from + deep) * columns];
        let c = &mut c[row * columns..(row + H) * columns];
        let mut column = 0;
        while column < columns {
            column += match columns - column {
                16.. => tile::<H, 16>(&panel[..deep], b, c, columns, column),
                8.. => tile::<H, 8>(&panel[..deep], b, c, columns, column),
                _ => tile::<H, 1>(&panel[..deep], b, c, columns, column),
            };
        }
        from += deep;
    }
}

/// `H` × `W` elements of the product, held in registers while the depth runs; returns `W`.
#[inline(always)]
fn tile<const H: usize, const W: usize>(
    panel: &[[f32; H]],
    b: &[f32],
    c: &mut [f32],
    columns: usize,
    column: usize,
) -> usize {
    let mut sums = [[0f32; W]; H];
    for (factors, b) in panel.iter().zip(b.chunks_exact(columns)) {
        let Some(b) = b[column..].first_chunk::<W>() else { continue };
        for (sums, factor) in sums.iter_mut().zip(factors) {
            for (sum, b) in sums.iter_mut().zip(b) {
                *sum += factor * b;
            }
        }
    }
    for (sums, c) in sums.iter().zip(c.chunks_exact_mut(columns)) {
        for (c, sum) in c[column..].iter_mut().zip(sums) {
            *c += sum;
        }
    }
    W
}
