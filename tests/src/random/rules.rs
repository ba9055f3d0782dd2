//! Random rules: grants, denies and restrictions, for all queries or for some.

use super::cond::Cond;
use super::maker::{At, Maker};
use super::policy::Rule;
use super::schema::Ty;

/// Rules of one holder, about one table or two.
pub(super) fn rules(maker: &mut Maker<'_>, params: &[(String, Ty)], most: usize) -> Vec<Rule> {
    let mut list = Vec::new();
    let tables: Vec<usize> = (0..maker.tables.len())
        .filter(|t| !maker.tables[*t].helper)
        .collect();
    for t in maker.rng.some(&tables, most + 1) {
        for _ in 0..=maker.rng.below(most) {
            list.push(rule(maker, params, t));
        }
    }
    if maker.rng.chance(8) {
        maker.coverage.count("everything in");
        let cond = maker
            .rng
            .chance(50)
            .then(|| Cond::Atom("user.a_bool".to_owned()));
        list.push(Rule {
            head: "grant read on everything in main".to_owned(),
            cond,
            needs: false,
            tail: String::new(),
        });
    }
    list
}

fn rule(maker: &mut Maker<'_>, params: &[(String, Ty)], t: usize) -> Rule {
    let limit = if maker.visible {
        maker.tables[t].rank
    } else {
        usize::MAX
    };
    let at = At {
        table: t,
        limit,
        back: None,
        params,
        axis: None,
        depth: 0,
    };
    let effect = maker.rng.below(11);
    let tail = applies(maker, t);
    if effect >= 9 {
        return restrict(maker, at, tail);
    }
    if effect < 6 {
        let actions = *maker.rng.pick(&[
            "read",
            "read",
            "read",
            "read, update",
            "write",
            "read, write",
            "insert",
            "update, delete",
        ]);
        return Rule {
            tail,
            ..grant(maker, params, t, actions)
        };
    }
    let actions = *maker
        .rng
        .pick(&["read", "read", "read, delete", "write", "insert"]);
    maker.coverage.count("deny");
    maker.coverage.count(&format!("deny {actions}"));
    // A deny that hides what is unknown too would leave nothing, were it not narrow.
    let narrow = maker.cond(at, 1);
    let cond = if maker.rng.chance(60) {
        Cond::And(vec![known(maker, at), narrow])
    } else {
        narrow
    };
    Rule {
        head: format!("deny {actions} on {}", maker.tables[t].name),
        cond: Some(cond),
        needs: false,
        tail,
    }
}

/// A grant of these actions.
pub(super) fn grant(
    maker: &mut Maker<'_>,
    params: &[(String, Ty)],
    t: usize,
    actions: &str,
) -> Rule {
    maker.coverage.count("grant");
    maker.coverage.count(&format!("grant {actions}"));
    let table = &maker.tables[t];
    let limit = if maker.visible {
        table.rank
    } else {
        usize::MAX
    };
    let at = At {
        table: t,
        limit,
        back: None,
        params,
        axis: None,
        depth: 0,
    };
    let cond = if maker.rng.chance(8) {
        None
    } else if maker.rng.chance(30) {
        let parts = vec![maker.cond(at, 1), maker.cond(at, 1)];
        Some(Cond::Or(parts))
    } else {
        Some(maker.cond(at, 2))
    };
    Rule {
        head: format!("grant {actions} on {}", table.name),
        cond,
        needs: false,
        tail: String::new(),
    }
}

/// A test that is never unknown.
fn known(maker: &mut Maker<'_>, at: At<'_>) -> Cond {
    let columns: Vec<String> = maker.tables[at.table]
        .columns
        .iter()
        .filter(|c| c.nullable)
        .map(|c| c.name.clone())
        .collect();
    if columns.is_empty() {
        return maker.atom(at);
    }
    Cond::Atom(format!("{} is not null", maker.rng.pick(&columns)))
}

fn restrict(maker: &mut Maker<'_>, at: At<'_>, tail: String) -> Rule {
    let table = &maker.tables[at.table];
    maker.coverage.count("restrict");
    if maker.rng.chance(45) {
        let (axis, columns) = if !table.hierarchy.is_empty() && maker.rng.chance(60) {
            maker.coverage.count("restrict by hierarchy");
            (format!("h_{}", table.name), table.hierarchy.clone())
        } else {
            maker.coverage.count("restrict by column");
            let column = maker.rng.pick(&table.columns).name.clone();
            (column.clone(), vec![column])
        };
        let cond = maker.cond(
            At {
                axis: Some(&columns),
                ..at
            },
            1,
        );
        return Rule {
            head: format!("restrict {} by {axis}", table.name),
            cond: Some(cond),
            needs: true,
            tail,
        };
    }
    let cond = Cond::Or(vec![maker.cond(at, 1), maker.atom(at)]);
    Rule {
        head: format!("restrict {}", table.name),
        cond: Some(cond),
        needs: true,
        tail,
    }
}

fn applies(maker: &mut Maker<'_>, t: usize) -> String {
    if !maker.rng.chance(18) {
        return String::new();
    }
    let names: Vec<String> = maker
        .tables
        .iter()
        .filter(|t| !t.helper)
        .map(|t| t.name.clone())
        .collect();
    let some = maker.rng.some(&names, 2).join(", ");
    let kind = maker.rng.below(4);
    maker.coverage.count(
        [
            "applies when one",
            "applies when all",
            "applies when any of",
            "applies unless only",
        ][kind],
    );
    match kind {
        0 => format!(" applies when querying {}", maker.rng.pick(&names)),
        1 => format!(" applies when querying [{some}]"),
        2 => format!(" applies when querying any of [{some}]"),
        _ => format!(" applies unless querying only [{}]", maker.tables[t].name),
    }
}
