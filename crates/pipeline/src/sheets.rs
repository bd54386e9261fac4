//! Worksheets, read once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use store::{Store, StoreError};
use worksheet::{Worksheet, WorksheetId};

/// A city uses some dozens an evening; one is about 100 KiB with its artwork.
const SHEETS_MAX: usize = 256;

/// A version never changes once it is stored, so it is read once.
#[derive(Debug, Default)]
pub(crate) struct Sheets(Mutex<HashMap<WorksheetId, Arc<Worksheet>>>);

impl Sheets {
    pub(crate) async fn get(
        &self,
        store: &Store,
        id: &str,
        version: u32,
    ) -> Result<Arc<Worksheet>, StoreError> {
        let name = WorksheetId { id: id.to_owned(), version };
        if let Some(sheet) = self.map().get(&name) {
            return Ok(sheet.clone());
        }
        let sheet = Arc::new(store.load_worksheet(id, version).await?);
        let mut map = self.map();
        if map.len() >= SHEETS_MAX {
            // What is in use comes back with the next papers.
            map.clear();
        }
        map.insert(name, sheet.clone());
        Ok(sheet)
    }

    fn map(&self) -> std::sync::MutexGuard<'_, HashMap<WorksheetId, Arc<Worksheet>>> {
        // Nothing that holds the lock can panic halfway through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
