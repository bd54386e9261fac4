use std::path::PathBuf;

use super::examine;
use crate::text::Draft;
use crate::{Framework, Worksheet};

const TEXT: &str = "标题：练习\n编号：sheet\n年级：三\n科目：数学\n总分：4\n\n\
                    一、算。（每题 1 分，两栏） #表内乘法\n7 × 8 = [56]\n6 × 9 = [54]\n\
                    二、选。（每题 2 分）\n（ B ）哪个？\n A. 一 B. 二\n";

/// A folder that is removed in the end.
struct Folder(PathBuf);

impl Folder {
    /// The built sheet, its worksheet file changed.
    fn new(name: &str, text: &str, change: impl Fn(String) -> String) -> Self {
        let dir = std::env::temp_dir().join(format!("zhibi-examine-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let built = Draft::build(TEXT, &Framework::own(), |_| None).unwrap();
        for (name, contents) in built.files() {
            let contents = if name == "worksheet.toml" { change(contents) } else { contents };
            std::fs::write(dir.join(name), contents).unwrap();
        }
        if !text.is_empty() {
            std::fs::write(dir.join("worksheet.txt"), text).unwrap();
        }
        Self(dir)
    }

    fn found(&self, before: Option<&Worksheet>) -> Vec<String> {
        let found = examine(&self.0, &Framework::own(), before).unwrap();
        found.iter().map(ToString::to_string).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a change of the worksheet file is found to be.
fn check(name: &str, from: &str, to: &str, expected: &[&str]) {
    let folder = Folder::new(name, "", |toml| {
        assert!(toml.contains(from), "{toml}");
        toml.replacen(from, to, 1)
    });
    let before = Draft::build(TEXT, &Framework::own(), |_| None).unwrap();
    let found = folder.found(Some(&before));
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "{found}\n{expected}");
    }
}

#[test]
fn a_built_folder_is_sound() {
    let folder = Folder::new("sound", TEXT, |toml| toml);
    let before = Worksheet::load(&folder.0).unwrap();
    assert_eq!(folder.found(Some(&before)), Vec::<String>::new());
}

/// The place of the first blank, as the file spells it.
fn first_box() -> String {
    let built = Draft::build(TEXT, &Framework::own(), |_| None).unwrap();
    let rect = built.parts().next().unwrap().part.field.bounds().unwrap();
    format!("x_um = {}, y_um = {}, width_um = {}", rect.x_um, rect.y_um, rect.width_um)
}

#[test]
fn each_planted_fault_is_found_with_its_place() {
    let built = Draft::build(TEXT, &Framework::own(), |_| None).unwrap();
    let second = built.part("1-2").unwrap().part.field.bounds().unwrap();
    let width = second.width_um;
    let onto = format!("x_um = {}, y_um = {}, width_um = {width}", second.x_um, second.y_um);
    check(
        "overlap",
        &first_box(),
        &onto,
        &[
            "question 1-2: its field 20 × 11 mm at",
            "question 1-1: 1-1 has moved from 20 × 11 mm at",
        ],
    );
    let off = format!("x_um = 200000, y_um = {}, width_um = {width}", second.y_um);
    check("off", &first_box(), &off, &["question 1-1: its field", "question 1-1: 1-1 has moved"]);
    let narrow = first_box().replace("width_um = 20000", "width_um = 9000");
    check(
        "small",
        &first_box(),
        &narrow,
        &["question 1-1: the field of 1-1, 9 × 11 mm at", "question 1-1: 1-1 has moved"],
    );
    check(
        "key",
        "right = \"56\"",
        "right = \"57\"",
        &[
            "question 1-1: 1-1 on page 1: 56 = 57 does not hold",
            "question 1-1: 1-1 has another key",
        ],
    );
    let unanswered = "kind = \"number\", form = \"whole\", right = \"56\"";
    check(
        "no-key",
        unanswered,
        "kind = \"expression\"",
        &[
            "question 1-1: the field of 1-1",
            "question 1-1: 1-1 on page 1 has no key",
            "question 1-1: 1-1 has another key",
        ],
    );
    check(
        "letter",
        "right = \"B\"",
        "right = \"Z\"",
        &["question 2-1: its answer is none of its options", "question 2-1: 2-1 has another key"],
    );
    check("points", "points = 1", "points = 3", &["question 1-1: 1-1 has other points"]);
    check("version", "version = 1", "version = 2", &[]);
}

#[test]
fn a_point_that_no_framework_has_is_named() {
    let folder = Folder::new("point", "", |toml| toml.replace("times-tables", "times-table"));
    let found = folder.found(None);
    let expected = "question 1-1: no framework has the knowledge point math.whole.times-table";
    assert!(found.len() == 2 && found[0].contains(expected), "{found:#?}");
    assert!(found[0].ends_with("math.whole.times-tables is the nearest"), "{found:#?}");
}

#[test]
fn a_text_that_was_changed_or_does_not_add_up_is_named() {
    let folder =
        Folder::new("changed", &TEXT.replace("7 × 8 = [56]", "7 × 7 = [49]"), |toml| toml);
    assert_eq!(folder.found(None), ["the folder is not what worksheet.txt builds: build it again"]);
    let folder = Folder::new("total", &TEXT.replace("总分：4", "总分：5"), |toml| toml);
    let found = folder.found(None);
    assert!(found.len() == 1 && found[0].starts_with("worksheet.txt:5:4: "), "{found:#?}");
}
