//! Types: every expression checked against the schema. One query an item; what is wrong is part of its result.

mod claim;
mod cond;
mod decl;
mod declare;
mod link;
mod literal;
mod operand;
mod person;
mod rule;
mod scope;
mod test_block;
mod ty;
mod typed;
mod who;

use std::sync::Arc;

use ambit_diagnostics::Problem;
use ambit_grammar::ast::{self, ItemKind};
use smol_str::SmolStr;

use self::declare::TypeOf;
use self::operand::Scope;
use crate::db::Db;
use crate::items::{Item, parsed};
use crate::names::{Cx, Sort};

pub use decl::{
    ColumnDecl, EnumDecl, HierarchyDecl, KindDecl, RoleDecl, TableDecl, attribute_ty, enum_decl,
    filter_table, hierarchy_decl, kind_decl, object_kind, role_decl, table_decl,
};
pub(crate) use decl::{find, resolve_type, table_named};
pub(crate) use declare::{Piece, template};
pub use ty::Ty;
pub use typed::{
    TApplies, TArg, TAxis, TClaim, TCond, TEffect, TExists, TGiven, TItem, TOperand, TPerson,
    TRule, TStep, TStepExpect, TSubject, TTest, TWhat, TWho,
};

/// What checking an item gives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checked {
    /// What is wrong, syntax first, in the order of places.
    pub problems: Vec<Problem>,
    /// What the item means; has holes where there are problems.
    pub typed: TItem,
}

/// Checks one item: its syntax, names and types.
#[salsa::tracked(returns(clone))]
pub fn check_item<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<Checked> {
    let parsed = parsed(db, item);
    let mut cx = Cx::new(db, item);
    for error in &parsed.errors {
        let problem = ambit_diagnostics::syntax_problem(error, cx.key);
        cx.report(problem);
    }
    duplicate(&mut cx, item);
    let typed = check_kind_of_item(&mut cx, item, &parsed.item);
    Arc::new(Checked {
        problems: cx.problems,
        typed,
    })
}

/// A name that was declared before.
fn duplicate<'db>(cx: &mut Cx<'db>, item: Item<'db>) {
    let Some((_, first)) = cx.names.first(&cx.key.name) else {
        return;
    };
    if first == item || Sort::of_keyword(&cx.key.keyword).is_none() {
        return;
    }
    let place = crate::names::name_place(cx.db, item);
    let problem = Problem::new(
        "E0202",
        format!("`{}` is declared twice", cx.key.name),
        place,
    )
    .label("a second time")
    .related("the first time", crate::names::name_place(cx.db, first))
    .help("rename one of the two: all items share one namespace");
    cx.report(problem);
}

fn check_kind_of_item<'db>(cx: &mut Cx<'db>, item: Item<'db>, tree: &ast::Item) -> TItem {
    let mut out = TItem::default();
    match &tree.kind {
        ItemKind::Error => {}
        ItemKind::Source(source) => declare::check_source(cx, source),
        ItemKind::Enum(e) => declare::check_enum(cx, e),
        ItemKind::Table(table) => declare::check_table(cx, table, item),
        ItemKind::Hierarchy(h) => out.members = declare::check_hierarchy(cx, h),
        ItemKind::Kind(kind) => declare::check_kind(cx, kind, tree.damaged),
        ItemKind::Object(object) => declare::check_object(cx, object),
        ItemKind::Attribute(attribute) => declare::check_attribute(cx, attribute),
        ItemKind::Filter(filter) => {
            let table = filter
                .table
                .as_ref()
                .and_then(|t| cx.find(t, &[Sort::Table]));
            if let Some((_, table)) = table {
                let table = table_decl(cx.db, table);
                out.cond = Some(cond::check_cond(
                    cx,
                    &Scope {
                        table,
                        outer: None,
                        params: &[],
                        axis: None,
                    },
                    &filter.cond,
                ));
            }
        }
        ItemKind::Role(role) | ItemKind::Group(role) => check_role(cx, role, &mut out),
        ItemKind::User(person) => {
            declare::check_outside(cx, &person.outside, None);
            (out.whos, out.facts, out.rules) = person::check_person(cx, person);
        }
        ItemKind::Everyone(everyone) => {
            check_whos(cx, &everyone.except, &mut out);
            out.rules = rule::check_rules(cx, &everyone.rules, &[]);
        }
        ItemKind::For(f) => {
            check_whos(cx, &f.whos, &mut out);
            out.rules = rule::check_rules(cx, &f.rules, &[]);
        }
        ItemKind::Exclusive(exclusive) => {
            check_whos(cx, &exclusive.whos, &mut out);
            if exclusive.whos.len() < 2 && !tree.damaged && cx.problems.is_empty() {
                let problem = cx
                    .problem(
                        "E0409",
                        tree.span,
                        "`exclusive` names at least two principals",
                    )
                    .label("only one here")
                    .help("write `exclusive a, b`: no user has both");
                cx.report(problem);
            }
        }
        ItemKind::Test(test) => out.test = Some(test_block::check_test(cx, test)),
        ItemKind::Assert(claim) => out.claim = claim::check_claim(cx, claim),
    }
    out
}

fn check_whos(cx: &mut Cx<'_>, whos: &[ast::Who], out: &mut TItem) {
    cx.doubles(
        "principal",
        whos.iter()
            .filter(|w| w.args.is_empty())
            .map(|w| (w.name.text.as_str(), w.span)),
    );
    out.whos = whos
        .iter()
        .filter_map(|w| who::check_who(cx, w, who::PRINCIPALS, &[]))
        .collect();
}

fn check_role(cx: &mut Cx<'_>, role: &ast::Role, out: &mut TItem) {
    cx.doubles(
        "parameter",
        role.params
            .iter()
            .map(|p| (p.name.text.as_str(), p.name.span)),
    );
    let params: Vec<(SmolStr, Ty)> = role
        .params
        .iter()
        .map(|p| {
            (
                p.name.text.clone(),
                declare::check_type(cx, &p.ty, TypeOf::Param),
            )
        })
        .collect();
    declare::check_outside(cx, &role.outside, Some(&params));
    cx.doubles(
        "principal",
        role.inherits
            .iter()
            .filter(|w| w.args.is_empty())
            .map(|w| (w.name.text.as_str(), w.span)),
    );
    out.whos = role
        .inherits
        .iter()
        .filter_map(|w| who::check_who(cx, w, who::HOLDABLE, &params))
        .collect();
    cx.doubles(
        "source",
        role.bypasses.iter().map(|n| (n.text.as_str(), n.span)),
    );
    for source in &role.bypasses {
        cx.find(source, &[Sort::Source]);
    }
    out.rules = rule::check_rules(cx, &role.rules, &params);
}

/// Outside names as plain text: source and parts.
pub(crate) fn outside_of(outside: &[ast::Outside]) -> Vec<(Option<SmolStr>, Vec<SmolStr>)> {
    outside
        .iter()
        .map(|o| {
            (
                o.source.as_ref().map(|s| s.text.clone()),
                o.parts.iter().map(|p| p.text.clone()).collect(),
            )
        })
        .collect()
}
