//! From a marked paper to rows.

use attribution::{Role, Roles};
use ink::StrokeKey;
use ink::drawn::DrawnStroke;
use marking::{MarkOf, MarkedPaper, Response, Thresholds};
use serde_json::json;
use store::{MarkRow, Outcome, ResponseRow, Verdict};
use worksheet::Worksheet;

/// What the ink itself says of a paper.
pub(crate) struct Written {
    pub(crate) drawn: Vec<DrawnStroke>,
    pub(crate) has_ink: bool,
    pub(crate) foreign_pen: bool,
}

/// The rows of a marking of revision `ink_rev`.
pub(crate) fn outcome(
    worksheet: &Worksheet,
    ink_rev: i64,
    paper: &MarkedPaper,
    written: Written,
) -> Outcome {
    let Written { drawn, has_ink, foreign_pen } = written;
    Outcome {
        ink_rev,
        responses: paper.responses.iter().map(|r| response(worksheet, r)).collect(),
        loose: Roles::new(
            roles(&paper.loose, Role::Loose).chain(roles(&paper.total_red, Role::Red)),
        ),
        drawn,
        has_ink,
        foreign_pen,
        red_total: paper.total.map(|total| total.0),
        versions: json!(paper.versions).to_string(),
    }
}

fn response(worksheet: &Worksheet, response: &Response) -> ResponseRow {
    let found = worksheet.parts().zip(0..).find(|(of, _)| of.part.id == response.part);
    let criteria = found.map_or(0, |(of, _)| of.part.criteria().len());
    let reading = response.reading.as_ref();
    ResponseRow {
        part: response.part.clone(),
        question: response.question.clone(),
        criteria: u32::try_from(criteria).unwrap_or(u32::MAX),
        // A marking has no response in a part that the worksheet does not have; it would stand last.
        position: found.map_or(u32::MAX, |(_, position)| position),
        reading: reading.map(|r| r.written.to_string()),
        probability: reading.map(|r| f64::from(r.probability)),
        decide_min: found.filter(|_| reading.is_some()).map(|(of, _)| {
            // To be read: 0.95 of 32 bits is 0.949….
            let min = Thresholds::STANDARD.decide_min(&of.part.kind);
            (f64::from(min) * 1_000.0).round() / 1_000.0
        }),
        alternatives: reading
            .map_or_else(|| "[]".to_owned(), |r| json!(others(&r.alternatives)).to_string()),
        review: response.review.map(|review| review.code().to_owned()),
        strokes: Roles::new(
            roles(&response.live, Role::Live)
                .chain(roles(&response.superseded, Role::Superseded))
                .chain(roles(&response.red, Role::Red)),
        ),
        first_ms: response.first_ms,
        last_ms: response.last_ms,
        writing_ms: response.writing_ms,
        rewrites: response.rewrites,
        machine: response.machine.map(mark),
        red: response.red_mark.map(mark),
        red_criteria: (response.red_criteria.iter())
            .map(|given| (given.criterion.clone(), mark(given.mark)))
            .collect(),
    }
}

/// Other readings as text.
fn others(alternatives: &[(worksheet::Written, f32)]) -> Vec<(String, f32)> {
    alternatives.iter().map(|(written, p)| (written.to_string(), *p)).collect()
}

fn mark(mark: MarkOf) -> MarkRow {
    let verdict = match mark.verdict {
        marking::Verdict::Right => Verdict::Right,
        marking::Verdict::Wrong => Verdict::Wrong,
        marking::Verdict::Partly => Verdict::Partly,
        marking::Verdict::Blank => Verdict::Blank,
    };
    MarkRow { verdict, score: mark.score.0 }
}

fn roles(keys: &[StrokeKey], role: Role) -> impl Iterator<Item = (StrokeKey, Role)> {
    keys.iter().map(move |key| (*key, role))
}
