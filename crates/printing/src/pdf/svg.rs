//! An SVG document as PDF content.
//!
//! On coded paper, carbon black is the pattern's: there the drawing is in cyan, magenta and yellow
//! only, grey in equal parts of the three, black in all three in full. What is read on a screen or on
//! plain paper keeps its colours.

use pdf_writer::types::{LineCapStyle, LineJoinStyle};
use pdf_writer::{Content, Name, Str};
use usvg::tiny_skia_path::{self, PathSegment, Rect, Transform};
use usvg::{
    ClipPath, Color, FillRule, Group, Image, ImageKind, LineCap, LineJoin, Node, Paint, Path, Text,
    Tree,
};

use super::fonts::{Fonts, Subsets};
use super::picture::Pictures;
use super::points;
use crate::PrintingError;

/// What colours are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colours {
    /// Cyan, magenta and yellow, beside a pattern in carbon.
    WithoutCarbon,
    /// Red, green and blue, as screens have them.
    Screen,
}

/// A document that is ready to be drawn, as often as is needed.
#[derive(Debug)]
pub(super) struct Parsed {
    tree: Tree,
    width_um: i32,
}

impl Parsed {
    /// A document that fills a page of that width.
    ///
    /// # Errors
    /// Where it is no SVG.
    pub(super) fn new(svg: &str, width_um: i32, fonts: &Fonts) -> Result<Self, PrintingError> {
        let tree = Tree::from_str(svg, &fonts.options)
            .map_err(|error| PrintingError::Artwork(error.to_string()))?;
        Ok(Self { tree, width_um })
    }

    /// Points of a PDF per unit of the drawing.
    pub(super) fn scale(&self) -> f32 {
        points(self.width_um.into()) / self.tree.size().width()
    }

    /// Appends the drawing in its own units, y down; where a rectangle is given in those, what lies
    /// outside of it is left out, text too.
    ///
    /// # Errors
    /// Where it has what cannot be printed, or a character that no font has.
    pub(super) fn draw(
        &self,
        content: &mut Content,
        subsets: &mut Subsets,
        pictures: &mut Pictures,
        colours: Colours,
        within: Option<Rect>,
    ) -> Result<(), PrintingError> {
        Drawing { content, subsets, pictures, colours, within }.group(self.tree.root())
    }

    /// The drawing over a page of that height, from its top left corner.
    ///
    /// # Errors
    /// As [`Self::draw`].
    pub(super) fn whole(
        &self,
        height_um: i32,
        subsets: &mut Subsets,
        pictures: &mut Pictures,
        colours: Colours,
    ) -> Result<Vec<u8>, PrintingError> {
        let scale = self.scale();
        let mut content = Content::new();
        content.transform([scale, 0.0, 0.0, -scale, 0.0, points(height_um.into())]);
        self.draw(&mut content, subsets, pictures, colours, None)?;
        Ok(content.finish().to_vec())
    }

    /// A rectangle of micrometres on the page in the drawing's units.
    pub(super) fn units(&self, [left, top, width, height]: [i32; 4]) -> Option<Rect> {
        let unit = |um: i32| points(um.into()) / self.scale();
        Rect::from_xywh(unit(left), unit(top), unit(width), unit(height))
    }
}

/// Draws a document over a page of that size, from its top left corner, without carbon. Its pictures
/// join `pictures`; the file names each by its place among them.
///
/// # Errors
/// Where it is no SVG, has what cannot be printed, or a character that no font has.
pub(super) fn draw(
    svg: &str,
    (width_um, height_um): (i32, i32),
    fonts: &Fonts,
    subsets: &mut Subsets,
    pictures: &mut Pictures,
) -> Result<Vec<u8>, PrintingError> {
    let parsed = Parsed::new(svg, width_um, fonts)?;
    parsed.whole(height_um, subsets, pictures, Colours::WithoutCarbon)
}

/// Text as it stands in SVG.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

struct Drawing<'a> {
    content: &'a mut Content,
    subsets: &'a mut Subsets,
    pictures: &'a mut Pictures,
    colours: Colours,
    /// In the units of the whole drawing.
    within: Option<Rect>,
}

fn refused(what: &str) -> PrintingError {
    PrintingError::Artwork(format!("it has {what}, which is not printed: draw it plainly"))
}

impl Drawing<'_> {
    fn group(&mut self, group: &Group) -> Result<(), PrintingError> {
        if group.opacity().get() < 1.0 || group.mask().is_some() || !group.filters().is_empty() {
            return Err(refused("a group that is faint, masked or filtered"));
        }
        if let Some(clip) = group.clip_path() {
            self.content.save_state();
            self.clip(clip, group.abs_transform())?;
        }
        for node in group.children() {
            if self.within.is_some_and(|within| !touches(within, node.abs_stroke_bounding_box())) {
                continue;
            }
            match node {
                Node::Group(inner) => self.group(inner)?,
                Node::Path(path) if path.is_visible() => self.path(path, path.abs_transform())?,
                Node::Path(_) => {}
                Node::Text(text) => self.text(text)?,
                Node::Image(image) => self.image(image)?,
            }
        }
        if group.clip_path().is_some() {
            self.content.restore_state();
        }
        Ok(())
    }

    /// Cuts off what lies outside one path, as long as the state is not restored.
    fn clip(&mut self, clip: &ClipPath, base: Transform) -> Result<(), PrintingError> {
        let [Node::Path(path)] = clip.root().children() else {
            return Err(refused("a group that is clipped by more than one path"));
        };
        if clip.clip_path().is_some() || !path.abs_transform().is_identity() {
            return Err(refused("a group that is clipped by more than one path"));
        }
        let placed = path.data().clone().transform(base.pre_concat(clip.transform()));
        let Some(placed) = placed else { return Err(refused("a clip path without an area")) };
        outline(self.content, &placed);
        match path.fill().map(|fill| fill.rule()) {
            Some(FillRule::EvenOdd) => self.content.clip_even_odd(),
            _ => self.content.clip_nonzero(),
        };
        self.content.end_path();
        Ok(())
    }

    /// A picture made of pixels, which the document holds as PNG.
    fn image(&mut self, image: &Image) -> Result<(), PrintingError> {
        let ImageKind::PNG(png) = image.kind() else {
            return Err(refused("a picture that is no PNG"));
        };
        let number =
            self.pictures.number(png).ok_or_else(|| refused("a picture that is broken"))?;
        let (width, height) = (image.size().width(), image.size().height());
        // In a PDF a picture is one unit wide and high, and its first row is the highest.
        let unit = Transform::from_row(width, 0.0, 0.0, -height, 0.0, height);
        self.content.save_state();
        self.content.transform(matrix(image.abs_transform().pre_concat(unit)));
        self.content.x_object(Name(format!("I{number}").as_bytes()));
        self.content.restore_state();
        Ok(())
    }

    fn path(&mut self, path: &Path, transform: Transform) -> Result<(), PrintingError> {
        self.content.save_state();
        self.content.transform(matrix(transform));
        if let Some(fill) = path.fill() {
            self.fill(fill.paint(), fill.opacity().get())?;
            outline(self.content, path.data());
            match fill.rule() {
                FillRule::NonZero => self.content.fill_nonzero(),
                FillRule::EvenOdd => self.content.fill_even_odd(),
            };
        }
        if let Some(stroke) = path.stroke() {
            let parts = parts(stroke.paint(), stroke.opacity().get())?;
            match self.colours {
                Colours::WithoutCarbon => {
                    let [c, m, y] = parts.map(|part| 1.0 - part);
                    self.content.set_stroke_cmyk(c, m, y, 0.0);
                }
                Colours::Screen => {
                    let [red, green, blue] = parts;
                    self.content.set_stroke_rgb(red, green, blue);
                }
            }
            self.content.set_line_width(stroke.width().get());
            self.content.set_line_cap(match stroke.linecap() {
                LineCap::Butt => LineCapStyle::ButtCap,
                LineCap::Round => LineCapStyle::RoundCap,
                LineCap::Square => LineCapStyle::ProjectingSquareCap,
            });
            self.content.set_line_join(match stroke.linejoin() {
                LineJoin::Round => LineJoinStyle::RoundJoin,
                LineJoin::Bevel => LineJoinStyle::BevelJoin,
                LineJoin::Miter | LineJoin::MiterClip => LineJoinStyle::MiterJoin,
            });
            self.content.set_miter_limit(stroke.miterlimit().get());
            if let Some(dashes) = stroke.dasharray() {
                self.content.set_dash_pattern(dashes.iter().copied(), stroke.dashoffset());
            }
            outline(self.content, path.data());
            self.content.stroke();
        }
        self.content.restore_state();
        Ok(())
    }

    fn fill(&mut self, paint: &Paint, opacity: f32) -> Result<(), PrintingError> {
        let parts = parts(paint, opacity)?;
        match self.colours {
            Colours::WithoutCarbon => {
                let [c, m, y] = parts.map(|part| 1.0 - part);
                self.content.set_fill_cmyk(c, m, y, 0.0);
            }
            Colours::Screen => {
                let [red, green, blue] = parts;
                self.content.set_fill_rgb(red, green, blue);
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &Text) -> Result<(), PrintingError> {
        let base = text.abs_transform();
        for span in text.layouted().iter().filter(|span| span.visible) {
            let lines = [&span.underline, &span.overline, &span.line_through];
            for line in lines.into_iter().flatten() {
                self.path(line, base)?;
            }
            let Some(fill) = &span.fill else { continue };
            self.fill(fill.paint(), fill.opacity().get())?;
            self.content.begin_text();
            let mut font = None;
            for glyph in &span.positioned_glyphs {
                if glyph.text.trim().is_empty() {
                    continue;
                }
                let (number, id) = self.subsets.glyph(glyph)?;
                if font != Some(number) {
                    let name = format!("F{number}");
                    self.content.set_font(Name(name.as_bytes()), 1.0);
                    font = Some(number);
                }
                // The transform is of units of the em; a PDF's font has the whole em.
                let em = glyph.font_size() / unit_scale(glyph);
                let whole = base.pre_concat(glyph.outline_transform()).pre_scale(em, em);
                self.content.set_text_matrix(matrix(whole)).show(Str(&id.to_be_bytes()));
            }
            self.content.end_text();
        }
        Ok(())
    }
}

/// What a unit of the em is in the units that the font size has.
fn unit_scale(glyph: &usvg::layout::PositionedGlyph) -> f32 {
    // A glyph's transform scales units of the em to the font size, and turns or stretches no glyph of
    // our sheets; its determinant is that scale squared, whatever turn there is.
    let transform = glyph.transform();
    let determinant = transform.sx * transform.sy - transform.kx * transform.ky;
    determinant.abs().sqrt()
}

fn matrix(t: Transform) -> [f32; 6] {
    [t.sx, t.ky, t.kx, t.sy, t.tx, t.ty]
}

/// Red, green and blue of a colour on white paper.
fn parts(paint: &Paint, opacity: f32) -> Result<[f32; 3], PrintingError> {
    let Paint::Color(Color { red, green, blue }) = paint else {
        return Err(refused("a gradient or a pattern"));
    };
    Ok([*red, *green, *blue].map(|part| 1.0 - (1.0 - f32::from(part) / 255.0) * opacity))
}

fn touches(a: Rect, b: Rect) -> bool {
    a.left() < b.right() && b.left() < a.right() && a.top() < b.bottom() && b.top() < a.bottom()
}

fn outline(content: &mut Content, path: &tiny_skia_path::Path) {
    let mut here = tiny_skia_path::Point::zero();
    for segment in path.segments() {
        match segment {
            PathSegment::MoveTo(to) => {
                content.move_to(to.x, to.y);
                here = to;
            }
            PathSegment::LineTo(to) => {
                content.line_to(to.x, to.y);
                here = to;
            }
            PathSegment::QuadTo(by, to) => {
                // The cubic curve that a quadratic one is.
                let third = |end: f32, by: f32| end + (by - end) * 2.0 / 3.0;
                content.cubic_to(
                    third(here.x, by.x),
                    third(here.y, by.y),
                    third(to.x, by.x),
                    third(to.y, by.y),
                    to.x,
                    to.y,
                );
                here = to;
            }
            PathSegment::CubicTo(one, two, to) => {
                content.cubic_to(one.x, one.y, two.x, two.y, to.x, to.y);
                here = to;
            }
            PathSegment::Close => {
                content.close_path();
            }
        }
    }
}
