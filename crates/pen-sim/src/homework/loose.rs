//! Ink outside every field: doodles, and sums in the margin.

use worksheet::Worksheet;

use crate::desk::{Desk, Paper};
use crate::hand::Writing;
use crate::kinematics::Motion;
use crate::path::{Bounds, Point};
use crate::persona::Persona;
use crate::random::Random;
use crate::scribble;

/// Ink that belongs to no question.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Loose {
    pub(crate) paper: Paper,
    /// `doodle`, or `scratch` and what it says.
    pub(crate) what: String,
    pub(crate) strokes: u32,
}

/// Places tried before the pupil thinks better of it.
const TRIES_MAX: usize = 60;

/// Draws or reckons somewhere on the page, away from every field.
pub(super) fn draw(
    worksheet: &Worksheet,
    paper: Paper,
    persona: &Persona,
    desk: &mut Desk,
    random: &mut Random,
) -> Option<Loose> {
    let (writing, what) = if random.chance(0.5) {
        (scribble::doodle(random.between(7_000.0, 11_000.0), random), "doodle".to_owned())
    } else {
        let (a, b) = (12 + random.below(80), 3 + random.below(9));
        let text = format!("{a}×{b}={}", a * b);
        let size = random.between(2_600.0, 3_600.0);
        (persona.hand.write(&text, size, random), format!("scratch {text}"))
    };
    let place = free_place(worksheet, paper.page, &writing, random)?;
    desk.pause(random.between(2_000.0, 6_000.0));
    let strokes = writing.strokes.len() as u32;
    let motion = persona.hand.motion;
    let quick = Motion { speed_mm_s: motion.speed_mm_s * 1.3, ..motion };
    desk.put(paper, &writing.centred(place), &quick, random)?;
    Some(Loose { paper, what, strokes })
}

/// A place on the page that is clear of every field; near the edges if there is one.
fn free_place(
    worksheet: &Worksheet,
    page: u32,
    writing: &Writing,
    random: &mut Random,
) -> Option<Point> {
    let sheet = worksheet.pages.iter().find(|sheet| sheet.number == page)?;
    let size = writing.bounds()?;
    let (half_width, half_height) = (size.width() / 2.0 + 2_500.0, size.height() / 2.0 + 2_500.0);
    let (width, height) = (f64::from(sheet.width_um), f64::from(sheet.height_um));
    let fields: Vec<Bounds> = worksheet
        .questions_on(page)
        .flat_map(|question| question.rects().map(|rect| Bounds::from(rect).grown(6_000.0)))
        .collect();
    (0..TRIES_MAX).find_map(|attempt| {
        let mut at = Point::new(
            random.between(half_width, width - half_width),
            random.between(height * 0.2, height - half_height),
        );
        if attempt < TRIES_MAX / 2 {
            at.x = if random.chance(0.7) { width - half_width } else { half_width };
        }
        let ink = Bounds {
            left: at.x - half_width,
            top: at.y - half_height,
            right: at.x + half_width,
            bottom: at.y + half_height,
        };
        (!fields.iter().any(|field| field.overlaps(&ink))).then_some(at)
    })
}
