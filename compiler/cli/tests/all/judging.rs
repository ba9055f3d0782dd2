//! `test`, `why`, `eval`.

use serde_json::{Value, json};

use super::{ambit, folder, project, with_input, write};

const SCHEMA: &str = r#"source warehouse : postgres
source cube : sisense
enum Country { "USA", "FRANCE" }
table sales in warehouse as sales, "Sales" in cube {
    key id : int
    country : Country?
    name : string
    amount : decimal
    sold_on : date?
    contact_id : int? -> contacts.id
    scope : scope { Book, Desk }? stored as text
}
table contacts in warehouse { key id : int  tier : string? }
kind report { read, run implies read }
object weekly : report
attribute full_name : string
attribute countries : set of Country
"#;

const POLICY: &str = r#"role market(c: Country) { grant read on sales where country = c }
role french inherits market("FRANCE")
group staff {
    grant read on sales where name = user.full_name or country in user.countries
    deny read on sales where contact_id.tier = "secret"
    restrict sales to amount < 1000 applies unless querying only [sales]
    grant update on sales where amount < 100
    grant run on weekly
}
user dan as "D" in cube : staff { full_name = "Dan" }
user eve : staff
"#;

fn files(tests: &str) -> [(&str, &str); 3] {
    [
        ("schema.ambit", SCHEMA),
        ("policy.ambit", POLICY),
        ("policy_test.ambit", tests),
    ]
}

const TESTS: &str = r#"test "own rows" {
    given sales { id, country, name, amount, contact_id  1, "USA", "Dan", 5, 1  2, "USA", "Eve", 5, 1  3, "USA", "Dan", 5, 2 }
    given contacts { id, tier  1, "open"  2, "secret" }
    dan sees sales [1]
    dan can run weekly
}
test "none" { dan sees sales [] }
"#;

/// The result of a run with `--format json`, checked against the schema of the command line's JSON.
fn result(folder: &std::path::Path, args: &[&str], code: i32) -> Value {
    let schema: Value =
        serde_json::from_str(include_str!("../../../../docs/schemas/cli.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut all = vec!["--format", "json"];
    all.extend(args);
    let run = ambit(folder, &all);
    let document = run.json();
    if let Err(error) = validator.validate(&document) {
        panic!("{error}: {document}");
    }
    assert_eq!(run.code, code, "{document}\n{}", run.err);
    document["result"].clone()
}

#[test]
fn tests_pass_and_say_what_they_cover() {
    let dir = project(&files(TESTS));
    let run = ambit(dir.path(), &["test"]);
    assert_eq!(
        (run.code, run.out.as_str()),
        (0, "ok    own rows\nok    none\n2 passed, 0 failed\n"),
        "{}",
        run.err
    );
    let run = ambit(dir.path(), &["test", "none"]);
    assert_eq!(
        (run.code, run.out.as_str()),
        (0, "ok    none\n1 passed, 0 failed\n")
    );
    let run = ambit(dir.path(), &["test", "nonsense"]);
    assert_eq!(
        (run.code, run.out.as_str()),
        (2, ""),
        "a filter that chooses nothing hides a mistake"
    );

    let result = result(dir.path(), &["test", "--coverage"], 0);
    let hits: Vec<(u64, bool)> = result["coverage"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| (c["line"].as_u64().unwrap(), c["hit"].as_bool().unwrap()))
        .collect();
    assert_eq!(
        hits,
        [
            (1, false),
            (4, true),
            (5, true),
            (6, false),
            (7, false),
            (8, true)
        ]
    );
    assert_eq!(
        result["coverage"][0]["rule"],
        "market: grant read on sales where country = c"
    );
}

#[test]
fn a_failing_test_says_why() {
    let dir = project(&files(&TESTS.replace("[1]", "[2, 3]")));
    let run = ambit(dir.path(), &["test"]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.out, @r#"
    FAIL  own rows (policy_test.ambit:1)
      policy_test.ambit:4
        expected: dan sees sales [2, 3]
        got:      [1]
          sales 1 is allowed:
            policy.ambit:4 gives (true) — staff: grant read on sales where name = user.full_name or country in user.countries
            where country is "USA", name is "Dan", user.countries is null, user.full_name is "Dan"
            policy.ambit:6 does not apply to this query — restrict sales to amount < 1000 applies unless querying only [sales]
          sales 2 is not allowed:
            policy.ambit:4 does not give (unknown) — staff: grant read on sales where name = user.full_name or country in user.countries
            where country is "USA", name is "Eve", user.countries is null, user.full_name is "Dan"
            policy.ambit:6 does not apply to this query — restrict sales to amount < 1000 applies unless querying only [sales]
          sales 3 is not allowed:
            policy.ambit:5 takes away (true) — staff: deny read on sales where contact_id.tier = "secret"
            where contact_id.tier is "secret"
            policy.ambit:6 does not apply to this query — restrict sales to amount < 1000 applies unless querying only [sales]
    ok    none
    1 passed, 1 failed
    "#);
    let result = result(dir.path(), &["test"], 1);
    assert_eq!(
        (&result["passed"], &result["failed"]),
        (&json!(1), &json!(1))
    );
    let failure = &result["tests"][0]["failures"][0];
    assert_eq!(failure["expect"], "dan sees sales [2, 3]");
    assert_eq!(
        (&failure["got"], &failure["line"]),
        (&json!("[1]"), &json!(4))
    );
    assert!(
        failure["why"]
            .as_str()
            .unwrap()
            .contains("policy.ambit:5 takes away"),
        "{failure}"
    );
}

#[test]
fn a_failing_test_in_other_formats() {
    let dir = project(&files(
        &TESTS
            .replace("[1]", "[3]")
            .replace("own rows", "own <rows>"),
    ));
    let run = ambit(dir.path(), &["test", "--format", "junit"]);
    assert_eq!(run.code, 1);
    assert!(run.out.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ambit\" tests=\"2\" failures=\"1\">"));
    assert!(
        run.out
            .contains("<testcase name=\"own &lt;rows&gt;\" classname=\"policy_test.ambit\""),
        "{}",
        run.out
    );
    assert!(
        run.out
            .contains("<failure message=\"expected dan sees sales [3], got [1]\">"),
        "{}",
        run.out
    );
    let run = ambit(dir.path(), &["test", "--format", "github"]);
    assert!(
        run.out
            .starts_with("::error file=policy_test.ambit,line=4,"),
        "{}",
        run.out
    );
    assert_eq!(
        ambit(
            dir.path(),
            &["why", "--as", "dan", "sales", "--format", "junit"]
        )
        .code,
        2
    );
}

#[test]
fn update_writes_what_is_seen() {
    let wrong = TESTS.replace("[1]", "[ 2,\n    3 ]");
    let dir = project(&files(&wrong));
    let run = ambit(dir.path(), &["test", "--update"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(
        run.err.contains("updated policy_test.ambit: 1 list"),
        "{}",
        run.err
    );
    assert_eq!(
        std::fs::read_to_string(dir.path().join("policy_test.ambit")).unwrap(),
        TESTS
    );
    // `cannot` names rows that must not be; no list mends that.
    let other = TESTS.replace("dan sees sales [1]", "dan cannot read sales [1]");
    write(dir.path(), "policy_test.ambit", other.as_bytes());
    assert_eq!(ambit(dir.path(), &["test", "--update"]).code, 1);
    assert_eq!(
        std::fs::read_to_string(dir.path().join("policy_test.ambit")).unwrap(),
        other
    );
}

#[test]
fn what_is_suggested_passes() {
    let dir = project(&files(TESTS));
    let run = ambit(dir.path(), &["test", "--suggest", "--at", "2024-01-15"]);
    assert_eq!(run.code, 0);
    insta::assert_snapshot!(run.out, @r#"
    // policy.ambit:1 market: grant read on sales where country = c
    test "market(\"FRANCE\"): grant read on sales" {
        given today 2024-01-15
        given user someone : market("FRANCE")
        given sales {
            id, country
            1, "FRANCE"
        }
        someone sees sales [1]
    }

    // policy.ambit:6 staff: restrict sales to amount < 1000 applies unless querying only [sales]
    test "staff: restrict sales" {
        given today 2024-01-15
        given user someone : staff { countries = ["USA"]  full_name = "a" }
        // no single row was found for which this rule decides: give linked rows, or another query
        given sales {
            id, country, name, amount
            1, null, "a", 1
        }
        someone sees sales []
    }

    // policy.ambit:7 staff: grant update on sales where amount < 100
    test "staff: grant update on sales" {
        given today 2024-01-15
        given user someone : staff { countries = ["USA"]  full_name = "a" }
        // no single row was found for which this rule decides: give linked rows, or another query
        given sales {
            id, country, name, amount
            1, null, "a", 1
        }
        someone cannot update sales
    }
    "#);
    write(dir.path(), "suggested_test.ambit", run.out.as_bytes());
    let result = result(dir.path(), &["test", "--coverage"], 0);
    assert!(result["passed"].as_u64().unwrap() > 2, "{result}");
}

#[test]
fn why_names_rules_and_values() {
    let dir = project(&files(TESTS));
    let args = [
        "why",
        "--as",
        "dan",
        "sales",
        "--row",
        "id=1,name=Eve,country=USA,amount=5",
    ];
    let run = ambit(dir.path(), &args);
    assert_eq!(run.code, 0);
    insta::assert_snapshot!(run.out, @r#"
    dan may not read sales 1 (unknown)

      policy.ambit:4 does not give (unknown) — staff: grant read on sales where name = user.full_name or country in user.countries
      policy.ambit:5 takes away (unknown) — staff: deny read on sales where contact_id.tier = "secret"
      where contact_id.tier is null, country is "USA", name is "Eve", user.countries is null, user.full_name is "Dan"
      policy.ambit:6 does not apply to this query — restrict sales to amount < 1000 applies unless querying only [sales]

      unknown read
        unknown a grant is true
          unknown staff: grant read on sales (policy.ambit:4)
            unknown name = user.full_name or country in user.countries
              false   name = user.full_name
                        name is "Eve"
                        user.full_name is "Dan"
              unknown country in user.countries
                        country is "USA"
                        user.countries is null
        unknown every deny is false
          unknown staff: deny read on sales (policy.ambit:5)
            unknown contact_id.tier = "secret"
                      contact_id.tier is null
        true    every restrict holds

      dan may read where: (name = user.full_name or country in user.countries) and not contact_id.tier = "secret"
    "#);
    let result = result(dir.path(), &args, 0);
    assert_eq!(result["decision"], "deny");
    let of = |i: usize| &result["rules"][i];
    assert_eq!(
        *of(0),
        json!({"effect": "grant", "file": "policy.ambit", "line": 4, "applies": true, "value": "unknown"})
    );
    assert_eq!(
        *of(1),
        json!({"effect": "deny", "file": "policy.ambit", "line": 5, "applies": true, "value": "unknown"})
    );
    assert_eq!(
        *of(2),
        json!({"effect": "restrict", "file": "policy.ambit", "line": 6, "applies": false, "value": "true"})
    );
}

#[test]
fn why_takes_rows_from_data() {
    let mut all = files(TESTS).to_vec();
    all.push(("ambit.toml", ""));
    all.push((
        "data/sales.csv",
        "id,country,name,amount,sold_on,contact_id,scope\n1,USA,Dan,5,\\N,1,\n2,FRANCE,Eve,5,2024-01-15,2,Book=A\n",
    ));
    all.push(("data/contacts.csv", "id,tier\n1,open\n2,secret\n"));
    let dir = folder(&all);
    let why = |args: &[&str]| {
        let mut all = vec!["why", "--as", "dan", "sales", "--data", "data"];
        all.extend(args);
        result(dir.path(), &all, 0)
    };
    let rows = why(&[]);
    let decisions: Vec<&Value> = rows["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["decision"])
        .collect();
    assert_eq!(decisions, ["allow", "deny"]);
    let chosen = why(&[
        "--where",
        "contact_id.tier = \"secret\" and sold_on before 2024-02-01",
    ]);
    assert_eq!(chosen["rows"].as_array().unwrap().len(), 1);
    assert_eq!(
        chosen["rows"][0]["row"]["scope"],
        json!({"scope": [["Book", "=", ["A"]]]})
    );
    assert_eq!(
        why(&["--row", "id=1"])["decision"],
        "allow",
        "the row of that key"
    );
    assert_eq!(
        why(&["--row", "id=1,contact_id=2"])["decision"],
        "deny",
        "with another contact"
    );
    assert_eq!(
        why(&["--row-json", "{\"id\":1,\"amount\":{\"decimal\":\"2000\"}}"])["decision"],
        "allow"
    );
    let args = [
        "--row-json",
        "{\"id\":1,\"amount\":{\"decimal\":\"2000\"}}",
        "--query",
        "contacts",
    ];
    assert_eq!(
        why(&args)["decision"],
        "deny",
        "the restrict applies to this query"
    );
}

#[test]
fn why_speaks_of_objects_and_of_users_not_declared() {
    let dir = project(&files(TESTS));
    assert_eq!(
        result(
            dir.path(),
            &["why", "--as", "dan", "weekly", "--action", "run"],
            0
        )["decision"],
        "allow"
    );
    let zoe = [
        "why",
        "--as",
        "zoe",
        "--role",
        "staff",
        "--attr",
        "countries=USA,FRANCE",
        "sales",
    ];
    let mut args = zoe.to_vec();
    args.extend(["--row", "country=USA,name=x", "--row-json", "{}"]);
    result(dir.path(), &args, 2);
    let mut args = zoe.to_vec();
    args.extend(["--row", "id=1,country=USA,name=x"]);
    let answer = result(dir.path(), &args, 0);
    assert_eq!(answer["rules"][0]["value"], "true");
    let market = [
        "why",
        "--as",
        "market( \"FRANCE\" )",
        "sales",
        "--row",
        "country=FRANCE",
    ];
    assert_eq!(result(dir.path(), &market, 0)["decision"], "allow");
}

#[test]
fn why_used_wrongly() {
    let dir = project(&files(TESTS));
    for (args, expected) in [
        (&["--as", "dann", "sales"][..], "did you mean `dan`?"),
        (&["--as", "dan", "sale"], "did you mean `sales`?"),
        (
            &["--as", "dan", "sales", "--action", "run"],
            "no action of `sales`",
        ),
        (
            &["--as", "dan", "sales", "--row", "amuont=1"],
            "did you mean `amount`?",
        ),
        (&["--as", "dan", "sales", "--row", "id=one"], "takes int"),
        (
            &["--as", "dan", "sales", "--row", "id"],
            "is not `name=value`",
        ),
        (&["--as", "dan", "sales", "--row-json", "{"], "is not JSON"),
        (
            &["--as", "dan", "sales", "--attr", "age=1"],
            "no attribute is called `age`",
        ),
        (
            &["--as", "dan", "sales", "--role", "eve"],
            "two users at once",
        ),
        (
            &["--as", "dan", "sales", "--query", "nothing"],
            "no table is called `nothing`",
        ),
        (
            &["--as", "dan", "weekly", "--row", "id=1"],
            "it has no rows",
        ),
        (&["--as", "dan", "sales", "--where", "id = 1"], "--data"),
    ] {
        let mut all = vec!["why"];
        all.extend(args);
        let run = ambit(dir.path(), &all);
        assert_eq!(
            (run.code, run.out.as_str()),
            (2, ""),
            "{args:?}: {}",
            run.err
        );
        assert!(run.err.contains(expected), "{args:?}: {}", run.err);
    }
    let missing = ["why", "--as", "dan", "sales", "--data", "nowhere"];
    assert_eq!(ambit(dir.path(), &missing).code, 4);
}

#[test]
fn eval_answers_line_by_line() {
    let schema: Value =
        serde_json::from_str(include_str!("../../../../docs/schemas/eval.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let row = r#""row":{"id":1,"name":"Dan","amount":{"decimal":"5"},"contact_id":1}"#;
    let open = r#""related":{"contacts":[{"id":1,"tier":"open"}]}"#;
    let cases = [
        (format!(r#"{{"user":"dan","table":"sales",{row},{open}}}"#), "allow true"),
        (format!(r#"{{"user":"dan","table":"sales",{row}}}"#), "deny unknown"),
        (format!(r#"{{"user":"dan","attributes":{{"full_name":"x"}},"table":"sales",{row},{open}}}"#), "allow true"),
        (format!(r#"{{"user":"eve","attributes":{{"full_name":"Dan"}},"table":"sales",{row},{open}}}"#), "allow true"),
        (format!(r#"{{"user":"zoe","table":"sales",{row},{open}}}"#), "deny false"),
        (r#"{"principals":["market(\"FRANCE\")"],"table":"sales","row":{"country":"FRANCE"}}"#.to_owned(), "allow true"),
        (r#"{"principals":["french"],"table":"sales","row":{"country":"MARS"}}"#.to_owned(), "deny unknown"),
        (r#"{"principals":["staff"],"object":"weekly","action":"run"}"#.to_owned(), "allow true"),
        (
            r#"{"user":"dan","table":"sales","action":"update","row":{"name":"Dan","amount":5,"contact_id":1},"new":{"amount":500},"related":{"contacts":[{"id":1,"tier":"a"}]}}"#.to_owned(),
            "deny false",
        ),
    ];
    let text = cases
        .iter()
        .map(|(case, _)| case.as_str())
        .collect::<Vec<_>>()
        .join("\n");
    let dir = project(&files(TESTS));
    write(dir.path(), "cases.jsonl", text.as_bytes());
    let run = ambit(dir.path(), &["eval", "--cases", "cases.jsonl"]);
    assert_eq!(run.code, 0, "{}", run.out);
    let answers: Vec<Value> = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), cases.len());
    for ((case, expected), answer) in cases.iter().zip(&answers) {
        let got = format!(
            "{} {}",
            answer["decision"].as_str().unwrap(),
            answer["value"].as_str().unwrap()
        );
        assert_eq!(got, *expected, "{case}");
        for document in [serde_json::from_str(case).unwrap(), answer.clone()] {
            assert!(validator.is_valid(&document), "{document}");
        }
    }
    let same = with_input(dir.path(), &["eval", "--cases", "-"], text.as_bytes());
    assert_eq!(same.out, run.out);
    assert_eq!(
        result(dir.path(), &["eval", "--cases", "cases.jsonl"], 0),
        Value::Array(answers)
    );
}

#[test]
fn a_question_that_makes_no_sense_has_an_error_and_the_others_their_answers() {
    let dir = project(&files(TESTS));
    for (case, expected) in [
        ("{", "not JSON"),
        ("[]", "a question is a JSON object"),
        ("{}", "name a `table` or an `object`"),
        (r#"{"table":"sales","object":"weekly"}"#, "not both"),
        (r#"{"tabel":"sales"}"#, "did you mean `table`?"),
        (r#"{"table":"sale","row":{}}"#, "did you mean `sales`?"),
        (r#"{"table":"sales"}"#, "`read` needs `row`"),
        (
            r#"{"table":"sales","row":{"amuont":1}}"#,
            "did you mean `amount`?",
        ),
        (r#"{"table":"sales","row":{"amount":1.5}}"#, "takes decimal"),
        (
            r#"{"table":"sales","row":{"amount":"1e5"}}"#,
            "takes decimal",
        ),
        (r#"{"table":"sales","row":{"id":1.0}}"#, "takes int"),
        (r#"{"table":"sales","row":{"name":1}}"#, "takes string"),
        (
            r#"{"table":"sales","row":{"sold_on":"2024-02-30"}}"#,
            "takes date",
        ),
        (
            r#"{"table":"sales","row":{"sold_on":"2024-01-15T10:00:00"}}"#,
            "takes date",
        ),
        (
            r#"{"table":"sales","row":{"scope":{"scope":[["Book","~",["A"]]]}}}"#,
            "takes a scope",
        ),
        (
            r#"{"table":"sales","row":{},"action":"write"}"#,
            "`write` is three actions",
        ),
        (
            r#"{"table":"sales","row":{},"action":"update"}"#,
            "`update` needs `new`",
        ),
        (r#"{"table":"sales","row":{},"new":{}}"#, "`new` is for"),
        (
            r#"{"object":"weekly","row":{"id":1}}"#,
            "an object has no rows",
        ),
        (
            r#"{"object":"weekly","action":"fly"}"#,
            "no action of `weekly`",
        ),
        (
            r#"{"table":"sales","row":{},"at":"noon"}"#,
            "neither a date",
        ),
        (
            r#"{"table":"sales","row":{},"source":"nowhere"}"#,
            "no source",
        ),
        (
            r#"{"table":"contacts","row":{},"source":"cube"}"#,
            "does not live in `cube`",
        ),
        (
            r#"{"table":"sales","row":{},"query":["x"]}"#,
            "no table is called `x`",
        ),
        (
            r#"{"table":"sales","row":{},"principals":["market(\"MARS\")"]}"#,
            "no user, group or role",
        ),
        (
            r#"{"table":"sales","row":{},"principals":["dan","eve"]}"#,
            "two users at once",
        ),
        (
            r#"{"table":"sales","row":{},"attributes":{"countries":"USA"}}"#,
            "takes set of Country",
        ),
        (
            r#"{"table":"sales","row":{},"attributes":{"countries":[null]}}"#,
            "takes Country",
        ),
        (
            r#"{"table":"sales","row":{},"related":{"contacts":[{"id":1},{"id":1}]}}"#,
            "two rows with the key 1",
        ),
    ] {
        let text = format!("{case}\n{{\"principals\":[\"staff\"],\"object\":\"weekly\"}}\n");
        let run = with_input(dir.path(), &["eval", "--cases", "-"], text.as_bytes());
        assert_eq!(run.code, 1, "{case}");
        let lines: Vec<Value> = run
            .out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 2, "{case}: {}", run.out);
        assert!(
            lines[0]["error"].as_str().unwrap().contains(expected),
            "{case}: {}",
            lines[0]
        );
        assert_eq!(lines[1]["decision"], "allow");
    }
}

/// Someone without any principal: neither a login of that name nor a principal.
#[test]
fn everyone_can_be_asked_about() {
    let policy = "everyone {\n    grant read on sales where id < 10\n    grant read on sales where name = user.login\n}\n\
                  everyone except staff { deny read on sales where id = 5 }\n";
    let dir = project(&[
        ("schema.ambit", SCHEMA),
        ("policy.ambit", "group staff { grant read on contacts }\n"),
        ("rules.ambit", policy),
    ]);
    let cases: &[(&str, i64, &str, &str)] = &[
        ("{\"user\": \"everyone\"", 1, "x", "allow"),
        ("{\"principals\": [\"everyone\"]", 5, "x", "deny"),
        (
            "{\"principals\": [\"everyone\", \"staff\"]",
            5,
            "x",
            "allow",
        ),
        ("{\"user\": \"everyone\"", 11, "everyone", "deny"),
        ("{\"user\": \"somebody\"", 11, "somebody", "allow"),
    ];
    for (who, id, name, decision) in cases {
        let row =
            format!("{{\"id\": {id}, \"name\": \"{name}\", \"amount\": {{\"decimal\": \"1\"}}}}");
        let question = format!("{who}, \"table\": \"sales\", \"row\": {row}}}\n");
        let run = with_input(dir.path(), &["eval", "--cases", "-"], question.as_bytes());
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        assert_eq!(run.json()["decision"], *decision, "{question}");
    }
    let why = result(
        dir.path(),
        &["why", "--as", "everyone", "sales", "--row", "id=1"],
        0,
    );
    assert_eq!(why["decision"], "allow");
    let run = ambit(
        dir.path(),
        &["why", "--as", "nobody_here", "sales", "--row", "id=1"],
    );
    assert_eq!(run.code, 2);
}
