//! A test to begin with, for a rule that no test decides by: a row is searched for which the rule makes the
//! difference, among the values that the user's rules speak of and their neighbours.

mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use ambit_core::dump::print_key;
use ambit_core::print::{print_rule_head, print_string, print_value};
use ambit_core::{
    AttributeId, ColumnId, Holder, ObjectId, Operand, Pred, PrincipalKind, Program, Resource, Rule,
    RuleId, TableId, Value,
};
use ambit_eval::{Act, Data, Explanation, Judge, Role, RowRef, User};
use jiff::civil::Date;

use super::test::Covered;
use values::{candidates, example, operands, visit};

/// How many rows are tried.
const TRIES: usize = 20_000;
/// The user of the test, where the rule belongs to no one user.
const SOMEONE: &str = "someone";

/// The text of a test for the rule; its first line says which.
pub(super) fn skeleton(program: &Program, covered: &Covered, today: Date) -> String {
    let mut out = format!(
        "// {}:{} {}\n",
        covered.origin.file, covered.origin.line, covered.text
    );
    let Some((id, rule)) = covered
        .rules
        .iter()
        .find_map(|id| Some((*id, program.rules.get(id.index())?)))
    else {
        return out;
    };
    let person = Person::new(program, rule);
    let name = format!(
        "{}: {}",
        holder_name(program, rule),
        print_rule_head(program, rule)
    );
    let _ = writeln!(out, "test {} {{", print_string(&name));
    let _ = writeln!(out, "    given today {today}");
    if let Some(given) = &person.given {
        let _ = writeln!(out, "    {given}");
    }
    let action = rule
        .actions
        .iter()
        .find(|a| *a == "read")
        .or(rule.actions.first())
        .map_or("read", |a| a.as_str());
    match rule.resource {
        Resource::Table(table) => on_table(&mut out, program, id, table, &person, action, today),
        Resource::Object(object) => on_object(&mut out, program, object, &person, action, today),
    }
    out.push_str("}\n\n");
    out
}

fn holder_name(program: &Program, rule: &Rule) -> String {
    match &rule.holder {
        Holder::Principal(id) => program.principal(*id).name.to_string(),
        holder => ambit_core::print::print_holder(program, holder),
    }
}

/// Whom the test asks about.
struct Person {
    name: String,
    user: User,
    /// The step that gives the user, where it is not one of the program.
    given: Option<String>,
}

impl Person {
    fn new(program: &Program, rule: &Rule) -> Self {
        let principal = match &rule.holder {
            Holder::Principal(id) => Some(*id),
            Holder::Everyone | Holder::EveryoneExcept(_) => None,
        };
        if let Some(id) = principal
            && program.principal(id).kind == PrincipalKind::User
        {
            let name = program.principal(id).name.to_string();
            return Self {
                name,
                user: User::of(program, id),
                given: None,
            };
        }
        let mut user = User::named(program, SOMEONE);
        let mut given = format!("given user {SOMEONE}");
        if let Some(id) = principal {
            user.add(program, id);
            let _ = write!(given, " : {}", program.principal(id).name);
        }
        let attributes: Vec<String> = attributes(program, &user)
            .into_iter()
            .filter_map(|id| {
                let attribute = program.attributes.get(id.index())?;
                let value = example(program, &attribute.ty)?;
                user.supply(id, value.clone());
                Some(format!("{} = {}", attribute.name, print_value(&value)))
            })
            .collect();
        if !attributes.is_empty() {
            let _ = write!(given, " {{ {} }}", attributes.join("  "));
        }
        Self {
            name: SOMEONE.to_owned(),
            user,
            given: Some(given),
        }
    }
}

/// The attributes that the user's rules read.
fn attributes(program: &Program, user: &User) -> BTreeSet<AttributeId> {
    let mut found = BTreeSet::new();
    for rule in program
        .rules
        .iter()
        .filter(|rule| user.is_under(&rule.holder))
    {
        visit(&rule.pred, &mut |pred| {
            if let Pred::InSet(_, id) = pred {
                found.insert(*id);
            }
            for operand in operands(pred) {
                if let Operand::Attribute(id) = operand {
                    found.insert(*id);
                }
            }
        });
    }
    found
}

fn on_object(
    out: &mut String,
    program: &Program,
    object: ObjectId,
    person: &Person,
    action: &str,
    today: Date,
) {
    let data = Data::new(program);
    let can = Judge::new(program, &data, &person.user, &[], today, None)
        .decide_object(object, action)
        .is_true();
    let name = program.resource_name(Resource::Object(object));
    let _ = writeln!(
        out,
        "    {} {} {action} {name}",
        person.name,
        if can { "can" } else { "cannot" }
    );
}

fn on_table(
    out: &mut String,
    program: &Program,
    rule: RuleId,
    table: TableId,
    person: &Person,
    action: &str,
    today: Date,
) {
    let data = Data::new(program);
    let query = [table];
    let judge = Judge::new(program, &data, &person.user, &query, today, None);
    let candidates = candidates(program, table, &person.user, today);
    let (row, decides) = search(program, table, rule, &judge, action, &candidates);
    if !decides {
        out.push_str("    // no single row was found for which this rule decides: give linked rows, or another query\n");
    }
    let declared = program.table(table);
    let shown: Vec<(&str, String)> = declared
        .columns
        .iter()
        .zip(&row)
        .enumerate()
        .filter(|(position, _)| {
            let column = ColumnId(*position as u32);
            declared.keys.contains(&column) || candidates.contains_key(&column)
        })
        .map(|(_, (column, value))| (column.name.as_str(), print_value(value)))
        .collect();
    let (names, cells): (Vec<&str>, Vec<String>) = shown.into_iter().unzip();
    let _ = writeln!(out, "    given {} {{", declared.name);
    let _ = writeln!(out, "        {}", names.join(", "));
    let _ = writeln!(out, "        {}", cells.join(", "));
    out.push_str("    }\n");
    let allowed = judge.decide(table, act(action, &row)).is_true();
    let key: Vec<Value> = declared
        .keys
        .iter()
        .map(|k| RowRef::new(&row).get(*k).clone())
        .collect();
    let name = &declared.name;
    let _ = match (action, allowed, key.is_empty()) {
        ("read", true, false) => {
            writeln!(out, "    {} sees {name} [{}]", person.name, print_key(&key))
        }
        ("read", false, false) => writeln!(out, "    {} sees {name} []", person.name),
        (_, true, false) => writeln!(
            out,
            "    {} can {action} {name} [{}]",
            person.name,
            print_key(&key)
        ),
        (_, true, true) => writeln!(out, "    {} can {action} {name}", person.name),
        (_, false, _) => writeln!(out, "    {} cannot {action} {name}", person.name),
    };
}

fn act<'a>(action: &str, row: &'a [Value]) -> Act<'a> {
    let row = RowRef::new(row);
    match action {
        "insert" => Act::Insert(row),
        "update" => Act::Update { old: row, new: row },
        "delete" => Act::Delete(row),
        _ => Act::Read(row),
    }
}

/// A row for which the rule makes the difference; else one for which it gives or takes; else any.
fn search(
    program: &Program,
    table: TableId,
    rule: RuleId,
    judge: &Judge<'_>,
    action: &str,
    candidates: &BTreeMap<ColumnId, Vec<Value>>,
) -> (Vec<Value>, bool) {
    let declared = program.table(table);
    let mut row: Vec<Value> = declared
        .columns
        .iter()
        .map(|column| {
            if column.nullable {
                Value::Null
            } else {
                example(program, &column.ty).unwrap_or(Value::Null)
            }
        })
        .collect();
    let first = row.clone();
    let mut second_best = None;
    let mut turn = 0_usize;
    while turn < TRIES {
        // `turn` counts through the combinations, one column a digit.
        let mut rest = turn;
        for (column, values) in candidates {
            if let (Some(slot), Some(value)) = (
                row.get_mut(column.index()),
                values.get(rest % values.len().max(1)),
            ) {
                *slot = value.clone();
            }
            rest /= values.len().max(1);
        }
        if rest > 0 {
            break;
        }
        match difference(rule, &judge.explain(table, act(action, &row))) {
            Difference::Alone => return (row, true),
            Difference::WithOthers if second_best.is_none() => second_best = Some(row.clone()),
            Difference::WithOthers | Difference::None => {}
        }
        turn += 1;
    }
    match second_best {
        Some(row) => (row, true),
        None => (first, false),
    }
}

enum Difference {
    Alone,
    WithOthers,
    None,
}

fn difference(rule: RuleId, explanation: &Explanation) -> Difference {
    let allowed = explanation.value.is_true();
    let decisive = |role: Role| {
        if allowed {
            role == Role::Gives
        } else {
            role == Role::Takes
        }
    };
    let all = explanation.parts.iter().flat_map(|part| &part.rules);
    let (own, others): (Vec<_>, Vec<_>) = all
        .filter(|r| decisive(r.role))
        .partition(|r| r.rule == rule);
    let granted = explanation.parts.iter().all(|part| part.lines[0].is_true());
    match (own.is_empty(), others.is_empty() && granted) {
        (true, _) => Difference::None,
        (false, true) => Difference::Alone,
        (false, false) => Difference::WithOthers,
    }
}
