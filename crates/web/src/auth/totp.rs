//! Codes of a phone (RFC 6238): six digits, a new one every thirty seconds, HMAC-SHA-1, as every
//! authenticator app makes them. One step before and after the clock's is taken too.
//!
//! What is right is found out here; that it counts once is the store's to see to.

use store::{Proof, TokenHash};
use totp_rs::{Builder, Secret, Totp};

use super::token;

/// Recovery codes given out at a time.
const RECOVERY_CODES: usize = 10;
/// Characters of a recovery code: 50 random bits.
const RECOVERY_CHARS: usize = 10;
/// Five bits a character (Crockford's base 32): none looks like another.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Digits of a code.
const DIGITS: usize = 6;

/// A new secret: 160 bits, as RFC 4226 asks for.
pub(crate) fn secret(random: [u8; 32]) -> [u8; 20] {
    let mut secret = [0; 20];
    secret.copy_from_slice(&random[..20]);
    secret
}

/// `None` where the secret is too short to be one.
fn totp(secret: &[u8]) -> Option<Totp> {
    Builder::new().with_secret(secret).build().ok()
}

/// The secret as it is typed into an app: base 32, in groups of four.
pub(crate) fn key_text(secret: &[u8]) -> String {
    let text: Vec<char> = Secret::from(secret).to_base32().chars().collect();
    text.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// What the QR code holds: the secret under the name of the product and the login.
pub(crate) fn address(secret: &[u8], product: &str, login: &str) -> String {
    let percent = |text: &str| text.bytes().map(crate::site::percent).collect::<String>();
    let (product, login) = (percent(product).replace('/', "%2F"), percent(login));
    let key = Secret::from(secret).to_base32();
    format!("otpauth://totp/{product}:{}?secret={key}&issuer={product}", login.replace('/', "%2F"))
}

/// What somebody typed, if it is a code that may still be used, or looks like a recovery code.
pub(crate) fn proof(kept: &store::Totp, typed: &str, now_ms: i64) -> Option<Proof> {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if typed.len() != DIGITS {
        return recovery_hash(&typed).map(Proof::Recovery);
    }
    let seconds = u64::try_from(now_ms.div_euclid(1_000)).ok()?;
    let step = i64::try_from(totp(&kept.secret)?.check(&typed, seconds)?).ok()?;
    (step > kept.used_step).then_some(Proof::Step(step))
}

/// Fresh recovery codes, and what is stored of them.
pub(crate) fn recovery_codes(random: impl Fn() -> [u8; 32]) -> (Vec<String>, Vec<TokenHash>) {
    let code = || {
        let chars = random().into_iter().take(RECOVERY_CHARS);
        chars.map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect::<String>()
    };
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| code()).collect();
    let hashes = codes.iter().map(|code| token::hash(code)).collect();
    let halves = |code: String| format!("{}-{}", &code[..5], &code[5..]);
    (codes.into_iter().map(halves).collect(), hashes)
}

/// What is stored of a recovery code, however it was typed; `None` where it cannot be one.
fn recovery_hash(typed: &str) -> Option<TokenHash> {
    let plain: String = typed
        .chars()
        .map(|c| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            c => c,
        })
        .collect();
    let is_code = plain.len() == RECOVERY_CHARS && plain.bytes().all(|b| ALPHABET.contains(&b));
    is_code.then(|| token::hash(&plain))
}

#[cfg(test)]
mod tests;
