//! What is cut off: the clip paths in force, and which of them a drawing needs.

use hayro_interpret::FillRule;
use hayro_interpret::kurbo::{BezPath, Rect, Shape};

use crate::path::{data, upright_rect};

/// A clip path in force, in millimetres.
enum Clip {
    Rect(Rect),
    Path { path: BezPath, bounds: Rect, even_odd: bool },
}

/// One clip that a drawing needs, as SVG has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Cut {
    /// The `d` of its path.
    pub(crate) data: String,
    pub(crate) even_odd: bool,
}

/// The clip paths in force. The page itself is the first.
pub(crate) struct Clips {
    page: Rect,
    stack: Vec<Clip>,
}

impl Clips {
    pub(crate) fn new(page: Rect) -> Self {
        Self { page, stack: Vec::new() }
    }

    /// `path` is in millimetres.
    pub(crate) fn push(&mut self, path: BezPath, rule: FillRule) {
        self.stack.push(match upright_rect(&path) {
            Some(rect) => Clip::Rect(rect),
            None => Clip::Path {
                bounds: path.bounding_box(),
                path,
                even_odd: rule == FillRule::EvenOdd,
            },
        });
    }

    pub(crate) fn pop(&mut self) {
        self.stack.pop();
    }

    /// The clips that change a drawing with these bounds; `None` where nothing of it is left.
    pub(crate) fn around(&self, bounds: Rect) -> Option<Vec<Cut>> {
        let mut window = self.page;
        for clip in &self.stack {
            window = window.intersect(match clip {
                Clip::Rect(rect) => *rect,
                Clip::Path { bounds, .. } => *bounds,
            });
        }
        // A straight line has no area, and is still to be seen.
        let is_out = bounds.x1 < window.x0
            || bounds.x0 > window.x1
            || bounds.y1 < window.y0
            || bounds.y0 > window.y1
            || window.is_zero_area();
        if is_out {
            return None;
        }
        let mut cuts = Vec::new();
        let holds = |rect: &Rect| rect.union(bounds) == *rect;
        let rects = self.stack.iter().filter_map(|clip| match clip {
            Clip::Rect(rect) if !holds(rect) => Some(*rect),
            _ => None,
        });
        if let Some(rect) = rects.reduce(|a, b| a.intersect(b)) {
            cuts.push(Cut { data: data(&rect.to_path(0.1)), even_odd: false });
        }
        for clip in &self.stack {
            if let Clip::Path { path, even_odd, .. } = clip {
                cuts.push(Cut { data: data(path), even_odd: *even_odd });
            }
        }
        Some(cuts)
    }
}
