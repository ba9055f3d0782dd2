//! Who can be asked about: users, groups, roles with their arguments, and everyone.

use std::collections::BTreeSet;

use ambit_cli::commands::inputs;
use ambit_compiler::{Sort, item_syntax, name_index};
use ambit_core::PrincipalKind;
use ambit_grammar::Span;
use ambit_grammar::ast::ItemKind;
use smol_str::SmolStr;

use super::Ask;
use crate::ide::{Place, all_items, roles, symbol::Symbol};

/// What somebody is, in the order in which they are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PersonKind {
    /// A declared user.
    User,
    /// A group.
    Group,
    /// A role, or an instance of one with parameters.
    Role,
    /// Whoever has nothing.
    Everyone,
}

impl PersonKind {
    /// As answers say it.
    pub fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
            Self::Everyone => "everyone",
        }
    }
}

/// Everybody who can be asked about: users first, each kind by name. In a project with errors a role with parameters is
/// there as far as it is named with arguments.
pub fn people(ask: &Ask<'_>) -> Vec<(PersonKind, SmolStr)> {
    let mut all = BTreeSet::from([(PersonKind::Everyone, inputs::EVERYONE.into())]);
    match ambit_compiler::program(ask.db, ask.project) {
        Some(program) => {
            let own = program.principals.iter().filter(|p| p.test.is_none());
            all.extend(own.map(|p| {
                let kind = match p.kind {
                    PrincipalKind::User => PersonKind::User,
                    PrincipalKind::Group => PersonKind::Group,
                    PrincipalKind::Role => PersonKind::Role,
                };
                (kind, p.name.clone())
            }));
        }
        None => written(ask, &mut all),
    }
    all.into_iter().collect()
}

/// Those whom the texts name.
fn written(ask: &Ask<'_>, all: &mut BTreeSet<(PersonKind, SmolStr)>) {
    for (name, sort, item) in name_index(ask.db, ask.project).declarations() {
        let kind = match sort {
            Sort::User => PersonKind::User,
            Sort::Group => PersonKind::Group,
            Sort::Role => PersonKind::Role,
            _ => continue,
        };
        let parametric = matches!(
            &item_syntax(ask.db, item).item.kind,
            ItemKind::Role(role) | ItemKind::Group(role) if !role.params.is_empty()
        );
        if !parametric {
            all.insert((kind, name.into()));
        }
    }
    for (_, item) in all_items(ask.db, ask.project) {
        let whos = roles::whos(&item_syntax(ask.db, item).item.kind);
        for who in whos.iter().filter(|who| !who.args.is_empty()) {
            let literal =
                |arg: &ambit_grammar::ast::Arg| matches!(arg, ambit_grammar::ast::Arg::Literal(_));
            if who.args.iter().all(literal) {
                let text = crate::ide::one_line(ask.db, item, who.span);
                all.insert((PersonKind::Role, text.into()));
            }
        }
    }
}

/// Where somebody is declared: of `everyone` the first such block, or where the project begins.
pub fn declared_at(ask: &Ask<'_>, kind: PersonKind, name: &str) -> Option<Place> {
    if kind != PersonKind::Everyone {
        return Symbol::Item(base(name)).declaration(ask.db, ask.project);
    }
    let block = all_items(ask.db, ask.project).find_map(|(file, item)| {
        let tree = &item_syntax(ask.db, item).item;
        matches!(&tree.kind, ItemKind::Everyone(_)).then(|| Place {
            file,
            span: tree.span.shift(item.start(ask.db)),
        })
    });
    block.or_else(|| {
        let file = *ask.project.files(ask.db).first()?;
        let span = Span::new(0, 0);
        Some(Place { file, span })
    })
}

/// The declared name: `market` of `market("FRANCE")`.
pub fn base(name: &str) -> SmolStr {
    let head = name.split('(').next().unwrap_or(name);
    SmolStr::new(head.trim())
}
