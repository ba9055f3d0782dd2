//! What is wrong with a project, in two stages, and the changes that mend it.

use ambit_compiler::{Database, Project, check_in_parallel};
use ambit_diagnostics::{Resolved, ResolvedFix};
use ambit_grammar::Span;

/// The first stage: settings, syntax, names, types, the program as a whole.
pub fn first(db: &Database, project: Project) -> Vec<Resolved> {
    let mut problems = check_in_parallel(db, project).problems;
    problems.extend(ambit_cli::build::settings::problems(&project.config(db)));
    problems
}

/// The second stage: claims and findings; nothing while the first has errors.
pub fn second(db: &Database, project: Project) -> Vec<Resolved> {
    ambit_analysis::report(db, project).problems
}

/// What such a problem is about can go: editors fade it.
pub fn fades(code: &str) -> bool {
    matches!(code, "W0601" | "W0602" | "W0603")
}

/// The changes offered for problems of a file that a range touches, each with its problem.
pub fn fixes<'p>(
    problems: &'p [Resolved],
    file: &str,
    range: Span,
) -> Vec<(&'p Resolved, &'p ResolvedFix)> {
    problems
        .iter()
        .filter(|p| p.at.file == file && p.at.start <= range.end && range.start <= p.at.end)
        .flat_map(|p| p.fixes.iter().map(move |fix| (p, fix)))
        .collect()
}
