//! Who stands for whom.

use blake2::Blake2bMac;
use blake2::digest::consts::U16;
use blake2::digest::{KeyInit, Mac};

/// Length of a key.
pub const KEY_BYTES: usize = 64;

/// Gives each pupil a pseudonym: 128 bits of a keyed hash (BLAKE2b, RFC 7693), in hexadecimal.
///
/// Exports with one key can be joined by it. Who has the key and the list of pupils can tell who is
/// who; who has no key cannot, not even by trying every id.
#[derive(Clone)]
pub struct Pseudonyms {
    key: [u8; KEY_BYTES],
}

impl std::fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The key stays out of logs.
        f.debug_struct("Pseudonyms").field("key_id", &self.key_id()).finish_non_exhaustive()
    }
}

impl Pseudonyms {
    /// Pseudonyms by this key.
    #[must_use]
    pub const fn new(key: [u8; KEY_BYTES]) -> Self {
        Self { key }
    }

    /// What tells keys apart, and says nothing of them.
    #[must_use]
    pub fn key_id(&self) -> String {
        self.hash("key", "")[..8].to_owned()
    }

    /// The pseudonym of a pupil.
    #[must_use]
    pub fn pupil(&self, id: &str) -> String {
        self.hash("pupil", id)
    }

    fn hash(&self, kind: &str, id: &str) -> String {
        let mut mac = <Blake2bMac<U16> as KeyInit>::new((&self.key).into());
        mac.update(kind.as_bytes());
        mac.update(&[0]);
        mac.update(id.as_bytes());
        let bytes: [u8; 16] = mac.finalize().into_bytes().into();
        format!("{:032x}", u128::from_be_bytes(bytes))
    }
}
