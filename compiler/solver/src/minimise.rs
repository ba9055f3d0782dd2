//! The smallest witness: first the fewest fields that say something, then, field by field, the shortest values.

use ambit_core::{PrincipalId, PrincipalKind, Type, Value};
use batsat::Lit;

use crate::atom::{Atom, Term, TermId};
use crate::circuit::Bool;
use crate::encode::{Class, Encoding, Plan, Unary, num};
use crate::question::Question;
use crate::read;
use crate::witness::{Size, Witness, default_value};

/// What a field of a witness costs.
struct Cost {
    /// It says something.
    lit: Lit,
    /// The term, where it is one.
    term: Option<TermId>,
    /// It is one of the fields that are counted: not a key, since every row has one.
    counts: bool,
}

/// The smallest witness of one day; `None` where there is none, or none with at most `most` fields.
pub(crate) fn smallest(
    question: &Question<'_, '_>,
    plan: &Plan,
    encoding: &mut Encoding<'_>,
    all: &[Bool],
    most: Option<usize>,
) -> Option<(Witness, Size)> {
    let (costs, fewest) = count(question, plan, encoding, all, most)?;
    // The fewest are kept from here on. Which ones: those that come late.
    for cost in &costs {
        if !encoding.sat.value(cost.lit) || encoding.solve(&[!cost.lit]) {
            encoding.sat.add(&[!cost.lit]);
            continue;
        }
        encoding.sat.add(&[cost.lit]);
        encoding.solve(&[]);
        if let Some(term) = cost.term {
            shorten(encoding, term);
            encoding.solve(&[]);
        }
    }
    if !encoding.solve(&[]) {
        return None;
    }
    let witness = read::witness(question, plan, encoding);
    let terms: Vec<Option<TermId>> = costs
        .iter()
        .map(|c| c.term.filter(|_| encoding.sat.value(c.lit)))
        .collect();
    Some((
        witness,
        Size {
            fields: fewest,
            lengths: read::lengths(question, plan, encoding, &terms),
        },
    ))
}

/// The least number of fields with which it holds; `None`: it cannot, or not with `most`.
pub(crate) fn least(
    question: &Question<'_, '_>,
    plan: &Plan,
    encoding: &mut Encoding<'_>,
    all: &[Bool],
    most: usize,
) -> Option<usize> {
    count(question, plan, encoding, all, Some(most)).map(|(_, fewest)| fewest)
}

fn count(
    question: &Question<'_, '_>,
    plan: &Plan,
    encoding: &mut Encoding<'_>,
    all: &[Bool],
    most: Option<usize>,
) -> Option<(Vec<Cost>, usize)> {
    let lits: Vec<Lit> = all.iter().map(|b| encoding.lit(question, *b)).collect();
    for lit in lits {
        encoding.sat.add(&[lit]);
    }
    let costs = costs(question, plan, encoding);
    let counted: Vec<Lit> = costs.iter().filter(|c| c.counts).map(|c| c.lit).collect();
    let fewest = fewest(encoding, &counted, most)?;
    Some((costs, fewest))
}

/// The least number of these that hold, kept from here on; `None`: there is no model, or none with at most `most`.
///
/// From below: all are assumed away; what cannot be is allowed once more (of each set that makes it so one, then two,
/// and so on), until a model is found. Small witnesses are found soon, however many fields there are.
fn fewest(encoding: &mut Encoding<'_>, list: &[Lit], most: Option<usize>) -> Option<usize> {
    /// Assumed away, and what of its set is next if it cannot be.
    struct Soft {
        lit: Lit,
        rest: Vec<Lit>,
    }
    let mut soft: Vec<Soft> = list
        .iter()
        .map(|lit| Soft {
            lit: *lit,
            rest: Vec::new(),
        })
        .collect();
    let mut lower = 0;
    loop {
        let assumed: Vec<Lit> = soft.iter().map(|s| !s.lit).collect();
        if encoding.solve(&assumed) {
            break;
        }
        let (blamed, spared): (Vec<Soft>, Vec<Soft>) =
            soft.into_iter().partition(|s| encoding.sat.blames(s.lit));
        lower += 1;
        if blamed.is_empty() || most.is_some_and(|most| lower > most) {
            return None;
        }
        soft = spared;
        let lits: Vec<Lit> = blamed.iter().map(|s| s.lit).collect();
        encoding.sat.add(&lits);
        let more = encoding.sat.counter(&lits, lits.len());
        let sets = blamed.into_iter().map(|s| s.rest);
        for mut rest in sets.chain([more.into_iter().skip(1).collect()]) {
            if !rest.is_empty() {
                let lit = rest.remove(0);
                soft.push(Soft { lit, rest });
            }
        }
    }
    for s in &soft {
        encoding.sat.add(&[!s.lit]);
    }
    encoding.solve(&[]);
    Some(lower)
}

/// Everything that a witness is better without, in the order in which fields stand.
fn costs(question: &Question<'_, '_>, plan: &Plan, encoding: &mut Encoding<'_>) -> Vec<Cost> {
    let mut out = Vec::new();
    let mut logins: std::collections::BTreeMap<crate::atom::UserId, Vec<Lit>> =
        std::collections::BTreeMap::new();
    let program = question.model.program;
    // Terms that formulas reach, rows in order, then users.
    let mut terms: Vec<TermId> = plan
        .classes
        .iter()
        .flatten()
        .copied()
        .chain(encoding.elements.iter().map(|(set, ..)| *set))
        .chain(
            plan.atoms
                .iter()
                .filter_map(|a| match question.circuit.atoms[*a as usize] {
                    Atom::Null(t) | Atom::Stray(t) => Some(t),
                    _ => None,
                }),
        )
        .collect();
    terms.sort_by_key(|t| match question.terms[t.index()].term {
        Term::Cell(row, column) => (0, row.0, column.0),
        Term::Attribute(user, attribute) => (1, user.0, attribute.0),
        Term::Login(user, source) => (2, user.0, source.map_or(u32::MAX, |s| s.0)),
        Term::Day(inner) => match question.terms[inner.index()].term {
            Term::Cell(row, column) => (0, row.0, column.0),
            Term::Attribute(user, attribute) => (1, user.0, attribute.0),
            _ => (3, t.0, 0),
        },
        Term::Today | Term::Constant(_) => (3, t.0, 0),
    });
    let mut seen = std::collections::BTreeSet::new();
    terms.retain(|t| seen.insert(*t));
    for (position, row) in question.rows.iter().enumerate() {
        if row.named {
            continue;
        }
        if let Some(present) = encoding.find(
            question,
            &Atom::Present(crate::atom::RowId(position as u32)),
        ) {
            let twin = twins(question, encoding, position as u32, None);
            let lit = encoding.sat.and(&[present, !twin]);
            out.push(Cost {
                lit,
                term: None,
                counts: true,
            });
        }
    }
    for term in terms {
        question.model.wanted.look();
        let info = &question.terms[term.index()];
        if matches!(info.term, Term::Today | Term::Constant(_)) {
            continue;
        }
        let null = null_of(question, encoding, term);
        let stray = encoding
            .find(question, &Atom::Stray(term))
            .unwrap_or(encoding.sat.no());
        let says = match &info.ty {
            // No login says less than an empty one.
            _ if matches!(info.term, Term::Login(..)) => encoding.sat.yes(),
            Type::Set(_) => {
                let mut parts: Vec<Lit> = encoding
                    .elements
                    .iter()
                    .filter(|(set, ..)| *set == term)
                    .map(|(.., lit)| *lit)
                    .collect();
                parts.push(stray);
                encoding.sat.or(&parts)
            }
            Type::Scope(_) => {
                let mut parts = match encoding.class_of.get(&term).map(|c| &encoding.classes[*c]) {
                    Some(Class::Scope(class)) => class.has[&term].all(),
                    _ => Vec::new(),
                };
                parts.push(stray);
                encoding.sat.or(&parts)
            }
            ty => {
                let default = match info.term {
                    Term::Day(_) => Value::Date(question.model.epoch()),
                    _ => default_value(program, ty),
                };
                let equal = equals(encoding, term, &default);
                encoding.sat.or(&[!equal, stray])
            }
        };
        let mut parts = vec![!null, says];
        let row = match info.term {
            Term::Cell(row, column) => Some((row, column)),
            Term::Day(inner) => match question.terms[inner.index()].term {
                Term::Cell(row, column) => Some((row, column)),
                _ => None,
            },
            _ => None,
        };
        if let Some((row, column)) = row {
            if let Some(present) = encoding.find(question, &Atom::Present(row)) {
                parts.push(present);
            } else if question.rows[row.index()].present != Bool::TRUE {
                continue;
            }
            let day = matches!(info.term, Term::Day(_));
            let twin = twins(question, encoding, row.0, Some((column, day)));
            parts.push(!twin);
        }
        // What is written at a declared user goes without saying.
        match info.term {
            Term::Attribute(user, a) => parts.extend(written(question, encoding, user, Some(a))),
            Term::Login(user, _) => parts.extend(written(question, encoding, user, None)),
            _ => {}
        }
        let lit = encoding.sat.and(&parts);
        if let Term::Login(user, _) = info.term {
            logins.entry(user).or_default().push(lit);
        }
        let key = row.is_some_and(|(row, column)| {
            let table = question.rows[row.index()].table;
            program.table(table).keys.contains(&column)
        });
        out.push(Cost {
            lit,
            term: Some(term),
            counts: !key && !matches!(info.term, Term::Login(..)),
        });
    }
    // A user has one login, by however many names.
    for list in logins.into_values() {
        let lit = encoding.sat.or(&list);
        out.push(Cost {
            lit,
            term: None,
            counts: true,
        });
    }
    for number in &plan.atoms {
        question.model.wanted.look();
        let lit = encoding.atoms[number];
        let lit = match &question.circuit.atoms[*number as usize] {
            Atom::InQuery(_) => lit,
            // What another principal brings along need not be said.
            Atom::Member(user, p) => {
                let mut parts = vec![lit];
                for other in &plan.atoms {
                    if let Atom::Member(u, q) = &question.circuit.atoms[*other as usize]
                        && u == user
                        && q != p
                        && program.principal(*q).closure.binary_search(p).is_ok()
                    {
                        parts.push(!encoding.atoms[other]);
                    }
                }
                encoding.sat.and(&parts)
            }
            _ => continue,
        };
        out.push(Cost {
            lit,
            term: None,
            counts: true,
        });
    }
    out
}

/// That the user is not one at whom this attribute (`None`: a login) is written.
fn written(
    question: &Question<'_, '_>,
    encoding: &Encoding<'_>,
    user: crate::atom::UserId,
    attribute: Option<ambit_core::AttributeId>,
) -> Vec<Lit> {
    let program = question.model.program;
    let says = |p: PrincipalId| {
        let principal = program.principal(p);
        principal.kind == PrincipalKind::User
            && attribute.is_none_or(|a| principal.attributes.iter().any(|(w, _)| *w == a))
    };
    encoding
        .atoms
        .iter()
        .filter_map(
            |(number, lit)| match question.circuit.atoms[*number as usize] {
                Atom::Member(u, p) if u == user && says(p) => Some(!*lit),
                _ => None,
            },
        )
        .collect()
}

/// The row is an earlier one of its table (of whose `column`, or its day, something is said, too).
fn twins(
    question: &Question<'_, '_>,
    encoding: &mut Encoding<'_>,
    row: u32,
    column: Option<(ambit_core::ColumnId, bool)>,
) -> Lit {
    let order = |r: u32| (!question.rows[r as usize].named, r);
    let said = |r: crate::atom::RowId| {
        column.is_none_or(|(c, day)| {
            let term = question.find_term(Term::Cell(r, c));
            term.is_some_and(|t| !day || question.find_term(Term::Day(t)).is_some())
        })
    };
    let pairs: Vec<Bool> = question
        .same_rows
        .iter()
        .chain(&question.merges)
        .filter_map(|(a, b, same)| {
            let other = match (a.0 == row, b.0 == row) {
                (true, _) => *b,
                (_, true) => *a,
                _ => return None,
            };
            (order(other.0) < order(row) && said(other)).then_some(*same)
        })
        .collect();
    let lits: Vec<Lit> = pairs.iter().map(|b| encoding.lit(question, *b)).collect();
    encoding.sat.or(&lits)
}

fn null_of(question: &Question<'_, '_>, encoding: &Encoding<'_>, term: TermId) -> Lit {
    let term = match question.terms[term.index()].term {
        Term::Day(inner) => inner,
        _ => term,
    };
    encoding
        .find(question, &Atom::Null(term))
        .unwrap_or(encoding.sat.no())
}

/// The term has that value: no, where nothing of the question could tell.
fn equals(encoding: &mut Encoding<'_>, term: TermId, value: &Value) -> Lit {
    let Some(class) = encoding.class_of.get(&term).copied() else {
        // Only whether it is null is asked: any value will do.
        return encoding.sat.yes();
    };
    match &encoding.classes[class] {
        Class::Equality(class) => class.unary(&mut encoding.sat, term, &Unary::Eq(value.clone())),
        Class::Order(class) => class.equals(&mut encoding.sat, term, num(value)),
        Class::Scope(_) => encoding.sat.no(),
    }
}

/// Makes the value of a field as short as can be, and keeps it so.
fn shorten(encoding: &mut Encoding<'_>, term: TermId) {
    let options: Vec<Vec<Lit>> = match encoding.class_of.get(&term).map(|c| &encoding.classes[*c]) {
        Some(Class::Equality(class)) => {
            let mut by_length: std::collections::BTreeMap<usize, Vec<Lit>> =
                std::collections::BTreeMap::new();
            for (region, lies) in class.regions.iter().zip(&class.lies[&term]) {
                if let Some(first) = region.first() {
                    by_length
                        .entry(crate::witness::length(first))
                        .or_default()
                        .push(*lies);
                }
            }
            let mut so_far = Vec::new();
            by_length
                .into_values()
                .map(|list| {
                    so_far.extend(list);
                    so_far.clone()
                })
                .collect()
        }
        Some(Class::Order(class)) => {
            let keys = class.bounds[&term].keys().cloned().collect();
            let stretches = crate::encode::lengths(&class.ty, &keys);
            let (sat, class) = (&mut encoding.sat, class);
            stretches
                .into_iter()
                .map(|(low, high)| {
                    let upper = class.at_most(sat, term, high, true);
                    let lower = class.at_most(sat, term, low, false);
                    vec![sat.and(&[upper, !lower])]
                })
                .collect()
        }
        Some(Class::Scope(class)) => {
            let pairs = class.has[&term].all();
            one_by_one(encoding, &pairs);
            return;
        }
        None => {
            let elements: Vec<Lit> = encoding
                .elements
                .iter()
                .filter(|(set, ..)| *set == term)
                .map(|(.., lit)| *lit)
                .collect();
            one_by_one(encoding, &elements);
            return;
        }
    };
    for option in options {
        let lit = encoding.sat.or(&option);
        if encoding.solve(&[lit]) {
            encoding.sat.add(&[lit]);
            return;
        }
    }
}

/// Leaves out whatever can be left out.
fn one_by_one(encoding: &mut Encoding<'_>, list: &[Lit]) {
    for lit in list {
        let keep = if encoding.solve(&[!*lit]) {
            !*lit
        } else {
            *lit
        };
        encoding.sat.add(&[keep]);
    }
}
