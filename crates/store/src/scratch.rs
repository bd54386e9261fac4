//! Databases that last as long as a measurement.

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _};

use crate::url::Kind;
use crate::{StoreError, StoreUrl};

/// An empty database of a server, to be dropped.
#[derive(Debug)]
pub struct ScratchDatabase {
    server: PgConnectOptions,
    name: String,
}

impl ScratchDatabase {
    /// Makes a database beside the one that `url` names, whose login may make databases; `name` is a
    /// word of small letters, digits and `_`. `None` where `url` is a file.
    ///
    /// # Errors
    /// Where the server cannot be reached or refuses.
    pub async fn create(url: &StoreUrl, name: &str) -> Result<Option<Self>, StoreError> {
        let Kind::Server(server) = &url.0 else { return Ok(None) };
        let scratch = Self { server: server.as_ref().clone(), name: name.to_owned() };
        scratch.run(format!("CREATE DATABASE {name}")).await?;
        Ok(Some(scratch))
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> StoreUrl {
        StoreUrl(Kind::Server(Box::new(self.server.clone().database(&self.name))))
    }

    /// Drops it with all that it holds.
    ///
    /// # Errors
    /// Where the server refuses, as while somebody is connected to it.
    pub async fn remove(self) -> Result<(), StoreError> {
        self.run(format!("DROP DATABASE {}", self.name)).await
    }

    async fn run(&self, statement: String) -> Result<(), StoreError> {
        let mut connection = self.server.connect().await?;
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
        connection.close().await?;
        Ok(())
    }
}
