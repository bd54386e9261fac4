//! Secrets that are handed out once and kept as their hash.

use sha2::{Digest, Sha256};
use store::TokenHash;

/// 64 hexadecimal digits for 256 random bits.
pub(crate) fn text(random: [u8; 32]) -> String {
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is stored of a token.
pub(crate) fn hash(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}
