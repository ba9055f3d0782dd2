//! Mistakes that need the whole program, or several places at once; those of one place have their pages.

use std::fmt::Write;

use insta::assert_snapshot;

use crate::support::{load, problems};

fn report(policy: &str) -> String {
    let (db, project) = load(&[("policy.ambit", policy)], "");
    format!("{}\n----\n{}", policy.trim(), problems(&db, project))
}

#[test]
fn circles() {
    assert_snapshot!(report(
        r"
table a { key id : int  b_id : int -> b.id }
table b { key id : int  a_id : int -> a.id }
table c { key id : int  a_id : int -> a.id }
filter f on a where g
filter g on a where not f
role x inherits y
role y inherits x
everyone {
    grant read on a where b_id is visible
    grant read on b where a_id is visible
}
"
    ));
}

#[test]
fn below_has_no_circle() {
    assert_snapshot!(report(
        r"
table a { key id : int  b_id : int -> b.id }
table b { key id : int  name : string }
role back_is_fine { grant read on b where exists a where (b_id.name = user.login) }
role round { grant read on b where exists a where (exists b where (exists a)) }
"
    ));
}

#[test]
fn filters_do_not_grow_beyond_bounds() {
    let mut policy = String::from("table t { key id : int }\nfilter f0 on t where id = 1\n");
    for i in 1..60 {
        writeln!(policy, "filter f{i} on t where f{} and f{}", i - 1, i - 1).unwrap();
    }
    let (db, project) = load(&[("policy.ambit", &policy)], "");
    let report = problems(&db, project);
    assert_eq!(report.matches("E0407").count(), 1, "{report}");
    assert!(ambit_compiler::program(&db, project).is_none());
}

#[test]
fn a_user_with_both() {
    assert_snapshot!(report(
        r#"
role m(c: string)
role us inherits m("us")
role eu inherits m("eu")
exclusive m("us"), m("eu")
user fine : us
user broken : us, eu
"#
    ));
}

#[test]
fn a_damaged_declaration_does_not_make_noise() {
    assert_snapshot!(report(
        r#"
table t { key id : int  country : strin g  amount int }
role r {
    grant read on t where country = "x" and amount > 1 and other = 2
}
"#
    ));
}

#[test]
fn settings() {
    let (db, project) = load(
        &[],
        "[project]\nname = 1\ntimezone = \"Europe/Pariss\"\nweek_start = \"friday\"\n\
         [build]\nout = \"../x\"\n[lints]\nno-such = \"deny\"\n[extra]\n",
    );
    assert_snapshot!(problems(&db, project));
}
