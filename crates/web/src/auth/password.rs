//! Passwords: which are taken, how they are kept and checked.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::config::Random;
use crate::words::Words;

/// Characters that a password has at least (NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 6.2.1).
const CHARS_MIN: usize = 8;
/// Characters that a password has at most; the standards ask for 64 or more.
const CHARS_MAX: usize = 128;
/// Logins of strangers that wait for a hash, some 40 ms each; further ones must come back later.
const WAITING_MAX: usize = 24;
/// The same for those who have a session, a link or a known device, who do not wait for a place
/// behind strangers.
const KNOWN_WAITING_MAX: usize = 8;

/// Common passwords of eight characters or more, and words of schools, one per line, lower case.
const COMMON: &str = include_str!("common-passwords.txt");

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Short,
    Long,
    Common,
    Context,
}

impl Refused {
    pub(crate) fn words(self, w: &'static Words) -> &'static str {
        match self {
            Self::Short => w.password_short,
            Self::Long => w.password_long,
            Self::Common => w.password_common,
            Self::Context => w.password_context,
        }
    }
}

/// Whether a password may be set by the owner of this login and name. There are no rules of
/// composition.
pub(crate) fn check(password: &str, login: &str, name: &str) -> Result<(), Refused> {
    let chars = password.chars().count();
    if chars < CHARS_MIN {
        return Err(Refused::Short);
    }
    if chars > CHARS_MAX {
        return Err(Refused::Long);
    }
    let lower = password.to_lowercase();
    if COMMON.lines().any(|common| common == lower) || is_run(&lower) {
        return Err(Refused::Common);
    }
    // What is left when login, name and product are taken away must be worth guessing.
    let context = [login.to_lowercase(), name.to_lowercase(), "zhibi".into(), "智笔".into()];
    let rest = context
        .iter()
        .filter(|word| word.chars().count() > 1)
        .fold(lower.clone(), |rest, word| rest.replace(word.as_str(), ""));
    if rest != lower && rest.chars().filter(|c| !c.is_ascii_digit()).count() < 4 {
        return Err(Refused::Context);
    }
    Ok(())
}

/// One or two characters over and over, or each one after the one before: `aaaaaaaa`, `abababab`,
/// `12345678`, `87654321`.
fn is_run(password: &str) -> bool {
    let chars: Vec<i64> = password.chars().map(|c| i64::from(u32::from(c))).collect();
    let step = |by: i64| chars.windows(2).all(|pair| pair[1] - pair[0] == by);
    let period = |n: usize| chars.iter().zip(chars.iter().skip(n)).all(|(a, b)| a == b);
    step(1) || step(-1) || period(1) || period(2)
}

/// Hashes and checks passwords, a few at a time.
pub(crate) struct Passwords {
    /// Half of the cores, so that a flood of logins leaves the others to ingest.
    hashing: Semaphore,
    waiting: Semaphore,
    known_waiting: Semaphore,
    /// Checked where there is no account, so that the answer takes as long.
    nobody: String,
}

/// Why a password was not hashed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HashingError {
    /// A broken hash in the store, or no memory.
    #[error("hash a password: {0}")]
    Failed(String),
    /// Too many wait already.
    #[error("too many passwords wait to be hashed")]
    Busy,
}

/// argon2id, 19 MiB, two passes (OWASP Password Storage Cheat Sheet).
fn argon2() -> Result<Argon2<'static>, HashingError> {
    let params =
        Params::new(19 * 1024, 2, 1, None).map_err(|e| HashingError::Failed(e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str, salt: [u8; 32]) -> Result<String, HashingError> {
    let failed = |e: argon2::password_hash::Error| HashingError::Failed(e.to_string());
    let salt = SaltString::encode_b64(&salt[..16]).map_err(failed)?;
    Ok(argon2()?.hash_password(password.as_bytes(), &salt).map_err(failed)?.to_string())
}

fn verify(password: &str, kept: &str) -> Result<bool, HashingError> {
    let kept = PasswordHash::new(kept).map_err(|e| HashingError::Failed(e.to_string()))?;
    Ok(argon2()?.verify_password(password.as_bytes(), &kept).is_ok())
}

impl Passwords {
    pub(crate) fn new(random: &Random) -> Self {
        // A password that nobody knows. If it cannot be hashed, no login can be checked either.
        let secret = super::token::text(random());
        let nobody = hash(&secret, random()).unwrap_or_default();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            hashing: Semaphore::new((cores / 2).max(1)),
            waiting: Semaphore::new(WAITING_MAX),
            known_waiting: Semaphore::new(KNOWN_WAITING_MAX),
            nobody,
        }
    }

    /// The argon2id hash of a password in PHC form.
    pub(crate) async fn hash(
        &self,
        password: String,
        salt: [u8; 32],
    ) -> Result<String, HashingError> {
        self.run(&self.known_waiting, move || hash(&password, salt)).await
    }

    /// Whether it is the password; `kept` is `None` where there is no account or no password, and
    /// the answer is `false` after the same time.
    pub(crate) async fn verify(
        &self,
        password: String,
        kept: Option<String>,
    ) -> Result<bool, HashingError> {
        self.verify_in(&self.waiting, password, kept).await
    }

    /// The same for somebody who has logged in here before.
    pub(crate) async fn verify_known(
        &self,
        password: String,
        kept: Option<String>,
    ) -> Result<bool, HashingError> {
        self.verify_in(&self.known_waiting, password, kept).await
    }

    async fn verify_in(
        &self,
        waiting: &Semaphore,
        password: String,
        kept: Option<String>,
    ) -> Result<bool, HashingError> {
        let somebody = kept.is_some();
        let kept = kept.unwrap_or_else(|| self.nobody.clone());
        let same = self.run(waiting, move || verify(&password, &kept)).await?;
        Ok(same && somebody)
    }

    async fn run<T: Send + 'static>(
        &self,
        waiting: &Semaphore,
        work: impl FnOnce() -> Result<T, HashingError> + Send + 'static,
    ) -> Result<T, HashingError> {
        let failed = |e: &dyn std::fmt::Display| HashingError::Failed(e.to_string());
        let _place = waiting.try_acquire().map_err(|_| HashingError::Busy)?;
        let _permit = self.hashing.acquire().await.map_err(|e| failed(&e))?;
        tokio::task::spawn_blocking(work).await.map_err(|e| failed(&e))?
    }
}

#[cfg(test)]
mod tests;
