//! What a verdict rests on: what was read, how surely, from which strokes, by which versions.

use attribution::Role;
use export::Sign;
use serde_json::Value;
use store::{GivenMark, ResponseView, Verdict};
use worksheet::Review;

use crate::dates;
use crate::page::{points, tick};
use crate::sign::{SignWord, source_word};
use crate::words::evidence::EvidenceWords;
use crate::words::{self, Locale, fill, isolated};

/// Other readings that are told.
const OTHERS_MAX: usize = 2;

/// A probability in whole percent, never more than it is.
pub(super) fn percent(probability: f64) -> u32 {
    // Between 0 and 100 after the clamp. What is stored of 0.95 may be a little less.
    (probability * 100.0 + 1e-6).floor().clamp(0.0, 100.0) as u32
}

/// How sure the reading is, and from where on such a one is decided; `None` where either is not known.
fn certainty(response: &ResponseView) -> Option<(f64, f64)> {
    response.shown_reading()?;
    Some((response.probability?, response.decide_min?))
}

/// Whether it waits though its reading is sure enough: the strokes are in doubt.
pub(super) fn is_doubted(response: &ResponseView) -> bool {
    certainty(response).is_some_and(|(probability, min)| probability + 1e-6 >= min)
}

/// Why a person must decide, and whether that tells how sure the reading is.
pub(super) fn because(response: &ResponseView, locale: Locale) -> Option<(String, bool)> {
    let code = response.review.as_deref()?;
    let w = EvidenceWords::of(locale);
    if code == Review::LowConfidence.code()
        && let Some((probability, min)) = certainty(response)
    {
        let text = if is_doubted(response) { w.doubted } else { w.unsure };
        let values: [(&str, &dyn std::fmt::Display); 2] =
            [("p", &percent(probability)), ("min", &percent(min))];
        // Whoever takes no value takes none.
        return Some((fill(text, &values), true));
    }
    Some((words::because(code, locale.words()).to_owned(), false))
}

/// Label and text of everything that is known.
pub(super) fn evidence(
    response: &ResponseView,
    versions: &str,
    marks: &[GivenMark],
    locale: Locale,
) -> Vec<(&'static str, String)> {
    let w = EvidenceWords::of(locale);
    let mut lines = vec![(w.read, read(response, w))];
    if response.shown_reading().is_some() {
        lines.push((w.second, others(response, w)));
    }
    if let Some((_, min)) = certainty(response) {
        let text = match response.review.as_deref() {
            Some(code) if code != Review::LowConfidence.code() => w.line_reason,
            _ if !is_doubted(response) => w.line_missed,
            Some(_) => w.line_doubted,
            None => w.line_met,
        };
        let because =
            response.review.as_deref().map_or("", |code| words::because(code, locale.words()));
        let values: [(&str, &dyn std::fmt::Display); 2] =
            [("min", &percent(min)), ("because", &because)];
        lines.push((w.line, fill(text, &values)));
    }
    lines.push((w.strokes, strokes(response, locale)));
    lines.extend(made_with(versions, w).map(|text| (w.versions, text)));
    let given: Vec<String> = (marks.iter())
        .filter(|mark| mark.part == response.part)
        .map(|mark| given(mark, locale))
        .collect();
    if !given.is_empty() {
        lines.push((w.given, given.join(locale.pick("；", "; "))));
    }
    lines
}

fn read(response: &ResponseView, w: &EvidenceWords) -> String {
    match (response.shown_reading(), response.probability) {
        (Some(text), Some(probability)) => {
            let values: [(&str, &dyn std::fmt::Display); 2] =
                [("text", &tick(text)), ("p", &percent(probability))];
            fill(w.read_as, &values)
        }
        (Some(text), None) => tick(text),
        (None, _) => w.read_nothing.to_owned(),
    }
}

fn others(response: &ResponseView, w: &EvidenceWords) -> String {
    let all: Vec<(String, f64)> = serde_json::from_str(&response.alternatives).unwrap_or_default();
    let told = |(text, probability): &(String, f64)| {
        let share = match percent(*probability) {
            0 => "<1".to_owned(),
            percent => percent.to_string(),
        };
        fill(w.second_as, &[("text", &tick(text)), ("p", &share)])
    };
    let told: Vec<String> =
        all.iter().filter(|(text, _)| !text.is_empty()).take(OTHERS_MAX).map(told).collect();
    if told.is_empty() { w.second_none.to_owned() } else { told.join("  ") }
}

fn strokes(response: &ResponseView, locale: Locale) -> String {
    let w = EvidenceWords::of(locale);
    let count = |role: Role| response.strokes.iter().filter(|(_, other)| *other == role).count();
    let counts = [
        (w.strokes_n, count(Role::Live)),
        (w.strokes_superseded, count(Role::Superseded)),
        (w.strokes_red, count(Role::Red)),
    ];
    let told = counts.iter().filter(|(_, n)| *n > 0).map(|(text, n)| fill(text, &[("n", n)]));
    let told: Vec<String> = told.collect();
    if told.is_empty() { w.strokes_none.to_owned() } else { told.join(locale.pick("，", ", ")) }
}

/// The versions of a marking; `None` where they are not stored.
fn made_with(versions: &str, w: &EvidenceWords) -> Option<String> {
    let versions: Value = serde_json::from_str(versions).ok()?;
    let number = |name: &str| versions.pointer(name)?.as_u64();
    let values: [(&str, &dyn std::fmt::Display); 4] = [
        ("worksheet", &number("/worksheet/version")?),
        ("registration", &number("/registration")?),
        ("model", &versions.get("model")?.as_str()?),
        ("thresholds", &number("/thresholds")?),
    ];
    Some(fill(w.versions_of, &values))
}

fn given(mark: &GivenMark, locale: Locale) -> String {
    let words = locale.words();
    let by = mark.by_name.as_ref().map(|name| format!(" {}", isolated(name))).unwrap_or_default();
    let values: [(&str, &dyn std::fmt::Display); 5] = [
        ("date", &dates::minute(mark.at_ms, locale)),
        ("source", &source_word(mark.source, words)),
        ("by", &by),
        ("verdict", &sign(mark.verdict).word(words)),
        ("points", &points(mark.score)),
    ];
    fill(EvidenceWords::of(locale).given_as, &values)
}

fn sign(verdict: Verdict) -> Sign {
    Sign::of(Some(verdict), None)
}
