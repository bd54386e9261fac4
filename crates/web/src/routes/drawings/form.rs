//! A drawing as a form sends it: pairs of names and values, a row of fields after another.

use worksheet::Rect;
use worksheet::drawn::{Drawing, DrawnField, DrawnKind, FIELDS_MAX};

/// What a form asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Do {
    /// To keep the draft.
    Save,
    /// To keep it with one field more.
    Add,
    /// To keep it without the field at this place, from 0.
    Remove(usize),
    /// To keep it, and to make a worksheet of it.
    Make,
    /// To delete it.
    Drop,
}

/// A form that was sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) revision: i64,
    pub(crate) todo: Do,
    pub(crate) drawing: Drawing,
}

/// The most characters of one value.
const CHARS_MAX: usize = 1_000;
/// A length that is none becomes this; the check of places then names the field.
const NO_LENGTH: i32 = -1;

impl Sent {
    /// Reads a form; `None` where it is none of this page, or far longer than a person types.
    pub(crate) fn parse(pairs: Vec<(String, String)>) -> Option<Self> {
        let mut revision = None;
        let mut todo = Do::Save;
        let mut drawing = Drawing::default();
        for (name, value) in pairs {
            if value.chars().count() > CHARS_MAX {
                return None;
            }
            match name.as_str() {
                "revision" => revision = Some(value.parse().ok()?),
                "do" => {
                    todo = match value.as_str() {
                        "add" => Do::Add,
                        "make" => Do::Make,
                        "drop" => Do::Drop,
                        _ => Do::Save,
                    };
                }
                "remove" => todo = Do::Remove(value.parse().ok()?),
                "title" => drawing.title = value,
                "grade" => drawing.grade = value,
                "subject" => drawing.subject = value,
                name => field(&mut drawing, name, value)?,
            }
        }
        Some(Self { revision: revision?, todo, drawing })
    }
}

/// Takes a value of a row in. Each row begins with its number.
fn field(drawing: &mut Drawing, name: &str, value: String) -> Option<()> {
    if name == "number" {
        if drawing.fields.len() >= 2 * FIELDS_MAX {
            return None;
        }
        drawing.fields.push(empty(1));
    }
    let field = drawing.fields.last_mut()?;
    match name {
        "number" => field.number = value,
        "kind" => field.kind = DrawnKind::of_code(&value)?,
        "key" => field.key = value,
        "options" => field.options = value,
        "points" => field.points = value,
        "point" => field.point = value,
        "page" => field.page = value.trim().parse().unwrap_or(0),
        "x" => field.rect.x_um = um(&value),
        "y" => field.rect.y_um = um(&value),
        "width" => field.rect.width_um = um(&value),
        "height" => field.rect.height_um = um(&value),
        "bracket" => field.bracket = value == "1",
        _ => {}
    }
    Some(())
}

/// A field of which nothing is typed yet.
pub(super) fn empty(page: u32) -> DrawnField {
    DrawnField {
        page,
        rect: Rect { x_um: 20_000, y_um: 20_000, width_um: 26_000, height_um: 12_000 },
        bracket: false,
        number: String::new(),
        kind: DrawnKind::default(),
        key: String::new(),
        options: String::new(),
        points: String::new(),
        point: String::new(),
    }
}

/// Micrometres of millimetres as typed.
fn um(text: &str) -> i32 {
    let mm: Option<f64> = text.trim().replace(['，', ','], ".").parse().ok();
    let mm = mm.filter(|mm| mm.is_finite() && mm.abs() <= 2_000.0);
    mm.map_or(NO_LENGTH, |mm| (mm * 1e3).round() as i32)
}

/// Millimetres of micrometres, as a form shows them.
pub(super) fn mm(um: i32) -> String {
    (f64::from(um) / 1e3).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        };
        text.split('&').map(pair).collect()
    }

    #[test]
    fn rows_come_back_as_they_were_typed() {
        let form = "revision=7&title=练习&grade=三&subject=math&do=make\
                    &number=1&kind=whole&key=83&points=2&page=1&x=20.5&y=30&width=26&height=12\
                    &number= &kind=letter&key=?&options=ABC&bracket=1&page=x&x=a&width=3,5";
        let sent = Sent::parse(pairs(form)).unwrap();
        assert_eq!((sent.revision, sent.todo), (7, Do::Make));
        let [first, second] = sent.drawing.fields.as_slice() else { panic!("{sent:?}") };
        assert_eq!((first.rect.x_um, mm(first.rect.x_um).as_str()), (20_500, "20.5"));
        assert_eq!((second.page, second.bracket, second.kind), (0, true, DrawnKind::Letter));
        assert_eq!((second.rect.x_um, second.rect.width_um), (NO_LENGTH, 3_500));
        assert_eq!(second.number, " ");
    }

    #[test]
    fn what_is_no_form_of_this_page_is_refused() {
        for form in ["title=x", "revision=x", "revision=1&kind=whole", "revision=1&number=1&kind=x"]
        {
            assert_eq!(Sent::parse(pairs(form)), None, "{form}");
        }
        let long = ("title".to_owned(), "字".repeat(CHARS_MAX + 1));
        assert_eq!(Sent::parse(vec![("revision".into(), "1".into()), long]), None);
    }
}
