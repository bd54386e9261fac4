use roxmltree::{Document, ParsingOptions};

use super::*;

pub(crate) fn made() -> Head {
    Head {
        command: "zhibi report reading a&b".into(),
        made: "2026-11-30 08:00:00+08:00".into(),
        model: "reader-0".into(),
        thresholds: 7,
        seconds: 3.2,
    }
}

/// Reads a page as a browser would, gives its text, and looks that it asks the network for nothing.
pub(crate) fn read(page: &str) -> String {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(page, options).expect("well-formed");
    for node in document.descendants() {
        assert!(!node.has_tag_name("script") && !node.has_tag_name("link"), "{node:?}");
        for attribute in node.attributes().filter(|a| matches!(a.name(), "href" | "src")) {
            let of = attribute.value().strip_prefix('#').expect("a place on the page");
            assert!(document.descendants().any(|node| node.attribute("id") == Some(of)), "{of}");
        }
    }
    assert!(!page.contains("url(") && !page.contains("@import"));
    let text = document.descendants().filter_map(|node| node.text().filter(|_| node.is_text()));
    text.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_goal_is_met_or_not() {
    let figures = [
        Figure::at_least(0.995, Some(0.995)),
        Figure::at_least(0.994, Some(0.995)),
        Figure::at_most(0.001, Some(0.001)),
        Figure::at_most(0.1, None),
        Figure::plain("3".into()),
    ];
    assert_eq!(
        figures.each_ref().map(|f| f.met),
        [Some(true), Some(false), Some(true), None, None]
    );
    assert_eq!(met(figures.iter()), (2, 3));
    assert_eq!(
        (short(0.995), short(0.001), short(0.97)),
        ("99.5 %".into(), "0.1 %".into(), "97 %".into())
    );
}
