//! What a session can make of the names of time zones on `PostgreSQL`, and what becomes of predicates there.

use std::collections::BTreeMap;

use ambit_core::Value;
use ambit_targets::{Context, find};
use ambit_tests::random::TableRows;
use jiff::ToSpan as _;
use serde_json::Value as Json;

use super::case::{Case, Text, lower};
use super::postgres::Postgres;
use super::store::{Engine as _, Question, Setup};
use crate::engines::postgres::Server;

/// A project in a zone: rows by the day of the server's clock, and by the day of an instant.
fn policy(zone: &str) -> (String, String) {
    let settings = format!("[project]\nname = \"zones\"\ntimezone = \"{zone}\"\n");
    let text = "source main : postgres
table t in main { key id : int  d : date  at : timestamp }
role now { grant read on t where d = today }
role then { grant read on t where at = today }
";
    (settings, text.to_owned())
}

/// The predicates of both roles.
fn predicates(zone: &str) -> Result<Vec<String>, String> {
    let (settings, text) = policy(zone);
    let program = lower(&settings, "zones.ambit", &text)?;
    let emitted = find("sql").unwrap().emit(&Context {
        program: &program,
        per_user: false,
        options: BTreeMap::from([("dialects".into(), vec!["postgres".into()])]),
        frozen: None,
    });
    if let Some(refused) = emitted.refused.first() {
        return Err(format!(
            "{} {}",
            refused.refusal.code, refused.refusal.construct
        ));
    }
    let entries: Vec<Json> = serde_json::from_str(&emitted.artifacts[0].content).unwrap();
    let of = |who: &str| {
        let entry = entries
            .iter()
            .find(|e| e["principal"] == who && e["action"] == "read");
        entry.unwrap()["inline"].as_str().unwrap().to_owned()
    };
    Ok(vec![of("now"), of("then")])
}

/// The rows that both predicates let through in a session with these settings: today's of three days.
fn seen(engine: &mut Postgres, zone: &str, sessions: &[String]) -> Vec<Vec<Vec<bool>>> {
    let (settings, text) = policy(zone);
    let asked = predicates(zone).unwrap();
    let program = lower(&settings, "zones.ambit", &text).unwrap();
    let place = jiff::tz::TimeZone::get(zone).unwrap();
    let now = jiff::Timestamp::now();
    let today = now.to_zoned(place.clone()).date();
    let rows = [-1, 0, 1].map(|n| {
        let day = today.checked_add(n.days()).unwrap();
        let noon = day.at(12, 0, 0, 0).to_zoned(place.clone()).unwrap();
        vec![
            Value::Int(n),
            Value::Date(day),
            Value::Timestamp(ambit_core::Instant::of(noon.timestamp())),
        ]
    });
    let table = TableRows {
        table: "t".to_owned(),
        rows: rows.to_vec(),
    };
    let dialect = ambit_targets::sql::Dialect::Postgres;
    let mut case = Case::written(dialect, "zones.ambit", text.clone(), vec![table]);
    case.policy = Text::Written(settings, "zones.ambit".to_owned(), text);
    let ready = case.ready().unwrap();
    let setup = Setup {
        program: &program,
        layout: &ready.layout,
        tables: &ready.tables,
        hostile: case.hostile,
    };
    let mut store = engine.load(&setup).unwrap();
    let questions: Vec<Question> = asked
        .into_iter()
        .map(|sql| Question {
            sql,
            params: Vec::new(),
        })
        .collect();
    sessions
        .iter()
        .map(|session| {
            store.command(session);
            store.ask(ready.tables[0].table, &questions).unwrap()
        })
        .collect()
}

fn check(server: &Server) {
    let mut engine = Postgres::new(server, "zones");
    let only_today = vec![vec![false, true, false]; 2];
    let none = vec![vec![false; 3]; 2];
    for zone in [
        "UTC",
        "Etc/GMT+11",
        "Pacific/Kiritimati",
        "Europe/Paris",
        "America/St_Johns",
    ] {
        let name = zone.to_uppercase();
        let harmless = [
            format!("'{zone}'"),
            format!("'{}'", zone.to_lowercase()),
            "'UTC'".to_owned(),
            "'Z5'".to_owned(),
            "'UTC-14'".to_owned(),
            "'<+11>-11'".to_owned(),
        ];
        let sessions: Vec<String> = harmless
            .iter()
            .map(|value| format!("SET LOCAL TimeZone = {value}"))
            .chain(
                ["Australia", "India"].map(|v| format!("SET LOCAL timezone_abbreviations = '{v}'")),
            )
            .collect();
        for (session, seen) in sessions.iter().zip(seen(&mut engine, zone, &sessions)) {
            assert_eq!(seen, only_today, "{zone} in a session with {session}");
        }
        // The session says what the name means: nothing is the day then. An offset needs no name.
        let bent = [
            format!("{name}20"),
            format!("<{name}>-20"),
            format!("FOO5{name}"),
        ];
        let sessions: Vec<String> = bent
            .iter()
            .filter(|_| zone != "Etc/GMT+11")
            .map(|value| format!("SET LOCAL TimeZone = '{value}'"))
            .collect();
        let fixed = zone == "UTC";
        for (session, seen) in sessions.iter().zip(seen(&mut engine, zone, &sessions)) {
            let expected = if fixed { &only_today } else { &none };
            assert_eq!(&seen, expected, "{zone} in a session with {session}");
        }
    }
    for zone in ["CET", "EET", "MET", "WET"] {
        assert_eq!(
            predicates(zone).unwrap_err(),
            format!("E0505 the zone `{zone}`")
        );
    }
}

#[test]
fn no_session_makes_another_zone_of_a_name_on_postgres() {
    check(need!("postgres"));
}

#[test]
fn no_session_makes_another_zone_of_a_name_on_the_least_postgres() {
    check(need!("postgres-minimum"));
}
