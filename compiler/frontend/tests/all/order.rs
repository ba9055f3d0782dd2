//! The order of files and of items in them does not matter.

use crate::support::{core, load, problems};

const FILES: &[(&str, &str)] = &[
    (
        "a.ambit",
        "table t { key id : int  c : C }\nrole r(x: C) { grant read on t where c = x }\n",
    ),
    (
        "b.ambit",
        "enum C { \"x\", \"y\" }\nuser u : r(\"x\"), r(\"y\")\neveryone { deny read on t where c = \"y\" }\n",
    ),
    ("c.ambit", "role broken inherits nobody\nrole r {}\n"),
];

#[test]
fn files_in_any_order_give_the_same_core() {
    let (db, project) = load(&FILES[..2], "");
    let forward = core(&db, project);
    let reversed: Vec<(&str, &str)> = FILES[..2].iter().rev().copied().collect();
    let (db, project) = load(&reversed, "");
    assert_eq!(forward, core(&db, project));
}

#[test]
fn files_in_any_order_give_the_same_problems() {
    let (db, project) = load(FILES, "");
    let forward = problems(&db, project);
    assert!(
        forward.contains("E0202") && forward.contains("E0201"),
        "{forward}"
    );
    let reversed: Vec<(&str, &str)> = FILES.iter().rev().copied().collect();
    let (db, project) = load(&reversed, "");
    assert_eq!(forward, problems(&db, project));
}

#[test]
fn threads_do_not_change_the_report() {
    let (db, project) = load(FILES, "");
    let (other, other_project) = load(FILES, "");
    assert_eq!(
        ambit_compiler::check(&db, project),
        ambit_compiler::check_in_parallel(&other, other_project)
    );
}
