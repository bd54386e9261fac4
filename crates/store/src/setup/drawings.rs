//! Worksheets that are being drawn over the pages of a PDF.

use crate::database::Connection;
use crate::scope::WorksheetSchool;
use crate::sql::query;
use crate::{Store, StoreError};

/// The most drawings of a school. Each may hold some megabytes of artwork.
const DRAWINGS_MAX: i64 = 100;

/// A drawing that begins.
#[derive(Clone, Debug)]
pub struct NewDrawing {
    /// Unique in the store, and of no meaning.
    pub id: String,
    /// Who begins it.
    pub staff: String,
    /// The title so far.
    pub title: String,
    /// JSON text; it goes out as it came.
    pub content: String,
    /// The id of the worksheet that is made of it.
    pub worksheet: String,
    /// Its pages in their order.
    pub pages: Vec<DrawingPage>,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

/// One page of a drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawingPage {
    /// Width of the paper, micrometres.
    pub width_um: i32,
    /// Height of the paper, micrometres.
    pub height_um: i32,
    /// The artwork.
    pub svg: String,
    /// JSON text of what was found on it; it goes out as it came.
    pub found: String,
}

/// A drawing in a school's list.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DrawingLine {
    /// Its id.
    pub id: String,
    /// The title so far; perhaps empty.
    pub title: String,
    /// When it was last changed, Unix milliseconds.
    pub changed_ms: i64,
    /// The name of who began it.
    pub by_name: String,
    /// The id of the worksheet that is made of it.
    pub worksheet: String,
    /// The last version that was made.
    #[sqlx(try_from = "crate::sql::Nullable")]
    pub version: Option<u32>,
}

/// A drawing without its artwork.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawingView {
    /// Rises with each change.
    pub revision: i64,
    /// JSON text, as it came.
    pub content: String,
    /// The id of the worksheet that is made of it.
    pub worksheet: String,
    /// The last version that was made.
    pub version: Option<u32>,
    /// Its pages in their order: width and height in micrometres, and what was found on each.
    pub pages: Vec<(i32, i32, String)>,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawingSaved {
    /// It is stored under this revision.
    Stored(i64),
    /// Somebody else changed the drawing since that revision; nothing is stored.
    Changed,
    /// There is no such drawing.
    Missing,
}

impl Store {
    /// Stores a drawing of a school. Returns whether there was room for it.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn begin_drawing(
        &self,
        school: &WorksheetSchool,
        new: NewDrawing,
    ) -> Result<bool, StoreError> {
        let school = school.id.clone();
        self.write(move |tx| Box::pin(begin(tx, school, new))).await
    }

    /// The drawings of a school, the latest changed first.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn drawings(&self, school: &WorksheetSchool) -> Result<Vec<DrawingLine>, StoreError> {
        let rows = query(
            "SELECT d.id, d.title, d.changed_ms, f.name AS by_name, d.worksheet, d.version
             FROM drawing d JOIN staff f ON f.id = d.staff
             WHERE d.school = $1 ORDER BY d.changed_ms DESC, d.id",
        );
        Ok(rows.bind(&school.id).fetch_all(self.readers()).await?)
    }

    /// A drawing of a school, without its artwork.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn drawing(
        &self,
        school: &WorksheetSchool,
        id: &str,
    ) -> Result<Option<DrawingView>, StoreError> {
        type Row = (i64, String, String, Option<i64>);
        let mut snapshot = self.readers().snapshot().await?;
        let row: Option<Row> = query(
            "SELECT revision, content, worksheet, version FROM drawing
             WHERE school = $1 AND id = $2",
        )
        .bind(&school.id)
        .bind(id)
        .fetch_optional(&mut snapshot)
        .await?;
        let Some((revision, content, worksheet, version)) = row else { return Ok(None) };
        let pages: Vec<(i64, i64, String)> = query(
            "SELECT width_um, height_um, found FROM drawing_page WHERE drawing = $1 ORDER BY page",
        )
        .bind(id)
        .fetch_all(&mut snapshot)
        .await?;
        let small = |um: i64| i32::try_from(um).unwrap_or(i32::MAX);
        let pages =
            pages.into_iter().map(|(width, height, found)| (small(width), small(height), found));
        let version = version.and_then(|version| u32::try_from(version).ok());
        let pages = pages.collect();
        Ok(Some(DrawingView { revision, content, worksheet, version, pages }))
    }

    /// The artwork of a drawing's page, from 1.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn drawing_artwork(
        &self,
        school: &WorksheetSchool,
        id: &str,
        page: u32,
    ) -> Result<Option<String>, StoreError> {
        let svg = query(
            "SELECT p.svg FROM drawing_page p JOIN drawing d ON d.id = p.drawing
             WHERE d.school = $1 AND d.id = $2 AND p.page = $3",
        );
        let svg = svg.bind(&school.id).bind(id).bind(page);
        Ok(svg.scalar_optional(self.readers()).await?)
    }

    /// Changes a drawing, if it is still as it was at `revision`.
    ///
    /// # Errors
    /// On an error nothing is written.
    pub async fn save_drawing(
        &self,
        school: &WorksheetSchool,
        id: &str,
        revision: i64,
        (title, content): (String, String),
        now_ms: i64,
    ) -> Result<DrawingSaved, StoreError> {
        let (school, id) = (school.id.clone(), id.to_owned());
        self.write(move |tx| {
            Box::pin(async move {
                let there: Option<i64> =
                    query("SELECT revision FROM drawing WHERE school = $1 AND id = $2")
                        .bind(&school)
                        .bind(&id)
                        .scalar_optional(&mut *tx)
                        .await?;
                let Some(there) = there else { return Ok(DrawingSaved::Missing) };
                if there != revision {
                    return Ok(DrawingSaved::Changed);
                }
                query(
                    "UPDATE drawing SET title = $2, content = $3, changed_ms = $4, revision = $5
                     WHERE id = $1",
                )
                .bind(&id)
                .bind(&title)
                .bind(&content)
                .bind(now_ms)
                .bind(there + 1)
                .execute(tx)
                .await?;
                Ok(DrawingSaved::Stored(there + 1))
            })
        })
        .await
    }

    /// Notes which version was made of a drawing.
    ///
    /// # Errors
    /// On an error nothing is written.
    pub async fn drawing_made(
        &self,
        school: &WorksheetSchool,
        id: &str,
        version: u32,
    ) -> Result<(), StoreError> {
        let (school, id) = (school.id.clone(), id.to_owned());
        self.write(move |tx| {
            Box::pin(async move {
                query("UPDATE drawing SET version = $3 WHERE school = $1 AND id = $2")
                    .bind(&school)
                    .bind(&id)
                    .bind(version)
                    .execute(tx)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Deletes a drawing; worksheets that were made of it stay. Returns whether there was one.
    ///
    /// # Errors
    /// On an error nothing is written.
    pub async fn drop_drawing(
        &self,
        school: &WorksheetSchool,
        id: &str,
    ) -> Result<bool, StoreError> {
        let (school, id) = (school.id.clone(), id.to_owned());
        self.write(move |tx| {
            Box::pin(async move {
                let gone = query("DELETE FROM drawing WHERE school = $1 AND id = $2")
                    .bind(&school)
                    .bind(&id)
                    .execute(tx)
                    .await?;
                Ok(gone > 0)
            })
        })
        .await
    }
}

async fn begin(tx: &mut Connection, school: String, new: NewDrawing) -> Result<bool, StoreError> {
    let count: i64 = query("SELECT count(*) FROM drawing WHERE school = $1")
        .bind(&school)
        .scalar(&mut *tx)
        .await?;
    if count >= DRAWINGS_MAX {
        return Ok(false);
    }
    query(
        "INSERT INTO drawing (id, school, staff, begun_ms, changed_ms, revision, title, content,
                              worksheet)
         VALUES ($1, $2, $3, $4, $4, 1, $5, $6, $7)",
    )
    .bind(&new.id)
    .bind(&school)
    .bind(&new.staff)
    .bind(new.at_ms)
    .bind(&new.title)
    .bind(&new.content)
    .bind(&new.worksheet)
    .execute(&mut *tx)
    .await?;
    for (number, page) in (1_i64..).zip(&new.pages) {
        query(
            "INSERT INTO drawing_page (drawing, page, width_um, height_um, svg, found)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&new.id)
        .bind(number)
        .bind(page.width_um)
        .bind(page.height_um)
        .bind(&page.svg)
        .bind(&page.found)
        .execute(&mut *tx)
        .await?;
    }
    Ok(true)
}
