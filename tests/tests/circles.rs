//! Modules of a member do not use each other in circles, so that each can be read by itself.
//!
//! Failure: top-level modules of a member use each other in a circle that the table does not have,
//! or a circle of the table is gone. Not failure: code of tests, which may use everything; circles
//! among the modules inside one of these.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::MetadataCommand;

/// Member → its top-level modules that use each other in a circle, in alphabetical order. None
/// should come to these.
const CIRCLES: &[(&str, &[&str])] = &[
    ("attribution", &["evidence", "sheet"]),
    ("firmware-protocol", &["chunk", "codec", "envelope", "message", "receipt", "seal", "writer"]),
    ("ingest", &["batch", "counters", "link", "sort"]),
    ("marking", &["apart", "brackets", "comb", "cross_out", "overwritten", "read"]),
    ("marking", &["marker", "registration"]),
    ("pdf-sheet", &["device", "measure", "read"]),
    ("pipeline", &["items", "job", "profiles"]),
    ("school", &["role", "scope"]),
    ("store", &["check", "connection", "database", "ink", "marks", "sql", "writer"]),
    ("worksheet", &["part", "template", "written"]),
    ("zhibi", &["housekeeping", "service"]),
];

/// Module → the modules of its crate that it uses.
type Uses = BTreeMap<String, BTreeSet<String>>;

/// Every Rust file below a folder, without those that hold tests.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("a folder of sources can be listed").path();
        let name = path.file_name().unwrap_or_default();
        if name == "tests" || name == "tests.rs" {
            continue;
        }
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The source without comments and without the tests at its end.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a source file can be read");
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n").collect()
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The first word of each item of a list in braces, whose first brace is already gone.
fn items(list: &str) -> Vec<String> {
    let (mut depth, mut items, mut begins) = (0, Vec::new(), true);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            c if begins && !c.is_whitespace() => {
                items.push(word(&list[at..]));
                begins = false;
            }
            _ => {}
        }
    }
    items
}

/// What follows `crate::` anywhere in the code.
fn names(code: &str) -> Vec<String> {
    let after = code.split("crate::").skip(1);
    after
        .flat_map(|after| after.strip_prefix('{').map_or_else(|| vec![word(after)], items))
        .collect()
}

/// Names that the crate's root gives to what a module owns.
fn exported(root: &str) -> BTreeMap<String, String> {
    let statements = root.split("use ").skip(1).filter_map(|after| after.split(';').next());
    let pairs = statements.filter_map(|statement| statement.split_once("::"));
    let each = pairs.flat_map(|(module, rest)| {
        let names = rest.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        names.map(|name| (name.to_owned(), module.to_owned())).collect::<Vec<_>>()
    });
    each.collect()
}

fn uses(folder: &Path) -> Uses {
    let mut files = Vec::new();
    sources(folder, &mut files);
    let is_root = |path: &&PathBuf| path.ends_with("src/lib.rs") || path.ends_with("src/main.rs");
    let exported: BTreeMap<_, _> =
        files.iter().filter(is_root).flat_map(|path| exported(&code(path))).collect();
    let mut uses = Uses::new();
    for path in files.iter().filter(|path| !is_root(path)) {
        let inside = path.strip_prefix(folder).expect("it lies in the folder").with_extension("");
        let module = inside.components().next().expect("a file has a name");
        let module = module.as_os_str().to_string_lossy().into_owned();
        let used = names(&code(path));
        let used = used.into_iter().map(|name| exported.get(&name).cloned().unwrap_or(name));
        uses.entry(module).or_default().extend(used);
    }
    uses
}

/// The sets of modules that each use all the others of the set, directly or through others.
fn circles(uses: &Uses) -> BTreeSet<Vec<String>> {
    let reached = |from: &String| {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&String> = uses[from].iter().collect();
        while let Some(module) = open.pop() {
            if module != from && uses.contains_key(module) && reached.insert(module) {
                open.extend(&uses[module]);
            }
        }
        reached
    };
    let all: BTreeMap<&String, BTreeSet<&String>> = uses.keys().map(|m| (m, reached(m))).collect();
    let circle = |from: &&String| {
        let back = uses.keys().filter(|to| all[*from].contains(to) && all[to].contains(*from));
        let mut circle: Vec<String> = back.chain([*from]).cloned().collect();
        circle.sort_unstable();
        circle
    };
    uses.keys().map(|module| circle(&module)).filter(|circle| circle.len() > 1).collect()
}

#[test]
fn modules_of_a_member_make_no_new_circles() {
    let metadata =
        MetadataCommand::new().no_deps().exec().expect("cargo metadata of this workspace");
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for package in metadata.workspace_packages() {
        let folder = package.manifest_path.with_file_name("src");
        let circles = circles(&uses(folder.as_std_path()));
        found.extend(circles.into_iter().map(|circle| (package.name.to_string(), circle)));
    }
    found.sort_unstable();
    let found: Vec<(&str, Vec<&str>)> = found
        .iter()
        .map(|(name, circle)| (name.as_str(), circle.iter().map(String::as_str).collect()))
        .collect();
    let known: Vec<(&str, Vec<&str>)> =
        CIRCLES.iter().map(|(name, circle)| (*name, circle.to_vec())).collect();
    assert_eq!(found, known);
}

#[test]
fn a_planted_circle_is_found() {
    let planted = [
        ("page", "use crate::{state::{Web, route}, words};"),
        ("state", "use crate::words::Words;\nfn f() -> crate::session::Visitor {}"),
        ("session", "let page = crate::page::html();"),
        ("words", ""),
    ];
    let uses: Uses = planted
        .iter()
        .map(|(module, code)| ((*module).to_owned(), names(code).into_iter().collect()))
        .collect();
    let found = circles(&uses);
    assert_eq!(found, BTreeSet::from([["page", "session", "state"].map(str::to_owned).to_vec()]));
}
