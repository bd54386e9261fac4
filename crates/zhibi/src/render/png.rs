//! A drawn page as a picture; the only place that knows `resvg`.

use std::sync::Arc;

use anyhow::Context;
use resvg::{tiny_skia, usvg};

/// Dots per inch, and millimetres per inch.
const DPI: f32 = 150.0;
const MM_PER_INCH: f32 = 25.4;

/// A drawn page as PNG at [`DPI`].
pub(super) fn png(svg: &str, page: &worksheet::Page) -> anyhow::Result<Vec<u8>> {
    let mut options = usvg::Options::default();
    // The page names Chinese faces first; a machine without any draws boxes for characters.
    let fonts = Arc::make_mut(&mut options.fontdb);
    fonts.load_system_fonts();
    let tree = usvg::Tree::from_str(svg, &options).context("the page is no SVG")?;
    let size = tree.size();
    let scale = page.width_um as f32 / 1000.0 / MM_PER_INCH * DPI / size.width();
    let (width, height) = ((size.width() * scale).ceil(), (size.height() * scale).ceil());
    let mut pixmap = tiny_skia::Pixmap::new(width as u32, height as u32)
        .context("the page has no area, or too much")?;
    pixmap.fill(tiny_skia::Color::WHITE);
    let transform = tiny_skia::Transform::from_scale(scale, scale);
    resvg::render(&tree, transform, &mut pixmap.as_mut());
    pixmap.encode_png().context("the picture cannot be encoded")
}
