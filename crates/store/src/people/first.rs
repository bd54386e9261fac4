//! The first start: a school and its administrator, in a store that holds nobody.

use school::{Grant, Period, Role, SchoolId, StaffId};

use super::{TokenHash, begin_session, set_password};
use crate::database::Connection;
use crate::sql::query;
use crate::{SchoolRow, StaffRow, Store, StoreError};

/// Who is first in a store.
#[derive(Clone)]
pub struct First {
    /// The school.
    pub school: SchoolRow,
    /// Its administrator.
    pub administrator: StaffRow,
    /// The administrator's: argon2id in PHC form.
    pub password_hash: String,
}

impl std::fmt::Debug for First {
    /// Leaves out the name and the password, so that they reach no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("First").field("school", &self.school.id).finish_non_exhaustive()
    }
}

impl Store {
    /// Whether [`Store::begin`] can store somebody: nobody is here, and this login may.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn can_begin(&self) -> Result<bool, StoreError> {
        let staff: Option<String> =
            query("SELECT id FROM staff LIMIT 1").scalar_optional(self.readers()).await?;
        Ok(staff.is_none() && self.readers().may("INSERT", "school").await?)
    }

    /// Stores the first school and its administrator, and begins the administrator's session, in
    /// one transaction. `false`: somebody is here already, and nothing was written.
    ///
    /// # Errors
    /// Where an identity cannot be one. On an error nothing is written.
    pub async fn begin(
        &self,
        first: First,
        session: TokenHash,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let role = Role::Administrator { school: SchoolId::new(&*first.school.id)? };
        let staff = StaffId::new(&*first.administrator.id)?;
        let grant = Grant { staff, role, period: Period::from(now_ms) };
        self.write(move |tx| {
            Box::pin(async move {
                let somebody: Option<String> =
                    query("SELECT id FROM staff LIMIT 1").scalar_optional(&mut *tx).await?;
                if somebody.is_some() {
                    return Ok(false);
                }
                write(tx, &first, &grant).await?;
                let staff = &first.administrator.id;
                set_password(tx, staff, &first.password_hash, session).await?;
                begin_session(tx, session, staff, now_ms).await?;
                Ok(true)
            })
        })
        .await
    }
}

async fn write(tx: &mut Connection, first: &First, grant: &Grant) -> Result<(), StoreError> {
    crate::setup::insert_school(tx, &first.school).await?;
    crate::setup::insert_staff(tx, &first.administrator).await?;
    crate::scope::insert(tx, grant).await
}
