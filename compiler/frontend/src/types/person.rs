//! Users: what they have, their attributes and rules.

use ambit_core::Value;
use ambit_grammar::ast::{self, FactValue};
use smol_str::SmolStr;

use super::literal::value_of;
use super::operand::attribute_type;
use super::rule::check_rules;
use super::ty::Ty;
use super::typed::{TRule, TWho};
use super::who::{HOLDABLE, check_who};
use crate::names::Cx;

/// What a person has: principals, attributes, rules.
pub(crate) type PersonParts = (Vec<TWho>, Vec<(SmolStr, Value)>, Vec<TRule>);

/// Types a user, of the program or of a test.
pub(crate) fn check_person(cx: &mut Cx<'_>, person: &ast::Person) -> PersonParts {
    cx.doubles(
        "principal",
        person
            .has
            .iter()
            .filter(|w| w.args.is_empty())
            .map(|w| (w.name.text.as_str(), w.span)),
    );
    let has = person
        .has
        .iter()
        .filter_map(|w| check_who(cx, w, HOLDABLE, &[]))
        .collect();
    cx.doubles(
        "attribute",
        person
            .facts
            .iter()
            .map(|f| (f.name.text.as_str(), f.name.span)),
    );
    let facts = person
        .facts
        .iter()
        .filter_map(|f| check_fact(cx, f))
        .collect();
    let rules = check_rules(cx, &person.rules, &[]);
    (has, facts, rules)
}

fn check_fact(cx: &mut Cx<'_>, fact: &ast::Fact) -> Option<(SmolStr, Value)> {
    if fact.name.text == "login" {
        let problem = cx
            .problem(
                "E0217",
                fact.name.span,
                "`login` is not an attribute to be set",
            )
            .label("built in")
            .help("the login is the user's name: write `user dan as \"the login\"`");
        cx.report(problem);
        return None;
    }
    let ty = attribute_type(cx, &fact.name)?;
    let what = format!("attribute `{}` is", fact.name.text);
    let value = match (&ty, &fact.value) {
        (Ty::Unknown, _) | (_, FactValue::Error(_)) => return None,
        (Ty::Set(element), FactValue::Set(literals, _)) => {
            let values: Vec<Option<Value>> = literals
                .iter()
                .map(|l| {
                    value_of(
                        cx,
                        l,
                        element,
                        &format!("an element of `{}` is", fact.name.text),
                    )
                })
                .collect();
            Value::set(values.into_iter().collect::<Option<Vec<_>>>()?)
        }
        (Ty::Set(_), FactValue::One(literal)) => {
            let text = super::literal::written(literal);
            let bare = text.trim_matches('`').to_owned();
            let problem = cx
                .problem(
                    "E0301",
                    literal.span,
                    format!("{what} {ty}, but {text} is a single value"),
                )
                .label("a set is expected here")
                .help(format!("write `[{bare}]`"))
                .fix(
                    format!("write `[{bare}]`"),
                    true,
                    cx.at(literal.span),
                    format!("[{bare}]"),
                );
            cx.report(problem);
            return None;
        }
        (_, FactValue::Set(_, span)) => {
            let problem = cx
                .problem("E0301", *span, format!("{what} {ty}, but a set is given"))
                .label("a single value is expected here")
                .help(format!(
                    "write one value, or declare the attribute as `set of {ty}`"
                ));
            cx.report(problem);
            return None;
        }
        (_, FactValue::One(literal)) => value_of(cx, literal, &ty, &what)?,
    };
    Some((fact.name.text.clone(), value))
}
