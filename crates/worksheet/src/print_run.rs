//! What was printed: addresses for copies.

#[cfg(test)]
mod tests;

use crate::{WorksheetError, WorksheetId};

/// How the coded pattern lies under the artwork of one print run; versioned, and the same for
/// every copy of the run. Page = scale · rotation · pattern + offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Registration {
    /// Counts from 1.
    pub version: u32,
    /// Micrometres added to a pattern x to give a page x.
    pub dx_um: i32,
    /// Micrometres added to a pattern y to give a page y.
    pub dy_um: i32,
    /// Rotation of the pattern against the artwork, clockwise, in microradians.
    pub rotation_urad: i32,
    /// Scale minus one, in parts per million.
    pub scale_ppm: i32,
}

/// How many copies an address range holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Copies {
    /// Each copy has addresses of its own: the address owns the paper.
    PerCopy(u32),
    /// All copies share one set of addresses: the pen's lease owns the paper.
    Shared,
}

/// The address range printed for one worksheet version.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PrintRun {
    /// Unique in the store.
    pub id: String,
    /// What was printed.
    pub worksheet: WorksheetId,
    /// Section of every address, 8 bits.
    pub section: u8,
    /// Owner of every address, 24 bits.
    pub owner: u32,
    /// Book of every address.
    pub book: u32,
    /// Page of copy 0, page 1.
    pub first_page: u32,
    /// Pages per copy.
    pub pages: u32,
    /// One address range per copy, or one for all.
    pub copies: Copies,
    /// Pattern → artwork.
    pub registration: Registration,
}

/// The largest owner: 24 bits.
const OWNER_MAX: u32 = 0x00ff_ffff;

impl PrintRun {
    /// Whether page addresses can hold the run.
    ///
    /// # Errors
    /// Names what they cannot hold, and the limit.
    pub fn check(&self) -> Result<(), WorksheetError> {
        let &Self { owner, first_page, pages, .. } = self;
        let refuse =
            |why: String| Err(WorksheetError::Worksheet(format!("print run {}: {why}", self.id)));
        if owner > OWNER_MAX {
            return refuse(format!("its owner is {owner}, and an address has 0 to {OWNER_MAX}"));
        }
        if self.addresses() == 0 {
            let copies = self.printed();
            return refuse(format!(
                "it has {pages} pages and {copies} copies: both are 1 at least"
            ));
        }
        let last = u64::from(first_page) + self.addresses() - 1;
        if last > u32::MAX.into() {
            return refuse(format!(
                "its last page would be {last}, and a book ends at page {}",
                u32::MAX
            ));
        }
        Ok(())
    }

    /// How often each page is printed under an address of its own.
    fn printed(&self) -> u32 {
        match self.copies {
            Copies::PerCopy(copies) => copies,
            Copies::Shared => 1,
        }
    }

    /// How many addresses it takes, from its first page on.
    #[must_use]
    pub fn addresses(&self) -> u64 {
        u64::from(self.printed()) * u64::from(self.pages)
    }

    /// The address's page number of one page of one copy; `None` where the run has no such page.
    /// `page` counts from 1, `copy` from 0; on shared sheets `copy` is ignored.
    pub fn address_page(&self, copy: u32, page: u32) -> Option<u32> {
        if page == 0 || page > self.pages {
            return None;
        }
        let copy = match self.copies {
            Copies::PerCopy(copies) if copy >= copies => return None,
            Copies::PerCopy(_) => copy,
            Copies::Shared => 0,
        };
        self.first_page.checked_add(copy.checked_mul(self.pages)?)?.checked_add(page - 1)
    }

    /// The inverse: (copy, page) of an address's page number, if it lies in this run.
    pub fn locate(&self, address_page: u32) -> Option<(u32, u32)> {
        let offset = address_page.checked_sub(self.first_page)?;
        let copies = match self.copies {
            Copies::PerCopy(copies) => copies,
            Copies::Shared => 1,
        };
        let copy = offset.checked_div(self.pages)?;
        (copy < copies).then_some((copy, offset % self.pages + 1))
    }
}
