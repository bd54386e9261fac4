//! What is written on: the worksheet `mixed`, and those of the sample strokes.

use std::path::{Path, PathBuf};

use store::Store;
use worksheet::Worksheet;

/// The text of `mixed`: three questions on two pages.
pub const MIXED: &str = include_str!("mixed.toml");

/// The artwork of the pages of `mixed`, which differs from page to page.
#[must_use]
pub fn artwork() -> Vec<String> {
    let page = |n| format!("<svg xmlns='http://www.w3.org/2000/svg'><!--{n}--></svg>");
    [1, 2].map(page).to_vec()
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample-strokes/worksheets").join(name)
}

/// A worksheet of the sample strokes, by its folder's name.
///
/// # Panics
/// Where there is no such worksheet.
#[must_use]
pub fn sample_sheet(name: &str) -> Worksheet {
    Worksheet::load(&folder(name)).expect("a worksheet of the samples")
}

/// Puts a worksheet of the sample strokes into a store.
///
/// # Panics
/// Where there is no such worksheet, or the store refuses it.
pub async fn put_sample_sheet(store: &Store, name: &str) {
    let read = |file: &str| {
        std::fs::read_to_string(folder(name).join(file)).expect("a file of the samples")
    };
    let toml = read("worksheet.toml");
    let pages = Worksheet::artwork_names(&toml).expect("a worksheet of the samples");
    let artwork: Vec<String> = pages.iter().map(|page| read(page)).collect();
    store.insert_worksheet(&toml, &artwork).await.expect("the worksheet is stored");
}
