//! The crate edges and third-party owners of the design, read from the manifests.
//!
//! Failure: a member depends on another member, or on an owned third-party crate, that the tables
//! below do not give it, or the tables give it one that it does not use. Development dependencies
//! are free: tests may cross edges.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Member → members it depends on directly. `*` is any.
const EDGES: &[(&str, &[&str])] = &[
    ("firmware-protocol", &[]),
    ("ink", &["firmware-protocol"]),
    ("worksheet", &[]),
    ("attribution", &["ink", "school"]),
    ("raster", &["ink"]),
    ("recognition", &["ink"]),
    ("marking", &["ink", "worksheet", "raster", "recognition"]),
    ("learning", &[]),
    ("school", &[]),
    ("store", &["ink", "worksheet", "school", "attribution"]),
    ("ingest", &["firmware-protocol", "attribution", "store"]),
    ("pipeline", &["ink", "worksheet", "attribution", "marking", "learning", "store"]),
    ("export", &["ink", "worksheet", "school", "attribution", "store", "printing"]),
    (
        "web",
        &[
            "ink",
            "worksheet",
            "pdf-sheet",
            "school",
            "attribution",
            "learning",
            "store",
            "export",
            "printing",
        ],
    ),
    ("wire-tools", &["firmware-protocol"]),
    ("gateway", &["firmware-protocol"]),
    ("pdf-sheet", &["worksheet"]),
    ("pen-sim", &["firmware-protocol", "ink", "worksheet"]),
    ("printing", &["firmware-protocol", "worksheet"]),
    ("report", &["firmware-protocol", "ink", "marking", "pen-sim", "recognition", "worksheet"]),
    ("train", &["ink", "recognition", "pen-sim", "report"]),
    (
        "zhibi",
        &[
            "firmware-protocol",
            "ink",
            "worksheet",
            "school",
            "attribution",
            "recognition",
            "report",
            "marking",
            "learning",
            "store",
            "ingest",
            "pipeline",
            "web",
            "gateway",
            "pen-sim",
            "printing",
            "raster",
            "export",
            "wire-tools",
        ],
    ),
    // Development dependencies only: no row above names them.
    (
        "sample-school",
        &["firmware-protocol", "school", "attribution", "worksheet", "store", "ingest"],
    ),
    ("test-needs", &[]),
    ("zhibi-benches", &["*"]),
    ("zhibi-tests", &["*"]),
];

/// Third-party crate → members that depend on it directly.
const OWNERS: &[(&str, &[&str])] = &[
    ("sqlx", &["store"]),
    ("rumqttc", &["ingest", "gateway"]),
    ("axum", &["web"]),
    ("image", &["raster"]),
    ("quick-xml", &["ink"]),
    ("calamine", &["school"]),
    ("parquet", &["export"]),
    ("rust_xlsxwriter", &["export"]),
    ("encoding_rs", &["school", "train"]),
    ("zip", &["school", "web"]),
    ("clap", &["zhibi", "train"]),
    ("mqtt5", &["zhibi"]),
    ("rcgen", &["zhibi"]),
    ("resvg", &["zhibi"]),
    ("hayro-interpret", &["pdf-sheet"]),
    ("pdf-writer", &["printing"]),
    ("usvg", &["printing"]),
    ("metrics", &["ingest", "pipeline", "web", "zhibi"]),
    ("metrics-exporter-prometheus", &["zhibi"]),
    ("sd-notify", &["zhibi"]),
    ("tokio-rustls", &["gateway", "web"]),
    ("totp-rs", &["web"]),
    ("rayon", &["pipeline", "report", "train", "zhibi"]),
    ("smartcore", &["report"]),
    ("anyhow", &["zhibi", "train"]),
];

fn metadata() -> Metadata {
    MetadataCommand::new().no_deps().exec().expect("cargo metadata of this workspace")
}

fn direct(package: &Package) -> BTreeSet<&str> {
    let normal = |kind| matches!(kind, DependencyKind::Normal | DependencyKind::Build);
    package.dependencies.iter().filter(|d| normal(d.kind)).map(|d| d.name.as_str()).collect()
}

/// Every breach of the two tables.
fn breaches(packages: &BTreeMap<&str, BTreeSet<&str>>) -> Vec<String> {
    let mut breaches = Vec::new();
    for (name, dependencies) in packages {
        let Some((_, allowed)) = EDGES.iter().find(|(member, _)| member == name) else {
            breaches.push(format!("{name} is not in the design's layout"));
            continue;
        };
        for dependency in dependencies {
            let ours = packages.contains_key(dependency);
            if ours && !allowed.contains(&"*") && !allowed.contains(dependency) {
                breaches.push(format!("{name} may not depend on {dependency}"));
            }
            let owner = OWNERS.iter().find(|(owned, _)| owned == dependency);
            if owner.is_some_and(|(_, owners)| !owners.contains(name)) {
                breaches.push(format!("{dependency} is not {name}'s to use"));
            }
        }
        let unused = allowed.iter().filter(|a| **a != "*" && !dependencies.contains(*a));
        breaches.extend(unused.map(|unused| format!("{name} does not use {unused}")));
    }
    for (owned, owners) in OWNERS {
        let unused = |owner: &&&str| packages.get(**owner).is_some_and(|d| !d.contains(owned));
        let unused = owners.iter().filter(unused);
        breaches.extend(unused.map(|owner| format!("{owner} does not use {owned}")));
    }
    breaches
}

#[test]
fn members_keep_to_the_edges_of_the_design() {
    let metadata = metadata();
    let members: BTreeMap<&str, BTreeSet<&str>> =
        metadata.workspace_packages().iter().map(|p| (p.name.as_str(), direct(p))).collect();
    assert_eq!(members.len(), EDGES.len(), "a member is missing: {:?}", members.keys());
    assert_eq!(breaches(&members), Vec::<String>::new());
}

#[test]
fn a_planted_breach_is_found() {
    let planted = BTreeMap::from([
        ("learning", BTreeSet::from(["gateway", "sqlx"])),
        ("gateway", BTreeSet::new()),
        ("helpers", BTreeSet::new()),
    ]);
    let mut found = breaches(&planted);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "gateway does not use firmware-protocol",
            "gateway does not use rumqttc",
            "gateway does not use tokio-rustls",
            "helpers is not in the design's layout",
            "learning may not depend on gateway",
            "sqlx is not learning's to use",
        ]
    );
}

#[test]
fn the_top_level_is_the_customers() {
    let root = metadata().workspace_root;
    let output = std::process::Command::new("git")
        .args(["-C", root.as_str(), "ls-files"])
        .output()
        .expect("git lists the tree");
    if !output.status.success() {
        test_needs::missing("git, or a checkout of it", "git clone");
        return;
    }
    let files = String::from_utf8(output.stdout).expect("file names are UTF-8");
    let allowed = |top: &str| {
        matches!(
            top,
            "Cargo.toml"
                | "Cargo.lock"
                | "crates"
                | "firmware-protocol"
                | "sample-strokes"
                | "benches"
                | "tests"
                | "README.md"
        ) || top.starts_with('.')
            || top.starts_with("LICENSE")
    };
    let strangers: BTreeSet<&str> = files
        .lines()
        .filter_map(|file| file.split('/').next())
        .filter(|top| !allowed(top))
        .collect();
    assert_eq!(strangers, BTreeSet::new());
}
