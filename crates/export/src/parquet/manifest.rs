//! What an export holds, for whoever reads it.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::ParquetExport;
use super::table::{Schema, Written};
use crate::{ExportError, moment};

/// Rises with each change of a table that a reader would notice.
const SCHEMA_VERSION: u32 = 1;

/// The name of the file in the export's folder.
const FILE: &str = "manifest.json";

/// `manifest.json`.
#[derive(Clone, Debug, Serialize)]
pub struct Manifest {
    format: &'static str,
    schema_version: u32,
    zhibi: &'static str,
    /// The day of the export in Shanghai, and its moment, Unix milliseconds.
    made: String,
    made_ms: i64,
    /// When assignments were given, and of which days profiles are: first day, last day.
    given: (Option<String>, Option<String>),
    /// Tells keys of pseudonyms apart.
    pseudonym_key_id: String,
    /// One per table.
    pub tables: Vec<TableCounts>,
}

/// What one table holds.
#[derive(Clone, Debug, Serialize)]
pub struct TableCounts {
    /// Its folder.
    pub name: &'static str,
    /// Rows of all files.
    pub rows: u64,
    /// Bytes of all files.
    pub bytes: u64,
    files: Vec<Written>,
    columns: Vec<Column>,
}

#[derive(Clone, Debug, Serialize)]
struct Column {
    /// In Parquet's own words: whether it may be missing, its type, its name.
    column: &'static str,
    meaning: &'static str,
}

impl Manifest {
    pub(super) fn of(export: &ParquetExport<'_>, tables: Vec<(Schema, Vec<Written>)>) -> Self {
        let column = |(column, meaning): &(&'static str, &'static str)| Column { column, meaning };
        let tables = tables.into_iter().map(|(schema, files)| TableCounts {
            name: schema.name,
            rows: files.iter().map(|file| file.rows).sum(),
            bytes: files.iter().map(|file| file.bytes).sum(),
            files,
            columns: schema.columns.iter().map(column).collect(),
        });
        let (from_ms, until_ms) = export.period_ms;
        let first = (from_ms > 0).then(|| moment::day(from_ms));
        let last = (until_ms < i64::MAX).then(|| moment::day(until_ms - 1));
        Self {
            format: "zhibi-parquet",
            schema_version: SCHEMA_VERSION,
            zhibi: env!("CARGO_PKG_VERSION"),
            made: moment::day(export.now_ms),
            made_ms: export.now_ms,
            given: (first, last),
            pseudonym_key_id: export.pseudonyms.key_id(),
            tables: tables.collect(),
        }
    }

    /// Written as a whole, and synced: it says that all the others are there.
    pub(super) fn write(&self, folder: &Path) -> Result<(), ExportError> {
        let (file, part) = (folder.join(FILE), folder.join(format!("{FILE}.part")));
        let write = || {
            let mut opened = File::create(&part)?;
            serde_json::to_writer_pretty(&mut opened, self)?;
            opened.write_all(b"\n")?;
            opened.sync_all()?;
            std::fs::rename(&part, &file)
        };
        write().map_err(|source| ExportError::File { file: file.clone(), source })
    }
}
