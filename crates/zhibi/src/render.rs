//! `zhibi render`: draws a page with its artwork and ink.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use ink::StrokeKey;
use marking::{Marker, Scratch, Thresholds};
use resvg::{tiny_skia, usvg};
use web::PageInk;

use crate::cli::RenderArgs;
use crate::ink_file::{PaperPage, WrittenSheet};
use crate::{Verdict, mark};

/// Dots an inch of a PNG, and millimetres an inch.
const DPI: f32 = 150.0;
const MM_PER_INCH: f32 = 25.4;

/// Runs the command.
pub(crate) fn run(args: &RenderArgs) -> anyhow::Result<Verdict> {
    let kind = args.out.extension().and_then(|extension| extension.to_str());
    ensure!(
        matches!(kind, Some("svg" | "png")),
        "{} ends in neither .svg nor .png: name it so",
        args.out.display()
    );
    let sheet = WrittenSheet::load(&args.page)?;
    let place = PaperPage { copy: args.copy, page: args.page_number };
    let Some(page) = sheet.worksheet.pages.iter().find(|page| page.number == place.page) else {
        bail!("the worksheet has {} pages, not page {}", sheet.worksheet.pages.len(), place.page);
    };
    ensure!(
        place.copy < sheet.copies,
        "there is no copy {}: the print run has {}, counted from 0",
        place.copy,
        sheet.copies
    );
    for (unplaced, strokes) in &sheet.unplaced {
        tell!("{}", mark::unplaced_line(unplaced, *strokes));
    }
    let ink = sheet.papers.get(&place).cloned().unwrap_or_default();
    let registration = &sheet.run.registration;
    let marked = Marker::new(Thresholds::STANDARD).mark(
        &sheet.worksheet,
        place.page,
        registration,
        &ink,
        &mut Scratch::new(),
    );
    let superseded: BTreeMap<StrokeKey, String> = marked
        .responses
        .iter()
        .flat_map(|response| response.superseded.iter().map(|key| (*key, response.part.clone())))
        .collect();
    let drawn = PageInk { pupil: &ink.pupil, red: &ink.red, superseded: &superseded };
    let svg = web::page_svg(page, registration, &drawn);
    let bytes = match kind {
        Some("png") => png(&svg, page)?,
        _ => svg.into_bytes(),
    };
    std::fs::write(&args.out, bytes)
        .with_context(|| format!("cannot write {}", args.out.display()))?;
    Ok(Verdict::Clean)
}

/// A drawn page as PNG at [`DPI`].
fn png(svg: &str, page: &worksheet::Page) -> anyhow::Result<Vec<u8>> {
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
