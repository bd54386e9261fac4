//! The gateways of a school: enrolled for a classroom, and what was heard of them.

use sqlx::AssertSqlSafe;

use crate::sql::query;
use crate::{KeptSchool, Store, StoreError};

/// A gateway that is enrolled.
#[derive(Clone, PartialEq, Eq)]
pub struct GatewayRow {
    /// Its id, which is its user name and client id at the broker.
    pub id: String,
    /// The school.
    pub school: String,
    /// Where it stands.
    pub classroom: String,
    /// The password's hash, as the broker's password file has it.
    pub password: String,
}

impl std::fmt::Debug for GatewayRow {
    /// Leaves out the password's hash.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GatewayRow").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A gateway, and what was heard of it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct GatewayLine {
    /// Its id.
    pub id: String,
    /// The school that enrolled it; `None`: nobody did.
    pub school: Option<String>,
    /// Where it stands.
    pub classroom: Option<String>,
    /// When it was enrolled last, Unix milliseconds.
    pub enrolled_ms: Option<i64>,
    /// When its enrolment was revoked, Unix milliseconds.
    pub revoked_ms: Option<i64>,
    /// Whether it is connected; `None`: it never said.
    pub online: Option<bool>,
    /// Since when it is or is not, Unix milliseconds.
    pub since_ms: Option<i64>,
    /// When its last ink came, Unix milliseconds, to the minute.
    pub ink_ms: Option<i64>,
    /// Pens that were last heard through it.
    #[sqlx(try_from = "i64")]
    pub pens: u32,
    /// Chunks that those pens still kept.
    pub backlog: i64,
}

/// SQL: [`GatewayLine`]s, of a school ($1) or all. One that nobody enrolled is a school's if a pen
/// of the school was last heard through it, or there is no other school.
const LINES: &str = "
    SELECT k.id, g.school, g.classroom, g.enrolled_ms, g.revoked_ms, n.online = 1 AS online,
           n.since_ms, n.ink_ms,
           (SELECT count(*) FROM pen_seen p WHERE p.gateway = k.id) AS pens,
           (SELECT CAST(coalesce(sum(p.backlog), 0) AS BIGINT) FROM pen_seen p
            WHERE p.gateway = k.id) AS backlog
    FROM (SELECT id FROM gateway UNION SELECT gateway AS id FROM gateway_seen) k
    LEFT JOIN gateway g ON g.id = k.id LEFT JOIN gateway_seen n ON n.gateway = k.id
    WHERE $1 IS NULL OR g.school = $1
       OR g.school IS NULL AND ((SELECT count(*) FROM school) = 1 OR EXISTS (
              SELECT 1 FROM pen_seen p JOIN pen o ON o.id = p.pen
              WHERE p.gateway = k.id AND o.school = $1))
    ORDER BY g.classroom IS NULL, g.revoked_ms IS NOT NULL, g.classroom, k.id";

impl Store {
    /// Enrols a gateway, anew if it was enrolled before: then it has another password. Returns
    /// whether it was.
    ///
    /// # Errors
    /// [`StoreError::GatewayElsewhere`] where another school has it.
    pub async fn enrol_gateway(&self, row: GatewayRow, now_ms: i64) -> Result<bool, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                let known: Option<String> = query("SELECT school FROM gateway WHERE id = $1")
                    .bind(&row.id)
                    .scalar_optional(&mut *tx)
                    .await?;
                if known.as_ref().is_some_and(|school| *school != row.school) {
                    return Err(StoreError::GatewayElsewhere { id: row.id });
                }
                query(
                    "INSERT INTO gateway (id, school, classroom, password, enrolled_ms)
                     VALUES ($1, $2, $3, $4, $5)
                     ON CONFLICT (id) DO UPDATE SET classroom = excluded.classroom,
                         password = excluded.password, enrolled_ms = excluded.enrolled_ms,
                         revoked_ms = NULL",
                )
                .bind(&row.id)
                .bind(&row.school)
                .bind(&row.classroom)
                .bind(&row.password)
                .bind(now_ms)
                .execute(tx)
                .await?;
                Ok(known.is_some())
            })
        })
        .await
    }

    /// Revokes a gateway's enrolment: its login is no longer among [`Self::gateway_passwords`].
    /// What it brought stays.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where it is not enrolled.
    pub async fn revoke_gateway(&self, id: &str, now_ms: i64) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                let revoked =
                    query("UPDATE gateway SET revoked_ms = coalesce(revoked_ms, $2) WHERE id = $1")
                        .bind(&id)
                        .bind(now_ms)
                        .execute(tx)
                        .await?;
                match revoked {
                    0 => Err(StoreError::Missing { what: "gateway", id }),
                    _ => Ok(()),
                }
            })
        })
        .await
    }

    /// Notes that no gateway is connected: the broker began anew and remembers none.
    ///
    /// # Errors
    /// On an error nothing is noted.
    pub async fn gateways_gone(&self, now_ms: i64) -> Result<(), StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                query("UPDATE gateway_seen SET online = 0, since_ms = $1 WHERE online = 1")
                    .bind(now_ms)
                    .execute(tx)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Ids and password hashes of the gateways that are enrolled, by id: what the broker's password
    /// file holds.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn gateway_passwords(&self) -> Result<Vec<(String, String)>, StoreError> {
        let rows = query("SELECT id, password FROM gateway WHERE revoked_ms IS NULL ORDER BY id");
        Ok(rows.fetch_all(self.readers()).await?)
    }

    /// Every gateway that is enrolled or was heard of, by classroom and id.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn gateways(&self) -> Result<Vec<GatewayLine>, StoreError> {
        self.gateway_lines(None).await
    }

    /// The gateways of a kept school, by classroom and id, with those that nobody enrolled and that
    /// were heard of there.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn gateways_kept(&self, school: &KeptSchool) -> Result<Vec<GatewayLine>, StoreError> {
        self.gateway_lines(Some(&school.id)).await
    }

    async fn gateway_lines(&self, school: Option<&str>) -> Result<Vec<GatewayLine>, StoreError> {
        Ok(query(AssertSqlSafe(LINES)).bind(school).fetch_all(self.readers()).await?)
    }
}

#[cfg(test)]
mod tests;
