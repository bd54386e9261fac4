//! Writing a worksheet file as a person would.

use std::fmt::Write;

use crate::{
    Accepted, Criterion, Decimal, Equivalence, Field, Key, Kind, NumberForm, Part, Question, Rect,
    Worksheet, Written,
};

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
    let mut parts = question.parts.iter();
    let first = parts.next();
    if let Some(first) = first {
        writeln!(out, "points = {}", first.points)?;
    }
    writeln!(out, "knowledge_points = [{}]", list(&question.knowledge_points))?;
    let credit = &question.credit;
    for (name, groups) in
        [("unordered", &credit.unordered), ("all_or_nothing", &credit.all_or_nothing)]
    {
        if !groups.is_empty() {
            let numbers = |group: &Vec<usize>| group.iter().map(|at| at + 1).collect();
            let groups: Vec<Vec<usize>> = groups.iter().map(numbers).collect();
            writeln!(out, "{name} = {groups:?}")?;
        }
    }
    if let Some(first) = first {
        write_part(first, "question", out)?;
    }
    for part in parts {
        writeln!(out, "\n[[question.part]]\npoints = {}", part.points)?;
        write_part(part, "question.part", out)?;
    }
    Ok(())
}

/// Field, answer and rubric of a part whose table is called `table`.
fn write_part(part: &Part, table: &str, out: &mut String) -> std::fmt::Result {
    match &part.field {
        Field::Box(rect) => writeln!(out, "box = {}", inline(*rect))?,
        Field::Bracket(rect) => writeln!(out, "bracket = {}", inline(*rect))?,
        Field::Area(rect) => writeln!(out, "area = {}", inline(*rect))?,
        Field::Lines { rect, pitch_um } => {
            writeln!(out, "lines = {{ rect = {}, pitch_um = {pitch_um} }}", inline(*rect))?;
        }
        Field::Comb(cells) => {
            writeln!(out, "comb = [")?;
            for cell in cells {
                writeln!(out, "    {},", inline(*cell))?;
            }
            writeln!(out, "]")?;
        }
        Field::Bubbles(bubbles) => {
            writeln!(out, "bubbles = [")?;
            for bubble in bubbles {
                let letter = quoted(&bubble.letter.to_string());
                writeln!(out, "    {{ letter = {letter}, rect = {} }},", inline(bubble.rect))?;
            }
            writeln!(out, "]")?;
        }
    }
    writeln!(out, "answer = {{ {} }}", answer(part))?;
    if let Some(text) = &part.model_answer {
        writeln!(out, "model_answer = {}", quoted(text))?;
    }
    for Criterion { text, points, score_box, .. } in part.criteria() {
        writeln!(out, "\n[[{table}.criterion]]\ntext = {}\npoints = {points}", quoted(text))?;
        if let Some(score_box) = score_box {
            writeln!(out, "score_box = {}", inline(*score_box))?;
        }
    }
    Ok(())
}

fn answer(part: &Part) -> String {
    let kind = part.kind.name();
    let mut items = vec![format!("kind = \"{kind}\"")];
    match &part.kind {
        Kind::Number(NumberForm::Whole) => items.push("form = \"whole\"".to_owned()),
        Kind::Number(NumberForm::Decimal) => items.push("form = \"decimal\"".to_owned()),
        Kind::Number(NumberForm::Percent) => items.push("form = \"percent\"".to_owned()),
        Kind::Number(NumberForm::Unit) => items.push("form = \"unit\"".to_owned()),
        _ => {}
    }
    if let Key::Accepted(Accepted { answers, equal }) = &part.key {
        match answers.first() {
            Some(Written::TrueFalse(right)) => items.push(format!("right = {right}")),
            right => items.push(format!("right = {}", quoted(&text(right)))),
        }
        if let Some(also) = answers.get(1..).filter(|also| !also.is_empty()) {
            let also: Vec<String> = also.iter().map(ToString::to_string).collect();
            items.push(format!("also = [{}]", list(&also)));
        }
        if let Equivalence::Value { tolerance } = equal
            && *tolerance != Decimal::default()
        {
            items.push(format!("tolerance = \"{tolerance}\""));
        }
    }
    if let Kind::Letter(options) = &part.kind {
        items.push(format!("options = {}", quoted(options)));
    }
    if let Some(score_box) = part.score_box {
        items.push(format!("score_box = {}", inline(score_box)));
    }
    items.join(", ")
}

fn text(written: Option<&Written>) -> String {
    written.map(ToString::to_string).unwrap_or_default()
}

fn list(texts: &[String]) -> String {
    texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ")
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
