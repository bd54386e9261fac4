//! The strokes of one paper.

use ink::Stroke;
use school::PupilId;

use crate::{Evidence, Face, Sheet, Start};

/// The strokes of one paper, their starts by the corrected clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaperStrokes {
    /// The pupil's.
    pub pupil: Vec<Stroke>,
    /// Red ink.
    pub red: Vec<Stroke>,
    /// Whether some of the pupil's was written with a pen that was another pupil's.
    pub foreign: bool,
}

impl Evidence {
    /// Which of some strokes are a pupil's paper on a page face. Chunks carry strokes of other page
    /// faces and times too, so each stroke is judged by itself.
    pub fn paper(
        &self,
        face: Face,
        sheet: Sheet<'_>,
        pupil: &PupilId,
        strokes: impl IntoIterator<Item = Stroke>,
    ) -> PaperStrokes {
        let mut paper = PaperStrokes::default();
        for mut stroke in strokes {
            if !face.holds(&stroke) {
                continue;
            }
            let Ok(belongs) = self.whose(sheet, &stroke) else { continue };
            if belongs.pupil != pupil {
                continue;
            }
            stroke.start_ms = self.corrected_ms(Start::of(&stroke.key), stroke.start_ms);
            paper.foreign |= belongs.foreign;
            if belongs.red { paper.red.push(stroke) } else { paper.pupil.push(stroke) }
        }
        paper
    }
}
