//! Hover, hints and lenses speak for whom the session acts as; lenses name what the client can run.

use serde_json::{Value, json};

use super::project::{POLICY, SCHEMA, session, text_at};
use crate::client::Client;

const WHOLE: [u64; 2] = [0, 999];

async fn lenses(c: &mut Client, uri: &str) -> Vec<Value> {
    let asked = json!({ "textDocument": { "uri": uri } });
    let answer = c.ask("textDocument/codeLens", asked).await;
    answer["result"].as_array().unwrap().clone()
}

async fn hints(c: &mut Client, uri: &str) -> Vec<String> {
    let at = |line: u64| json!({ "line": line, "character": 0 });
    let range = json!({ "start": at(WHOLE[0]), "end": at(WHOLE[1]) });
    let asked = json!({ "textDocument": { "uri": uri }, "range": range });
    let answer = c.ask("textDocument/inlayHint", asked).await;
    let hints = answer["result"].as_array().unwrap().iter();
    hints
        .map(|h| h["label"].as_str().unwrap().to_owned())
        .collect()
}

/// The commands with their arguments and what stands under each lens.
fn told(lenses: &[Value], text: &str) -> Vec<(String, String, Value)> {
    let lenses = lenses.iter();
    lenses
        .map(|l| {
            let command = &l["command"];
            let of = |name: &str| command[name].as_str().unwrap().to_owned();
            let under = text_at(text, &l["range"]);
            (
                format!("{under}: {}", of("title")),
                of("command"),
                command["arguments"][0].clone(),
            )
        })
        .collect()
}

#[test]
fn a_client_with_views_gets_its_own_commands() {
    let views = json!({ "initializationOptions": { "views": true } });
    session(views, async |c, project| {
        let uri = project.uri("policy.ambit");
        c.open(&uri, POLICY).await;
        let found = told(&lenses(c, &uri).await, POLICY);
        let by_title = |title: &str| {
            let one = found.iter().find(|(t, ..)| t == title);
            one.unwrap_or_else(|| panic!("{title} in {found:#?}"))
                .clone()
        };
        let (_, command, argument) = by_title("emea: 1 user: dan");
        assert_eq!(command, "ambit.view.users");
        assert_eq!(argument["uri"], uri);
        assert_eq!(text_at(POLICY, &argument["range"]), "emea");
        assert_eq!(text_at(POLICY, &argument["locations"][0]["range"]), "dan");
        let (_, command, argument) = by_title("emea: show SQL");
        assert_eq!(
            (command.as_str(), argument),
            ("ambit.view.sql", json!({ "uri": uri, "as": "emea" }))
        );
        let (_, command, argument) = by_title("\"Eve sees all\": run this test");
        assert_eq!(
            (command.as_str(), argument),
            (
                "ambit.view.runTest",
                json!({ "uri": uri, "name": "Eve sees all" })
            )
        );
        assert!(
            !found.iter().any(|(t, ..)| t == "market: show SQL"),
            "it takes an argument"
        );
        let schema = project.uri("schema.ambit");
        c.open(&schema, SCHEMA).await;
        let found = told(&lenses(c, &schema).await, SCHEMA);
        assert!(
            found.contains(&(
                "sales: who sees this".to_owned(),
                "ambit.view.whoSees".to_owned(),
                json!({ "uri": schema, "resource": "sales" }),
            )),
            "{found:#?}"
        );
        c.command("ambit.actAs", json!({ "as": "dan" })).await;
        let found = told(&lenses(c, &schema).await, SCHEMA);
        let asked = json!({ "uri": schema, "resource": "sales", "as": "dan" });
        assert!(
            found
                .iter()
                .any(|(_, c, a)| c == "ambit.view.whoSees" && *a == asked)
        );
        let line = "sales: dan reads where country = \"FRANCE\" and not tier = \"secret\"";
        let (_, command, argument) = found.iter().find(|(t, ..)| t == line).unwrap();
        assert_eq!((command.as_str(), argument), ("ambit.view.sql", &asked));
        assert!(
            found
                .iter()
                .any(|(t, ..)| t == "contacts: dan reads nothing")
        );
        assert!(
            found
                .iter()
                .any(|(t, ..)| t == "campaigns: dan reads everything")
        );
    });
}

#[test]
fn a_client_without_views_gets_what_it_can_run() {
    session(json!({}), async |c, project| {
        let uri = project.uri("policy.ambit");
        let found = told(&lenses(c, &uri).await, POLICY);
        let commands: Vec<&str> = found
            .iter()
            .map(|(_, command, _)| command.as_str())
            .collect();
        assert!(
            commands.iter().all(|c| ["", "ambit.runTest"].contains(c)),
            "{commands:?}"
        );
        let test = found.iter().find(|(_, c, _)| c == "ambit.runTest").unwrap();
        let argument = test.2.clone();
        c.command("ambit.runTest", argument).await;
        let message = c.notified("window/showMessage").await;
        assert_eq!(message["message"], "1 passed, 0 failed");
        c.command("ambit.runTest", json!({ "uri": uri })).await;
        let message = c.notified("window/showMessage").await;
        let text = message["message"].as_str().unwrap();
        assert!(
            text.starts_with("1 passed, 1 failed\nEve sees all: expected"),
            "{text}"
        );
    });
}

#[test]
fn hints_and_hover_speak_for_somebody() {
    session(json!({}), async |c, project| {
        let (uri, schema) = (project.uri("policy.ambit"), project.uri("schema.ambit"));
        assert_eq!(hints(c, &schema).await, Vec::<String>::new());
        c.command("ambit.actAs", json!({ "as": "eve" })).await;
        assert_eq!(
            hints(c, &schema).await,
            [
                "eve reads where amount < 500 and not tier = \"secret\"",
                "eve reads nothing",
                "eve reads nothing",
            ]
        );
        let own = hints(c, &uri).await.into_iter();
        let of_eve = own.filter(|h| h.contains("eve") || h.contains("inherited"));
        let of_eve: Vec<String> = of_eve.collect();
        assert_eq!(of_eve, ["speaks of eve", "+ 1 inherited"]);
        let at =
            json!({ "textDocument": { "uri": schema }, "position": { "line": 3, "character": 7 } });
        let hover = c.ask("textDocument/hover", at.clone()).await;
        let text = hover["result"]["contents"]["value"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(
            text.contains(
                "`eve` reads where\n\n```ambit\namount < 500 and not tier = \"secret\"\n```"
            ),
            "{text}"
        );
        // An edit that nobody saved is followed.
        c.open(&uri, &POLICY.replace("amount < 500", "amount < 7"))
            .await;
        let hover = c.ask("textDocument/hover", at.clone()).await;
        let text = hover["result"]["contents"]["value"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(text.contains("amount < 7 and"), "{text}");
        // A project with errors has no such answer, and the rest is there.
        c.edit(
            &uri,
            2,
            json!([{ "text": POLICY.replace("user eve : analyst", "user eve : nobody") }]),
        )
        .await;
        assert_eq!(hints(c, &schema).await, Vec::<String>::new());
        let hover = c.ask("textDocument/hover", at).await;
        assert!(
            hover["result"]["contents"]["value"]
                .as_str()
                .unwrap()
                .contains("table sales")
        );
    });
}
