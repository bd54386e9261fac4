//! The JSON Schema of what `zhibi decode` prints, against every golden vector and every finding.
//!
//! Failure: a line that the schema does not allow, a line that it allows with a field left out, a
//! keyword that is not looked at here. Not failure: an optional field that no vector has.
//! Deterministic.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use zhibi_tests::Zhibi;

fn protocol() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../firmware-protocol")
}

fn schema() -> Value {
    let text = std::fs::read_to_string(protocol().join("decode.schema.json")).expect("the schema");
    serde_json::from_str(&text).expect("JSON")
}

/// Whether a value is what the schema at `at` allows; the keywords of the draft that ours uses.
fn allows(root: &Value, at: &Value, value: &Value) -> bool {
    let rules = at.as_object().expect("a schema is an object");
    rules.iter().all(|(keyword, rule)| keeps(root, rules, keyword, rule, value))
}

fn keeps(
    root: &Value,
    rules: &Map<String, Value>,
    keyword: &str,
    rule: &Value,
    value: &Value,
) -> bool {
    let list = || rule.as_array().expect("a list");
    let number = || rule.as_i64().map(i128::from).or(rule.as_u64().map(i128::from)).expect("whole");
    let whole = value.as_i64().map(i128::from).or(value.as_u64().map(i128::from));
    let object = value.as_object();
    match keyword {
        "$schema" | "$defs" | "title" | "description" => true,
        "$ref" => {
            let name = rule.as_str().and_then(|name| name.strip_prefix('#')).expect("one of ours");
            allows(root, root.pointer(name).expect("it is there"), value)
        }
        "anyOf" => list().iter().any(|one| allows(root, one, value)),
        "const" => rule == value,
        "enum" => list().contains(value),
        "type" => match rule.as_str() {
            Some("object") => value.is_object(),
            Some("array") => value.is_array(),
            Some("string") => value.is_string(),
            Some("boolean") => value.is_boolean(),
            Some("integer") => whole.is_some(),
            Some("null") => value.is_null(),
            _ => panic!("type {rule}"),
        },
        "minimum" => whole.is_none_or(|whole| whole >= number()),
        "maximum" => whole.is_none_or(|whole| whole <= number()),
        "minItems" => value.as_array().is_none_or(|all| all.len() as i128 >= number()),
        "maxItems" => value.as_array().is_none_or(|all| all.len() as i128 <= number()),
        "items" => value.as_array().is_none_or(|all| all.iter().all(|one| allows(root, rule, one))),
        "pattern" => {
            value.as_str().is_none_or(|text| matches(rule.as_str().expect("a pattern"), text))
        }
        "properties" => object.is_none_or(|object| {
            let known = rule.as_object().expect("fields").iter();
            known
                .filter_map(|(name, rule)| Some((rule, object.get(name)?)))
                .all(|(rule, value)| allows(root, rule, value))
        }),
        "required" => object.is_none_or(|object| {
            list().iter().all(|name| object.contains_key(name.as_str().expect("a name")))
        }),
        "additionalProperties" => object.is_none_or(|object| {
            let known = rules["properties"].as_object().expect("fields");
            rule == &Value::Bool(false) && object.keys().all(|name| known.contains_key(name))
        }),
        _ => panic!("the keyword {keyword} is not looked at"),
    }
}

/// The patterns that the schema has.
fn matches(pattern: &str, text: &str) -> bool {
    let hex = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    match pattern {
        "^([0-9a-f][0-9a-f])*$" => hex(text) && text.len().is_multiple_of(2),
        "^[0-9a-f]{12,16}$" => hex(text) && (12..=16).contains(&text.len()),
        "^[0-9]+-[0-9a-f]{8}$" => text.split_once('-').is_some_and(|(counter, random)| {
            counter.parse::<u64>().is_ok() && random.len() == 8 && hex(random)
        }),
        "^[ -~]{1,16}$" => {
            text.bytes().all(|b| (b' '..=b'~').contains(&b)) && (1..=16).contains(&text.len())
        }
        _ => panic!("the pattern {pattern} is not looked at"),
    }
}

#[test]
fn every_line_of_every_vector_is_what_the_schema_says() {
    let schema = schema();
    let files = std::fs::read_dir(protocol().join("vectors")).expect("vectors");
    let files = files.map(|file| file.expect("a file").path());
    let mut kinds = std::collections::BTreeSet::new();
    for path in files.filter(|path| path.extension().is_some_and(|ext| ext == "hex")) {
        let name = path.to_str().expect("a UTF-8 path");
        let output = Zhibi::run(&["decode", "--strict", name]);
        for line in String::from_utf8(output.stdout).expect("text").lines() {
            let value: Value = serde_json::from_str(line).expect("an object");
            assert!(allows(&schema, &schema, &value), "{name}: {line}");
            let kind = value.get("frame").or(value.get("rule")).and_then(Value::as_str);
            kinds.insert(kind.expect("a kind").to_owned());
            // What it requires is what is always there.
            let mut less = value.clone();
            less.as_object_mut().expect("an object").remove("offset");
            assert!(value.get("frame").is_none() || !allows(&schema, &schema, &less), "{line}");
        }
    }
    for kind in ["hello", "chunk", "pen_state", "gateway_state", "receipt", "error", "one-key"] {
        assert!(kinds.contains(kind), "no vector has {kind}");
    }
}
