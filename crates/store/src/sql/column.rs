//! What comes out of columns: integers narrower than BIGINT, and enums by their codes.

use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, Type};

/// An integer that is narrower than its column: one that does not fit is an error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Small(pub(crate) u32);

impl<DB: Database> Type<DB> for Small
where
    i64: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <i64 as Type<DB>>::type_info()
    }

    fn compatible(info: &DB::TypeInfo) -> bool {
        <i64 as Type<DB>>::compatible(info)
    }
}

impl<'r, DB: Database> Decode<'r, DB> for Small
where
    i64: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Self(u32::try_from(<i64 as Decode<'r, DB>>::decode(value)?)?))
    }
}

/// An integer column that may be NULL, for a narrower field:
/// `#[sqlx(try_from = "crate::sql::Nullable")]`.
#[derive(Clone, Copy, Debug, Type)]
#[sqlx(transparent, no_pg_array)]
pub(crate) struct Nullable(Option<i64>);

impl TryFrom<Nullable> for Option<u32> {
    type Error = std::num::TryFromIntError;

    fn try_from(Nullable(value): Nullable) -> Result<Self, Self::Error> {
        value.map(u32::try_from).transpose()
    }
}

/// Gives an enum its codes, by which its column holds it, seen as far as is said.
macro_rules! codes {
    ($seen:vis $type:ident { $($variant:ident = $code:literal),+ $(,)? }) => {
        impl $type {
            /// What its column holds.
            #[must_use]
            $seen fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }
        }

        impl From<$type> for $crate::sql::Value {
            fn from(value: $type) -> Self {
                Self::from(value.code())
            }
        }

        impl<DB: sqlx::Database> sqlx::Type<DB> for $type
        where
            String: sqlx::Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <String as sqlx::Type<DB>>::type_info()
            }

            fn compatible(info: &DB::TypeInfo) -> bool {
                <String as sqlx::Type<DB>>::compatible(info)
            }
        }

        impl<'r, DB: sqlx::Database> sqlx::Decode<'r, DB> for $type
        where
            &'r str: sqlx::Decode<'r, DB>,
        {
            fn decode(value: DB::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                match <&'r str as sqlx::Decode<'r, DB>>::decode(value)? {
                    $($code => Ok(Self::$variant),)+
                    other => Err(format!("{other:?} is no {}", stringify!($type)).into()),
                }
            }
        }
    };
}
pub(crate) use codes;
