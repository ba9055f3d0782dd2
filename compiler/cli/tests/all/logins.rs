//! Who a user is: logins in claims, logins of declared users, witnesses as questions, and who excludes whom.

use serde_json::{Value, json};

use super::{ambit, project, write};

const PATIENTS: &str = r"source db : sqlite
table patients in db { key id : int  login : string  ward : string? }
role patient { grant read on patients where login = user.login }
role doctor { grant read on patients where login = user.login }
role nurse
";

/// Whether each claim holds, with its witness.
fn proved(text: &str, claims: &[&str]) -> Vec<Value> {
    let dir = project(&[("a.ambit", text)]);
    let run = ambit(
        dir.path(),
        &[&["prove", "--format", "json"], claims].concat(),
    );
    let document = run.json();
    document["result"].as_array().unwrap().clone()
}

fn holds(text: &str, claim: &str) -> bool {
    proved(text, &[claim])[0]["holds"].as_bool().unwrap()
}

/// The answers of `eval`.
fn answers(text: &str, questions: &[Value]) -> Vec<Value> {
    let dir = project(&[("a.ambit", text)]);
    let lines: Vec<String> = questions.iter().map(ToString::to_string).collect();
    write(dir.path(), "cases.jsonl", lines.join("\n").as_bytes());
    let run = ambit(dir.path(), &["eval", "--cases", "cases.jsonl"]);
    run.out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn decisions(text: &str, questions: &[Value]) -> Vec<String> {
    answers(text, questions)
        .iter()
        .map(|a| a["decision"].as_str().unwrap_or("error").to_owned())
        .collect()
}

#[test]
fn a_bare_principal_has_any_login_or_none() {
    let dir = project(&[("a.ambit", PATIENTS)]);
    let run = ambit(dir.path(), &["who", "--can", "read", "patients"]);
    assert!(run.out.contains("login = user.login"), "{}", run.out);
    let run = ambit(
        dir.path(),
        &["who", "--can", "read", "patients", "--format", "json"],
    );
    assert_eq!(
        run.json()["result"],
        json!([
            {"principal": "doctor", "access": "some", "predicate": "login = user.login"},
            {"principal": "patient", "access": "some", "predicate": "login = user.login"},
        ])
    );
    let found = proved(PATIENTS, &["patient can never read patients"]);
    assert_eq!(found[0]["holds"], false);
    let user = &found[0]["witness"]["user"];
    assert_eq!(user["name"], found[0]["witness"]["row"]["login"]);
    assert!(user["name"].is_string(), "{user}");
    assert!(!holds(PATIENTS, "patient can always read patients"));
    // Nobody without a login is needed where a login does not matter.
    let plain = "source db : sqlite\ntable t in db { key id : int }\nrole r { grant read on t }\n";
    let found = proved(plain, &["r can never read t"]);
    assert_eq!(found[0]["witness"]["user"]["name"], Value::Null);
}

#[test]
fn two_users_differ_in_their_logins() {
    // Two users never have one login, so no row is of both.
    assert!(holds(
        PATIENTS,
        "patient and doctor are disjoint on patients"
    ));
    // One user is himself.
    assert!(!holds(
        PATIENTS,
        "anyone with patient and anyone with doctor are disjoint on patients"
    ));
    assert!(!holds(
        PATIENTS,
        "patient and patient are disjoint on patients"
    ));
    // In one another's place they have one login.
    assert!(holds(PATIENTS, "patient and doctor are equal on patients"));
    assert!(!holds(PATIENTS, "patient and nurse are equal on patients"));
    let exclusive = format!("{PATIENTS}exclusive patient, doctor\n");
    assert!(holds(
        &exclusive,
        "anyone with patient and anyone with doctor are disjoint on patients"
    ));
}

#[test]
fn the_login_of_a_declared_user_is_his_alone() {
    let text = format!("{PATIENTS}user dan as \"dan@x\" : nurse\nuser eve : patient\n");
    for claim in [
        "patient can never read patients where login = \"dan@x\"",
        "patient can never read patients where login = \"eve\"",
        "nurse can never read patients",
        "eve can never read patients where login != \"eve\"",
        "dan can never read patients",
    ] {
        assert!(holds(&text, claim), "{claim}");
    }
    for claim in [
        "patient can never read patients where login = \"dan\"",
        "anyone with patient can never read patients where login = \"eve\"",
        // Dan may have more than what is written.
        "anyone with patient can never read patients where login = \"dan@x\"",
    ] {
        assert!(!holds(&text, claim), "{claim}");
    }
    // Whoever has dan's login is dan, with what is written at him.
    let denied = format!(
        "{PATIENTS}user dan as \"dan@x\" {{ deny read on patients where login = \"dan@x\" }}\n"
    );
    assert!(holds(
        &denied,
        "anyone can never read patients where login = \"dan@x\""
    ));
}

#[test]
fn a_login_may_differ_from_source_to_source() {
    let text = r"source a : sqlite
source b : postgres
table t1 in a { key id : int  login : string }
table t2 in b { key id : int -> t1.id  login : string }
role r { grant read on t2 where login = user.login  grant read on t1 where login = user.login and exists visible t2 }
";
    let found = proved(
        text,
        &[
            "r can never read t1 where login = \"x\"",
            "r can never read t1",
        ],
    );
    assert_eq!(found[0]["holds"], false);
    assert_eq!(found[1]["holds"], false);
    let claim = "assert anyone can never read t1";
    for witness in [&found[0]["witness"], &found[1]["witness"]] {
        assert_eq!(
            decisions(text, std::slice::from_ref(witness)),
            ["allow"],
            "{claim} {witness}"
        );
    }
}

#[test]
fn eval_takes_the_login_of_a_declared_user_for_him() {
    let text = r"source a : sqlite
source b : postgres
table t in a, b_t in b open { key id : int  owner : string }
";
    // A table in two sources, dan known by another login in each.
    let text = text.replace(
        "table t in a, b_t in b open",
        "table t in a as \"t\", \"t\" in b open",
    );
    let text = format!(
        "{text}role staff\nuser dan as \"dan@x\", \"5c0f\" in b {{ deny read on t where owner = \"boss\" }}\n"
    );
    let ask = |user: &str, source: &str| json!({"user": user, "table": "t", "row": {"id": 1, "owner": "boss"}, "source": source});
    assert_eq!(
        decisions(
            &text,
            &[
                ask("dan", "a"),
                ask("dan@x", "a"),
                ask("5c0f", "a"),
                ask("dan", "b"),
                ask("5c0f", "b"),
                ask("dan@x", "b"),
                ask("zoe", "a"),
            ]
        ),
        ["deny", "deny", "allow", "deny", "deny", "allow", "allow"]
    );
    let both = json!({"user": "dan@x", "principals": ["staff"], "table": "t", "row": {"id": 1, "owner": "boss"}});
    assert_eq!(decisions(&text, &[both]), ["deny"]);
    let dir = project(&[("a.ambit", &text)]);
    let why = ambit(
        dir.path(),
        &["why", "--as", "dan@x", "t", "--row", "id=1,owner=boss"],
    );
    assert!(
        why.out.starts_with("dan@x may not"),
        "{}{}",
        why.out,
        why.err
    );
    write(dir.path(), "data/t.csv", b"id,owner\n1,boss\n2,eve\n");
    let sql = "SELECT id FROM t ORDER BY id";
    let rows = |who: &[&str]| {
        let run = ambit(
            dir.path(),
            &[
                &["query", "--format", "json", "--data", "data"],
                who,
                &[sql],
            ]
            .concat(),
        );
        (run.code, run.json()["result"]["rows"].clone())
    };
    assert_eq!(rows(&["--as", "dan@x"]), (0, json!([[2]])));
    assert_eq!(
        rows(&["--as", "zoe", "--role", "staff"]),
        (0, json!([[1], [2]]))
    );
}

#[test]
fn a_witness_is_a_question() {
    let text = r#"source db : sqlite
kind report { read, edit implies read }
table wards in db { key id : int  boss : string? }
table patients in db { key id : int  login : string  ward_id : int? -> wards.id  born : date }
object plan in db : report
attribute level : int
role patient { grant read, write on patients where login = user.login }
role doctor {
    grant read on patients where ward_id.boss = user.login and born < 2000-01-01
    grant delete on patients where exists ward_id.patients where (login = user.login)
    grant edit on plan where user.level > 3
}
user dan as "dan@x" : doctor { level = 4 }
"#;
    let claims = [
        "patient can never read patients",
        "patient can never insert patients",
        "patient can never update patients",
        "patient can always read patients",
        "doctor can never read patients",
        "doctor can never delete patients",
        "doctor can never edit plan",
        "doctor can always edit plan",
        "dan can never read patients",
        "dan can never edit plan",
        "anyone can never read patients where login = \"dan\"",
        "anyone can never delete patients where login = \"dan@x\"",
        "anyone with patient can never update patients where login = \"dan@x\"",
    ];
    for (claim, proof) in claims.iter().zip(proved(text, &claims)) {
        assert_eq!(proof["holds"], false, "{claim}");
        let wanted = if claim.contains("always") {
            "deny"
        } else {
            "allow"
        };
        let witness = proof["witness"].clone();
        let got = answers(text, std::slice::from_ref(&witness));
        assert_eq!(got[0]["decision"], wanted, "{claim}: {witness:#} {got:?}");
    }
}

#[test]
fn nobody_has_what_excludes_one_another() {
    let text = "source db : sqlite\ntable t in db open { key id : int }\nrole a\nrole b\nrole both inherits a, b\nexclusive a, b\n";
    let row = json!({"id": 1});
    let asked = [
        json!({"principals": ["a", "b"], "table": "t", "row": row}),
        json!({"principals": ["a"], "table": "t", "row": row}),
        json!({"principals": ["both"], "table": "t", "row": row}),
        json!({"user": {"name": null, "principals": ["a", "b"]}, "table": "t", "row": row}),
    ];
    let found = answers(text, &asked);
    let error = found[0]["error"].as_str().unwrap();
    assert_eq!(
        error,
        "no user has both `a` and `b`: they exclude one another (`exclusive`, a.ambit:6)"
    );
    assert_eq!(found[1]["decision"], "allow");
    assert!(found[2]["error"].is_string() && found[3]["error"].is_string());
    let dir = project(&[("a.ambit", text)]);
    for args in [
        &["why", "--as", "zoe", "--role", "a", "--role", "b", "t"][..],
        &["why", "--as", "both", "t"],
        &[
            "query", "--as", "zoe", "--role", "a", "--role", "b", "--data", ".", "SELECT 1",
        ],
    ] {
        let run = ambit(dir.path(), args);
        assert_eq!(run.code, 2, "{args:?} {}{}", run.out, run.err);
        assert!(run.err.contains("exclude one another"), "{}", run.err);
    }
}
