//! The artwork of a page under construction: an SVG document of paths, glyphs and pictures.
//!
//! Only what `printing` prints is written: plain colours, clip paths, pictures as PNG within the
//! document. There is no text, no script, no style and no reference that leaves the document.

use std::collections::HashMap;
use std::fmt::Write;

use crate::clip::Cut;

/// The most bytes of one page's artwork.
const BYTES_MAX: usize = 12 << 20;

/// The artwork of a page under construction.
pub(crate) struct Artwork {
    definitions: String,
    body: String,
    /// Numbers of the clip paths that are defined.
    clips: HashMap<Cut, usize>,
    /// Numbers of the glyphs that are defined.
    glyphs: HashMap<u128, usize>,
    /// The clips of the group that is open.
    open: Vec<Cut>,
    is_full: bool,
}

impl Artwork {
    pub(crate) fn new() -> Self {
        Self {
            definitions: String::new(),
            body: String::new(),
            clips: HashMap::new(),
            glyphs: HashMap::new(),
            open: Vec::new(),
            is_full: false,
        }
    }

    /// Whether something was left out because the page holds no more.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full
    }

    /// Adds an element within these clips.
    pub(crate) fn element(&mut self, cuts: &[Cut], element: &str) {
        if self.is_full || self.definitions.len() + self.body.len() + element.len() > BYTES_MAX {
            self.is_full = true;
            return;
        }
        if self.open != cuts {
            self.close();
            for cut in cuts {
                let number = self.clip(cut);
                let _ = write!(self.body, "<g clip-path=\"url(#c{number})\">");
            }
            self.body.push('\n');
            self.open = cuts.to_vec();
        }
        self.body.push_str(element);
        self.body.push('\n');
    }

    /// The name of a glyph's outline, which `outline` gives as the `d` of a path.
    pub(crate) fn glyph(&mut self, key: u128, outline: impl FnOnce() -> String) -> String {
        let count = self.glyphs.len();
        let number = *self.glyphs.entry(key).or_insert_with(|| {
            let _ = writeln!(self.definitions, "<path id=\"g{count}\" d=\"{}\"/>", outline());
            count
        });
        format!("g{number}")
    }

    fn clip(&mut self, cut: &Cut) -> usize {
        if let Some(number) = self.clips.get(cut) {
            return *number;
        }
        let number = self.clips.len();
        let rule = if cut.even_odd { " clip-rule=\"evenodd\"" } else { "" };
        let _ = writeln!(
            self.definitions,
            "<clipPath id=\"c{number}\"><path d=\"{}\"{rule}/></clipPath>",
            cut.data
        );
        self.clips.insert(cut.clone(), number);
        number
    }

    fn close(&mut self) {
        for _ in self.open.drain(..) {
            self.body.push_str("</g>");
        }
    }

    /// The document of a page of that size, micrometres. What was added lies in millimetres of the
    /// PDF's page; `scale` and `shift_mm` bring it onto this one.
    pub(crate) fn finish(mut self, (width_um, height_um): (i32, i32), scale: f64) -> String {
        self.close();
        let (width, height) = (f64::from(width_um) / 1e3, f64::from(height_um) / 1e3);
        let scaled = match scale {
            1.0 => String::new(),
            scale => format!(" transform=\"scale({scale:.6})\""),
        };
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height}mm\" \
             viewBox=\"0 0 {width} {height}\">\n<defs>\n{}</defs>\n<g{scaled}>\n{}</g>\n</svg>\n",
            self.definitions, self.body
        )
    }
}
