//! The gateways of a school: enrolled for a classroom, by which password or certificates the broker
//! knows them, and what was heard of them.

use sqlx::AssertSqlSafe;

use crate::database::Connection;
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
    /// How the broker knows it.
    pub login: GatewayLogin,
}

impl std::fmt::Debug for GatewayRow {
    /// Leaves out the password's hash.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GatewayRow").field("id", &self.id).finish_non_exhaustive()
    }
}

/// How the broker knows a gateway.
#[derive(Clone, PartialEq, Eq)]
pub enum GatewayLogin {
    /// By a password: its hash, as the broker's password file has it.
    Password(String),
    /// By a certificate, whose holder is the gateway.
    Certificate(CertificateRow),
}

/// A certificate that was issued. Its key is stored nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateRow {
    /// Its serial number, in hexadecimal.
    pub serial: String,
    /// Its common name: a gateway's id, or a name that no gateway has.
    pub holder: String,
    /// From when it is good, Unix milliseconds.
    pub from_ms: i64,
    /// When it ends, Unix milliseconds.
    pub until_ms: i64,
}

/// When something was done to certificates, and by which user of the machine.
#[derive(Clone, Copy, Debug)]
pub struct DoneBy<'a> {
    /// Unix milliseconds.
    pub at_ms: i64,
    /// The user's name.
    pub user: &'a str,
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
    /// When the last of its certificates ends, Unix milliseconds; `None`: it has none that counts.
    pub certificate_until_ms: Option<i64>,
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
    SELECT k.id, g.school, g.classroom, g.enrolled_ms, g.revoked_ms,
           (SELECT max(c.until_ms) FROM certificate c
            WHERE c.holder = k.id AND c.revoked_ms IS NULL) AS certificate_until_ms,
           n.online = 1 AS online, n.since_ms, n.ink_ms,
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
    /// Enrols a gateway, anew if it was enrolled before: its former password and certificates no
    /// longer count. Returns whether it was.
    ///
    /// # Errors
    /// [`StoreError::GatewayElsewhere`] where another school has it.
    pub async fn enrol_gateway(
        &self,
        row: GatewayRow,
        done: DoneBy<'_>,
    ) -> Result<bool, StoreError> {
        let (at_ms, user) = (done.at_ms, done.user.to_owned());
        self.write(move |tx| {
            Box::pin(async move {
                let known: Option<String> = query("SELECT school FROM gateway WHERE id = $1")
                    .bind(&row.id)
                    .scalar_optional(&mut *tx)
                    .await?;
                if known.as_ref().is_some_and(|school| *school != row.school) {
                    return Err(StoreError::GatewayElsewhere { id: row.id });
                }
                let (password, certificate) = match &row.login {
                    GatewayLogin::Password(hash) => (Some(hash.clone()), None),
                    GatewayLogin::Certificate(certificate) => (None, Some(certificate)),
                };
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
                .bind(password)
                .bind(at_ms)
                .execute(&mut *tx)
                .await?;
                revoke(tx, &row.id, at_ms, &user).await?;
                if let Some(certificate) = certificate {
                    insert(tx, certificate, at_ms, &user).await?;
                }
                Ok(known.is_some())
            })
        })
        .await
    }

    /// Notes a further certificate of a gateway that has certificates; where `replaces`, the former
    /// ones no longer count.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where no such gateway is enrolled.
    pub async fn renew_gateway(
        &self,
        row: CertificateRow,
        replaces: bool,
        done: DoneBy<'_>,
    ) -> Result<(), StoreError> {
        let (at_ms, user) = (done.at_ms, done.user.to_owned());
        self.write(move |tx| {
            Box::pin(async move {
                let known: i64 = query(
                    "SELECT count(*) FROM gateway
                     WHERE id = $1 AND password IS NULL AND revoked_ms IS NULL",
                )
                .bind(&row.holder)
                .scalar(&mut *tx)
                .await?;
                if known == 0 {
                    return Err(StoreError::Missing {
                        what: "enrolled gateway with a certificate",
                        id: row.holder,
                    });
                }
                note(tx, &row, replaces, (at_ms, &user)).await
            })
        })
        .await
    }

    /// Notes a certificate of somebody who is no gateway: the service, or the broker. Where
    /// `replaces`, the holder's former ones no longer count.
    ///
    /// # Errors
    /// On an error nothing is noted.
    pub async fn note_certificate(
        &self,
        row: CertificateRow,
        replaces: bool,
        done: DoneBy<'_>,
    ) -> Result<(), StoreError> {
        let (at_ms, user) = (done.at_ms, done.user.to_owned());
        self.write(move |tx| {
            Box::pin(async move { note(tx, &row, replaces, (at_ms, &user)).await })
        })
        .await
    }

    /// Revokes a gateway's enrolment: its password is no longer among [`Self::gateway_passwords`],
    /// and its certificates are among [`Self::revoked_certificates`]. What it brought stays.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where it is not enrolled.
    pub async fn revoke_gateway(&self, id: &str, done: DoneBy<'_>) -> Result<(), StoreError> {
        let (id, at_ms, user) = (id.to_owned(), done.at_ms, done.user.to_owned());
        self.write(move |tx| {
            Box::pin(async move {
                let revoked =
                    query("UPDATE gateway SET revoked_ms = coalesce(revoked_ms, $2) WHERE id = $1")
                        .bind(&id)
                        .bind(at_ms)
                        .execute(&mut *tx)
                        .await?;
                match revoked {
                    0 => Err(StoreError::Missing { what: "gateway", id }),
                    _ => revoke(tx, &id, at_ms, &user).await,
                }
            })
        })
        .await
    }

    /// Serial numbers of the certificates that were revoked before they ended, and when, Unix
    /// milliseconds: what the broker's revocation list holds.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn revoked_certificates(
        &self,
        now_ms: i64,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let rows = query(
            "SELECT serial, revoked_ms FROM certificate
             WHERE revoked_ms IS NOT NULL AND until_ms > $1 ORDER BY serial",
        );
        Ok(rows.bind(now_ms).fetch_all(self.readers()).await?)
    }

    /// Serial numbers of a holder's certificates that count.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn certificate_serials(&self, holder: &str) -> Result<Vec<String>, StoreError> {
        let serials = query(
            "SELECT serial FROM certificate WHERE holder = $1 AND revoked_ms IS NULL
             ORDER BY serial",
        );
        Ok(serials.bind(holder).scalars(self.readers()).await?)
    }

    /// When the last certificate of a holder ends, Unix milliseconds; `None` where it has none that
    /// counts.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn certificate_until_ms(&self, holder: &str) -> Result<Option<i64>, StoreError> {
        let until = query(
            "SELECT until_ms FROM certificate WHERE holder = $1 AND revoked_ms IS NULL
             ORDER BY until_ms DESC LIMIT 1",
        );
        Ok(until.bind(holder).scalar_optional(self.readers()).await?)
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

    /// Ids and password hashes of the gateways that are enrolled with one, by id: what the broker's password
    /// file holds.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn gateway_passwords(&self) -> Result<Vec<(String, String)>, StoreError> {
        let rows = query(
            "SELECT id, password FROM gateway
             WHERE revoked_ms IS NULL AND password IS NOT NULL ORDER BY id",
        );
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

/// Revokes every certificate of a holder.
async fn revoke(
    tx: &mut Connection,
    holder: &str,
    at_ms: i64,
    user: &str,
) -> Result<(), StoreError> {
    query(
        "UPDATE certificate SET revoked_ms = $2, revoked_by = $3
         WHERE holder = $1 AND revoked_ms IS NULL",
    )
    .bind(holder)
    .bind(at_ms)
    .bind(user)
    .execute(tx)
    .await?;
    Ok(())
}

/// Notes a certificate; where `replaces`, its holder's former ones no longer count.
async fn note(
    tx: &mut Connection,
    row: &CertificateRow,
    replaces: bool,
    (at_ms, user): (i64, &str),
) -> Result<(), StoreError> {
    if replaces {
        revoke(tx, &row.holder, at_ms, user).await?;
    }
    insert(tx, row, at_ms, user).await
}

async fn insert(
    tx: &mut Connection,
    row: &CertificateRow,
    at_ms: i64,
    user: &str,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO certificate (serial, holder, from_ms, until_ms, issued_ms, issued_by)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&row.serial)
    .bind(&row.holder)
    .bind(row.from_ms)
    .bind(row.until_ms)
    .bind(at_ms)
    .bind(user)
    .execute(tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
