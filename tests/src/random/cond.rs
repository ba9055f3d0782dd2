//! Conditions as trees that can be made smaller.

/// A condition: what is written, in pieces that can be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cond {
    /// One test, as written.
    Atom(String),
    /// `not`
    Not(Box<Cond>),
    /// `and`
    And(Vec<Cond>),
    /// `or`
    Or(Vec<Cond>),
    /// `exists …`, and what stands in its `where`.
    Exists(String, Option<Box<Cond>>),
}

impl Cond {
    /// As it is written.
    pub fn text(&self) -> String {
        let part = |c: &Cond| match c {
            Self::And(_) | Self::Or(_) => format!("({})", c.text()),
            _ => c.text(),
        };
        match self {
            Self::Atom(text) | Self::Exists(text, None) => text.clone(),
            Self::Not(inner) => format!("not {}", part(inner)),
            Self::And(list) => list.iter().map(part).collect::<Vec<_>>().join(" and "),
            Self::Or(list) => list.iter().map(part).collect::<Vec<_>>().join(" or "),
            Self::Exists(head, Some(inner)) => format!("{head} where ({})", inner.text()),
        }
    }

    /// Conditions with one piece less, the smallest first.
    pub fn smaller(&self) -> Vec<Cond> {
        match self {
            Self::Atom(_) | Self::Exists(_, None) => Vec::new(),
            Self::Not(inner) => {
                let mut list = vec![(**inner).clone()];
                list.extend(inner.smaller().into_iter().map(|c| Self::Not(Box::new(c))));
                list
            }
            Self::And(parts) => shorter(parts, Self::And),
            Self::Or(parts) => shorter(parts, Self::Or),
            Self::Exists(head, Some(inner)) => {
                let mut list = vec![Self::Exists(head.clone(), None)];
                list.extend(
                    inner
                        .smaller()
                        .into_iter()
                        .map(|c| Self::Exists(head.clone(), Some(Box::new(c)))),
                );
                list
            }
        }
    }
}

fn shorter(parts: &[Cond], of: fn(Vec<Cond>) -> Cond) -> Vec<Cond> {
    let mut list: Vec<Cond> = parts.to_vec();
    for (i, part) in parts.iter().enumerate() {
        if parts.len() > 2 {
            let mut rest = parts.to_vec();
            rest.remove(i);
            list.push(of(rest));
        }
        for smaller in part.smaller() {
            let mut rest = parts.to_vec();
            rest[i] = smaller;
            list.push(of(rest));
        }
    }
    list
}
