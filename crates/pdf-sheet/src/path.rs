//! Paths in millimetres, as SVG has them.

use std::fmt::Write;

use hayro_interpret::kurbo::{Affine, BezPath, PathEl, Point, Rect};

/// A number of millimetres to a micrometre, without needless zeros.
pub(crate) fn number(out: &mut String, value: f64) {
    // What is no number, or far outside every page, would only be refused later.
    let value = if value.is_finite() { value.clamp(-1e5, 1e5) } else { 0.0 };
    let thousandths = (value * 1e3).round() as i64;
    let (whole, rest) = (thousandths.abs() / 1000, thousandths.abs() % 1000);
    if thousandths < 0 {
        out.push('-');
    }
    let _ = write!(out, "{whole}");
    if rest > 0 {
        let digits = format!("{rest:03}");
        out.push('.');
        out.push_str(digits.trim_end_matches('0'));
    }
}

fn point(out: &mut String, command: char, point: Point) {
    if command != ' ' {
        out.push(command);
    } else {
        out.push(' ');
    }
    number(out, point.x);
    out.push(' ');
    number(out, point.y);
}

/// The `d` of an SVG path.
pub(crate) fn data(path: &BezPath) -> String {
    let mut out = String::new();
    for element in path.elements() {
        match *element {
            PathEl::MoveTo(to) => point(&mut out, 'M', to),
            PathEl::LineTo(to) => point(&mut out, 'L', to),
            PathEl::QuadTo(by, to) => {
                point(&mut out, 'Q', by);
                point(&mut out, ' ', to);
            }
            PathEl::CurveTo(one, two, to) => {
                point(&mut out, 'C', one);
                point(&mut out, ' ', two);
                point(&mut out, ' ', to);
            }
            PathEl::ClosePath => out.push('Z'),
        }
    }
    out
}

/// An SVG transform; its numbers are exact to a millionth, since they scale whole glyphs.
pub(crate) fn matrix(transform: Affine) -> String {
    let number = |value: f64| {
        let value = if value.is_finite() { value.clamp(-1e6, 1e6) } else { 0.0 };
        let text = format!("{value:.6}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        if text == "-0" { "0".to_owned() } else { text.to_owned() }
    };
    let parts: Vec<String> = transform.as_coeffs().into_iter().map(number).collect();
    format!("matrix({})", parts.join(" "))
}

/// How much a transform that turns and scales alike in every direction enlarges; `None` for one that
/// stretches.
pub(crate) fn even_scale(transform: Affine) -> Option<f64> {
    let [a, b, c, d, ..] = transform.as_coeffs();
    let (x, y) = (a.hypot(b), c.hypot(d));
    let is_even = (x - y).abs() <= 1e-3 * x.max(y) && (a * c + b * d).abs() <= 1e-3 * x * y;
    is_even.then_some(x)
}

/// A rectangle with its edges along the page's, if the path is one.
pub(crate) fn upright_rect(path: &BezPath) -> Option<Rect> {
    let mut corners: Vec<Point> = Vec::new();
    for element in path.elements() {
        match *element {
            PathEl::MoveTo(to) if corners.is_empty() => corners.push(to),
            PathEl::LineTo(to) => corners.push(to),
            PathEl::ClosePath => {}
            _ => return None,
        }
    }
    if corners.len() == 5 && corners[0].distance(corners[4]) < 1e-3 {
        corners.pop();
    }
    let [a, b, c, d] = *corners.as_slice() else { return None };
    let same = |one: f64, other: f64| (one - other).abs() < 1e-2;
    let wide_first = same(a.y, b.y) && same(b.x, c.x) && same(c.y, d.y) && same(d.x, a.x);
    let high_first = same(a.x, b.x) && same(b.y, c.y) && same(c.x, d.x) && same(d.y, a.y);
    (wide_first || high_first).then(|| Rect::from_points(a, c))
}
