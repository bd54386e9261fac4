use std::collections::HashMap;

use super::*;

/// The colours of each theme, by name.
fn themes() -> [HashMap<String, [f64; 3]>; 2] {
    let css = String::from_utf8(Assets::get("zhibi.css").unwrap().data.to_vec()).unwrap();
    let blocks: Vec<&str> = css.split(":root {").skip(1).collect();
    let read = |block: &str| -> HashMap<String, [f64; 3]> {
        let lines = block.split('}').next().unwrap().split(';');
        lines
            .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"))
            .map(|(name, hex)| (name.to_owned(), rgb(hex)))
            .collect()
    };
    let light = read(blocks[0]);
    let mut dark = light.clone();
    dark.extend(read(blocks[1]));
    [light, dark]
}

/// The channels of `1d5fb8` or `fff`, each from 0 to 1.
fn rgb(hex: &str) -> [f64; 3] {
    let digits: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    let byte = |i: usize| match digits.len() {
        3 => digits[i] * 17,
        _ => digits[2 * i] * 16 + digits[2 * i + 1],
    };
    [0, 1, 2].map(|i| f64::from(byte(i)) / 255.0)
}

/// Relative luminance (WCAG 2.2).
fn luminance(rgb: [f64; 3]) -> f64 {
    let [r, g, b] =
        rgb.map(|c| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn what_is_read_stands_out_in_both_themes() {
    let mut pairs = vec![("on-accent", "accent")];
    for text in ["text", "muted", "accent", "right", "wrong", "partly", "blank", "decide"] {
        pairs.extend([(text, "ground"), (text, "surface")]);
    }
    pairs.extend([
        ("right", "right-tint"),
        ("wrong", "wrong-tint"),
        ("partly", "partly-tint"),
        ("blank", "blank-tint"),
        ("decide", "decide-tint"),
    ]);
    pairs.extend([("text", "decide-tint"), ("text", "accent-tint"), ("muted", "accent-tint")]);
    for (theme, name) in themes().iter().zip(["light", "dark"]) {
        for (text, ground) in &pairs {
            let contrast = contrast(theme[*text], theme[*ground]);
            assert!(contrast >= 4.5, "{name}: {text} on {ground} has {contrast:.2}");
        }
    }
}

/// Red-green blindness takes the difference between right and wrong from colour alone; a
/// difference in lightness of the cells remains, besides the sign.
#[test]
fn right_and_wrong_differ_without_colour() {
    for theme in themes() {
        // Cells of right are bare, of wrong filled.
        assert!(contrast(theme["surface"], theme["wrong-tint"]) > 1.15);
    }
}

#[test]
fn modules_import_what_there_is() {
    for name in Assets::iter().filter(|name| name.ends_with(".js")) {
        let source = String::from_utf8(Assets::get(&name).unwrap().data.to_vec()).unwrap();
        for import in source.split("from \"./").skip(1) {
            let file = import.split('"').next().unwrap();
            assert!(Assets::get(file).is_some(), "{name} imports {file}");
        }
        assert!(!source.contains(".reload("), "{name} loads the page again by itself");
        assert!(!source.contains("innerHTML") && !source.contains("eval("), "{name}");
    }
}

#[test]
fn the_address_changes_with_the_content() {
    assert!(base().starts_with("/assets/") && base().len() == "/assets/".len() + 12);
}

/// On a screen, signs are made from backgrounds and masks; browsers print neither.
#[test]
fn every_sign_is_text_on_paper() {
    let css = String::from_utf8(Assets::get("zhibi.css").unwrap().data.to_vec()).unwrap();
    let (screen, paper) = css.split_once("@media print").unwrap();
    let signs = screen.split(".v.").skip(1).filter(|rule| rule.contains("--sign: url("));
    let mut count = 0;
    for sign in signs.filter_map(|rule| rule.split(' ').next()) {
        assert!(paper.contains(&format!(".v.{sign} {{ --mark: \"")), "{sign} does not print");
        count += 1;
    }
    assert_eq!(count, 7);
}

/// A page that stands alone and the teacher's view draw ink alike.
#[test]
fn ink_has_the_widths_of_pages_that_stand_alone() {
    let css = String::from_utf8(Assets::get("ink.css").unwrap().data.to_vec()).unwrap();
    for (at, width) in export::sheet::WIDTHS.iter().enumerate() {
        let rule = format!(".ink .w{at} {{ stroke-width: {width}px; }}");
        assert!(css.contains(&rule), "{rule}");
    }
    let style = String::from_utf8(Assets::get("zhibi.css").unwrap().data.to_vec()).unwrap();
    for sign in export::Sign::DRAWN {
        let (colour, tint) = sign.colours();
        for colour in [colour, tint] {
            assert!(style.contains(colour), "{sign:?}: {colour}");
        }
    }
}
