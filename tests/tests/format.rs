//! The formatter on whole projects and on random policies: twice equals once, and the program stays the same.

use ambit_core::dump::dump;
use ambit_tests::project::{SETTINGS, Shape, generate};
use ambit_tests::random::{Coverage, Policy};
use ambit_tests::rng::Rng;

use crate::support;
use crate::support::project::Checked;

/// Formats; fails where formatting again changes something, or where anything was left as it was.
fn formatted(name: &str, text: &str) -> String {
    let once = ambit_grammar::format(text);
    let twice = ambit_grammar::format(&once.text);
    assert_eq!(twice.text, once.text, "{name}: twice differs from once");
    assert!(twice.edits.is_empty(), "{name}");
    assert_eq!(once.skipped, [], "{name}: left as it was");
    once.text
}

#[test]
fn twice_equals_once_on_all_examples() {
    let mut seen = 0;
    for (name, text) in support::files("examples", ".ambit") {
        let once = ambit_grammar::format(&text).text;
        assert_eq!(ambit_grammar::format(&once).text, once, "{name}");
        if !name.starts_with("broken/") {
            assert_eq!(
                formatted(&name, &text),
                text,
                "{name} is not in the one canonical style"
            );
        }
        seen += 1;
    }
    assert!(seen > 10);
}

#[test]
fn twice_equals_once_on_a_generated_project() {
    for (name, text) in generate(Shape::of_grants(2_000)) {
        formatted(&name, &text);
    }
}

#[test]
fn formatting_keeps_the_program() {
    let files = generate(Shape::of_grants(300));
    let after: Vec<(String, String)> = files
        .iter()
        .map(|(n, t)| (n.clone(), formatted(n, t)))
        .collect();
    assert_eq!(meaning(&files, SETTINGS), meaning(&after, SETTINGS));
    let rng = Rng::new(crate::budget::seed());
    for n in 0..60 * crate::budget::times() as u64 {
        let (policy, _) = Policy::new(&mut rng.fork(n), &mut Coverage::default());
        let text = policy.text();
        let before = vec![("a.ambit".to_owned(), text.clone())];
        // Written without line ends it is the same program, and must come out in the same style.
        let flat = text.lines().map(str::trim).collect::<Vec<_>>();
        let flat = vec![("a.ambit".to_owned(), formatted("flat", &flat.join("\n")))];
        let after = vec![("a.ambit".to_owned(), formatted("random", &text))];
        let meant = meaning(&before, &policy.settings());
        assert_eq!(meant, meaning(&after, &policy.settings()), "{text}");
        assert_eq!(meant, meaning(&flat, &policy.settings()), "{text}");
    }
}

/// The program in Core, without lines.
fn meaning(files: &[(String, String)], settings: &str) -> String {
    let checked = Checked::new(files, Some(settings));
    let program = ambit_compiler::program(&checked.db, checked.project);
    let program = program.unwrap_or_else(|| panic!("{}", checked.rendered()));
    let without_line = |line: &str| match line.split_once(".ambit:") {
        Some((file, rest)) => format!(
            "{file} {}\n",
            rest.trim_start_matches(|c: char| c.is_ascii_digit())
        ),
        None => format!("{line}\n"),
    };
    dump(&program).lines().map(without_line).collect()
}
