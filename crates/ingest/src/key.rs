//! A chunk's key on the wire and in the store.

use firmware_protocol::ChunkKey;
use store::Key;

pub(crate) fn key_of(key: ChunkKey) -> Key {
    Key {
        pen: key.pen.0,
        boot_counter: key.boot.counter,
        boot_random: key.boot.random,
        number: key.number,
    }
}
