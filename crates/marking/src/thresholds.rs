//! Where the machine stops being sure.

use worksheet::Kind;

/// What it takes to decide. Chosen on data: see `STANDARD`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Names these values, and the rules that they are part of, in results; counts from 1.
    pub version: u32,
    /// A symbol read with less than this probability goes to review, 0–1.
    pub decide_min: f32,
    /// The same of a number, of steps, and of points written in red.
    pub decide_number_min: f32,
    /// The same of a Chinese character.
    pub decide_character_min: f32,
    /// A tick or cross of the red pen read with less than this probability is unclear, 0–1.
    pub red_min: f32,
    /// How far ink may lie outside its field and still count as inside, micrometres.
    pub margin_um: i32,
    /// A bubble with at least this share of its area under ink is filled, 0–1.
    pub fill_min: f32,
    /// A bubble with at least this share under ink is touched; below `fill_min`, a person decides.
    pub touch_min: f32,
}

impl Thresholds {
    /// What an answer of a kind is decided from.
    pub fn decide_min(&self, kind: &Kind) -> f32 {
        match kind {
            Kind::Number(_) | Kind::Digits | Kind::Steps | Kind::Column => self.decide_number_min,
            Kind::Character => self.decide_character_min,
            _ => self.decide_min,
        }
    }

    /// The values in use.
    ///
    /// The two `decide_min` were read off what `zhibi report marking` prints for ten evenings of 45
    /// simulated pupils whose hands are real and of writers whom the recognizer has not seen: 26,100
    /// responses with a key. Letters, signs and bubbles decide 98.5 % from 0.9 on, two of 12,405 wrong.
    /// Numbers decided from 0.95 on are 90.4 % with 0.16 % silent errors (19 of some 12,200, so at most
    /// 0.23 % with 95 % confidence), and 92.0 % with 0.08 % by validation writers' hands, of whose
    /// readings between 0.90 and 0.94 one in six to ten is wrong; a wrong mark costs more than a look.
    /// Half of what the machine did not decide, a red mark had decided.
    /// `decide_character_min` was chosen on deformed skeletons, since there is no handwriting of
    /// characters to measure on: see the table in `recognition/weights/README.md`.
    /// The others are not fitted: with them all 360 bubbles and 2,543 of 2,544 red marks of those
    /// evenings were read as meant, and `margin_um` keeps within the 1–1.5 mm that were measured
    /// on other sheets.
    pub const STANDARD: Self = Self {
        version: 7,
        decide_min: 0.9,
        decide_number_min: 0.95,
        decide_character_min: 0.99,
        red_min: 0.8,
        margin_um: 1_250,
        fill_min: 0.35,
        touch_min: 0.06,
    };
}
