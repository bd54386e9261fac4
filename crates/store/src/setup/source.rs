//! The identities that other systems give to those whom we know: 学籍号, `sourcedId` of OneRoster.

use crate::sql::{codes, query};
use crate::{Store, StoreError};

/// What an identity is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entity {
    /// A school.
    School,
    /// A class.
    Class,
    /// A pupil.
    Pupil,
    /// A member of staff.
    Staff,
}

codes!(Entity { School = "school", Class = "class", Pupil = "pupil", Staff = "staff" });

/// Another system's identity of somebody or something that the store holds.
#[derive(Clone, PartialEq, Eq)]
pub struct SourceIdentity {
    /// What it is of.
    pub entity: Entity,
    /// Who gave it, such as `xueji`.
    pub source: String,
    /// As it was given.
    pub value: String,
    /// Ours.
    pub id: String,
}

impl std::fmt::Debug for SourceIdentity {
    /// Leaves the value out: a pupil's 学籍号 reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SourceIdentity")
            .field("entity", &self.entity)
            .field("source", &self.source)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Stores identities, all or none. A source has one for each of ours; a new one replaces it.
    ///
    /// # Errors
    /// Where the store does not hold what an identity is of, or another of ours has it already.
    pub async fn insert_source_identities(
        &self,
        rows: Vec<SourceIdentity>,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                for row in &rows {
                    let known = match row.entity {
                        Entity::School => "SELECT id FROM school WHERE id = $1",
                        Entity::Class => "SELECT id FROM class WHERE id = $1",
                        Entity::Pupil => "SELECT id FROM pupil WHERE id = $1",
                        Entity::Staff => "SELECT id FROM staff WHERE id = $1",
                    };
                    let known: Option<String> =
                        query(known).bind(&row.id).scalar_optional(&mut *tx).await?;
                    if known.is_none() {
                        let what = row.entity.code();
                        return Err(StoreError::Missing { what, id: row.id.clone() });
                    }
                    query(
                        "INSERT INTO source_identity (entity, source, value, id)
                         VALUES ($1, $2, $3, $4)
                         ON CONFLICT (entity, source, id) DO UPDATE SET value = excluded.value",
                    )
                    .bind(row.entity)
                    .bind(&row.source)
                    .bind(&row.value)
                    .bind(&row.id)
                    .execute(&mut *tx)
                    .await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Our identity of what a source calls `value`, if it is known.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn known_by(
        &self,
        entity: Entity,
        source: &str,
        value: &str,
    ) -> Result<Option<String>, StoreError> {
        let id = query(
            "SELECT id FROM source_identity WHERE entity = $1 AND source = $2 AND value = $3",
        )
        .bind(entity)
        .bind(source)
        .bind(value)
        .scalar_optional(self.readers())
        .await?;
        Ok(id)
    }
}
