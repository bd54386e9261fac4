use super::*;
use crate::evening::{Evening, fonts};

async fn pages(evening: &Evening, pupil: Option<&str>) -> Option<MarkedPages> {
    let worksheet = evening.store.load_worksheet("mixed", 1).await.unwrap();
    let head = evening.head.clone();
    let store = &evening.store;
    MarkedPages::load(store, head, Arc::new(worksheet), pupil, Language::Zh).await.unwrap()
}

#[tokio::test]
async fn each_page_of_paper_of_who_wrote_is_a_page_with_name_and_points() {
    let evening = Evening::new(store::Verdict::Wrong, true).await;
    let pages = pages(&evening, None).await.unwrap();
    assert_eq!(pages.missing(), 1);
    assert_eq!(pages.file_name(), "三（1）班 三年级综合练习 2025-11-23 答卷.pdf");
    let Some(fonts) = fonts() else { return };
    let told = pages.pdf(&fonts).unwrap();
    assert_eq!((told.pages, told.lacking.as_slice()), (4, &[][..]), "two pupils of two pages");
    assert_eq!(pages.pdf(&fonts).unwrap(), told, "the same pages give the same file");
    let Some(text) = evening.text(&told.bytes) else { return };
    for said in ["1号", "陈一诺", "2号", "阿卜杜拉·买买提", "0/10分", "三（1）班"]
    {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!text.contains("<b>王</b>"), "who wrote nothing has no page: {text}");
    // The pupil's ink and the sign of the verdict are on the page, each in its colour.
    let pixels = evening.pixels(&told.bytes, 1).unwrap();
    let near = |r: i32, g: i32, b: i32| {
        let close = |px: &[u8]| {
            (i32::from(px[0]) - r).abs()
                + (i32::from(px[1]) - g).abs()
                + (i32::from(px[2]) - b).abs()
        };
        pixels.chunks_exact(3).filter(|px| close(px) < 90).count()
    };
    assert!(near(0x1f, 0x2a, 0x5a) > 3, "ink");
    assert!(near(0xfa, 0xdf, 0xd8) > 30, "the sign's square");
}

#[tokio::test]
async fn one_pupils_pages_are_theirs_alone() {
    let evening = Evening::new(store::Verdict::Right, false).await;
    let own = pages(&evening, Some("p-2")).await.unwrap();
    assert_eq!(own.file_name(), "三（1）班 三年级综合练习 2025-11-23 2 号 答卷.pdf");
    let absent = pages(&evening, Some("p-3")).await.unwrap();
    assert!(pages(&evening, Some("p-51")).await.is_none(), "of another class");
    let Some(fonts) = fonts() else { return };
    let told = own.pdf(&fonts).unwrap();
    let Some(text) = evening.text(&told.bytes) else { return };
    assert!(text.contains("阿卜杜拉") && !text.contains("陈一诺"), "{text}");
    assert!(text.contains("暂定"), "it may still change: {text}");
    let Some(text) = evening.text(&absent.pdf(&fonts).unwrap().bytes) else { return };
    assert!(text.contains("未交"), "{text}");
}

#[test]
fn what_no_font_has_is_named() {
    let Some(fonts) = fonts() else { return };
    // A character of private use, and one that Unicode has not given.
    let lacking = fonts.lacking("陈\u{e123}一\u{e123}𬱖\u{3fffd}");
    assert_eq!(lacking, ['\u{e123}', '\u{3fffd}']);
    let mut overlay = Overlay::new((210_000, 297_000), &fonts, &lacking);
    overlay.text((0, 0), 100, Anchor::Start, DARK, 9_000, "陈\u{e123}<");
    assert!(overlay.finish().contains(">陈〓&lt;</text>"));
    assert_eq!(lacking_line(&lacking, Language::Zh), "〓：本机字体没有的字 U+E123 U+3FFFD");
}
