//! A picture of ink.

/// A picture of ink: 0 is paper, 255 is ink. Kept by the caller and drawn into again and again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Row after row, `width * height` bytes.
    pub data: Vec<u8>,
}

impl Coverage {
    /// A picture without pixels; [`crate::draw()`] gives it its size.
    pub fn new() -> Self {
        Self::default()
    }

    /// The bytes of row `y`.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, y: usize) -> &[u8] {
        &self.data[y * self.width..(y + 1) * self.width]
    }
}
