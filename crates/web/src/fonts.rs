//! The fonts of PDF files.

use std::sync::{Arc, OnceLock};

use printing::{Fonts, PrintingError};

/// The machine's fonts, which are read when the first PDF is asked for, and kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeptFonts(Arc<OnceLock<Fonts>>);

impl KeptFonts {
    /// The fonts. The first time it takes a moment: not for an async thread.
    ///
    /// # Errors
    /// Where the machine has none.
    pub(crate) fn get(&self) -> Result<&Fonts, PrintingError> {
        if let Some(known) = self.0.get() {
            return Ok(known);
        }
        let read = Fonts::of_system(None)?;
        Ok(self.0.get_or_init(|| read))
    }
}
