//! Whose hand a person says that ink is.

use attribution::Holder;

use crate::database::Connection;
use crate::sql::query;
use crate::{Store, StoreError};

/// The ink of one start of a pen on one page face.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GivenInk {
    /// See [`crate::folio`].
    pub folio: i64,
    /// The page address's page.
    pub page: u32,
    /// The pen.
    pub pen: u64,
    /// The pen's count of its starts.
    pub boot_counter: u32,
    /// Random bits of that start.
    pub boot_random: u32,
}

impl Store {
    /// Gives ink to somebody, as `staff` says. It holds for strokes that neither a lease nor the
    /// pen's only holder tells, now and when more of them come. The papers that it concerns are
    /// marked again. Returns whether it was stored: what somebody was given already stays theirs
    /// until it is taken back, because who asks now may not have seen it.
    ///
    /// # Errors
    /// Where a pupil or member of staff does not exist.
    pub async fn give_ink(
        &self,
        ink: GivenInk,
        holder: Holder,
        staff: &str,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let staff = staff.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                let (pupil, marker) = match &holder {
                    Holder::Pupil(id) => (Some(id.as_str()), None),
                    Holder::Marker(id) => (None, Some(id.as_str())),
                };
                let stored = query(
                    "INSERT INTO given_ink (folio, page, pen, boot_counter, boot_random, pupil,
                                            marker, staff, at_ms)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
                )
                .bind(ink.folio)
                .bind(ink.page)
                .bind(ink.pen.cast_signed())
                .bind(ink.boot_counter)
                .bind(ink.boot_random)
                .bind(pupil)
                .bind(marker)
                .bind(&staff)
                .bind(now_ms)
                .execute(&mut *tx)
                .await?;
                if stored == 0 {
                    return Ok(false);
                }
                attribute_again(tx, ink).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Takes back what was said of ink at `at_ms` with [`Self::give_ink`]: it is nobody's again.
    /// Returns whether there was anything to take back; the request may have been sent twice. Only
    /// for who may do so: ask [`Store::given_ink`] first.
    ///
    /// # Errors
    /// On an error nothing is written.
    pub async fn take_ink_back(&self, ink: GivenInk, at_ms: i64) -> Result<bool, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                let taken = query(
                    "DELETE FROM given_ink WHERE folio = $1 AND page = $2 AND pen = $3
                        AND boot_counter = $4 AND boot_random = $5 AND at_ms = $6",
                )
                .bind(ink.folio)
                .bind(ink.page)
                .bind(ink.pen.cast_signed())
                .bind(ink.boot_counter)
                .bind(ink.boot_random)
                .bind(at_ms)
                .execute(&mut *tx)
                .await?;
                if taken == 0 {
                    return Ok(false);
                }
                attribute_again(tx, ink).await?;
                Ok(true)
            })
        })
        .await
    }
}

/// The ink of a pen on a page face is attributed again.
async fn attribute_again(tx: &mut Connection, ink: GivenInk) -> Result<(), StoreError> {
    query("UPDATE ink SET attributed_rev = 0 WHERE folio = $1 AND page = $2 AND pen = $3")
        .bind(ink.folio)
        .bind(ink.page)
        .bind(ink.pen.cast_signed())
        .execute(tx)
        .await?;
    Ok(())
}
