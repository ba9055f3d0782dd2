//! Trees as S-expressions, for people and for snapshots.

use std::fmt::Write;

use smol_str::SmolStr;

use crate::ast::{
    Applies, Arg, Assert, CompareOp, Cond, Effect, FactValue, InSet, Item, ItemKind, Key, Literal,
    LiteralKind, Name, Operand, Outside, Part, Path, Person, Role, Rule, Step, StoredForm, Subject,
    Tables, TextTest, Type, Unit, What, Who, WindowKind,
};
use crate::error::SyntaxError;

/// An item as S-expressions: one line each for its head and its members. Holes print as `?`.
pub fn dump(item: &Item) -> String {
    let mut out = String::new();
    for doc in &item.docs {
        let _ = writeln!(out, ";; {doc}");
    }
    let head = kind(&item.kind);
    let _ = write!(
        out,
        "({}{}",
        head.text,
        if item.damaged { " #damaged" } else { "" }
    );
    for member in &head.members {
        let _ = write!(out, "\n  {member}");
    }
    out.push_str(")\n");
    out
}

/// A mistake: where, what, and its fix.
pub fn dump_error(error: &SyntaxError) -> String {
    let mut out = format!(
        "{}..{} {:?}: {:?}",
        error.span.start, error.span.end, error.context, error.kind
    );
    for edit in &error.fix {
        let _ = write!(
            out,
            " [{}..{} → {:?}]",
            edit.span.start, edit.span.end, edit.text
        );
    }
    out
}

struct Dump {
    text: String,
    members: Vec<String>,
}

fn kind(kind: &ItemKind) -> Dump {
    let mut members = Vec::new();
    let text = match kind {
        ItemKind::Source(it) => {
            format!(
                "source {}{} : {}",
                name(&it.name),
                outsides(&it.outside),
                option(it.kind.as_ref())
            )
        }
        ItemKind::Enum(it) => {
            let list: Vec<String> = it
                .members
                .iter()
                .map(|text| format!("{:?}", text.value))
                .collect();
            format!("enum {} {}", name(&it.name), list.join(" "))
        }
        ItemKind::Table(it) => {
            members.extend(it.columns.iter().map(column));
            let source = it
                .source
                .as_ref()
                .map(|source| format!(" (in {})", name(source)))
                .unwrap_or_default();
            let open = if it.open.is_some() { " open" } else { "" };
            format!(
                "table {}{source}{}{open}",
                name(&it.name),
                outsides(&it.outside)
            )
        }
        ItemKind::Hierarchy(it) => {
            members.push(format!(
                "(levels {})",
                it.levels.iter().map(name).collect::<Vec<_>>().join(" > ")
            ));
            members.extend(
                it.members
                    .iter()
                    .map(|chain| format!("({})", literals(chain, " > "))),
            );
            format!(
                "hierarchy {} on {}",
                name(&it.name),
                option(it.table.as_ref())
            )
        }
        ItemKind::Kind(it) => {
            members.extend(it.actions.iter().map(|action| match &action.implies {
                Some(implies) => format!("({} implies {})", name(&action.name), name(implies)),
                None => format!("({})", name(&action.name)),
            }));
            format!("kind {}{}", name(&it.name), outsides(&it.outside))
        }
        ItemKind::Object(it) => {
            let source = it
                .source
                .as_ref()
                .map(|source| format!(" (in {})", name(source)))
                .unwrap_or_default();
            let uses = list("uses", &it.uses, name);
            format!(
                "object {}{source}{} : {}{uses}",
                name(&it.name),
                outsides(&it.outside),
                option(it.kind.as_ref())
            )
        }
        ItemKind::Attribute(it) => format!(
            "attribute {}{} : {}",
            name(&it.name),
            outsides(&it.outside),
            ty(&it.ty)
        ),
        ItemKind::Filter(it) => {
            members.push(cond(&it.cond));
            format!("filter {} on {}", name(&it.name), option(it.table.as_ref()))
        }
        ItemKind::Role(it) => role("role", it, &mut members),
        ItemKind::Group(it) => role("group", it, &mut members),
        ItemKind::User(it) => format!("user {}", person(it, &mut members)),
        ItemKind::Everyone(it) => {
            members.extend(it.rules.iter().map(rule));
            format!("everyone{}", list("except", &it.except, who))
        }
        ItemKind::For(it) => {
            members.extend(it.rules.iter().map(rule));
            format!("for{}", list("whos", &it.whos, who))
        }
        ItemKind::Exclusive(it) => format!("exclusive{}", list("whos", &it.whos, who)),
        ItemKind::Test(it) => {
            members.extend(it.steps.iter().map(step));
            format!("test {:?}", it.name.value)
        }
        ItemKind::Assert(it) => claim(it),
        ItemKind::Error => "?".to_owned(),
    };
    Dump { text, members }
}

fn name(name: &Name) -> String {
    name.text.to_string()
}

fn option(it: Option<&Name>) -> String {
    it.map_or_else(|| "?".to_owned(), name)
}

fn list<T>(what: &str, all: &[T], one: impl Fn(&T) -> String) -> String {
    if all.is_empty() {
        return String::new();
    }
    format!(
        " ({what} {})",
        all.iter().map(one).collect::<Vec<_>>().join(" ")
    )
}

fn path(path: &Path) -> String {
    path.names.iter().map(name).collect::<Vec<_>>().join(".")
}

fn part(part: &Part) -> String {
    if part.quoted {
        format!("{:?}", part.text)
    } else {
        part.text.to_string()
    }
}

fn outsides(all: &[Outside]) -> String {
    list("as", all, |outside| {
        let parts = outside.parts.iter().map(part).collect::<Vec<_>>().join(".");
        match &outside.source {
            Some(source) => format!("{parts}@{}", name(source)),
            None => parts,
        }
    })
}

fn literal(literal: &Literal) -> String {
    match &literal.kind {
        LiteralKind::String(text) => format!("{text:?}"),
        LiteralKind::Number(text) | LiteralKind::Date(text) | LiteralKind::Timestamp(text) => {
            text.to_string()
        }
        LiteralKind::Bool(truth) => truth.to_string(),
    }
}

fn literals(all: &[Literal], between: &str) -> String {
    all.iter().map(literal).collect::<Vec<_>>().join(between)
}

fn ty(it: &Type) -> String {
    match it {
        Type::Named(it) => name(it),
        Type::SetOf(it, _) => format!("(set {})", name(it)),
        Type::Scope(levels, _) => format!(
            "(scope {})",
            levels.iter().map(part).collect::<Vec<_>>().join(" ")
        ),
        Type::Error(_) => "?".to_owned(),
    }
}

fn docs(lines: &[SmolStr]) -> String {
    lines
        .iter()
        .fold(String::new(), |out, line| out + ";; " + line + "\n  ")
}

fn column(it: &crate::ast::Column) -> String {
    let key = if it.key.is_some() { "key " } else { "" };
    let null = if it.nullable.is_some() { "?" } else { "" };
    let stored = it.stored.as_ref().map(|stored| match &stored.form {
        StoredForm::Text => " (stored text)".to_owned(),
        StoredForm::Array => " (stored array)".to_owned(),
        StoredForm::Json => " (stored json)".to_owned(),
        StoredForm::Rows { table, columns } => format!(
            " (stored rows {}{})",
            name(table),
            list("columns", columns, name)
        ),
        StoredForm::Scaled(places) => format!(" (stored scaled {})", literal(places)),
        StoredForm::Error => " (stored ?)".to_owned(),
    });
    let docs = docs(&it.docs);
    let links = list("->", &it.links, path);
    let stored = stored.unwrap_or_default();
    format!(
        "{docs}({key}{}{} : {}{null}{stored}{links})",
        name(&it.name),
        outsides(&it.outside),
        ty(&it.ty)
    )
}

fn who(it: &Who) -> String {
    let args = list("", &it.args, |arg| match arg {
        Arg::Literal(it) => literal(it),
        Arg::Name(it) => name(it),
    });
    format!(
        "{}{}",
        name(&it.name),
        args.trim_start().replacen("( ", "(", 1)
    )
}

fn role(keyword: &str, it: &Role, members: &mut Vec<String>) -> String {
    members.extend(it.rules.iter().map(rule));
    let params = list("params", &it.params, |param| {
        format!("({} : {})", name(&param.name), ty(&param.ty))
    });
    let inherits = list("inherits", &it.inherits, who);
    let bypasses = list("bypasses", &it.bypasses, name);
    format!(
        "{keyword} {}{params}{}{inherits}{bypasses}",
        name(&it.name),
        outsides(&it.outside)
    )
}

fn person(it: &Person, members: &mut Vec<String>) -> String {
    members.extend(it.facts.iter().map(|fact| {
        let value = match &fact.value {
            FactValue::One(it) => literal(it),
            FactValue::Set(all, _) => format!("[{}]", literals(all, " ")),
            FactValue::Error(_) => "?".to_owned(),
        };
        format!("({} = {value})", name(&fact.name))
    }));
    members.extend(it.rules.iter().map(rule));
    format!(
        "{}{}{}",
        name(&it.name),
        outsides(&it.outside),
        list("has", &it.has, who)
    )
}

fn what(it: &What) -> String {
    match it {
        What::Name(it) => name(it),
        What::EverythingIn(source, _) => format!("(everything {})", name(source)),
    }
}

fn tables(it: &Tables) -> String {
    let any = if it.any { "any " } else { "" };
    format!(
        "{any}[{}]",
        it.names.iter().map(name).collect::<Vec<_>>().join(" ")
    )
}

fn applies(it: Option<&Applies>) -> String {
    it.map_or_else(String::new, |it| {
        let when = if it.unless_only {
            "unless-only"
        } else {
            "when"
        };
        format!(" (applies {when} {})", tables(&it.tables))
    })
}

fn rule(it: &Rule) -> String {
    match it {
        Rule::Access {
            effect,
            docs: above,
            actions,
            on,
            cond: condition,
            applies: when,
            ..
        } => {
            let effect = if *effect == Effect::Grant {
                "grant"
            } else {
                "deny"
            };
            let condition = condition
                .as_ref()
                .map(|it| format!(" {}", cond(it)))
                .unwrap_or_default();
            let actions = actions.iter().map(name).collect::<Vec<_>>().join(" ");
            format!(
                "{}({effect} {actions}{}{condition}{})",
                docs(above),
                list("on", on, what),
                applies(when.as_ref())
            )
        }
        Rule::Restrict {
            docs: above,
            on,
            by,
            cond: condition,
            applies: when,
            ..
        } => {
            let by = by
                .as_ref()
                .map(|by| format!(" (by {})", name(by)))
                .unwrap_or_default();
            format!(
                "{}(restrict {}{by} {}{})",
                docs(above),
                what(on),
                cond(condition),
                applies(when.as_ref())
            )
        }
        Rule::Error(_) => "?".to_owned(),
    }
}

fn cond(it: &Cond) -> String {
    let all = |parts: &[Cond]| parts.iter().map(cond).collect::<Vec<_>>().join(" ");
    let not = |negated: bool| if negated { "not-" } else { "" };
    match it {
        Cond::Or(parts, _) => format!("(or {})", all(parts)),
        Cond::And(parts, _) => format!("(and {})", all(parts)),
        Cond::Not(inner, _) => format!("(not {})", cond(inner)),
        Cond::Paren(inner, _) => format!("(paren {})", cond(inner)),
        Cond::Nothing(_) => "nothing".to_owned(),
        Cond::Everything(_) => "everything".to_owned(),
        Cond::Operand(it) => operand(it),
        Cond::Compare {
            left, op, right, ..
        } => {
            let op = match op {
                CompareOp::Eq => "=",
                CompareOp::Ne => "!=",
                CompareOp::Lt => "<",
                CompareOp::Le => "<=",
                CompareOp::Gt => ">",
                CompareOp::Ge => ">=",
                CompareOp::Before => "before",
                CompareOp::After => "after",
            };
            format!("({op} {} {})", operand(left), operand(right))
        }
        Cond::In {
            left, negated, set, ..
        } => format!("({}in {} {})", not(*negated), operand(left), in_set(set)),
        Cond::IsNull { left, negated, .. } => format!("({}null {})", not(*negated), operand(left)),
        Cond::IsVisible { left, .. } => format!("(visible {})", operand(left)),
        Cond::Between {
            left, low, high, ..
        } => {
            format!(
                "(between {} {} {})",
                operand(left),
                operand(low),
                operand(high)
            )
        }
        Cond::Text {
            left, test, text, ..
        } => {
            let test = match test {
                TextTest::StartsWith => "starts-with",
                TextTest::EndsWith => "ends-with",
                TextTest::Contains => "contains",
            };
            format!("({test} {} {:?})", operand(left), text.value)
        }
        Cond::Scope {
            left,
            contains,
            any,
            levels,
            ..
        } => {
            let mode = if *contains { "contains" } else { "match" };
            let any = if *any { "any" } else { "all" };
            let levels = levels.iter().map(|entry| match &entry.members {
                Some(members) => format!(" ({} {})", part(&entry.level), literals(members, " ")),
                None => format!(" ({} any)", part(&entry.level)),
            });
            format!(
                "({mode}-{any} {}{})",
                operand(left),
                levels.collect::<String>()
            )
        }
        Cond::Exists {
            visible,
            path: along,
            by,
            cond: inner,
            ..
        } => {
            let visible = if *visible { "-visible" } else { "" };
            let by = by
                .as_ref()
                .map(|by| format!(" (by {})", name(by)))
                .unwrap_or_default();
            let inner = inner
                .as_ref()
                .map(|inner| format!(" {}", cond(inner)))
                .unwrap_or_default();
            format!("(exists{visible} {}{by}{inner})", path(along))
        }
        Cond::Error(_) => "?".to_owned(),
    }
}

fn in_set(it: &InSet) -> String {
    match it {
        InSet::List(all, _) => format!("[{}]", literals(all, " ")),
        InSet::Attribute(it, _) => format!("user.{}", name(it)),
        InSet::Window(window) => {
            let kind = match window.kind {
                WindowKind::Last => "last",
                WindowKind::LastToToday => "last-to-today",
                WindowKind::Next => "next",
                WindowKind::NextFromToday => "next-from-today",
                WindowKind::This => "this",
            };
            let unit = match window.unit {
                Unit::Day => "day",
                Unit::Week => "week",
                Unit::Month => "month",
                Unit::Quarter => "quarter",
                Unit::Year => "year",
            };
            let count = window
                .count
                .as_ref()
                .map(|count| format!(" {}", literal(count)))
                .unwrap_or_default();
            format!("({kind}{count} {unit})")
        }
        InSet::Error(_) => "?".to_owned(),
    }
}

fn operand(it: &Operand) -> String {
    match it {
        Operand::Path(it) => path(it),
        Operand::User(it, _) => format!("user.{}", name(it)),
        Operand::Literal(it) => literal(it),
        Operand::Today(_) => "today".to_owned(),
        Operand::Error(_) => "?".to_owned(),
    }
}

fn key(it: &Key) -> String {
    if let [one] = it.values.as_slice() {
        literal(one)
    } else {
        format!("({})", literals(&it.values, " "))
    }
}

fn keys(all: &[Key]) -> String {
    format!("[{}]", all.iter().map(key).collect::<Vec<_>>().join(" "))
}

fn during(it: Option<&Tables>) -> String {
    it.map_or_else(String::new, |it| format!(" (when {})", tables(it)))
}

fn step(it: &Step) -> String {
    match it {
        Step::Rows {
            table,
            columns,
            rows,
            ..
        } => {
            let rows = rows.iter().map(|row| {
                let cells = row
                    .cells
                    .iter()
                    .map(|cell| cell.value.as_ref().map_or("null".to_owned(), literal));
                format!("\n    ({})", cells.collect::<Vec<_>>().join(" "))
            });
            format!(
                "(given {}{}{})",
                name(table),
                list("columns", columns, name),
                rows.collect::<String>()
            )
        }
        Step::User(it, _) => {
            let mut members = Vec::new();
            let head = person(it, &mut members);
            let members = members
                .iter()
                .fold(String::new(), |out, member| out + "\n    " + member);
            format!("(given-user {head}{members})")
        }
        Step::Today(it, _) => format!("(today {})", literal(it)),
        Step::Sees {
            who: it,
            table,
            keys: all,
            during: query,
            ..
        } => {
            format!(
                "(sees {} {} {}{})",
                who(it),
                name(table),
                keys(all),
                during(query.as_ref())
            )
        }
        Step::Can {
            who: it,
            negated,
            action,
            what: on,
            keys: all,
            during: query,
            ..
        } => {
            let can = if *negated { "cannot" } else { "can" };
            let all = all
                .as_ref()
                .map(|(all, _)| format!(" {}", keys(all)))
                .unwrap_or_default();
            format!(
                "({can} {} {} {}{all}{})",
                who(it),
                name(action),
                name(on),
                during(query.as_ref())
            )
        }
        Step::Error(_) => "?".to_owned(),
    }
}

fn claim(it: &Assert) -> String {
    let subject = |it: &Subject| match it {
        Subject::Who(it) => who(it),
        Subject::Anyone(None, _) => "anyone".to_owned(),
        Subject::Anyone(Some(it), _) => format!("(anyone {})", who(it)),
    };
    match it {
        Assert::Can {
            subject: of,
            always,
            action,
            what: on,
            cond: condition,
        } => {
            let when = if *always { "always" } else { "never" };
            let condition = condition
                .as_ref()
                .map(|it| format!(" {}", cond(it)))
                .unwrap_or_default();
            format!(
                "assert {when} {} {} {}{condition}",
                subject(of),
                name(action),
                name(on)
            )
        }
        Assert::Are {
            left,
            right,
            equal,
            table,
        } => {
            let are = if *equal { "equal" } else { "disjoint" };
            format!(
                "assert {are} {} {} on {}",
                subject(left),
                subject(right),
                name(table)
            )
        }
        Assert::Error(_) => "assert ?".to_owned(),
    }
}
