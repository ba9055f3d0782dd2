//! `policy.json` against its published schema, and what the file says of places and digests.

use std::sync::Arc;

use ambit_compiler::{Config, Database};
use ambit_tests::project::{SETTINGS, Shape, generate};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use smol_str::SmolStr;

use super::cases::{World, emit, policy, program};
use crate::support::read;

fn validator() -> jsonschema::Validator {
    let schema: Json = serde_json::from_str(&read("docs/schemas/policy.schema.json")).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn check(validator: &jsonschema::Validator, text: &str, what: &str) -> Json {
    let document: Json = serde_json::from_str(text).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&document)
        .take(3)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}");
    document
}

#[test]
fn every_policy_fits_the_schema() {
    let validator = validator();
    for example in super::EXAMPLES {
        let text = policy(&super::example(example));
        crate::budget::say(&format!("policy.json of {example}: {} bytes", text.len()));
        check(&validator, &text, example);
    }
    let mut coverage = ambit_tests::random::Coverage::default();
    for n in 0..40 {
        let mut rng = ambit_tests::rng::Rng::new(crate::budget::seed()).fork(50_000 + n);
        let (world, _, _) = World::random(&mut rng, &mut coverage);
        check(&validator, &policy(&world.program), "a random policy");
    }
    let mut sizes = Vec::new();
    for grants in [100, 200] {
        let shape = Shape {
            roles: grants / 10,
            grants,
            files: 5,
            seed: 1,
        };
        let files = generate(shape)
            .into_iter()
            .map(|(n, t)| (SmolStr::new(n), Arc::from(t)));
        let mut db = Database::default();
        let project = db.project(files.collect(), Config::read(SETTINGS));
        let generated = ambit_compiler::program(&db, project).unwrap();
        let text = policy(&generated);
        check(&validator, &text, "a generated project");
        assert_eq!(text, policy(&generated), "the same bytes each time");
        sizes.push(text.len());
    }
    assert!(
        sizes[1] < sizes[0] * 5 / 2,
        "it grows with the policy: {sizes:?}"
    );
}

/// Keys left out, foreign keys and words: each breaks the schema.
#[test]
fn the_schema_rejects_what_was_mutilated() {
    let validator = validator();
    let whole: Json = serde_json::from_str(&policy(&super::example("sales"))).unwrap();
    let mut tried = 0;
    for pointer in [
        "",
        "/project",
        "/schema",
        "/rules/0",
        "/rules/0/condition",
        "/rules/0/applies",
    ] {
        let keys: Vec<String> = whole
            .pointer(pointer)
            .unwrap()
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect();
        for key in keys
            .iter()
            .filter(|k| !["docs", "file"].contains(&k.as_str()) || pointer.is_empty())
        {
            let mut broken = whole.clone();
            broken
                .pointer_mut(pointer)
                .unwrap()
                .as_object_mut()
                .unwrap()
                .remove(key);
            assert!(!validator.is_valid(&broken), "{pointer} without {key}");
            tried += 1;
        }
        let mut broken = whole.clone();
        broken.pointer_mut(pointer).unwrap()["stranger"] = json!(1);
        assert!(!validator.is_valid(&broken), "{pointer} with a stranger");
    }
    for (pointer, value) in [
        ("/rules/0/effect", json!("allow")),
        ("/rules/0/line", json!(0)),
        ("/rules/0/holder", json!("everyone")),
        ("/rules/0/condition/node", json!("nand")),
        ("/rules/0/applies/when", json!("sometimes")),
        ("/version", json!(2)),
        ("/artifact", json!("ucast")),
        ("/schema/sha256", json!("0")),
    ] {
        let mut broken = whole.clone();
        *broken.pointer_mut(pointer).unwrap() = value;
        assert!(!validator.is_valid(&broken), "{pointer}");
    }
    assert!(tried > 25, "{tried}");
}

#[test]
fn the_digest_is_of_the_schema_and_of_nothing_else() {
    let text = "/// Doc.\ntable t { key id : int  name : string }\neveryone { grant read on t where name = \"a\" }";
    let document =
        |text: &str| -> Json { serde_json::from_str(&policy(&program("", text))).unwrap() };
    let one = document(text);
    let mut schema = one["schema"].clone();
    let digest = schema.as_object_mut().unwrap().remove("sha256").unwrap();
    let hex = Sha256::digest(schema.to_string())
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    assert_eq!(digest, json!(hex));
    let moved = document(&format!(
        "\n\n{}",
        text.replace("Doc.", "Other.").replace("\"a\"", "\"b\"")
    ));
    assert_eq!(one["schema"], moved["schema"]);
    let wider = document(&text.replace("name : string }", "name : string? }"));
    assert_ne!(one["schema"]["sha256"], wider["schema"]["sha256"]);
}

/// Each node says where it is written: in the rule, on its own line, or in the filter it comes from.
#[test]
fn every_node_has_its_line() {
    let text = "table t { key id : int  name : string  tag : string? }
filter short on t
    where name = \"a\"
        and tag is not null
everyone {
    grant read on t where id = 1
    grant read on t
        where id = 2
            or (
                short
                and not id between 3
                    and 4
            )
}
";
    let document: Json = serde_json::from_str(&policy(&program("", text))).unwrap();
    let mut lines = Vec::new();
    for rule in document["rules"].as_array().unwrap() {
        lines.push(format!("rule {}", rule["line"]));
        walk(&rule["condition"], 0, &mut lines);
    }
    let expected = [
        "rule 6",
        "0 compare 6",
        "rule 7",
        "0 or 8",
        "1 compare 8",
        "1 and 10",
        "2 and 3",
        "3 compare 3",
        "3 not 4",
        "4 is_null 4",
        "2 not 11",
        "3 and 11",
        "4 compare 11",
        "4 compare 11",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn users_of_tests_are_not_in_it() {
    let text = "table t { key id : int }\nrole r { grant read on t }\ntest \"x\" { given user eve : r { deny read on t where id = 1 } eve sees t [] }";
    let whole = policy(&program("", text));
    assert!(!whole.contains("eve"), "{whole}");
    assert!(
        emit(&program("", text), "ucast", None)
            .artifacts
            .iter()
            .all(|a| a.path != "ucast/eve.json")
    );
}

fn walk(node: &Json, depth: usize, lines: &mut Vec<String>) {
    let word = node["node"].as_str().unwrap();
    lines.push(format!("{depth} {word} {}", node["line"]));
    match &node["of"] {
        Json::Array(parts) => parts.iter().for_each(|part| walk(part, depth + 1, lines)),
        Json::Object(_) => walk(&node["of"], depth + 1, lines),
        _ => {}
    }
}
