//! Makes a counter-example smaller: fewer users, rows, rules and conditions, as long as the two sides still differ.

use std::time::{Duration, Instant};

use super::case::{Case, Difference, Text};

/// How long to try.
const PATIENCE: Duration = Duration::from_secs(40);

/// The smallest case found that still differs.
pub fn shrink(
    case: Case,
    difference: Difference,
    mut compare: impl FnMut(&Case) -> Option<Difference>,
) -> (Case, Difference) {
    let (mut best, mut found) = (case, difference);
    let started = Instant::now();
    loop {
        let smaller = candidates(&best).into_iter().find_map(|case| {
            if started.elapsed() > PATIENCE {
                return None;
            }
            compare(&case).map(|difference| (case, difference))
        });
        match smaller {
            Some(next) => (best, found) = next,
            None => return (best, found),
        }
    }
}

fn candidates(case: &Case) -> Vec<Case> {
    let mut list = Vec::new();
    let mut with = |change: &dyn Fn(&mut Case)| {
        let mut smaller = case.clone();
        change(&mut smaller);
        list.push(smaller);
    };
    if case.users.len() > 1 {
        for u in 0..case.users.len() {
            with(&|c| {
                c.users = vec![c.users[u].clone()];
                c.asks = vec![c.asks[u].clone()];
            });
        }
    }
    for hostile in 0..4 {
        with(&|c| match hostile {
            0 => c.hostile.collation = false,
            1 => c.hostile.names = false,
            2 => c.hostile.session = None,
            _ => c.hostile.views = false,
        });
    }
    list.retain(|c| c.hostile != case.hostile || c.users.len() != case.users.len());
    if let Text::Random(policy) = &case.policy {
        for policy in policy.smaller() {
            list.push(Case {
                policy: Text::Random(Box::new(policy)),
                ..case.clone()
            });
        }
    }
    let mut with = |change: &dyn Fn(&mut Case)| {
        let mut smaller = case.clone();
        change(&mut smaller);
        list.push(smaller);
    };
    for (t, table) in case.rows.iter().enumerate() {
        // Not the rows of scopes: what they mean stands in the rows they belong to.
        if case.is_asked(&table.table) {
            for r in 0..table.rows.len() {
                with(&|c| drop(c.rows[t].rows.remove(r)));
            }
        }
    }
    for (u, user) in case.users.iter().enumerate() {
        for a in 0..user.attributes.len() {
            with(&|c| drop(c.users[u].attributes.remove(a)));
        }
        for p in 0..user.principals.len() {
            with(&|c| drop(c.users[u].principals.remove(p)));
        }
    }
    list
}
