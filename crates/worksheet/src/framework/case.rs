//! Frameworks in CASE 1.0 (1EdTech Competencies and Academic Standards Exchange, `CFPackage` in
//! JSON): items become points, `isChildOf` associations their parents.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Framework, FrameworkError};
use crate::KnowledgePoint;

#[derive(Deserialize)]
struct Package {
    #[serde(rename = "CFDocument")]
    document: Document,
    #[serde(rename = "CFItems")]
    items: Vec<Item>,
    #[serde(rename = "CFAssociations", default)]
    associations: Vec<Association>,
}

#[derive(Deserialize)]
struct Document {
    identifier: String,
    title: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    identifier: String,
    full_statement: String,
    abbreviated_statement: Option<String>,
    human_coding_scheme: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Association {
    association_type: String,
    sequence_number: Option<i64>,
    #[serde(rename = "originNodeURI")]
    origin: Node,
    #[serde(rename = "destinationNodeURI")]
    destination: Node,
}

#[derive(Deserialize)]
struct Node {
    identifier: String,
}

/// Reads a package. The document is the root; an item that no association places stands under it.
/// An item with several parents keeps the first.
pub(super) fn read(text: &str) -> Result<Framework, FrameworkError> {
    let package: Package =
        serde_json::from_str(text).map_err(|error| FrameworkError::Case(error.to_string()))?;
    let root = &package.document.identifier;
    let mut parents: BTreeMap<&str, (&str, i64)> = BTreeMap::new();
    for association in &package.associations {
        if association.association_type == "isChildOf" {
            let parent = association.destination.identifier.as_str();
            let place = association.sequence_number.unwrap_or(i64::MAX);
            parents.entry(&association.origin.identifier).or_insert((parent, place));
        }
    }
    let place = |item: &&Item| parents.get(item.identifier.as_str()).map_or(i64::MAX, |of| of.1);
    let mut items: Vec<&Item> = package.items.iter().collect();
    // Stable: items without a number keep the order of the file.
    items.sort_by_key(place);
    let title = &package.document.title;
    let mut points = vec![KnowledgePoint {
        id: root.clone(),
        parent: None,
        zh: title.clone(),
        en: title.clone(),
    }];
    let mut codes = BTreeMap::new();
    for item in items {
        let parent = parents.get(item.identifier.as_str()).map_or(root.as_str(), |of| of.0);
        let short = item.abbreviated_statement.as_ref().filter(|text| !text.trim().is_empty());
        let name = short.unwrap_or(&item.full_statement).trim().to_owned();
        if let Some(code) = &item.human_coding_scheme {
            codes.entry(code.clone()).or_insert_with(|| item.identifier.clone());
        }
        points.push(KnowledgePoint {
            id: item.identifier.clone(),
            parent: Some(parent.to_owned()),
            zh: name.clone(),
            en: name,
        });
    }
    Framework::of(points, codes)
}
