//! Coverage as PNG. The only place that knows the `image` crate.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

use crate::coverage::Coverage;

#[cfg(test)]
mod tests;

/// Why a picture could not be encoded.
#[derive(Debug, thiserror::Error)]
pub enum RasterError {
    /// A PNG has at least one pixel.
    #[error("picture of {width} x {height} pixels is empty")]
    Empty {
        /// Pixels in a row.
        width: usize,
        /// Rows.
        height: usize,
    },
    /// The encoder refused.
    #[error("picture not encoded: {0}")]
    Encode(#[from] image::ImageError),
}

/// A gray PNG, black ink on white paper.
///
/// # Errors
/// If the picture has no pixels.
pub fn png(coverage: &Coverage) -> Result<Vec<u8>, RasterError> {
    let gray: Vec<u8> = coverage.data.iter().map(|c| 255 - c).collect();
    encode(coverage, &gray, ExtendedColorType::L8)
}

/// A PNG with alpha: `ink` (red, green, blue) over `paper` (red, green, blue, alpha). Paper of
/// alpha 0 gives a layer to lie over artwork.
///
/// # Errors
/// If the picture has no pixels.
pub fn png_rgba(coverage: &Coverage, ink: [u8; 3], paper: [u8; 4]) -> Result<Vec<u8>, RasterError> {
    // 256 shades are worked out once, not once a pixel.
    let shades: Vec<[u8; 4]> = (0..=255).map(|c| over(ink, c, paper)).collect();
    let rgba: Vec<u8> = coverage.data.iter().flat_map(|c| shades[usize::from(*c)]).collect();
    encode(coverage, &rgba, ExtendedColorType::Rgba8)
}

/// Porter and Duff's "over" for colours that are not multiplied by their alpha.
fn over(ink: [u8; 3], coverage: u8, paper: [u8; 4]) -> [u8; 4] {
    let top = u32::from(coverage);
    let below = u32::from(paper[3]) * (255 - top) / 255;
    let alpha = top + below;
    let mix = |i: usize| match alpha {
        0 => ink[i],
        _ => ((u32::from(ink[i]) * top + u32::from(paper[i]) * below + alpha / 2) / alpha) as u8,
    };
    [mix(0), mix(1), mix(2), alpha as u8]
}

fn encode(
    coverage: &Coverage,
    bytes: &[u8],
    color: ExtendedColorType,
) -> Result<Vec<u8>, RasterError> {
    let Coverage { width, height, .. } = *coverage;
    if width == 0 || height == 0 {
        return Err(RasterError::Empty { width, height });
    }
    let mut out = Vec::with_capacity(bytes.len() / 8);
    // Ink is runs of paper and thin edges: filters cost more time than they save bytes.
    PngEncoder::new_with_quality(&mut out, CompressionType::Fast, FilterType::NoFilter)
        .write_image(bytes, width as u32, height as u32, color)?;
    Ok(out)
}
