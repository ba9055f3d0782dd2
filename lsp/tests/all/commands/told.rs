//! What the server says by itself: that hints and lenses are others now, and that what views show has changed.

use serde_json::json;

use super::project::{POLICY, session};

#[test]
fn acting_asks_for_hints_and_lenses_again() {
    let refresh = json!({ "refreshSupport": true });
    let workspace = json!({ "inlayHint": refresh, "codeLens": refresh });
    session(
        json!({ "capabilities": { "workspace": workspace } }),
        async |c, _| {
            let answer = c
                .command("ambit.actAs", json!({ "as": "market( \"FRANCE\" )" }))
                .await;
            assert_eq!(answer, json!({ "as": "market(\"FRANCE\")" }));
            c.asked("workspace/inlayHint/refresh").await;
            c.asked("workspace/codeLens/refresh").await;
            let answer = c.command("ambit.actAs", json!({ "as": null })).await;
            assert_eq!(answer, json!({ "as": null }));
            c.asked("workspace/inlayHint/refresh").await;
            c.asked("workspace/codeLens/refresh").await;
        },
    );
}

#[test]
fn a_client_with_views_is_told_of_changes() {
    let views = json!({ "initializationOptions": { "views": true } });
    session(views, async |c, project| {
        let settings = json!({ "uri": project.uri("ambit.toml") });
        // The project itself is new.
        assert_eq!(c.notified("ambit/changed").await, settings);
        let uri = project.uri("policy.ambit");
        c.open(&uri, POLICY).await;
        for n in 0..50 {
            let text = format!("{POLICY}// {n}\n");
            c.edit(&uri, n + 2, json!([{ "text": text }])).await;
        }
        assert_eq!(c.notified("ambit/changed").await, settings);
        c.command("ambit.tests", json!({})).await;
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        c.command("ambit.tests", json!({})).await;
        let more = c.untaken("ambit/changed");
        assert!(more < 10, "50 edits, {more} further messages");
        project.write("data/sales.csv", "id,country,amount,tier\n");
        let change = json!({ "changes": [{ "uri": project.uri("data/sales.csv"), "type": 1 }] });
        c.tell("workspace/didChangeWatchedFiles", change).await;
        for _ in 0..=more {
            assert_eq!(c.notified("ambit/changed").await, settings);
        }
    });
}

#[test]
fn a_client_without_views_is_not_told() {
    session(json!({}), async |c, project| {
        let uri = project.uri("policy.ambit");
        c.open(&uri, &format!("{POLICY}// new\n")).await;
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        c.command("ambit.tests", json!({})).await;
        assert_eq!(c.untaken("ambit/changed"), 0);
    });
}
