//! Why a row is shown, who sees what, and the matrix of one principal.

use serde_json::{Value, json};

use super::project::{POLICY, all, members, session};

/// What R of `why` has (docs/schemas/cli.schema.json).
const WHY: [&str; 4] = ["decision", "predicate", "rules", "tree"];

#[test]
fn a_row_is_explained_as_the_command_line_does() {
    session(json!({}), async |c, project| {
        let uri = project.uri("policy.ambit");
        let row = json!({ "id": 1, "country": "FRANCE", "tier": "gold" });
        let asked = json!({ "uri": uri, "as": "dan", "resource": "sales", "row": row });
        let why = c.command("ambit.why", asked).await;
        assert_eq!(members(&why), WHY);
        assert_eq!(why["decision"], "allow");
        assert_eq!(
            why["rules"][0],
            json!({
                "effect": "grant", "file": "policy.ambit", "line": 2, "applies": true, "value": "true",
            })
        );
        assert_eq!(
            why["predicate"],
            "country = \"FRANCE\" and not tier = \"secret\""
        );
        assert_eq!(why["tree"]["value"], "true");
        let object = json!({ "as": "dan", "resource": "campaigns", "action": "write" });
        let why = c.command("ambit.why", object).await;
        assert_eq!(members(&why), WHY);
        assert_eq!(
            (&why["decision"], &why["predicate"]),
            (&json!("allow"), &json!("everything"))
        );
    });
}

#[test]
fn a_row_is_completed_from_data_or_all_of_them_are_told() {
    session(json!({}), async |c, _| {
        let data = json!({ "given": "Dan sees France" });
        let asked = json!({ "as": "eve", "resource": "sales", "data": data });
        let why = c.command("ambit.why", asked.clone()).await;
        assert_eq!(members(&why), ["rows"]);
        assert_eq!(all(&why["rows"], "decision"), ["deny", "allow"]);
        assert_eq!(why["rows"][1]["row"]["country"], "USA");
        let mut one = asked.clone();
        one["row"] = json!({ "id": 1, "amount": 5 });
        let why = c.command("ambit.why", one).await;
        assert_eq!(why["decision"], "allow", "the tier is that of the data");
        let mut alone = asked;
        alone["data"] = Value::Null;
        alone["row"] = json!({ "id": 1, "amount": 5 });
        let why = c.command("ambit.why", alone).await;
        assert_eq!(why["decision"], "deny", "nobody knows the tier");
    });
}

#[test]
fn attributes_and_roles_are_supplied() {
    session(json!({}), async |c, project| {
        let uri = project.uri("more.ambit");
        c.open(&uri, "attribute regions : set of Country\nrole travels { grant read on sales where country in user.regions }\n").await;
        let asked = json!({
            "as": "new@example.com", "role": ["travels"], "resource": "sales",
            "attr": { "regions": { "set": ["USA"] } },
            "row": { "id": 1, "country": "USA", "tier": "gold" },
        });
        let why = c.command("ambit.why", asked.clone()).await;
        assert_eq!(why["decision"], "allow");
        let mut without = asked.clone();
        without["attr"] = Value::Null;
        assert_eq!(c.command("ambit.why", without).await["decision"], "deny");
        for (member, value, part) in [
            ("role", json!([]), "did you mean"),
            ("role", json!(["travel"]), "did you mean `travels`"),
            ("attr", json!({ "region": 1 }), "did you mean `regions`"),
            ("attr", json!({ "regions": 1 }), "user.regions"),
            ("row", json!({ "contry": 1 }), "did you mean `country`"),
            ("row", json!([]), "`row` must be an object"),
        ] {
            let mut wrong = asked.clone();
            wrong[member] = value;
            let refusal = c.refusal("ambit.why", wrong).await;
            assert!(
                refusal.contains(part) || part == "did you mean",
                "{part}: {refusal}"
            );
        }
        let object = json!({ "as": "dan", "resource": "campaigns", "row": {} });
        assert!(
            c.refusal("ambit.why", object)
                .await
                .contains("it has no rows")
        );
    });
}

/// Principal, access and predicate.
fn cells<'v>(found: &'v Value, first: &str) -> Vec<(&'v str, &'v str, &'v str)> {
    let of = |entry: &'v Value, name: &str| entry[name].as_str().unwrap();
    let entries = found.as_array().unwrap().iter();
    entries
        .map(|e| (of(e, first), of(e, "access"), of(e, "predicate")))
        .collect()
}

#[test]
fn who_sees_a_table_is_decided_exactly() {
    session(json!({}), async |c, project| {
        let uri = project.uri("policy.ambit");
        let found = c
            .command("ambit.whoSees", json!({ "uri": uri, "resource": "sales" }))
            .await;
        let (france, small) = (
            "country = \"FRANCE\" and not tier = \"secret\"",
            "amount < 500 and not tier = \"secret\"",
        );
        assert_eq!(
            cells(&found, "principal"),
            [
                ("analyst", "some", small),
                ("dan", "some", france),
                ("emea", "some", france),
                ("eve", "some", small),
                ("market(\"FRANCE\")", "some", france),
            ]
        );
        let within = "country = \"USA\" and amount = 3 and tier = \"gold\"";
        let asked = json!({ "resource": "sales", "where": within });
        let found = c.command("ambit.whoSees", asked).await;
        assert_eq!(
            cells(&found, "principal"),
            [("analyst", "all", small), ("eve", "all", small)]
        );
        let object = json!({ "resource": "campaigns", "action": "read" });
        let found = c.command("ambit.whoSees", object).await;
        assert_eq!(
            cells(&found, "principal"),
            [("dan", "all", "everything"), ("emea", "all", "everything")]
        );
        let text = POLICY.replace("everyone {", "everyone { grant read on contacts");
        c.open(&uri, &text).await;
        let found = c
            .command("ambit.whoSees", json!({ "resource": "contacts" }))
            .await;
        assert_eq!(
            cells(&found, "principal").last(),
            Some(&("everyone", "all", "everything"))
        );
        for (asked, part) in [
            (
                json!({ "resource": "sales", "where": "contry = 1" }),
                "has no column `contry`",
            ),
            (
                json!({ "resource": "sales", "where": "amount = 1 user x" }),
                "condition",
            ),
            (
                json!({ "resource": "campaigns", "where": "amount = 1" }),
                "no table is called",
            ),
            (
                json!({ "resource": "sales", "action": "see" }),
                "no action of `sales`",
            ),
        ] {
            let refusal = c.refusal("ambit.whoSees", asked).await;
            assert!(refusal.contains(part), "{part}: {refusal}");
        }
    });
}

#[test]
fn a_row_of_the_matrix_has_every_action_of_everything() {
    session(json!({}), async |c, _| {
        let found = c.command("ambit.matrixRow", json!({ "as": "emea" })).await;
        assert_eq!(all(&found, "resource").len(), 4 + 4 + 2);
        assert!(all(&found, "principal").iter().all(|p| *p == "emea"));
        let of = |resource: &str, action: &str| {
            let mut entries = found.as_array().unwrap().iter();
            let entry = entries.find(|e| e["resource"] == resource && e["action"] == action);
            let entry = entry.unwrap();
            (
                entry["access"].as_str().unwrap(),
                entry["predicate"].as_str().unwrap(),
            )
        };
        assert_eq!(of("sales", "read").0, "some");
        assert_eq!(of("sales", "delete"), ("none", "nothing"));
        assert_eq!(of("campaigns", "write"), ("all", "everything"));
        assert_eq!(of("campaigns", "read"), ("all", "everything"));
        assert_eq!(of("contacts", "read"), ("none", "nothing"));
        let nobody = c
            .command("ambit.matrixRow", json!({ "as": "everyone" }))
            .await;
        assert!(all(&nobody, "access").iter().all(|a| *a == "none"));
        let refusal = c.refusal("ambit.matrixRow", json!({ "as": "emae" })).await;
        assert!(refusal.contains("did you mean `emea`"), "{refusal}");
    });
}

#[test]
fn what_always_and_never_holds_is_told_from_what_sometimes_does() {
    session(json!({}), async |c, project| {
        let text = "\
source acc : sqlite
table limits in acc open { key id : int  book : string  kind : string? }
role nil { restrict limits to book = \"A\" restrict limits to book = \"B\" }
role whole { restrict limits to id < 5 or id >= 5 }
role most { restrict limits to kind = \"x\" or kind != \"x\" }
role other { deny read on limits applies when querying notes }
role admins bypasses acc { restrict limits to nothing }
table notes in acc { key id : int  limit_id : int -> limits.id }
role notes_too { grant read, update on notes where limit_id is visible }
";
        let uri = project.uri("schema.ambit");
        c.open(&project.uri("policy.ambit"), "").await;
        c.open(&uri, text).await;
        let found = c
            .command("ambit.whoSees", json!({ "uri": uri, "resource": "limits" }))
            .await;
        let access = cells(&found, "principal").into_iter();
        let access: Vec<(&str, &str)> = access.map(|(p, a, _)| (p, a)).collect();
        assert_eq!(
            access,
            [
                ("admins", "all"),
                ("most", "some"),
                ("notes_too", "all"),
                ("other", "all"),
                ("whole", "all"),
                ("everyone", "all")
            ]
        );
        let asked = json!({ "uri": uri, "resource": "notes", "action": "update" });
        let found = c.command("ambit.whoSees", asked).await;
        let access = cells(&found, "principal").into_iter();
        let access: Vec<(&str, &str)> = access.map(|(p, a, _)| (p, a)).collect();
        assert_eq!(access, [("admins", "all"), ("notes_too", "some")]);
    });
}
