//! Whole conditions as `SQLite` runs them best.
//!
//! A link to a row elsewhere compares values without affinities, for which no index stands; so it would read the other
//! table once for each row. As `IN (SELECT …)` the other table is read once for all.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use crate::sql::tree::{Expr, From, Op, Select};

/// The same condition, arranged.
pub(super) fn arranged(expr: Expr) -> Expr {
    let expr = expr.with_parts(&mut arranged);
    match expr {
        Expr::Exists(select) => match linked(*select) {
            Ok(condition) => condition,
            Err(select) => Expr::Exists(select),
        },
        Expr::NotExists(select) => match linked(*select) {
            Ok(condition) => Expr::is_not_true(condition),
            Err(select) => Expr::NotExists(select),
        },
        Expr::Compare(left, op, right) if is_steady(&right) => {
            Expr::Compare(typed(*left).into(), op, right)
        }
        Expr::In(e, list) if list.iter().all(is_steady) => Expr::In(typed(*e).into(), list),
        Expr::NotIn(e, list) if list.iter().all(is_steady) => Expr::NotIn(typed(*e).into(), list),
        Expr::Between(e, low, high) if is_steady(&low) && is_steady(&high) => {
            Expr::Between(typed(*e).into(), low, high)
        }
        Expr::NotBetween(e, low, high) if is_steady(&low) && is_steady(&high) => {
            Expr::NotBetween(typed(*e).into(), low, high)
        }
        other => other,
    }
}

/// A text that no affinity takes for a number. What is well formed beside it is not taken for one either, or equals it
/// in no way; so the column may stand as it is, and its index serves.
fn is_steady(literal: &Expr) -> bool {
    match literal {
        Expr::Text(text) => {
            text.starts_with(|c: char| c.is_ascii_alphabetic())
                || text
                    .parse::<jiff::civil::Date>()
                    .is_ok_and(|day| day.to_string() == *text)
        }
        _ => false,
    }
}

/// The column itself under its collation.
fn typed(e: Expr) -> Expr {
    match e {
        Expr::Collate(inner, collation) => match *inner {
            Expr::Untyped(column) => Expr::Collate(column, collation),
            other => Expr::Collate(Box::new(other), collation),
        },
        other => other,
    }
}

/// `EXISTS (SELECT … WHERE inner = outer AND …)` as `outer IN (SELECT inner … WHERE …)`, where nothing else of it reads
/// rows around it.
fn linked(select: Select) -> Result<Expr, Box<Select>> {
    let Some(terms) = Terms::of(&select) else {
        return Err(Box::new(select));
    };
    let found = Expr::InSelect(
        Box::new(terms.outer),
        Box::new(Select {
            value: terms.inner,
            from: select.from,
            filter: Expr::all(terms.within),
        }),
    );
    Ok(Expr::all(terms.around.into_iter().chain([found])))
}

/// The terms of a sub-select's condition, told apart.
struct Terms {
    /// What reads rows around the sub-select alone.
    around: Vec<Expr>,
    /// The two ends of the link.
    outer: Expr,
    inner: Expr,
    /// What reads rows of the sub-select alone.
    within: Vec<Expr>,
}

impl Terms {
    fn of(select: &Select) -> Option<Self> {
        let own: BTreeSet<Vec<SmolStr>> = select
            .from
            .iter()
            .flat_map(From::aliases)
            .map(|alias| vec![alias])
            .collect();
        let is_closed = |rows: &BTreeSet<Vec<SmolStr>>| rows.is_subset(&own);
        if !select.from.iter().all(|from| is_closed(&from.outer_rows())) {
            return None;
        }
        let terms = match &select.filter {
            Expr::And(terms) => terms.as_slice(),
            one => std::slice::from_ref(one),
        };
        let (mut around, mut within, mut link) = (Vec::new(), Vec::new(), None);
        for term in terms {
            let rows = term.outer_rows();
            if is_closed(&rows) {
                within.push(term.clone());
            } else if rows.is_disjoint(&own) {
                around.push(term.clone());
            } else {
                let ends = ends(term, &own)?;
                if link.replace(ends).is_some() {
                    return None;
                }
            }
        }
        let (outer, inner) = link?;
        Some(Self {
            around,
            outer,
            inner,
            within,
        })
    }
}

/// An equality of something around with something within.
fn ends(term: &Expr, own: &BTreeSet<Vec<SmolStr>>) -> Option<(Expr, Expr)> {
    let Expr::Compare(left, Op::Eq, right) = term else {
        return None;
    };
    for (outer, inner) in [(left, right), (right, left)] {
        if outer.outer_rows().is_disjoint(own) && inner.outer_rows().is_subset(own) {
            return Some(((**outer).clone(), (**inner).clone()));
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    fn column(row: &str, name: &str) -> Expr {
        Expr::Column {
            row: vec![row.into()],
            name: name.into(),
        }
    }

    fn exists(filter: Vec<Expr>) -> Expr {
        let from = From::Table {
            parts: vec!["main".into(), "u".into()],
            alias: "r1".into(),
        };
        Expr::Exists(Select::rows(vec![from], Expr::all(filter)))
    }

    #[test]
    fn a_link_is_read_once_for_all_rows() {
        let link = column("r1", "id").compare(Op::Eq, column("t", "u"));
        let within = column("r1", "n").compare(Op::Eq, Expr::Int(1));
        let around = column("t", "n").compare(Op::Eq, Expr::Int(2));
        let Expr::And(terms) = arranged(exists(vec![link.clone(), within.clone(), around.clone()]))
        else {
            panic!("two terms");
        };
        let [first, Expr::InSelect(outer, select)] = terms.as_slice() else {
            panic!("{terms:?}");
        };
        assert_eq!((first, &**outer), (&around, &column("t", "u")));
        assert_eq!(
            (&select.value, &select.filter),
            (&column("r1", "id"), &within)
        );
    }

    #[test]
    fn what_is_linked_twice_stays() {
        let link = |name: &str| column("r1", name).compare(Op::Eq, column("t", name));
        let both = exists(vec![link("a"), link("b")]);
        assert_eq!(arranged(both.clone()), both);
        let less = exists(vec![column("r1", "a").compare(Op::Lt, column("t", "a"))]);
        assert_eq!(arranged(less.clone()), less);
    }

    #[test]
    fn indexes_serve_where_no_affinity_matters() {
        let exact = column("t", "s").untyped().collate("BINARY");
        let plain = column("t", "s").collate("BINARY");
        for (text, serves) in [
            ("eve", true),
            ("2024-01-15", true),
            ("7", false),
            (" e", false),
            ("", false),
        ] {
            let want = if serves { &plain } else { &exact };
            assert_eq!(
                arranged(exact.clone().compare(Op::Eq, Expr::text(text))),
                want.clone().compare(Op::Eq, Expr::text(text)),
                "{text}"
            );
        }
    }
}
