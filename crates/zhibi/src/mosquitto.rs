//! A line of mosquitto's password file: PBKDF2 of SHA-512, as `mosquitto_passwd` writes it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pbkdf2::sha2::Sha512;

/// Bytes of salt, as `mosquitto_passwd` takes.
pub(crate) const SALT_BYTES: usize = 12;
/// What mosquitto 2 does by default. Our passwords are random bits, which no guessing finds.
const ROUNDS: u32 = 101;

/// A password of five random bits a letter that can be read out: no letters or figures that look alike.
pub(crate) fn password(secret: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let letters: Vec<char> =
        secret.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    letters.chunks(5).map(String::from_iter).collect::<Vec<_>>().join("-")
}

/// What stands behind a user name and a colon.
pub(crate) fn hash(password: &str, salt: &[u8]) -> String {
    let mut hash = [0; 64];
    pbkdf2::pbkdf2_hmac::<Sha512>(password.as_bytes(), salt, ROUNDS, &mut hash);
    format!("$7${ROUNDS}${}${}", STANDARD.encode(salt), STANDARD.encode(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Failure: a hash that differs from the one that `mosquitto_passwd` 2.0.11 wrote for the same
    /// password with that salt.
    #[test]
    fn it_is_what_mosquitto_writes() {
        let salt = STANDARD.decode("K2ozhnkQkw2ObQgW").unwrap();
        assert_eq!(
            hash("abcde-fghij-23456-kmnpq", &salt),
            "$7$101$K2ozhnkQkw2ObQgW$TlKbmblOSDd4Q8Yeyt/oVccIImNJVHzzWl0ymBLm0jR2VzjhCqbuEnpxtGoT5nvC9emtRH/0AePqJLjbDoKprg=="
        );
    }

    #[test]
    fn a_password_can_be_read_out() {
        let told = password(&(0..20).map(|n| n * 13).collect::<Vec<u8>>());
        assert_eq!(told.len(), 23, "{told}");
        assert!(!told.contains(['l', 'o', '0', '1']), "{told}");
    }
}
