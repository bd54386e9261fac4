//! Reads what an SVG draws for each question.

use std::collections::BTreeMap;

use roxmltree::{Document, Node};
use worksheet::Rect;

/// What one element covers, in millimetres.
pub(crate) struct Bounds {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Bounds {
    /// The largest distance between an edge of this and of a rectangle, in micrometres.
    pub(crate) fn distance_um(&self, rect: Rect) -> f64 {
        let edges = [
            (self.left, rect.x_um),
            (self.top, rect.y_um),
            (self.right, rect.x_um + rect.width_um),
            (self.bottom, rect.y_um + rect.height_um),
        ];
        edges.map(|(mm, um)| (mm * 1000.0 - f64::from(um)).abs()).into_iter().fold(0.0, f64::max)
    }
}

/// The elements that draw fields: by question, and for bubbles and score boxes their part.
pub(crate) fn fields(svg: &str) -> BTreeMap<String, Bounds> {
    let document = Document::parse(svg).unwrap();
    let mut fields = BTreeMap::new();
    for node in document.descendants() {
        let Some(question) = node.attribute("data-question") else { continue };
        let name = match (node.attribute("data-bubble"), node.attribute("data-score")) {
            (Some(letter), None) => format!("{question} {letter}"),
            (None, Some(criterion)) => format!("{question} score{criterion}"),
            _ => question.to_owned(),
        };
        assert!(fields.insert(name, bounds(node)).is_none(), "{question}: drawn twice");
    }
    fields
}

fn bounds(node: Node<'_, '_>) -> Bounds {
    let of = |name| node.attribute(name).unwrap().parse::<f64>().unwrap();
    match node.tag_name().name() {
        "rect" => {
            let (left, top) = (of("x"), of("y"));
            Bounds { left, top, right: left + of("width"), bottom: top + of("height") }
        }
        "ellipse" => {
            let (x, y, rx, ry) = (of("cx"), of("cy"), of("rx"), of("ry"));
            Bounds { left: x - rx, top: y - ry, right: x + rx, bottom: y + ry }
        }
        "path" => curves(node.attribute("d").unwrap()),
        other => panic!("a field drawn as {other}"),
    }
}

/// The bounds of a path of quadratic curves, each `Mx yQx y x y`, followed point by point.
fn curves(path: &str) -> Bounds {
    let mut bounds = Bounds { left: f64::MAX, top: f64::MAX, right: f64::MIN, bottom: f64::MIN };
    for curve in path.split_terminator('M').skip(1) {
        let numbers: Vec<f64> =
            curve.split([' ', 'Q']).map(|number| number.parse().unwrap()).collect();
        let [x0, y0, x1, y1, x2, y2] = numbers[..] else { panic!("no such curve: {curve}") };
        for step in 0..=100 {
            let t = f64::from(step) / 100.0;
            let at = |a, b, c| (1.0 - t) * (1.0 - t) * a + 2.0 * t * (1.0 - t) * b + t * t * c;
            let (x, y) = (at(x0, x1, x2), at(y0, y1, y2));
            bounds.left = bounds.left.min(x);
            bounds.right = bounds.right.max(x);
            bounds.top = bounds.top.min(y);
            bounds.bottom = bounds.bottom.max(y);
        }
    }
    bounds
}

/// Nothing that runs, refers outside, or reaches out of the picture when it is inlined.
pub(crate) fn check_inlinable(svg: &str, place: &str) {
    assert!(svg.starts_with("<svg "), "{place}: no prolog before the root");
    let document = Document::parse(svg).unwrap();
    let root = document.root_element();
    assert_eq!(root.attribute("viewBox"), Some("0 0 210 297"), "{place}: a unit is a millimetre");
    for node in document.descendants().filter(Node::is_element) {
        let tag = node.tag_name().name();
        let plain = ["svg", "text", "tspan", "rect", "ellipse", "path"];
        assert!(plain.contains(&tag), "{place}: <{tag}>");
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            let reaches_out = name == "id" || name == "style" || name == "class" || name == "href";
            assert!(!reaches_out && !name.starts_with("on"), "{place}: {name}");
            assert!(!value.contains("url("), "{place}: {name}={value}");
            let is_black = ["#000", "#000000", "black"].contains(&value);
            assert!(!is_black, "{place}: carbon black is the pattern's: {name}={value}");
        }
    }
    for text in document.descendants().filter(|node| node.has_tag_name("text")) {
        let filled = text.attribute("fill").is_some();
        assert!(filled, "{place}: without a fill, text is black: {text:?}");
    }
}
