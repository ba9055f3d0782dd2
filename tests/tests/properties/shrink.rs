//! Makes a counter-example smaller: fewer users, rows, rules and conditions, as long as the two sides still differ.

use std::time::{Duration, Instant};

use super::case::{Case, Difference};
use super::report::Tally;

/// How long to try.
const PATIENCE: Duration = Duration::from_mins(1);

/// The smallest case found that still differs.
pub fn shrink(case: Case, difference: Difference) -> (Case, Difference) {
    let (mut best, mut found) = (case, difference);
    let started = Instant::now();
    let only = Case {
        users: vec![best.users[found.user].clone()],
        asks: vec![best.asks[found.user].clone()],
        ..best.clone()
    };
    if let Some(difference) = only.compare(&mut Tally::default()) {
        (best, found) = (only, difference);
    }
    loop {
        let smaller = candidates(&best).into_iter().find_map(|case| {
            if started.elapsed() > PATIENCE {
                return None;
            }
            case.compare(&mut Tally::default())
                .map(|difference| (case, difference))
        });
        match smaller {
            Some(next) => (best, found) = next,
            None => return (best, found),
        }
    }
}

fn candidates(case: &Case) -> Vec<Case> {
    let mut list: Vec<Case> = case
        .policy
        .smaller()
        .into_iter()
        .map(|policy| Case {
            policy,
            ..case.clone()
        })
        .collect();
    // Not the rows of scopes: what they mean stands in the rows they belong to.
    let of_scopes = |name: &str| {
        case.policy
            .tables
            .iter()
            .any(|t| t.helper && t.name == name)
    };
    for (t, table) in case
        .rows
        .iter()
        .enumerate()
        .filter(|(_, t)| !of_scopes(&t.table))
    {
        for r in 0..table.rows.len() {
            let mut rows = case.rows.clone();
            rows[t].rows.remove(r);
            list.push(Case {
                rows,
                ..case.clone()
            });
        }
    }
    for (u, user) in case.users.iter().enumerate() {
        for a in 0..user.attributes.len() {
            let mut users = case.users.clone();
            users[u].attributes.remove(a);
            list.push(Case {
                users,
                ..case.clone()
            });
        }
        for p in 0..user.principals.len() {
            let mut users = case.users.clone();
            users[u].principals.remove(p);
            list.push(Case {
                users,
                ..case.clone()
            });
        }
    }
    list
}
