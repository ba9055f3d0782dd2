//! Every name of an item, with what it stands for. Most features ask this: definition, references, rename, highlights,
//! hover, colours.
//!
//! Names that nothing declares are left out. A name that stands for several things (a column in a rule on two tables)
//! occurs once for each.

mod cond;
mod item;
mod rule;
mod test;

use std::sync::Arc;

use ambit_compiler::{
    Database, Db, Item, NameIndex, Project, Sort, SourceFile, TableDecl, Ty, attribute_ty,
    file_items, item_syntax, name_index, role_decl,
};
use ambit_diagnostics::ItemKey;
use ambit_grammar::Span;
use ambit_grammar::ast::{self, Arg, FactValue, Literal, LiteralKind, Name};
use smol_str::SmolStr;

use super::symbol::{self, Symbol};
use super::{Place, all_items, item_at};

/// A name and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// Where it stands, relative to its item; of a member of an enum with its quotes.
    pub span: Span,
    /// What it stands for.
    pub symbol: Symbol,
    /// It is the declaration.
    pub declares: bool,
}

/// The names of an item, by their place.
#[salsa::tracked(returns(clone))]
pub fn occurrences<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<Vec<Occurrence>> {
    let project = Project::get(db);
    let mut collector = Collector {
        db,
        project,
        names: name_index(db, project),
        key: item.key(db),
        text: &item.raw(db).text,
        out: Vec::new(),
    };
    collector.item(&item_syntax(db, item).item.kind);
    let mut out = collector.out;
    out.sort_by(|a, b| (a.span.start, &a.symbol).cmp(&(b.span.start, &b.symbol)));
    out.dedup();
    Arc::new(out)
}

/// What stands at a byte of a file: where the name stands in the file, and all that it stands for. Where the tree has a
/// hole, the words before the name say what it can be.
pub fn at(db: &Database, file: SourceFile, offset: u32) -> Option<(Span, Vec<Symbol>)> {
    let item = item_at(db, file, offset)?;
    let start = item.start(db);
    let all = occurrences(db, item);
    let touched = |o: &&Occurrence| {
        let span = o.span.shift(start);
        span.start <= offset && offset <= span.end
    };
    // Between two names that touch, the one that begins here counts.
    let Some(span) = all.iter().filter(touched).map(|o| o.span).next_back() else {
        return super::completion::meaning(db, Project::get(db), file, offset);
    };
    let symbols = all
        .iter()
        .filter(|o| o.span == span)
        .map(|o| o.symbol.clone())
        .collect();
    Some((span.shift(start), symbols))
}

/// Every place where a symbol stands, with whether it is declared there; in the order of files and places.
pub fn everywhere(db: &Database, project: Project, symbol: &Symbol) -> Vec<(Place, bool)> {
    let mut places = Vec::new();
    for (file, item) in all_items(db, project) {
        // A text without the name cannot hold it; members may be written with escapes.
        let may = matches!(symbol, Symbol::Member(..))
            || item.raw(db).text.contains(symbol.name().as_str());
        if may {
            places.extend(in_item(db, file, item, symbol));
        }
    }
    places
}

/// Every place in one file where a symbol stands.
pub fn in_file(db: &Database, file: SourceFile, symbol: &Symbol) -> Vec<(Place, bool)> {
    file_items(db, file)
        .iter()
        .flat_map(|item| in_item(db, file, *item, symbol))
        .collect()
}

fn in_item(db: &Database, file: SourceFile, item: Item<'_>, symbol: &Symbol) -> Vec<(Place, bool)> {
    let start = item.start(db);
    occurrences(db, item)
        .iter()
        .filter(|o| o.symbol == *symbol)
        .map(|o| {
            let span = o.span.shift(start);
            (Place { file, span }, o.declares)
        })
        .collect()
}

/// Walks an item.
struct Collector<'db> {
    db: &'db dyn Db,
    project: Project,
    names: &'db NameIndex<'db>,
    key: &'db ItemKey,
    /// The item's text.
    text: &'db str,
    out: Vec<Occurrence>,
}

impl<'db> Collector<'db> {
    fn push(&mut self, span: Span, symbol: Symbol, declares: bool) {
        self.out.push(Occurrence {
            span,
            symbol,
            declares,
        });
    }

    fn declare(&mut self, name: &Name) {
        self.push(name.span, Symbol::Item(name.text.clone()), true);
    }

    /// A name that some item declares.
    fn refer(&mut self, name: &Name) {
        if self.names.first(&name.text).is_some() {
            self.push(name.span, Symbol::Item(name.text.clone()), false);
        }
    }

    fn refer_all<'a>(&mut self, names: impl IntoIterator<Item = &'a Name>) {
        names.into_iter().for_each(|n| self.refer(n));
    }

    fn builtin(&mut self, name: &Name) {
        self.push(name.span, Symbol::Builtin(name.text.clone()), false);
    }

    fn named(&self, name: &str, sort: Sort) -> Option<Item<'db>> {
        symbol::named(self.db, self.project, name, sort)
    }

    fn table(&self, name: &str) -> Option<Arc<TableDecl>> {
        symbol::table(self.db, self.project, name)
    }

    /// A column of a table, and its type.
    fn column(&mut self, table: &TableDecl, name: &Name) -> Option<Ty> {
        let (_, column) = table.column(&name.text)?;
        let symbol = Symbol::Column(table.name.clone(), name.text.clone());
        self.push(name.span, symbol, false);
        Some(column.ty.clone())
    }

    fn attribute(&mut self, name: &Name) -> Ty {
        if name.text == "login" {
            self.builtin(name);
            return Ty::String;
        }
        let Some(item) = self.named(&name.text, Sort::Attribute) else {
            return Ty::Unknown;
        };
        self.refer(name);
        attribute_ty(self.db, item)
    }

    fn ty(&mut self, ty: &ast::Type) -> Ty {
        let name = match ty {
            ast::Type::Named(name) | ast::Type::SetOf(name, _) => name,
            ast::Type::Scope(levels, _) => {
                return Ty::Scope(levels.iter().map(|l| l.text.clone()).collect());
            }
            ast::Type::Error(_) => return Ty::Unknown,
        };
        if let Some(ty) = Ty::builtin(&name.text) {
            self.builtin(name);
            return ty;
        }
        self.refer(name);
        Ty::Enum(name.text.clone())
    }

    /// Literals of a type: those of an enum are its members.
    fn literals<'a>(&mut self, ty: &Ty, literals: impl IntoIterator<Item = &'a Literal>) {
        let of = match ty {
            Ty::Enum(of) => of,
            Ty::Set(inner) => match &**inner {
                Ty::Enum(of) => of,
                _ => return,
            },
            _ => return,
        };
        for literal in literals {
            if let LiteralKind::String(text) = &literal.kind {
                let symbol = Symbol::Member(of.clone(), text.clone());
                self.push(literal.span, symbol, false);
            }
        }
    }

    fn outside(&mut self, outside: &[ast::Outside]) {
        self.refer_all(outside.iter().filter_map(|o| o.source.as_ref()));
    }

    fn who(&mut self, who: &ast::Who, params: &[(SmolStr, Ty)]) {
        self.refer(&who.name);
        let role = self.named(&who.name.text, Sort::Role);
        let role = role.and_then(|item| role_decl(self.db, item));
        for (n, arg) in who.args.iter().enumerate() {
            match arg {
                Arg::Literal(literal) => {
                    let ty = role.as_ref().and_then(|r| r.params.get(n));
                    self.literals(&ty.map_or(Ty::Unknown, |(_, ty)| ty.clone()), [literal]);
                }
                Arg::Name(name) => self.param(name, params),
            }
        }
    }

    fn param(&mut self, name: &Name, params: &[(SmolStr, Ty)]) {
        if params.iter().any(|(n, _)| *n == name.text) {
            let symbol = Symbol::Param(self.key.clone(), name.text.clone());
            self.push(name.span, symbol, false);
        }
    }

    fn person(&mut self, person: &ast::Person) {
        self.outside(&person.outside);
        for who in &person.has {
            self.who(who, &[]);
        }
        for fact in &person.facts {
            let ty = self.attribute(&fact.name);
            match &fact.value {
                FactValue::One(literal) => self.literals(&ty, [literal]),
                FactValue::Set(literals, _) => self.literals(&ty, literals),
                FactValue::Error(_) => {}
            }
        }
        self.rules(&person.rules, &[]);
    }
}
