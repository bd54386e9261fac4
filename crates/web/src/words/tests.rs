use super::*;

/// The `{name}`s of a text, sorted.
fn names(text: &str) -> Vec<&str> {
    let mut names: Vec<_> =
        text.split('{').skip(1).filter_map(|s| s.split(['}', ':']).next()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// The texts of every part of the pages.
const AREAS: &[&[(&str, &str, &str)]] = &[
    ALL,
    account::ALL,
    drawing::ALL,
    evidence::ALL,
    exports::ALL,
    hands::ALL,
    keys::ALL,
    parents::ALL,
    pens::ALL,
    people::ALL,
    roster::ALL,
    school::ALL,
    sheets::ALL,
];

fn every_text() -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
    AREAS.iter().flat_map(|area| area.iter())
}

#[test]
fn both_languages_say_everything_with_the_same_values() {
    for (name, zh, en) in every_text() {
        assert!(!zh.trim().is_empty() && !en.trim().is_empty(), "{name} is empty");
        assert_eq!(names(zh), names(en), "{name} takes other values in the other language");
    }
}

#[test]
fn each_language_is_itself() {
    // Figures alone look the same in both, and the switch names the other language.
    for (name, zh, en) in every_text().filter(|(name, ..)| *name != "other_language") {
        let bare = names(zh).iter().fold(zh.to_string(), |t, n| t.replace(n, ""));
        if bare.chars().any(char::is_alphabetic) {
            assert!(zh.chars().any(is_han), "{name} is not Chinese: {zh}");
        }
        assert!(!en.chars().any(is_han), "{name} is not English: {en}");
    }
}

/// A reason that the store may hold has words of its own in both languages.
#[test]
fn every_reason_for_a_decision_has_its_words() {
    for w in [&ZH, &EN] {
        let words = Review::ALL.map(|review| because(review.code(), w));
        assert!(!words.contains(&w.because_other), "{words:?}");
        let distinct: std::collections::BTreeSet<_> = words.iter().collect();
        assert_eq!(distinct.len(), words.len(), "{words:?}");
        assert_eq!(because("of_another_version", w), w.because_other);
    }
}

#[test]
fn fills_names_in() {
    assert_eq!(
        fill("待确认 {n} 题，约 {m} 分钟", &[("n", &12), ("m", &1)]),
        "待确认 12 题，约 1 分钟"
    );
    assert_eq!(fill("{n}", &[("n", &"{m}")]), "{m}", "a value is never filled in again");
    assert_eq!(fill("plain", &[]), "plain");
}

#[test]
fn english_counts_one_and_many() {
    let pupils = |n: u32| fill(EN.class_pupils, &[("n", &n)]);
    assert_eq!([pupils(0), pupils(1), pupils(45)], ["0 pupils", "1 pupil", "45 pupils"]);
    for (name, _, en) in ALL {
        let one = fill(en, &[("n", &1), ("m", &1), ("points", &1)]);
        let words: Vec<&str> = one.split([' ', '.', ',', ':', ';']).collect();
        let many = words.windows(2).find(|pair| {
            pair[0] == "1" && pair[1].ends_with('s') && !["is", "s", "follows"].contains(&pair[1])
        });
        assert_eq!(many, None, "{name} says many of one");
    }
}

#[test]
fn takes_the_first_language_it_speaks() {
    assert_eq!(Locale::accepted("fr-FR, en-GB;q=0.8, zh;q=0.5"), Some(Locale::En));
    assert_eq!(Locale::accepted("zh-CN,zh;q=0.9"), Some(Locale::Zh));
    assert_eq!(Locale::accepted("fr"), None);
    assert_eq!(Locale::accepted(""), None);
}
