//! Who is asking: tokens, passwords, one-time links, devices, limits.

pub(crate) mod device;
pub(crate) mod limit;
pub(crate) mod link;
pub(crate) mod password;
pub(crate) mod token;
