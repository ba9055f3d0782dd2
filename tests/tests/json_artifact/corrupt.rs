//! Artifacts that were tampered with: every change of meaning shows in the comparisons.

use ambit_core::{TableId, Value};
use ambit_eval::User;
use ambit_tests::random::TableRows;
use serde_json::{Value as Json, json};

use super::cases::{Case, World, emit, policy, program};
use super::enforcer::answers;
use super::node::{Question, answers as interpret, object};

const POLICY: &str = "
table sales { key id : int  country : string?  amount : int?  tier : string? }
role a { grant read on sales where country = \"FR\" and amount < 10 }
role b { grant read on sales where country in [\"FR\", \"DE\"] or amount >= 5 }
role c { grant read on sales  deny read on sales where tier is not null and tier = \"secret\" }
role d { grant read on sales  restrict sales to amount between 3 and 7 }
role e { grant read on sales where tier starts with \"s\" and not country ends with \"R\" }
role g { grant read on sales where amount < 10 }
role h { grant read on sales where country != \"FR\" }
role j { grant read on sales where tier is null }
";

/// Every mixture of values at, beside and far from the literals.
fn world() -> World {
    let texts = |list: &[&str]| -> Vec<Value> {
        std::iter::once(Value::Null)
            .chain(list.iter().map(|t| Value::text(t)))
            .collect()
    };
    let countries = texts(&["", "FR", "FRx", "DE", "DEx", "US", "R", "Rx"]);
    let tiers = texts(&["secret", "secretx", "sx", "xs", "t"]);
    let amounts: Vec<Value> = std::iter::once(Value::Null)
        .chain([-2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map(Value::Int))
        .collect();
    let mut rows = Vec::new();
    for country in &countries {
        for tier in &tiers {
            for amount in &amounts {
                let id = Value::Int(i64::try_from(rows.len()).unwrap());
                rows.push(vec![id, country.clone(), amount.clone(), tier.clone()]);
            }
        }
    }
    let sales = TableRows {
        table: "sales".into(),
        rows,
    };
    World::new(
        program("", POLICY),
        &[sales],
        jiff::civil::date(2024, 1, 15),
    )
}

/// All that a tree becomes by one change: a comparison flipped, a part dropped, `and` and `or` exchanged, a `not` taken
/// away, a literal changed.
fn changes(node: &Json, flip: &[(&str, &str)]) -> Vec<Json> {
    let mut list = Vec::new();
    let Json::Object(map) = node else {
        if let Json::Array(parts) = node {
            for (number, part) in parts.iter().enumerate() {
                for changed in changes(part, flip) {
                    let mut parts = parts.clone();
                    parts[number] = changed;
                    list.push(Json::Array(parts));
                }
            }
        }
        return list;
    };
    for (key, value) in map {
        let mut put = |value: Json| {
            let mut changed = node.clone();
            changed[key] = value;
            list.push(changed);
        };
        match (key.as_str(), value) {
            ("op" | "operator" | "node", Json::String(word)) => {
                if let Some((_, other)) = flip.iter().find(|(from, _)| from == word) {
                    put(json!(other));
                }
            }
            ("value", Json::String(text)) => put(json!(format!("{text}x"))),
            ("value", Json::Number(number)) => put(json!(number.as_i64().unwrap() + 1)),
            ("value", Json::Bool(value)) => put(json!(!value)),
            ("value" | "of" | "set", Json::Array(parts)) if parts.len() > 1 => {
                for number in 0..parts.len() {
                    let mut fewer = parts.clone();
                    fewer.remove(number);
                    put(Json::Array(fewer));
                }
            }
            _ => {}
        }
        for changed in changes(value, flip) {
            put(changed);
        }
    }
    if node["node"] == "not" {
        list.push(node["of"].clone());
    }
    list
}

impl World {
    fn cases(&self, role: &str) -> Vec<Case> {
        let user = User::of(&self.program, self.program.find_principal(role).unwrap());
        let who = json!({"principals": [role]});
        let table = TableId(0);
        (0..self.data.len(table))
            .map(|row| {
                self.about_row(
                    (&user, &who),
                    (table, row, row),
                    "read",
                    &[],
                    None,
                    &json!({}),
                )
            })
            .collect()
    }
}

#[test]
fn a_corrupted_policy_is_noticed() {
    let python = need!("python");
    let world = world();
    let whole: Json = serde_json::from_str(&policy(&world.program)).unwrap();
    let flip = [
        ("=", "!="),
        ("<", "<="),
        (">=", ">"),
        ("<=", "<"),
        ("and", "or"),
        ("or", "and"),
        ("starts_with", "contains"),
        ("ends_with", "contains"),
    ];
    let mut mutants: Vec<(String, String)> = Vec::new();
    for (number, rule) in whole["rules"].as_array().unwrap().iter().enumerate() {
        let role = rule["holder"]["principal"].as_str().unwrap();
        for changed in changes(&rule["condition"], &flip) {
            let mut mutant = whole.clone();
            mutant["rules"][number]["condition"] = changed;
            mutants.push((role.to_owned(), mutant.to_string()));
        }
        let mut mutant = whole.clone();
        mutant["rules"].as_array_mut().unwrap().remove(number);
        mutants.push((role.to_owned(), mutant.to_string()));
    }
    let cases: Vec<Vec<Case>> = mutants.iter().map(|(role, _)| world.cases(role)).collect();
    let batches: Vec<(String, &[Case])> = mutants
        .iter()
        .zip(&cases)
        .map(|((_, text), cases)| (text.clone(), cases.as_slice()))
        .collect();
    assert!(mutants.len() > 40, "{}", mutants.len());
    let before: Vec<(String, &[Case])> = cases
        .iter()
        .take(1)
        .map(|cases| (whole.to_string(), cases.as_slice()))
        .collect();
    let same =
        |cases: &[Case], got: &[String]| cases.iter().zip(got).all(|(c, g)| c.value.as_str() == g);
    assert!(
        same(&cases[0], &answers(&python, &before)[0]),
        "unchanged it is right"
    );
    let missed: Vec<&String> = answers(&python, &batches)
        .iter()
        .zip(&batches)
        .filter(|(got, (_, cases))| same(cases, got))
        .map(|(_, (text, _))| text)
        .collect();
    assert!(
        missed.is_empty(),
        "{} of {}: {:#?}",
        missed.len(),
        mutants.len(),
        missed.first()
    );
}

#[test]
fn corrupted_conditions_of_ucast_are_noticed() {
    let node = need!("node");
    let world = world();
    let table = TableId(0);
    let flip = [
        ("eq", "ne"),
        ("ne", "eq"),
        ("lt", "lte"),
        ("lte", "lt"),
        ("gte", "gt"),
        ("and", "or"),
        ("or", "and"),
    ];
    let emitted = emit(&world.program, "ucast", None);
    let rows: Vec<Json> = world
        .data
        .rows(table)
        .enumerate()
        .map(|row| object(&world.program, table, row))
        .collect();
    let mut questions = Vec::new();
    let mut expected: Vec<(Vec<bool>, bool)> = Vec::new();
    for role in ["a", "g", "h", "j"] {
        let right: Vec<bool> = world
            .cases(role)
            .iter()
            .map(|case| case.value.is_true())
            .collect();
        let path = format!("ucast/{role}.json");
        let file = &emitted
            .artifacts
            .iter()
            .find(|a| a.path == path)
            .unwrap()
            .content;
        let file: Json = serde_json::from_str(file).unwrap();
        let condition = &file["tables"]["sales"]["read"]["condition"];
        for (changed, condition) in std::iter::once((false, condition.clone()))
            .chain(changes(condition, &flip).into_iter().map(|c| (true, c)))
        {
            expected.push((right.clone(), changed));
            questions.push(Question {
                table,
                condition,
                rows: rows.clone(),
            });
        }
    }
    assert!(questions.len() > 25, "{}", questions.len());
    let answers = interpret(&node, |_| (0, table), &[&world.program], &questions);
    for ((answer, (right, changed)), question) in answers.iter().zip(&expected).zip(&questions) {
        let agrees = answer.js == *right && answer.sql == *right;
        assert_eq!(agrees, !changed, "{}", question.condition);
    }
}

/// The trap of two values: without the guards JavaScript lets nulls through, though SQL does not.
#[test]
fn without_the_null_guards_the_interpreters_part() {
    let node = need!("node");
    let world = world();
    let table = TableId(0);
    let rows: Vec<Json> = world
        .data
        .rows(table)
        .enumerate()
        .map(|row| object(&world.program, table, row))
        .collect();
    let bare = [
        (
            "g",
            json!({"operator": "lt", "field": "amount", "value": 10}),
        ),
        (
            "h",
            json!({"operator": "ne", "field": "country", "value": "FR"}),
        ),
    ];
    let questions: Vec<Question> = bare
        .iter()
        .map(|(_, condition)| Question {
            table,
            condition: condition.clone(),
            rows: rows.clone(),
        })
        .collect();
    let answers = interpret(&node, |_| (0, table), &[&world.program], &questions);
    for ((role, _), answer) in bare.iter().zip(&answers) {
        let right: Vec<bool> = world
            .cases(role)
            .iter()
            .map(|case| case.value.is_true())
            .collect();
        assert_eq!(answer.sql, right, "{role}");
        let leaked = answer
            .js
            .iter()
            .zip(&right)
            .filter(|(js, right)| **js && !**right)
            .count();
        assert!(leaked > 20, "{role}: {leaked}");
    }
}
