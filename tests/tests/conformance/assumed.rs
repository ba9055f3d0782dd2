//! What no text of a predicate can make safe on `PostgreSQL`: it does go wrong, and it is said.

use std::collections::BTreeMap;

use ambit_targets::{Context, find};
use serde_json::Value as Json;

use super::case::lower;
use crate::engines::postgres::Server;

const POLICY: &str = "source main : postgres
table t in main { key id : int  secret : bool }
table blocked in main as \"blöcked\" { key id : int  of : int -> t.id }
role linked { grant read on t  deny read on t where exists blocked }
role plain { grant read on t where secret = false }
";

fn check(server: &Server) {
    let program = lower("[project]\nname = \"assumed\"\n", "assumed.ambit", POLICY).unwrap();
    let emitted = find("sql").unwrap().emit(&Context {
        program: &program,
        per_user: false,
        options: BTreeMap::from([("dialects".into(), vec!["postgres".into()])]),
        frozen: None,
    });
    let artifact = &emitted.artifacts[0];
    let entries: Vec<Json> = serde_json::from_str(&artifact.content).unwrap();
    let predicate = |who: &str| {
        let entry = entries
            .iter()
            .find(|e| e["principal"] == who && e["action"] == "read" && e["table"] == "t");
        entry.unwrap()["inline"].as_str().unwrap().to_owned()
    };
    let said = |sentence: &str| {
        let all: Vec<&str> = artifact.assumes.iter().map(|a| &**a).collect();
        assert!(all.contains(&sentence), "{sentence}: {all:?}");
    };
    let mut client = server.shadowed("assumed");
    client
        .batch_execute(
            "CREATE TABLE public.t (id pg_catalog.int8, secret pg_catalog.bool);
             CREATE TABLE public.\"blöcked\" (id pg_catalog.int8, of pg_catalog.int8);
             INSERT INTO public.t VALUES (1, FALSE), (2, TRUE); INSERT INTO public.\"blöcked\" VALUES (1, 1);
             GRANT SELECT ON public.t, public.\"blöcked\" TO stranger; GRANT USAGE ON SCHEMA evil TO stranger",
        )
        .unwrap();
    let mut seen = |setup: &str, sql: &str| -> Vec<i64> {
        let mut transaction = client.transaction().unwrap();
        transaction.batch_execute(setup).unwrap();
        let sql = format!("SELECT id FROM public.t WHERE ({sql}) ORDER BY id");
        let rows = transaction.query(&sql, &[]).unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    };
    // Rows of another table that the server itself hides from the role.
    let linked = predicate("linked");
    let hidden =
        "ALTER TABLE public.\"blöcked\" ENABLE ROW LEVEL SECURITY; SET LOCAL ROLE stranger";
    assert_eq!(seen("SET LOCAL ROLE stranger", &linked), [2]);
    assert_eq!(seen(hidden, &linked), [1, 2]);
    said("no row-level security hides rows of `blocked` from who runs the query");
    // A column that is not there, and a function of its name.
    let plain = predicate("plain");
    let other = "ALTER TABLE public.t DROP COLUMN secret;
        CREATE FUNCTION evil.secret(public.t) RETURNS pg_catalog.bool LANGUAGE sql AS 'SELECT FALSE';
        SET LOCAL search_path = evil, pg_catalog";
    assert_eq!(seen("SELECT 1", &plain), [1]);
    assert_eq!(seen(other, &plain), [1, 2]);
    said("tables have all columns that the schema names");
    // Names that reach the server as others.
    said("the text of a predicate reaches the server in the session's `client_encoding`");
}

#[test]
fn what_cannot_be_made_safe_is_said_on_postgres() {
    check(need!("postgres"));
}

#[test]
fn what_cannot_be_made_safe_is_said_on_the_least_postgres() {
    check(need!("postgres-minimum"));
}
