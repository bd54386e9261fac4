//! A plan becomes rows.

use super::super::enrolment::batches;
use super::super::roster::write_pupils;
use super::plan::Plan;
use crate::StoreError;
use crate::database::Connection;
use crate::sql::query;

pub(super) async fn write(
    tx: &mut Connection,
    plan: &Plan,
    from_ms: i64,
) -> Result<(), StoreError> {
    for rows in batches(&plan.schools) {
        query(
            "INSERT INTO school (id, name_zh, name_en)
             SELECT value->>0, value->>1, value->>1 FROM json_each($1) WHERE true
             ON CONFLICT (id) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en",
        )
        .bind(rows?)
        .execute(&mut *tx)
        .await?;
    }
    for rows in batches(&plan.classes) {
        query(
            "INSERT INTO class (id, school, grade, name_zh, name_en)
             SELECT value->>0, value->>1, CAST(value->>2 AS BIGINT), value->>3, value->>4
             FROM json_each($1) WHERE true
             ON CONFLICT (id) DO UPDATE SET grade = excluded.grade, name_zh = excluded.name_zh,
                 name_en = excluded.name_en",
        )
        .bind(rows?)
        .execute(&mut *tx)
        .await?;
    }
    let pupils: Vec<(&str, &str, &str)> =
        plan.pupils.iter().map(|(id, school, name)| (&**id, &**school, &**name)).collect();
    write_pupils(tx, &pupils).await?;
    for rows in batches(&plan.moved) {
        query("UPDATE pupil SET school = value->>1 FROM json_each($1) WHERE pupil.id = value->>0")
            .bind(rows?)
            .execute(&mut *tx)
            .await?;
    }
    for rows in batches(&plan.staff) {
        query(
            "INSERT INTO staff (id, school, login, name)
             SELECT value->>0, value->>1, value->>2, value->>3 FROM json_each($1) WHERE true
             ON CONFLICT (id) DO UPDATE SET login = excluded.login, name = excluded.name",
        )
        .bind(rows?)
        .execute(&mut *tx)
        .await?;
    }
    for rows in batches(&plan.identities) {
        query(
            "INSERT INTO source_identity (entity, source, value, id)
             SELECT value->>0, value->>1, value->>2, value->>3 FROM json_each($1) WHERE true
             ON CONFLICT (entity, source, id) DO UPDATE SET value = excluded.value",
        )
        .bind(rows?)
        .execute(&mut *tx)
        .await?;
    }
    plan.register.write(tx, &plan.new_pupils).await?;
    end_roles(tx, plan, from_ms).await?;
    for grant in &plan.granted {
        crate::scope::insert(tx, grant).await?;
    }
    Ok(())
}

/// Ends roles. One that would begin at that moment or later never was.
async fn end_roles(tx: &mut Connection, plan: &Plan, from_ms: i64) -> Result<(), StoreError> {
    for rows in batches(&plan.ended) {
        let rows = rows?;
        for sql in [
            "DELETE FROM role_grant WHERE from_ms >= $2
               AND (staff, role, class, coalesce(subject, '')) IN (
                   SELECT value->>0, value->>1, value->>2, coalesce(value->>3, '')
                   FROM json_each($1))",
            "UPDATE role_grant SET until_ms = $2 WHERE (until_ms IS NULL OR until_ms > $2)
               AND (staff, role, class, coalesce(subject, '')) IN (
                   SELECT value->>0, value->>1, value->>2, coalesce(value->>3, '')
                   FROM json_each($1))",
        ] {
            query(sql).bind(&rows).bind(from_ms).execute(&mut *tx).await?;
        }
    }
    Ok(())
}
