//! Name labels (姓名贴) of a class.

use std::path::Path;

use anyhow::ensure;
use firmware_protocol::PageAddress;
use printing::{Fonts, LABEL_BOOK, Label, OWNER, SECTION};
use store::{LabelRow, StoreUrl};

use super::PLANE;
use crate::say::counted;
use crate::whole_file::write;
use crate::{Verdict, clock, pen, store_file};

/// Prints the labels of a class, and stores whose they are.
pub(super) fn run(
    fonts: &Fonts,
    database: &StoreUrl,
    class: &str,
    out: Option<&Path>,
) -> anyhow::Result<Verdict> {
    let (class, rows) = store_file::with(database, async |store| {
        let class = pen::class(store, class).await?;
        let book = (SECTION, OWNER, LABEL_BOOK);
        let rows = store.name_labels(&class.id, clock::wall_ms(), book).await?;
        ensure!(!rows.is_empty(), "{} has no pupils", class.name_zh);
        Ok((class, rows))
    })?;
    let label = |row: &LabelRow| {
        let (section, owner, book) = store::unfold(row.folio);
        Label {
            address: PageAddress { section, owner, book, page: row.page },
            name: row.name.clone(),
            note: format!("{}　{} 号", class.name_zh, row.number),
        }
    };
    let labels: Vec<Label> = rows.iter().map(label).collect();
    let out = out.map_or_else(
        || export::file_name(&["姓名贴", &class.name_zh], "pdf").into(),
        Path::to_path_buf,
    );
    write(&out, &printing::labels(fonts, PLANE, &labels)?)?;
    let count = counted(labels.len(), "name label", "name labels");
    put!("{}: {count} of {}", out.display(), class.name_zh)?;
    Ok(Verdict::Clean)
}
