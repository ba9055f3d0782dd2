//! Trees without places: two trees are equal in meaning when they are equal once their spans are erased.
//!
//! A span that this file forgets makes equal trees look different, so the formatter then refuses: never the reverse.

use crate::ast::{
    Applies, Arg, Assert, Column, Cond, Fact, FactValue, InSet, Item, ItemKind, Key, LevelEntry,
    Literal, Name, Operand, Outside, Part, Path, Person, Role, Rule, Span, Step, Stored,
    StoredForm, Subject, Tables, Text, Type, What, Who, Window,
};

/// Parts of a tree whose spans can be erased.
pub(super) trait Erase {
    /// Sets every span to the empty one at 0.
    fn erase(&mut self);
}

impl Erase for Span {
    fn erase(&mut self) {
        *self = Self::default();
    }
}

impl<T: Erase> Erase for Vec<T> {
    fn erase(&mut self) {
        self.iter_mut().for_each(Erase::erase);
    }
}

impl<T: Erase> Erase for Option<T> {
    fn erase(&mut self) {
        self.iter_mut().for_each(Erase::erase);
    }
}

impl<T: Erase> Erase for Box<T> {
    fn erase(&mut self) {
        (**self).erase();
    }
}

impl<T: Erase, U: Erase> Erase for (T, U) {
    fn erase(&mut self) {
        self.0.erase();
        self.1.erase();
    }
}

/// Erases the named fields.
macro_rules! erase_fields {
    ($($ty:ty { $($field:ident),+ })+) => {
        $(impl Erase for $ty {
            fn erase(&mut self) {
                $(self.$field.erase();)+
            }
        })+
    };
}

/// Erases several places.
macro_rules! erase {
    ($($place:expr),+ $(,)?) => {
        {
            $($place.erase();)+
        }
    };
}

erase_fields! {
    Name { span }
    Text { span }
    Part { span }
    Path { names, span }
    Outside { parts, source, span }
    Literal { span }
    Role { name, params, outside, inherits, bypasses, rules }
    crate::ast::Param { name, ty }
    crate::ast::KindAction { name, implies }
    crate::ast::GivenRow { cells, span }
    crate::ast::Cell { value, span }
    Column { docs, key, name, outside, ty, nullable, stored, links, span }
    Stored { form, span }
    Who { name, args, span }
    Person { name, outside, has, facts, rules }
    Fact { name, value, span }
    Applies { tables, span }
    Tables { names, span }
    Window { count, span }
    LevelEntry { level, members, span }
    Key { values, span }
}

/// Blanks at the end of a comment's line say nothing.
impl Erase for smol_str::SmolStr {
    fn erase(&mut self) {
        let trimmed = self.trim_end();
        if trimmed.len() < self.len() {
            *self = Self::new(trimmed);
        }
    }
}

impl Erase for Item {
    fn erase(&mut self) {
        self.docs.erase();
        self.span.erase();
        match &mut self.kind {
            ItemKind::Source(s) => erase!(s.name, s.outside, s.kind),
            ItemKind::Enum(e) => erase!(e.name, e.members),
            ItemKind::Table(t) => erase!(t.name, t.source, t.outside, t.open, t.columns),
            ItemKind::Hierarchy(h) => erase!(h.name, h.table, h.levels, h.members),
            ItemKind::Kind(k) => erase!(k.name, k.outside, k.actions),
            ItemKind::Object(o) => erase!(o.name, o.source, o.outside, o.kind, o.uses),
            ItemKind::Attribute(a) => erase!(a.name, a.outside, a.ty),
            ItemKind::Filter(f) => erase!(f.name, f.table, f.cond),
            ItemKind::Role(role) | ItemKind::Group(role) => role.erase(),
            ItemKind::User(person) => person.erase(),
            ItemKind::Everyone(e) => erase!(e.except, e.rules),
            ItemKind::For(f) => erase!(f.whos, f.rules),
            ItemKind::Exclusive(e) => e.whos.erase(),
            ItemKind::Test(t) => erase!(t.name, t.steps),
            ItemKind::Assert(a) => a.erase(),
            ItemKind::Error => {}
        }
    }
}

impl Erase for Type {
    fn erase(&mut self) {
        match self {
            Self::Named(name) => name.erase(),
            Self::SetOf(name, span) => erase!(name, span),
            Self::Scope(parts, span) => erase!(parts, span),
            Self::Error(span) => span.erase(),
        }
    }
}

impl Erase for StoredForm {
    fn erase(&mut self) {
        match self {
            Self::Rows { table, columns } => erase!(table, columns),
            Self::Scaled(places) => places.erase(),
            Self::Text | Self::Array | Self::Json | Self::Error => {}
        }
    }
}

impl Erase for Arg {
    fn erase(&mut self) {
        match self {
            Self::Literal(literal) => literal.erase(),
            Self::Name(name) => name.erase(),
        }
    }
}

impl Erase for FactValue {
    fn erase(&mut self) {
        match self {
            Self::One(literal) => literal.erase(),
            Self::Set(values, span) => erase!(values, span),
            Self::Error(span) => span.erase(),
        }
    }
}

impl Erase for Rule {
    fn erase(&mut self) {
        match self {
            Self::Access {
                effect: _,
                keyword,
                docs,
                actions,
                on,
                cond,
                applies,
                span,
            } => {
                erase!(keyword, docs, actions, on, cond, applies, span);
            }
            Self::Restrict {
                keyword,
                docs,
                on,
                by,
                cond,
                applies,
                span,
            } => {
                erase!(keyword, docs, on, by, cond, applies, span);
            }
            Self::Error(span) => span.erase(),
        }
    }
}

impl Erase for What {
    fn erase(&mut self) {
        match self {
            Self::Name(name) => name.erase(),
            Self::EverythingIn(name, span) => erase!(name, span),
        }
    }
}

impl Erase for Cond {
    fn erase(&mut self) {
        match self {
            Self::Or(parts, span) | Self::And(parts, span) => erase!(parts, span),
            Self::Not(inner, span) | Self::Paren(inner, span) => erase!(inner, span),
            Self::Nothing(span) | Self::Everything(span) | Self::Error(span) => span.erase(),
            Self::Operand(operand) => operand.erase(),
            Self::Compare {
                left,
                op: _,
                op_span,
                right,
            } => erase!(left, op_span, right),
            Self::In {
                left,
                negated: _,
                set,
                span,
            } => erase!(left, set, span),
            Self::IsNull {
                left,
                negated: _,
                span,
            }
            | Self::IsVisible { left, span } => erase!(left, span),
            Self::Between {
                left,
                low,
                high,
                span,
            } => erase!(left, low, high, span),
            Self::Text {
                left,
                test: _,
                text,
                span,
            } => erase!(left, text, span),
            Self::Scope {
                left,
                contains: _,
                any: _,
                levels,
                span,
            } => erase!(left, levels, span),
            Self::Exists {
                visible: _,
                path,
                by,
                cond,
                span,
            } => erase!(path, by, cond, span),
        }
    }
}

impl Erase for InSet {
    fn erase(&mut self) {
        match self {
            Self::List(values, span) => erase!(values, span),
            Self::Attribute(name, span) => erase!(name, span),
            Self::Window(window) => window.erase(),
            Self::Error(span) => span.erase(),
        }
    }
}

impl Erase for Operand {
    fn erase(&mut self) {
        match self {
            Self::Path(path) => path.erase(),
            Self::User(name, span) => erase!(name, span),
            Self::Literal(literal) => literal.erase(),
            Self::Today(span) | Self::Error(span) => span.erase(),
        }
    }
}

impl Erase for Step {
    fn erase(&mut self) {
        match self {
            Self::Rows {
                table,
                columns,
                rows,
                span,
            } => erase!(table, columns, rows, span),
            Self::User(person, span) => erase!(person, span),
            Self::Today(day, span) => erase!(day, span),
            Self::Sees {
                who,
                table,
                keys,
                keys_span,
                during,
                span,
            } => {
                erase!(who, table, keys, keys_span, during, span);
            }
            Self::Can {
                who,
                negated: _,
                action,
                what,
                keys,
                during,
                span,
            } => {
                erase!(who, action, what, keys, during, span);
            }
            Self::Error(span) => span.erase(),
        }
    }
}

impl Erase for Assert {
    fn erase(&mut self) {
        match self {
            Self::Can {
                subject,
                always: _,
                action,
                what,
                cond,
            } => erase!(subject, action, what, cond),
            Self::Are {
                left,
                right,
                equal: _,
                table,
            } => erase!(left, right, table),
            Self::Error(span) => span.erase(),
        }
    }
}

impl Erase for Subject {
    fn erase(&mut self) {
        match self {
            Self::Who(who) => who.erase(),
            Self::Anyone(who, span) => erase!(who, span),
        }
    }
}
