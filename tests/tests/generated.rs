//! The generator of large projects: what it writes is sound, the same each time, and of the shape asked for.

use ambit_tests::project::{SETTINGS, Shape, generate};

use crate::support::project::Checked;

#[test]
fn a_generated_project_checks_clean_and_has_its_shape() {
    for (shape, files) in [
        (
            Shape {
                roles: 200,
                grants: 2_000,
                files: 40,
                seed: 1,
            },
            40,
        ),
        (
            Shape {
                roles: 7,
                grants: 50,
                files: 3,
                seed: 2,
            },
            3,
        ),
        (
            Shape {
                roles: 1,
                grants: 5,
                files: 1,
                seed: 3,
            },
            1,
        ),
        (Shape::of_grants(1_000), 10),
    ] {
        let project = generate(shape);
        assert_eq!(project.len(), files);
        let checked = Checked::new(&project, Some(SETTINGS));
        assert!(
            checked.report.problems.is_empty(),
            "{shape:?}\n{}",
            checked.rendered()
        );
        let count = |word: &str| -> usize {
            project
                .iter()
                .flat_map(|(_, t)| t.lines())
                .filter(|l| l.trim_start().starts_with(word))
                .count()
        };
        let outside_roles = project
            .iter()
            .flat_map(|(_, t)| t.lines())
            .filter(|l| l.starts_with("    grant read on") && l.contains("exists visible"))
            .count();
        assert_eq!(count("role ") + count("group "), shape.roles);
        assert_eq!(count("grant ") - outside_roles, shape.grants);
        assert_eq!(count("table "), 50);
        assert!(ambit_compiler::program(&checked.db, checked.project).is_some());
    }
}

#[test]
fn the_same_shape_gives_the_same_text() {
    let shape = Shape::of_grants(500);
    assert_eq!(generate(shape), generate(shape));
    assert_ne!(generate(shape), generate(Shape { seed: 2, ..shape }));
}

#[test]
fn tests_of_a_generated_project_hold() {
    let checked = Checked::new(&generate(Shape::of_grants(2_000)), Some(SETTINGS));
    let program = ambit_compiler::program(&checked.db, checked.project).unwrap();
    assert!(!program.tests.is_empty());
    let today = jiff::civil::date(2024, 1, 15);
    for (i, test) in program.tests.iter().enumerate() {
        let run = ambit_eval::run_test(&program, ambit_core::TestId(i as u32), today);
        assert!(run.failures.is_empty(), "{}: {:?}", test.name, run.failures);
    }
}
