//! What a capture's manifest says of the paper and the pens: enough to mark the capture offline.

use serde::{Deserialize, Serialize};

use crate::PrintRun;

/// What marking needs of a manifest. Whoever made the capture may have written more beside it, such
/// as what a simulated class meant to write; that is passed over.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Manifest {
    /// The pupils' ids in the order of their copies.
    pub pupils: Vec<String>,
    /// What was written, on which addresses.
    pub assignments: Vec<ManifestAssignment>,
    /// Who held which pen.
    pub leases: Vec<ManifestLease>,
}

/// An assignment of a capture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ManifestAssignment {
    /// Its id.
    pub id: String,
    /// The addresses and the worksheet printed on them.
    pub run: PrintRun,
}

/// A lease of a capture; one of `pupil` and `marker` is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ManifestLease {
    /// The pen, 12 hexadecimal digits.
    pub pen: String,
    /// The pupil who answers with it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pupil: Option<String>,
    /// The teacher who marks with it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub marker: Option<String>,
    /// Unix milliseconds.
    pub from_ms: i64,
    /// Unix milliseconds; absent until further notice.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until_ms: Option<i64>,
}
