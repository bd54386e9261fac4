//! Where pages end.

use super::{build, built};

#[test]
fn no_heading_stands_at_the_foot_of_a_page() {
    // One more line in each run, so that the second section's heading comes everywhere.
    for lines in 1..=20 {
        let sheet = build(&format!(
            "一、写。（每题 1 分）\n写一写。\n  横线：{lines} 行\n二、读。（每题 1 分）\n> 一段话。\n读一读（√）"
        ))
        .unwrap();
        let page = sheet.questions[1].page;
        let artwork = &sheet.pages[page as usize - 1].artwork;
        assert!(artwork.contains(">二、读。<") && artwork.contains("一段话"), "{lines} lines");
    }
}

#[test]
fn every_page_says_which_it_is_of_how_many() {
    let sheet = built(&"写\n 横线：12 行\n".repeat(4));
    let count = sheet.pages.len();
    assert!(count > 1);
    for page in &sheet.pages {
        let foot = format!("第 {} 页　共 {count} 页", page.number);
        assert!(page.artwork.contains(&foot), "page {}", page.number);
        assert!(page.artwork.contains("姓名"), "each page says whose it is");
    }
}

#[test]
fn a_row_stays_on_one_page() {
    let sheet = built(&"看（√）这个\n".repeat(70));
    for row in sheet.questions.chunks(2) {
        assert!(row.iter().all(|question| question.page == row[0].page));
    }
    assert!(sheet.pages.len() > 1);
}
