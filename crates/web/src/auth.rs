//! Who is asking: tokens, passwords, one-time links, limits.

pub(crate) mod limit;
pub(crate) mod link;
pub(crate) mod password;
pub(crate) mod token;
pub(crate) mod totp;
