//! Asks the targets for their artifacts.

use std::collections::BTreeMap;

use ambit_compiler::Config;
use ambit_core::Program;
use ambit_targets::target::{Artifact, Context, Evidence, Refused, Target};
use jiff::civil::Date;

use super::manifest::MANIFEST;
use super::settings;
use crate::exit::{Exit, Failure};

/// What the targets made.
#[derive(Debug, Default)]
pub struct Built {
    /// The artifacts by their paths below the folder, each with the name of its target.
    pub artifacts: BTreeMap<String, (&'static str, Artifact)>,
    /// What cannot be said.
    pub refused: Vec<Refused>,
    /// Artifacts that the project does not allow: path and target.
    pub unproven: Vec<(String, &'static str)>,
    /// What to tell a person besides.
    pub notes: Vec<String>,
}

/// Does a target write `today` out? Its option says so.
pub fn asks_to_freeze(config: &Config, target: &dyn Target) -> bool {
    settings::options(config, target)
        .get("today")
        .is_some_and(|words| words.iter().any(|w| w == "frozen"))
}

/// Emits. `frozen` says for each target which day it writes out as `today`, if any. The same program, settings and
/// days give the same artifacts.
pub fn emit(
    program: &Program,
    config: &Config,
    targets: &[&'static dyn Target],
    frozen: &dyn Fn(&dyn Target) -> Option<Date>,
    on_target: &dyn Fn(&'static str),
) -> Result<Built, Failure> {
    let mut built = Built::default();
    for target in targets {
        let name = target.name();
        on_target(name);
        let emitted = target.emit(&Context {
            program,
            per_user: config.per_user,
            options: settings::options(config, *target),
            frozen: frozen(*target),
        });
        built.refused.extend(emitted.refused);
        built.notes.extend(emitted.notes);
        for artifact in emitted.artifacts {
            if artifact.evidence == Evidence::Documented && !config.allow_unproven {
                built.unproven.push((artifact.path, name));
                continue;
            }
            if !is_plain(&artifact.path) || built.artifacts.contains_key(&artifact.path) {
                return Err(Failure::new(
                    Exit::Fault,
                    format!(
                        "internal fault: the target `{name}` may not write `{}`; this is an error in Ambit, please report it",
                        artifact.path
                    ),
                ));
            }
            built
                .artifacts
                .insert(artifact.path.clone(), (name, artifact));
        }
    }
    Ok(built)
}

/// A path below the folder that is nobody else's.
fn is_plain(path: &str) -> bool {
    path != MANIFEST
        && path
            .split('/')
            .all(|part| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0']))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use ambit_targets::target::{Emitted, TargetOption};

    struct Fixed(&'static str, Evidence);

    impl Target for Fixed {
        fn name(&self) -> &'static str {
            "fixed"
        }
        fn options(&self) -> &'static [TargetOption] {
            &[]
        }
        fn emit(&self, _: &Context<'_>) -> Emitted {
            Emitted {
                artifacts: vec![Artifact {
                    path: self.0.to_owned(),
                    content: "x".to_owned(),
                    evidence: self.1,
                    engine: None,
                    valid_until: None,
                    assumes: Vec::new(),
                }],
                ..Emitted::default()
            }
        }
    }

    fn made(targets: &[&'static dyn Target], settings: &str) -> Result<Built, Failure> {
        emit(
            &Program::default(),
            &Config::read(settings),
            targets,
            &|_| None,
            &|_| {},
        )
    }

    #[test]
    fn what_nobody_states_is_built_only_where_allowed() {
        const TARGET: &[&dyn Target] = &[&Fixed("a/b", Evidence::Documented)];
        let built = made(TARGET, "").unwrap();
        assert!(built.artifacts.is_empty());
        assert_eq!(built.unproven, [("a/b".to_owned(), "fixed")]);
        let built = made(TARGET, "[build]\nallow_unproven = true\n").unwrap();
        assert!(built.artifacts.contains_key("a/b") && built.unproven.is_empty());
    }

    #[test]
    fn a_path_that_leaves_the_folder_is_a_fault() {
        const BAD: &[&[&dyn Target]] = &[
            &[&Fixed("../x", Evidence::Engine)],
            &[&Fixed("/x", Evidence::Engine)],
            &[&Fixed("a//b", Evidence::Engine)],
            &[&Fixed("a\\b", Evidence::Engine)],
            &[&Fixed("manifest.json", Evidence::Engine)],
            &[&Fixed("a", Evidence::Engine), &Fixed("a", Evidence::Engine)],
        ];
        for targets in BAD {
            assert_eq!(made(targets, "").unwrap_err().exit, Exit::Fault);
        }
    }
}
