//! `ambit.toml`: completion, hover, links, and fixes of its problems.

use ambit_compiler::{Config, SETTINGS};
use ambit_lsp::ide::settings;

/// The text without its cursor, and the cursor.
fn marked(text: &str) -> (String, u32) {
    let at = text.find("$0").unwrap();
    (text.replacen("$0", "", 1), at as u32)
}

fn complete(text: &str) -> (String, Vec<String>) {
    let (text, at) = marked(text);
    let (word, entries) = settings::completions(&text, at);
    let entries = entries.into_iter().map(|e| e.label).collect();
    (text[word.range()].to_owned(), entries)
}

fn hover(text: &str) -> String {
    let (text, at) = marked(text);
    settings::hover(&text, at).map_or_else(String::new, |(_, text)| text)
}

#[test]
fn tables_settings_and_values_are_offered_where_they_belong() {
    for (text, word, wanted) in [
        (
            "[$0]",
            "",
            &["project", "lints", "build", "targets.sql"][..],
        ),
        ("[pro$0]\n", "pro", &["project"]),
        (
            "[project]\n$0",
            "",
            &["name", "timezone", "week_start", "users"],
        ),
        (
            "[build]\nper$0 = true",
            "per",
            &["out", "per_user", "allow_unproven"],
        ),
        ("[lints]\ncov$0", "cov", &["covered-grant", "match-all"]),
        (
            "[lints]\nmatch-all = $0",
            "",
            &["\"allow\"", "\"warn\"", "\"deny\""],
        ),
        (
            "[lints]\nmatch-all = \"d$0\"",
            "d",
            &["allow", "warn", "deny"],
        ),
        ("[project]\nusers = \"$0\"", "", &["open", "listed"]),
        ("[build]\nper_user = $0", "", &["true", "false"]),
        (
            "[project]\ntimezone = \"Europe/P$0\"",
            "Europe/P",
            &["Europe/Paris", "UTC"],
        ),
        ("[targets.sql]\n$0", "", &["dialects", "schema", "today"]),
        (
            "[targets.sql]\ndialects = [\"sqlite\", \"$0\"]",
            "",
            &["sqlite", "postgres"],
        ),
        ("targets.sql.today = \"$0\"", "", &["engine", "frozen"]),
    ] {
        let (found, entries) = complete(text);
        assert_eq!(found, word, "{text}");
        for label in wanted {
            assert!(
                entries.iter().any(|e| e == label),
                "{label} in {entries:?}: {text}"
            );
        }
    }
    for text in ["# [pro$0", "[project]\nname = \"$0\"", "[nothing]\n$0"] {
        assert!(complete(text).1.is_empty(), "{text}");
    }
}

#[test]
fn settings_say_what_they_mean() {
    for (text, part) in [
        ("[project]\ntime$0zone = \"UTC\"", "An IANA time zone"),
        ("[project]\nusers = \"op$0en\"", "any login may come"),
        ("[bu$0ild]", "[build]"),
        (
            "[lints]\ncovered-$0grant = \"deny\"",
            "W0602: A grant that other rules give already",
        ),
        (
            "[build]\nper_user = tr$0ue",
            "Declared users have predicates for every table and action",
        ),
    ] {
        let found = hover(text);
        assert!(found.contains(part), "{text}: {found}");
    }
    assert_eq!(hover("# [bu$0ild]"), "");
}

#[test]
fn findings_that_are_set_lead_to_their_pages() {
    let text = "[project]\nname = \"covered-grant\"\n[lints]\n# match-all\ncovered-grant = \"deny\"\nnone = \"warn\"\n";
    let found = settings::lints(text);
    let found: Vec<_> = found.iter().map(|(s, c)| (&text[s.range()], *c)).collect();
    assert_eq!(found, [("covered-grant", "W0602")]);
}

/// The schema and what is read name the same settings with the same values.
#[test]
fn the_schema_is_what_is_read() {
    for (table, known) in SETTINGS {
        let (_, offered) = complete(&format!("[{table}]\n$0"));
        let known_names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        if !matches!(*table, "lints" | "targets") {
            let mut sorted = offered.clone();
            sorted.sort();
            let mut expected: Vec<String> = known_names.iter().map(ToString::to_string).collect();
            expected.sort();
            assert_eq!(sorted, expected, "{table}");
        }
        for (name, values) in *known {
            if values.is_empty() {
                continue;
            }
            let (_, offered) = complete(&format!("[{table}]\n{name} = $0"));
            let plain: Vec<String> = offered.iter().map(|v| v.replace('"', "")).collect();
            assert_eq!(plain, *values, "{table}.{name}");
            // Each is taken.
            for value in &offered {
                let text = format!("[{table}]\n{name} = {value}\n");
                assert!(Config::read(&text).problems.is_empty(), "{text}");
            }
        }
    }
}
