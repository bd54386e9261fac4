//! Statements, what is bound to them and what comes out of them, on either database.
//!
//! One text serves both databases. What that takes: parameters are `$1`, `$2`, …; what comes out
//! of `json_each` is cast (`CAST(value->>0 AS BIGINT)`); `IS DISTINCT FROM` in place of `IS NOT`;
//! a sum is cast to BIGINT; every subquery of a FROM has a name. Integers are BIGINT everywhere, so
//! a narrower field says `#[sqlx(try_from = "i64")]`, and a narrower place of a tuple is a [`Small`].

mod column;
#[cfg(test)]
mod plan;
pub(crate) mod rows;

use std::pin::Pin;

use sqlx::encode::Encode;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Arguments, Database, Executor, FromRow, Postgres, SqlSafeStr, SqlStr, Sqlite, Type};

pub(crate) use column::{Nullable, Small, codes};

use crate::database::{Connection, Readers};

/// A value that is bound to a statement. A NULL has a type too: PostgreSQL asks for it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// BIGINT, as every integer.
    Integer(Option<i64>),
    /// DOUBLE PRECISION.
    Real(Option<f64>),
    /// TEXT.
    Text(Option<String>),
    /// Bytes.
    Blob(Option<Vec<u8>>),
    /// A truth value, for use within the statement; columns hold 0 and 1.
    Truth(bool),
}

macro_rules! value_from {
    ($variant:ident($own:ty): $($type:ty => $convert:expr),+ $(,)?) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                let convert: fn($type) -> $own = $convert;
                Self::$variant(Some(convert(value)))
            }
        }

        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                let convert: fn($type) -> $own = $convert;
                Self::$variant(value.map(convert))
            }
        }
    )+};
}

value_from!(Integer(i64): i64 => |v| v, &i64 => |v| *v, i32 => i64::from, u32 => i64::from,
            &u32 => |v| i64::from(*v), u8 => i64::from);
value_from!(Real(f64): f64 => |v| v);
value_from!(Text(String): String => |v| v, &String => |v| v.clone(), &str => str::to_owned,
            &&str => |v| (*v).to_owned());
value_from!(Blob(Vec<u8>): Vec<u8> => |v| v, &Vec<u8> => |v| v.clone(), &[u8] => <[u8]>::to_vec);

impl From<&Option<String>> for Value {
    fn from(value: &Option<String>) -> Self {
        Self::Text(value.clone())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Truth(value)
    }
}

/// A row that either database can give.
pub(crate) trait Row:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{}

/// Where a statement runs: on a connection, or on any of those that read.
pub(crate) enum On<'c> {
    Connection(&'c mut Connection),
    Readers(&'c Readers),
}

impl<'c> From<&'c mut Connection> for On<'c> {
    fn from(connection: &'c mut Connection) -> Self {
        Self::Connection(connection)
    }
}

impl<'c> From<&'c Readers> for On<'c> {
    fn from(readers: &'c Readers) -> Self {
        Self::Readers(readers)
    }
}

/// A statement and its values.
#[derive(Debug)]
#[must_use]
pub(crate) struct Query {
    sql: SqlStr,
    values: Vec<Value>,
    /// Where it stands in the source.
    #[cfg(test)]
    at: &'static std::panic::Location<'static>,
}

/// A statement whose text both databases understand.
#[cfg_attr(test, track_caller)]
pub(crate) fn query(sql: impl SqlSafeStr) -> Query {
    Query {
        sql: sql.into_sql_str(),
        values: Vec::new(),
        #[cfg(test)]
        at: std::panic::Location::caller(),
    }
}

/// What sqlx does for a statement. It is boxed and knows nothing of what the caller makes of its rows,
/// so that it is compiled once, here, and not for each kind of row in each crate that asks the store.
type Running<'c, T> = Pin<Box<dyn Future<Output = Result<T, sqlx::Error>> + Send + 'c>>;

/// Rows of either database.
enum Rows {
    Sqlite(Vec<SqliteRow>),
    Postgres(Vec<PgRow>),
}

impl Rows {
    fn read<T: Row>(self) -> Result<Vec<T>, sqlx::Error> {
        match self {
            Self::Sqlite(rows) => rows.iter().map(T::from_row).collect(),
            Self::Postgres(rows) => rows.iter().map(T::from_row).collect(),
        }
    }
}

/// Runs `$method` of sqlx's statement on whichever database the target is of.
macro_rules! run {
    ($self:ident, $on:ident, $method:ident, $sqlite:expr, $postgres:expr) => {
        Box::pin(async move {
            let mut lent;
            let connection = match $on {
                On::Connection(connection) => connection,
                On::Readers(readers) => {
                    lent = readers.acquire().await?;
                    &mut lent
                }
            };
            match connection {
                Connection::Sqlite(sqlite) => {
                    #[cfg(test)]
                    plan::hold(sqlite, $self.at, ($self.sql.as_str(), &$self.values)).await?;
                    let arguments = arguments::<Sqlite>($self.values)?;
                    let statement = sqlx::query_with::<Sqlite, _>($self.sql, arguments);
                    statement.$method(&mut **sqlite).await.map($sqlite)
                }
                Connection::Postgres(postgres) => {
                    #[cfg(test)]
                    plan::hold_of_server(postgres, $self.at, ($self.sql.as_str(), &$self.values))
                        .await?;
                    let arguments = arguments::<Postgres>($self.values)?;
                    let statement = sqlx::query_with::<Postgres, _>($self.sql, arguments);
                    statement.$method(&mut **postgres).await.map($postgres)
                }
            }
        })
    };
}

impl Query {
    fn affected(self, on: On<'_>) -> Running<'_, u64> {
        run!(self, on, execute, |done| done.rows_affected(), |done| done.rows_affected())
    }

    fn rows(self, on: On<'_>) -> Running<'_, Rows> {
        run!(self, on, fetch_all, Rows::Sqlite, Rows::Postgres)
    }

    /// At most one row.
    fn first_row(self, on: On<'_>) -> Running<'_, Rows> {
        run!(self, on, fetch_optional, |row| Rows::Sqlite(Vec::from_iter(row)), |row| {
            Rows::Postgres(Vec::from_iter(row))
        })
    }
}

impl Query {
    /// Binds the next value: the first is `$1`.
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Runs it for its effect; returns how many rows it affected.
    pub(crate) async fn execute(self, on: impl Into<On<'_>>) -> Result<u64, sqlx::Error> {
        self.affected(on.into()).await
    }

    /// Every row.
    pub(crate) async fn fetch_all<T: Row>(
        self,
        on: impl Into<On<'_>>,
    ) -> Result<Vec<T>, sqlx::Error> {
        self.rows(on.into()).await?.read()
    }

    /// The first row, if there is one.
    pub(crate) async fn fetch_optional<T: Row>(
        self,
        on: impl Into<On<'_>>,
    ) -> Result<Option<T>, sqlx::Error> {
        Ok(self.first_row(on.into()).await?.read()?.pop())
    }

    /// The first row; it is an error that there is none.
    pub(crate) async fn fetch_one<T: Row>(self, on: impl Into<On<'_>>) -> Result<T, sqlx::Error> {
        self.fetch_optional(on).await?.ok_or(sqlx::Error::RowNotFound)
    }

    /// The first column of every row.
    pub(crate) async fn scalars<T>(self, on: impl Into<On<'_>>) -> Result<Vec<T>, sqlx::Error>
    where
        (T,): Row,
    {
        Ok(self.fetch_all::<(T,)>(on).await?.into_iter().map(|(value,)| value).collect())
    }

    /// The first column of the first row, if there is one.
    pub(crate) async fn scalar_optional<T>(
        self,
        on: impl Into<On<'_>>,
    ) -> Result<Option<T>, sqlx::Error>
    where
        (T,): Row,
    {
        Ok(self.fetch_optional::<(T,)>(on).await?.map(|(value,)| value))
    }

    /// The first column of the first row; it is an error that there is none.
    pub(crate) async fn scalar<T>(self, on: impl Into<On<'_>>) -> Result<T, sqlx::Error>
    where
        (T,): Row,
    {
        Ok(self.fetch_one::<(T,)>(on).await?.0)
    }
}

fn arguments<DB: Database>(values: Vec<Value>) -> Result<DB::Arguments, sqlx::Error>
where
    for<'q> Option<i64>: Encode<'q, DB> + Type<DB>,
    for<'q> Option<f64>: Encode<'q, DB> + Type<DB>,
    for<'q> Option<String>: Encode<'q, DB> + Type<DB>,
    for<'q> Option<Vec<u8>>: Encode<'q, DB> + Type<DB>,
    for<'q> bool: Encode<'q, DB> + Type<DB>,
{
    let mut arguments = DB::Arguments::default();
    for value in values {
        let added = match value {
            Value::Integer(value) => arguments.add(value),
            Value::Real(value) => arguments.add(value),
            Value::Text(value) => arguments.add(value),
            Value::Blob(value) => arguments.add(value),
            Value::Truth(value) => arguments.add(value),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

impl Connection {
    /// Runs statements without values, one after another.
    pub(crate) async fn run(&mut self, statements: impl SqlSafeStr) -> Result<(), sqlx::Error> {
        let statements = sqlx::raw_sql(statements);
        match self {
            Self::Sqlite(sqlite) => (&mut **sqlite).execute(statements).await.map(drop),
            Self::Postgres(postgres) => (&mut **postgres).execute(statements).await.map(drop),
        }
    }
}
