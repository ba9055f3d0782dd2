//! `prove`, and the second stage of `check`.

use serde_json::{Value, json};

use super::{ambit, project, write};

const POLICY: &str = r#"source w : sqlite
enum Country { "USA", "FRANCE" }
table sales in w {
    key id : int
    country : Country
    amount : int
    tier : string?
}
role market(c: Country) { grant read on sales where country = c }
role french inherits market("FRANCE")
role contractor { restrict sales to amount < 1000 }
user dan : french
"#;

/// The document of a run, which must fit the schema of the command line's JSON.
fn document(folder: &std::path::Path, args: &[&str], code: i32) -> Value {
    let run = ambit(folder, &[args, &["--format", "json"]].concat());
    assert_eq!(run.code, code, "{args:?}: {}{}", run.out, run.err);
    let schema: Value =
        serde_json::from_str(include_str!("../../../../docs/schemas/cli.schema.json")).unwrap();
    let document = run.json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> = validator
        .iter_errors(&document)
        .map(|e| e.to_string())
        .collect();
    assert!(faults.is_empty(), "{faults:?}\n{document:#}");
    document
}

#[test]
fn what_holds_and_what_does_not() {
    let dir = project(&[("a.ambit", POLICY)]);
    let claims = [
        "french can never read sales where country = \"USA\"",
        "assert anyone with contractor can never read sales where amount >= 1000",
        "market(\"USA\") and market(\"FRANCE\") are disjoint on sales",
    ];
    let all = document(dir.path(), &[&["prove"], &claims[..]].concat(), 0);
    let holds = |text: &str| json!({"assertion": text, "holds": true, "witness": null});
    assert_eq!(
        all["result"],
        json!([
            holds(claims[0]),
            holds("anyone with contractor can never read sales where amount >= 1000"),
            holds(claims[2])
        ])
    );
    let wrong = document(
        dir.path(),
        &[
            "prove",
            claims[0],
            "french can never read sales where amount > 5",
        ],
        1,
    );
    assert_eq!(wrong["result"][0]["holds"], true);
    assert_eq!(
        wrong["result"][1]["witness"],
        json!({
            "user": {"name": null, "principals": ["french"], "attributes": {}},
            "query": ["sales"],
            "at": "2024-01-15",
            "table": "sales",
            "row": {"id": 0, "country": "FRANCE", "amount": 6, "tier": null},
            "related": {},
        })
    );
    let problem = &wrong["diagnostics"][0];
    assert_eq!(problem["code"], "E0413");
    assert_eq!(problem["witness"], wrong["result"][1]["witness"]);
    // The rule that lets it through.
    assert_eq!(problem["related"][0]["file"], "a.ambit");
    assert_eq!(problem["related"][0]["start"]["line"], 9);
    let human = ambit(dir.path(), &["prove", claims[0]]);
    assert_eq!(
        (human.code, human.out.as_str()),
        (
            0,
            "holds: french can never read sales where country = \"USA\"\n"
        )
    );
}

#[test]
fn what_is_no_assertion_is_refused() {
    let dir = project(&[("a.ambit", POLICY)]);
    for (claim, code) in [
        ("french can never reed sales", 1),
        ("nobody_known can never read sales", 1),
        ("french can never read sales where", 1),
        ("", 1),
        (
            "french can never read sales assert dan can never read sales",
            2,
        ),
        ("french can never read sales role x", 1),
    ] {
        let run = ambit(dir.path(), &["prove", claim]);
        assert!(
            [code, 1, 2].contains(&run.code),
            "{claim}: {} {}",
            run.code,
            run.err
        );
        assert_ne!(run.code, 0, "{claim}");
        assert!(
            run.err.starts_with("error") || run.err.contains("error"),
            "{claim}: {}",
            run.err
        );
    }
    let run = ambit(dir.path(), &["prove"]);
    assert_eq!(run.code, 2);
    // What would change the policy if it were believed.
    for more in [
        "for anyone_else { deny read on sales }",
        "for french { deny read on sales }",
        "everyone { deny read on sales }",
        "user eve : french { deny read on sales }",
        "role x",
        "}",
        "}\nfor french { deny read on sales }",
        "assert french can never delete sales",
        "french can never delete sales",
        "exclusive french, contractor",
        "test \"x\" {}",
    ] {
        for between in [" ", "\n", "\r\n", "\t", " // why\n", "\n\n    "] {
            let claim = format!("french can never read sales{between}{more}");
            let run = ambit(dir.path(), &["prove", &claim]);
            assert!([1, 2].contains(&run.code), "{claim:?}: {}", run.out);
            assert_eq!(run.out, "", "{claim:?}");
            let filter = format!("amount > 1{between}{more}");
            let run = ambit(
                dir.path(),
                &["who", "--can", "read", "sales", "--where", &filter],
            );
            assert!([1, 2].contains(&run.code), "{filter:?}: {}", run.out);
        }
    }
    let run = ambit(
        dir.path(),
        &[
            "prove",
            "french can never read sales for french { deny read on sales }",
        ],
    );
    assert_eq!(
        run.err.lines().next(),
        Some(
            "error: `french can never read sales for french { deny read on sales }` is not one claim: `for french { deny read on sales }` does not belong to it"
        )
    );
    for filter in [
        "amount > 1) or (true",
        "// amount > 1",
        "",
        "amount > 1) // (",
        "amount > 1 or",
    ] {
        let run = ambit(
            dir.path(),
            &["who", "--can", "read", "sales", "--where", filter],
        );
        assert!([1, 2].contains(&run.code), "{filter:?}: {}", run.out);
    }
    // Of a project with errors nothing is proved.
    let dir = project(&[("a.ambit", "role r { grant read on nothing_here }")]);
    assert_eq!(ambit(dir.path(), &["prove", "r can never read x"]).code, 1);
}

/// Blanks count in strings, and only there.
#[test]
fn a_claim_is_taken_as_it_is() {
    let dir = project(&[(
        "a.ambit",
        "table t { key id : int  who : string? }\nrole one { grant read on t where who = \"a b\" }\nrole two { grant read on t where who = \"a  b\" }\n",
    )]);
    let claim = |role: &str, text: &str| format!("{role} can never read t where who = \"{text}\"");
    for text in [
        "a b",
        "a  b",
        "a\tb",
        "a\u{a0}b",
        "a\u{3000}b",
        " a b",
        "a b ",
    ] {
        for (role, sees) in [("one", "a b"), ("two", "a  b")] {
            let claim = claim(role, text);
            let all = document(dir.path(), &["prove", &claim], i32::from(text == sees));
            assert_eq!(all["result"][0]["holds"], text != sees, "{claim}");
            assert_eq!(all["result"][0]["assertion"], claim.as_str());
            if text == sees {
                let message = all["diagnostics"][0]["message"].as_str().unwrap();
                assert_eq!(message, format!("`{claim}` does not hold"));
            }
        }
    }
    // However it is laid out.
    let laid_out = [
        "one can never\nread t where\nwho = \"a b\"",
        "  one can never read t // of all\r\n  where\t(who = \"a b\")  ",
        "assert\none can never read t where who = \"a b\" // x",
        "// first\nassert one can never read t where who = \"a b\"",
    ];
    for written in laid_out {
        let all = document(dir.path(), &["prove", written], 1);
        assert_eq!(all["result"][0]["holds"], false, "{written}");
    }
    let who = |filter: &str| {
        let all = document(
            dir.path(),
            &["who", "--can", "read", "t", "--where", filter],
            0,
        );
        let names = all["result"].as_array().unwrap().iter();
        names
            .map(|r| r["principal"].to_string())
            .collect::<String>()
    };
    assert_eq!(who("who = \"a b\""), "\"one\"");
    assert_eq!(who("who = \"a  b\""), "\"two\"");
    assert_eq!(who("who = // not \"a  b\"\n \"a b\""), "\"one\"");
    assert_eq!(who("// not\nwho = \"a  b\" // all"), "\"two\"");
}

#[test]
fn check_counts_claims_and_fails_where_one_fails() {
    let good = format!("{POLICY}assert dan can never read sales where country = \"USA\"\n");
    let dir = project(&[("a.ambit", &good)]);
    let all = document(dir.path(), &["check"], 0);
    assert_eq!(
        all["result"]["assertions"],
        json!({"proved": 1, "failed": 0})
    );
    let run = ambit(dir.path(), &["check"]);
    assert!(run.out.ends_with("1 assertion proved\n"), "{}", run.out);
    let bad = format!("{good}assert dan can never read sales where amount = 3\n");
    write(dir.path(), "a.ambit", bad.as_bytes());
    let all = document(dir.path(), &["check"], 1);
    assert_eq!(
        all["result"]["assertions"],
        json!({"proved": 1, "failed": 1})
    );
    let problems = all["diagnostics"].as_array().unwrap();
    let failed: Vec<&Value> = problems.iter().filter(|p| p["code"] == "E0413").collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["start"]["line"], 14);
    assert_eq!(failed[0]["witness"]["user"]["name"], "dan");
    assert_eq!(failed[0]["witness"]["row"]["amount"], 3);
    // A fix that leaves such rows out makes the claim hold.
    let fix = &failed[0]["fixes"][0];
    let edit = &fix["edits"][0];
    let at = edit["start_byte"].as_u64().unwrap() as usize;
    let mut text = bad.clone();
    text.replace_range(
        at..edit["end_byte"].as_u64().unwrap() as usize,
        edit["text"].as_str().unwrap(),
    );
    write(dir.path(), "a.ambit", text.as_bytes());
    let all = document(dir.path(), &["check"], 0);
    assert_eq!(
        all["result"]["assertions"],
        json!({"proved": 2, "failed": 0})
    );
    // The first stage alone proves nothing.
    write(dir.path(), "a.ambit", bad.as_bytes());
    let types = document(dir.path(), &["check", "--stage", "types"], 0);
    assert_eq!(
        types["result"]["assertions"],
        json!({"proved": 0, "failed": 0})
    );
}

#[test]
fn findings_have_the_level_that_the_project_gives_them() {
    let policy =
        format!("{POLICY}role idle {{ grant read on sales where amount > 5 and amount < 3 }}\n");
    let dir = project(&[("a.ambit", &policy)]);
    let codes = |document: &Value| -> Vec<(String, String)> {
        let problems = document["diagnostics"].as_array().unwrap().iter();
        problems
            .filter(|p| p["code"] == "W0601")
            .map(|p| {
                (
                    p["code"].as_str().unwrap().to_owned(),
                    p["level"].as_str().unwrap().to_owned(),
                )
            })
            .collect()
    };
    let finding = |level: &str| vec![("W0601".to_owned(), level.to_owned())];
    assert_eq!(
        codes(&document(dir.path(), &["check"], 0)),
        finding("warning")
    );
    assert_eq!(
        codes(&document(dir.path(), &["check", "--deny", "warnings"], 1)),
        finding("warning")
    );
    write(
        dir.path(),
        "ambit.toml",
        b"[lints]\nnever-holds = \"deny\"\n",
    );
    assert_eq!(
        codes(&document(dir.path(), &["check"], 1)),
        finding("error")
    );
    // What a lint denies does not keep other commands from their work.
    assert_eq!(ambit(dir.path(), &["test"]).code, 0);
    write(
        dir.path(),
        "ambit.toml",
        b"[lints]\nnever-holds = \"allow\"\n",
    );
    assert_eq!(codes(&document(dir.path(), &["check"], 0)), []);
}

#[test]
fn what_is_beyond_the_solver_exits_3() {
    let policy = r"source w : sqlite
table t in w { key id : int  at : timestamp  seen : timestamp  due : date }
role plain { grant read on t where id = 1 }
role r { grant read on t where at > seen }
role s {
    grant read on t where id = 7
    grant read on t where at > seen and id > 3
    grant read on t where at = due
}
assert r can never read t where id = 5
";
    let dir = project(&[("a.ambit", policy)]);
    let all = document(dir.path(), &["check"], 3);
    let codes: Vec<&str> = all["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["code"].as_str().unwrap())
        .collect();
    assert!(codes.contains(&"E0414"), "{codes:?}");
    // It stands at the rule that compares the instant in the other way.
    let beyond = all["diagnostics"].as_array().unwrap().iter();
    let lines: Vec<&Value> = beyond
        .filter(|p| p["code"] == "E0414")
        .map(|p| &p["start"]["line"])
        .collect();
    assert_eq!(lines, [&json!(8)]);
    let claim = "anyone can never read t where at != due and at > seen";
    let all = document(dir.path(), &["prove", claim], 3);
    assert_eq!(all["diagnostics"][0]["code"], "E0414");
    assert_eq!(
        all["result"],
        json!([{"assertion": claim, "holds": null, "witness": null}])
    );
}

#[test]
fn what_is_shown_is_the_smallest_equal_form() {
    let policy = format!(
        "{POLICY}role twice {{ grant read on sales where amount > 5 and amount > 3 and country in [\"USA\", \"FRANCE\"] }}\n"
    );
    let dir = project(&[("a.ambit", &policy)]);
    let all = document(
        dir.path(),
        &[
            "why",
            "--as",
            "twice",
            "sales",
            "--row",
            "id=1,country=USA,amount=9",
        ],
        0,
    );
    // A text outside its enum is unknown, so that the enum's members are listed is no part that can go.
    assert_eq!(
        all["result"]["predicate"],
        "amount > 5 and country in [\"USA\", \"FRANCE\"]"
    );
    assert_eq!(ambit(dir.path(), &["build"]).code, 0);
    let built = std::fs::read_to_string(dir.path().join("out/sql/sqlite/predicates.json")).unwrap();
    assert!(built.contains("> 5") && !built.contains("> 3"), "{built}");
}

/// The findings of a policy: code, line and witness.
fn findings(policy: &str) -> Vec<(String, u64, Value)> {
    let dir = project(&[("a.ambit", policy)]);
    let all = document(dir.path(), &["check"], 0);
    let problems = all["diagnostics"].as_array().unwrap().iter();
    problems
        .map(|p| {
            (
                p["code"].as_str().unwrap().to_owned(),
                p["start"]["line"].as_u64().unwrap(),
                p["witness"].clone(),
            )
        })
        .collect()
}

/// Rows of one vendor's table of combined rules that end in nothing: everything with nothing, allow with
/// nothing, allow and block of one value, a user's allow with another of his group. The others are silent.
#[test]
fn rules_that_end_in_nothing() {
    let found = findings(
        r"source cube : sisense
table sales in cube { key id : int  field : int }
group g_everything_nothing { grant read on sales  restrict sales to nothing }
group g_allow_nothing { grant read on sales where field = 1  restrict sales to nothing }
group g_everything_block { grant read on sales  deny read on sales where field = 1 }
group g_allow_two_block { grant read on sales where field in [1, 2]  deny read on sales where field = 1 }
group g_allow_block { grant read on sales where field = 1  deny read on sales where field = 1 }
group g_allow_1 { grant read on sales  restrict sales to field = 1 }
user u_allow_2 : g_allow_1 { restrict sales to field = 2 }
",
    );
    let nothing: Vec<(u64, &str, &Value)> = found
        .iter()
        .filter(|(code, ..)| code == "W0604")
        .map(|(_, line, w)| {
            let user = &w["user"];
            let name = user["name"].as_str().filter(|n| !n.is_empty());
            (
                *line,
                name.or(user["principals"][0].as_str()).unwrap(),
                &w["row"]["field"],
            )
        })
        .collect();
    assert_eq!(
        nothing,
        [
            (3, "g_everything_nothing", &json!(0)),
            (4, "g_allow_nothing", &json!(1)),
            (7, "g_allow_block", &json!(1)),
            (9, "u_allow_2", &json!(2)),
        ]
    );
    for (code, line, _) in &found {
        assert!(
            ["W0604", "W0603", "W0605"].contains(&code.as_str()),
            "{code} at {line}"
        );
    }
}

/// `limit_1` with `structure_2` is nothing, for the hierarchy says that they never meet.
#[test]
fn linked_fields_that_never_meet() {
    let found = findings(
        r#"source acc : atoti_limits
table limits in acc open { key limit_id : string  structure_id : string }
hierarchy structure on limits {
    structure_id > limit_id
    "structure_1" > "limit_1"
    "structure_2" > "limit_2"
}
role r {
    restrict limits to limit_id = "limit_1"
    restrict limits to structure_id = "structure_2"
}
role fine { restrict limits to limit_id in ["limit_1", "limit_2"] }
"#,
    );
    assert_eq!(found.len(), 1, "{found:?}");
    let (code, line, witness) = &found[0];
    assert_eq!((code.as_str(), *line), ("W0606", 9));
    assert_eq!(witness["user"]["principals"], json!(["r"]));
    assert_eq!(
        witness["row"],
        json!({"limit_id": "limit_1", "structure_id": "structure_1"})
    );
}

/// A list of no values opens everything in one system: it is no condition here.
#[test]
fn an_empty_list_is_refused() {
    let dir = project(&[(
        "a.ambit",
        "source p : holistics\ntable t in p { key id : int  c : string? }\nrole r { grant read on t where c in [] }\n",
    )]);
    let all = document(dir.path(), &["check"], 1);
    assert_eq!(all["diagnostics"][0]["code"], "E0305");
}

/// The first restriction on an axis takes from whoever had none; the second gives back.
#[test]
fn a_role_that_narrows() {
    let found = findings(
        r#"source lab : atoti
table cells in lab open { key id : int  country : string }
role fr { restrict cells by country to country = "France" }
"#,
    );
    assert_eq!(found.len(), 1, "{found:?}");
    let (code, line, witness) = &found[0];
    assert_eq!((code.as_str(), *line), ("W0605", 3));
    assert_eq!(witness["user"]["principals"], json!(["fr"]));
    assert_ne!(witness["row"]["country"], "France");
}

#[test]
fn who_can_do_something() {
    let dir = project(&[("a.ambit", POLICY)]);
    let all = document(dir.path(), &["who", "--can", "read", "sales"], 0);
    let entry = |who: &str, access: &str, predicate: &str| json!({"principal": who, "access": access, "predicate": predicate});
    let france = "country = \"FRANCE\"";
    assert_eq!(
        all["result"],
        json!([
            entry("dan", "some", france),
            entry("french", "some", france),
            entry("market(\"FRANCE\")", "some", france),
        ])
    );
    let within = ["who", "--can", "read", "sales", "--where", france];
    let all = document(dir.path(), &within, 0);
    assert_eq!(all["result"][0], entry("dan", "all", france));
    let none = ambit(dir.path(), &["who", "--can", "delete", "sales"]);
    assert_eq!((none.code, none.out.as_str()), (0, ""));
    assert!(
        none.err.contains("nobody can delete `sales`"),
        "{}",
        none.err
    );
    let text = ambit(dir.path(), &within);
    assert!(
        text.out.starts_with("dan               all   country"),
        "{}",
        text.out
    );
    for (args, code, part) in [
        (
            &["who", "--can", "raed", "sales"][..],
            2,
            "did you mean `read`",
        ),
        (&["who", "--can", "read", "sale"], 2, "did you mean `sales`"),
        (
            &["who", "--can", "read", "sales", "--where", "contry = 1"],
            1,
            "has no column `contry`",
        ),
        (
            &[
                "who",
                "--can",
                "read",
                "sales",
                "--where",
                "amount = 1 user x",
            ],
            2,
            "is not one condition",
        ),
    ] {
        let run = ambit(dir.path(), args);
        assert_eq!(run.code, code, "{args:?}: {}", run.err);
        assert!(run.err.contains(part), "{args:?}: {}", run.err);
    }
}
