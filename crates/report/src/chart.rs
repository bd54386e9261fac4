//! Drawings of figures as inline SVG. Colours come from the page's style sheet.

use std::fmt::Write;

use crate::figures::{Bin, Decided, interval};

/// Width of a drawing's coordinates.
const WIDE: f64 = 340.0;
const HIGH: f64 = 230.0;
/// Room for the scales.
const LEFT: f64 = 46.0;
const BOTTOM: f64 = 34.0;
const TOP: f64 = 10.0;
const RIGHT: f64 = 18.0;

/// Text as it stands in HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

fn begin(what: &str, wide: f64, high: f64) -> String {
    let what = escape(what);
    format!(
        "<svg viewBox=\"0 0 {wide:.0} {high:.0}\" role=\"img\" aria-label=\"{what}\" style=\"max-width:{wide:.0}px\">"
    )
}

/// A drawing to which parts are added; writing to a string does not fail.
macro_rules! put {
    ($to:expr, $($part:tt)*) => {{ let _ = write!($to, $($part)*); }};
}

fn across(share: f64) -> f64 {
    LEFT + share * (WIDE - LEFT - RIGHT)
}

fn down(share: f64) -> f64 {
    TOP + (1.0 - share) * (HIGH - TOP - BOTTOM)
}

/// Shares of errors from this to that are drawn, on a logarithmic scale; fewer lie on the ground.
const RISK: [f64; 2] = [0.000_2, 0.2];

fn risk_high(risk: f64) -> f64 {
    let log = |share: f64| share.clamp(RISK[0], RISK[1]).ln();
    down((log(risk) - log(RISK[0])) / (log(RISK[1]) - log(RISK[0])))
}

/// How much of what is decided is wrong, by how much is decided. `marks` are places on it with
/// their names.
pub(crate) fn risk_coverage(steps: &[Decided], marks: &[(String, Decided)]) -> String {
    let mut svg = begin("risk–coverage", WIDE, HIGH);
    for (risk, name) in
        [(0.1, "10 %"), (0.01, "1 %"), (0.005, "0.5 %"), (0.001, "0.1 %"), (RISK[0], "≈ 0")]
    {
        let y = risk_high(risk);
        let class = if risk == 0.001 || risk == 0.005 { "limit" } else { "grid" };
        put!(svg, "<path class=\"{class}\" d=\"M{LEFT} {y:.1}H{:.1}\"/>", across(1.0));
        put!(svg, "<text class=\"end\" x=\"{:.1}\" y=\"{:.1}\">{name}</text>", LEFT - 6.0, y + 4.0);
    }
    scale_of_shares(&mut svg, "判定率 coverage");
    let mut path = String::new();
    let mut last: Option<(f64, f64)> = None;
    for step in steps {
        let (x, y) = (across(step.coverage()), risk_high(step.silent()));
        // What cannot be told apart is left out.
        if last.is_some_and(|(a, b)| (a - x).hypot(b - y) < 0.5) && step.decided < step.all {
            continue;
        }
        put!(path, "{}{x:.1} {y:.1}", if last.is_some() { 'L' } else { 'M' });
        last = Some((x, y));
    }
    put!(svg, "<path class=\"curve\" d=\"{path}\"/>");
    for (name, at) in marks.iter().filter(|(_, at)| at.decided > 0) {
        let (x, y) = (across(at.coverage()), risk_high(at.silent()));
        put!(svg, "<circle class=\"mark\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>");
        let (anchor, x) = if x > WIDE / 2.0 { ("end", x - 7.0) } else { ("", x + 7.0) };
        let y = (y - 7.0).max(TOP + 8.0);
        put!(
            svg,
            "<text class=\"{anchor} told\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>",
            escape(name)
        );
    }
    svg + "</svg>"
}

/// A horizontal scale from 0 to 100 % and what it is of.
fn scale_of_shares(svg: &mut String, what: &str) {
    let y = HIGH - BOTTOM + 14.0;
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let x = across(share);
        put!(svg, "<text class=\"middle\" x=\"{x:.1}\" y=\"{y:.1}\">{:.0} %</text>", 100.0 * share);
    }
    let (x, y) = (across(0.5), HIGH - 4.0);
    put!(svg, "<text class=\"middle\" x=\"{x:.1}\" y=\"{y:.1}\">{what}</text>");
}

/// How often readings of about one probability are right, with intervals.
pub(crate) fn reliability(bins: &[Bin]) -> String {
    let mut svg = begin("reliability", WIDE, HIGH);
    for share in [0.0, 0.5, 1.0] {
        let y = down(share);
        put!(svg, "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{:.1}\"/>", across(1.0));
        let (x, y) = (LEFT - 6.0, y + 4.0);
        put!(svg, "<text class=\"end\" x=\"{x}\" y=\"{y:.1}\">{:.0} %</text>", 100.0 * share);
    }
    let (x, y) = (across(1.0), down(1.0));
    put!(svg, "<path class=\"limit\" d=\"M{LEFT} {:.1}L{x:.1} {y:.1}\"/>", down(0.0));
    scale_of_shares(&mut svg, "给出的概率 probability");
    for bin in bins.iter().filter(|bin| bin.n > 0) {
        let x = across(bin.expected / bin.n as f64);
        let share = bin.right as f64 / bin.n as f64;
        let (low, high) = interval(bin.right, bin.n);
        put!(svg, "<path class=\"range\" d=\"M{x:.1} {:.1}V{:.1}\"/>", down(low), down(high));
        put!(svg, "<circle class=\"mark\" cx=\"{x:.1}\" cy=\"{:.1}\" r=\"3.5\"/>", down(share));
        // Above what is low, below what is high.
        let y = if share < 0.5 { down(high) - 5.0 } else { down(low) + 12.0 };
        let (x, y) = (x.min(across(1.0) - 8.0), y.min(down(0.0) - 3.0));
        put!(svg, "<text class=\"middle\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", bin.n);
    }
    svg + "</svg>"
}

/// The share read right of each writer, the least first: (right, items).
pub(crate) fn writers(of: &[(usize, usize)]) -> String {
    let mut svg = begin("per writer", WIDE, HIGH);
    let share = |(right, n): &(usize, usize)| *right as f64 / (*n).max(1) as f64;
    let least = of.iter().map(share).fold(1.0, f64::min);
    // The scale begins at a round share below the least.
    let ground = if least >= 0.9 {
        0.9
    } else if least >= 0.5 {
        0.5
    } else {
        0.0
    };
    let high = |share: f64| down((share - ground) / (1.0 - ground));
    for at in [ground, f64::midpoint(ground, 1.0), 1.0] {
        let y = high(at);
        put!(svg, "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{:.1}\"/>", across(1.0));
        let (x, y) = (LEFT - 6.0, y + 4.0);
        put!(svg, "<text class=\"end\" x=\"{x}\" y=\"{y:.1}\">{:.0} %</text>", 100.0 * at);
    }
    let most = of.iter().map(|(_, n)| *n).max().unwrap_or(1) as f64;
    for (index, writer) in of.iter().enumerate() {
        let x = across((index as f64 + 0.5) / of.len() as f64);
        let (y, r) = (high(share(writer)), 1.5 + 3.5 * (writer.1 as f64 / most).sqrt());
        let class = if writer.0 < writer.1 { "mark off" } else { "mark" };
        put!(svg, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{r:.1}\"/>");
    }
    let (x, y) = (across(0.5), HIGH - 12.0);
    let n = of.len();
    put!(
        svg,
        "<text class=\"middle\" x=\"{x:.1}\" y=\"{y:.1}\">{n} 位书写者 writers · ● ∝ n</text>"
    );
    svg + "</svg>"
}

/// What was read of what was written: `counts[written][read]`, and the labels of both.
pub(crate) fn confusion(written: &[String], read: &[String], counts: &[Vec<usize>]) -> String {
    const CELL: f64 = 27.0;
    const HEAD: f64 = 34.0;
    let wide = HEAD + CELL * read.len() as f64 + 2.0;
    let high = HEAD + CELL * written.len() as f64 + 2.0;
    let mut svg = begin("confusion", wide, high);
    put!(svg, "<text x=\"1\" y=\"10\">写↓ 读→</text>");
    for (index, label) in read.iter().enumerate() {
        let x = HEAD + CELL * (index as f64 + 0.5);
        let (y, label) = (HEAD - 6.0, escape(label));
        put!(svg, "<text class=\"label middle\" x=\"{x:.1}\" y=\"{y:.1}\">{label}</text>");
    }
    for (row, label) in written.iter().enumerate() {
        let top = HEAD + CELL * row as f64;
        let (y, told) = (top + CELL / 2.0 + 5.0, escape(label));
        put!(svg, "<text class=\"label end\" x=\"{:.1}\" y=\"{y:.1}\">{told}</text>", HEAD - 8.0);
        let all: usize = counts[row].iter().sum();
        for (column, as_label) in read.iter().enumerate() {
            let n = counts[row][column];
            let x = HEAD + CELL * column as f64;
            let right = as_label == label;
            let class = match (n, right) {
                (0, _) => "cell none",
                (_, true) => "cell right",
                (_, false) => "cell wrong",
            };
            let share = n as f64 / all.max(1) as f64;
            // Few of many are still seen.
            let strength = if n == 0 { 0.0 } else { (0.25 + 0.75 * share.powf(0.35)).min(1.0) };
            put!(
                svg,
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{top:.1}\" width=\"26\" height=\"26\" fill-opacity=\"{strength:.2}\"/>"
            );
            if n > 0 {
                let (x, y) = (x + 13.0, top + 17.0);
                put!(svg, "<text class=\"middle\" x=\"{x:.1}\" y=\"{y:.1}\">{n}</text>");
            }
        }
    }
    svg + "</svg>"
}

/// What was written, on paper, and pale what was taken back: strokes of points, y down, any unit.
pub(crate) fn ink(strokes: &[Vec<[f64; 2]>], taken_back: &[Vec<[f64; 2]>]) -> String {
    const PAPER: [f64; 2] = [112.0, 76.0];
    let mut svg = format!("<svg class=\"paper\" viewBox=\"0 0 {} {}\">", PAPER[0], PAPER[1]);
    let (mut low, mut high) = ([f64::MAX; 2], [f64::MIN; 2]);
    for p in strokes.iter().chain(taken_back).flatten() {
        low = [low[0].min(p[0]), low[1].min(p[1])];
        high = [high[0].max(p[0]), high[1].max(p[1])];
    }
    let scale = (0..2)
        .map(|axis| (PAPER[axis] - 16.0) / (high[axis] - low[axis]).max(1e-9))
        .fold(f64::INFINITY, f64::min);
    // A point is not drawn as large as a digit.
    let scale = scale.min(60.0 / (high[0] - low[0]).max(high[1] - low[1]).max(1e-9));
    let pale = taken_back.iter().map(|stroke| (stroke, "ink other"));
    for (stroke, class) in pale.chain(strokes.iter().map(|stroke| (stroke, "ink"))) {
        let mut path = String::new();
        for (index, p) in stroke.iter().enumerate() {
            let [x, y] = [0, 1].map(|axis| {
                let middle = f64::midpoint(low[axis], high[axis]);
                PAPER[axis] / 2.0 + scale * (p[axis] - middle)
            });
            put!(path, "{}{x:.1} {y:.1}", if index == 0 { 'M' } else { 'L' });
        }
        if stroke.len() == 1 {
            path.push_str("h.1");
        }
        put!(svg, "<path class=\"{class}\" d=\"{path}\"/>");
    }
    svg + "</svg>"
}

/// Shares of one whole side by side: right, to a person, wrong.
pub(crate) fn bar(right: usize, doubtful: usize, wrong: usize) -> String {
    let all = (right + doubtful + wrong).max(1) as f64;
    let what = format!("{right} / {doubtful} / {wrong}");
    let mut svg = format!(
        "<svg class=\"bar\" viewBox=\"0 0 200 12\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{what}\">"
    );
    let mut x = 0.0;
    for (n, class) in [(right, "right"), (doubtful, "decide"), (wrong, "wrong")] {
        let wide = 200.0 * n as f64 / all;
        // One wrong answer is seen.
        let shown = if n > 0 { wide.max(3.0) } else { 0.0 };
        let from = if class == "wrong" { 200.0 - shown } else { x };
        put!(svg, "<rect class=\"{class}\" x=\"{from:.2}\" width=\"{shown:.2}\" height=\"12\"/>");
        x += wide;
    }
    svg + "</svg>"
}

/// Values with their spreads side by side, above a ground of zero, and a floor across them.
pub(crate) fn spreads(values: &[Option<[f64; 3]>], floor: Option<f64>) -> String {
    const HIGH: f64 = 44.0;
    const STEP: f64 = 28.0;
    let largest = values.iter().flatten().map(|[.., max]| *max).fold(0.0, f64::max);
    // Far above, it would press the values onto the ground.
    let floor = floor.filter(|floor| *floor <= 3.0 * largest);
    let top = floor.unwrap_or(0.0).max(largest);
    let wide = (STEP * values.len() as f64).max(3.0 * STEP);
    let at = |value: f64| HIGH - 2.0 - (HIGH - 6.0) * if top > 0.0 { value / top } else { 0.0 };
    let told: Vec<String> = values
        .iter()
        .map(|value| value.map_or("–".to_owned(), |[_, m, _]| format!("{m:.3}")))
        .collect();
    let mut svg = begin(&told.join(", "), wide, HIGH);
    put!(svg, "<path class=\"grid\" d=\"M0 {0:.1}H{wide:.0}\"/>", at(0.0));
    if let Some(floor) = floor {
        put!(svg, "<path class=\"limit\" d=\"M0 {:.1}H{wide:.0}\"/>", at(floor));
    }
    for (place, value) in values.iter().enumerate() {
        let Some([min, median, max]) = value else { continue };
        let x = STEP * (place as f64 + 0.5);
        put!(svg, "<path class=\"range\" d=\"M{x:.1} {:.1}V{:.1}\"/>", at(*min), at(*max));
        put!(svg, "<circle class=\"mark\" cx=\"{x:.1}\" cy=\"{:.1}\" r=\"3\"/>", at(*median));
    }
    svg + "</svg>"
}
