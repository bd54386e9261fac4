//! Writing SVG that stands alone, is rasterized, and is inlined into a web page: presentation
//! attributes only, no style sheet, no id, no reference.

use std::fmt::Write;

use crate::Rect;

/// Text and rules are printed without carbon black: see [`Svg::new`].
pub(crate) const TEXT: &str = "#3b424c";
/// Numbers, labels and whatever is read second.
const MUTED: &str = "#6f7a86";
/// Lines that divide or are written on.
const RULE: &str = "#a3aeb9";
/// The outline of what is written into.
const FIELD: &str = "#7f9dbd";

/// Headings are set in a Song face, which has a bold.
const SONG: &str = "'Source Han Serif SC','Noto Serif CJK SC',STSong,SimSun,serif";
/// What is asked is set in Kai, the face that primary school books teach writing with; figures and
/// Latin letters come from the first face.
const KAI: &str = "'Times New Roman',KaiTi,STKaiti,'Noto Serif CJK SC',serif";

/// How a line of text is set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Type {
    /// Height of the em.
    pub(crate) size_um: i32,
    /// Which point of the line its x names.
    pub(crate) anchor: Anchor,
    /// Song and bold, for headings; else Kai.
    pub(crate) heading: bool,
    /// Grey, for what is read second.
    pub(crate) muted: bool,
}

/// Which point of a line of text its x names.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Type {
    /// Body text of a size, from its left end.
    pub(crate) const fn new(size_um: i32) -> Self {
        Self { size_um, anchor: Anchor::Start, heading: false, muted: false }
    }
    pub(crate) const fn centred(self) -> Self {
        Self { anchor: Anchor::Middle, ..self }
    }
    pub(crate) const fn to_the_left(self) -> Self {
        Self { anchor: Anchor::End, ..self }
    }
    pub(crate) const fn heading(self) -> Self {
        Self { heading: true, ..self }
    }
    pub(crate) const fn muted(self) -> Self {
        Self { muted: true, ..self }
    }
}

/// What the field of a question looks like. Each fills its rectangle exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A box for a number or a score.
    Box,
    /// A pair of round brackets.
    Brackets,
    /// A circle or an oval.
    Oval,
    /// A square for one character, with sharp corners.
    Square,
}

/// An SVG document under construction; coordinates are page micrometres.
pub(crate) struct Svg {
    text: String,
}

impl Svg {
    /// An empty page. `label` is read out in place of the picture.
    pub(crate) fn new(width_um: i32, height_um: i32, label: &str) -> Self {
        let (width, height, label) = (mm(width_um), mm(height_um), escape(label));
        let text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height}mm\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{label}\" lang=\"zh-CN\" \
             xml:lang=\"zh-CN\">\n\
             <!-- One unit is a millimetre. Print at 100 %, in cyan, magenta and yellow only: the\n     \
             pen's infrared camera sees carbon, and carbon is kept for the dots of the coded\n     \
             pattern. Hence the greys and blues here, and no black. -->\n"
        );
        Self { text }
    }

    pub(crate) fn finish(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }

    /// A line of text whose baseline is at `y_um`.
    pub(crate) fn text(&mut self, x_um: i32, y_um: i32, set: Type, text: &str) {
        let (family, weight) = if set.heading { (SONG, " font-weight=\"700\"") } else { (KAI, "") };
        let anchor = match set.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        self.line_of(format_args!(
            "<text x=\"{}\" y=\"{}\" font-family=\"{family}\" font-size=\"{}\"{weight}{anchor} \
             fill=\"{}\">{}</text>",
            mm(x_um),
            mm(y_um),
            mm(set.size_um),
            if set.muted { MUTED } else { TEXT },
            escape(text),
        ));
    }

    /// A section's heading in bold, and after it a note in body type.
    pub(crate) fn heading(&mut self, x_um: i32, y_um: i32, heading: &str, note: &str) {
        self.line_of(format_args!(
            "<text x=\"{}\" y=\"{}\" font-size=\"4.9\" fill=\"{TEXT}\"><tspan \
             font-family=\"{SONG}\" font-weight=\"700\">{}</tspan><tspan font-family=\"{KAI}\" \
             font-size=\"4.4\">{}</tspan></text>",
            mm(x_um),
            mm(y_um),
            escape(heading),
            escape(note),
        ));
    }

    /// A horizontal rule.
    pub(crate) fn rule(&mut self, x_um: i32, y_um: i32, length_um: i32, thickness_um: i32) {
        self.line_of(format_args!(
            "<path d=\"M{} {}h{}\" stroke=\"{RULE}\" stroke-width=\"{}\"/>",
            mm(x_um),
            mm(y_um),
            mm(length_um),
            mm(thickness_um),
        ));
    }

    /// The bar of a fraction.
    pub(crate) fn bar(&mut self, x_um: i32, y_um: i32, length_um: i32) {
        self.line_of(format_args!(
            "<path d=\"M{} {}h{}\" stroke=\"{TEXT}\" stroke-width=\"0.3\"/>",
            mm(x_um),
            mm(y_um),
            mm(length_um),
        ));
    }

    /// A square that is no field of its own.
    pub(crate) fn square(&mut self, rect: Rect) {
        self.line_of(format_args!(
            "<rect {} fill=\"none\" stroke=\"{RULE}\" stroke-width=\"0.2\"/>",
            bounds(rect)
        ));
    }

    /// The dashed cross of a 田字格.
    pub(crate) fn guides(&mut self, rect: Rect) {
        self.line_of(format_args!(
            "<path d=\"M{} {}h{}M{} {}v{}\" stroke=\"{RULE}\" stroke-width=\"0.15\" \
             stroke-dasharray=\"1 0.8\"/>",
            mm(rect.x_um),
            mm(rect.y_um + rect.height_um / 2),
            mm(rect.width_um),
            mm(rect.x_um + rect.width_um / 2),
            mm(rect.y_um),
            mm(rect.height_um),
        ));
    }

    /// An element that was made elsewhere for this rectangle.
    pub(crate) fn picture(&mut self, element: &str) {
        self.line_of(format_args!("{element}"));
    }

    /// A frame that is no question's field.
    pub(crate) fn frame(&mut self, rect: Rect) {
        self.line_of(format_args!(
            "<rect {} rx=\"1.2\" fill=\"none\" stroke=\"{RULE}\" stroke-width=\"0.2\"/>",
            bounds(rect)
        ));
    }

    /// The field of a question, or a part of it: `attributes` says which.
    pub(crate) fn field(&mut self, attributes: &str, shape: Shape, rect: Rect) {
        let tail = format!("fill=\"none\" stroke=\"{FIELD}\" stroke-width=\"0.25\" {attributes}/>");
        match shape {
            Shape::Box => self.line_of(format_args!("<rect {} rx=\"1\" {tail}", bounds(rect))),
            Shape::Square => self.line_of(format_args!("<rect {} {tail}", bounds(rect))),
            Shape::Oval => self.line_of(format_args!(
                "<ellipse cx=\"{}\" cy=\"{}\" rx=\"{}\" ry=\"{}\" {tail}",
                mm(rect.x_um + rect.width_um / 2),
                mm(rect.y_um + rect.height_um / 2),
                mm(rect.width_um / 2),
                mm(rect.height_um / 2),
            )),
            Shape::Brackets => self.line_of(format_args!(
                "<path d=\"{}{}\" {tail}",
                bracket(rect.x_um, rect, 2_000),
                bracket(rect.x_um + rect.width_um, rect, -2_000),
            )),
        }
    }

    fn line_of(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{line}");
    }
}

/// One round bracket whose belly touches `x_um`. A quadratic curve reaches half way to its control
/// point, so that point lies as far outside as the ends lie inside.
fn bracket(x_um: i32, rect: Rect, depth_um: i32) -> String {
    let (top, middle, bottom) =
        (mm(rect.y_um), mm(rect.y_um + rect.height_um / 2), mm(rect.y_um + rect.height_um));
    let (ends, control) = (mm(x_um + depth_um), mm(x_um - depth_um));
    format!("M{ends} {top}Q{control} {middle} {ends} {bottom}")
}

/// Ties an element to its part: whoever reads the artwork finds the field by it.
pub(crate) fn attribute(part: &str) -> String {
    format!("data-question=\"{part}\"")
}

/// The attributes that place an element.
pub(crate) fn bounds(rect: Rect) -> String {
    format!(
        "x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
        mm(rect.x_um),
        mm(rect.y_um),
        mm(rect.width_um),
        mm(rect.height_um)
    )
}

/// Micrometres as the shortest decimal millimetres.
fn mm(um: i32) -> String {
    (f64::from(um) / 1000.0).to_string()
}

/// Text as it may stand in an element or an attribute.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
