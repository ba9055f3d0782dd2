//! Rows shown and hidden, with the reason for each.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::project::{POLICY, all, session, text_at};

/// The decisions by the value of the key.
fn decisions(sample: &Value) -> Vec<(i64, &str)> {
    let rows = sample["rows"].as_array().unwrap().iter();
    rows.map(|r| {
        (
            r["values"]["id"].as_i64().unwrap(),
            r["decision"].as_str().unwrap(),
        )
    })
    .collect()
}

const CSV: &str = "id,country,amount,tier\n1,FRANCE,700,gold\n2,USA,100,gold\n3,FRANCE,1,secret\n4,FRANCE,1,\\N\n";

#[test]
fn rows_of_a_test_are_shown_or_hidden() {
    session(json!({}), async |c, project| {
        let uri = project.uri("policy.ambit");
        let asked = json!({ "uri": uri, "as": "dan", "resource": "sales" });
        let sample = c.command("ambit.sample", asked).await;
        assert_eq!(sample["table"], "sales");
        assert_eq!(
            sample["columns"],
            json!(["id", "country", "amount", "tier"])
        );
        assert_eq!(decisions(&sample), [(1, "allow"), (2, "deny")]);
        assert_eq!(sample["truncated"], 0);
        assert_eq!(
            sample["sources"],
            json!([
                { "label": "test \"Dan sees France\"", "data": { "given": "Dan sees France" } },
                { "label": "test \"Eve sees all\"", "data": { "given": "Eve sees all" } },
            ])
        );
        let shown = &sample["rows"][0];
        assert_eq!(
            shown["reason"],
            "market(\"FRANCE\") gives it: grant read on sales where country = \"FRANCE\" (country is \"FRANCE\")"
        );
        assert_eq!(shown["tree"]["value"], "true");
        let rules = shown["rules"].as_array().unwrap();
        let told: Vec<(&str, bool, String)> = rules
            .iter()
            .map(|r| {
                assert_eq!(r["uri"], uri);
                (
                    r["value"].as_str().unwrap(),
                    r["decisive"].as_bool().unwrap(),
                    text_at(POLICY, &r["range"]),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (
                    "true",
                    true,
                    "grant read on sales where country = c".to_owned()
                ),
                (
                    "false",
                    false,
                    "deny read on sales where tier = \"secret\"".to_owned()
                ),
            ]
        );
        let hidden = &sample["rows"][1];
        assert!(
            hidden["reason"]
                .as_str()
                .unwrap()
                .contains("does not give it"),
            "{hidden}"
        );
        assert_eq!(hidden["rules"][0]["decisive"], true);
    });
}

#[test]
fn rows_of_csv_files_come_first() {
    session(json!({}), async |c, project| {
        project.write("data/sales.csv", CSV);
        project.write(
            "more/small/sales.csv",
            "id,country,amount,tier\n9,USA,1,gold\n",
        );
        let ask = |who: &str| json!({ "as": who, "resource": "sales" });
        let sample = c.command("ambit.sample", ask("dan")).await;
        assert_eq!(
            decisions(&sample),
            [(1, "allow"), (2, "deny"), (3, "deny"), (4, "deny")]
        );
        let reasons = all(&sample["rows"], "reason");
        assert_eq!(
            reasons[2],
            "everyone takes it away: deny read on sales where tier = \"secret\" (tier is \"secret\")"
        );
        assert!(
            reasons[3].contains("which is unknown (tier is null)"),
            "{}",
            reasons[3]
        );
        assert_eq!(sample["rows"][3]["values"]["tier"], Value::Null);
        assert_eq!(
            all(&sample["sources"], "label"),
            [
                "data/*.csv",
                "test \"Dan sees France\"",
                "test \"Eve sees all\"",
                "more/small/*.csv"
            ]
        );
        let nobody = c.command("ambit.sample", ask("everyone")).await;
        assert!(decisions(&nobody).iter().all(|(_, d)| *d == "deny"));
        assert_eq!(nobody["rows"][0]["reason"], "no rule grants it");
        let mut other = ask("eve");
        other["data"] = sample["sources"][3]["data"].clone();
        let sample = c.command("ambit.sample", other).await;
        assert_eq!(decisions(&sample), [(9, "allow")]);
    });
}

#[test]
fn rows_of_a_database_are_read() {
    session(json!({}), async |c, project| {
        let path = project.dir.path().join("shop.sqlite");
        let connection = rusqlite::Connection::open(path).unwrap();
        let sql = "CREATE TABLE sales (id INTEGER, country TEXT, amount INTEGER, tier TEXT);
            INSERT INTO sales VALUES (1, 'FRANCE', 5, NULL), (2, 'USA', 5, 'gold'), (3, 'NARNIA', 5, 'gold');";
        connection.execute_batch(sql).unwrap();
        let mut asked =
            json!({ "as": "eve", "resource": "sales", "data": { "sqlite": "shop.sqlite" } });
        let sample = c.command("ambit.sample", asked.clone()).await;
        assert_eq!(
            decisions(&sample),
            [(1, "deny"), (2, "allow"), (3, "allow")]
        );
        let last = sample["sources"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()
            .clone();
        assert_eq!(
            last,
            json!({ "label": "shop.sqlite", "data": { "sqlite": "shop.sqlite" } })
        );
        connection
            .execute_batch("UPDATE sales SET amount = 'much'")
            .unwrap();
        let refusal = c.refusal("ambit.sample", asked.clone()).await;
        assert!(
            refusal.contains("holds in `amount` what is no value of its type"),
            "{refusal}"
        );
        asked["data"] = json!({ "sqlite": "none.sqlite" });
        assert!(!c.refusal("ambit.sample", asked).await.is_empty());
    });
}

#[test]
fn the_policy_of_the_editor_counts() {
    session(json!({}), async |c, project| {
        project.write("data/sales.csv", CSV);
        let uri = project.uri("policy.ambit");
        c.open(&uri, &POLICY.replace("tier = \"secret\"", "tier is null"))
            .await;
        let asked = json!({ "uri": uri, "as": "dan", "resource": "sales" });
        let sample = c.command("ambit.sample", asked).await;
        assert_eq!(
            decisions(&sample),
            [(1, "allow"), (2, "deny"), (3, "allow"), (4, "deny")]
        );
    });
}

#[test]
fn many_rows_are_cut_off() {
    session(json!({}), async |c, project| {
        let mut csv = "id,country,amount,tier\n".to_owned();
        for n in 0..512 {
            writeln!(csv, "{n},USA,{n},gold").unwrap();
        }
        project.write("data/sales.csv", &csv);
        let sample = c
            .command("ambit.sample", json!({ "as": "eve", "resource": "sales" }))
            .await;
        assert_eq!(decisions(&sample).len(), 500);
        assert_eq!(sample["truncated"], 12);
    });
}

#[test]
fn other_actions_and_objects_are_explained() {
    session(json!({}), async |c, _| {
        let delete = json!({ "as": "dan", "resource": "sales", "action": "delete" });
        let sample = c.command("ambit.sample", delete).await;
        assert_eq!(decisions(&sample), [(1, "deny"), (2, "deny")]);
        assert_eq!(sample["rows"][0]["reason"], "delete: no rule grants it");
        let object = json!({ "as": "dan", "resource": "campaigns", "action": "write" });
        let sample = c.command("ambit.sample", object).await;
        assert_eq!(sample["rows"][0]["decision"], "allow");
        assert_eq!(sample["columns"], json!([]));
        assert_eq!(sample["sources"], json!([]));
        assert_eq!(sample["rows"][0]["rules"][0]["decisive"], true);
    });
}

#[test]
fn a_question_that_makes_no_sense_is_refused() {
    session(json!({}), async |c, _| {
        for (asked, part) in [
            (json!({ "resource": "sales" }), "`as` is missing"),
            (json!({ "as": "dan" }), "`resource` is missing"),
            (
                json!({ "as": "dann", "resource": "sales" }),
                "did you mean `dan`",
            ),
            (
                json!({ "as": "dan", "resource": "sale" }),
                "did you mean `sales`",
            ),
            (
                json!({ "as": "dan", "resource": "sales", "action": "raed" }),
                "did you mean `read`",
            ),
            (
                json!({ "as": "dan", "resource": "sales", "query": ["contcts"] }),
                "did you mean `contacts`",
            ),
            (
                json!({ "as": "dan", "resource": "sales", "data": { "csv": "nowhere" } }),
                "is no folder",
            ),
            (
                json!({ "as": "dan", "resource": "sales", "data": { "given": "no such" } }),
                "no test",
            ),
            (
                json!({ "as": "dan", "resource": "sales", "data": {} }),
                "one of `given`, `csv` and `sqlite`",
            ),
        ] {
            let refusal = c.refusal("ambit.sample", asked).await;
            assert!(refusal.contains(part), "{part}: {refusal}");
        }
    });
}
