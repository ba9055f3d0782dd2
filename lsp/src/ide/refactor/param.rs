//! A parameter of a role gets a name that says more: that of what it is compared with, or of its type.
//!
//! A name may mean something else inside the role, a column say; then the role would mean something else, and the proof fails.

use ambit_compiler::item_syntax;
use ambit_grammar::ast::{Cond, ItemKind, Operand, Type};
use ambit_grammar::lex;

use super::{Candidate, Cx, Edit, Kind, conds};
use crate::ide::occurrence;
use crate::ide::symbol::Symbol;

pub(super) fn candidates(cx: &Cx<'_>, out: &mut Vec<Candidate>) {
    let offset = cx.range.start + cx.item.start(cx.db);
    let Some((_, symbols)) = occurrence::at(cx.db, cx.file, offset) else {
        return;
    };
    let [symbol @ Symbol::Param(_, name)] = symbols.as_slice() else {
        return;
    };
    let kind = &item_syntax(cx.db, cx.item).item.kind;
    for new in names(kind, name) {
        let is_name = matches!(lex(&new).as_slice(), [t] if t.kind.is_name());
        if !is_name || new == *name {
            continue;
        }
        let places = occurrence::in_file(cx.db, cx.file, symbol).into_iter();
        let edits: Vec<Edit> = places.map(|(p, _)| (p.file, p.span, new.clone())).collect();
        out.push(Candidate {
            title: format!("Rename parameter `{name}` to `{new}`"),
            kind: Kind::Rewrite,
            edits,
        });
    }
}

/// The names that say more, without doubles.
fn names(kind: &ItemKind, name: &str) -> Vec<String> {
    let ItemKind::Role(role) = kind else {
        return Vec::new();
    };
    let mut names = Vec::new();
    let is_param = |operand: &Operand| matches!(operand, Operand::Path(p) if matches!(p.names.as_slice(), [n] if n.text == name));
    for on in conds::of_item(kind) {
        conds::walk(on, &mut |(cond, _)| {
            if let Cond::Compare { left, right, .. } = cond {
                for (a, b) in [(left, right), (right, left)] {
                    if let (true, Operand::Path(path)) = (is_param(a), b) {
                        names.extend(path.names.last().map(|n| n.text.to_string()));
                    }
                }
            }
        });
    }
    let param = role.params.iter().find(|p| p.name.text == name);
    if let Some(Type::Named(ty)) = param.map(|p| &p.ty)
        && ambit_compiler::Ty::builtin(&ty.text).is_none()
    {
        names.push(snake(&ty.text));
    }
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|n| seen.insert(n.clone()));
    names
}

/// `LegalEntity` as `legal_entity`.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for (n, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && n > 0 && !out.ends_with('_') {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}
