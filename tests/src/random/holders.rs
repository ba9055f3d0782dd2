//! Who has rules in a random policy: roles with and without parameters, groups, users, everyone.

use super::cond::Cond;
use super::maker::{At, Maker};
use super::policy::{Holder, Rule};
use super::rules::rules;
use super::schema::{PLAIN, Ty, attribute};
use super::values::{literal, quote, value_of};

/// Roles with one condition for each table, and one with parameters.
pub(super) fn plain_holders(maker: &mut Maker<'_>) -> Vec<Holder> {
    maker.coverage.count("policies of single conditions");
    let tables: Vec<usize> = (0..maker.tables.len())
        .filter(|t| !maker.tables[*t].helper)
        .collect();
    let ty = *maker.rng.pick(PLAIN);
    let params = [("p0".to_owned(), ty)];
    let mut list = Vec::new();
    for i in 0..6 {
        let head = if i == 5 {
            format!("role par(p0: {})", ty.word())
        } else {
            format!("role r{i}")
        };
        let params: &[_] = if i == 5 { &params } else { &[] };
        let rules = tables
            .iter()
            .flat_map(|t| single(maker, *t, params))
            .collect();
        list.push(Holder {
            head,
            facts: Vec::new(),
            rules,
            bare: true,
        });
    }
    let argument = maker.literal_of(ty);
    let head = format!("role r5 inherits par({argument})");
    list.push(Holder {
        head,
        facts: Vec::new(),
        rules: Vec::new(),
        bare: true,
    });
    list
}

/// One condition on a table: it grants, or it takes from a grant of everything.
fn single(maker: &mut Maker<'_>, t: usize, params: &[(String, Ty)]) -> Vec<Rule> {
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
    let depth = maker.rng.below(3);
    let mut cond = maker.cond(at, depth);
    if maker.rng.chance(30) {
        maker.seen("not");
        cond = Cond::Not(Box::new(cond));
    }
    let name = &maker.tables[t].name;
    let (head, needs) = match maker.rng.below(5) {
        0..3 => (format!("grant read on {name}"), false),
        3 => (format!("deny read on {name}"), false),
        _ => (format!("restrict {name}"), true),
    };
    let granted = head.starts_with("grant");
    let rule = |head, cond, needs| Rule {
        head,
        cond,
        needs,
        tail: String::new(),
    };
    let mut rules = Vec::new();
    if !granted {
        rules.push(rule(format!("grant read on {name}"), None, false));
    }
    rules.push(rule(head, Some(cond), needs));
    rules
}

/// Principals as a policy has them.
pub(super) fn holders(maker: &mut Maker<'_>) -> Vec<Holder> {
    let mut list = Vec::new();
    let role = |head: String, rules: Vec<Rule>| Holder {
        head,
        facts: Vec::new(),
        rules,
        bare: true,
    };
    let with_params = maker.rng.chance(60);
    let params: Vec<(String, Ty)> = if with_params {
        maker.coverage.count("role with parameters");
        let mut types = maker.rng.some(PLAIN, 2);
        types.dedup();
        types
            .into_iter()
            .enumerate()
            .map(|(i, ty)| (format!("p{i}"), ty))
            .collect()
    } else {
        Vec::new()
    };
    if with_params {
        let written: Vec<String> = params
            .iter()
            .map(|(n, ty)| format!("{n}: {}", ty.word()))
            .collect();
        let rules = rules(maker, &params, 3);
        list.push(role(format!("role par({})", written.join(", ")), rules));
    }
    let instance = |maker: &mut Maker<'_>| {
        let args: Vec<String> = params
            .iter()
            .map(|(_, ty)| literal(&value_of(maker.rng, maker.pool, *ty)))
            .collect();
        format!("par({})", args.join(", "))
    };
    let roles = 2 + maker.rng.below(3);
    for i in 0..roles {
        let mut inherits = Vec::new();
        if i > 0 && maker.rng.chance(40) {
            maker.coverage.count("inherits");
            inherits.push(format!("r{}", maker.rng.below(i)));
        }
        if with_params && maker.rng.chance(40) {
            inherits.push(instance(maker));
        }
        let keyword = if i == 1 && maker.rng.chance(50) {
            "group"
        } else {
            "role"
        };
        let inherits = if inherits.is_empty() {
            String::new()
        } else {
            format!(" inherits {}", inherits.join(", "))
        };
        let rules = rules(maker, &[], 2);
        list.push(role(
            format!("{keyword} r{i} as \"ROLE {i}\"{inherits}"),
            rules,
        ));
    }
    let bypass = maker.rng.chance(25);
    if bypass {
        maker.coverage.count("bypasses");
    }
    list.push(role("role spare".to_owned(), Vec::new()));
    list.push(role(
        format!("group g0{}", if bypass { " bypasses other" } else { "" }),
        Vec::new(),
    ));
    if maker.rng.chance(85) {
        maker.coverage.count("everyone");
        let mut rules = if maker.rng.chance(50) {
            rules(maker, &[], 1)
        } else {
            Vec::new()
        };
        // Someone must see something, else all the rest decides nothing.
        for t in 0..maker.tables.len() {
            if !maker.tables[t].helper && maker.rng.chance(75) {
                let rule = super::rules::grant(maker, &[], t, "read");
                rules.push(rule);
            }
        }
        list.push(Holder {
            head: "everyone".to_owned(),
            facts: Vec::new(),
            rules,
            bare: false,
        });
    }
    if maker.rng.chance(50) {
        maker.coverage.count("everyone except");
        let head = if maker.rng.chance(50) {
            "everyone except r0"
        } else {
            "everyone except r0, r1"
        };
        let rules = rules(maker, &[], 1);
        list.push(Holder {
            head: head.to_owned(),
            facts: Vec::new(),
            rules,
            bare: false,
        });
    }
    if maker.rng.chance(40) {
        maker.coverage.count("for");
        let who = if with_params && maker.rng.chance(50) {
            instance(maker)
        } else {
            "g0".to_owned()
        };
        let rules = rules(maker, &[], 1);
        list.push(Holder {
            head: format!("for r0, {who}"),
            facts: Vec::new(),
            rules,
            bare: false,
        });
    }
    for u in 0..2 {
        let holder = user(maker, u, roles, with_params.then_some(&instance));
        list.push(holder);
    }
    list
}

fn user(
    maker: &mut Maker<'_>,
    u: usize,
    roles: usize,
    instance: Option<&dyn Fn(&mut Maker<'_>) -> String>,
) -> Holder {
    let all: Vec<String> = (0..roles).map(|r| format!("r{r}")).collect();
    let mut has = maker.rng.some(&all, 3);
    if let Some(instance) = instance
        && maker.rng.chance(50)
    {
        has.push(instance(maker));
    }
    // No two users have one login: only the first has one that is found in data.
    let text = maker.pool.text(maker.rng);
    let name = quote(&match u {
        _ if text.is_empty() => text,
        0 => text,
        _ => format!("{text} #{u}"),
    });
    let outside = match maker.rng.below(3) {
        _ if name == "\"\"" => String::new(),
        0 => String::new(),
        1 => format!(" as {name}"),
        _ => format!(" as {name}, \"u{u} elsewhere\" in other"),
    };
    let mut facts = Vec::new();
    for ty in PLAIN {
        if maker.rng.chance(55) {
            facts.push(format!(
                "{} = {}",
                attribute(*ty, false),
                literal(&value_of(maker.rng, maker.pool, *ty))
            ));
        }
        if maker.rng.chance(45) {
            let values = set_of(maker, *ty);
            facts.push(format!(
                "{} = [{}]",
                attribute(*ty, true),
                values.join(", ")
            ));
        }
    }
    let rules = rules(maker, &[], 1);
    Holder {
        head: format!("user u{u}{outside} : {}", has.join(", ")),
        facts,
        rules,
        bare: true,
    }
}

fn set_of(maker: &mut Maker<'_>, ty: Ty) -> Vec<String> {
    let mut list: Vec<String> = (0..maker.rng.below(4))
        .map(|_| maker.literal_of(ty))
        .collect();
    list.sort();
    list.dedup();
    list
}
