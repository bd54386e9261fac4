//! What a PDF's page draws, taken down as artwork and as marks among which spots are found.

use hayro_interpret::font::{Glyph, GlyphRun};
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::kurbo::{Affine, BezPath, Cap, Join, Rect, Shape};
use hayro_interpret::pattern::Pattern;
use hayro_interpret::shading::ShadingType;
use hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, FillRule, Image, ImageDrawProps, Paint,
    SoftMask, StrokeProps,
};

use crate::artwork::Artwork;
use crate::clip::Clips;
use crate::fault::Note;
use crate::image;
use crate::path::{data, even_scale, matrix};
use crate::read::Stop;
use crate::spots::{Letter, Marks};

/// Points to millimetres.
pub(crate) const MM: f64 = 25.4 / 72.0;
/// The most elements of a page, and the most corners of one path.
const ELEMENTS_MAX: usize = 60_000;
const CORNERS_MAX: usize = 200_000;
/// The most steps of a page, letters and forms among them, whether they show or not.
const STEPS_MAX: usize = 1_000_000;
/// Within how many millimetres of a page's top the bearer's name and the address are printed.
const HEAD_MM: f64 = 13.0;

/// Red, green, blue, and how opaque.
type Rgba = ([u8; 3], f32);

/// What a device leaves an interpretation with that it must not go on with.
pub(crate) struct Halt;

/// A page being taken down.
pub(crate) struct Taker {
    pub(crate) artwork: Artwork,
    pub(crate) marks: Marks,
    pub(crate) notes: Vec<Note>,
    clips: Clips,
    /// How opaque each open group is, together with those around it.
    groups: Vec<f32>,
    elements: usize,
    corners: usize,
    steps: usize,
    stop: Stop,
    /// Around what is drawn of a glyph that is itself a drawing; `None` outside such glyphs.
    glyph: Option<Option<Rect>>,
}

impl Taker {
    /// Takes down a page of that size, millimetres.
    pub(crate) fn new(width: f64, height: f64, stop: Stop) -> Self {
        Self {
            artwork: Artwork::new(),
            marks: Marks::default(),
            notes: Vec::new(),
            clips: Clips::new(Rect::new(0.0, 0.0, width, height)),
            groups: Vec::new(),
            elements: 0,
            corners: 0,
            steps: 0,
            stop,
            glyph: None,
        }
    }

    /// Whether the page draws more than is taken down.
    pub(crate) fn is_too_much(&self) -> bool {
        self.artwork.is_full()
            || self.elements > ELEMENTS_MAX
            || self.corners > CORNERS_MAX
            || self.steps > STEPS_MAX
    }

    /// Whether nothing was drawn.
    pub(crate) fn is_empty(&self) -> bool {
        self.elements == 0
    }

    /// Takes one step more, or leaves the interpretation: it asks no device whether to go on, and
    /// forms within forms can take longer than anybody lives. What is thrown is no panic that would
    /// be told of, and is caught around the page.
    fn step(&mut self) {
        self.steps += 1;
        if self.is_too_much() || self.stop.is_wished() {
            std::panic::resume_unwind(Box::new(Halt));
        }
    }

    fn note(&mut self, note: Note) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn opacity(&self) -> f32 {
        self.groups.last().copied().unwrap_or(1.0)
    }

    /// Adds an element that covers these bounds.
    fn add(&mut self, bounds: Rect, element: &str) {
        self.elements += 1;
        if self.is_too_much() {
            return;
        }
        if let Some(cuts) = self.clips.around(bounds) {
            if bounds.y0 < HEAD_MM && bounds.y1 > 0.0 {
                self.note(Note::UnderHead);
            }
            self.artwork.element(&cuts, element);
        }
    }

    /// The colour of a paint that is mixed with what lies below in this way.
    fn colour(&mut self, paint: &Paint<'_>, mixing: BlendMode, is_masked: bool) -> Rgba {
        let mut opacity = self.opacity();
        if is_masked || !matches!(mixing, BlendMode::Normal | BlendMode::Multiply) {
            self.note(Note::PlainMixing);
        }
        let rgba = match paint {
            Paint::Color(colour) => colour.to_rgba().to_rgba8(),
            Paint::Pattern(pattern) => {
                self.note(Note::PlainColour);
                middle(pattern)
            }
        };
        let [r, g, b, alpha] = rgba;
        if mixing == BlendMode::Multiply && [r, g, b] != [0, 0, 0] {
            // What a marker pen lies over stays to be read.
            opacity *= 0.5;
        }
        ([r, g, b], f32::from(alpha) / 255.0 * opacity)
    }

    fn path(&mut self, path: &BezPath, transform: Affine, colour: Rgba, mode: &DrawMode) {
        self.corners += path.elements().len();
        if colour.1 <= 0.0 || path.elements().is_empty() || self.is_too_much() {
            return;
        }
        let placed = transform * path.clone();
        let mut bounds = placed.bounding_box();
        let (fill, stroke) = match mode {
            DrawMode::Fill(rule) => (Some(*rule), None),
            DrawMode::Stroke(stroke) => (None, Some(stroke)),
            DrawMode::FillAndStroke(rule, stroke) => (Some(*rule), Some(stroke)),
            DrawMode::Invisible => return,
        };
        let even = even_scale(transform);
        let mut element = String::from("<path");
        element.push_str(&match fill {
            Some(rule) => filled(colour, rule),
            None => " fill=\"none\"".to_owned(),
        });
        if let Some(stroke) = stroke {
            let scale = even.unwrap_or_else(|| transform.determinant().abs().sqrt());
            let width = f64::from(stroke.line_width) * scale;
            bounds = bounds.inflate(width, width);
            // A line without width is as thin as a printer makes it.
            element.push_str(&stroked(colour, stroke, scale, width.max(0.1)));
        }
        element.push_str(&format!(" d=\"{}\"/>", data(&placed)));
        match &mut self.glyph {
            Some(around) => *around = Some(around.map_or(bounds, |so_far| so_far.union(bounds))),
            None => self.mark(&placed, fill, stroke, colour),
        }
        self.add(bounds, &element);
    }

    /// Notes lines that can be seen, and boxes of them.
    fn mark(
        &mut self,
        placed: &BezPath,
        fill: Option<FillRule>,
        stroke: Option<&StrokeProps>,
        (colour, opacity): Rgba,
    ) {
        let is_faint = opacity < 0.1 || colour.iter().all(|part| *part > 235);
        let Some(cuts) = self.clips.around(placed.bounding_box()) else { return };
        let is_cut_oddly = cuts.len() > 1;
        if is_faint || is_cut_oddly {
            return;
        }
        match (stroke, fill) {
            (Some(stroke), _) if stroke.dash_array.is_empty() => self.marks.stroked(placed),
            (None, Some(_)) => self.marks.filled(placed),
            _ => {}
        }
    }

    fn glyph(&mut self, glyph: &hayro_interpret::font::OutlineGlyph, at: Affine, colour: Rgba) {
        if colour.1 <= 0.0 || self.is_too_much() {
            return;
        }
        let outline = glyph.outline();
        let placed = at.transform_rect_bbox(outline.bounding_box());
        self.marks.letter(Letter { letter: first(glyph.as_unicode()), bounds: placed });
        if outline.elements().is_empty() {
            return;
        }
        self.corners += outline.elements().len() / 8;
        let name = self.artwork.glyph(glyph.identifier().cache_key(), || data(&outline));
        let element = format!(
            "<use href=\"#{name}\"{} transform=\"{}\"/>",
            filled(colour, FillRule::NonZero),
            matrix(at)
        );
        self.add(placed, &element);
    }
}

/// What a glyph stands for, as far as the file says.
fn first(text: Option<BfString>) -> char {
    let first = match text {
        Some(BfString::Char(letter)) => Some(letter),
        Some(BfString::String(text)) => text.chars().next(),
        None => None,
    };
    first.unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn hex([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn filled((colour, opacity): Rgba, rule: FillRule) -> String {
    let rule = if rule == FillRule::EvenOdd { " fill-rule=\"evenodd\"" } else { "" };
    let opacity =
        if opacity < 0.999 { format!(" fill-opacity=\"{opacity:.3}\"") } else { String::new() };
    format!(" fill=\"{}\"{opacity}{rule}", hex(colour))
}

/// `width` is in millimetres; `scale` leads from the stroke's own lengths to millimetres.
fn stroked((colour, opacity): Rgba, stroke: &StrokeProps, scale: f64, width: f64) -> String {
    let mut out = format!(" stroke=\"{}\" stroke-width=\"{width:.4}\"", hex(colour));
    if opacity < 0.999 {
        out.push_str(&format!(" stroke-opacity=\"{opacity:.3}\""));
    }
    out.push_str(match stroke.line_cap {
        Cap::Butt => "",
        Cap::Round => " stroke-linecap=\"round\"",
        Cap::Square => " stroke-linecap=\"square\"",
    });
    out.push_str(match stroke.line_join {
        Join::Miter => "",
        Join::Round => " stroke-linejoin=\"round\"",
        Join::Bevel => " stroke-linejoin=\"bevel\"",
    });
    let dashes: Vec<f64> = stroke.dash_array.iter().map(|d| f64::from(*d) * scale).collect();
    if dashes.iter().sum::<f64>() > 0.01 && dashes.iter().all(|dash| dash.is_finite()) {
        let dashes: Vec<String> = dashes.iter().map(|dash| format!("{dash:.4}")).collect();
        out.push_str(&format!(" stroke-dasharray=\"{}\"", dashes.join(" ")));
    }
    out
}

/// One colour for a gradient or a pattern: a gradient's middle, and light grey for the rest.
fn middle(pattern: &Pattern<'_>) -> [u8; 4] {
    let grey = [217, 217, 217, 255];
    let Pattern::Shading(shading) = pattern else { return grey };
    let ShadingType::RadialAxial { domain, function, .. } = &*shading.shading.shading_type else {
        return grey;
    };
    let mut out = vec![0.0; function.num_outputs().min(32)];
    match function.eval(&[(domain[0] + domain[1]) / 2.0], &mut out) {
        Some(()) => shading.shading.color_space.to_rgba(&out, shading.opacity).to_rgba8(),
        None => grey,
    }
}

impl<'a> Device<'a> for Taker {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        self.step();
        let colour = self.colour(&props.paint, props.blend_mode, props.soft_mask.is_some());
        self.path(path, Affine::scale(MM) * props.transform, colour, mode);
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        self.step();
        self.corners += clip.path.elements().len();
        self.clips.push(Affine::scale(MM) * clip.path.clone(), clip.fill);
    }

    fn push_transparency_group(
        &mut self,
        opacity: f32,
        mask: Option<SoftMask<'a>>,
        mixing: BlendMode,
    ) {
        self.step();
        if mask.is_some() || mixing != BlendMode::Normal {
            self.note(Note::PlainMixing);
        }
        self.groups.push(self.opacity() * opacity);
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        self.step();
        if matches!(mode, DrawMode::Invisible) {
            return;
        }
        let colour = self.colour(&props.paint, props.blend_mode, props.soft_mask.is_some());
        for placed in run.glyphs() {
            self.step();
            let glyph: &Glyph<'a> = placed;
            match (glyph, mode) {
                (Glyph::Outline(outline), DrawMode::Fill(_)) => {
                    let at = Affine::scale(MM) * props.transform * placed.transform();
                    self.glyph(outline, at, colour);
                }
                (Glyph::Outline(outline), mode) => {
                    let path = placed.transform() * outline.outline();
                    self.path(&path, Affine::scale(MM) * props.transform, colour, mode);
                }
                (Glyph::Type3(drawn), _) => {
                    let outer = self.glyph.replace(None);
                    drawn.interpret(self, props.transform, placed.transform(), &props.paint);
                    let around = std::mem::replace(&mut self.glyph, outer);
                    if let Some(bounds) = around.flatten() {
                        self.marks.letter(Letter { letter: first(drawn.as_unicode()), bounds });
                    }
                }
            }
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.step();
        if props.soft_mask.is_some() || props.blend_mode != BlendMode::Normal {
            self.note(Note::PlainMixing);
        }
        let mut colour = ([0, 0, 0], self.opacity());
        if let Image::Stencil(stencil) = &image {
            let mut paint = None;
            stencil.with_stencil(|_, of| paint = Some(of.clone()), None);
            if let Some(paint) = paint {
                colour = self.colour(&paint, BlendMode::Normal, false);
            }
        }
        let transform = Affine::scale(MM) * props.transform;
        let corner = (f64::from(image.width()), f64::from(image.height()));
        let bounds = transform.transform_rect_bbox(Rect::new(0.0, 0.0, corner.0, corner.1));
        if self.is_too_much() || self.clips.around(bounds).is_none() {
            return;
        }
        match image::element(&image, transform, colour.0, colour.1) {
            Some(element) => self.add(bounds, &element),
            None => self.note(Note::PictureLost),
        }
    }

    fn pop_clip(&mut self) {
        self.clips.pop();
    }

    fn pop_transparency_group(&mut self) {
        self.groups.pop();
    }
}
