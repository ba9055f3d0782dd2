//! Who, what, which tests; running them; acting as somebody; being told of changes.

use serde_json::json;

use super::project::{POLICY, SCHEMA, all, session, text_at};
use crate::client::{Client, run};

#[test]
fn all_commands_are_advertised() {
    run(async |c: &mut Client| {
        let result = c.start(json!({})).await;
        let commands = &result["capabilities"]["executeCommandProvider"]["commands"];
        let commands: Vec<&str> = commands
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c.as_str().unwrap())
            .collect();
        for name in [
            "actAs",
            "principals",
            "resources",
            "runTest",
            "sample",
            "tests",
        ] {
            assert!(
                commands.contains(&format!("ambit.{name}").as_str()),
                "{name}"
            );
        }
        for name in commands {
            let refusal = c.refusal(name, json!({ "uri": "file:///no/such" })).await;
            assert_eq!(refusal, "there is no such project", "{name}");
        }
    });
}

#[test]
fn principals_are_users_groups_roles_and_everyone() {
    session(json!({}), async |c, project| {
        let found = c
            .command(
                "ambit.principals",
                json!({ "uri": project.uri("ambit.toml") }),
            )
            .await;
        assert_eq!(
            all(&found, "name"),
            [
                "dan",
                "eve",
                "emea",
                "analyst",
                "market(\"FRANCE\")",
                "everyone"
            ]
        );
        assert_eq!(
            all(&found, "kind"),
            ["user", "user", "group", "role", "role", "everyone"]
        );
        for (entry, text) in found
            .as_array()
            .unwrap()
            .iter()
            .zip(["dan", "eve", "emea", "analyst", "market"])
        {
            assert_eq!(entry["uri"], project.uri("policy.ambit"));
            assert_eq!(text_at(POLICY, &entry["range"]), text);
        }
        let everyone = text_at(POLICY, &found[5]["range"]);
        assert!(everyone.starts_with("everyone {"), "{everyone}");
    });
}

#[test]
fn resources_have_their_actions() {
    session(json!({}), async |c, project| {
        // The folder of a project names it, too, and without any the first is meant.
        for argument in [json!({ "uri": project.uri("") }), json!({})] {
            let found = c.command("ambit.resources", argument).await;
            assert_eq!(all(&found, "name"), ["campaigns", "contacts", "sales"]);
            assert_eq!(all(&found, "kind"), ["object", "table", "table"]);
            assert_eq!(found[0]["actions"], json!(["read", "write"]));
            assert_eq!(
                found[2]["actions"],
                json!(["read", "insert", "update", "delete"])
            );
            assert_eq!(text_at(SCHEMA, &found[2]["range"]), "sales");
            assert_eq!(found[2]["uri"], project.uri("schema.ambit"));
        }
    });
}

#[test]
fn tests_stand_where_they_are_written() {
    session(json!({}), async |c, project| {
        let found = c
            .command("ambit.tests", json!({ "uri": project.uri("policy.ambit") }))
            .await;
        assert_eq!(all(&found, "name"), ["Dan sees France", "Eve sees all"]);
        let text = text_at(POLICY, &found[1]["range"]);
        assert!(
            text.starts_with("test \"Eve") && text.ends_with("[1, 2]\n}"),
            "{text}"
        );
    });
}

#[test]
fn tests_run_and_say_where_they_fail() {
    session(json!({}), async |c, project| {
        let uri = project.uri("policy.ambit");
        let found = c.command("ambit.runTest", json!({ "uri": uri })).await;
        assert_eq!((&found["passed"], &found["failed"]), (&json!(1), &json!(1)));
        let failure = &found["tests"][1]["failures"][0];
        assert_eq!(failure["got"], "[2]");
        assert_eq!(text_at(POLICY, &failure["range"]), "eve sees sales [1, 2]");
        assert!(failure["why"].as_str().unwrap().contains("is not allowed"));
        let coverage = found["coverage"].as_array().unwrap();
        let hit: Vec<(String, bool)> = coverage
            .iter()
            .map(|c| (text_at(POLICY, &c["range"]), c["hit"].as_bool().unwrap()))
            .collect();
        assert_eq!(
            hit[0],
            ("grant read on sales where amount < 500".to_owned(), true)
        );
        assert_eq!(
            hit.last().unwrap(),
            &(
                "deny read on sales where tier = \"secret\"".to_owned(),
                false
            )
        );
        let one = c
            .command(
                "ambit.runTest",
                json!({ "uri": uri, "name": "Dan sees France" }),
            )
            .await;
        assert_eq!(all(&one["tests"], "name"), ["Dan sees France"]);
        assert_eq!(one["failed"], 0);
        let refusal = c
            .refusal(
                "ambit.runTest",
                json!({ "uri": uri, "name": "Dan sees Frnce" }),
            )
            .await;
        assert!(
            refusal.contains("did you mean `Dan sees France`"),
            "{refusal}"
        );
    });
}

#[test]
fn without_places_the_result_of_tests_is_that_of_the_command_line() {
    session(json!({}), async |c, project| {
        let mut found = c.command("ambit.runTest", json!({})).await;
        for list in ["tests", "coverage"] {
            for entry in found[list].as_array_mut().unwrap() {
                let entry = entry.as_object_mut().unwrap();
                assert!(entry.remove("range").unwrap().is_object());
                assert_eq!(entry.remove("uri").unwrap(), project.uri("policy.ambit"));
                let failures = entry.get_mut("failures").and_then(|f| f.as_array_mut());
                for failure in failures.into_iter().flatten() {
                    let failure = failure.as_object_mut().unwrap();
                    assert!(failure.remove("range").unwrap().is_object());
                    failure.remove("uri").unwrap();
                }
            }
        }
        let disk = ambit_cli::workspace::Workspace::open_at(project.dir.path().to_owned()).unwrap();
        let program = ambit_cli::commands::inputs::program(&disk).unwrap();
        let today = ambit_cli::commands::inputs::clock_day(&program.settings);
        let ran = ambit_cli::commands::test::run_those(&program, today, |_| true);
        let coverage = ambit_cli::commands::test::coverage(&program, &ran, &disk.sources());
        assert_eq!(found, ambit_cli::commands::test::result(&ran, &coverage));
    });
}

#[test]
fn unsaved_edits_count_and_errors_are_told() {
    session(json!({}), async |c, project| {
        let uri = project.uri("policy.ambit");
        c.open(&uri, &POLICY.replace("amount < 500", "amount < 900"))
            .await;
        let found = c.command("ambit.runTest", json!({ "uri": uri })).await;
        assert_eq!(found["failed"], 0);
        let broken = POLICY.replace("user eve : analyst", "user eve : nobody");
        c.edit(&uri, 2, json!([{ "text": broken }])).await;
        for (name, argument) in [
            ("ambit.runTest", json!({ "uri": uri })),
            (
                "ambit.sample",
                json!({ "uri": uri, "as": "dan", "resource": "sales" }),
            ),
        ] {
            let refusal = c.refusal(name, argument).await;
            assert!(
                refusal.starts_with("the project has errors, the first at policy.ambit:5: "),
                "{refusal}"
            );
            assert!(refusal.contains("`nobody`"), "{refusal}");
        }
        // What is written is there all the same.
        let people = c.command("ambit.principals", json!({ "uri": uri })).await;
        assert_eq!(
            all(&people, "name"),
            [
                "dan",
                "eve",
                "emea",
                "analyst",
                "market(\"FRANCE\")",
                "everyone"
            ]
        );
        let tests = c.command("ambit.tests", json!({ "uri": uri })).await;
        assert_eq!(tests.as_array().unwrap().len(), 2);
        let resources = c.command("ambit.resources", json!({ "uri": uri })).await;
        assert_eq!(resources.as_array().unwrap().len(), 3);
    });
}

#[test]
fn what_makes_no_sense_is_refused() {
    session(json!({}), async |c, _| {
        for (name, argument, part) in [
            ("ambit.nothing", json!({}), "there is no command"),
            ("ambit.tests", json!([1]), "takes one argument, an object"),
            ("ambit.tests", json!({ "uri": 7 }), "`uri` must be a text"),
            ("ambit.actAs", json!({ "as": "dn" }), "did you mean `dan`"),
            ("ambit.actAs", json!({ "as": {} }), "`as` must be a text"),
        ] {
            let refusal = c.refusal(name, argument).await;
            assert!(refusal.contains(part), "{name}: {refusal}");
        }
    });
}
