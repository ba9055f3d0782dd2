//! What a build would write, and where it comes from.

use serde_json::{Value, json};

use super::project::{POLICY, all, session, text_at};

#[test]
fn sql_is_shown_for_the_dialects_of_the_table() {
    session(json!({}), async |c, project| {
        let uri = project.uri("policy.ambit");
        let asked = json!({ "uri": uri, "as": "dan", "resource": "sales" });
        let shown = c.command("ambit.showSql", asked.clone()).await;
        assert_eq!(all(&shown, "dialect"), ["sqlite"]);
        let entry = &shown[0];
        assert_eq!(
            (&entry["table"], &entry["action"], &entry["principal"]),
            (&json!("sales"), &json!("read"), &json!("dan"))
        );
        let inline = entry["inline"].as_str().unwrap();
        assert!(
            inline.contains("'FRANCE'") && inline.contains("'secret'"),
            "{inline}"
        );
        assert_eq!(
            (&entry["params"], &entry["refused"]),
            (&json!([]), &Value::Null)
        );
        let mut other = asked.clone();
        other["dialect"] = json!("postgres");
        other["as"] = json!("everyone");
        let shown = c.command("ambit.showSql", other).await;
        assert_eq!(all(&shown, "dialect"), ["postgres"]);
        assert_eq!(shown[0]["principal"], "everyone");
        for (member, value, part) in [
            ("dialect", "postgre", "did you mean `postgres`"),
            ("resource", "campaigns", "is an object"),
            ("as", "dann", "did you mean `dan`"),
            ("action", "red", "did you mean `read`"),
        ] {
            let mut wrong = asked.clone();
            wrong[member] = json!(value);
            let refusal = c.refusal("ambit.showSql", wrong).await;
            assert!(refusal.contains(part), "{part}: {refusal}");
        }
    });
}

#[test]
fn sql_that_is_shown_is_what_a_build_writes() {
    session(json!({}), async |c, _| {
        let path = json!({ "path": "sql/sqlite/predicates.json" });
        let artifact = c.command("ambit.artifacts", path).await;
        let entries: Value = serde_json::from_str(artifact["text"].as_str().unwrap()).unwrap();
        assert!(!entries.as_array().unwrap().is_empty());
        for entry in entries.as_array().unwrap() {
            let asked = json!({ "as": entry["principal"], "resource": entry["table"], "action": entry["action"] });
            let mut shown = c.command("ambit.showSql", asked).await[0].take();
            shown.as_object_mut().unwrap().remove("dialect");
            assert_eq!(shown, *entry);
        }
    });
}

/// The place of a link in its text.
fn under<'t>(text: &'t [u16], link: &Value) -> &'t [u16] {
    let at = |name: &str| link[name].as_u64().unwrap() as usize;
    &text[at("start")..at("end")]
}

#[test]
fn predicates_lead_to_their_rules() {
    session(json!({}), async |c, project| {
        let uri = project.uri("policy.ambit");
        // Before every predicate stands a character of two units.
        let policy = POLICY.replace("\"secret\"", "\"𝄞cret\"");
        c.open(&uri, &policy).await;
        let list = c.command("ambit.artifacts", json!({ "uri": uri })).await;
        assert_eq!(
            all(&list, "path"),
            [
                "json/policy.json",
                "sql/postgres/predicates.json",
                "sql/sqlite/predicates.json"
            ]
        );
        assert_eq!(all(&list, "target"), ["json", "sql", "sql"]);
        for path in all(&list, "path") {
            let artifact = c
                .command("ambit.artifacts", json!({ "uri": uri, "path": path }))
                .await;
            assert_eq!(artifact["path"], path);
            assert_eq!(artifact["refusals"], json!([]));
            let text: Vec<u16> = artifact["text"].as_str().unwrap().encode_utf16().collect();
            let links = artifact["links"].as_array().unwrap();
            let of_deny = links.iter().filter(|link| {
                assert_eq!(link["uri"], uri);
                text_at(&policy, &link["range"]).starts_with("deny read")
            });
            let denies: Vec<String> = of_deny
                .map(|link| String::from_utf16(under(&text, link)).unwrap())
                .collect();
            assert!(!denies.is_empty(), "{path}");
            for predicate in denies {
                if path == "json/policy.json" {
                    let condition: Value = serde_json::from_str(&predicate).unwrap();
                    assert_eq!(condition["right"]["value"], "𝄞cret");
                } else {
                    let sql: String = serde_json::from_str(&format!("\"{predicate}\"")).unwrap();
                    let granted = sql.contains("𝄞cret") || sql.contains("\\U0001d11ecret");
                    assert!(
                        granted || sql == "(1 = 0)" || sql == "FALSE" || sql == "false",
                        "{sql}"
                    );
                }
            }
        }
    });
}

#[test]
fn a_predicate_of_several_rules_leads_to_each_at_its_own_words() {
    session(json!({}), async |c, _| {
        for dialect in ["sqlite", "postgres"] {
            let path = json!({ "path": format!("sql/{dialect}/predicates.json") });
            let artifact = c.command("ambit.artifacts", path).await;
            let text = artifact["text"].as_str().unwrap();
            let entry = "\"table\":\"sales\",\"source\":\"w\",\"action\":\"read\",\"principal\":\"market(\\\"FRANCE\\\")\",\"inline\":\"";
            let start = text.find(entry).unwrap() + entry.len();
            let end = start + text[start..].find("\",\"bound\"").unwrap();
            let links = artifact["links"].as_array().unwrap().iter();
            let own: Vec<(String, &str)> = links
                .filter_map(|l| {
                    let at = |name: &str| l[name].as_u64().unwrap() as usize;
                    let inside = start <= at("start") && at("end") <= end;
                    inside.then(|| (text_at(POLICY, &l["range"]), &text[at("start")..at("end")]))
                })
                .collect();
            let [(grant, country), (deny, tier)] = own.as_slice() else {
                panic!("{own:?}");
            };
            assert_eq!(grant, "grant read on sales where country = c");
            assert!(
                country.contains("'FRANCE'") && !country.contains("tier"),
                "{country}"
            );
            assert_eq!(deny, "deny read on sales where tier = \"secret\"");
            assert!(
                tier.contains("'secret'") && !tier.contains("country"),
                "{tier}"
            );
        }
    });
}

#[test]
fn every_predicate_of_the_file_has_a_link() {
    session(json!({}), async |c, _| {
        let path = json!({ "path": "sql/sqlite/predicates.json" });
        let artifact = c.command("ambit.artifacts", path).await;
        let text = artifact["text"].as_str().unwrap();
        let links = artifact["links"].as_array().unwrap();
        let mut seen = 0;
        for line in text
            .lines()
            .filter(|l| l.contains("\"sales\",\"source\":\"w\",\"action\":\"read\""))
        {
            let begin = text.find(line).unwrap();
            for form in ["inline", "bound"] {
                let head = format!("\"{form}\":\"");
                let start = begin + line.find(&head).unwrap() + head.len();
                let length = text[start..].find("\",\"").unwrap();
                let found = links.iter().any(|l| {
                    let at = |name: &str| l[name].as_u64().unwrap() as usize;
                    start <= at("start") && at("end") <= start + length
                });
                assert!(found, "{form} of {line}");
                seen += 1;
            }
        }
        assert!(seen >= 6, "{seen}");
    });
}

#[test]
fn refusals_stand_at_their_rules_and_targets_are_chosen() {
    session(json!({}), async |c, project| {
        let uri = project.uri("more.ambit");
        let more = "table t in w { key id : int  price : decimal }\nrole r { grant read on t where price < 1.5 }\n";
        c.open(&uri, more).await;
        project.write("ambit.toml", "[project]\nname = \"x\"\n[targets.ucast]\n");
        let change = json!({ "changes": [{ "uri": project.uri("ambit.toml"), "type": 2 }] });
        c.tell("workspace/didChangeWatchedFiles", change).await;
        let list = c
            .command("ambit.artifacts", json!({ "uri": uri, "target": "ucast" }))
            .await;
        assert!(all(&list, "path").contains(&"ucast/dan.json"), "{list}");
        let sql = json!({ "uri": uri, "path": "sql/sqlite/predicates.json" });
        let artifact = c.command("ambit.artifacts", sql).await;
        let refusal = &artifact["refusals"][0];
        assert!(
            refusal["message"]
                .as_str()
                .unwrap()
                .contains("cannot be said in SQLite"),
            "{refusal}"
        );
        assert_eq!(
            text_at(more, &refusal["range"]),
            "grant read on t where price < 1.5"
        );
        let postgres = json!({ "uri": uri, "path": "sql/postgres/predicates.json" });
        let artifact = c.command("ambit.artifacts", postgres).await;
        assert_eq!(artifact["refusals"], json!([]), "PostgreSQL has decimals");
        let ucast = c
            .command(
                "ambit.artifacts",
                json!({ "uri": uri, "path": "ucast/emea.json" }),
            )
            .await;
        let text = ucast["text"].as_str().unwrap();
        let units: Vec<u16> = text.encode_utf16().collect();
        let links = ucast["links"].as_array().unwrap();
        let grant = links
            .iter()
            .find(|l| text_at(POLICY, &l["range"]).starts_with("grant read"));
        let condition = String::from_utf16(under(&units, grant.unwrap())).unwrap();
        assert!(serde_json::from_str::<Value>(&condition).is_ok() && condition.contains("FRANCE"));
        let unknown = json!({ "uri": uri, "path": "sql/sqlite/predicate.json" });
        let refusal = c.refusal("ambit.artifacts", unknown).await;
        assert!(
            refusal.contains("did you mean `sql/sqlite/predicates.json`"),
            "{refusal}"
        );
        let refusal = c
            .refusal("ambit.artifacts", json!({ "uri": uri, "target": "sq" }))
            .await;
        assert!(refusal.contains("unknown target"), "{refusal}");
    });
}
