//! Pictures made of pixels, as PNG within the artwork.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hayro_interpret::kurbo::{Affine, Point};
use hayro_interpret::{Image, ImageData, LumaData};

use crate::path::matrix;

/// The most pixels that a picture may have before it is read: an A4 page scanned at 600 dpi has 35
/// million.
const PIXELS_MAX: u64 = 40_000_000;
/// Pixels for each millimetre of paper that are kept: 200 dpi, which print shows no better.
const PER_MM: f64 = 200.0 / 25.4;

/// Pixels, from the top left.
struct Pixels {
    width: usize,
    height: usize,
    /// 1 byte for grey, 3 for red, green and blue; one more where some are transparent.
    channels: usize,
    bytes: Vec<u8>,
}

/// The element that shows a picture; `None` where it cannot be read. `transform` leads from pixels to
/// millimetres; `stencil` is the colour of a picture that is a stencil: red, green, blue.
pub(crate) fn element(
    image: &Image<'_, '_>,
    transform: Affine,
    stencil: [u8; 3],
    opacity: f32,
) -> Option<String> {
    let (width, height) = (image.width(), image.height());
    if width == 0 || height == 0 || u64::from(width) * u64::from(height) > PIXELS_MAX {
        return None;
    }
    let (pixels, scales) = pixels(image, stencil)?;
    let transform = transform * Affine::scale_non_uniform(scales.0.into(), scales.1.into());
    let (width, height) = (pixels.width as f64, pixels.height as f64);
    let [origin, right, low] = [(0.0, 0.0), (width, 0.0), (0.0, height)].map(Point::from);
    let origin = transform * origin;
    let across = origin.distance(transform * right);
    let down = origin.distance(transform * low);
    let times = |pixels: f64, mm: f64| (pixels / (mm * PER_MM).max(1.0)).floor().max(1.0);
    // Both ways alike, so that a line one pixel wide stays as dark whichever way it runs.
    let step = times(width, across).min(times(height, down)) as usize;
    let pixels = if step > 1 { pixels.smaller(step) } else { pixels };
    let back =
        Affine::scale_non_uniform(width / pixels.width as f64, height / pixels.height as f64);
    let pixels = pixels.faded(opacity);
    let png = pixels.png()?;
    Some(format!(
        "<image width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" transform=\"{}\" \
         href=\"data:image/png;base64,{}\"/>",
        pixels.width,
        pixels.height,
        matrix(transform * back),
        STANDARD.encode(png)
    ))
}

/// The pixels of a picture, and by what they must be stretched.
fn pixels(image: &Image<'_, '_>, stencil: [u8; 3]) -> Option<(Pixels, (f32, f32))> {
    let mut found = None;
    match image {
        Image::Stencil(image) => image.with_stencil(
            |mask, _| {
                let scales = mask.scale_factors;
                let [r, g, b] = stencil;
                let bytes = mask.data.iter().flat_map(|shown| [r, g, b, *shown]).collect();
                let (width, height) = (mask.width as usize, mask.height as usize);
                found = Some((Pixels { width, height, channels: 4, bytes }, scales));
            },
            None,
        ),
        Image::Raster(image) => image.with_rgba(
            |data, alpha| {
                let scales = data.scale_factors();
                found = Some((colours(data, alpha), scales));
            },
            None,
        ),
    }
    let (pixels, scales) = found?;
    let whole = pixels.width * pixels.height * pixels.channels;
    (whole > 0 && pixels.bytes.len() == whole).then_some((pixels, scales))
}

fn colours(data: ImageData, alpha: Option<LumaData>) -> Pixels {
    let (width, height) = (data.width() as usize, data.height() as usize);
    let (channels, bytes) = match data {
        ImageData::Luma(grey) => (1, grey.data),
        ImageData::Rgb(rgb) => {
            let is_grey = rgb.data.chunks_exact(3).all(|p| p[0] == p[1] && p[1] == p[2]);
            if is_grey { (1, rgb.data.into_iter().step_by(3).collect()) } else { (3, rgb.data) }
        }
    };
    let Some(alpha) = alpha.filter(|alpha| alpha.data.iter().any(|shown| *shown < 255)) else {
        return Pixels { width, height, channels, bytes };
    };
    // A mask may have another size than its picture.
    let shown = |x: usize, y: usize| {
        let (x, y) = (x * alpha.width as usize / width, y * alpha.height as usize / height);
        alpha.data.get(y * alpha.width as usize + x).copied().unwrap_or(255)
    };
    let mut with = Vec::with_capacity(width * height * (channels + 1));
    for (at, pixel) in bytes.chunks_exact(channels).enumerate() {
        with.extend_from_slice(pixel);
        with.push(shown(at % width, at / width));
    }
    Pixels { width, height, channels: channels + 1, bytes: with }
}

impl Pixels {
    /// The mean of each square of `step` × `step` pixels.
    fn smaller(&self, step: usize) -> Self {
        let (width, height) = (self.width.div_ceil(step), self.height.div_ceil(step));
        let mut bytes = Vec::with_capacity(width * height * self.channels);
        for y in 0..height {
            for x in 0..width {
                let rows = y * step..((y + 1) * step).min(self.height);
                let columns = x * step..((x + 1) * step).min(self.width);
                let count = (rows.len() * columns.len()) as u32;
                for channel in 0..self.channels {
                    let mut sum = 0_u32;
                    for row in rows.clone() {
                        for column in columns.clone() {
                            let at = (row * self.width + column) * self.channels + channel;
                            sum += u32::from(self.bytes[at]);
                        }
                    }
                    bytes.push(u8::try_from(sum / count).unwrap_or(u8::MAX));
                }
            }
        }
        Self { width, height, channels: self.channels, bytes }
    }

    /// The same, less opaque.
    fn faded(self, opacity: f32) -> Self {
        if opacity >= 0.999 {
            return self;
        }
        let faded = |alpha: u8| (f32::from(alpha) * opacity.max(0.0)).round() as u8;
        let Self { width, height, channels, .. } = self;
        let is_opaque = matches!(channels, 1 | 3);
        let pixel = |pixel: &[u8]| {
            let mut pixel = pixel.to_vec();
            match pixel.last_mut() {
                Some(alpha) if !is_opaque => *alpha = faded(*alpha),
                _ => pixel.push(faded(255)),
            }
            pixel
        };
        let bytes = self.bytes.chunks_exact(channels).flat_map(pixel).collect();
        Self { width, height, channels: channels + usize::from(is_opaque), bytes }
    }

    fn png(&self) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let (width, height) = (u32::try_from(self.width).ok()?, u32::try_from(self.height).ok()?);
        let mut encoder = png::Encoder::new(&mut out, width, height);
        encoder.set_color(match self.channels {
            1 => png::ColorType::Grayscale,
            2 => png::ColorType::GrayscaleAlpha,
            3 => png::ColorType::Rgb,
            _ => png::ColorType::Rgba,
        });
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().ok()?;
        writer.write_image_data(&self.bytes).ok()?;
        writer.finish().ok()?;
        Some(out)
    }
}
