//! Why something cannot be printed.

/// Why something cannot be printed.
#[derive(Debug, thiserror::Error)]
pub enum PrintingError {
    /// The pattern has no patch for such an address.
    #[error("page address {address}: its {part} is {value}, and this pattern has {limit}")]
    Address {
        /// Section, owner, book and page with dots between them.
        address: String,
        /// Which of the four.
        part: &'static str,
        /// Its value.
        value: u32,
        /// What would do.
        limit: String,
    },
}
