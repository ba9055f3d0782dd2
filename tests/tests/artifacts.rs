//! The target `sql`: what `predicates.json` holds, for whom, and what it refuses.

use std::collections::BTreeMap;
use std::sync::Arc;

use ambit_compiler::program;
use ambit_core::{PrincipalKind, Program, ROW_ACTIONS, TableId};
use ambit_targets::sql::{
    Dialect, Facts, Layout, Outcome, Predicate, Query, Request, Today, UserContext, access_all,
};
use ambit_targets::{Context, Emitted, Refusal};
use ambit_tests::project::{SETTINGS, Shape, generate};
use jiff::civil::{Date, date};
use serde_json::{Value as Json, json};
use smol_str::SmolStr;

use crate::support::project::Checked;

fn of_text(text: &str) -> Arc<Program> {
    of_files(&[("policy.ambit".to_owned(), text.to_owned())], None)
}

fn of_files(files: &[(String, String)], settings: Option<&str>) -> Arc<Program> {
    let checked = Checked::new(files, settings);
    assert!(checked.report.problems.is_empty(), "{}", checked.rendered());
    program(&checked.db, checked.project).unwrap()
}

fn emit(
    program: &Program,
    per_user: bool,
    frozen: Option<Date>,
    options: &[(&str, &[&str])],
) -> Emitted {
    let words = |list: &[&str]| list.iter().map(|w| SmolStr::new(*w)).collect();
    ambit_targets::find("sql").unwrap().emit(&Context {
        program,
        per_user,
        options: options
            .iter()
            .map(|(name, list)| (SmolStr::new(*name), words(list)))
            .collect(),
        frozen,
    })
}

/// The text of an artifact.
fn content<'a>(emitted: &'a Emitted, dialect: &str) -> &'a str {
    let path = format!("sql/{dialect}/predicates.json");
    let artifact = emitted.artifacts.iter().find(|a| a.path == path);
    &artifact.unwrap_or_else(|| panic!("no {path}")).content
}

fn entries(emitted: &Emitted, dialect: &str) -> Vec<Json> {
    serde_json::from_str(content(emitted, dialect)).unwrap()
}

/// The entry for a principal on a table, where there is one.
fn entry(emitted: &Emitted, dialect: &str, place: (&str, &str, &str)) -> Option<Json> {
    entries(emitted, dialect).into_iter().find(|e| {
        (
            e["table"].as_str(),
            e["action"].as_str(),
            e["principal"].as_str(),
        ) == (Some(place.0), Some(place.1), Some(place.2))
    })
}

const SCHEMA: &str = r#"
source warehouse : postgres
table sales in warehouse as shop."Sales" {
    key id   : int
    country  : string?
    sold_on  : date
    owner    : string
}
table notes in warehouse open { key id : int  sale : int? -> sales.id }
attribute full_name : string
"#;

#[test]
fn entries_are_sorted_one_a_line_and_always_have_the_same_members() {
    let program = of_files(&generate(Shape::of_grants(100)), Some(SETTINGS));
    let emitted = emit(&program, false, None, &[]);
    for dialect in ["sqlite", "postgres"] {
        let text = content(&emitted, dialect);
        let all = entries(&emitted, dialect);
        assert_eq!(
            text.lines().count(),
            all.len() + 2,
            "one entry a line between brackets"
        );
        let places: Vec<[&str; 4]> = all
            .iter()
            .map(|e| {
                ["table", "source", "action", "principal"].map(|k| e[k].as_str().unwrap_or(""))
            })
            .collect();
        assert!(places.is_sorted() && places.windows(2).all(|p| p[0] != p[1]));
        for entry in &all {
            for key in ["inline", "bound", "params", "refused"] {
                assert!(entry.get(key).is_some(), "{key} in {entry}");
            }
        }
        let everyone = places.iter().filter(|p| p[3] == "everyone").count();
        assert_eq!(everyone, program.tables.len() * ROW_ACTIONS.len());
    }
    assert_eq!(emitted, emit(&program, false, None, &[]), "the same again");
}

/// What an entry must say, lowered without any sharing.
type Said = (Result<Predicate, Refusal>, Result<Predicate, Refusal>);

fn said(
    program: &Program,
    dialect: Dialect,
    user: &UserContext,
    table: TableId,
    actions: &[&str],
) -> Said {
    let kind = if dialect == Dialect::Sqlite {
        "sqlite"
    } else {
        "postgres"
    };
    let layout = Layout::physical_in(program, |table| {
        let sources = &program.table(table).sources;
        let fitting = sources
            .iter()
            .find(|s| program.sources[s.index()].kind == kind);
        fitting.or(sources.first()).copied()
    });
    let ask = |facts, today| {
        let request = Request {
            program,
            layout: &layout,
            dialect,
            user,
            facts,
            query: Query::Unseen,
            today,
            functions: false,
            rules: None,
        };
        access_all(&request, table, actions, Outcome::True)
    };
    (
        ask(Facts::Known, Today::Engine),
        ask(Facts::Bound, Today::Bound),
    )
}

fn text((inline, bound): &Said) -> Json {
    let sql =
        |p: &Result<Predicate, Refusal>| p.as_ref().map_or(Json::Null, |p| p.sql.as_str().into());
    let params: Vec<&str> = bound
        .iter()
        .flat_map(|p| &p.params)
        .map(SmolStr::as_str)
        .collect();
    json!({ "inline": sql(inline), "bound": sql(bound), "params": params })
}

/// The file leaves out what is as for everyone and shares what it lowers. Lowered one by one, nothing is different.
#[test]
fn a_principal_without_an_entry_has_everyones_and_others_have_their_own() {
    let mut files = generate(Shape::of_grants(60));
    files.push((
        "more.ambit".to_owned(),
        "role admins bypasses warehouse\nuser plain : admins\nuser logged { grant read on sales_orders where owner = user.login }\n\
         everyone { deny read on sales_quotes where owner != user.login and owner != user.full_name }\n\
         everyone except admins { restrict sales_returns to account_id is visible }\n\
         group lookers { grant read on sales_customers where exists visible sales_quotes }\n"
            .to_owned(),
    ));
    let program = of_files(&files, Some(SETTINGS));
    for per_user in [false, true] {
        let emitted = emit(&program, per_user, None, &[]);
        for (name, dialect) in [("sqlite", Dialect::Sqlite), ("postgres", Dialect::Postgres)] {
            let all: BTreeMap<[String; 3], Json> = entries(&emitted, name)
                .into_iter()
                .map(|e| {
                    (
                        ["table", "action", "principal"].map(|k| e[k].as_str().unwrap().to_owned()),
                        e,
                    )
                })
                .collect();
            let mut left_out = 0;
            for (n, declared) in program.tables.iter().enumerate() {
                let table = TableId(n as u32);
                for action in ROW_ACTIONS {
                    let actions: &[&str] = match *action {
                        "update" => &["update", "read"],
                        "delete" => &["delete", "read"],
                        other => &[other],
                    };
                    for (p, principal) in program.principals.iter().enumerate() {
                        if principal.test.is_some() {
                            continue;
                        }
                        let place = |who: &str| {
                            [
                                declared.name.to_string(),
                                (*action).to_owned(),
                                who.to_owned(),
                            ]
                        };
                        let found = all.get(&place(&principal.name));
                        left_out += usize::from(found.is_none());
                        assert!(
                            found.is_some() || !per_user || principal.kind != PrincipalKind::User,
                            "{} has an entry everywhere",
                            principal.name
                        );
                        let found = found.unwrap_or_else(|| &all[&place("everyone")]);
                        let user = UserContext::of(&program, ambit_core::PrincipalId(p as u32));
                        let expected = text(&said(&program, dialect, &user, table, actions));
                        for key in ["inline", "bound", "params"] {
                            assert_eq!(
                                found[key], expected[key],
                                "{name}: {} {action} {}",
                                principal.name, declared.name
                            );
                        }
                    }
                }
            }
            assert!(left_out > 100, "sparse: {left_out}");
        }
    }
}

#[test]
fn users_of_their_own_and_all_users_where_asked_for() {
    let program = of_text(&format!(
        "{SCHEMA}
        role seller {{ grant read on sales where owner = user.full_name }}
        user bare : seller
        user dan : seller {{ full_name = \"Dan\" }}
        user eve : seller {{ full_name = \"Eve\"  deny read on sales where id = 1 }}
        test \"t\" {{ given user ghost : seller {{ full_name = \"Ghost\" }}  ghost sees sales [] }}"
    ));
    let names = |per_user| -> Vec<String> {
        let mut names: Vec<String> = entries(&emit(&program, per_user, None, &[]), "sqlite")
            .iter()
            .map(|e| e["principal"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names.dedup();
        names
    };
    let all = ["bare", "dan", "eve", "everyone", "seller"];
    assert_eq!(names(false), all, "whoever differs from everyone");
    assert_eq!(names(true), all);
    let of_bare = |per_user| {
        let emitted = emit(&program, per_user, None, &[]);
        let all = entries(&emitted, "sqlite").into_iter();
        all.filter(|e| e["principal"] == "bare").count()
    };
    // `read` of sales and what asks for it; every action on both tables.
    assert_eq!((of_bare(false), of_bare(true)), (1, 8));
    let emitted = emit(&program, true, None, &[]);
    let dan = entry(&emitted, "sqlite", ("sales", "read", "dan")).unwrap();
    assert_eq!(
        dan["inline"], dan["bound"],
        "what is written at dan is known"
    );
    assert!(dan["inline"].as_str().unwrap().contains("'Dan'"), "{dan}");
    let seller = entry(&emitted, "sqlite", ("sales", "read", "seller")).unwrap();
    assert_eq!(seller["params"], json!(["user_full_name"]));
    assert!(
        !seller["inline"].as_str().unwrap().contains("full_name"),
        "nothing is supplied: {seller}"
    );
}

#[test]
fn an_update_needs_read_of_the_old_row_and_says_what_the_new_one_must_be() {
    let program = of_text(&format!(
        "{SCHEMA}
        role clerk {{
            grant read on sales where country = \"FRANCE\"
            grant update, insert on sales where owner = \"clerk\"
        }}
        everyone {{ grant update on notes }}"
    ));
    let emitted = emit(&program, false, None, &[]);
    for dialect in ["sqlite", "postgres"] {
        let update = entry(&emitted, dialect, ("sales", "update", "clerk")).unwrap();
        let old = update["inline"].as_str().unwrap();
        assert!(old.contains("'FRANCE'") && old.contains("'clerk'"), "{old}");
        let new = update["new"]["inline"].as_str().unwrap();
        assert!(
            !new.contains("'FRANCE'") && new.contains("'clerk'"),
            "{new}"
        );
        let insert = entry(&emitted, dialect, ("sales", "insert", "clerk")).unwrap();
        assert_eq!(insert["inline"], update["new"]["inline"]);
        // `notes` are open: whoever may update one may read it.
        let notes = entry(&emitted, dialect, ("notes", "update", "everyone")).unwrap();
        assert!(notes.get("new").is_none(), "{notes}");
    }
}

#[test]
fn a_rule_on_queries_that_nobody_sees_closes_its_entries_and_no_others() {
    let program = of_text(&format!(
        "{SCHEMA}
        role joiner {{
            grant read on sales where country = \"USA\"
            /// Only together.
            deny read on sales where country = \"FRANCE\" applies when querying [sales, notes]
        }}
        role other {{ grant read on sales }}"
    ));
    let emitted = emit(&program, false, None, &[]);
    for dialect in ["sqlite", "postgres"] {
        let closed = entry(&emitted, dialect, ("sales", "read", "joiner")).unwrap();
        assert_eq!(
            (&closed["inline"], &closed["bound"], &closed["params"]),
            (&Json::Null, &Json::Null, &json!([]))
        );
        let refused = &closed["refused"];
        assert_eq!(refused["code"], "E0501", "{refused}");
        assert_eq!(
            (&refused["file"], &refused["line"]),
            (&json!("policy.ambit"), &json!(15))
        );
        let other = entry(&emitted, dialect, ("sales", "read", "other")).unwrap();
        assert!(other["refused"].is_null() && other["inline"].is_string());
    }
    let closed: Vec<_> = emitted.refused.iter().filter(|r| r.closed).collect();
    assert_eq!(
        closed.len(),
        2,
        "one for each dialect, told once: {closed:#?}"
    );
    assert!(
        closed
            .iter()
            .all(|r| r.principal.as_deref() == Some("joiner"))
    );
}

#[test]
fn the_day_is_the_engines_a_parameter_or_frozen() {
    let program = of_text(&format!(
        "{SCHEMA}
        role recent {{ grant read on sales where sold_on in last 3 months to today }}"
    ));
    let place = ("sales", "read", "recent");
    let emitted = emit(&program, false, None, &[]);
    let lite = entry(&emitted, "sqlite", place).unwrap();
    assert_eq!(lite["inline"], Json::Null, "SQLite has no day of its own");
    assert_eq!(lite["inline_refused"]["code"], "E0506");
    assert_eq!(lite["params"], json!(["today"]));
    assert!(lite["refused"].is_null(), "the bound form holds");
    let half: Vec<_> = emitted.refused.iter().map(|r| (r.by, r.closed)).collect();
    assert_eq!(half, [("SQLite", false)]);
    let postgres = entry(&emitted, "postgres", place).unwrap();
    assert!(
        postgres["inline"]
            .as_str()
            .unwrap()
            .contains("statement_timestamp"),
        "{postgres}"
    );
    assert!(emitted.artifacts.iter().all(|a| a.valid_until.is_none()));

    let emitted = emit(&program, false, Some(date(2024, 1, 15)), &[]);
    assert!(emitted.refused.is_empty(), "{:#?}", emitted.refused);
    for artifact in &emitted.artifacts {
        let dialect = artifact.path.split('/').nth(1).unwrap();
        let frozen = entry(&emitted, dialect, place).unwrap();
        assert!(
            frozen["inline"].as_str().unwrap().contains("2023-10-01"),
            "{frozen}"
        );
        assert_eq!(frozen["params"], json!(["today"]), "bound stays bound");
        assert_eq!(
            artifact.valid_until.unwrap().to_string(),
            "2024-01-16T00:00:00Z"
        );
    }
}

#[test]
fn only_the_dialects_asked_for() {
    let program = of_text(SCHEMA);
    let emitted = emit(&program, false, None, &[("dialects", &["sqlite"])]);
    let paths: Vec<&str> = emitted.artifacts.iter().map(|a| a.path.as_str()).collect();
    assert_eq!(paths, ["sql/sqlite/predicates.json"]);
}

#[test]
fn names_that_an_engine_cannot_carry_are_refused() {
    let long = "n".repeat(64);
    let program = of_text(&format!(
        "source warehouse : postgres
        table wide in warehouse as \"{long}\" {{ key id : int }}
        table deep in warehouse as a.b.c {{ key id : int }}
        table fine in warehouse {{ key id : int  named as \"{long}\" : int?  other : int? }}
        everyone {{
            grant read on wide where id = 1
            grant read on deep where id = 1
            grant read on fine where other = 1
            grant insert on fine where named = 1
        }}"
    ));
    let emitted = emit(&program, false, None, &[]);
    let code = |dialect, table, action| {
        let found = entry(&emitted, dialect, (table, action, "everyone")).unwrap();
        found["refused"]["code"].as_str().map(str::to_owned)
    };
    let refused = Some("E0507".to_owned());
    assert_eq!(code("postgres", "wide", "read"), refused);
    assert_eq!(code("sqlite", "wide", "read"), None);
    assert_eq!(code("sqlite", "deep", "read"), refused);
    assert_eq!(code("postgres", "deep", "read"), None);
    for dialect in ["sqlite", "postgres"] {
        assert_eq!(code(dialect, "fine", "read"), None);
    }
    assert_eq!(code("postgres", "fine", "insert"), refused);
    assert_eq!(code("sqlite", "fine", "insert"), None);
}

/// A declared user without rules of its own: the look-up must not end at everyone's entry.
#[test]
fn a_user_who_differs_from_everyone_has_an_entry() {
    let program = of_text(
        "source w : sqlite
        table t in w open { key id : int  amount : int }
        role r { restrict t to amount < 10 }
        user u : r
        user same",
    );
    let emitted = emit(&program, false, None, &[]);
    let read = |who| entry(&emitted, "sqlite", ("t", "read", who));
    let (u, r) = (read("u").unwrap(), read("r").unwrap());
    assert!(u["inline"].as_str().unwrap().contains("< 10"), "{u}");
    assert_eq!(u["inline"], r["inline"]);
    assert!(read("same").is_none(), "nothing bears on it");
    let assumes = &emitted.artifacts[0].assumes;
    for words in ["is not covered", "before the write"] {
        assert!(assumes.iter().any(|a| a.contains(words)), "{assumes:#?}");
    }
}

/// Two sources of one kind: logins, bypasses and names are those of the source that the entry names.
#[test]
fn each_source_of_a_kind_has_entries_of_its_own() {
    let program = of_text(
        "source w1 : postgres
        source w2 : postgres
        table pay in w1 as public.pay, public.wages in w2 {
            key id : int
            owner as who, whom in w2 : string
        }
        table notes in w2 { key id : int  pay : int -> pay.id  doc : int? -> docs.id }
        table docs in w1 { key id : int  secret : bool }
        role dba1 bypasses w1
        everyone {
            grant read on pay where owner = user.login
            grant read on notes where pay.owner = user.login
            grant update on notes where doc.secret
        }
        user dan as \"dan1\" in w1, \"dan2\" in w2",
    );
    let emitted = emit(&program, false, None, &[("dialects", &["postgres"])]);
    let all = entries(&emitted, "postgres");
    let of = |table: &str, source: &str, action: &str, who: &str| {
        let place = [table, source, action, who];
        let is = |e: &&Json| {
            ["table", "source", "action", "principal"].map(|k| e[k].as_str().unwrap()) == place
        };
        all.iter().find(is)
    };
    let sql = |source, who| of("pay", source, "read", who).unwrap()["inline"].to_string();
    let (one, two) = (sql("w1", "dan"), sql("w2", "dan"));
    assert!(
        one.contains("dan1") && one.contains("pay") && one.contains("who"),
        "{one}"
    );
    assert!(
        two.contains("dan2") && two.contains("wages") && two.contains("whom"),
        "{two}"
    );
    assert_eq!(sql("w1", "dba1"), "\"TRUE\"");
    assert!(
        of("pay", "w2", "read", "dba1").is_none(),
        "as everyone: no row"
    );
    assert_eq!(sql("w2", "everyone"), "\"FALSE\"");
    // What is read besides stands in the same source, or is out of reach.
    let notes = of("notes", "w2", "read", "dan").unwrap()["inline"].to_string();
    assert!(notes.contains("wages") && notes.contains("dan2"), "{notes}");
    assert!(of("notes", "w1", "read", "dan").is_none());
    let refused = &of("notes", "w2", "update", "everyone").unwrap()["refused"];
    assert_eq!(refused["code"], "E0516", "{refused}");
}
