//! Draws what the pens of a simulated evening wrote over the artwork, one SVG per page.
//!
//! `cargo run --release -p pen-sim --example pages -- OUT-DIR [PUPILS [SEED [HANDWRITING-DIR]]]`

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

use firmware_protocol::PenId;
use ink::{Assembly, Stroke};
use pen_sim::{Evening, Handed, HandwritingPool, Holder, Setup, simulate};
use worksheet::Registration;

#[path = "../tests/sample/mod.rs"]
mod sample;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().ok_or("usage: pages OUT-DIR [PUPILS [SEED [HANDWRITING-DIR]]]")?;
    let pupils = arguments.next().map_or(Ok(3), |text| text.parse())?;
    let seed = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let pool = arguments.next().map(|dir| HandwritingPool::load(Path::new(&dir))).transpose()?;
    let setup = sample::setup(pupils, seed, pool);
    let begun = Instant::now();
    let evening = simulate(&setup);
    let seconds = begun.elapsed().as_secs_f64();
    let last_ms = evening.deliveries.last().map_or(0, |d| d.at_ms - setup.evening_start_ms);
    eprintln!(
        "{} deliveries, {} samples, {} responses in {seconds:.2} s; the evening lasts {:.0} min",
        evening.deliveries.len(),
        evening.samples,
        evening.truth.responses.len(),
        last_ms as f64 / 60_000.0
    );
    for event in &evening.truth.events {
        eprintln!("{event:?}");
    }
    std::fs::create_dir_all(&out)?;
    draw(&setup, &evening, Path::new(&out))
}

fn draw(setup: &Setup, evening: &Evening, out: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let chunks = evening.deliveries.iter().filter_map(|delivery| match &delivery.what {
        Handed::Chunk(bytes) => Some(bytes.as_slice()),
        Handed::State(_) => None,
    });
    let assembly = Assembly::of_chunks(chunks);
    let red: BTreeSet<PenId> = evening
        .leases
        .iter()
        .filter(|lease| matches!(lease.holder, Holder::Marker(_)))
        .map(|lease| lease.pen)
        .collect();
    let mut pages: BTreeMap<String, Vec<&Stroke>> = BTreeMap::new();
    for stroke in &assembly.strokes {
        let Some(address) = stroke.address else { continue };
        let plan = setup.assignments.iter().find(|plan| plan.run.book == address.book);
        let place = plan.and_then(|plan| Some((plan, plan.run.locate(address.page)?)));
        let Some((plan, (copy, page))) = place else { continue };
        // On a shared sheet every pupil gets a picture of their own.
        let whose = match plan.run.copies {
            worksheet::Copies::PerCopy(_) => format!("{copy:02}"),
            worksheet::Copies::Shared => format!("{:012x}", stroke.key.pen.0),
        };
        pages.entry(format!("{}/{page}/{whose}", plan.id)).or_default().push(stroke);
    }
    for (name, strokes) in pages {
        let mut parts = name.split('/');
        let (id, page) = (parts.next().unwrap_or(""), parts.next().unwrap_or("1"));
        let plan = setup.assignments.iter().find(|plan| plan.id == id).ok_or("no such plan")?;
        let artwork = &plan.worksheet.pages[page.parse::<usize>()? - 1].artwork;
        let mut svg = artwork.replace("</svg>", "");
        for stroke in strokes {
            stroke_svg(&mut svg, stroke, &plan.run.registration, red.contains(&stroke.key.pen))?;
        }
        svg.push_str("</svg>\n");
        std::fs::write(out.join(format!("{}.svg", name.replace('/', "-"))), svg)?;
    }
    Ok(())
}

fn stroke_svg(
    svg: &mut String,
    stroke: &Stroke,
    registration: &Registration,
    red: bool,
) -> std::fmt::Result {
    let angle = f64::from(registration.rotation_urad) * 1e-6;
    let scale = 1.0 + f64::from(registration.scale_ppm) * 1e-6;
    let mut points = String::new();
    for sample in &stroke.samples {
        let (x, y) = (f64::from(sample.x_um), f64::from(sample.y_um));
        let page_x = scale * (x * angle.cos() - y * angle.sin()) + f64::from(registration.dx_um);
        let page_y = scale * (x * angle.sin() + y * angle.cos()) + f64::from(registration.dy_um);
        write!(points, "{:.2},{:.2} ", page_x / 1000.0, page_y / 1000.0)?;
    }
    let colour = if red { "#c8281e" } else { "#1c2f6b" };
    writeln!(
        svg,
        r#"<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="0.5" stroke-linecap="round" stroke-linejoin="round"/>"#
    )
}
