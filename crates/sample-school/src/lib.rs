//! One made-up school for all tests. A development dependency only.
//!
//! 示例小学 (`s`) has the classes `c-1` and `c-2`. 王丽华 (`t-wang`) teaches `c-1` with the pupils `p-1`,
//! `p-2` and so on, and 李明 (`t-li`) teaches `c-2` with the pupil `p-51`. The worksheet `mixed` is
//! stored; what is printed and given of it, each test says with [`Given`].
//!
//! Everything here panics where it cannot do what it is asked: the test has failed.

mod given;
mod pen;
mod people;
mod sheet;

pub use given::{Given, assignment, run};
pub use pen::{Pen, arrival};
pub use people::{class, holder, holds, lease, marker, pupil, school, staff, teaches};
pub use sheet::{MIXED, artwork, put_sample_sheet, sample_sheet};

use store::{Store, StoreUrl};

/// When an evening begins, Unix milliseconds: 2025-11-23 17:40 in Shanghai.
pub const START_MS: i64 = 1_763_890_800_000;

/// The number of the pupil of `c-2`.
pub const ELSEWHERE: u32 = 51;

/// The school, before it is put into a store.
#[derive(Clone, Debug)]
pub struct SampleSchool {
    pupils: u32,
    given: Vec<Given>,
}

impl SampleSchool {
    /// The school with this many pupils in `c-1`, at most fifty.
    #[must_use]
    pub fn of(pupils: u32) -> Self {
        assert!(pupils < ELSEWHERE, "pupils of c-1 have the numbers below {ELSEWHERE}");
        Self { pupils, given: Vec::new() }
    }

    /// Something printed and given to a class.
    #[must_use]
    pub fn with(mut self, given: Given) -> Self {
        self.given.push(given);
        self
    }

    /// The pupils of a class, in the order of their numbers.
    fn pupils(&self, class: &str) -> Vec<String> {
        let numbers = if class == "c-2" { ELSEWHERE..=ELSEWHERE } else { 1..=self.pupils };
        numbers.map(|number| pupil(class, number).id).collect()
    }

    /// Puts the school into a store.
    ///
    /// # Panics
    /// Where the store refuses something.
    pub async fn put(&self, store: &Store) {
        people::put(store, self.pupils).await;
        store.insert_worksheet(MIXED, &artwork()).await.expect("the worksheet is stored");
        for given in &self.given {
            given.put(store, self.pupils(given.class())).await;
        }
    }

    /// Puts the school into the store of a URL and closes it. This is how the tests of `store` get
    /// it: their `Store` is another type than the one that this crate knows.
    ///
    /// # Panics
    /// Where the store cannot be opened, or refuses something.
    pub async fn put_at(&self, url: &str) {
        let url: StoreUrl = url.parse().expect("the url of a store");
        let store = Store::connect(&url).await.expect("the store is opened");
        self.put(&store).await;
        store.close().await.expect("the store is closed");
    }
}

#[cfg(test)]
mod tests;
