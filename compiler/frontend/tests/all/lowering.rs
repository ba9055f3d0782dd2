//! What text is lowered to: source beside result.

use insta::assert_snapshot;

use crate::support::{core, load, problems};

const SCHEMA: &str = r#"
source db : sqlite
source mkt as "MARKETING" : dataiku
enum Country { "USA", "FRANCE" }
table sales in db as "Sales Orders" {
    key id : int
    country : Country
    amount : decimal stored as scaled(2)
    sold_on : date
    seen_at : timestamp?
    paid : bool
    contact_id : int? -> contacts.id
    note : string?
}
table contacts in db { key id : int  tier : string?  region_id : int? -> regions.id }
table regions in db { key id : int  name : string }
table shares in db { login : string  country : Country -> sales.country }
table limits in db open { key limit_id : string  scope : scope { Book, Desk } stored as text }
attribute countries : set of Country
attribute days : set of date
attribute name : string
kind dataset { read, write implies read, publish implies write }
object campaigns in mkt : dataset uses sales
"#;

/// The rules that a policy is lowered to, behind their source.
fn rules(policy: &str) -> String {
    let (db, project) = load(&[("schema.ambit", SCHEMA), ("policy.ambit", policy)], "");
    assert_eq!(problems(&db, project), "");
    let dump = core(&db, project);
    let rules: Vec<&str> = dump
        .lines()
        .filter(|l| l.starts_with("policy.ambit:"))
        .collect();
    format!("{}\n----\n{}", policy.trim(), rules.join("\n"))
}

#[test]
fn sugar_is_written_out() {
    assert_snapshot!(rules(
        r#"
role r {
    grant read on sales where amount between 1 and 2.50
    grant read on sales where country not in ["USA", "USA", "FRANCE"] and not paid
    grant read on sales where sold_on before today or 2024-01-15 < sold_on
    grant read on sales where note is not null and note starts with "a\"b"
    grant write on sales
}
"#
    ));
}

#[test]
fn an_instant_counts_as_its_day_against_days() {
    assert_snapshot!(rules(
        r"
role r {
    grant read on sales where seen_at = 2024-01-15
    grant read on sales where seen_at > 2024-01-15T10:00:00Z
    grant read on sales where seen_at in [2024-01-15, 2024-01-16T00:00:00+02:00]
    grant read on sales where seen_at in this month and seen_at before today and seen_at in user.days
    grant read on sales where seen_at >= sold_on
}
"
    ));
}

#[test]
fn roles_stand_once_for_each_instance_that_is_named() {
    assert_snapshot!(rules(
        r#"
filter mine on sales where note = user.name
role market(c: Country, least: decimal) as "M_{c}_{least}" {
    grant read on sales where country = c and amount >= least and mine
}
role both inherits market("USA", 1), market("FRANCE", 2.50)
role wide(c: Country) inherits market(c, 0)
user dan : wide("USA") { name = "Dan"  countries = [] }
for both { deny read on sales }
"#
    ));
}

#[test]
fn links_are_crossed_both_ways() {
    assert_snapshot!(rules(
        r#"
everyone {
    grant read on sales where contact_id.region_id.name = "EU"
    grant read on sales where exists shares where (login = user.login)
    grant read on shares where exists sales where (contact_id.tier is null)
    grant read on contacts where exists visible sales
    grant read on sales where contact_id is visible
}
"#
        .replace("    grant read on sales where contact_id is visible\n", "")
        .as_str()
    ));
}

#[test]
fn objects_follow_what_their_kind_implies() {
    assert_snapshot!(rules(
        r"
role a { grant write on campaigns }
role b { deny write on campaigns }
role c { grant read, write on everything in mkt  restrict campaigns to user.name is not null }
everyone except a, b { grant read on everything in db where user.name is not null }
"
    ));
}

#[test]
fn applies_and_axes() {
    assert_snapshot!(rules(
        r#"
hierarchy geo on contacts { region_id > id  1 > 2 }
role a {
    restrict sales by country to country in ["USA"] applies when querying [sales, contacts]
    restrict contacts by geo to id = 1 applies when querying any of [sales, shares]
    deny read on sales applies unless querying only [sales]
    restrict limits to scope contains any { Book: ["B 1", "B 1"], Desk: any }
}
"#
    ));
}

#[test]
fn tests_and_claims() {
    let policy = r#"
role r { grant read on sales where country = "USA" }
test "rows" {
    given today 2024-01-15
    given user eve as "Eve" : r { name = "Eve" }
    given sales { id, country, amount, sold_on, paid  1, "USA", 1.50, 2024-01-01, true }
    given limits { limit_id, scope  "l", "Book=B 1|Desk=[a + b]" }
    eve sees sales [1] when querying [sales, contacts]
    r cannot delete sales [1]
    r cannot write campaigns
}
assert anyone with r can never read sales where country = "FRANCE"
"#;
    let (db, project) = load(&[("schema.ambit", SCHEMA), ("policy.ambit", policy)], "");
    assert_eq!(problems(&db, project), "");
    let dump = core(&db, project);
    let from = dump.find("test \"rows\"").unwrap();
    assert_snapshot!(format!("{}\n----\n{}", policy.trim(), &dump[from..]));
}
