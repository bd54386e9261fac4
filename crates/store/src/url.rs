//! Where a store is, as a configuration says it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

/// Where a store is: `sqlite:zhibi.db` or `postgres://user:password@host:5432/zhibi`.
///
/// What it shows of itself has no password.
#[derive(Clone)]
pub struct StoreUrl(pub(crate) Kind);

/// Which database, and where.
#[derive(Clone)]
pub(crate) enum Kind {
    File(PathBuf),
    Server(Box<PgConnectOptions>),
}

/// Why a text is no [`StoreUrl`]. It does not repeat the text, which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It names no database that there is.
    #[error("a store's url begins with sqlite: or postgres:")]
    Scheme,
    /// The file has no name.
    #[error("sqlite: is followed by a file's path")]
    NoFile,
    /// What follows `postgres:` cannot be understood.
    #[error("postgres: is followed by //user:password@host:port/database")]
    Server,
}

impl StoreUrl {
    /// Reads what a person writes; a file may be named by its path alone.
    ///
    /// # Errors
    /// As [`Self::from_str`].
    pub fn from_argument(text: &str) -> Result<Self, UrlError> {
        match text.parse() {
            // Whatever names a place on the network is no file, and may hold a password.
            Err(UrlError::Scheme) if !text.contains("://") => Ok(Path::new(text).into()),
            parsed => parsed,
        }
    }
}

impl FromStr for StoreUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return if path.is_empty() {
                Err(UrlError::NoFile)
            } else {
                Ok(Path::new(path).into())
            };
        }
        if !text.starts_with("postgres:") && !text.starts_with("postgresql:") {
            return Err(UrlError::Scheme);
        }
        let options = PgConnectOptions::from_str(text).map_err(|_| UrlError::Server)?;
        Ok(Self(Kind::Server(Box::new(options))))
    }
}

impl From<&Path> for StoreUrl {
    fn from(path: &Path) -> Self {
        Self(Kind::File(path.to_owned()))
    }
}

impl StoreUrl {
    /// Of a server.
    #[cfg(test)]
    pub(crate) fn of_server(options: PgConnectOptions) -> Self {
        Self(Kind::Server(Box::new(options)))
    }

    /// The file, if it is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.0 {
            Kind::File(path) => Some(path),
            Kind::Server(_) => None,
        }
    }
}

impl fmt::Display for StoreUrl {
    /// A file's path alone: that is how people know it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::File(path) => path.display().fmt(f),
            Kind::Server(options) => {
                let (user, host, port) =
                    (options.get_username(), options.get_host(), options.get_port());
                let database = options.get_database().unwrap_or(user);
                write!(f, "postgres://{user}@{host}:{port}/{database}")
            }
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
