//! Ink as pupils produce it besides plain answers, by kinds. All of it is synthetic: made-up hands of
//! several sizes and slants, on the sample worksheets.

mod kinds;
mod page;

pub use kinds::{KINDS, Meant, Of};
pub use page::Page;
