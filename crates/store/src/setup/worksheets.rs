//! Worksheets, what they were made from, and which school has them.

use std::collections::HashMap;

use worksheet::{Worksheet, WorksheetError, WorksheetId};

use crate::database::Connection;
use crate::sql::{On, query};
use crate::{Store, StoreError};

/// A version of a worksheet that a school puts in.
#[derive(Clone, Debug)]
pub struct NewWorksheet {
    /// Whose teachers may use it.
    pub school: String,
    /// The worksheet file.
    pub toml: String,
    /// SVG texts in page order.
    pub artwork: Vec<String>,
    /// Names and bytes of the files that it was made from, such as `worksheet.txt` and pictures.
    pub sources: Vec<(String, Vec<u8>)>,
    /// Who puts it in; `None`: a command.
    pub staff: Option<String>,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

impl Store {
    /// Stores a worksheet file and its artwork: SVG texts in page order.
    ///
    /// # Errors
    /// Where the worksheet is wrong, or this version is stored with other content: what was marked
    /// with a version must stay what it was.
    pub async fn insert_worksheet(
        &self,
        toml: &str,
        artwork: &[String],
    ) -> Result<WorksheetId, StoreError> {
        let id = parse(toml, artwork)?.id;
        let (row, toml, artwork) = (id.clone(), toml.to_owned(), artwork.to_vec());
        self.write(move |tx| Box::pin(insert_worksheet(tx, row, toml, artwork))).await?;
        Ok(id)
    }

    /// Stores a worksheet as [`Store::insert_worksheet`] does, for a school, with what it was made
    /// from. The same once more changes nothing.
    ///
    /// # Errors
    /// As those, and where there is no such school.
    pub async fn put_worksheet(&self, new: NewWorksheet) -> Result<WorksheetId, StoreError> {
        let id = parse(&new.toml, &new.artwork)?.id;
        let row = id.clone();
        self.write(move |tx| Box::pin(async move { put(tx, row, new).await })).await?;
        Ok(id)
    }

    /// The worksheet of that version, as it was inserted.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is none.
    pub async fn load_worksheet(&self, id: &str, version: u32) -> Result<Worksheet, StoreError> {
        let mut tx = self.readers().snapshot().await?;
        let (toml, artwork) = worksheet_text(&mut tx, id, version).await?.ok_or_else(|| {
            StoreError::Missing { what: "worksheet", id: format!("{id} version {version}") }
        })?;
        Ok(parse(&toml, &artwork)?)
    }

    /// The version of a worksheet that nobody has stored yet, and that is above all stored ones.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn next_version(&self, id: &str) -> Result<u32, StoreError> {
        next_version(self.readers(), id).await
    }
}

/// SQL: the version with which a school begins what it gives of a version: the last one that a
/// correction of it made. School, worksheet and version are names of columns.
pub(crate) fn begins_with(school: &str, worksheet: &str, version: &str) -> String {
    let of = format!("l.school = {school} AND l.worksheet = {worksheet}");
    format!(
        "coalesce((SELECT l.to_version FROM worksheet_key l
                   WHERE {of} AND l.version = coalesce(
                       (SELECT min(k.version) FROM worksheet_key k WHERE k.school = {school}
                          AND k.worksheet = {worksheet} AND k.to_version = {version}), {version})
                   ORDER BY l.id DESC LIMIT 1), {version})"
    )
}

pub(crate) async fn next_version(on: impl Into<On<'_>>, id: &str) -> Result<u32, StoreError> {
    let last: Option<i64> =
        query("SELECT max(version) FROM worksheet WHERE id = $1").bind(id).scalar(on).await?;
    let last = last.and_then(|last| u32::try_from(last).ok()).unwrap_or(0);
    Ok(last.saturating_add(1))
}

/// See [`Store::put_worksheet`]; `id` is that of the file.
pub(crate) async fn put(
    tx: &mut Connection,
    id: WorksheetId,
    new: NewWorksheet,
) -> Result<(), StoreError> {
    let NewWorksheet { school, toml, artwork, sources, staff, at_ms } = new;
    insert_worksheet(tx, id.clone(), toml, artwork).await?;
    for (name, bytes) in sources {
        query(
            "INSERT INTO worksheet_source (worksheet, version, name, bytes)
             VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(&id.id)
        .bind(id.version)
        .bind(name)
        .bind(bytes)
        .execute(&mut *tx)
        .await?;
    }
    belongs(tx, &school, &id, staff, Some(at_ms)).await
}

/// Notes that a school has a version of a worksheet. Who noted it first stays.
pub(super) async fn belongs(
    tx: &mut Connection,
    school: &str,
    id: &WorksheetId,
    staff: Option<String>,
    at_ms: Option<i64>,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO school_worksheet (school, worksheet, version, staff, at_ms)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
    )
    .bind(school)
    .bind(&id.id)
    .bind(id.version)
    .bind(staff)
    .bind(at_ms)
    .execute(tx)
    .await?;
    Ok(())
}

fn parse(toml: &str, artwork: &[String]) -> Result<Worksheet, WorksheetError> {
    let names = Worksheet::artwork_names(toml)?;
    let by_name: HashMap<&str, &String> =
        names.iter().map(String::as_str).zip(artwork.iter()).collect();
    Worksheet::parse(toml, |name| {
        by_name
            .get(name)
            .map(|svg| (*svg).clone())
            .ok_or_else(|| WorksheetError::Worksheet(format!("artwork {name} is missing")))
    })
}

pub(crate) async fn worksheet_text(
    tx: &mut Connection,
    id: &str,
    version: u32,
) -> Result<Option<(String, Vec<String>)>, StoreError> {
    let toml: Option<String> = query("SELECT toml FROM worksheet WHERE id = $1 AND version = $2")
        .bind(id)
        .bind(version)
        .scalar_optional(&mut *tx)
        .await?;
    let Some(toml) = toml else { return Ok(None) };
    let artwork =
        query("SELECT svg FROM artwork WHERE worksheet = $1 AND version = $2 ORDER BY page")
            .bind(id)
            .bind(version)
            .scalars(tx)
            .await?;
    Ok(Some((toml, artwork)))
}

async fn insert_worksheet(
    tx: &mut Connection,
    id: WorksheetId,
    toml: String,
    artwork: Vec<String>,
) -> Result<(), StoreError> {
    if let Some(stored) = worksheet_text(tx, &id.id, id.version).await? {
        return if stored == (toml, artwork) {
            Ok(())
        } else {
            Err(StoreError::WorksheetChanged { id: id.id, version: id.version })
        };
    }
    query("INSERT INTO worksheet (id, version, toml) VALUES ($1, $2, $3)")
        .bind(&id.id)
        .bind(id.version)
        .bind(&toml)
        .execute(&mut *tx)
        .await?;
    for (page, svg) in (1_i64..).zip(&artwork) {
        query("INSERT INTO artwork (worksheet, version, page, svg) VALUES ($1, $2, $3, $4)")
            .bind(&id.id)
            .bind(id.version)
            .bind(page)
            .bind(svg)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}
