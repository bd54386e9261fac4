//! Writing a worksheet file as a person would.

use std::fmt::Write;

use super::true_false;
use crate::template::{Field, Kind, NumberForm, Question, Rect, Worksheet};

impl Worksheet {
    /// The files of the worksheet's folder, by name: `worksheet.toml` and its artwork,
    /// `page-1.svg` onwards. [`Worksheet::load`] reads them back.
    pub fn files(&self) -> Vec<(String, String)> {
        let artwork = self.pages.iter().map(|p| (artwork_name(p.number), p.artwork.clone()));
        std::iter::once(("worksheet.toml".to_owned(), self.toml())).chain(artwork).collect()
    }

    fn toml(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write_toml(&mut out);
        out
    }

    fn write_toml(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "id = {}", quoted(&self.id.id))?;
        writeln!(out, "version = {}", self.id.version)?;
        writeln!(out, "title_zh = {}", quoted(&self.title_zh))?;
        writeln!(out, "title_en = {}", quoted(&self.title_en))?;
        writeln!(out, "subject = {}", quoted(&self.subject))?;
        writeln!(out, "grade = {}", self.grade)?;
        for page in &self.pages {
            writeln!(out, "\n[[page]]\nartwork = {}", quoted(&artwork_name(page.number)))?;
            writeln!(out, "width_um = {}\nheight_um = {}", page.width_um, page.height_um)?;
        }
        for point in &self.knowledge_points {
            writeln!(out, "\n[[knowledge_point]]\nid = {}", quoted(&point.id))?;
            if let Some(parent) = &point.parent {
                writeln!(out, "parent = {}", quoted(parent))?;
            }
            writeln!(out, "zh = {}\nen = {}", quoted(&point.zh), quoted(&point.en))?;
        }
        self.questions.iter().try_for_each(|question| write_question(question, out))
    }
}

fn write_question(question: &Question, out: &mut String) -> std::fmt::Result {
    writeln!(out, "\n[[question]]\nid = {}\npage = {}", quoted(&question.id), question.page)?;
    writeln!(out, "label = {}", quoted(&question.label))?;
    writeln!(out, "prompt = {}", quoted(&question.prompt))?;
    writeln!(out, "points = {}", question.points)?;
    let points: Vec<String> = question.knowledge_points.iter().map(|id| quoted(id)).collect();
    writeln!(out, "knowledge_points = [{}]", points.join(", "))?;
    match &question.field {
        Field::Box(rect) => writeln!(out, "box = {}", inline(*rect))?,
        Field::Bubbles(bubbles) => {
            writeln!(out, "bubbles = [")?;
            for bubble in bubbles {
                let letter = quoted(&bubble.letter.to_string());
                writeln!(out, "    {{ letter = {letter}, rect = {} }},", inline(bubble.rect))?;
            }
            writeln!(out, "]")?;
        }
    }
    writeln!(out, "answer = {{ {} }}", answer(question))?;
    match &question.model_answer {
        Some(text) => writeln!(out, "model_answer = {}", quoted(text)),
        None => Ok(()),
    }
}

fn answer(question: &Question) -> String {
    let right = quoted(question.key.as_deref().unwrap_or_default());
    match &question.kind {
        Kind::Number(form) => {
            let form = match form {
                NumberForm::Whole => "whole",
                NumberForm::Decimal => "decimal",
            };
            format!("kind = \"number\", form = \"{form}\", right = {right}")
        }
        Kind::Letter(options) => {
            format!("kind = \"letter\", right = {right}, options = {}", quoted(options))
        }
        Kind::TrueFalse => {
            let right = question.key.as_deref() == Some(true_false(true));
            format!("kind = \"true_false\", right = {right}")
        }
        Kind::Comparison => format!("kind = \"comparison\", right = {right}"),
        Kind::Choice => format!("kind = \"choice\", right = {right}"),
        Kind::Free => {
            let score_box = question.score_box.map(inline).unwrap_or_default();
            format!("kind = \"free\", score_box = {score_box}")
        }
    }
}

fn inline(rect: Rect) -> String {
    let Rect { x_um, y_um, width_um, height_um } = rect;
    format!("{{ x_um = {x_um}, y_um = {y_um}, width_um = {width_um}, height_um = {height_um} }}")
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn artwork_name(page: u32) -> String {
    format!("page-{page}.svg")
}
